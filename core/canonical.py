"""One spelling for equal JSON, so that equal requests have equal hashes (RFC 8785, JCS)."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

_EXACT = 2**53 - 1


def canonical_bytes(value: Any) -> bytes:
    """The canonical UTF-8 form: keys sorted, `10.0` written as `10`.

    JCS knows doubles only. An integer beyond 2**53 would lose its last digits there, and two
    different seeds would look alike; such an integer is written as an object that no safe JSON
    holds, because its key has a NUL.
    """
    try:
        return rfc8785.dumps(value)
    except rfc8785.IntegerDomainError:
        return rfc8785.dumps(_widen(value))


def equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: `10` is `10.0`, but true is not 1.

    Comparing the canonical forms gives the same, but those take seconds a megabyte to write.
    """
    if one is other:
        return True
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, (list, tuple)):
        return (
            isinstance(other, (list, tuple))
            and len(one) == len(other)
            and all(equal(value, other[index]) for index, value in enumerate(one))
        )
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def sha256_hex(value: Any) -> str:
    """SHA-256 of the canonical form, as 64 hex digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _widen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _widen(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_widen(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return {"\x00int": str(value)}
    return value
