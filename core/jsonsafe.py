"""JSON from outsiders, read so that nothing after it can choke on it.

Stock parsers let through what a database, a client or a stack cannot hold: nesting without end,
half surrogate pairs, NUL, infinity, integers beyond 64 bit. Here each is refused with a sentence
that names the place.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import orjson
from django.conf import settings

from core import errors

# A link to the parent container and the key inside it; rendered only when something is wrong.
_Place: TypeAlias = "tuple[_Place, str | int] | None"

_BEYOND_64_BIT = 2**63
_BOM = b"\xef\xbb\xbf"


def loads(data: bytes) -> Any:
    """Parse JSON within the limits of `settings`.

    Raises TooLarge above BODY_LIMIT_BYTES, InvalidBody for anything else that is not safe JSON.
    """
    if len(data) > settings.BODY_LIMIT_BYTES:
        raise errors.TooLarge()
    try:
        # Some shells put a byte order mark before what they send.
        value = orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise errors.InvalidBody(_why_not_json(error), code="body.not_json") from None
    _refuse_unsafe(value)
    return value


def loads_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; an empty body is `{}`. Raises as `loads`, and for other JSON values."""
    if not data.strip():
        return {}
    value = loads(data)
    if not isinstance(value, dict):
        raise errors.InvalidBody(
            f"The body must be one JSON object, not {_name_of(value)}.", code="body.not_an_object"
        )
    return value


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON. Times are strings before they come here."""
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _why_not_json(error: orjson.JSONDecodeError) -> str:
    reason = error.msg
    if "depth" in reason:
        return f"The JSON is nested more than {settings.JSON_DEPTH_LIMIT} levels deep."
    if "infinity" in reason:
        return f"A number in the JSON is too large (line {error.lineno})."
    if "UTF-8" in reason:
        return "The body is not valid UTF-8. Send JSON encoded as UTF-8."
    if "surrogate" in reason:
        return f"The JSON contains a lone surrogate (line {error.lineno}, column {error.colno})."
    return (
        f"The body is not valid JSON: {reason} (line {error.lineno}, column {error.colno})."
        " Send one JSON object."
    )


def _refuse_unsafe(root: Any) -> None:
    """Walk the value without recursion: the depth is the outsider's choice."""
    depth_limit: int = settings.JSON_DEPTH_LIMIT
    string_limit: int = settings.JSON_STRING_LIMIT
    values_left: int = settings.JSON_VALUES_LIMIT
    # The root sits in a list of one, so that it is checked like any other value.
    open_containers: list[tuple[Any, _Place, int, int]] = [([root], None, 0, string_limit)]
    while open_containers:
        container, place, depth, string_limit = open_containers.pop()
        if depth > depth_limit:
            raise errors.InvalidBody(
                f"The JSON is nested more than {depth_limit} levels deep.", code="body.too_deep"
            )
        values_left -= len(container)
        if values_left < 0:
            raise errors.InvalidBody(
                f"The JSON has more than {settings.JSON_VALUES_LIMIT:,} values.",
                code="body.too_many_values",
            )
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in pairs:
            here: _Place = (place, key) if depth else None
            limit = string_limit
            if isinstance(key, str):
                _check_text(key, here, limit)
                if depth == 1 and key in settings.JSON_LONG_TEXT_FIELDS:
                    limit = settings.BODY_LIMIT_BYTES
            if isinstance(value, str):
                _check_text(value, here, limit)
            elif isinstance(value, (dict, list)):
                open_containers.append((value, here, depth + 1, limit))
            elif isinstance(value, (int, float)) and not (
                -_BEYOND_64_BIT <= value < _BEYOND_64_BIT
            ):
                # Integers beyond 64 bit arrive as floats or unsigned; no column can hold them.
                raise errors.InvalidBody(
                    f"{_path_of(here)}: number out of 64-bit range.",
                    code="body.number_too_large",
                )


def _check_text(text: str, place: _Place, limit: int) -> None:
    if "\x00" in text:
        raise errors.InvalidBody(
            f"{_path_of(place)}: contains a NUL character. Remove it.", code="body.nul"
        )
    # A character is at most four bytes, so the cheap test comes first.
    if len(text) * 4 > limit and len(text.encode()) > limit:
        hint = " Send media by URL, not inline." if text.startswith("data:") else ""
        raise errors.InvalidBody(
            f"{_path_of(place)}: the text is longer than {limit:,} bytes.{hint}",
            code="body.text_too_long",
        )


def _path_of(place: _Place) -> str:
    """`input.steps[2].arguments`: how people write where something is."""
    parts: list[str] = []
    while place is not None:
        place, key = place
        text = key if isinstance(key, str) else f"[{key}]"
        parts.append(text[:80].replace("\x00", "\\u0000"))
    return ".".join(reversed(parts)).replace(".[", "[")[-300:] or "The body"


def _name_of(value: Any) -> str:
    if value is None:
        return "null"
    names = {list: "an array", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")
