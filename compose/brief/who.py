"""Who acts in scenes that name it only once: "a girl finds a key, opens a door". Pure.

An image is made of one scene's words alone, so each scene says who is seen. English only: other
languages would need their own grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from compose.brief.clean import one_of

_NAMES = re.compile(
    r"((?:an?|the|my|our|two|three) (?:[\w'-]+ ){0,2}?[\w'-]+) ([a-z]{2,}[^s\W]s)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"(?:it|he|she) (?=[a-z]+s\b)", re.IGNORECASE)
_VERB = re.compile(
    r"[a-z]{2,}[^s\W]s (?=(?:an?|the|his|her|its|my|in|into|on|at|to|home|up|away|back)\b)",
    re.IGNORECASE,
)
_NO_VERBS = one_of("shots scenes frames panels details hands eyes hills lots pans rows piles")


def with_who(texts: Sequence[str], subject: str) -> list[str]:
    """The texts, each with who acts in it. subject: who it is where only a pronoun names it."""
    named = _NAMES.match(texts[0]) if texts else None
    who = named[1] if named else subject
    who = re.sub(r"^(?:an?|the) ", "the ", who, flags=re.IGNORECASE)
    if not who or len(who.split()) > 5 or "." in who or "," in who:
        return list(texts)
    if not named and not (texts and _PRONOUN.match(texts[0])):
        return list(texts)
    return [_with(text, who, is_first=not at and bool(named)) for at, text in enumerate(texts)]


def _with(text: str, who: str, *, is_first: bool) -> str:
    pronoun = None if is_first else _PRONOUN.match(text)
    if pronoun:
        return f"{who[:1].upper()}{who[1:]} {text[pronoun.end() :]}"
    verb = None if is_first else _VERB.match(text)
    if verb and verb[0].strip().lower() not in _NO_VERBS:
        return f"{who[:1].upper()}{who[1:]} {text[:1].lower()}{text[1:]}"
    return text
