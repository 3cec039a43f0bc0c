"""An answer of 5xx that tells a caller about the request is no ERROR in the server's log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from accounts import storage
from accounts.models import User
from core.logs import ExpectedAnswerFilter
from tests.support.builders.templates import TEMPLATES
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the server's own handler writes meanwhile."""
    # Loading the application sets logging up.
    import builder.asgi  # noqa: F401

    root = logging.getLogger()
    [handler] = [
        one
        for one in root.handlers
        if isinstance(one, logging.StreamHandler)
        and any(isinstance(part, ExpectedAnswerFilter) for part in one.filters)
    ]
    stream = StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream


def test_a_route_that_is_left_out_is_no_error(
    alice_key: str, api: Callable[[str], Api], log: StringIO
) -> None:
    answer = api(alice_key).post("/v1/account/nonce", {"walletAddress": "0x1"})
    assert answer.status_code == 501
    assert "INFO" in log.getvalue()
    assert "ERROR" not in log.getvalue()


def test_a_persons_full_storage_is_no_error(
    alice: User,
    alice_key: str,
    api: Callable[[str], Api],
    log: StringIO,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))
    settings.STORAGE_PER_USER_BYTES = 1
    answer = api(alice_key).post(TEMPLATES, {"name": "More", "stages": []})
    assert answer.status_code == 507, answer.content
    assert "ERROR" not in log.getvalue()
