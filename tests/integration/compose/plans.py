"""Plans as data, with no more than what a test is about."""

from __future__ import annotations

from typing import Any

from compose.plan import Plan


def shot(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, **more}


def card(text: str) -> dict[str, Any]:
    return {"text": text, "type": "title"}


def media(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "title": f"Your {name}", **more}


def edit(kind: str, words: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "words": words, **more}


def open_text(name: str, title: str, default: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "title": title, "default": default, **more}


def plan(**fields: Any) -> Plan:
    return Plan.read(fields)


PHOTO = media("photo", "image")
CLIP = media("clip", "video")
SPOKEN = {"music": True, "speech": True, "subtitles": True, "spoken": "The boat leaves at dawn."}
FILM = plan(scenes=(shot("a harbor"), shot("a boat")), sound=SPOKEN, transition="wipeleft")
CHOICE = plan(
    scenes=(shot("as a watercolor painting"),), media=(PHOTO,), choice={"candidates": 4, "pick": 2}
)
