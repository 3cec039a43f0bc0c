"""Python looks for garbage in what tests make, not in what lives as long as the process.

A process collects up to 14,000 tests before it runs the first, and would look through them and
through all modules again and again: while it collects, and at each full look for garbage later.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
