from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sign_on import discovery
from tests.support.fakes.oidc_provider import OidcProvider


@pytest.fixture
def provider(settings: Any) -> Iterator[OidcProvider]:
    """It listens on this machine, which the operator allows."""
    settings.SIGN_ON_ALLOW = ["127.0.0.1"]
    discovery.forget()
    with OidcProvider() as server:
        yield server
