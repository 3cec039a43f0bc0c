"""A script's scenes as text: each type in its own layout, and as Markdown or JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.writers.script import ScriptScene
from compose.writers.subjects import place_name, subject_name, subject_of
from compose.writers.wording import capital, folded


@dataclass(frozen=True, slots=True)
class Page:
    """A whole script. facts: length, shape, platform and look, as short texts for its head.
    voice: who speaks. changes: what a revision changed. text: the brief, for where and when.
    """

    kind: str
    kind_title: str
    title: str
    facts: tuple[str, ...]
    voice: str
    scenes: Sequence[ScriptScene]
    text: str
    changes: tuple[str, ...] = ()


def scene_record(scene: ScriptScene, index: int, voice: str) -> dict[str, Any]:
    """A scene as the answer has it. index: from 1."""
    return {
        "index": index,
        "title": scene.title,
        "visual": scene.visual,
        "action": scene.action,
        "camera": scene.camera,
        "audio": audio_of(scene, voice),
        "duration_seconds": scene.seconds,
    }


def audio_of(scene: ScriptScene, voice: str) -> str:
    """Everything that is heard, on one line."""
    parts = [
        f"{capital(voice)}: “{scene.line}”" if scene.line else "",
        f"Sound: {scene.sound}" if scene.sound else "",
        f"Music: {scene.music}" if scene.music else "",
    ]
    return " ".join(part for part in parts if part) or "No sound."


def written(page: Page, form: str) -> str:
    """The script as text. form: script, markdown or json."""
    if form == "json":
        return as_json(page)
    if form == "markdown":
        return as_markdown(page)
    return _LAYOUTS.get(page.kind, _shot_list)(page)


def as_json(page: Page) -> str:
    records = [scene_record(scene, n, page.voice) for n, scene in enumerate(page.scenes, 1)]
    whole = {"title": page.title, "type": page.kind, "scenes": records}
    if page.changes:
        whole["changes"] = list(page.changes)
    return json.dumps(whole, ensure_ascii=False, indent=2)


def as_markdown(page: Page) -> str:
    lines = [f"# {page.title}", "", f"*{' · '.join((page.kind_title, *page.facts))}*", ""]
    lines += [f"- {change}" for change in page.changes]
    lines += [""] if page.changes else []
    for number, (scene, when) in enumerate(_timed(page), 1):
        lines += [f"## {number}. {scene.title} ({when})", "", scene.visual, ""]
        lines += [f"- **Action:** {scene.action}", f"- **Camera:** {scene.camera}"]
        lines += [f"- **Audio:** {audio_of(scene, page.voice)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def clock(milliseconds: int) -> str:
    """`0:07` or `1:02.5`."""
    seconds, rest = divmod(milliseconds, 1000)
    part = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{seconds // 60}:{seconds % 60:02d}{part}"


def _timed(page: Page) -> list[tuple[ScriptScene, str]]:
    at, found = 0, []
    for scene in page.scenes:
        after = at + scene.milliseconds
        found.append((scene, f"{clock(at)}–{clock(after)}"))
        at = after
    return found


def _head(page: Page) -> list[str]:
    return [page.title.upper(), " · ".join((page.kind_title, *page.facts)), ""]


def _shot_list(page: Page) -> str:
    """A prompt that can be pasted: each shot with its time, then everything in sentences."""
    if len(page.scenes) == 1:
        scene = page.scenes[0]
        return " ".join([scene.visual, scene.action, f"Camera: {scene.camera}", _heard(scene)])
    lines = []
    for number, (scene, when) in enumerate(_timed(page), 1):
        text = f"{scene.visual} {scene.action} Camera: {scene.camera} {_heard(scene)}".strip()
        lines.append(f"Shot {number} [{when}]: {text}")
    return "\n\n".join(lines)


def _heard(scene: ScriptScene) -> str:
    said = f"A voice says: “{scene.line}” " if scene.line else ""
    sound = f"Sound: {scene.sound}" if scene.sound else ""
    music = f" Music: {scene.music}" if scene.music else ""
    return f"{said}{sound}{music}".strip()


def _screenplay(page: Page) -> str:
    lines = [page.title.upper(), "", *([" · ".join(page.facts), ""] if page.facts else [])]
    lines += ["FADE IN:", ""]
    speaker = subject_name(page.text).upper() if subject_of(page.text).name == "person" else ""
    for number, scene in enumerate(page.scenes, 1):
        lines += [f"{number}. {_slug(scene, page)}", "", scene.visual, "", scene.action, ""]
        if scene.line:
            lines += [f"{' ' * 20}{speaker or 'NARRATOR (V.O.)'}", f"{' ' * 10}{scene.line}", ""]
        if scene.sound:
            lines += [f"SOUND: {scene.sound}", ""]
        if scene.music:
            lines += [f"MUSIC: {scene.music}", ""]
    return "\n".join([*lines, "FADE OUT.", ""])


def _slug(scene: ScriptScene, page: Page) -> str:
    """`EXT. HARBOR — DAWN`."""
    own = f"{scene.visual} {page.text}"
    name, inside = place_name(scene.visual) or place_name(page.text) or ("", False)
    where = name.upper() or page.title.upper()[:40]
    inside = inside if name else subject_of(own).inside
    return f"{'INT' if inside else 'EXT'}. {where} — {_hour(own)}"


def _hour(text: str) -> str:
    plain = f" {folded(text)} "
    return next((hour for words, hour in _HOURS if any(w in plain for w in words)), "DAY")


_HOURS: Final = (
    ((" night", " midnight", " nacht", " nuit", " noche"), "NIGHT"),
    ((" dawn", " sunrise", " sonnenaufgang", " aube", " amanecer"), "DAWN"),
    ((" dusk", " sunset", " evening", " abend", " sonnenuntergang", " soir", " atardecer"), "DUSK"),
    ((" morning", " morgen", " matin"), "MORNING"),
)


def _storyboard(page: Page) -> str:
    lines = _head(page)
    for number, (scene, when) in enumerate(_timed(page), 1):
        lines += [
            f"FRAME {number} | {when} | {scene.title.upper()}",
            f"  Picture: {scene.visual}",
            f"  Action:  {scene.action}",
            f"  Camera:  {scene.camera}",
            f"  Audio:   {audio_of(scene, page.voice)}",
            "",
        ]
    return "\n".join(lines)


def _two_columns(page: Page) -> str:
    lines = _head(page)
    for scene, when in _timed(page):
        lines += [
            f"{when}  {scene.title.upper()}",
            f"  VIDEO: {scene.visual} {scene.action} ({scene.camera.rstrip('.')})",
            f"  AUDIO: {audio_of(scene, page.voice)}",
            "",
        ]
    return "\n".join(lines)


def _trailer(page: Page) -> str:
    lines = _head(page)
    for scene, when in _timed(page):
        if scene.title in ("Title card", "Title"):
            lines += [f"[{when}] {scene.title.upper()}", f"  {scene.visual}"]
            lines += [f"  “{scene.line}”"] if scene.line else []
        else:
            lines += [f"[{when}] {scene.visual} {scene.action}", f"  CAMERA: {scene.camera}"]
            lines += [f"  VOICE: “{scene.line}”"] if scene.line else []
        lines += [f"  SOUND: {scene.sound}"] if scene.sound else []
        lines += [f"  MUSIC: {scene.music}", ""] if scene.music else [""]
    return "\n".join(lines)


def _social(page: Page) -> str:
    lines = _head(page)
    for scene, when in _timed(page):
        lines += [f"{when} {scene.title.upper()}: {scene.visual}", f"  DO: {scene.action}"]
        lines += [f"  SHOT: {scene.camera}"]
        if scene.line:
            lines += [f"  SAY AND SHOW: “{scene.line}”"]
        lines += [f"  SOUND: {scene.sound}"] if scene.sound else []
        lines += [f"  MUSIC: {scene.music}", ""] if scene.music else [""]
    return "\n".join(lines)


def _teleprompter(page: Page) -> str:
    """What is read aloud stands alone on its lines; all else is in brackets."""
    lines = _head(page)
    for scene, when in _timed(page):
        lines += [f"[{when} {scene.title}. {scene.camera} {scene.action}]", ""]
        lines += [scene.line, ""] if scene.line else ["(no words)", ""]
    return "\n".join(lines)


def _campaign(page: Page) -> str:
    lines = _head(page)
    for number, (scene, _) in enumerate(_timed(page), 1):
        lines += [
            f"{number}. {scene.title.upper()} ({scene.seconds:g} s)",
            f"  Story:   {scene.visual}",
            f"  Idea:    {scene.action}",
            f"  Shoot:   {scene.camera}",
            f"  Hear:    {audio_of(scene, page.voice)}",
            "",
        ]
    return "\n".join(lines)


def _revision(page: Page) -> str:
    changes = ["CHANGES", *(f"  - {change}" for change in page.changes), ""]
    body = _storyboard(page).split("\n", 3)[3]
    return "\n".join([*_head(page), *changes, body])


_LAYOUTS: Final[Mapping[str, Callable[[Page], str]]] = {
    "video_prompt": _shot_list,
    "screenplay": _screenplay,
    "storyboard": _storyboard,
    "ad_script": _two_columns,
    "trailer": _trailer,
    "social_short": _social,
    "talking_head": _teleprompter,
    "campaign": _campaign,
    "revision": _revision,
}
