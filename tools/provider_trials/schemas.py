"""Comparison of what a row of a table sends with what its service says that it takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ProviderError
from tools.provider_trials.openapi import Part, body_of
from tools.providers.makers.body import Missing, build, values_sent
from tools.providers.makers.dialect import Client, Dialect
from tools.providers.makers.slot_tables import MEDIA_SLOTS
from tools.providers.makers.slots import Slots
from tools.providers.makers.table import Offered, Place

# Slots that functions of bodies don't mix with others.
_FRAMES = frozenset({"start", "end"})
# So many values of a list are shown.
_MOST = 12


@dataclass(frozen=True, slots=True)
class SentField:
    """path: such as `content[].text`. values: all that it may be; None: others, too. low, high:
    bounds of a number."""

    path: str
    values: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None

    @property
    def parts(self) -> list[str]:
        return self.path.replace("[]", ".[]").split(".")


@dataclass(frozen=True, slots=True)
class Comparison:
    """id: of the model at its service. is_published: whether it has a schema of it; problem: why
    that isn't known. differences: of what is sent from what is taken. notes: what could be sent
    beside it."""

    id: str
    is_published: bool
    differences: Sequence[str] = ()
    notes: Sequence[str] = ()
    problem: str = ""


def compare(dialect: Dialect, client: Client, offer: Offered) -> list[Comparison]:
    """Compare a row with the schema of each of its ids."""
    comparisons = []
    for slot, id in {"": offer.place.id, **offer.place.id_with}.items():
        try:
            comparisons.append(comparison(offer, slot, id, dialect.schema(client, id)))
        except ProviderError as problem:
            comparisons.append(Comparison(id, False, problem=problem.message))
    return comparisons


def comparison(
    offer: Offered, slot: str, id: str, document: Mapping[str, Any] | None
) -> Comparison:
    """Compare the requests of a row that have a slot, "" for those without an id of their own, with
    the OpenAPI document of their model."""
    body = body_of(document) if document is not None else None
    if body is None:
        return Comparison(id, False)
    fields = list(_fields(offer.place, offer.row.title, slot))
    differences, notes = list(_missing(body, fields)), list[str]()
    for field in fields:
        _check(body, field, differences, notes)
    return Comparison(id, True, differences, notes)


def words_of(one: Comparison) -> str:
    """Return what a comparison says, as a sentence."""
    if one.problem:
        return f"{one.id}: {one.problem}"
    if not one.is_published:
        return f"{one.id}: it publishes no schema."
    says = "; ".join((*one.differences, *one.notes)) or "its fields and ours are the same"
    return f"{one.id}: {says}."


def _fields(place: Place, title: str, slot: str) -> Iterator[SentField]:
    """Yield what requests send that have this slot; "": none of those with an id of their own."""
    left_out = frozenset(place.id_with) - {slot}
    for path, value in place.values():
        if value.slot not in left_out:
            bounds = place.seconds if value.slot == "seconds" else None
            low, high = bounds or (value.least, value.most)
            values = values_sent(value, slot)
            # Files in a list are counted by `most`.
            is_number = value.slot not in MEDIA_SLOTS and value.format in ("", "int")
            is_open = is_number and values is None
            yield SentField(path, values, *((low, high) if is_open else (None, None)))
    if place.function:
        by_table = {path for path, _ in place.values()}
        bodies = _bodies(place, title, place.media_slots - left_out)
        leaf_paths = dict.fromkeys(path for body in bodies for path in _leaves(body))
        yield from (SentField(path) for path in leaf_paths if path not in by_table)


def _bodies(place: Place, title: str, media: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """Yield bodies of requests with all files, with those that don't go with frames, with none."""
    for slots in (media, media - _FRAMES, frozenset[str]()):
        files = dict.fromkeys(slots, (None,))
        try:
            yield build(
                place.model_copy(update={"needs": ()}),
                title,
                Slots({"prompt": title}, files, {}),
                lambda file, slot, encoding: slot,
            ).fields
        except Missing:
            continue


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, f"{path}[]")
    else:
        yield path


def _missing(body: Part, fields: Sequence[SentField]) -> Iterator[str]:
    """Yield the fields that are required and never sent, of the body and the objects in it."""
    paths = [field.parts for field in fields]
    for depth in range(max(map(len, paths), default=1)):
        for parent in dict.fromkeys(tuple(one[:depth]) for one in paths if len(one) > depth):
            part = _at(body, parent)
            names = frozenset(one[depth] for one in paths if tuple(one[:depth]) == parent)
            for name in part.missing(names) if part is not None else ():
                path = ".".join((*parent, name)).replace(".[]", "[]")
                yield f"it requires {path}, which is never sent"


def _check(body: Part, field: SentField, differences: list[str], notes: list[str]) -> None:
    part = _at(body, field.parts)
    if part is None:
        differences.append(f"it doesn't know {field.path}")
        return
    choices = part.choices
    if choices is not None and field.values is not None:
        if wrong := [one for one in field.values if one not in choices]:
            differences.append(
                f"{field.path} is sent as {_listing(wrong)}, and it takes {_listing(choices)}"
            )
        if more := [one for one in choices if one not in field.values]:
            notes.append(f"{field.path} may be {_listing(more)}, too")
    low, high = part.limit("minimum"), part.limit("maximum")
    if low is not None and field.low is not None and field.low < low:
        differences.append(f"{field.path} is sent from {field.low:g}, and it takes {low:g} or more")
    if high is not None and field.high is not None and field.high > high:
        differences.append(f"{field.path} is sent up to {field.high:g}, and it takes {high:g}")


def _at(body: Part, parts: Iterable[str]) -> Part | None:
    part: Part | None = body
    for name in parts:
        part = part.child(name) if part is not None else None
    return part


def _listing(values: Sequence[Any]) -> str:
    listing = ", ".join(json.dumps(one) for one in values[:_MOST])
    return listing if len(values) <= _MOST else f"{listing} and {len(values) - _MOST} more"
