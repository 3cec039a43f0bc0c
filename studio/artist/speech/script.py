"""What is said: sentences to speak one after the other, and phrases to read along."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from studio.artist.speech.espeak import Word
from studio.media.video.cues import Cue

PHRASE_MAX = 42  # characters of one line of subtitles

_SHORT_WORDS = "mr mrs ms dr prof st jr sr vs etc no nr ca bzw usw z.b d.h e.g i.e inc ltd mt fig"
_SHORT = frozenset(_SHORT_WORDS.split())
_ENDS = r"[.!?…]{1,99}[\"'”’»)\]]{0,9}(?=\s|$)|[。！？]+[」』”’）]*"
_PAUSES = {"?": 0.52, "!": 0.48, "…": 0.75, ":": 0.4}
_PARAGRAPH_S = 0.85


@dataclass(frozen=True, slots=True)
class Sentence:
    """text: as it is spoken. pause_s: the silence after it."""

    text: str
    pause_s: float


def sayable(text: str) -> str:
    """The text without what no one says: pictographs, control and formatting characters."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        if character in "\n\t":
            kept.append("\n" if character == "\n" else " ")
        elif (
            kind in ("So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn") or "\ufe00" <= character <= "\ufe0f"
        ):
            kept.append(" ")
        else:
            kept.append(character)
    lines = [" ".join(line.split()) for line in "".join(kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def has_words(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def sentences(text: str) -> list[Sentence]:
    """Cut sayable text into sentences; lines and paragraphs end one too."""
    found: list[Sentence] = []
    for paragraph in re.split(r"\n\s*\n", text):
        for line in paragraph.split("\n"):
            found.extend(_of_line(line))
        if found:
            last = found[-1]
            found[-1] = Sentence(last.text, max(last.pause_s, _PARAGRAPH_S))
    return found


def _of_line(line: str) -> list[Sentence]:
    found, start = [], 0
    for match in re.finditer(_ENDS, line):
        before = line[start : match.start()].rsplit(maxsplit=1)
        last = before[-1].lower() if before else ""
        # "Dr. Smith" and "J. Smith" go on.
        is_short = match[0] == "." and (last in _SHORT or re.fullmatch(r"[a-zà-ÿ]", last))
        if is_short and match.end() < len(line):
            continue
        found.append(line[start : match.end()].strip())
        start = match.end()
    found.append(line[start:].strip())
    return [Sentence(piece, _pause(piece)) for piece in found if has_words(piece)]


def _pause(sentence: str) -> float:
    end = sentence.rstrip("\"'”’»)]」』）")
    if end.endswith("..."):
        return _PAUSES["…"]
    return _PAUSES.get(end[-1:], 0.42)


def phrases(sentence: str, words: Sequence[Word], start_s: float, end_s: float) -> list[Cue]:
    """A spoken sentence as cues of at most PHRASE_MAX characters: cut between words, at a comma
    where one is near.

    start_s: where the sentence begins in the recording; end_s: where its last sound ends.
    """
    if not words:
        return _cut(sentence, start_s, end_s)
    cues: list[Cue] = []
    first = 0
    while first < len(words):
        begin = words[first].at if first else 0
        after = _phrase_end(sentence, words, first)
        end = words[after].at if after < len(words) else len(sentence)
        starts = start_s + words[first].start_s
        ends = start_s + words[after].start_s if after < len(words) else end_s
        cues.extend(_cut(sentence[begin:end].strip(), starts, max(ends, starts + 0.05)))
        first = after
    return cues


def _phrase_end(sentence: str, words: Sequence[Word], first: int) -> int:
    """The index of the word the next phrase begins with."""
    begin = words[first].at if first else 0
    left = len(sentence) - begin
    if left <= PHRASE_MAX:
        return len(words)
    # Even lines read better than a full one and a leftover.
    parts = -(-left // PHRASE_MAX)
    goal = left / parts
    best, best_cost = first + 1, float("inf")
    for index in range(first + 1, len(words)):
        length = len(sentence[begin : words[index].at].rstrip())
        if length > PHRASE_MAX:
            break
        cost = abs(length - goal) / goal
        if sentence[: words[index].at].rstrip()[-1:] in ",;:–—、，；：":
            cost -= 0.6
        if cost < best_cost:
            best, best_cost = index, cost
    return best


def _cut(text: str, start_s: float, end_s: float) -> list[Cue]:
    """One cue, or several of a word too long for a line, with time shared by length."""
    pieces = [text[at : at + PHRASE_MAX] for at in range(0, len(text), PHRASE_MAX)]
    cues, at = [], start_s
    for piece in pieces:
        until = at + (end_s - start_s) * len(piece) / len(text)
        cues.append(Cue(at, until, piece))
        at = until
    return cues
