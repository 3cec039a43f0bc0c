"""Briefs and what they should lead to: `tests/fixtures/briefs.json`, and how a reading differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from compose.brief.brief import Brief

_FILE = Path(__file__).resolve().parents[2] / "fixtures" / "briefs.json"


@cache
def briefs(group: str) -> tuple[Mapping[str, Any], ...]:
    """group: "planned", "more", "unseen" or "work". Each has `brief` and `want`; what `want` leaves
    out may be anything sensible."""
    return tuple(json.loads(_FILE.read_text(encoding="utf-8"))[group])


def differences(brief: Brief, want: Mapping[str, Any]) -> list[str]:
    """Where a reading isn't what the brief should lead to, as "what: found, wanted"."""
    found = dict(_facts(brief, want))
    return [
        f"{what}: {found[what]!r}, wanted {value!r}"
        for what, value in want.items()
        if not _is_right(what, found[what], value)
    ]


def _facts(brief: Brief, want: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    texts = [scene.text for scene in brief.scenes]
    media: dict[str, int] = {}
    for one in brief.media:
        media[one.kind] = media.get(one.kind, 0) + one.count
    yield "kind", brief.kind
    yield "scenes", len(brief.scenes)
    yield "asked", brief.scene_count
    yield "seconds", brief.seconds
    yield "each", [scene.seconds for scene in brief.scenes]
    yield "aspect", brief.aspect or ("16:9" if want.get("aspect") == "16:9" else "")
    yield "music", brief.sound.music
    yield "speech", brief.sound.speech
    yield "silent", brief.sound.is_silent
    yield "lyrics", brief.sound.lyrics
    yield "subtitles", brief.sound.subtitles
    yield "kept", brief.sound.kept
    yield "music_words", brief.sound.music_words
    yield "voice_words", brief.sound.voice_words
    yield "effects", brief.sound.effect_words
    yield "spoken", brief.sound.spoken
    yield "on_screen", brief.on_screen
    yield "style", brief.style
    yield "camera", brief.camera
    yield "transition", brief.transition
    yield "beat", brief.on_the_beat
    yield "media", media
    yield "open", [text.name for text in brief.open_texts]
    yield "repeat", brief.repeat and brief.repeat.count
    yield "item", brief.repeat and brief.repeat.item_name
    yield "items", list(brief.repeat.items) if brief.repeat else None
    yield "choice", [brief.choice.candidates, brief.choice.pick] if brief.choice else None
    yield "asks", [at for at, scene in enumerate(brief.scenes, 1) if scene.ask_before]
    yield "approves", brief.approves_images
    yield "edits", [edit.type for edit in brief.edits]
    yield "span", next(([edit.start, edit.end] for edit in brief.edits if edit.end), None)
    yield "units", brief.max_units
    yield "cheap", brief.is_cheap
    yield "notes", len(brief.notes)
    yield "language", brief.language
    yield "subject", not brief.lacks_subject
    yield "titles", [at for at, scene in enumerate(brief.scenes, 1) if scene.type == "title"]
    yield "texts", texts
    yield "shows", texts
    yield "words", texts
    yield "without", texts
    yield "topic", brief.topic
    yield "name", brief.name


def _is_right(what: str, found: Any, wanted: Any) -> bool:
    if what == "scenes" and isinstance(wanted, list):
        return bool(wanted[0] <= found <= wanted[1])
    if what == "seconds" and wanted is not None:
        return found is not None and abs(found - wanted) <= 0.2 * wanted
    if what in ("style", "camera", "music_words", "voice_words", "effects", "spoken", "on_screen"):
        return wanted.lower() in found.lower() if wanted else not found
    if what == "shows":
        # Every scene has these words.
        return bool(found) and all(wanted.lower() in text.lower() for text in found)
    if what == "words":
        # Each of these is in the scene at its position.
        return len(found) >= len(wanted) and all(
            word.lower() in text.lower() for word, text in zip(wanted, found, strict=False)
        )
    if what == "without":
        return not any(word.lower() in text.lower() for word in wanted for text in found)
    if what in ("open", "edits"):
        return set(wanted) <= set(found)
    return bool(found == wanted)
