"""Who may join by sign-on, and how roles follow the provider's claims."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import one_time_links, services
from accounts.models import User
from accounts.roles import is_operator
from sign_on.models import Identity
from tests.support.builders.factories import make_user
from tests.support.clients.sign_on import arrive, name_in, set_up
from tests.support.fakes.oidc_provider import OidcProvider
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

DOMAINS = {"SIGN_ON_JOIN": "domains", "SIGN_ON_DOMAINS": "studio.example, film.example"}
CLAIM = {"SIGN_ON_JOIN": "claim", "SIGN_ON_CLAIM": "groups=film"}
RULES: dict[str, tuple[dict[str, str], dict[str, Any], bool]] = {
    "invited alone": ({"SIGN_ON_JOIN": "invited"}, {}, False),
    "everyone": ({"SIGN_ON_JOIN": "everyone"}, {"email": None}, True),
    "a domain": (DOMAINS, {}, True),
    "a domain in capitals": (DOMAINS, {"email": "Ada@Studio.Example"}, True),
    "another domain": (DOMAINS, {"email": "ada@other.example"}, False),
    "a longer domain": (DOMAINS, {"email": "ada@evil-studio.example"}, False),
    "a domain below it": (DOMAINS, {"email": "ada@x.studio.example"}, False),
    "an address that isn't verified": (DOMAINS, {"email_verified": False}, False),
    "verified, as text": (DOMAINS, {"email_verified": "true"}, False),
    "one group of several": (CLAIM, {"groups": ["a", "film"]}, True),
    "one group": (CLAIM, {"groups": "film"}, True),
    "another group": (CLAIM, {"groups": ["films"]}, False),
    "no group": (CLAIM, {}, False),
}


@pytest.mark.parametrize("name", RULES)
def test_who_may_join(provider: OidcProvider, name: str) -> None:
    rule, claims, may = RULES[name]
    set_up(provider, **rule)
    provider.account |= claims
    client = Client()
    answer = arrive(client, provider)
    if may:
        assert answer["Location"] == "/oidc/join"
    else:
        assert answer.status_code == 403
        assert "may join" in flat(answer.content).replace("is invite-only", "may join")
        assert client.get("/oidc/join")["Location"] == "/sign-in"
        assert client.post("/oidc/join", {"username": "ada"})["Location"] == "/sign-in"
        assert not User.objects.filter(username="ada").exists()


def test_an_invitation_lets_in_by_sign_on_and_is_used_up(provider: OidcProvider) -> None:
    set_up(provider, SIGN_ON_JOIN="invited")
    owner = services.ensure_owner()
    link = one_time_links.create_invitation(actor=owner, note="", base_url="")
    client = Client()
    page = flat(client.get(link).content)
    begin = page.split('href="/oidc/begin')[1].split('"')[0].replace("&amp;", "&")
    assert arrive(client, provider, f"/oidc/begin{begin}")["Location"] == "/oidc/join"
    assert client.post("/oidc/join", {"username": "admin"}).status_code == 422
    client.post("/oidc/join", {"username": "ada"})
    assert name_in(client) == "ada"
    assert client.get(link).status_code in (404, 409)
    provider.account["sub"] = "eve-1"
    other = Client()
    arrive(other, provider, f"/oidc/begin{begin}")
    assert other.post("/oidc/join", {"username": "eve"}).status_code == 404
    assert Identity.objects.get().person.username == "ada"


def test_newcomers_accept_the_terms(provider: OidcProvider, settings: Any) -> None:
    settings.TERMS = "Be kind."
    set_up(provider)
    client = Client()
    arrive(client, provider)
    refused = client.post("/oidc/join", {"username": "ada"})
    assert refused.status_code == 422
    assert "Accept the terms" in flat(refused.content)
    digest = flat(refused.content).split('name="terms" value="')[1].split('"')[0]
    client.post("/oidc/join", {"username": "ada", "terms": digest})
    assert name_in(client) == "ada"


def test_a_claim_makes_operators_and_takes_the_role_from_those_it_made(
    provider: OidcProvider,
) -> None:
    set_up(provider, SIGN_ON_OPERATORS="groups=admins")
    provider.account["groups"] = ["admins"]
    client = Client()
    arrive(client, provider)
    client.post("/oidc/join", {"username": "ada"})
    ada = User.objects.get(username="ada")
    assert is_operator(ada)
    assert client.get("/admin/server").status_code == 200
    provider.account["groups"] = []
    arrive(Client(), provider)
    assert not is_operator(User.objects.get(pk=ada.pk))
    # A role that an owner gave is theirs to take.
    given = make_user("bea", is_staff=True)
    Identity.objects.create(person=given, issuer=provider.origin, subject="bea-1")
    provider.account["sub"] = "bea-1"
    arrive(Client(), provider)
    assert is_operator(User.objects.get(pk=given.pk))
