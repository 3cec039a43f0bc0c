"""The form of a service: what is typed, as an entry of settings.PROVIDERS has it, and back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from core import errors
from tools.models import Service
from tools.providers import service_types
from tools.providers.form import Field, Form, ModelChoice
from tools.services import LONGEST_KEY, LONGEST_OPTIONS, SECRET_OPTIONS, Draft, secret_rule

# The kinds that are chosen most, before all others.
FIRST = ("openai", "comfyui", "comfy-router", "fal", "runway", "language-model")
# Says that a form had switches: with none of them on, their field isn't sent.
SWITCHES = "switches"
# Of a service's models, for each kind of them: others are typed.
MOST_TICKS = 100


@dataclass(frozen=True, slots=True)
class Switch:
    """A model of a kind's catalog, and whether the form offers it. proof: how far its price is
    proven, "" where it isn't."""

    choice: ModelChoice
    is_on: bool
    proof: str = ""


def all_kinds() -> list[tuple[str, str]]:
    """List the kinds that can be chosen, with their titles."""
    order = {kind: place for place, kind in enumerate(FIRST)}
    return sorted(
        ((kind, service_types.form_of(kind).title) for kind in service_types.names()),
        key=lambda one: (order.get(one[0], len(order)), one[1]),
    )


def form_of(kind: str) -> Form:
    return service_types.form_of(kind)


def parts_of(kind: str) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Return the fields of a kind, and after them those of its models."""
    fields = fields_of(kind)
    return (
        tuple(field for field in fields if not field.is_model),
        tuple(field for field in fields if field.is_model),
    )


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind: all but its name and the text of More settings."""
    return service_types.form_of(kind).fields


def typed(form: QueryDict, kind: str) -> dict[str, str]:
    """Return what was sent, with the values of switches as a list."""
    fields: dict[str, str] = {name: str(text) for name, text in form.items()}
    for field in service_types.form_of(kind).fields:
        # Of a list, what is typed and what is ticked below it.
        if field.is_switches or field.is_model:
            parts = [text for one in form.getlist(field.name) if (text := str(one).strip())]
            fields[field.name] = ", ".join(parts)
    return fields


def switches(
    kind: str, fields: Mapping[str, str], proofs: Mapping[str, str] | None = None
) -> list[Switch]:
    """Return the models of a kind, those that are on first and in their order. fields: what the
    form shows. proofs: by a model's name, how far its price is proven."""
    return [
        replace(one, proof=(proofs or {}).get(one.choice.name, ""))
        for one in _switches(kind, fields)
    ]


def _switches(kind: str, fields: Mapping[str, str]) -> list[Switch]:
    form = service_types.form_of(kind)
    if form.catalog is None:
        return []
    choices = form.catalog(fields)
    names = next((field.name for field in form.fields if field.is_switches), "")
    names_on = _list_of(fields.get(names, ""))
    if not names_on and SWITCHES not in fields:
        return [Switch(choice, choice.is_usual) for choice in choices]
    place = {name: number for number, name in enumerate(names_on)}

    def of(choice: ModelChoice) -> int:
        places = (place[name] for name in (choice.name, *choice.ids) if name in place)
        return min(places, default=len(place))

    in_order = sorted(choices, key=of)
    return [Switch(choice, of(choice) < len(place)) for choice in in_order]


def ticks(draft: Draft, models: Sequence[str]) -> list[tuple[Field, list[str]]]:
    """Return the fields of models, each with those of a service's that aren't typed there."""
    fields = [field for field in fields_of(draft.kind) if field.is_model and not field.is_switches]
    extras = (
        [name for name in dict.fromkeys(models) if name not in draft.options.get(field.name, ())]
        for field in fields
    )
    return [
        (field, names[:MOST_TICKS]) for field, names in zip(fields, extras, strict=True) if names
    ]


def secrets_of(kind: str) -> dict[str, str]:
    """The labels of a kind's fields that are sealed, by their names."""
    return {field.name: field.label for field in service_types.form_of(kind).secrets}


def on_page(kind: str, problem: str) -> str:
    """A problem that begins with an option's name, with the label of its field instead."""
    name, colon, rest = problem.partition(": ")
    labels = {field.name: field.label for field in fields_of(kind)}
    return f"{labels.get(name.lower(), name)}{colon}{rest}"


def typed_of(row: Service) -> dict[str, str]:
    """Return the texts of the form for a service that is there. Never its secrets."""
    fields = {"name": row.name, "kind": row.kind}
    remainder = dict(row.options)
    for field in fields_of(row.kind):
        if field.is_secret:
            continue
        value = remainder.pop(field.name, "")
        fields[field.name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    fields["more"] = "\n".join(
        f"{_bare(name)} = {_toml(value)}" for name, value in remainder.items()
    )
    return fields


def read(texts: Mapping[str, str], *, name: str, kind: str) -> Draft:
    """Read what was typed. Raises InvalidInput, which names the field."""
    if kind not in service_types.names():
        raise errors.InvalidInput("Kind: choose one of the list.")
    options: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for field in fields_of(kind):
        longest = LONGEST_KEY if field.is_secret else LONGEST_OPTIONS
        text = _text(texts, field.name, field.label, longest)
        if field.is_secret:
            secrets[field.name] = text
        elif field.is_list:
            parts = _list_of(text)
            if field.is_switches:
                parts = _models_to_store(parts, texts, kind)
            if parts:
                options[field.name] = parts
        elif text:
            options[field.name] = text
    options |= _more(texts, kind)
    return Draft(
        name=name,
        kind=kind,
        options=options,
        secrets={name: text for name, text in secrets.items() if text},
        drops=frozenset(name for name in secrets if texts.get(f"drops_{name}")),
    )


def _list_of(text: str) -> list[str]:
    parts = (part.strip() for part in text.replace("\n", ",").split(","))
    return list(dict.fromkeys(filter(None, parts)))


def _models_to_store(parts: list[str], texts: Mapping[str, str], kind: str) -> list[str]:
    """Return the models to store: none where they are the usual ones, which a later release may
    add to. Raises InvalidInput where all are off."""
    if SWITCHES not in texts:
        return parts
    if not parts:
        raise errors.InvalidInput("Models: turn on at least one.")
    form = service_types.form_of(kind)
    catalog: Sequence[ModelChoice] = form.catalog(texts) if form.catalog else ()
    return [] if parts == [one.name for one in catalog if one.is_usual] else parts


def check_complete(draft: Draft) -> None:
    """Raise InvalidInput where a field is empty that a service needs to do work."""
    for field in fields_of(draft.kind):
        if field.is_needed and not field.is_secret and not draft.options.get(field.name):
            raise errors.InvalidInput(f"{field.label}: enter one.")


def _more(fields: Mapping[str, str], kind: str) -> dict[str, Any]:
    text = _text(fields, "more", "More settings", LONGEST_OPTIONS)
    try:
        document = tomllib.loads(text)
        # Dates and endless numbers are TOML, and no setting has one.
        more: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
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


def _text(fields: Mapping[str, str], name: str, label: str, longest: int) -> str:
    text = str(fields.get(name, "")).strip()
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
