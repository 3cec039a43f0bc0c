"""A film of images that do not move, over a plain background: the cheapest film there is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from compose.brief.brief import Brief
from compose.template_plan.open_texts import Roles
from compose.template_plan.shots import BLACK
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import joined, music, voice
from compose.template_plan.timing import LONGEST_SHOT_S, Timing
from compose.template_plan.words import literal

_FADE_S = 0.5


def film_of_stills(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    texts: Sequence[str],
    timing: Timing,
    audio: Sequence[Made],
) -> Made:
    """Images laid over one background, each for its time."""
    images = [
        sk.stage(
            f"image_{number}",
            f"Image {number}",
            "generate_image",
            {"prompt": literal(text), **size_of(brief.aspect)},
        )
        for number, text in enumerate(texts, 1)
    ]
    made = over_background(sk, brief, [image.ref for image in images], timing)
    tracks = list(audio[:1])
    if not tracks and brief.sound.music:
        tracks.append(music(sk, brief, roles, timing.total))
    if brief.sound.speech:
        tracks.append(voice(sk, brief, roles, timing.total))
    return joined(sk, brief, [made], timing, audio=tracks) if tracks else made


def over_background(sk: Skeleton, brief: Brief, images: Sequence[str], timing: Timing) -> Made:
    """The images one after another over a video that is as long as all of them."""
    total = timing.total
    parts = math.ceil(total / LONGEST_SHOT_S)
    args: dict[str, Any] = {
        "prompt": BLACK,
        "duration": max(2.0, round(total / parts, 2)),
        **size_of(brief.aspect),
        "generateAudio": False,
    }
    base = sk.stage("background", "Background", "generate_video", args, kind="video")
    # Before all images, or it would take the latest of them.
    sk.stages.insert(0, sk.stages.pop())
    if parts > 1:
        repeated = {"reference_video_urls": [base.ref] * parts}
        base = sk.stage("long_background", "Long background", "stitch_video", repeated)
    overlays = [
        {
            "kind": "image",
            "position": "center",
            "widthPct": 100,
            "fit": "cover",
            "startSeconds": start,
            "endSeconds": round(start + seconds, 2),
            "entrance": "fade",
            "fadeSeconds": _FADE_S,
        }
        for start, seconds in zip(timing.starts(), timing.shots, strict=True)
    ]
    shown = {
        "reference_video_url": base.ref,
        "overlay_image_urls": list(images),
        "overlays": overlays,
    }
    label = "Slideshow"
    return sk.stage("slideshow", label, "overlay_video", shown, kind="video", seconds=total)
