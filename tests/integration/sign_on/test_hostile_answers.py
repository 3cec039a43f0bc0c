"""Answers of a provider that can't be believed: each is refused in one sentence, and no one is
signed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from accounts import rate_limits
from accounts.models import User
from sign_on import discovery
from sign_on.models import Identity
from tests.support.clients.sign_on import arrive, come_back, name_in, set_up
from tests.support.fakes.http_server import Reply
from tests.support.fakes.oidc_provider import OidcProvider

pytestmark = pytest.mark.django_db

Prepare = Callable[[OidcProvider], None]


@dataclass(frozen=True)
class Hostile:
    """prepare: of the provider, before someone comes. change: of the address that leads back."""

    sentence: str
    prepare: Prepare = lambda _: None
    change: dict[str, str] | None = None
    status: int = 401


def token(**claims: Any) -> Prepare:
    return lambda provider: provider.token.update(claims)


def signed_by(key: Callable[[OidcProvider], Any], **header: Any) -> Prepare:
    def prepare(provider: OidcProvider) -> None:
        provider.signer = key(provider)
        provider.header = header

    return prepare


def reply(pattern: str, answer: Callable[[], Reply]) -> Prepare:
    return lambda provider: provider.replies[pattern].append(answer())


def public_pem(provider: OidcProvider) -> bytes:
    """Return a public key as the secret of an HMAC, as of an attack that mixes algorithms."""
    return provider.keys[0].as_pem(private=False)


def stranger(_: OidcProvider) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"})


NOT_SIGNED = "isn't signed by the provider"
ANSWERS = {
    "wrong nonce": Hostile("its nonce differs", token(nonce="another")),
    "no nonce": Hostile("its nonce differs", token(nonce=None)),
    "another issuer's token": Hostile("its iss differs", token(iss="https://other.example")),
    "another client's token": Hostile("its aud differs", token(aud="another")),
    "for several, by another": Hostile("its azp differs", token(aud=["reelgraph", "x"], azp="x")),
    "expired": Hostile("has expired", token(exp=int(time.time()) - 120)),
    "never expires": Hostile("its exp differs", token(exp=None)),
    "from the future": Hostile("its iat differs", token(iat=int(time.time()) + 600)),
    "no subject": Hostile("its sub differs", token(sub=None)),
    "a subject that is no text": Hostile("its sub differs", token(sub=7)),
    "alg none": Hostile(NOT_SIGNED, signed_by(lambda _: None)),
    "HS256 by the public key": Hostile(NOT_SIGNED, signed_by(public_pem)),
    "another key of this name": Hostile(NOT_SIGNED, signed_by(stranger)),
    "an unknown key": Hostile(NOT_SIGNED, signed_by(stranger, kid="second")),
    "another access token": Hostile("its at_hash differs", token(at_hash="x")),
    "no token": Hostile("no ID token", reply("POST /token", lambda: Reply(200, {}))),
    "another person": Hostile("another person", lambda it: setattr(it, "userinfo", {"sub": "eve"})),
    "the answer of another": Hostile("another provider", change={"iss": "https://other.example"}),
    "an answer without iss": Hostile("another provider", change={"iss": ""}),
    "another state": Hostile("wasn't started in this browser", change={"state": "x"}),
    "no code": Hostile("no code", change={"code": ""}),
    "another's code": Hostile("doesn't accept the code", change={"code": "x"}),
    "refused": Hostile("cancelled", change={"error": "access_denied"}),
    "an unknown error": Hostile("refused the sign-in", change={"error": "<script>"}),
    "away": Hostile("was lost", reply("POST /token", lambda: Reply(drop=True)), status=503),
    "broken": Hostile(
        "can't be used right now", reply("POST /token", lambda: Reply(502, b"<h1>")), status=503
    ),
    "no JSON": Hostile(
        "can't be used right now", reply("POST /token", lambda: Reply(200, b"<h1>")), status=503
    ),
    "endless": Hostile(
        "sent too much", reply("/userinfo", lambda: Reply(200, b" " * 2**20)), status=503
    ),
    "no keys": Hostile("responded with 500", reply("/keys", lambda: Reply(500, b"")), status=503),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_it_is_refused_in_one_sentence_and_no_one_is_signed_in(
    provider: OidcProvider, name: str
) -> None:
    case = ANSWERS[name]
    set_up(provider)
    case.prepare(provider)
    client = Client()
    back = urlsplit(provider.visit(client.get("/oidc/begin")["Location"]))
    query = dict(parse_qsl(back.query)) | (case.change or {})
    answer = client.get(f"{back.path}?{urlencode(query)}")
    assert answer.status_code == case.status
    assert case.sentence in answer.context["problem"]
    assert answer.context["problem"].count(". ") <= 1, "a sentence, and what to do"
    assert b"<script>alert" not in answer.content
    assert b"Traceback" not in answer.content
    assert not name_in(client)
    assert not Identity.objects.exists()
    assert not User.objects.filter(username="ada").exists()
    # The next one finds nothing wrong.
    provider.token, provider.header, provider.signer, provider.userinfo = {}, {}, "first", None
    assert arrive(Client(), provider)["Location"] == "/oidc/join"


def test_an_answer_works_once(provider: OidcProvider) -> None:
    set_up(provider)
    client = Client()
    back = provider.visit(client.get("/oidc/begin")["Location"])
    assert come_back(client, back)["Location"] == "/oidc/join"
    again = come_back(client, back)
    assert again.status_code == 401
    assert "was used already" in again.context["problem"]
    # Nor in another browser, before it was used.
    other = provider.visit(client.get("/oidc/begin")["Location"])
    assert come_back(Client(), other).status_code == 401


def test_a_provider_that_changes_its_keys_is_believed_again(provider: OidcProvider) -> None:
    set_up(provider)
    assert arrive(Client(), provider)["Location"] == "/oidc/join"
    provider.keys = [RSAKey.generate_key(2048, {"kid": "second", "use": "sig"}), *provider.keys]
    discovery._keys.clear()
    assert arrive(Client(), provider)["Location"] == "/oidc/join"
    provider.keys = [RSAKey.generate_key(2048, {"kid": "third", "use": "sig"})]
    # Anyone can name an unknown key: they are read again at most so often.
    assert arrive(Client(), provider).status_code == 401
    assert len(provider.calls("/keys", "GET")) == 2


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ({"issuer": "https://other.example"}, "another issuer"),
        ({"token_endpoint": None}, "no token_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "no authorization_endpoint"),
    ],
)
def test_a_description_that_does_not_fit_leads_nowhere(
    provider: OidcProvider, description: dict[str, Any], sentence: str
) -> None:
    set_up(provider)
    provider.description = description
    answer = Client().get("/oidc/begin")
    assert answer.status_code == 503
    assert sentence in answer.context["problem"]


def test_an_address_begins_so_many_sign_ins_an_hour(
    provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(provider)
    monkeypatch.setattr(rate_limits, "SIGN_ONS_PER_HOUR", 2)
    answers = [Client().get("/oidc/begin") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "2 sign-ins per hour" in answers[2].context["problem"]
    assert int(answers[2]["Retry-After"]) > 0
