"""The settings that are written plainly in a line. Pure.

A word is a setting only in a part of its own, or where it touches a film noun: "a town square" and
"a silent monk" set nothing. What is read is taken out of the line with the words that held it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from compose.plain_settings.line import WORDS, Line, meanings, pattern, phrases

Match: TypeAlias = re.Match[str]

_MOST_SPOKEN: Final = 2_000
_NUMBERS: Final = {word: number for number, word in enumerate(phrases("numbers"), 1)}
_NOUNS, _INSTRUMENTS = meanings("nouns"), phrases("instruments")
_UNITS, _COUNT_NOUNS = meanings("units"), meanings("counted")
_LANGUAGES, SHAPES = meanings("languages"), meanings("shapes")
# (What it sets, whether to on) → phrases.
_SWITCHES: Final = {
    (f"sound.{name}" if name != "approves_images" else name, table == "on"): phrases(
        f"{table}.{name}"
    )
    for table in ("off", "on")
    for name in WORDS[table]
}
ELEMENT: Final = pattern("element")
_PART, _TAIL = pattern("part"), pattern("tail")
_COUNT_OPENING, _NOUN_OPENING = pattern("opening_count"), pattern("opening_noun")
_LABEL, _SPEECH, _VISIBLE_SPEAKER = pattern("label"), pattern("speech"), pattern("seen")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is written. field: as `PlainReading.from_words` names it; "each" is the
    length of each shot, and "counted" what is counted, such as "variation"."""

    field: str
    value: Any
    words: str = ""


def number_of(text: str) -> float:
    """Return the number that digits or a word are."""
    text = text.strip(" -")
    return float(_NUMBERS[text] if text in _NUMBERS else text.replace(",", "."))


def settings_in(line: Line, start: int, end: int) -> Iterator[Setting]:
    """Yield the settings between two places of a line."""
    for match in ELEMENT.finditer(line.seen, start, end):
        groups = {name: (text or "").replace("-", " ") for name, text in match.groupdict().items()}
        yield from _settings_of(groups, line, match)


def _settings_of(groups: Mapping[str, str], line: Line, match: Match) -> Iterator[Setting]:
    words = line.of(match)
    if groups["length"]:
        name = "each" if groups["each"] or groups["each_one"] else "seconds"
        yield Setting(name, _seconds(groups), words)
    elif groups["count"]:
        yield Setting("scenes", int(number_of(groups["number"] or groups["numbered"])), words)
    elif groups["aspect"]:
        yield Setting("aspect", groups["ratio"] or SHAPES[groups["shape"]], words)
    elif groups["choice"]:
        candidates, pick = number_of(groups["candidates"]), number_of(groups["pick"] or "1")
        yield Setting("choice", (int(candidates), int(pick)), words)
    elif groups["music"]:
        yield Setting("sound.music", True, words)
        what = "instrument" if groups["instrument"] else "music_words"
        yield Setting("sound.music_words", line.of(match, what))
    elif groups["voice"]:
        how = line.of(match, "how_it_is" if groups["how_it_is"] else "how").split()
        languages = [word for word in how if word.lower() in _LANGUAGES]
        yield Setting("sound.speech", True, words)
        yield Setting("sound.voice_words", " ".join(word for word in how if word not in languages))
        yield from (Setting("language", _LANGUAGES[word.lower()], word) for word in languages)
    for (name, is_on), switches in _SWITCHES.items():
        if groups["switch"] in switches:
            yield Setting(name, is_on, words)


def _seconds(groups: Mapping[str, str]) -> float:
    if groups["clock"]:
        minutes, seconds = groups["clock"].split(":")
        return int(minutes) * 60.0 + int(seconds)
    length = number_of(groups["amount"]) * int(_UNITS[groups["unit"]])
    return length + number_of(groups["more"] or "0")


@dataclass(slots=True)
class Reader:
    """Reads the lines of a text, one after the other. settings: in the order they are written.
    is_single: there is one line."""

    settings: list[Setting]
    is_single: bool
    _at_start: bool = True

    def read(self, line: Line) -> list[Setting]:
        """Take the settings of a line out of it, and return them."""
        before = len(self.settings)
        self._at_start = self._at_start and not line.marker
        if not self.is_single:
            # "Music: calm, slow" on a line of its own, up to another setting.
            ends = [place[0] for place in line.parts[1:] if _PART.fullmatch(line.seen, *place)]
            self._read_label(line, 0, min(ends, default=len(line.text)))
        self._read_speech(line)
        for part in line.parts:
            for start, end in line.untaken(*part):
                self._read_run(line, start, end)
            self._at_start = self._at_start and not line.untaken(*part)
        return self.settings[before:]

    def _read_run(self, line: Line, start: int, end: int) -> None:
        if self._read_label(line, start, end):
            return
        at, is_part = self._read_opening(line, start, end)
        if at == end or (is_part and self._read_whole(line, at, end)):
            return
        colon = line.seen.find(": ", at, end)
        # "Three scenes, silent: a train arrives". One word before a colon is a title.
        is_title = colon < 0 or line.seen[at:colon].isalpha()
        if not is_title and self._read_whole(line, at, colon):
            line.take(colon, colon + 1)
            at, _ = self._read_opening(line, colon + 2, end)
        self._read_tail(line, at, end)

    def _read_speech(self, line: Line) -> None:
        most = _MOST_SPOKEN
        for match in _SPEECH.finditer(line.seen):
            words = line.of(match, "spoken").lstrip(":, ")[1:-1].strip()
            most -= len(words) + 2
            if most < 0 or (match["speaker"] is None and _VISIBLE_SPEAKER.search(match["who"])):
                continue
            if match["speaker"] is not None:
                self.settings += settings_in(line, *match.span("speaker"))
            # Who else says it is seen, and stays: "she says".
            line.take(match.start("spoken" if match["speaker"] is None else 0), match.end())
            self.settings.append(Setting("sound.speech", True, line.of(match, "spoken")))
            self.settings.append(Setting("sound.spoken", words))

    def _read_label(self, line: Line, start: int, end: int) -> bool:
        match = _LABEL.match(line.seen, start, end)
        if match is None or ELEMENT.fullmatch(line.seen, start, end):
            return False
        words = line.of(match, "value").rstrip(",; ")
        if match["music"]:
            self.settings.append(Setting("sound.music", True, line.of(match)))
        self.settings.append(Setting("sound.music_words" if match["music"] else "style", words))
        line.take(start, end)
        return True

    def _read_whole(self, line: Line, start: int, end: int) -> bool:
        """Read a part that is settings and fillers alone."""
        is_whole = _PART.fullmatch(line.seen, start, end) is not None
        settings = [*settings_in(line, start, end)] if is_whole else []
        # "Piano, violin and candles" is what is shown, "soft piano" is not.
        is_thing = self._at_start and line.seen[start:end] in _INSTRUMENTS
        if not settings or is_thing:
            return False
        self.settings += settings
        line.take(start, end)
        return True

    def _read_opening(self, line: Line, start: int, end: int) -> tuple[int, bool]:
        """Read "make three shots of" and "a vertical film about". Returns where it ends, and
        whether a part of its own begins there."""
        match = _COUNT_OPENING.match(line.seen, start, end)
        if match is None:
            return self._read_noun(line, start, end)
        noun = _COUNT_NOUNS[match["counted"]] if match["counted"] else "shot"
        self.settings += settings_in(line, *match.span("count"))
        self.settings.append(Setting("counted", noun))
        if noun == "image" and self._at_start:
            self.settings.append(Setting("kind", "image", line.of(match, "count")))
        line.take(start, match.end())
        at, _ = line.trim(match.end(), end)
        return self._read_noun(line, at, end) if noun == "variation" else (at, False)

    def _read_noun(self, line: Line, start: int, end: int) -> tuple[int, bool]:
        match = _NOUN_OPENING.match(line.seen, start, end)
        if match is None:
            return start, True
        noun, linker = match["noun"].replace("-", " "), match["linker"]
        kind, _, way = _NOUNS[noun].partition("_")
        # "Voice-over" alone and "music: piano" are settings of a film.
        is_setting = (kind == "audio" or noun == "music") and not match["request"]
        is_strange = bool(match["strange"] or match["between"])
        begins = self._at_start and not is_strange and linker is not None
        begins = begins and not (is_setting and linker in ("", ":", " of"))
        if not begins and kind not in ("film", "image"):
            return start, True
        before, behind = match.span("before"), match.span("behind")
        settings = [*settings_in(line, *before), *settings_in(line, *behind)]
        if begins:
            self.settings.append(Setting("kind", kind, line.of(match, "noun")))
        self.settings += settings
        # "A square logo, blue" has its noun among its words.
        is_cut = begins and not (way == "kept" or (way == "look" and not linker))
        if is_cut and way == "look":
            self.settings.append(Setting("style", line.of(match, "noun")))
        if is_cut or (settings and linker == "" and not is_strange and not way):
            line.take(start, match.end())
        elif settings:
            line.take(before[0], before[1] if match["between"] is None else match.start("between"))
            line.take(*behind)
        elif not begins:
            return start, True
        return line.trim(match.end(), end)[0], linker == ":"

    def _read_tail(self, line: Line, start: int, end: int) -> None:
        """Read settings that "with", "in", "and" or "as" hold at the end of a part."""
        tail = _TAIL.search(line.seen, start, end)
        if tail is None:
            return
        first = tail.start()
        if tail["music_words"] is not None:
            first = tail.end("music_words")
            self.settings.append(Setting("sound.music_words", line.of(tail, "music_words")))
        self.settings += settings_in(line, first, end)
        line.take(tail.start(), end)
