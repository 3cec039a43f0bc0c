"""The form of a service: what is typed, as an entry of settings.PROVIDERS has it, and back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from core import errors
from tools.models import Service
from tools.providers import kinds
from tools.providers.form import Field
from tools.services import LONGEST_KEY, LONGEST_OPTIONS, SECRET_OPTIONS, Draft, secret_rule

# The kinds that are chosen most, before all others.
FIRST = ("openai", "comfyui", "language-model")


def all_kinds() -> list[tuple[str, str]]:
    """What can be chosen, with its title."""
    order = {kind: place for place, kind in enumerate(FIRST)}
    return sorted(
        ((kind, kinds.form_of(kind).title) for kind in kinds.names()),
        key=lambda one: (order.get(one[0], len(order)), one[1]),
    )


def parts_of(kind: str) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the fields of a kind, and after them those of its models."""
    fields = fields_of(kind)
    return (
        tuple(field for field in fields if not field.is_model),
        tuple(field for field in fields if field.is_model),
    )


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind: all but its name and the text of More settings."""
    return kinds.form_of(kind).fields


def secrets_of(kind: str) -> dict[str, str]:
    """The labels of a kind's fields that are sealed, by their names."""
    return {field.name: field.label for field in kinds.form_of(kind).secrets}


def on_page(kind: str, problem: str) -> str:
    """A problem that begins with an option's name, with the label of its field instead."""
    name, colon, rest = problem.partition(": ")
    labels = {field.name: field.label for field in fields_of(kind)}
    return f"{labels.get(name.lower(), name)}{colon}{rest}"


def typed_of(row: Service) -> dict[str, str]:
    """What the form shows of a service that is there. Never its secrets."""
    shown = {"name": row.name, "kind": row.kind}
    left = dict(row.options)
    for field in fields_of(row.kind):
        if field.is_secret:
            continue
        value = left.pop(field.name, "")
        shown[field.name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    shown["more"] = "\n".join(f"{_bare(name)} = {_toml(value)}" for name, value in left.items())
    return shown


def read(given: Mapping[str, str], *, name: str, kind: str) -> Draft:
    """What was typed. Raises InvalidInput, which names the field."""
    if kind not in kinds.names():
        raise errors.InvalidInput("Kind: choose one of the list.")
    options: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for field in fields_of(kind):
        longest = LONGEST_KEY if field.is_secret else LONGEST_OPTIONS
        text = _text(given, field.name, field.label, longest)
        if field.is_secret:
            secrets[field.name] = text
        elif field.is_list:
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
        secrets={name: text for name, text in secrets.items() if text},
        drops=frozenset(name for name in secrets if given.get(f"drops_{name}")),
    )


def check_complete(draft: Draft) -> None:
    """Raise InvalidInput where a field is empty that a service needs to do work."""
    for field in fields_of(draft.kind):
        if field.is_needed and not field.is_secret and not draft.options.get(field.name):
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
    secrets = secrets_of(kind)
    for name in more:
        if name in SECRET_OPTIONS or name in secrets:
            rule = secret_rule(name, secrets).removeprefix("it ")
            raise errors.InvalidInput(f"More settings: {name} {rule}")
        if name in own:
            raise errors.InvalidInput(f"More settings: {name} has a field of its own, {own[name]}.")
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
