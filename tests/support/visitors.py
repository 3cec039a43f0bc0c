"""Asking pages as a signed-in browser does, without one."""

from __future__ import annotations

import re

from django.test import Client

from accounts.models import User


def signed_in(user: User, *, enforce_csrf_checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(user)
    return client


def csrf_of(client: Client, path: str) -> str:
    """The token of a page's form."""
    page = client.get(path).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found, path
    return found[1]
