"""A model's calls, before they are run: nothing in them may widen what the caller allowed. Pure.

A model may repeat what a page or a file told it. It chooses a tool and its words; addresses are
only those the caller gave, a draft is private, and the caller's budget holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compose.chat.request import REFERENCE_FIELDS, ChatIn
from compose.chat.tool_sets import PLANNERS
from compose.model.untrusted import addresses_in

_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{0,20}:)?//|\s*(?:data|file|blob|javascript):", re.I)
BUDGET = "max_estimated_capacity_units"
DEEPEST = 24
_NOTHING = object()


def addresses_of(request: ChatIn, body: Mapping[str, Any]) -> frozenset[str]:
    """Return the caller's addresses: in references, as images, and in words of a person."""
    texts = [message.text for message in request.messages if message.role in _CALLERS]
    addresses = set(addresses_in(texts)) | set(request.images())
    for name in REFERENCE_FIELDS:
        references = body.get(name)
        for one in references if isinstance(references, list) else ():
            addresses |= {one} if isinstance(one, str) else _texts_of(one)
    return frozenset(text for text in addresses if text)


_CALLERS = frozenset({"system", "developer", "user"})


def trusted_arguments(
    tool: str,
    arguments: Mapping[str, Any],
    *,
    addresses: frozenset[str],
    max_units: float | None,
) -> dict[str, Any]:
    """Return the arguments to use. max_units: what the caller still allows, in credits."""
    values: dict[str, Any] = _clean(arguments, addresses, 0)
    if tool in PLANNERS:
        values.pop("visibility", None)
        limit = values.get(BUDGET)
        if max_units is not None and (not isinstance(limit, (int, float)) or limit > max_units):
            values[BUDGET] = max(1, int(max_units))
    return values


def _clean(value: Any, addresses: frozenset[str], depth: int) -> Any:
    if depth > DEEPEST:
        return _NOTHING
    if isinstance(value, str):
        return _NOTHING if _ADDRESS.match(value) and value.strip() not in addresses else value
    if isinstance(value, Mapping):
        pairs = ((name, _clean(one, addresses, depth + 1)) for name, one in value.items())
        return {name: one for name, one in pairs if one is not _NOTHING}
    if isinstance(value, list):
        items = (_clean(one, addresses, depth + 1) for one in value)
        return [one for one in items if one is not _NOTHING]
    return value


def _texts_of(value: Any) -> set[str]:
    if not isinstance(value, Mapping):
        return set()
    return {one.strip() for one in value.values() if isinstance(one, str)}
