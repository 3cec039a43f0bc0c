"""Fields of `Step.result` beside those that every result has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# They say nothing of what was made.
_OF_ALL: Final = frozenset({"ok", "tool", "status", "params", "warnings", "metadata"})


def answered(result: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a tool answered, of `Step.result`."""
    return {name: value for name, value in (result or {}).items() if name not in _OF_ALL}
