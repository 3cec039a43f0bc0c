"""Operations on a film that is made new: a logo over it, words, a larger size. Pure."""

from __future__ import annotations

from typing import Any, Final

from compose.brief.brief import Brief, Edit
from compose.template_plan.open_texts import Roles
from compose.template_plan.own_media import Chain
from compose.template_plan.shots import overlaid_media
from compose.template_plan.skeleton import Made, Skeleton

# What a brief can ask for on a film that is made new.
_ON_A_FILM: Final = ("overlay", "upscale", "loop", "extend", "analyze", "crop")


def on_the_film(sk: Skeleton, brief: Brief) -> None:
    """Operations on a film of new shots: a logo, words over it, a larger size."""
    asked = [edit for edit in brief.edits if edit.type in _ON_A_FILM]
    if brief.on_screen.strip():
        asked.insert(0, Edit("overlay", brief.on_screen, options={"kind": "text"}))
    last = sk.stages[-1] if sk.stages else {}
    if not asked or last.get("type") != "fixed":
        return
    head = Made("video", f"$artifacts.{last['id']}.items[0].selectedVersion.url", None, last["id"])
    logos = [
        Made(known.kind, sk.input(known.name, known.kind, known.title))
        for known in brief.media
        if known.name in overlaid_media(brief) and known.kind == "image" and known.count == 1
    ]
    chain = Chain(sk, brief, Roles(), head, logos)
    for edit in asked:
        chain.do(edit)


_STILLS: Final = ("generate_image", "edit_image")
_MOVED: Final = ("animate_photo", "generate_video")


def approve_images(sk: Skeleton) -> None:
    """The person looks at all images once, before any of them moves."""
    stills = [stage for stage in sk.stages if _call(stage).get("tool") in _STILLS]
    moved = [stage for stage in sk.stages if _call(stage).get("tool") in _MOVED]
    if not stills or not moved:
        return
    last = stills[-1]
    last["checkpointRequired"] = True
    others = [stage for stage in sk.stages if stage not in stills]
    sk.stages[:] = [*stills, *others]
    waited = _taken_from(stills)
    for stage in moved:
        if stage["type"] == "fixed" and "reference_image_url" in stage["args"]:
            image = stage["args"]["reference_image_url"].removeprefix("$artifacts.")
            needed = stage.setdefault("requiredArtifactsIn", [])
            for name in (last["id"], *waited.get(image.partition(".")[0], ())):
                if name not in needed:
                    needed.append(name)


def _taken_from(stills: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What images waited for, by image: as they come first now, their clips wait for it."""
    own = {stage["id"] for stage in stills}
    found: dict[str, list[str]] = {}
    for stage in stills:
        names = stage.pop("requiredArtifactsIn", [])
        found[stage["id"]] = [name for name in names if name not in own]
        if kept := [name for name in names if name in own]:
            stage["requiredArtifactsIn"] = kept
    return found


def _call(stage: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stage.get("itemStage") or stage
    return found
