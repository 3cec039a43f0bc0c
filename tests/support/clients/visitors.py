"""Asking pages as a signed-in browser does, without one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from accounts.models import User
from tests.support.markup import flat


def signed_in(user: User, *, enforce_csrf_checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(user)
    return client


def do_action(client: Client, path: str, action: str, *rows: int, **more: str) -> Any:
    """Send an action of one of the lists of operators, with its rows."""
    return client.post(path, {"action": action, "_selected_action": list(rows), **more})


def list_pages(client: Client, path: str) -> Iterator[str]:
    """The pages of a list, from its first on."""
    while path:
        page = flat(client.get(path).content)
        yield page
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]) if following else ""


def csrf_of(client: Client, path: str) -> str:
    """The token of a page's form."""
    return _hidden(client, path, "csrfmiddlewaretoken")


def form_of(client: Client, path: str) -> str:
    """What names the form of a page, so that one sent twice counts once."""
    return _hidden(client, path, "form")


def _hidden(client: Client, path: str, name: str) -> str:
    page = client.get(path).content.decode()
    found = re.search(rf'name="{name}" value="(\w+)"', page)
    assert found, path
    return found[1]
