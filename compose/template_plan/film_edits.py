"""Operations on a film that is made new: a logo over it, words, a larger size. Pure."""

from __future__ import annotations

from typing import Final

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
