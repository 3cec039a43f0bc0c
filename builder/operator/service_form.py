"""The form of a service: what is typed, as an entry of settings.PROVIDERS has it, and back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import errors
from tools.models import Service
from tools.providers import kinds
from tools.services import LONGEST_KEY, LONGEST_OPTIONS, SECRET_OPTIONS, Draft

TITLES = {"openai": "OpenAI-compatible", "comfyui": "ComfyUI", "language-model": "Language model"}


@dataclass(frozen=True, slots=True)
class Field:
    """name: of the option. is_list: several, separated by commas. example: shown while empty.
    is_listed: a service that was tried says which values there are."""

    name: str
    label: str
    help: str = ""
    example: str = ""
    is_list: bool = False
    is_needed: bool = False
    is_listed: bool = False


def _models(name: str, label: str, example: str, help_text: str = "") -> Field:
    return Field(name, label, help_text, example, is_list=True)


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "openai": (
        Field("title", "Title", "What people see in place of the name.", "OpenAI"),
        Field(
            "base_url",
            "URL",
            "Leave it empty for OpenAI itself.",
            "https://api.openai.com/v1",
        ),
    ),
    "comfyui": (
        Field(
            "urls",
            "URL",
            "Several equal servers: separated by commas.",
            "http://127.0.0.1:8188",
            is_list=True,
            is_needed=True,
        ),
        Field("graphs", "Folder of graphs", "In the server's data folder.", "comfyui"),
    ),
    "language-model": (
        Field("title", "Title", "What operators see in place of the name.", "OpenAI"),
        Field(
            "base_url",
            "URL",
            "Of OpenAI's chat completions. Leave it empty for OpenAI itself.",
            "http://127.0.0.1:11434/v1",
        ),
        Field(
            "model",
            "Model",
            "As the service calls it. Try it lists what there is.",
            "gpt-4o-mini",
            is_needed=True,
            is_listed=True,
        ),
    ),
}
# After the key.
MODELS: Mapping[str, tuple[Field, ...]] = {
    "openai": (
        _models("images", "Image models", "gpt-image-1"),
        _models("edits", "Models that edit images", "gpt-image-1"),
        _models("speech", "Speech models", "gpt-4o-mini-tts"),
        _models(
            "chat", "Models that see images", "gpt-4o-mini", "For describing and checking images."
        ),
        _models("videos", "Video models", "sora-2"),
    ),
}
OTHER = (Field("url", "URL", is_needed=True),)


def all_kinds() -> list[tuple[str, str]]:
    """What can be chosen, with its title."""
    order = {kind: place for place, kind in enumerate(TITLES)}
    return sorted(
        ((kind, TITLES.get(kind, kind)) for kind in kinds.names()),
        key=lambda one: (order.get(one[0], len(order)), one[1]),
    )


def parts_of(kind: str) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the fields of a kind before the key, and after it those of its models."""
    return FIELDS.get(kind, OTHER), MODELS.get(kind, ())


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind: all but its name, its key and the text of More settings."""
    before, models = parts_of(kind)
    return before + models


def on_page(kind: str, problem: str) -> str:
    """A problem that begins with an option's name, with the label of its field instead."""
    name, colon, rest = problem.partition(": ")
    labels = {field.name: field.label for field in fields_of(kind)}
    return f"{labels.get(name.lower(), name)}{colon}{rest}"


def typed_of(row: Service) -> dict[str, str]:
    """What the form shows of a service that is there. Never its key."""
    shown = {"name": row.name, "kind": row.kind}
    left = dict(row.options)
    for field in fields_of(row.kind):
        value = left.pop(field.name, "")
        shown[field.name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    shown["more"] = "\n".join(f"{_bare(name)} = {_toml(value)}" for name, value in left.items())
    return shown


def read(given: Mapping[str, str], *, name: str, kind: str) -> Draft:
    """What was typed. Raises InvalidInput, which names the field."""
    if kind not in kinds.names():
        raise errors.InvalidInput("Kind: choose one of the list.")
    options: dict[str, Any] = {}
    for field in fields_of(kind):
        text = _text(given, field.name, field.label, LONGEST_OPTIONS)
        if field.is_list:
            parts = [part.strip() for part in text.replace("\n", ",").split(",")]
            if listed := list(dict.fromkeys(filter(None, parts))):
                options[field.name] = listed
        elif text:
            options[field.name] = text
    options |= _more(given, kind)
    return Draft(
        name=name,
        kind=kind,
        options=options,
        key=_text(given, "key", "Key", LONGEST_KEY),
        drops_key=bool(given.get("drops_key")),
    )


def check_complete(draft: Draft) -> None:
    """Raise InvalidInput where a field is empty that a service needs to do work."""
    for field in fields_of(draft.kind):
        if field.is_needed and not draft.options.get(field.name):
            raise errors.InvalidInput(f"{field.label}: enter one.")


def _more(given: Mapping[str, str], kind: str) -> dict[str, Any]:
    text = _text(given, "more", "More settings", LONGEST_OPTIONS)
    try:
        read = tomllib.loads(text)
        # Dates and endless numbers are TOML, and no setting has one.
        more: dict[str, Any] = json.loads(json.dumps(read, allow_nan=False))
    except (ValueError, TypeError):
        # Without the line: it may hold a key.
        raise errors.InvalidInput(
            "More settings: write them as in the providers file, such as poll_s = 5."
        ) from None
    own = {field.name: field.label for field in fields_of(kind)} | {"kind": "Kind"}
    for name in more:
        if name in own:
            raise errors.InvalidInput(f"More settings: {name} has a field of its own, {own[name]}.")
        if name in SECRET_OPTIONS:
            raise errors.InvalidInput(
                f"More settings: {name} can hold a secret, so it's only for the providers file."
                " Type the key into its own field."
            )
    return more


def _text(given: Mapping[str, str], name: str, label: str, longest: int) -> str:
    text = str(given.get(name, "")).strip()
    if "\x00" in text:
        raise errors.InvalidInput(f"{label}: it has characters that can't be used.")
    if len(text) > longest:
        raise errors.InvalidInput(f"{label}: at most {longest:,} characters.")
    return text


def _toml(value: Any) -> str:
    """A value as TOML has it in one line: JSON, but for how tables are written."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_bare(name)} = {_toml(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _bare(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
