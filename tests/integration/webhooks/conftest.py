from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.fakes.receiver import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """It listens on this machine, which the operator allows."""
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    with Receiver() as server:
        yield server
