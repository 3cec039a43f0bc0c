"""What the tests of /mcp have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.clients.streams import close_pool_connections


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()
