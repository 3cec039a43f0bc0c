"""Facts that follow from a tool's declaration: worked out once, and gone with the tool."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Fact = TypeVar("Fact")


def once_per_tool(derive: Callable[[Any], Fact]) -> Callable[[Any], Fact]:
    """Keep a fact with its tool's class: the tools that templates are come and go.

    Two threads may both derive it; either is right.
    """
    key = f"_{derive.__name__}_once"

    @wraps(derive)
    def fact(tool: Any) -> Fact:
        # Its own: a tool may have another as its base.
        kept_fact: Fact | None = tool.__dict__.get(key)
        if kept_fact is None:
            kept_fact = derive(tool)
            setattr(tool, key, kept_fact)
        return kept_fact

    return fact
