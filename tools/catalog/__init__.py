"""The tools this project declares: each module here is one, and is found by being here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from tools.declaration.ports import Tool


@cache
def catalogue() -> tuple[type[Tool], ...]:
    """Every tool of this package, by its module's name."""
    return tuple(
        tool_class
        for info in pkgutil.iter_modules(__path__, f"{__name__}.")
        for tool_class in _declared_in(importlib.import_module(info.name))
    )


def _declared_in(module: ModuleType) -> Iterator[type[Tool]]:
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Tool)
            and value is not Tool
            and value.__module__ == module.__name__
        ):
            yield value
