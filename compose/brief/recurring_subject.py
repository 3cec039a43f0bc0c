"""The subject of scenes that name it only once: "a girl finds a key, opens a door". Pure.

An image is made of one scene's words alone, so each scene says who is seen. English only: other
languages would need their own grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from compose.language import TABLES
from core.language.sentences import capital

_WORDS = TABLES.subject("framing")

_NAMES = re.compile(
    r"((?:an?|the|my|our|two|three) (?:[\w'-]+ ){0,2}?[\w'-]+) ([a-z]{2,}[^s\W]s)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"(?:it|he|she) (?=[a-z]+s\b)", re.IGNORECASE)
_VERB = re.compile(
    r"[a-z]{2,}[^s\W]s (?=(?:an?|the|his|her|its|my|in|into|on|at|to|home|up|away|back)\b)",
    re.IGNORECASE,
)


def with_who(texts: Sequence[str], subject: str) -> list[str]:
    """Return the texts, each with who acts in it. subject: who it is where only a pronoun names
    it."""
    if not texts:
        return []
    name = _NAMES.match(texts[0])
    who = re.sub(r"^(?:an?|the) ", "the ", name[1] if name else subject, flags=re.IGNORECASE)
    is_name = 0 < len(who.split()) <= 5 and "." not in who and "," not in who
    if not is_name or not (name or _PRONOUN.match(texts[0])):
        return list(texts)
    first = [texts[0]] if name else []
    return first + [_with(text, capital(who)) for text in texts[len(first) :]]


def _with(text: str, who: str) -> str:
    if pronoun := _PRONOUN.match(text):
        return f"{who} {text[pronoun.end() :]}"
    verb = _VERB.match(text)
    if verb and verb[0].strip().lower() not in _WORDS["no_verbs"]:
        return f"{who} {text[:1].lower()}{text[1:]}"
    return text
