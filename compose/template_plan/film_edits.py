"""Operations on a new film: a logo over it, words, a larger size; and films of images that do not
move, each shown for its time. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from compose.brief.brief import Brief, Edit
from compose.template_plan.film_shots import BLACK, overlaid_media
from compose.template_plan.media_edit_chain import Chain
from compose.template_plan.open_texts import Roles
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import joined, music, voice
from compose.template_plan.template_text import literal
from compose.template_plan.timing import LONGEST_SHOT_S, Timing

# What a brief can ask for on a film that is made new.
_ON_A_FILM: Final = ("overlay", "upscale", "loop", "extend", "analyze", "crop")


def on_the_film(sk: Skeleton, brief: Brief) -> None:
    """Add operations on a film of new shots: a logo, words over it, a larger size."""
    edits = [edit for edit in brief.edits if edit.type in _ON_A_FILM]
    if brief.on_screen.strip():
        edits.insert(0, Edit("overlay", brief.on_screen, options={"kind": "text"}))
    last = sk.stages[-1] if sk.stages else {}
    if not edits or last.get("type") != "fixed":
        return
    head = Made("video", f"$artifacts.{last['id']}.items[0].selectedVersion.url", None, last["id"])
    logos = [
        Made(medium.kind, sk.input(medium.name, medium.kind, medium.title))
        for medium in brief.media
        if medium.name in overlaid_media(brief) and medium.kind == "image" and medium.count == 1
    ]
    chain = Chain(sk, brief, Roles(), head, logos)
    for edit in edits:
        chain.do(edit)


_STILLS: Final = ("generate_image", "edit_image")
_MOVING_TOOLS: Final = ("animate_photo", "generate_video")


def approve_images(sk: Skeleton) -> None:
    """Let the person look at all images once, before any of them moves."""
    stills = [stage for stage in sk.stages if _call(stage).get("tool") in _STILLS]
    clips = [stage for stage in sk.stages if _call(stage).get("tool") in _MOVING_TOOLS]
    if not stills or not clips:
        return
    last = stills[-1]
    last["checkpointRequired"] = True
    others = [stage for stage in sk.stages if stage not in stills]
    sk.stages[:] = [*stills, *others]
    prerequisites = _taken_from(stills)
    for stage in clips:
        if stage["type"] == "fixed" and "reference_image_url" in stage["args"]:
            image = stage["args"]["reference_image_url"].removeprefix("$artifacts.")
            requirements = stage.setdefault("requiredArtifactsIn", [])
            for name in (last["id"], *prerequisites.get(image.partition(".")[0], ())):
                if name not in requirements:
                    requirements.append(name)


def _taken_from(stills: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Take from images what they waited for, by image: they come first now, so their clips wait."""
    own = {stage["id"] for stage in stills}
    prerequisites: dict[str, list[str]] = {}
    for stage in stills:
        names = stage.pop("requiredArtifactsIn", [])
        prerequisites[stage["id"]] = [name for name in names if name not in own]
        if remaining := [name for name in names if name in own]:
            stage["requiredArtifactsIn"] = remaining
    return prerequisites


def _call(stage: dict[str, Any]) -> dict[str, Any]:
    call: dict[str, Any] = stage.get("itemStage") or stage
    return call


_FADE_S = 0.5


def film_of_stills(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    texts: Sequence[str],
    timing: Timing,
    audio: Sequence[Made],
) -> Made:
    """Lay images over one background, each for its time."""
    images = [
        sk.stage(
            f"image_{number}",
            f"Image {number}",
            "generate_image",
            {"prompt": literal(text), **size_of(brief.aspect)},
        )
        for number, text in enumerate(texts, 1)
    ]
    slideshow = over_background(sk, brief, [image.ref for image in images], timing)
    tracks = list(audio[:1])
    if not tracks and brief.sound.music:
        tracks.append(music(sk, brief, roles, timing.total))
    if brief.sound.speech:
        tracks.append(voice(sk, brief, roles, timing.total))
    return joined(sk, brief, [slideshow], timing, audio=tracks) if tracks else slideshow


def over_background(sk: Skeleton, brief: Brief, images: Sequence[str], timing: Timing) -> Made:
    """Show the images one after another over a video that is as long as all of them."""
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
        stitch_args = {"reference_video_urls": [base.ref] * parts}
        base = sk.stage("long_background", "Long background", "stitch_video", stitch_args)
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
    overlay_args = {
        "reference_video_url": base.ref,
        "overlay_image_urls": list(images),
        "overlays": overlays,
    }
    label = "Slideshow"
    return sk.stage("slideshow", label, "overlay_video", overlay_args, kind="video", seconds=total)
