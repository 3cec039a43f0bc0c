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
    target_s: what it should take, from research on this kind of machine.
    """

    tool: str
    target_s: float
    params: Mapping[str, Any] = field(default_factory=dict)
    media: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""

    @property
    def key(self) -> str:
        return self.name or self.tool


LIGHTHOUSE = "A lighthouse on a cliff at dusk, waves, gulls"
WOMAN = "A woman in a red coat in a snowy street, portrait"
DRIVE = "A red car drives through a snowy forest, slow push-in"
SPOKEN = "The keeper climbs the stairs and lights the lamp once more."
NIGHT = "Make it night with snow and add the title “THE LAST LAMP”"
ANGLE = "front-right quarter view elevated shot wide shot"
WIDE = {"width": 1024, "height": 576}
PICTURE = {"image": ("generate_image",)}
PORTRAIT = {"image": ("portrait",)}
FILM = {"video": ("generate_video",)}
CLIP = {"video": ("animate_photo",)}
MUSIC = {"audio": ("generate_music",)}
CUES = (
    {"startSeconds": 0.3, "endSeconds": 2.3, "text": "Every night he climbed."},
    {"startSeconds": 2.5, "endSeconds": 4.7, "text": "Two hundred steps, one lamp."},
)
TITLE = {"kind": "text", "text": "THE LAST LAMP", "position": "top-center"}
OVERLAYS = (
    {**TITLE, "startSeconds": 1, "endSeconds": 4},
    {"kind": "image", "position": "bottom-right", "widthPct": 22},
)

PIECES: tuple[Piece, ...] = (
    Piece("generate_image", 2, {"prompt": LIGHTHOUSE, **WIDE}),
    Piece("generate_image", 2, {"prompt": WOMAN, **WIDE}, name="portrait"),
    Piece("generate_video", 10, {"prompt": DRIVE, "duration": 5}),
    Piece("animate_photo", 10, {"prompt": "Slow cinematic push-in, wind", "duration": 5}, PICTURE),
    Piece("generate_music", 3, {"prompt": "Warm synthwave, 100 bpm", "duration": 20}),
    Piece("generate_speech", 2, {"prompt": SPOKEN}),
    Piece("edit_image", 2, {"prompt": NIGHT}, PICTURE),
    Piece("apply_style", 2, {"prompt": "Loose watercolour on rough paper"}, PICTURE),
    Piece("restore_photo", 2, {"prompt": "A clean, clear photograph"}, PORTRAIT),
    Piece("refine_result", 2, {"prompt": "Crisper, more contrast, warmer"}, PICTURE),
    Piece("change_angle", 2, {"description": ANGLE}, PICTURE),
    Piece("upscale_image", 2, {"scale": 2}, PICTURE),
    Piece("remove_background", 5, {}, PORTRAIT),
    Piece("segment_image", 2, {"text": "the lighthouse", "applyMask": True}, PICTURE),
    Piece("image_to_3d", 10, {}, PORTRAIT),
    Piece("video_to_video", 10, {"prompt": "Watercolour painting", "controlMode": "canny"}, FILM),
    Piece("sound_to_video", 10, {"prompt": "A neon city at night, rain", "duration": 5}, MUSIC),
    Piece("orbit_video", 10, {}, PORTRAIT),
    Piece("dance_montage", 20, {"dance": "rasputin", "duration": 10}, PORTRAIT),
    Piece("extend_video", 10, {"duration": 5, "prompt": "Pull back"}, FILM),
    Piece(
        "replace_video_segment",
        10,
        {"startSeconds": 1.5, "endSeconds": 3.5},
        {**FILM, "replacement": CLIP["video"]},
    ),
    Piece(
        "overlay_video", 10, {"overlays": list(OVERLAYS)}, {**CLIP, "image": ("remove_background",)}
    ),
    Piece("add_subtitles", 10, {"cues": list(CUES)}, CLIP),
    Piece("stitch_video", 5, {}, {"video": (*FILM["video"], *CLIP["video"])}),
    Piece("upscale_video", 25, {"targetResolution": 1080}, CLIP),
    Piece("analyze_image", 1, {"prompt": "What colors?"}, PICTURE),
    Piece("analyze_video", 3, {"prompt": "Any cuts?"}, {"video": ("stitch_video",)}),
    Piece("extract_metadata", 2, {}, FILM),
)
