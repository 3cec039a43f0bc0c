"""A server that mail is sent to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.shared_cache import shared_cache
from notices import sending
from tests.support.fakes.smtp_server import SmtpServer, send_mail_to


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        send_mail_to(settings, server.address)
        yield server
    shared_cache().delete(sending.PROBLEM)
