"""A sentence with several changes → one clause a change."""

from __future__ import annotations

import re
from typing import Final

from compose.changes.change import NUMBER, expression, search
from core.patterns import bounded_pattern

LONGEST_TEXT: Final = 20_000
MOST_CLAUSES: Final = 40

# An apostrophe inside a word ends nothing. The lengths keep the time linear in the text.
QUOTE_PATTERN: Final = (
    r"“[^“”]{0,5000}”|\"[^\"]{0,5000}\"|«[^«»]{0,5000}»|„[^„“”]{0,5000}[“”]|"
    r"(?<!\w)['‘][^'‘’]{0,2000}(?:['’](?=\w)[^'‘’]{0,500}){0,20}['’](?!\w)"
)
_VERB: Final = (
    "(?:{insert}|{add}|{drop}|{replace}|{set}|{rename}|{move}|{use_model}|{verbs}|{calmer})"
)
_SOUND: Final = "(?:{music}|{subtitles}|{voice}|{title}|{logo})"
_THING: Final = rf"(?:{{a}} |{{the}} )?(?:\w+ ){{0,3}}{_SOUND}"
_START: Final = (
    rf"(?:{{start_words}} ){{0,6}}(?:{_VERB}|{{starts}}|{_THING}|(?:{{a}} )?{{formats}}|"
    rf"{NUMBER} *{{seconds}}|(?:{{the}} )?(?:{{ordinals}}|{{last}}) {{shot}} \d|{{shot}} \d+ \d"
    rf"|{{looks}}"
    r"|\w+ier(?!\w))"
)
# "with a dog and with boats" goes on; "with soft piano" after a comma is a change of its own.
_WITH_SOUND: Final = (
    rf"{{with}} (?:[\w-]+ ){{0,4}}(?:{_SOUND}|{{music_kinds}}|{{sound}}|{{transitions}}"
    r"|transitions?|cuts)"
)
_REMARK: Final = (
    r"^\W*(?P<thing>(?:the )?[\w\s]{3,40}?) (?:is|are|looks?|feels?|seems?) (?:a bit |way |much )?"
    r"(?:too|not|boring)(?!\w)"
)
_IT = re.compile(r"\s(?:it|them)\b\s*", re.IGNORECASE)
_SENTENCE_END = bounded_pattern(r"[.;!?\n]+(?=\s|$)|\n")
_LINK: Final = r" *, *(?:(?:{and}|&|also) )?| (?:{and}|&) (?:then )?"
_LEADING_VERB: Final = r"^(?:\W*{start_words} ){0,6}(?P<verb>{insert}|{drop})"


def clauses(text: str) -> list[str]:
    """Return a text's clauses, one change each, in order. text: cut after 20,000 characters."""
    text = re.sub(r"[^\S\n]+", " ", text[:LONGEST_TEXT])
    quote_spans = [result.span() for result in re.finditer(QUOTE_PATTERN, text)]
    result: list[str] = []
    for start, end in _sentences(text, quote_spans):
        result += _parts(text, start, end, quote_spans)
    result = [one for one in result if re.search(r"\w", one)]
    return _without_remarks(result)[:MOST_CLAUSES]


def _without_remarks(parts: list[str]) -> list[str]:
    """ "Shot 2 is too short, make it 6 seconds": what "it" is goes into the change."""
    result: list[str] = []
    about = ""
    for part in parts:
        remark = search(_REMARK, part)
        if remark is not None:
            about = remark["thing"]
            if part is parts[-1]:
                result.append(part)
            continue
        result.append(_IT.sub(f" {about} ", part, count=1) if about else part)
        about = ""
    return result


def _sentences(text: str, quote_spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    parts, start = [], 0
    for stop in _SENTENCE_END.finditer(text):
        if not _is_inside(stop.start(), quote_spans):
            parts.append((start, stop.start()))
            start = stop.end()
    return [*parts, (start, len(text))]


def _parts(text: str, start: int, end: int, quote_spans: list[tuple[int, int]]) -> list[str]:
    parts: list[str] = []
    verb = ""
    for link in expression(_LINK).finditer(text, start, end):
        if link.start() < start or _is_inside(link.start(), quote_spans):
            continue
        rest = text[link.end() : end]
        here = text[start : link.start()]
        if not re.search(r"\w", here) or not _begins(rest, here):
            continue
        parts.append(_with_verb(here, verb))
        leading = search(_LEADING_VERB, parts[-1])
        verb = leading["verb"] if leading else verb
        start = link.end()
    parts.append(_with_verb(text[start:end], verb))
    return [part.strip() for part in parts]


def _begins(rest: str, here: str) -> bool:
    """Return whether a change of its own begins here."""
    start = search(f"^{_START}", rest)
    if start is None or search(r"{everything}\W*$", here):
        return False
    word = start[0].split()[0]
    if search("^{with}$", word):
        return search(f"^{_WITH_SOUND}", rest) is not None
    if search("^(?:in|the|a|an)$", word) and search(r"^\s*(?:add|replace)(?!\w)", here):
        # "add a shot of a girl and a cat in the rain": still the same shot.
        return search(rf"^(?:an? |the )?(?:\w+ ){{0,2}}{_SOUND}", rest) is not None
    # "the first and second shot", "4 and 5 seconds": one change.
    return not search(r"(?:{ordinals}|\d)$", here) or search(f"^{_VERB}", rest) is not None


def _with_verb(part: str, verb: str) -> str:
    """ "add music and subtitles": the second thing is added too."""
    if (
        verb
        and search(rf"^\W*{_THING}", part)
        and not search(rf"^\W*(?:{_VERB}|{{no}}|can|could|keep)", part)
    ):
        return f"{verb} {part.strip()}"
    return part


def _is_inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < at < end for start, end in spans)
