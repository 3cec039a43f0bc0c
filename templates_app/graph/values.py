"""The values of a template's inputs at the start of a run (contract §6.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.phrases import Phrase, RefusedValue, phrase, show
from templates_app.graph import json_schema
from templates_app.graph.evaluate import ElementScope, item_scope, medium_of
from templates_app.graph.issues import Issue, issue
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, read_url
from templates_app.graph.result_paths import MISSING, resolve
from templates_app.graph.spec import Input, Stage
from templates_app.graph.spec_values import MAX_TEXT, is_number
from templates_app.graph.types import DeferredRef, Limits, MediaRef, MediaValue

_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
_TRUTHS = {
    **dict.fromkeys(("true", "on", "yes", "1"), True),
    **dict.fromkeys(("false", "off", "no", "0"), False),
}
# The placeholder for a text that isn't written yet when a run is quoted.
STAND_IN: Final = "…"
# More values than this in one `multiple` input is a mistake.
MAX_VALUES = 1_000


@dataclass(slots=True)
class Values:
    """plain: values to write into arguments; media: positions among the run's media of that kind.

    An input without a value is in neither; it is in `refused` when that has an issue.
    """

    plain: dict[str, Any] = field(default_factory=dict)
    media: dict[str, tuple[int, ...]] = field(default_factory=dict)
    refused_names: set[str] = field(default_factory=set)


class BadValue(RefusedValue):
    """A value does not fit its input. why: reads on after the input's name."""


def read_values(
    inputs: Sequence[Input], body: Any, shelf: MediaShelf, limits: Limits
) -> tuple[Values, list[Issue]]:
    """Check what a start sends against the declared inputs. New media are put on the shelf.

    body: the request's `inputs`, any JSON value. Problems come back as issues; never raises.
    """
    values, issues = Values(), []
    arguments: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    if body is not None and not isinstance(body, Mapping):
        issues.append(
            issue("invalid_field", path="inputs", field="inputs", problem=phrase("must_be_object"))
        )
    by_name = {input_.name: input_ for input_ in inputs}
    budget = json_schema.Budget()
    for name, value in arguments.items():
        if name not in by_name or by_name[name].scope:
            issues.append(_unused_value(name, phrase("no_such_input")))
        elif by_name[name].internal and by_name[name].default is not None and value is not None:
            issues.append(_unused_value(name, phrase("hidden_input")))
    for input_ in inputs:
        is_hidden = input_.scope or (input_.internal and input_.default is not None)
        value = input_.default if is_hidden else arguments.get(input_.name)
        value = input_.default if value is None else value
        if value is None or (input_.multiple is not None and value == [] and not input_.required):
            if input_.required:
                values.refused_names.add(input_.name)
                issues.append(issue("missing_input", path=input_.path, name=input_.name))
            continue
        try:
            if input_.is_media:
                values.media[input_.name] = _read_media(input_, value, shelf, limits)
            else:
                values.plain[input_.name] = read_plain(input_, value)
                plain = values.plain[input_.name]
                reason = json_schema.check(input_.json_schema, plain, budget)
                if reason is not None:
                    issues.append(_not_checked(input_, reason))
        except (BadValue, json_schema.Mismatch) as bad:
            values.refused_names.add(input_.name)
            # An input of a template stage goes by the name that its author gave it.
            name = input_.path.rpartition("/")[2] if input_.scope else input_.name
            stage_id = input_.scope or None
            path = input_.path
            issues.append(
                issue(
                    "invalid_input_value", path=path, stage_id=stage_id, name=name, problem=bad.why
                )
            )
    return values, issues


def check_elements(batch: Stage, inputs: Sequence[Input], elements: Sequence[Any]) -> list[Issue]:
    """Check what each element of a batch gives for inputs of templates in it.

    inputs: those that take something of the element.
    """
    issues: list[Issue] = []
    budget = json_schema.Budget()
    for place, element in enumerate(elements):
        if element == STAND_IN:
            continue
        scope = ElementScope(item_scope(medium_of(element), place, batch.item_name))
        for input_ in inputs:
            value = resolve(DeferredRef((), input_.element), scope)
            try:
                _check_element(input_, None if value is MISSING else value, budget)
            except (BadValue, json_schema.Mismatch) as bad:
                issues.append(
                    issue(
                        "invalid_item_value",
                        path=input_.path,
                        stage_id=batch.id,
                        name=input_.path.rpartition("/")[2],
                        index=place,
                        number=place + 1,
                        problem=bad.why,
                    )
                )
    return issues


def _check_element(input_: Input, value: Any, budget: json_schema.Budget) -> None:
    """Check a value that is a part of an element. Raises BadValue or Mismatch."""
    value = input_.default if value is None else value
    if value is None:
        if not input_.is_optional:
            raise BadValue("value_missing")
    elif not input_.is_media:
        json_schema.check(input_.json_schema, read_plain(input_, value), budget)
    else:
        for one in _single_values(input_, value):
            # Whether an address leads to such a file shows when it is fetched.
            is_address = isinstance(one, str) and one.lower().startswith(("https://", "http://"))
            is_file = isinstance(one, MediaValue) and one.kind == input_.type
            if not is_address and not is_file:
                raise BadValue("value_url", kind=input_.type)


def check_declaration(input_: Input) -> list[Issue]:
    """Check an input's default and jsonSchema, before any run."""
    issues = []
    reason = json_schema.why_unchecked(input_.json_schema)
    if reason is not None:
        issues.append(_not_checked(input_, reason))
    if input_.default is None or (input_.type == "select" and not input_.options):
        return issues
    try:
        if input_.is_media:
            anything = Limits(allow_http=lambda host: True)
            for one in _single_values(input_, input_.default):
                _new_medium(input_, one, anything)
        else:
            json_schema.check(input_.json_schema, read_plain(input_, input_.default))
    except (BadValue, json_schema.Mismatch) as bad:
        issues.append(
            issue(
                "invalid_field",
                path=input_.path,
                field=f"{input_.path}/default",
                problem=phrase("default_does_not_fit", problem=bad.why),
            )
        )
    return issues


def read_plain(input_: Input, value: Any) -> Any:
    """A value of a text, number, select or boolean input, or a list of them. Raises BadValue."""
    if input_.multiple is None:
        return _read_one(input_, value)
    values = [_read_one(input_, one) for one in _single_values(input_, value)]
    if input_.type == "text":
        for number, text in enumerate(values, start=1):
            if not text.strip():
                raise BadValue("empty_item", number=number)
    return values


def _single_values(input_: Input, value: Any) -> list[Any]:
    """The single values; a lone value counts as a list of one where several are taken."""
    if input_.multiple is None:
        if isinstance(value, list):
            raise BadValue("one_value")
        return [value]
    items = [one for one in value if one is not None] if isinstance(value, list) else [value]
    low, high = input_.multiple.low, input_.multiple.high
    if len(items) < low:
        raise BadValue("too_few_values", low=low, count=len(items))
    if len(items) > min(MAX_VALUES if high is None else high, MAX_VALUES):
        most = MAX_VALUES if high is None else min(high, MAX_VALUES)
        raise BadValue("too_many_values", most=most, count=len(items))
    return items


def _read_one(input_: Input, value: Any) -> Any:
    if input_.type == "text":
        if not isinstance(value, str):
            raise BadValue("value_text", sent=value)
        if len(value) > MAX_TEXT:
            raise BadValue("must_have_at_most", limit=MAX_TEXT)
        return value
    if input_.type == "number":
        return _read_number(value)
    if input_.type == "boolean":
        truth = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(truth, bool):
            raise BadValue("value_flag", sent=value)
        return truth
    for option in input_.options:
        if option == value and isinstance(option, bool) == isinstance(value, bool):
            return option
    # Forms send text only: "2" chooses the option 2.
    for option in input_.options:
        if isinstance(value, str) and not isinstance(option, str) and show(option) == value.strip():
            return option
    options = tuple(show(option) for option in input_.options[:20])
    raise BadValue("value_option", allowed=options, sent=value)


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


def _read_media(input_: Input, value: Any, shelf: MediaShelf, limits: Limits) -> tuple[int, ...]:
    return tuple(_place(input_, one, shelf, limits) for one in _single_values(input_, value))


def _place(input_: Input, value: Any, shelf: MediaShelf, limits: Limits) -> int:
    """The position of one file among its kind; an address becomes a new one on the shelf."""
    kind = input_.type
    reference = value.get("mediaReference") if isinstance(value, Mapping) else None
    if isinstance(reference, str):
        place = shelf.place_of(kind, reference)
        if place is not None:
            return place
        raise BadValue("value_reference", reference=reference, kind=kind)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        count = shelf.brought.get(kind, 0)
        if value not in range(-count, 0):
            raise BadValue("value_position", kind=kind, count=count)
        return -int(value) - 1
    medium = _new_medium(input_, value, limits)
    # What is given to a template inside is no default of stages outside.
    return shelf.give(medium) if input_.scope else shelf.bring(medium)


def _new_medium(input_: Input, value: Any, limits: Limits) -> MediaRef:
    url = value.get("url") if isinstance(value, Mapping) else value
    if not isinstance(url, str) or not url.strip():
        raise BadValue("value_url", kind=input_.type)
    try:
        return read_url(input_.type, url, limits)  # type: ignore[arg-type]
    except UnusableAddress as bad:
        raise BadValue("value_unusable", why=bad.why) from None


def _unused_value(name: str, why: Phrase) -> Issue:
    return issue(
        "unknown_input_value", severity="warning", path=f"inputs/{show(name)}", name=name, why=why
    )


def _not_checked(input_: Input, why: Phrase) -> Issue:
    return issue(
        "json_schema_not_checked", severity="warning", path=input_.path, name=input_.name, why=why
    )
