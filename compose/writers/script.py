"""`compose_script`: the shots of a plan as a script whose lengths add up. Pure."""

from __future__ import annotations

import itertools
import json
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from compose.plain_settings import read_plain, shots_of
from compose.plan import Plan, Shot
from compose.writers.wording import require_words, sentence, sentences_of, table
from core.language.sentences import capital, shorten, tidy
from tools.catalog.compose_script import ComposeScript

TYPES: Final = table("script")
_USUAL_S: Final = 15.0
# A calm voice.
_WORDS_A_SECOND: Final = 2.6
_LONGEST_SHOT: Final = 2_000
# In bytes: script and scenes together, with room for what is around them.
_LONGEST_ANSWER: Final = 17_000
_LENGTH_NOTE: Final = "Long scenes were shortened, so that the answer isn't too long to send."
_SLOT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class ScriptScene:
    """milliseconds: its length. line: what is spoken, "" for nothing. sound, music: the rest that
    is heard. Only a language model writes `action` and `sound`."""

    title: str
    visual: str
    camera: str
    line: str
    music: str
    milliseconds: int
    action: str = ""
    sound: str = ""


# Title and scenes → the same in other words.
Rewrite: TypeAlias = Callable[[str, list[ScriptScene]], tuple[str, list[ScriptScene]]]


def compose_script(form: ComposeScript.Params, rewrite: Rewrite | None = None) -> dict[str, Any]:
    """Return the body of the tool's answer. Raises InvalidInput for a brief without a letter.

    rewrite: gives the title and the scenes other words; their lengths stay.
    """
    require_words(form.brief, "brief", "the film is about", "a candle shop in Bristol")
    reading = read_plain(form.brief)
    plan, shots = reading.plan, shots_for(form, reading.plan)
    title = shorten(capital(tidy(shots[0].text or plan.sound.spoken).rstrip(" .")), 80)
    scenes = list(_scenes(form, plan, shots))
    notes = list(reading.notes.values())
    needs = len(plan.sound.spoken.split()) / _WORDS_A_SECOND
    if plan.sound.speech and not plan.sound.spoken:
        notes.append("A voice is asked for, but the brief doesn't say what it says.")
    if needs > (seconds := seconds_of(*scenes)):
        notes.append(f"The spoken text takes about {needs:.0f} s, the film {seconds:g} s.")
    if rewrite is not None:
        title, scenes = rewrite(title, scenes)
    elif form.script_type == "revision":
        notes.append("The words are yours: to revise them needs a language model.")
    body = _body(form, plan, title, scenes)
    for most in (600, 300, 200, 120, 60, 30, 15):
        if len(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")) <= _LONGEST_ANSWER:
            break
        notes += [_LENGTH_NOTE] if most == 600 else []
        body = _body(form, plan, title, [_shorter(scene, most) for scene in scenes])
    return body | {"notes": notes}


def seconds_of(*scenes: ScriptScene) -> float:
    return sum(scene.milliseconds for scene in scenes) / 1000


def shots_for(form: ComposeScript.Params, plan: Plan) -> Sequence[Shot]:
    """Return the plan's shots in the number that the caller asks for. No words are lost: where
    there are more shots than asked for, neighbors are joined; where fewer, they come again."""
    is_heard = plan.kind == "audio" and bool(plan.sound.spoken)
    words = "" if is_heard else plan.shows or plan.sound.music_words
    # What is to be done with a file is a setting of a template; a script has no other place for it.
    if plan.is_own_file or not (words or plan.sound.spoken):
        words = form.brief
    parts = textwrap.wrap(words, _LONGEST_SHOT, break_on_hyphens=False) or [""]
    shots = plan.scenes or [shot for part in parts for shot in shots_of(part, 1)]
    count = form.scene_count or len(shots)
    if count != len(shots) and len({shot.text for shot in shots}) == 1:
        return shots_of(shots[0].text, count)
    ends = [len(shots) * place // count for place in range(count + 1)]
    groups = [shots[start : max(end, start + 1)] for start, end in itertools.pairwise(ends)]
    return [_as_one(group) for group in groups]


def _as_one(shots: Sequence[Shot]) -> Shot:
    if len(shots) == 1:
        return shots[0]
    # Its words may be more than those of a shot of a plan may be, so they aren't checked.
    text = " ".join(sentence(shot.text) for shot in shots)
    seconds = sum(shot.seconds or 0 for shot in shots) or None
    return shots[0].model_copy(update={"text": text, "seconds": seconds, "framing": ""})


def _scenes(form: ComposeScript.Params, plan: Plan, shots: Sequence[Shot]) -> Iterator[ScriptScene]:
    lines = sentences_of(plan.sound.spoken)
    music = sentence(plan.sound.music_words or "begins") if plan.sound.music else ""
    look = _style(form, plan) if form.script_type == "video_prompt" else ""
    first = "It starts from the given first frame" if form.first_frame_data_url else ""
    if form.first_frame_description:
        first = f"First frame: {shorten(tidy(form.first_frame_description), 400)}"
    last = "It ends on the given last frame" if form.last_frame_data_url else ""
    lengths = _lengths(form.duration_seconds, plan, shots)
    for at, (shot, milliseconds) in enumerate(zip(shots, lengths, strict=True)):
        begin, end = (math.ceil(place * len(lines) / len(shots)) for place in (at, at + 1))
        is_title, is_last = shot.type == "title", at == len(shots) - 1
        text = f"Title card: “{tidy(shot.text)}”." if is_title else shot.text
        parts = ("" if at else first, text, last if is_last else "", look)
        yield ScriptScene(
            title="Title card" if is_title else f"Scene {at + 1}",
            visual=" ".join(filter(None, map(sentence, parts))),
            camera=sentence(shot.framing or plan.camera),
            line=" ".join(map(sentence, lines[begin:end])),
            music="Goes on." if music and at else music,
            milliseconds=milliseconds,
        )


def _lengths(seconds: float | None, plan: Plan, shots: Sequence[Shot]) -> list[int]:
    """Return milliseconds that add up to the length asked for, else to that of the plan, in tenths
    of a second where they can be."""
    own = [shot.seconds for shot in shots if shot.seconds]
    usual = sum(own) / len(own) if own else 1.0
    plan_seconds = sum(own) if len(own) == len(shots) else plan.seconds or _USUAL_S
    total = max(round((seconds or plan_seconds) * 1000), len(shots))
    step = 100 if total >= 500 * len(shots) else 1
    sums = list(itertools.accumulate(shot.seconds or usual for shot in shots))
    ends = [*(round(total * part / sums[-1] / step) * step for part in sums[:-1]), total]
    return [after - before for before, after in itertools.pairwise((0, *ends))]


def _style(form: ComposeScript.Params, plan: Plan) -> str:
    return shorten(tidy(form.style or plan.style), 300)


def _shorter(scene: ScriptScene, most: int) -> ScriptScene:
    names = ("visual", "action", "camera", "line", "sound", "music")
    texts: dict[str, Any] = {name: shorten(getattr(scene, name), most) for name in names}
    return replace(scene, **texts)


def _body(
    form: ComposeScript.Params, plan: Plan, title: str, scenes: Sequence[ScriptScene]
) -> dict[str, Any]:
    """Return the answer without its notes: the scenes, and the script in the form asked for."""
    kind = form.script_type
    records = [_record(number, kind, scene) for number, scene in enumerate(scenes, 1)]
    seconds = seconds_of(*scenes)
    shape, platform = form.aspect_ratio or plan.aspect, form.platform or ""
    facts = [f"{seconds:g} s", *(shorten(tidy(fact), 60) for fact in (shape, platform))]
    facts += [_style(form, plan).rstrip("."), "with subtitles" if plan.sound.subtitles else ""]
    facts = list(filter(None, (TYPES[kind]["title"], *facts)))
    lines = list(_lines(TYPES[kind], scenes, records))
    if form.return_format == "json":
        whole = {"title": title, "type": kind, "scenes": records}
        lines = [json.dumps(whole, ensure_ascii=False, indent=2)]
    elif form.return_format == "markdown":
        page = _lines(TYPES["markdown"], scenes, records)
        lines = [f"# {title}", "", f"*{' · '.join(facts)}*", "", *page]
    elif kind != "video_prompt":
        lines = [title.upper(), " · ".join(facts), "", *lines]
    script = re.sub(r"\n{3,9}", "\n\n", "\n".join(lines).strip("\n")) + "\n"
    return {
        "script": script,
        "scenes": records,
        "title": title,
        "script_type": kind,
        "duration_seconds": seconds,
    }


def _record(number: int, kind: str, scene: ScriptScene) -> dict[str, Any]:
    """Return a scene as the answer has it."""
    sounds = {TYPES[kind]["voice"]: f"“{scene.line}”" if scene.line else ""}
    sounds |= {"Sound": scene.sound, "Music": scene.music}
    audio = " ".join(f"{name}: {words}" for name, words in sounds.items() if words)
    return {
        "index": number,
        "title": scene.title,
        "visual": scene.visual,
        "action": scene.action,
        "camera": scene.camera,
        "audio": audio or "No sound.",
        "duration_seconds": seconds_of(scene),
    }


def _lines(
    kind: Mapping[str, Any], scenes: Sequence[ScriptScene], records: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the lines of all scenes. A line without words goes, with its mark."""
    yield from (kind.get("opening", ""), "")
    begin = 0
    for scene, record in zip(scenes, records, strict=True):
        end = begin + scene.milliseconds
        camera = f"Camera: {scene.camera}" if scene.camera else ""
        words = {name: str(value) for name, value in record.items()} | {
            "when": f"{_clock(begin)}–{_clock(end)}",
            "TITLE": scene.title.upper(),
            "seen": " ".join(filter(None, (scene.visual, scene.action, camera))),
            "line": scene.line,
            "speaker": "VOICE" if scene.line else "",
            "sound": scene.sound,
            "music": scene.music,
        }
        for line in kind["layout"]:
            slots = _SLOT.findall(line)
            if not slots or any(words[slot] for slot in slots):
                yield line.format_map(words).rstrip()
        begin = end
    yield kind.get("ending", "")


def _clock(milliseconds: int) -> str:
    """`0:07` or `1:02.5`."""
    seconds, rest = divmod(milliseconds, 1000)
    part = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{seconds // 60}:{seconds % 60:02d}{part}"
