"""JSON in a model's text, and JSON for one. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

_FENCE = re.compile(r"```[\w-]*\s*\n(.*?)(?:```|\Z)", re.DOTALL)
# Where an object may begin; each try may read to the end of the text.
MOST_TRIES = 20
# Values deeper than this are no answer to anything asked here.
DEEPEST = 24


def text_of(value: Any) -> str:
    """A value as JSON for a model to read. Half characters become question marks; never raises on
    JSON values."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "replace").decode()


def object_in(text: str) -> dict[str, Any] | None:
    """The first JSON object in a text, the last of equal keys winning; None where there is none.

    Objects with NaN, infinite or huge whole numbers, half characters, or deeper than DEEPEST count
    as none; so does one that was cut off. Never raises.
    """
    for candidate in (text, *(found[1] for found in _FENCE.finditer(text))):
        read = _object(candidate)
        if read is not None and depth(read) <= DEEPEST and is_storable(read):
            return read
    return None


def depth(value: Any) -> int:
    """How many lists and objects lie within each other; counted without recursion."""
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
            read: dict[str, Any] = decoder.raw_decode(text, start)[0]
            return read
        except json.JSONDecodeError as error:
            # Of an object that was cut off, an inner one must not be taken for the answer.
            if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
                return None
            start = text.find("{", max(error.pos, start + 1))
        except (ValueError, RecursionError):
            return None
    return None


def is_storable(read: Any) -> bool:
    """Whether it can be stored: JSON in UTF-8 with numbers of 64 bits."""
    try:
        orjson.dumps(read)
    except (orjson.JSONEncodeError, RecursionError):
        return False
    return True


def strict_decoder() -> json.JSONDecoder:
    """JSON as standards have it: NaN and infinite numbers are a ValueError."""
    return json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return number
