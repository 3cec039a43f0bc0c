"""The clock by which this process knows how old something is, stopped while a test counts queries.

Who has limits, who is suspended and whose account is closed is read again after half a second: a
busy machine would take that long in the middle of a count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def stopped_clock() -> Iterator[None]:
    """Nothing that was read in the block, or is still fresh at its begin, gets old before its end.
    Nothing in it may wait for a time to come."""
    now = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: now)
        yield
