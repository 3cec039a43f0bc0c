"""The plan of a text without a language model: settings that are written plainly, and the words as
they are. Pure; any language; never raises.

No free language is read: what isn't written as a setting stays in the words, and each setting is
seen beside the draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Final

from compose.plain_settings.line import HIDDEN, WORDS, Line, lines_of, pattern, phrases
from compose.plain_settings.own_files import OwnFiles, name_in, own_files
from compose.plain_settings.settings import Reader, Setting
from compose.plan import LONGEST_S, LONGEST_TEXT, MOST_SHOTS, EditPlan, Plan, Shot
from core.language.cleaning import clean

# Seconds where none are written: of a film, of a song, and of one shot among several.
_USUAL_S, _SONG_S, _SHOT_S = 15.0, 60.0, 5.0
_USUAL_SHOTS, _MOST_USUAL_SHOTS, _MOST_INPUTS = 3, 6, 8
_LONGEST_WORDS, _LONGEST_LINE, _LONGEST_SHOWN = 2_000, 200, 60
_BOUNDS: Final = {"seconds": (1, LONGEST_S), "each": (1, 30), "scenes": (1, MOST_SHOTS)}
_CANDIDATES: Final = (2, 12)
_FIRST_FRAMING, *_FRAMINGS = phrases("framings")
_NO_INPUTS, _HEADINGS = phrases("no_inputs"), phrases("headings")
_INPUT: Final = pattern("placeholder")
_SENTENCE_ENDS: Final = (". ", "! ", "? ", "。", "！", "？", "\n")
# Operations that have a prompt.
_WITH_PROMPT: Final = ("style", "animate", "extend")
_FIELD_OF: Final = {"each": "seconds", "counted": "scenes", "sound.voice_words": "sound.speech"}


@dataclass(frozen=True, slots=True)
class PlainReading:
    """plan: complete, with presets. from_words: the fields that the words set, as the planner reads
    them. notes: field → a sentence for the person, of two settings that disagree or a number out of
    bounds."""

    plan: Plan
    from_words: tuple[str, ...]
    notes: Mapping[str, str]


def read_plain(text: str, *, language: str = "") -> PlainReading:
    """Read a text. language: of the person's browser, ISO 639-1, for a voice."""
    reading = _Reading(clean(text))
    plan = Plan.read(reading.plan(language[:2].lower()))
    return PlainReading(plan, tuple(reading.from_words(plan)), reading.notes)


def shots_of(text: str, count: int) -> list[Shot]:
    """Return rows with the same words in different framings; a single row has none."""
    framings = [_FIRST_FRAMING, *islice(cycle(_FRAMINGS), count - 1)] if count > 1 else [""]
    return [Shot.read({"text": text, "framing": framing}) for framing in framings]


class _Reading:
    """Settings and words of a text. names: of its inputs. is_list: the text is a list of shots."""

    def __init__(self, text: str) -> None:
        self.notes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.is_list = False
        text = _INPUT.sub(self._input, text)
        self.lines = lines_of(text)
        self.files = own_files(self.lines)
        reader = Reader([*self.files.settings], is_single=len(self.lines) == 1)
        readings = [(line, reader.read(line)) for line in self.lines]
        own_lengths = [
            (line, one)
            for line, settings in readings
            if line.marker and line.left_over()
            for one in settings
            if one.field == "seconds"
        ]
        self.settings = reader.settings
        # A length in the last row alone is of the whole.
        if len(own_lengths) > 1 or (own_lengths and own_lengths[0][0] is not self.lines[-1]):
            for line, setting in own_lengths:
                line.seconds = _within_bounds(setting)
            of_rows = {id(setting) for _, setting in own_lengths}
            self.settings = [one for one in self.settings if id(one) not in of_rows]
        self.words = [
            (line, words)
            for line in self.lines
            if (words := line.left_over()) and words.strip(": ").lower() not in _HEADINGS
        ]
        if not (self.words or self.files.kind or self._join("sound.spoken")):
            # Nothing but settings is written: then they are the words.
            self.words, self.files, self.settings = [(Line(text), text)], OwnFiles(), []

    def _input(self, match: re.Match[str]) -> str:
        name = next(filter(None, match.groups())).strip(" -_")
        if not name or name.lower() in _NO_INPUTS:
            return match[0]
        if len(self.names) == _MOST_INPUTS and name.lower() not in self.names:
            self.notes["open_texts"] = f"Only the first {_MOST_INPUTS} placeholders are inputs."
            return match[0]
        return f"{{{self.names.setdefault(name.lower(), name)}}}"

    def _last(self, name: str, preset: Any = None) -> Any:
        """Return what the last setting of a field says. Of two that disagree a note names both."""
        of_field = [one for one in self.settings if one.field == name]
        if not of_field:
            return preset
        last, key = of_field[-1], _FIELD_OF.get(name, name)
        other = next((one for one in reversed(of_field) if one.value != last.value), None)
        if other is not None:
            both = f"“{other.words[:_LONGEST_SHOWN]}” and “{last.words[:_LONGEST_SHOWN]}”"
            self.notes[key] = f"You wrote {both}. The last one counts."
        value = _within_bounds(last)
        if value != last.value:
            excerpt = " of ".join(map(str, reversed(value))) if name == "choice" else f"{value:g}"
            self.notes[key] = f"You wrote “{last.words}”. The nearest possible is {excerpt}."
        return value

    def _join(self, name: str, *more: str) -> str:
        texts = [*more, *(one.value for one in self.settings if one.field == name)]
        return ", ".join(dict.fromkeys(filter(None, texts)))[:_LONGEST_WORDS]

    def plan(self, language: str) -> dict[str, Any]:
        """Return the plan, complete with presets. language: of a voice that no words set."""
        kind, edits = self._kind_and_edits()
        is_shown = kind in ("film", "image")
        self._note_shape(kind)
        around = self._set_apart() if is_shown else ""
        shows = self._shows()
        scenes = self._scenes(kind, shows) if is_shown and shows else []
        language, choice = self._last("language", language), self._last("choice")
        is_subtitled = any(edit.type == "subtitles" for edit in edits)
        return {
            "kind": kind,
            "shows": shows,
            "language": language if language in WORDS["languages"] else "en",
            "scenes": scenes,
            "seconds": self._seconds(kind, scenes),
            "aspect": self._last("aspect", "16:9" if is_shown else ""),
            "style": self._join("style", around),
            "sound": self._sound(kind, shows, is_subtitled=is_subtitled),
            "media": self.files.media,
            "open_texts": [{"name": name, "title": name} for name in self.names.values()],
            "choice": choice and dict(zip(("candidates", "pick"), choice, strict=True)),
            "approves_images": self._last("approves_images", False),
            "edits": edits,
        }

    def _shows(self) -> str:
        return "\n".join(line.marker + words for line, words in self.words)[:LONGEST_TEXT]

    def _set_apart(self) -> str:
        """Take the words that are beside a list out of the text: they hold for all of its rows."""
        rows = [(line, words) for line, words in self.words if line.marker]
        around = [words.rstrip(":.") for line, words in self.words if not line.marker]
        if len(rows) < 2 or len(", ".join(around)) > _LONGEST_WORDS:
            return ""
        self.words = rows
        return ", ".join(around)

    def _kind_and_edits(self) -> tuple[str, list[EditPlan]]:
        shows = self._shows()
        kind, edits = self.files.kind or self._last("kind", "film"), [*self.files.edits]
        has_video = any(file.kind == "video" for file in self.files.media)
        has_spoken = bool(self._join("sound.spoken"))
        if has_video and self._last("sound.subtitles") and not has_spoken:
            kind = "clip_edit"
            if not any(edit.type == "subtitles" for edit in edits):
                edits.append(EditPlan.read({"type": "subtitles"}))
        # The rest of the words is the prompt of the first that has one.
        if edits and shows and not any(one.type in _WITH_PROMPT and not one.words for one in edits):
            excerpt = shows[:_LONGEST_SHOWN]
            self.notes["shows"] = (
                f"Nothing under What to do with it uses “{excerpt}”. Add something that does."
            )
        return ("audio" if has_spoken and not shows and not edits else kind), edits

    def _note_shape(self, kind: str) -> None:
        """Say that a format is nothing to what is only heard: there it isn't seen."""
        name = {"song": "song", "audio": "voice"}.get(kind)
        words = [one.words for one in self.settings if one.field == "aspect"]
        if name and words:
            self.notes["kind"] = f"You wrote “{words[-1]}”. A {name} has no format."

    def _scenes(self, kind: str, shows: str) -> list[Shot]:
        rows = [(words, line.seconds) for line, words in self.words]
        is_list = any(line.marker for line, _ in self.words) or all(
            len(words) <= _LONGEST_LINE for words, _ in rows
        )
        self.is_list = (is_list and len(rows) > 1) or len(shows) > _LONGEST_WORDS
        count = self._last("scenes")
        if self.is_list:
            fitting = _fitting(rows if is_list else [(shows, None)])
            shots = [Shot.read({"text": text, "seconds": seconds}) for text, seconds in fitting]
            if count not in (None, len(shots)):
                both = f"{count} shots and {len(shots)} rows"
                self.notes["scenes"] = f"You wrote {both}. The rows count."
        else:
            shots = shots_of(shows, count or self._usual_count(kind))
        is_varied = self._last("counted") == "variation"
        for shot in shots:
            shot.framing = "" if is_varied else shot.framing
            shot.seconds = shot.seconds or self._last("each")
            shot.uses = name_in(shot.text, self.files.media)
        return shots

    def _usual_count(self, kind: str) -> int:
        images = max((one.count for one in self.files.media if one.kind == "image"), default=1)
        if kind == "image" or images > 1:
            return images
        seconds = self._last("seconds", _USUAL_SHOTS * _SHOT_S)
        return max(1, min(_MOST_USUAL_SHOTS, round(seconds / _SHOT_S)))

    def _seconds(self, kind: str, shots: Sequence[Shot]) -> float | None:
        seconds: float | None = self._last("seconds")
        if seconds is not None or kind not in ("film", "song"):
            return seconds
        if any(shot.seconds for shot in shots):
            return min(sum(shot.seconds or _SHOT_S for shot in shots), LONGEST_S)
        return _USUAL_S if kind == "film" else _SONG_S

    def _sound(self, kind: str, shows: str, *, is_subtitled: bool) -> dict[str, Any]:
        speech_text = " ".join(one.value for one in self.settings if one.field == "sound.spoken")
        how = shows
        if kind == "audio" and not speech_text:
            quotations = [one[0][1:-1] for one in HIDDEN.finditer(shows) if not one["input"]]
            speech_text = " ".join(quotations) or shows
            rest = HIDDEN.sub(lambda one: one["input"] or "", shows).strip(" ,;:.")
            how = rest if quotations else ""
        # The sound of a person's own video is kept.
        music_preset = None if kind == "clip_edit" else kind in ("film", "song")
        speech = self._last("sound.speech", kind == "audio")
        subtitles = self._last("sound.subtitles", False) and not is_subtitled
        # What has no sound of its own keeps them, to be seen as unused.
        if subtitles and not speech and kind not in ("image", "song"):
            subtitles = False
            self.notes["sound.subtitles"] = "Subtitles show what a voice says. Turn on the voice."
        return {
            "music": self._last("sound.music", music_preset),
            "music_words": self._join("sound.music_words", shows if kind == "song" else ""),
            "speech": speech,
            "spoken": speech_text[:_LONGEST_WORDS],
            "voice_words": self._join("sound.voice_words", how if kind == "audio" else ""),
            "subtitles": subtitles,
        }

    def from_words(self, plan: Plan) -> list[str]:
        """Return the fields that the words set."""
        names = {_FIELD_OF.get(one.field, one.field) for one in self.settings if one.value != ""}
        is_set = {
            "kind": self.files.kind or plan.kind in ("clip_edit", "audio"),
            "scenes": self.is_list,
            "seconds": any(shot.seconds for shot in plan.scenes),
            **{name: getattr(plan, name) for name in ("style", "media", "open_texts", "edits")},
        }
        return sorted(names | {name for name, value in is_set.items() if value})


def _within_bounds(setting: Setting) -> Any:
    if setting.field == "choice":
        candidates = _between(setting.value[0], *_CANDIDATES)
        return candidates, _between(setting.value[1], 1, candidates)
    is_bounded = setting.field in _BOUNDS
    return _between(setting.value, *_BOUNDS[setting.field]) if is_bounded else setting.value


def _between(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def _fitting(rows: Sequence[tuple[str, float | None]]) -> list[tuple[str, float | None]]:
    """Return rows of at most 2,000 characters, and no more of them than a film has."""
    cut = [(piece, seconds) for text, seconds in rows for piece in _cut(text)]
    if len(cut) <= MOST_SHOTS:
        return cut
    rest = "; ".join(text for text, _ in cut[MOST_SHOTS - 1 :])
    if len(rest) <= _LONGEST_WORDS:
        return [*cut[: MOST_SHOTS - 1], (rest, None)]
    return [(piece, None) for piece in _cut("\n".join(text for text, _ in rows))]


def _cut(text: str) -> Iterator[str]:
    """Cut a text at ends of sentences, or between words, behind the middle of what a row takes."""
    while len(text) > _LONGEST_WORDS:
        head = text[:_LONGEST_WORDS]
        ends = (max(head.rfind(sign) + len(sign) for sign in _SENTENCE_ENDS), head.rfind(" ") + 1)
        end = next((end for end in ends if end > _LONGEST_WORDS // 2), _LONGEST_WORDS)
        yield text[:end].strip()
        text = text[end:]
    yield text.strip()
