"""A sentence with several changes → one clause a change."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit.words import FORMAT, LENGTH, ORDINAL

LONGEST_TEXT: Final = 20_000
MOST_CLAUSES: Final = 40

# An apostrophe inside a word ends nothing. The lengths keep the time linear in the text.
QUOTED: Final = (
    r"“[^”]{0,5000}”|\"[^\"]{0,5000}\"|«[^»]{0,5000}»|„[^“”]{0,5000}[“”]|"
    r"(?<!\w)['‘][^'‘’]{0,2000}(?:['’](?=\w)[^'‘’]{0,500}){0,20}['’](?!\w)"
)
_VERB = (
    r"add|make|remove|drop|delete|put|change|replace|swap|switch|use|turn|set|give|let|ask|rename|"
    r"call|cut|upscale|duplicate|copy|repeat|mute|move|insert|append|include|lose|shorten|lengthen|"
    r"extend|trim|crop|reverse|blend|crossfade|dissolve|convert|render|get\s+rid|take|"
    r"füge?|entferne?|lösche?|mach(?:e|en)?|nimm|ersetze?|tausche?|ändere?|setze?|streiche?|"
    r"ajoute[rz]?|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|mets|mettre|fais|remplace[rz]?|échange[rz]?|"
    r"añad[eai]r?|agrega[r]?|quita[r]?|elimina[r]?|haz|pon|reemplaza[r]?|cambia[r]?|borra[r]?"
)
_THING = (
    r"music|soundtrack|score|subtitles?|captions?|voice-?\s?over|narration|narrator|title(?:\s+card)?|"
    r"logo|watermark|musik|untertitel|sprecher(?:in)?|musique|sous-titres?|música|subtítulos"
)
# Without its groups, which other patterns have too.
_LENGTH = LENGTH.replace("?P<amount>", "?:").replace("?P<unit>", "?:")
_START = re.compile(
    rf"(?:(?:also|then|please|finally|now|and|just|bitte|dann|auch|ensuite|puis|luego|también)\s+){{0,6}}(?:"
    rf"(?:{_VERB})\b|(?:no|without|ohne|sans|sin|kein[e]?|more|less|at\s+most|max(?:imum)?|twice|half|"
    rf"double|cheaper|shorter|longer|in|i\s+(?:want|need)|it\s+should|"
    rf"mit|avec|con|with|slow|slowly|hard|ask)\b|"
    rf"(?:an?\s+|the\s+)?(?:\w+\s+){{0,3}}(?:{_THING})\b|(?:{FORMAT})(?!\w)|{_LENGTH})",
    re.IGNORECASE,
)
# "with a dog and with boats" goes on; "with soft piano" after a comma is a change of its own.
_WITH_SOUND = re.compile(
    rf"(?:with|mit|avec|con)\s+(?:[\w-]+\s+){{0,4}}(?:{_THING}|piano|guitar|drums?|strings|beat|jazz|"
    rf"klavier|gitarre|sound|dissolves?|fades?|transitions?|orchestra|synths?|wipes?|cuts)\b",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"^\W*(?P<thing>(?:the\s+)?[\w\s]{3,40}?)\s+(?:is|are|looks?|feels?|seems?)\s+(?:a\s+bit\s+|way\s+|much\s+)?"
    r"(?:too|not|boring)\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\s(?:it|them)\b\s*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?\n]+(?=\s|$)|\n")
_LINK = re.compile(
    r"\s*,\s*(?:(?:and|und|et|y|but|then|also|plus)\s+)?|\s+(?:and|und|et|y|then|plus|but|&|dann)\s+(?:then\s+)?",
    re.IGNORECASE,
)
_LEADING_VERB = re.compile(
    r"^(?:\W*(?:please|can you|could you|bitte|and|then|also)\s+){0,6}"
    r"(?P<verb>add|include|insert|put\s+in|remove|drop|delete|entferne|ajoute|supprime|quita|añade|füge)\b",
    re.IGNORECASE,
)


def clauses(text: str) -> list[str]:
    """What is asked, one change each, in order. text: any, cut after 20,000 characters."""
    text = re.sub(r"[^\S\n]+", " ", text[:LONGEST_TEXT])
    quoted = [found.span() for found in re.finditer(QUOTED, text)]
    found: list[str] = []
    for start, end in _sentences(text, quoted):
        found += _parts(text, start, end, quoted)
    found = [one for one in found if re.search(r"\w", one)]
    return _without_remarks(found)[:MOST_CLAUSES]


def _without_remarks(parts: list[str]) -> list[str]:
    """ "Shot 2 is too short, make it 6 seconds": what "it" is goes into the change."""
    found: list[str] = []
    about = ""
    for part in parts:
        remark = _REMARK.match(part)
        if remark is not None:
            about = remark["thing"]
            if part is parts[-1]:
                found.append(part)
            continue
        found.append(_IT.sub(f" {about} ", part, count=1) if about else part)
        about = ""
    return found


def _sentences(text: str, quoted: list[tuple[int, int]]) -> list[tuple[int, int]]:
    parts, start = [], 0
    for stop in _SENTENCE_END.finditer(text):
        if not _inside(stop.start(), quoted):
            parts.append((start, stop.start()))
            start = stop.end()
    return [*parts, (start, len(text))]


def _parts(text: str, start: int, end: int, quoted: list[tuple[int, int]]) -> list[str]:
    parts: list[str] = []
    verb = ""
    for link in _LINK.finditer(text, start, end):
        if link.start() < start or _inside(link.start(), quoted):
            continue
        rest = text[link.end() : end]
        here = text[start : link.start()]
        if not re.search(r"\w", here) or not _begins(rest, here):
            continue
        parts.append(_with_verb(here, verb))
        verb = _verb_of(parts[-1]) or verb
        start = link.end()
    parts.append(_with_verb(text[start:end], verb))
    return [part.strip() for part in parts]


def _begins(rest: str, here: str) -> bool:
    """Whether a change of its own begins here."""
    start = _START.match(rest)
    if start is None:
        return False
    word = start[0].split()[0].lower()
    if word in ("with", "mit", "avec", "con"):
        return _WITH_SOUND.match(rest) is not None
    if word in ("in", "the", "a", "an") and re.match(r"\s*(?:add|replace)\b", here, re.IGNORECASE):
        # "add a shot of a girl and a cat in the rain": still the same shot.
        return (
            re.match(rf"(?:an?\s+|the\s+)?(?:\w+\s+){{0,2}}(?:{_THING})\b", rest, re.I) is not None
        )
    # "the first and second shot", "4 and 5 seconds": one change.
    return not re.search(rf"(?:{ORDINAL}|\d)$", here) or re.match(_VERB, rest, re.I) is not None


def _verb_of(part: str) -> str:
    found = _LEADING_VERB.match(part)
    return found["verb"] if found else ""


def _with_verb(part: str, verb: str) -> str:
    """ "add music and subtitles": the second thing is added too."""
    bare = re.match(rf"\s*(?:an?\s+|the\s+|some\s+)?(?:\w+\s+){{0,3}}(?:{_THING})\b", part, re.I)
    if verb and bare and not re.match(rf"\s*(?:{_VERB}|no|without|with)\b", part, re.I):
        return f"{verb} {part.strip()}"
    return part


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < at < end for start, end in spans)
