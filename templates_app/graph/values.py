"""The values of a template's inputs at the start of a run (contract §6.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.phrases import Phrase, RefusedValue, phrase, show
from templates_app.graph import json_schema
from templates_app.graph.issues import Issue, issue
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, read_url
from templates_app.graph.spec import MAX_TEXT, Input, is_number
from templates_app.graph.types import Limits, MediaRef

_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
_TRUTHS = {"true": True, "false": False}
# More values than this in one `multiple` input is a mistake.
MAX_VALUES = 1_000


@dataclass(slots=True)
class Values:
    """plain: values to write into arguments; media: positions among the run's media of that kind.

    An input without a value is in neither; it is in `refused` when that has an issue.
    """

    plain: dict[str, Any] = field(default_factory=dict)
    media: dict[str, tuple[int, ...]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class BadValue(RefusedValue):
    """A value does not fit its input. why: reads on after the input's name."""


def read_values(
    inputs: Sequence[Input], given: Any, shelf: MediaShelf, limits: Limits
) -> tuple[Values, list[Issue]]:
    """Check what a start sends against the declared inputs. New media are put on the shelf.

    given: the request's `inputs`, any JSON value. Problems come back as issues; never raises.
    """
    values, issues = Values(), []
    sent: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    if given is not None and not isinstance(given, Mapping):
        issues.append(
            issue("invalid_field", path="inputs", field="inputs", problem=phrase("must_be_object"))
        )
    declared = {known.name: known for known in inputs}
    budget = json_schema.Budget()
    for name, value in sent.items():
        if name not in declared:
            issues.append(_unused(name, phrase("no_such_input")))
        elif declared[name].internal and declared[name].default is not None and value is not None:
            issues.append(_unused(name, phrase("hidden_input")))
    for known in inputs:
        value = known.default if known.internal and known.default is not None else None
        value = sent.get(known.name) if value is None else value
        value = known.default if value is None else value
        if value is None or (known.multiple is not None and value == [] and not known.required):
            if known.required:
                values.refused.add(known.name)
                issues.append(issue("missing_input", path=known.path, name=known.name))
            continue
        try:
            if known.is_media:
                values.media[known.name] = _read_media(known, value, shelf, limits)
            else:
                values.plain[known.name] = read_plain(known, value)
                plain = values.plain[known.name]
                unchecked = json_schema.check(known.json_schema, plain, budget)
                if unchecked is not None:
                    issues.append(_not_checked(known, unchecked))
        except (BadValue, json_schema.Mismatch) as bad:
            values.refused.add(known.name)
            issues.append(
                issue("invalid_input_value", path=known.path, name=known.name, problem=bad.why)
            )
    return values, issues


def check_declaration(known: Input) -> list[Issue]:
    """What is wrong with an input's default and jsonSchema, before any run."""
    issues = []
    unchecked = json_schema.why_unchecked(known.json_schema)
    if unchecked is not None:
        issues.append(_not_checked(known, unchecked))
    if known.default is None or (known.type == "select" and not known.options):
        return issues
    try:
        if known.is_media:
            anything = Limits(allow_http=lambda host: True)
            for one in _listed(known, known.default):
                _new_medium(known, one, anything)
        else:
            json_schema.check(known.json_schema, read_plain(known, known.default))
    except (BadValue, json_schema.Mismatch) as bad:
        issues.append(
            issue(
                "invalid_field",
                path=known.path,
                field=f"{known.path}/default",
                problem=phrase("default_does_not_fit", problem=bad.why),
            )
        )
    return issues


def read_plain(known: Input, value: Any) -> Any:
    """A value of a text, number, select or boolean input, or a list of them. Raises BadValue."""
    if known.multiple is None:
        return _read_one(known, value)
    return [_read_one(known, one) for one in _listed(known, value)]


def _listed(known: Input, value: Any) -> list[Any]:
    """The single values; a lone value counts as a list of one where several are taken."""
    if known.multiple is None:
        if isinstance(value, list):
            raise BadValue("one_value")
        return [value]
    items = [one for one in value if one is not None] if isinstance(value, list) else [value]
    low, high = known.multiple.low, known.multiple.high
    if len(items) < low:
        raise BadValue("too_few_values", low=low, count=len(items))
    if len(items) > min(MAX_VALUES if high is None else high, MAX_VALUES):
        most = MAX_VALUES if high is None else min(high, MAX_VALUES)
        raise BadValue("too_many_values", most=most, count=len(items))
    return items


def _read_one(known: Input, value: Any) -> Any:
    if known.type == "text":
        if not isinstance(value, str):
            raise BadValue("value_text", sent=value)
        if len(value) > MAX_TEXT:
            raise BadValue("must_have_at_most", limit=MAX_TEXT)
        return value
    if known.type == "number":
        return _read_number(value)
    if known.type == "boolean":
        truth = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(truth, bool):
            raise BadValue("value_flag", sent=value)
        return truth
    for option in known.options:
        if option == value and isinstance(option, bool) == isinstance(value, bool):
            return option
    # Forms send text only: "2" chooses the option 2.
    for option in known.options:
        if isinstance(value, str) and not isinstance(option, str) and show(option) == value.strip():
            return option
    allowed = tuple(show(option) for option in known.options[:20])
    raise BadValue("value_option", allowed=allowed, sent=value)


def _read_number(value: Any) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value.strip())
        if value.is_integer() and abs(value) < 2**53:
            value = int(value)
    if not is_number(value):
        raise BadValue("value_number", sent=value)
    number: int | float = value
    return number


# -- media ----------------------------------------------------------------------------------------


def _read_media(known: Input, value: Any, shelf: MediaShelf, limits: Limits) -> tuple[int, ...]:
    return tuple(_place(known, one, shelf, limits) for one in _listed(known, value))


def _place(known: Input, value: Any, shelf: MediaShelf, limits: Limits) -> int:
    """The position of one file among its kind; an address becomes a new one on the shelf."""
    kind = known.type
    wanted = value.get("mediaReference") if isinstance(value, Mapping) else None
    if isinstance(wanted, str):
        place = shelf.place_of(kind, wanted)
        if place is not None:
            return place
        raise BadValue("value_reference", reference=wanted, kind=kind)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        count = shelf.brought.get(kind, 0)
        if value not in range(-count, 0):
            raise BadValue("value_position", kind=kind, count=count)
        return -int(value) - 1
    return shelf.bring(_new_medium(known, value, limits))


def _new_medium(known: Input, value: Any, limits: Limits) -> MediaRef:
    url = value.get("url") if isinstance(value, Mapping) else value
    if not isinstance(url, str) or not url.strip():
        raise BadValue("value_url", kind=known.type)
    try:
        return read_url(known.type, url, limits)  # type: ignore[arg-type]
    except UnusableAddress as bad:
        raise BadValue("value_unusable", why=bad.why) from None


def _unused(name: str, why: Phrase) -> Issue:
    return issue(
        "unknown_input_value", severity="warning", path=f"inputs/{show(name)}", name=name, why=why
    )


def _not_checked(known: Input, why: Phrase) -> Issue:
    return issue(
        "json_schema_not_checked", severity="warning", path=known.path, name=known.name, why=why
    )
