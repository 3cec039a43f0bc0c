"""Checking an input's value against its `jsonSchema`, without giving a stranger's schema our time.

Schemas are drawn up by template authors and run on our machine, so what can make checking endless
is not run at all: references, patterns over keys, and anything large. `pattern` is matched by
`graph.patterns`, whose time is linear, on texts of at most 1,000 characters; longer texts do not
match. A schema that is not run gives a warning with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema
from jsonschema import validators

from templates_app.graph import patterns

MAX_SCHEMA_NODES: Final = 300
MAX_VALUE_NODES: Final = 1_000
MAX_PATTERN_TEXT: Final = 1_000
MAX_DEPTH: Final = 16

# References can name remote addresses or themselves; key patterns are not matched by our matcher.
_REFUSED: Final = frozenset(
    {
        "$ref",
        "$dynamicRef",
        "$recursiveRef",
        "patternProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
    }
)


class Mismatch(Exception):
    """Why a value breaks the schema; reads on after the input's name."""


def why_unchecked(schema: Mapping[str, Any] | None) -> str:
    """Why values are not checked against this schema, or "" when they are."""
    if schema is None:
        return ""
    count = 0
    stack: list[tuple[Any, int]] = [(schema, 0)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_SCHEMA_NODES or depth > MAX_DEPTH:
            return "it is too large"
        if isinstance(node, Mapping):
            refused = _REFUSED.intersection(node)
            if refused:
                return f"it uses {min(refused)}"
            pattern = node.get("pattern")
            if isinstance(pattern, str):
                try:
                    _matcher(pattern)
                except patterns.Unsupported as bad:
                    return f"its pattern {bad}"
            stack.extend((part, depth + 1) for part in node.values())
        elif isinstance(node, list):
            stack.extend((part, depth + 1) for part in node)
    try:
        jsonschema.Draft7Validator.check_schema(schema)
    except jsonschema.SchemaError as bad:
        return f"it is not a valid schema ({bad.message[:120]})"
    except Exception as bad:  # The library's own limits, such as recursion.
        return f"it cannot be read ({type(bad).__name__})"
    return ""


def check(schema: Mapping[str, Any] | None, value: Any) -> str:
    """Check a value. Raises Mismatch; otherwise says why it was not checked, "" when it was."""
    if not schema:
        return ""
    unchecked = why_unchecked(schema)
    if unchecked:
        return unchecked
    if _count(value) > MAX_VALUE_NODES:
        return f"the value has more than {MAX_VALUE_NODES} parts"
    try:
        first = next(_Checker(schema).iter_errors(value), None)
    except Exception as bad:  # A user's schema must not break the start of a run.
        return f"it cannot be checked ({type(bad).__name__})"
    if first is not None:
        raise Mismatch(f"breaks its jsonSchema: {first.message[:200]}.")
    return ""


def _count(value: Any) -> int:
    count, stack = 0, [value]
    while stack and count <= MAX_VALUE_NODES:
        node = stack.pop()
        count += 1
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return count


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> patterns.Matcher:
    return patterns.compile_pattern(pattern)


def _check_pattern(
    validator: Any, pattern: Any, instance: Any, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    if not isinstance(instance, str) or not isinstance(pattern, str):
        return
    if len(instance) > MAX_PATTERN_TEXT:
        yield jsonschema.ValidationError(
            f"the text is longer than the {MAX_PATTERN_TEXT} characters a pattern is matched on"
        )
    elif not _matcher(pattern).search(instance):
        yield jsonschema.ValidationError(f"{instance[:60]!r} does not match {pattern[:80]!r}")


_Checker = validators.extend(jsonschema.Draft7Validator, {"pattern": _check_pattern})
