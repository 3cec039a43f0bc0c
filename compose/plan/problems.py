"""The reasons that settings are refused: for programs by path, for people as the page names them.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from core.errors import InvalidBody

# Of a text from outside as many problems are named.
_MOST_NAMED: Final = 8
_ROWS: Final = {"scenes": "Shot", "edits": "Step", "media": "Input", "open_texts": "Text input"}
# Labels that aren't the field's own name.
_LABELS: Final = {
    "kind": "Make",
    "shows": "What it shows",
    "scenes": "Shots",
    "edits": "What to do with it",
    "seconds": "Length",
    "aspect": "Format",
    "style": "Look",
    "sound": "Music",
    "sound.music_words": "Music style",
    "sound.speech": "Voice",
    "sound.spoken": "What it says",
    "sound.voice_words": "Voice style",
    "sound.effect_words": "Effects",
    "choice": "Ask first",
    "media": "Inputs",
    "open_texts": "Text inputs",
    "repeat": "Repeat for each",
    "replace": "Replace words",
}
# What is wrong, by the type of a validation's error, in the words of the page's own fields.
_SENTENCES: Final = {
    "too_long": "At most {max_length}.",
    "string_too_long": "Up to {max_length:,} characters.",
    "less_than_equal": "At most {le:g}.",
    "greater_than_equal": "At least {ge:g}.",
    "greater_than": "More than {gt:g}.",
    "literal_error": "Choose one that is offered.",
}
_UNKNOWN: Final = "Reload this page: it's of another release."


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason that settings can't be used. path: of the field, "scenes.2.text". message: for
    programs and models, without a point at the end. person: one sentence that names the field."""

    path: str
    message: str
    person: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.path, self.message)))


def refusal(
    why: str, sentence: str, problems: Sequence[Problem], *, remedy: str = ""
) -> InvalidBody:
    """Return the refusal of settings from outside. why: for programs. sentence: for people.
    remedy: of people, where no problem says it."""
    problems = problems[:_MOST_NAMED]
    issues = [{"path": one.path, "message": one.message} for one in problems]
    persons = dict.fromkeys(one.person for one in problems)
    return InvalidBody(
        " ".join([why, *(f"{one}." for one in problems)]),
        person=" ".join(filter(None, [sentence, *persons, remedy])),
        details={"issues": issues},
    )


def problems_of(error: ValidationError, document: Any) -> list[Problem]:
    """Return what is wrong with a document, each with its field but not its value."""
    row = row_name(document.get("kind") if isinstance(document, Mapping) else None)
    problems = []
    for one in error.errors(include_url=False):
        path, person, name = one["loc"], _UNKNOWN, one["type"]
        if path and name != "extra_forbidden":
            # Behind a validator of ours a text is measured as a list is.
            is_text = name == "too_long" and isinstance(one["input"], str)
            sentence = _SENTENCES.get("string_too_long" if is_text else name, "Set it again.")
            person = f"{_place(path, row)}: {sentence.format_map(one.get('ctx', {}))}"
        problems.append(Problem(".".join(map(str, path)), one["msg"], person))
    return problems


def row_name(kind: Any) -> str:
    """Return what a row of `scenes` is called. kind: what is made."""
    return "Image" if kind == "image" else _ROWS["scenes"]


def _place(path: Sequence[int | str], row: str) -> str:
    """Return what the page calls a field. row: what it calls a row of `scenes`."""
    name = str(path[0])
    if len(path) > 1 and name in _ROWS and isinstance(path[1], int):
        place = f"{row if name == 'scenes' else _ROWS[name]} {path[1] + 1}"
        field = next((str(one) for one in path[2:3]), "text")
        return place if field in ("text", "type") else f"{place}, {field.replace('_', ' ')}"
    whole = ".".join(map(str, path[:2]))
    return _LABELS.get(whole) or _LABELS.get(name) or name.replace("_", " ").capitalize()
