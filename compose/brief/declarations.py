"""Inputs that a brief declares: "Inputs: city (text), mood (select: calm, wild)". Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.brief.open_texts import slug
from compose.language import TABLES
from core.language.cleaning import fold

_LEADS: Final = TABLES.words("open_texts", "declaration_leads")
_TYPES: Final = {
    word: kind
    for kind in ("text", "number", "boolean", "image", "video", "audio", "select")
    for word in TABLES.words("open_texts", f"type_{kind}")
}
_LEAD: Final = re.compile(r"([^\W\d_]{4,12})\s?:?\s+(?=[^\W\d_][\w -]{0,40}\s?\([^()]{1,200}\))")
_INPUT: Final = re.compile(r"([^\W\d_][\w -]{0,40}?)\s?\(([^\W\d_]{2,12})(?::\s?([^()]{1,200}))?\)")
_BETWEEN: Final = re.compile(r"\s*(?:,|;|and\b|und\b|et\b|y\b|\n)\s*(?:(?:and|und|et|y)\s)?-?\s*")
_BEFORE: Final = re.compile(r"(?:\b(?:with|mit|avec|con)(?:\s(?:the|den|les|las))?\s)$", re.I)
_MOST: Final = 20


def declared_inputs(text: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return a brief without the list of its inputs, and those as public declarations.

    A word in parentheses that is no type declares nothing: "a fox (red)".
    """
    for lead in _LEAD.finditer(text):
        if fold(lead[1]) not in _LEADS:
            continue
        declarations, end = _list_at(text, lead.end())
        if declarations:
            before = _BEFORE.sub("", text[: lead.start()]).rstrip()
            rest = text[end:].lstrip(" .,;\n")
            return f"{before} {rest}".strip(), declarations
    return text, ()


def _list_at(text: str, at: int) -> tuple[tuple[dict[str, Any], ...], int]:
    """Return the inputs that are listed from a position on, and where their list ends."""
    declarations: dict[str, dict[str, Any]] = {}
    end = at
    while len(declarations) < _MOST and (match := _INPUT.match(text, at)):
        kind = _TYPES.get(fold(match[2]))
        if kind is None:
            break
        name = slug(match[1])
        declarations[name] = _declaration(name, match[1].strip(), kind, match[3] or "")
        end = match.end()
        between = _BETWEEN.match(text, end)
        if between is None:
            break
        at = between.end()
    return tuple(declarations.values()), end


def _declaration(name: str, title: str, kind: str, values: str) -> dict[str, Any]:
    words = title.replace("_", " ")
    declaration: dict[str, Any] = {
        "name": name,
        "type": kind,
        "required": True,
        "description": words[:1].upper() + words[1:],
    }
    options = [value.strip() for value in re.split(r"[,|/;]", values) if value.strip()]
    if kind == "select" and not options:
        declaration["type"] = "text"
    if kind == "select" and options:
        declaration["options"] = [
            {"value": value, "label": value[:1].upper() + value[1:]} for value in options
        ]
    return declaration
