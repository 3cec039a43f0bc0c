"""A template's inputs as fields of a plain HTML form, and what such a form sends back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from core import errors

PREFIX = "input."
MEDIA = ("image", "video", "audio")


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a template. options: (value, label) of a select."""

    name: str
    type: str
    label: str
    required: bool
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_media(self) -> bool:
        return self.type in MEDIA

    @property
    def element(self) -> str:
        """The id of its HTML element within one form."""
        return f"{PREFIX}{self.name}"


def fields_of(spec: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> list[FormField]:
    """Fields for the inputs people are asked for. given: values to fill in again."""
    given = given or {}
    return [
        FormField(
            name=declared["name"],
            type=declared["type"],
            label=declared.get("description") or declared["name"],
            required=bool(declared.get("required")),
            value=str(given.get(declared["name"], declared.get("default", ""))),
            options=tuple(_option(option) for option in declared.get("options") or ()),
        )
        for declared in spec.get("inputs") or ()
        if not declared.get("internal")
    ]


def check_sent(sent: Mapping[str, str]) -> None:
    """Raise InvalidBody for what `core.jsonsafe` refuses in a JSON body too."""
    for name, text in sent.items():
        if "\x00" in name or "\x00" in text:
            raise errors.InvalidBody("The form holds a NUL character.")
        if len(text.encode()) > settings.JSON_STRING_LIMIT:
            raise errors.InvalidBody(
                f"A field of the form is longer than {settings.JSON_STRING_LIMIT:,} bytes."
            )


def read_inputs(spec: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, Any]:
    """The inputs of a start from a sent form. Empty fields are left out: their defaults hold."""
    values: dict[str, Any] = {}
    for field in fields_of(spec):
        text = sent.get(PREFIX + field.name, "").strip()
        if field.type == "boolean":
            values[field.name] = text in ("on", "true", "1")
        elif text:
            values[field.name] = text
    return values


def _option(option: Any) -> tuple[str, str]:
    if isinstance(option, Mapping):
        value = str(option.get("value", ""))
        return value, str(option.get("label") or value)
    return str(option), str(option)
