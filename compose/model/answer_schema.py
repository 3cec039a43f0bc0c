"""Declaring what a model is asked to answer. Pure.

One Pydantic model is the schema that the service gets, the check of what comes back and the
messages about it. The schema has few of its limits, because services support few; the check has
them all.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

import orjson

from compose.plan.fields import Part

# Of JSON Schema, what services with structured outputs support.
_KEYWORDS: Final = frozenset(
    {"type", "properties", "items", "enum", "const", "anyOf", "description", "$ref", "$defs"}
)


def strict_schema(answer: type[Part]) -> dict[str, Any]:
    """Return the JSON Schema of an answer as services want it: closed, nothing optional."""
    schema: dict[str, Any] = _strict(answer.model_json_schema())
    return schema


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    keywords = {name: value for name, value in schema.items() if name in _KEYWORDS}
    for name in ("items", "anyOf"):
        if name in keywords:
            keywords[name] = _strict(keywords[name])
    for name in ("properties", "$defs"):
        if name in keywords:
            keywords[name] = {key: _strict(one) for key, one in keywords[name].items()}
    if "properties" in keywords:
        keywords.pop("description", None)
        keywords |= {"additionalProperties": False, "required": list(keywords["properties"])}
    return keywords


_FENCE = re.compile(r"```[\w-]*\s*\n(.*?)(?:```|\Z)", re.DOTALL)
# Where an object may begin; each try may read to the end of the text.
MOST_TRIES = 20
# Values deeper than this are no answer to anything asked here.
DEEPEST = 24


def text_of(value: Any) -> str:
    """Return a value as JSON for a model to read. Half characters become question marks; never
    raises on JSON values."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "replace").decode()


def object_in(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a text, the last of equal keys winning; None without one.

    Objects with NaN, infinite or huge whole numbers, half characters, or deeper than DEEPEST count
    as none; so does one that was cut off. Never raises.
    """
    for candidate in (text, *(match[1] for match in _FENCE.finditer(text))):
        document = _object(candidate)
        if document is not None and depth(document) <= DEEPEST and is_storable(document):
            return document
    return None


def depth(value: Any) -> int:
    """Count how many lists and objects lie within each other, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        one, level = waiting.pop()
        if isinstance(one, dict | list):
            deepest = max(deepest, level)
            inner = one.values() if isinstance(one, dict) else one
            waiting += [(each, level + 1) for each in inner]
    return deepest


def _object(text: str) -> dict[str, Any] | None:
    decoder = strict_decoder()
    start = text.find("{")
    for _ in range(MOST_TRIES):
        if start < 0:
            return None
        try:
            document: dict[str, Any] = decoder.raw_decode(text, start)[0]
            return document
        except json.JSONDecodeError as error:
            # Of an object that was cut off, an inner one must not be taken for the answer.
            if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
                return None
            start = text.find("{", max(error.pos, start + 1))
        except (ValueError, RecursionError):
            return None
    return None


def is_storable(value: Any) -> bool:
    """Return whether it can be stored: JSON in UTF-8 with numbers of 64 bits."""
    try:
        orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError):
        return False
    return True


def strict_decoder() -> json.JSONDecoder:
    """Return a decoder of JSON as standards have it: NaN and infinite numbers are a ValueError."""
    return json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return number
