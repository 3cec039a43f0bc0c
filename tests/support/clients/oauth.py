"""An app that people connect, as a program of its own: it knows only what the server answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from accounts.models import User
from tests.support.clients.api import Api
from tests.support.clients.app_listener import REDIRECT, AppRequest
from tests.support.clients.visitors import signed_in

REGISTER = "/oauth/register"
TOKEN = "/oauth/token"
REVOKE = "/oauth/revoke"
ALLOW = {"scope": "run", "days": "", "units": "", "allow": "1"}


class App(AppRequest):
    """A registered app that tests ask for in this process."""

    def code(self, person: User, *, allow: dict[str, str] | None = None, **changes: Any) -> str:
        """The code after a person has agreed."""
        answer = self.decided(person, allow=allow, **changes)
        return answer["code"]

    def decided(
        self, person: User, *, allow: dict[str, str] | None = None, **changes: Any
    ) -> dict[str, str]:
        """What the app is told when a person sent the page's form."""
        response = signed_in(person).post(self.address(**changes), ALLOW | (allow or {}))
        assert response.status_code == 303, response.content
        return answer_in(response["Location"])

    def redeem(self, code: str, **changes: str | None) -> Any:
        """The answer to a code."""
        return self.ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.redirect_uri,
                "code_verifier": self.verifier,
            }
            | changes
        )

    def refresh(self, token: str, **changes: str | None) -> Any:
        return self.ask({"grant_type": "refresh_token", "refresh_token": token} | changes)

    def revoke(self, token: str) -> Any:
        return self.ask({"token": token}, path=REVOKE)

    def ask(self, form: dict[str, Any], *, path: str = TOKEN, **headers: str) -> Any:
        """A form of this app's; None leaves a field out."""
        whole = {"client_id": self.client_id, "client_secret": self.secret or None} | form
        sent = {name: value for name, value in whole.items() if value is not None}
        return Client().post(
            path,
            urlencode(sent, doseq=True),
            content_type="application/x-www-form-urlencoded",
            headers=headers,
        )

    def connect(self, person: User, *, allow: dict[str, str] | None = None) -> dict[str, Any]:
        """The tokens of a whole connection."""
        answer = self.redeem(self.code(person, allow=allow))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


def register(**metadata: Any) -> Any:
    """The answer to an app that registers."""
    body = {
        "client_name": "Test agent",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
        **metadata,
    }
    return Api().post(REGISTER, {name: value for name, value in body.items() if value is not None})


def make_app(**metadata: Any) -> App:
    """A registered app."""
    answer = register(**metadata)
    assert answer.status_code == 201, answer.content
    said = answer.json()
    return App(said["client_id"], said.get("client_secret", ""), said["redirect_uris"][0])


def answer_in(location: str) -> dict[str, str]:
    """The parameters of a redirect to an app."""
    return dict(parse_qsl(urlsplit(location).query))


def refused(answer: Any, code: str, status: int = 400) -> str:
    """The sentence of a refusal in the words of RFC 6749."""
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, code), body
    assert answer["Cache-Control"] == "no-store"
    return str(body["error_description"])


def who(token: str) -> Any:
    """`GET /v1/account/me` with an access token."""
    return Client().get("/v1/account/me", headers={"authorization": f"Bearer {token}"})
