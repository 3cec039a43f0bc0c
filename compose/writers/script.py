"""A brief → scenes that add up to the length: what is seen, done and heard. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from compose.brief.brief import Brief
from compose.language import TABLES
from compose.writers import tables
from compose.writers.ideas import SENTENCES, SPEECH, idea_of
from compose.writers.tables import Beat, ScriptType, with_values
from compose.writers.wording import in_a_sentence, sentence
from core.language.cleaning import fold
from core.language.sentences import capital, shorten, tidy

MOST_SCENES: Final = 12
_LONGEST_SCENE: Final = 400
# A calm voice; scenes get no line that would have to be rushed.
WORDS_A_SECOND: Final = 2.6
# Shorter scenes than this can't be told apart.
_SHORTEST_SCENE_S: Final = 1.0
_WORD: Final = re.compile(r"[^\W_]+")
# `make it punchier: ...`
_INSTRUCTION: Final = re.compile(r"[^:.!?\n]{3,60}:\s{1,3}(?=\S)")
_OWN_ACTION: Final = "As described, in one unbroken movement"
_OWN_CAMERA: Final = (
    "wide shot, slow push-in", "medium shot at eye level, steady",
    "close-up, shallow depth of field", "tracking shot beside the movement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A script to write. kind: of `tables.SCRIPTS.types`. first_frame, last_frame:
    sentences about the caller's frames, or "".
    """

    kind: str
    brief: Brief
    seconds: float | None = None
    count: int | None = None
    style: str = ""
    first_frame: str = ""
    last_frame: str = ""

    @property
    def type(self) -> ScriptType:
        return tables.SCRIPTS.types[self.kind]


@dataclass(frozen=True, slots=True)
class ScriptScene:
    """milliseconds: its length. line: what is spoken, "" for nothing. sound, music: the rest."""

    title: str
    visual: str
    action: str
    camera: str
    line: str
    sound: str
    music: str
    milliseconds: int

    @property
    def seconds(self) -> float:
        return self.milliseconds / 1000


def scenes_of(order: Order) -> list[ScriptScene]:
    """Write the scenes, in order. Their lengths add up to the length asked for, else to a usual
    one."""
    own = own_scenes(order)
    count = _count(order, own)
    beats = beats_for(order.type, count)
    lengths = _lengths(order, beats, is_told=bool(own))
    is_shown = bool(own) and order.kind != "talking_head"
    visuals = _groups_of(own, count) if is_shown else []
    idea = topic_of(order)
    lines = _lines(order, beats, lengths, idea)
    scenes = []
    for at, beat in enumerate(beats):
        visual = visuals[at] if at < len(visuals) else sentence(_with_idea(beat.visual, idea))
        is_own = at < len(visuals)
        scenes.append(
            ScriptScene(
                title=beat.title,
                visual=_whole_visual(order, visual, at, count),
                action=sentence(_OWN_ACTION if is_own else _with_idea(beat.action, idea)),
                camera=_camera(order, visual, "" if is_own else beat.camera, at),
                line=lines[at],
                sound="" if order.brief.sound.is_silent else _ambience(order, visual),
                music=_music(order, at, count),
                milliseconds=lengths[at],
            )
        )
    return scenes


def topic_of(order: Order) -> str:
    """Return what the film is about, in the person's words."""
    own = own_scenes(order) if order.kind == "revision" else []
    return idea_of(own[0] if own else order.brief.text).topic


def own_scenes(order: Order) -> list[str]:
    """Return the scenes that the brief tells one by one; none when it only tells one idea."""
    brief = order.brief
    if order.kind == "revision" and (instruction := _INSTRUCTION.match(brief.text)):
        # A text to revise is all scenes, after what is asked.
        texts = [part for part in _sentences(brief.text[instruction.end() :]) if part]
        if len(texts) > 1:
            return texts
    words = set(_WORD.findall(fold(brief.text)))
    own: dict[str, None] = {}
    for scene in brief.scenes:
        text = tidy(scene.text)
        # A reader makes shots of a single idea. Those have words that the brief hasn't.
        if text and "{" not in text and words.issuperset(_WORD.findall(fold(text))):
            own[f"Title card: “{text}”" if scene.type == "title" else text] = None
    return list(own) if len(own) > 1 and 2 * len(own) > len(brief.scenes) else []


def beats_for(kind: ScriptType, count: int) -> list[Beat]:
    """Return so many beats: the least needed are left out, or more come before the last."""
    if count <= len(kind.beats):
        best = sorted(kind.beats, key=lambda beat: beat.rank)[:count]
        return [beat for beat in kind.beats if beat in best]
    more = itertools.cycle(tables.SCRIPTS.more)
    extra = list(itertools.islice(more, count - len(kind.beats)))
    return [*kind.beats[:-1], *extra, kind.beats[-1]]


def split(total_ms: int, weights: Sequence[float]) -> list[int]:
    """Return milliseconds by weight that add up to the total exactly, in tenths of a second where
    they can be."""
    step = 100 if total_ms >= 500 * len(weights) else 1
    whole = sum(weights)
    ends = [round(total_ms * weight / whole / step) * step
            for weight in itertools.accumulate(weights)]  # fmt: skip
    ends[-1] = total_ms
    return [after - before for before, after in itertools.pairwise((0, *ends))]


def _count(order: Order, own: Sequence[str]) -> int:
    if order.count is not None:
        return order.count
    number = len(own) or order.brief.scene_count or 0
    length = order.seconds or order.brief.seconds or order.type.usual_s
    usual = min(max(1, round(length / order.type.scene_s)), max(1, int(length / _SHORTEST_SCENE_S)))
    return min(number or usual, MOST_SCENES)


def _lengths(order: Order, beats: Sequence[Beat], *, is_told: bool) -> list[int]:
    lengths = [scene.seconds for scene in order.brief.scenes if scene.seconds]
    if len(lengths) == len(beats) == len(order.brief.scenes) and order.seconds is None:
        return [round(seconds * 1000) for seconds in lengths]
    seconds = order.seconds or order.brief.seconds
    if seconds is None:
        usual = order.type.usual_s / max(2, round(order.type.usual_s / order.type.scene_s))
        seconds = min(usual * len(beats), 300.0)
    # The person's own scenes have no beat that is known to be shorter.
    weights = [1.0] * len(beats) if is_told else [beat.weight for beat in beats]
    return split(max(round(seconds * 1000), len(beats)), weights)


def _groups_of(own: Sequence[str], count: int) -> list[str]:
    """Return the person's scenes: neighbors are joined where there are more than asked for."""
    groups = min(len(own), count)
    parts = (own[at * len(own) // groups : (at + 1) * len(own) // groups] for at in range(groups))
    return [shorten(" ".join(map(sentence, part)), _LONGEST_SCENE) for part in parts]


def _with_idea(pattern: str, idea: str) -> str:
    """Return the idea, and what moves in it, in a pattern's places."""
    motion = tables.subject_in(idea).motion if "otion}" in pattern else ""
    values = {"idea": in_a_sentence(idea), "Idea": capital(idea), "Motion": motion}
    return with_values(pattern, values)


def _whole_visual(order: Order, visual: str, at: int, count: int) -> str:
    """Return it with the caller's frames, look and light, where a scene is a prompt of its own."""
    parts = [order.first_frame if at == 0 else "", visual]
    parts.append(order.last_frame if at == count - 1 else "")
    if order.kind in ("video_prompt", "revision"):
        look = f"{visual} {order.style}"
        if "light" not in tables.aspects_in(look) and not tables.names("film", "graphic", look):
            hour = tables.light_of_the_hour(f"{look} {order.brief.text[:2_000]}")
            parts.append(sentence(hour or tables.subject_in(visual).light))
        parts.append(sentence(order.style))
    return " ".join(filter(None, parts))


def _camera(order: Order, visual: str, usual: str, at: int) -> str:
    if not usual and {"camera", "framing"} <= tables.aspects_in(visual):
        return "As described."
    return sentence(order.brief.camera or usual or _OWN_CAMERA[at % len(_OWN_CAMERA)])


def _lines(order: Order, beats: Sequence[Beat], lengths: Sequence[int], idea: str) -> list[str]:
    """Return what is said in each scene: the brief's own words, or the type's lines that fit."""
    sound, count = order.brief.sound, len(beats)
    own = _sentences(sound.spoken)
    if order.kind == "talking_head" and not own:
        # What is listed for a speaker is what to say.
        own = _sentences(" ".join(SPEECH.findall(order.brief.text[:2_000]))) or own_scenes(order)
    if own:
        ends = [at * len(own) // count for at in range(count + 1)]
        return [" ".join(map(sentence, own[i:j])) for i, j in itertools.pairwise(ends)]
    is_spoken = bool(order.type.voice) and sound.speech is not False
    lines = []
    for beat, length in zip(beats, lengths, strict=True):
        line = ""
        if is_spoken and beat.line:
            pattern, *_ = TABLES.texts("spoken", beat.line, order.brief.language)
            line = _with_idea(pattern, idea)
        is_rushed = len(line.split()) > length / 1000 * WORDS_A_SECOND + 1
        lines.append("" if is_rushed or line in lines else line)
    return lines


def _ambience(order: Order, visual: str) -> str:
    subject = tables.subject_in(visual)
    if subject is tables.FILM.subjects["scene"]:
        subject = tables.subject_in(order.brief.text[:2_000])
    return sentence(subject.sound)


def _music(order: Order, at: int, count: int) -> str:
    sound = order.brief.sound
    style = tidy(sound.music_words) or (f"{order.type.music} music" if order.type.music else "")
    if sound.music is False or sound.is_silent or not (style or sound.music):
        return ""
    if at == 0:
        return sentence(f"{style or 'Music'} begins{' and ends with the film' * (count == 1)}")
    return "It ends with the last frame." if at == count - 1 else "It goes on."


def _sentences(text: str) -> list[str]:
    return [part for part in SENTENCES.split(tidy(text)) if part]
