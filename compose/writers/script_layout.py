"""A script's scenes as text: each type in its own layout, and as Markdown or JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.writers import tables
from compose.writers.script import ScriptScene
from compose.writers.tables import SLOT, with_values
from core.language.sentences import capital

_MARKDOWN: Final = (
    "## {n}. {title} ({when})", "", "{visual}", "", "- **Action:** {action}",
    "- **Camera:** {camera}", "- **Audio:** {audio}", "",
)  # fmt: skip
_HOURS: Final = {"night": "NIGHT", "dawn": "DAWN", "dusk": "DUSK", "morning": "MORNING"}


@dataclass(frozen=True, slots=True)
class Page:
    """A whole script. facts: length, shape, platform and look, as short texts for its head.
    changes: what a revision changed. text: the brief, for where and when.
    """

    kind: str
    title: str
    facts: tuple[str, ...]
    scenes: Sequence[ScriptScene]
    text: str
    changes: tuple[str, ...] = ()

    @property
    def type(self) -> tables.ScriptType:
        return tables.SCRIPTS.types[self.kind]

    def records(self) -> list[dict[str, Any]]:
        """Return the scenes as the answer has them."""
        return [
            {
                "index": number,
                "title": scene.title,
                "visual": scene.visual,
                "action": scene.action,
                "camera": scene.camera,
                "audio": self.audio_of(scene),
                "duration_seconds": scene.seconds,
            }
            for number, scene in enumerate(self.scenes, 1)
        ]

    def audio_of(self, scene: ScriptScene) -> str:
        """Return everything that is heard, on one line."""
        voice = capital(self.type.voice or "voice-over")
        parts = [
            f"{voice}: “{scene.line}”" if scene.line else "",
            f"Sound: {scene.sound}" if scene.sound else "",
            f"Music: {scene.music}" if scene.music else "",
        ]
        return " ".join(filter(None, parts)) or "No sound."


def script_text(page: Page, form: str) -> str:
    """Return the script as text. form: script, markdown or json."""
    if form == "json":
        return _as_json(page)
    if form == "markdown":
        return _as_markdown(page)
    lines = [] if page.kind == "video_prompt" else _head(page)
    for values in _scene_values(page):
        lines += _scene_lines(page.type.layout, values)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join([*lines, page.type.ending]).strip("\n"))
    return text if page.kind == "video_prompt" else f"{text}\n"


def _head(page: Page) -> list[str]:
    lines = [page.title.upper(), " · ".join((page.type.title, *page.facts)), ""]
    if page.changes:
        lines += ["CHANGES", *(f"  - {change}" for change in page.changes), ""]
    return [*lines, page.type.opening, ""] if page.type.opening else lines


def _scene_lines(layout: Sequence[str], values: Mapping[str, str]) -> Iterator[str]:
    """Return the lines of a scene. One without words goes, with its mark."""
    for line in layout:
        slots = SLOT.findall(line)
        if not slots or any(values[slot] for slot in slots):
            yield with_values(line, values)


def _scene_values(page: Page) -> Iterator[dict[str, str]]:
    begin = 0
    for number, scene in enumerate(page.scenes, 1):
        end = begin + scene.milliseconds
        yield {
            "n": str(number),
            "when": f"{_clock(begin)}–{_clock(end)}",
            "title": scene.title,
            "TITLE": scene.title.upper(),
            "visual": scene.visual,
            "action": scene.action,
            "camera": scene.camera,
            "line": scene.line,
            "speaker": "VOICE" if scene.line else "",
            "sound": scene.sound,
            "music": scene.music,
            "audio": page.audio_of(scene),
            "seconds": f"{scene.seconds:g}",
            "slug": _slug(scene, page),
        }
        begin = end


def _slug(scene: ScriptScene, page: Page) -> str:
    """`EXT. HARBOR — DAWN`."""
    place = tables.place_in(scene.visual) or tables.place_in(page.text)
    where, is_inside = place or (page.title[:40], tables.subject_in(scene.visual).inside)
    text = f"{scene.visual} {page.text}"
    hours = (word for name, word in _HOURS.items() if tables.names("film", name, text))
    return f"{'INT' if is_inside else 'EXT'}. {where.upper()} — {next(hours, 'DAY')}"


def _as_json(page: Page) -> str:
    whole = {"title": page.title, "type": page.kind, "scenes": page.records()}
    if page.changes:
        whole["changes"] = list(page.changes)
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _as_markdown(page: Page) -> str:
    lines = [f"# {page.title}", "", f"*{' · '.join((page.type.title, *page.facts))}*", ""]
    lines += [*(f"- {change}" for change in page.changes), ""] if page.changes else []
    for values in _scene_values(page):
        lines += _scene_lines(_MARKDOWN, values)
    return "\n".join(lines).rstrip() + "\n"


def _clock(milliseconds: int) -> str:
    """`0:07` or `1:02.5`."""
    seconds, rest = divmod(milliseconds, 1000)
    part = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{seconds // 60}:{seconds % 60:02d}{part}"
