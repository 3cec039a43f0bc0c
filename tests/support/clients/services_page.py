"""Services as an operator sets them up on the page, over HTTP.

Each call ends with the look that every process takes from time to time: the transaction that a test
is in never ends, so nothing that waits for its end is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tools import configured_services

PAGE = "/admin/providers"
KEY = "sk-of-this-test-0123456789-wxyz"


@pytest.fixture
def nothing_set_up() -> Iterator[None]:
    """What a test sets up ends with it."""
    configured_services.forget()
    yield
    configured_services.forget()


@pytest.fixture
def staff(mo: User) -> Client:
    client = Client()
    client.force_login(mo)
    return client


def add(client: Client, name: str = "cellar", kind: str = "openai", **fields: Any) -> str:
    """Fill the form in. Returns the problem that it shows, "" when the service was added."""
    answer = client.post(f"{PAGE}/add", {"name": name, "kind": kind, **fields})
    configured_services.refresh()
    return "" if answer.status_code == 302 else _problem(answer.content.decode())


def edit(client: Client, name: str = "cellar", **fields: Any) -> str:
    answer = client.post(f"{PAGE}/{name}/service", {"known": name, **fields})
    configured_services.refresh()
    return "" if answer.status_code == 302 else _problem(answer.content.decode())


def turn(client: Client, name: str = "cellar", *, on: bool) -> None:
    client.post(f"{PAGE}/{name}/turn", {"on": str(int(on))})
    configured_services.refresh()


def _problem(text: str) -> str:
    return text.split('id="problem">')[1].split("<span>")[1].split("</span>")[0]
