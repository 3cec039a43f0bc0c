"""A piece of work for every tool, at the product's own size: what is measured, and what is shown.

A piece may build on others: `media` names them by port.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Piece:
    """One thing to make.

    media: the pieces that go into each port; a name in the list is that piece's first result.
    target_s: what it should take, from research on this kind of machine; None: not limited.
    """

    tool: str
    params: Mapping[str, Any] = field(default_factory=dict)
    media: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target_s: float | None = None
    name: str = ""

    @property
    def key(self) -> str:
        return self.name or self.tool


LIGHTHOUSE = "A lighthouse on a cliff at dusk, waves, gulls"
PORTRAIT = "A woman in a red coat in a snowy street, portrait"

PIECES: tuple[Piece, ...] = (
    Piece(
        "generate_image",
        {"prompt": LIGHTHOUSE, "width": 1024, "height": 576},
        target_s=2,
    ),
    Piece(
        "generate_image",
        {"prompt": PORTRAIT, "width": 1024, "height": 576},
        target_s=2,
        name="portrait",
    ),
    Piece(
        "generate_video",
        {"prompt": "A red car drives through a snowy forest, slow push-in", "duration": 5},
        target_s=10,
    ),
    Piece(
        "animate_photo",
        {"prompt": "Slow cinematic push-in, wind", "duration": 5},
        {"image": ("generate_image",)},
        target_s=10,
    ),
    Piece("generate_music", {"prompt": "Warm synthwave, 100 bpm", "duration": 20}, target_s=3),
    Piece(
        "generate_speech",
        {"prompt": "The keeper climbs the stairs and lights the lamp once more."},
        target_s=2,
    ),
    Piece(
        "edit_image",
        {"prompt": "Make it night with snow and add the title “THE LAST LAMP”"},
        {"image": ("generate_image",)},
        target_s=2,
    ),
    Piece(
        "apply_style",
        {"prompt": "Loose watercolour on rough paper"},
        {"image": ("generate_image",)},
        target_s=2,
    ),
    Piece(
        "restore_photo",
        {"prompt": "A clean, clear photograph"},
        {"image": ("portrait",)},
        target_s=2,
    ),
    Piece(
        "refine_result",
        {"prompt": "Crisper, more contrast, warmer"},
        {"image": ("generate_image",)},
        target_s=2,
    ),
    Piece(
        "change_angle",
        {"description": "front-right quarter view elevated shot wide shot"},
        {"image": ("generate_image",)},
        target_s=2,
    ),
    Piece("upscale_image", {"scale": 2}, {"image": ("generate_image",)}, target_s=2),
    Piece("remove_background", {}, {"image": ("portrait",)}, target_s=5),
    Piece(
        "segment_image",
        {"text": "the lighthouse", "applyMask": True},
        {"image": ("generate_image",)},
        target_s=2,
    ),
    Piece("image_to_3d", {}, {"image": ("portrait",)}, target_s=10),
    Piece(
        "video_to_video",
        {"prompt": "Watercolour painting", "controlMode": "canny"},
        {"video": ("generate_video",)},
        target_s=10,
    ),
    Piece(
        "sound_to_video",
        {"prompt": "A neon city at night, rain", "duration": 5},
        {"audio": ("generate_music",)},
        target_s=10,
    ),
    Piece("orbit_video", {}, {"image": ("portrait",)}, target_s=10),
    Piece(
        "dance_montage",
        {"dance": "rasputin", "duration": 10},
        {"image": ("portrait",)},
        target_s=20,
    ),
    Piece(
        "extend_video",
        {"duration": 5, "prompt": "Pull back"},
        {"video": ("generate_video",)},
        target_s=10,
    ),
    Piece(
        "replace_video_segment",
        {"startSeconds": 1.5, "endSeconds": 3.5},
        {"video": ("generate_video",), "replacement": ("animate_photo",)},
        target_s=10,
    ),
    Piece(
        "overlay_video",
        {
            "overlays": [
                {
                    "kind": "text",
                    "text": "THE LAST LAMP",
                    "position": "top-center",
                    "startSeconds": 1,
                    "endSeconds": 4,
                },
                {"kind": "image", "position": "bottom-right", "widthPct": 22},
            ]
        },
        {"video": ("animate_photo",), "image": ("remove_background",)},
        target_s=10,
    ),
    Piece(
        "add_subtitles",
        {
            "cues": [
                {"startSeconds": 0.3, "endSeconds": 2.3, "text": "Every night he climbed."},
                {"startSeconds": 2.5, "endSeconds": 4.7, "text": "Two hundred steps, one lamp."},
            ]
        },
        {"video": ("animate_photo",)},
        target_s=10,
    ),
    Piece(
        "stitch_video",
        {},
        {"video": ("generate_video", "animate_photo")},
        target_s=5,
    ),
    Piece("upscale_video", {"targetResolution": 1080}, {"video": ("animate_photo",)}, target_s=25),
    Piece("analyze_image", {"prompt": "What colors?"}, {"image": ("generate_image",)}, target_s=1),
    Piece("analyze_video", {"prompt": "Any cuts?"}, {"video": ("stitch_video",)}, target_s=3),
    Piece("extract_metadata", {}, {"video": ("generate_video",)}, target_s=2),
)
