"""Lists of private hosts in the environment are read when the server starts."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from builder.ops.environment import private_hosts


@pytest.mark.parametrize("entry", ["nas.lan:http", "10.0.0.0/99", "nas/24"])
def test_an_entry_that_is_no_host_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    monkeypatch.setenv("REELGRAPH_SERVICES_ALLOW", f"nas.lan, 10.1.0.0/16, [fd12::7]:80, {entry}")
    with pytest.raises(ImproperlyConfigured, match=f"REELGRAPH_SERVICES_ALLOW has {entry}: write"):
        private_hosts("REELGRAPH_SERVICES_ALLOW")
