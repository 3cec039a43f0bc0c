"""A brief → scenes that add up to the length: what is seen, done and heard. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compose.brief.brief import Brief
from compose.writers import film_words
from compose.writers.beats import Beat, ScriptType
from compose.writers.ideas import counts_scenes, idea_of, in_a_sentence, own_scenes
from compose.writers.shots import has_action
from compose.writers.spoken_lines import LINES
from compose.writers.subjects import ANYTHING, place_name, subject_of
from compose.writers.wording import capital, clipped, sentence, tidy, uncapital

MOST_SCENES = 12
_LONGEST_SCENE = 400
# A calm voice; scenes get no line that would have to be rushed.
WORDS_A_SECOND = 2.6
# Shorter scenes than this can't be told apart.
_SHORTEST_SCENE_S = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the caller asks for. first_frame, last_frame: sentences about given frames, or ""."""

    kind: ScriptType
    brief: Brief
    seconds: float | None = None
    count: int | None = None
    style: str = ""
    first_frame: str = ""
    last_frame: str = ""


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
    """The scenes, in order. Their lengths add up to the length asked for, else to a usual one."""
    texts = told(order)
    idea = idea_for(order)
    count = _count(order, texts)
    beats = beats_for(order.kind, count)
    lengths = _lengths(order, beats, texts)
    filled = Filling(idea, order.brief.text).fill
    visuals = _visuals(order, beats, () if order.kind.name == "talking_head" else texts, filled)
    heard = _Sound(order, filled)
    frames = _framed(order, [visual for visual, _ in visuals])
    scenes = []
    for position, (beat, (visual, is_own), length) in enumerate(
        zip(beats, visuals, lengths, strict=True)
    ):
        scenes.append(
            ScriptScene(
                title=beat.title,
                visual=frames[position],
                action=_action(visual, position) if is_own else sentence(filled(beat.action)),
                camera=_camera(order, visual, beat, position, count, is_own=is_own),
                line=heard.line(beat, visual, position, count, length / 1000, is_own=is_own),
                sound=heard.ambience(visual),
                music=heard.music(position, count),
                milliseconds=length,
            )
        )
    return scenes


def told(order: Order) -> list[str]:
    """The scenes that the person tells. A text to revise is all scenes, after what is asked."""
    if order.kind.name != "revision":
        return own_scenes(order.brief)
    asked = _ASKED.match(order.brief.text)
    rest = _sentences(order.brief.text[asked.end() :]) if asked else []
    return rest if len(rest) > 1 else own_scenes(order.brief)


def idea_for(order: Order) -> str:
    """What the film is about, as `ideas.idea_of` says it."""
    texts = told(order) if order.kind.name == "revision" else []
    return idea_of(texts[0] if texts else order.brief.text)


# `make it punchier: ...`
_ASKED = re.compile(r"[^:.!?\n]{3,60}:\s+(?=\S)")


def beats_for(kind: ScriptType, count: int) -> list[Beat]:
    """So many beats in the type's order: the least needed are left out, the rest is repeated."""
    if count <= len(kind.beats):
        kept = sorted(kind.beats, key=lambda beat: beat.rank)[:count]
        return [beat for beat in kind.beats if beat in kept]
    extra = count - len(kind.beats)
    more = [kind.more[number % len(kind.more)] for number in range(extra)]
    at = len(kind.beats) - kind.ending
    return [*kind.beats[:at], *more, *kind.beats[at:]]


def split(total_ms: int, weights: Sequence[float]) -> list[int]:
    """Milliseconds by weight that add up to the total exactly, in tenths of a second where they
    can be."""
    step = 100 if total_ms >= 500 * len(weights) else 1
    whole = sum(weights)
    ends, reached = [0], 0.0
    for weight in weights[:-1]:
        reached += weight
        ends.append(round(total_ms * reached / whole / step) * step)
    ends.append(total_ms)
    return [after - before for before, after in itertools.pairwise(ends)]


def _count(order: Order, texts: Sequence[str]) -> int:
    seconds = order.seconds or order.brief.seconds
    if order.count is not None:
        return order.count
    if texts:
        return min(len(texts), MOST_SCENES)
    if len(order.brief.scenes) > 1 and counts_scenes(order.brief.text):
        return min(len(order.brief.scenes), MOST_SCENES)
    length = seconds or order.kind.usual_s
    wanted = round(length / order.kind.scene_s)
    return min(max(wanted, 1), max(1, int(length / _SHORTEST_SCENE_S)), MOST_SCENES)


def _lengths(order: Order, beats: Sequence[Beat], texts: Sequence[str]) -> list[int]:
    seconds = order.seconds or order.brief.seconds
    own = [scene.seconds for scene in order.brief.scenes]
    told = [one for one in own if one]
    if len(told) == len(beats) == len(own) and order.seconds is None:
        return [round(one * 1000) for one in told]
    if seconds is None:
        usual = order.kind.usual_s / max(2, round(order.kind.usual_s / order.kind.scene_s))
        seconds = min(usual * len(beats), 300.0)
    # The person's own scenes have no beat that is known to be shorter.
    weights = [1.0] * len(beats) if texts else [beat.weight for beat in beats]
    return split(max(round(seconds * 1000), len(beats)), weights)


def _visuals(
    order: Order, beats: Sequence[Beat], texts: Sequence[str], filled: Callable[[str], str]
) -> list[tuple[str, bool]]:
    """What each scene shows, and whether these are the person's own words."""
    if not texts:
        return [(sentence(filled(beat.visual)), False) for beat in beats]
    count, given = len(beats), len(texts)
    if given >= count:
        groups = [
            texts[number * given // count : (number + 1) * given // count]
            for number in range(count)
        ]
        joined = (" ".join(sentence(text) for text in group) for group in groups)
        return [(clipped(text, _LONGEST_SCENE), True) for text in joined]
    found: list[tuple[str, bool]] = []
    used = -1
    for number in range(count):
        which = number * given // count
        if which != used:
            found.append((clipped(sentence(texts[which]), _LONGEST_SCENE), True))
        else:
            again = order.kind.more[number % len(order.kind.more)].visual
            part = clipped(texts[which], 90)
            found.append((sentence(Filling(part, part).fill(again)), False))
        used = which
    return found


class Filling:
    """Puts the idea, and what moves in it, into the patterns of `beats` and `spoken_lines`."""

    def __init__(self, idea: str, text: str) -> None:
        idea = idea.rstrip(".!?")
        subject = subject_of(f"{idea} {text[:2_000]}")
        low, main, last = subject.motions
        self._values = {
            "idea": uncapital(idea),
            "it": in_a_sentence(idea),
            "in_use": "full of life" if place_name(idea) else "in use",
            "low": low,
            "main": main,
            "last": last,
        }

    def fill(self, pattern: str) -> str:
        return _SLOT.sub(self._value, pattern)

    def _value(self, slot: re.Match[str]) -> str:
        value = self._values[slot[1].lower()]
        return capital(value) if slot[1][0].isupper() else value


_SLOT = re.compile(r"\{(\w+)\}")


def _framed(order: Order, visuals: Sequence[str]) -> list[str]:
    """With the given frames, the look and the light, where a scene is a prompt of its own."""
    found = []
    hour = ""
    for position, visual in enumerate(visuals):
        parts = [order.first_frame if position == 0 else "", visual]
        if position == len(visuals) - 1:
            parts.append(order.last_frame)
        if order.kind.name in ("video_prompt", "revision"):
            look = f"{visual} {order.style}"
            # It stays night until another hour is named.
            hour = film_words.light_of_the_hour(look) or hour
            if "light" not in film_words.said(look) and not film_words.is_graphic(look):
                parts.append(sentence(hour or subject_of(visual).light))
            parts.append(sentence(order.style))
        found.append(" ".join(part for part in parts if part))
    return found


_UNKNOWN_ACTIONS = (
    "One unbroken movement, from its start to its end",
    "Seen once, clearly, without a cut",
    "Held a moment longer than expected",
)


def _action(text: str, position: int) -> str:
    subject = subject_of(text)
    if subject.follow and not has_action(text):
        return sentence(subject.motions[position % len(subject.motions)])
    low = subject.follow
    if not low:
        return sentence(_UNKNOWN_ACTIONS[position % len(_UNKNOWN_ACTIONS)])
    ways = (
        f"It happens in one take while {low}",
        f"{low} as it happens",
        f"We see it from its start to its end; {low}",
    )
    return sentence(ways[position % len(ways)])


_OWN_CAMERA = (
    "wide shot, slow push-in",
    "medium shot at eye level, steady",
    "close-up, shallow depth of field",
    "tracking shot beside the movement",
)


def _camera(
    order: Order, visual: str, beat: Beat, position: int, count: int, *, is_own: bool
) -> str:
    said = film_words.said(visual)
    if is_own and {"camera", "framing"} <= said:
        return "As described."
    if order.brief.camera:
        return sentence(order.brief.camera)
    if not is_own:
        return sentence(beat.camera)
    if position == count - 1 and count > 2:
        return sentence("wide shot, slow pull-back")
    return sentence(_OWN_CAMERA[position % len(_OWN_CAMERA)])


class _Sound:
    """What is heard in each scene: lines of the type or the brief's own text, place, music."""

    def __init__(self, order: Order, filled: Callable[[str], str]) -> None:
        self._kind = order.kind
        self._asked = order.brief.sound
        self._text = order.brief.text[:2_000]
        self._filled = filled
        self._lines = LINES.get(order.brief.language, LINES["en"])
        self._spoken = _sentences(self._asked.spoken)
        if order.kind.name == "talking_head" and not self._spoken:
            # What is listed for a speaker is what to say.
            self._spoken = _sentences(order.brief.text) if own_scenes(order.brief) else []
        self._said: set[str] = set()
        self._style = tidy(self._asked.music_words) or f"{order.kind.music} music"

    def line(
        self,
        beat: Beat,
        visual: str,
        position: int,
        count: int,
        seconds: float,
        *,
        is_own: bool,
    ) -> str:
        """What is said, or shown on a card; only what can be said in time."""
        if self._asked.speech is False and beat.key not in _SHOWN:
            return ""
        if self._spoken:
            given = len(self._spoken)
            return " ".join(
                self._spoken[position * given // count : (position + 1) * given // count]
            )
        # Without a voice of its own, a type speaks only where the brief asks for it and tells the
        # scenes; and a person's own scenes of a screenplay get no dialogue that they didn't write.
        is_quiet = not self._kind.voice or (is_own and self._kind.voice == "dialogue")
        if is_quiet and not (self._asked.speech and is_own):
            return ""
        text = self._filled(self._lines[self._key(beat)]) if self._kind.voice else visual
        fits = len(text.split()) <= seconds * WORDS_A_SECOND + 1 or beat.key in _SHOWN
        # Twice the same line would sound like a mistake.
        if not fits or text in self._said:
            return ""
        self._said.add(text)
        return text

    def _key(self, beat: Beat) -> str:
        if beat.key == "action" and place_name(self._text):
            return "visit"
        return beat.key or "other"

    def ambience(self, visual: str) -> str:
        if self._asked.is_silent:
            return ""
        shown = subject_of(visual)
        return sentence(shown.sound if shown is not ANYTHING else subject_of(self._text).sound)

    def music(self, position: int, count: int) -> str:
        if self._asked.music is False or self._asked.is_silent:
            return ""
        if not self._asked.music and self._kind.name in _WITHOUT_MUSIC:
            return ""
        if position == 0:
            ends = " and ends with the last frame" if count == 1 else ""
            return sentence(f"{self._style} begins{ends}")
        return "It ends with the last frame." if position == count - 1 else "It goes on."


_SHOWN = frozenset({"card", "title"})
# These get music only where the brief asks for it.
_WITHOUT_MUSIC = frozenset({"video_prompt", "screenplay", "talking_head", "revision"})


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?…])\s+", tidy(text)) if part]
