"""An app on a person's computer that asks to be connected, and where it waits for its code (RFC
8252). It knows nothing of the server but its addresses."""

from __future__ import annotations

import base64
import hashlib
import queue
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Page, expect

from tests.support.fakes.http_server import ApiServer, Asked, Reply
from tests.support.server import Site
from tests.support.waiting import WAIT_S

AUTHORIZE = "/oauth/authorize"
REDIRECT = "http://127.0.0.1:7777/callback"


@dataclass
class AppRequest:
    """A registered app and the verifier of its next request."""

    client_id: str
    secret: str = ""
    redirect_uri: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def address(self, **changes: str | None) -> str:
        """Where it sends a person. changes: None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "state": "s-1",
        }
        asked |= changes
        return f"{AUTHORIZE}?{urlencode({k: v for k, v in asked.items() if v is not None})}"


PAGE = b"<!doctype html><title>Connected</title><p>You can close this page."


class AppListener(ApiServer):
    """`with AppListener() as app:` people are sent back to `app.redirect_uri`."""

    def __init__(self) -> None:
        self._returns: queue.Queue[dict[str, str]] = queue.Queue()
        super().__init__(self._take)

    def _take(self, asked: Asked) -> Reply:
        is_callback = asked.path == "/callback"
        if is_callback:
            self._returns.put(dict(asked.query))
        return Reply(200 if is_callback else 404, PAGE, {"Content-Type": "text/html"})

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/callback"

    def parameters(self) -> dict[str, Any]:
        """What the next person was sent back with."""
        return self._returns.get(timeout=WAIT_S)


def registered(site: Site, listener: AppListener, name: str = "Claude Desktop") -> AppRequest:
    """An app that has registered at a running server."""
    said = httpx.post(
        f"{site.url}/oauth/register",
        json={
            "client_name": name,
            "redirect_uris": ["http://127.0.0.1/callback"],
            "token_endpoint_auth_method": "none",
        },
        timeout=WAIT_S,
    ).json()
    return AppRequest(said["client_id"], redirect_uri=listener.redirect_uri)


def redeemed(site: Site, app: AppRequest, code: str) -> dict[str, Any]:
    """The tokens for a code."""
    answer = httpx.post(
        f"{site.url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": app.client_id,
            "code": code,
            "redirect_uri": app.redirect_uri,
            "code_verifier": app.verifier,
        },
        timeout=WAIT_S,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def connected_app(page: Page, site: Site) -> str:
    """Connect an app in the browser of someone who is signed in. Returns the address with which the
    same app asks once more."""
    with AppListener() as listener:
        app = registered(site, listener)
        page.goto(app.address())
        page.get_by_role("button", name="Connect").click()
        expect(page).to_have_title("Connected")
        redeemed(site, app, listener.parameters()["code"])
        return app.address()
