"""A browser that signs in by a provider, and an owner who sets one up."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from accounts import services
from accounts.models import User
from tests.support.clients.server_page import change
from tests.support.clients.visitors import signed_in
from tests.support.fakes.oidc_provider import OidcProvider


def set_up(provider: OidcProvider, **changes: str | None) -> None:
    """Have the owner of the server set sign-on up by the page."""
    response = change(signed_in(services.ensure_owner()), **provider.settings(**changes))
    assert response.status_code == 302, response.content.decode()


def arrive(client: Client, provider: OidcProvider, begin: str = "/oidc/begin") -> Any:
    """Go to the provider and back. Return the answer of our server."""
    there = client.get(begin)
    assert there.status_code == 302, there.content.decode()
    return come_back(client, provider.visit(there["Location"]))


def come_back(client: Client, address: str) -> Any:
    """Ask for the address that the provider leads to."""
    return client.get(address.removeprefix("http://testserver"))


def address_at(provider: OidcProvider, page: Any) -> str:
    """Return where a page leads to at the provider."""
    text = page.content.decode()
    match = re.search(rf'href="({re.escape(provider.origin)}[^"]+)"', text)
    assert match, text
    return html.unescape(match[1])


def name_in(client: Client) -> str:
    """Return whom a browser is signed in as; empty: no one."""
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).username if user_id else ""
