"""Fields of `Step.result` beside those that every result has, and of the metadata of results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tools.providers.base import DRAFT_JOB

# They say nothing of what was made.
_OF_ALL: Final = frozenset({"ok", "tool", "status", "params", "warnings", "metadata"})


def answer_of(result: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a tool answered, of `Step.result`."""
    return {name: value for name, value in (result or {}).items() if name not in _OF_ALL}


def shown_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return an artifact's metadata without what only this server needs."""
    return {name: value for name, value in metadata.items() if name != DRAFT_JOB}
