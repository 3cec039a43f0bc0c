"""Checking an input's value against its `jsonSchema`, without giving an outsider's schema our time.

Schemas are drawn up by template authors and run on our machine, so what can make checking endless
is not run at all: references, patterns over keys, and anything large. `pattern` is matched by
RE2 (`graph.safe_regex`), whose time is linear, on texts of at most 1,000 characters; longer texts
do not match. A schema that is not run gives a warning with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema
from jsonschema import validators

from core.phrases import Phrase, RefusedValue, phrase
from templates_app.graph import safe_regex

MAX_SCHEMA_NODES: Final = 100
MAX_VALUE_NODES: Final = 300
MAX_PATTERN_TEXT: Final = 1_000
MAX_DEPTH: Final = 16

# References can name remote addresses or themselves; key patterns are not matched by our matcher.
_REFUSED_KEYWORDS: Final = frozenset(
    {
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "patternProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
    }
)


class Mismatch(RefusedValue):
    """A value breaks the schema. why: reads on after the input's name."""


def why_unchecked(schema: Mapping[str, Any] | None) -> Phrase | None:
    """Say why values are not checked against this schema; None when they are."""
    if schema is None:
        return None
    count = 0
    stack: list[tuple[Any, int]] = [(schema, 0)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_SCHEMA_NODES or depth > MAX_DEPTH:
            return phrase("schema_too_large")
        if isinstance(node, Mapping):
            keywords = _REFUSED_KEYWORDS.intersection(node)
            if keywords:
                return phrase("schema_uses", keyword=min(keywords))
            pattern = node.get("pattern")
            if isinstance(pattern, str):
                try:
                    safe_regex.compile_pattern(pattern)
                except safe_regex.Unsupported as bad:
                    return phrase("schema_pattern", problem=str(bad))
            stack.extend((part, depth + 1) for part in node.values())
        elif isinstance(node, list):
            stack.extend((part, depth + 1) for part in node)
    try:
        jsonschema.Draft7Validator.check_schema(schema)
    except jsonschema.SchemaError as bad:
        return phrase("schema_invalid", problem=bad.message[:120])
    except Exception as bad:  # The library's own limits, such as recursion.
        return phrase("schema_unreadable", kind=type(bad).__name__)
    return None


class _TooMuchWork(Exception):
    """The patterns of one start have taken all the time they get."""


class Budget:
    """The work that all the schemas of one start may take together: less than a second."""

    def __init__(self) -> None:
        self.pairs = 20_000  # parts of schemas × parts of values
        self.pattern_steps = 200_000_000  # instructions of patterns × characters, about 1 ns each

    def match(self, pattern: str, text: str) -> bool:
        """Tell whether the pattern is found in the text. Raises _TooMuchWork."""
        expression = safe_regex.compile_pattern(pattern)
        self.pattern_steps -= expression.programsize * (len(text) + 1)
        if self.pattern_steps < 0:
            raise _TooMuchWork
        return expression.search(text) is not None


def check(
    schema: Mapping[str, Any] | None, value: Any, budget: Budget | None = None
) -> Phrase | None:
    """Check a value. Raises Mismatch; else returns why it was not checked, None when it was."""
    if not schema:
        return None
    reason = why_unchecked(schema)
    if reason:
        return reason
    budget = budget or Budget()
    parts = _count(value, MAX_VALUE_NODES)
    if parts > MAX_VALUE_NODES:
        return phrase("value_too_large", limit=MAX_VALUE_NODES)
    budget.pairs -= parts * _count(schema, MAX_SCHEMA_NODES)
    if budget.pairs < 0:
        return phrase("checks_take_too_long")
    try:
        first = next(_checker(budget)(schema).iter_errors(value), None)
    except _TooMuchWork:
        return phrase("pattern_takes_too_long")
    except Exception as bad:  # A user's schema must not break the start of a run.
        return phrase("schema_failed", kind=type(bad).__name__)
    if first is not None:
        raise Mismatch("breaks_schema", problem=first.message[:200])
    return None


def _count(value: Any, most: int) -> int:
    """The parts of a JSON value, counted up to one more than `most`."""
    count, stack = 0, [value]
    while stack and count <= most:
        node = stack.pop()
        count += 1
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return count


def _checker(budget: Budget) -> Any:
    """Draft 7, its patterns matched by RE2 within the budget."""

    def check_pattern(
        validator: Any, pattern: Any, instance: Any, schema: Any
    ) -> Iterator[jsonschema.ValidationError]:
        if not isinstance(instance, str) or not isinstance(pattern, str):
            return
        if len(instance) > MAX_PATTERN_TEXT:
            yield jsonschema.ValidationError(
                f"the text is longer than the {MAX_PATTERN_TEXT} characters a pattern is matched on"
            )
        elif not budget.match(pattern, instance):
            yield jsonschema.ValidationError(f"{instance[:60]!r} does not match {pattern[:80]!r}")

    return validators.extend(jsonschema.Draft7Validator, {"pattern": check_pattern})
