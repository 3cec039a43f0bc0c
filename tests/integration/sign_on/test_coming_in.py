"""Signing in by a provider of OpenID Connect: there, back, and out again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from joserfc.jwk import ECKey, OKPKey

from accounts import one_time_links, services
from accounts.models import User
from sign_on import discovery
from sign_on.models import Identity
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.builders.suspending import suspend
from tests.support.clients.authenticator import code_of, switch_on
from tests.support.clients.sign_on import address_at, arrive, come_back, name_in, set_up
from tests.support.clients.visitors import signed_in
from tests.support.fakes.oidc_provider import OidcProvider
from tests.support.markup import flat

pytestmark = pytest.mark.django_db


def connected(name: str, provider: OidcProvider) -> User:
    """Make a person who is known by the account at the provider."""
    person = make_user(name, password=PASSWORD)
    Identity.objects.create(person=person, issuer=provider.origin, subject="ada-1")
    return person


def test_a_newcomer_chooses_a_name_and_comes_in_by_the_same_account_ever_after(
    provider: OidcProvider,
) -> None:
    set_up(provider)
    client = Client()
    assert "Continue with Studio login" in flat(client.get("/sign-in?next=/gallery").content)
    answer = arrive(client, provider, "/oidc/begin?next=/gallery")
    assert answer["Location"] == "/oidc/join"
    page = flat(client.get("/oidc/join").content)
    assert 'value="ada"' in page
    assert 'value="Ada"' in page
    assert 'type="password"' not in page
    done = client.post("/oidc/join", {"username": "ada", "display_name": "Ada"})
    assert done["Location"] == "/gallery"
    assert name_in(client) == "ada"
    assert not User.objects.get(username="ada").has_usable_password()
    # Elsewhere, with all that may change there changed.
    provider.account |= {"email": "new@studio.example", "preferred_username": "other"}
    other = Client()
    assert arrive(other, provider, "/oidc/begin?next=/me")["Location"] == "/me"
    assert name_in(other) == "ada"
    assert Identity.objects.get().email == "new@studio.example"


def test_someone_with_the_mail_address_of_another_gets_an_account_of_their_own(
    provider: OidcProvider,
) -> None:
    set_up(provider)
    owned = make_user("ada")
    services.change_profile(user=owned, display_name="", email="ada@studio.example")
    client = Client()
    arrive(client, provider)
    refused = client.post("/oidc/join", {"username": "ada"})
    assert refused.status_code == 409
    assert "is taken" in flat(refused.content)
    client.post("/oidc/join", {"username": "ada2"})
    assert name_in(client) == "ada2"
    assert not Identity.objects.filter(person=owned).exists()


def test_someone_signed_in_connects_an_account_and_disconnects_it(provider: OidcProvider) -> None:
    set_up(provider)
    client = signed_in(make_user("bea", password=PASSWORD))
    assert client.post("/me/sign-on/connect", {"proof": "wrong"}).status_code == 422
    # A form's own redirect may not leave this server: the page leads there.
    leaving = client.post("/me/sign-on/connect", {"proof": PASSWORD})
    back = provider.visit(address_at(provider, leaving))
    assert come_back(client, back)["Location"] == "/me/security"
    other = Client()
    arrive(other, provider)
    assert name_in(other) == "bea"
    path = f"/me/sign-on/{Identity.objects.get().pk}/disconnect"
    signed_in(make_user("eve")).post(path)
    assert client.post(path, {"proof": "wrong"}).status_code == 422
    assert Identity.objects.exists()
    client.post(path, {"proof": PASSWORD})
    assert not Identity.objects.exists()


def test_a_way_of_one_person_connects_nothing_to_another(provider: OidcProvider) -> None:
    set_up(provider)
    client = signed_in(make_user("bea"))
    back = provider.visit(address_at(provider, client.post("/me/sign-on/connect")))
    client.force_login(make_user("eve"))
    assert come_back(client, back).status_code == 401
    assert not Identity.objects.exists()


def test_an_account_that_is_connected_to_someone_else_stays_theirs(provider: OidcProvider) -> None:
    set_up(provider)
    ada = connected("ada", provider)
    client = signed_in(make_user("bea"))
    come_back(client, provider.visit(address_at(provider, client.post("/me/sign-on/connect"))))
    assert "connected to someone else here" in flat(client.get("/me/security").content)
    assert Identity.objects.get().person == ada


def test_the_only_way_in_is_not_disconnected(provider: OidcProvider) -> None:
    set_up(provider)
    client = Client()
    arrive(client, provider)
    client.post("/oidc/join", {"username": "ada"})
    answer = client.post(f"/me/sign-on/{Identity.objects.get().pk}/disconnect")
    assert answer.status_code == 409
    assert "your only way to sign in" in flat(answer.content)


def test_deactivated_and_deleted_people_are_refused_and_suspended_ones_held_as_by_password(
    provider: OidcProvider,
) -> None:
    set_up(provider)
    person = connected("ada", provider)
    suspend(person)
    client = Client()
    arrive(client, provider)
    assert name_in(client) == "ada"
    ticket = client.post("/v1/realtime/tickets", {"path": "/ws/notices"}, "application/json")
    assert ticket.json()["error"]["code"] == "account.suspended"
    User.objects.filter(pk=person.pk).update(is_active=False)
    other = Client()
    answer = arrive(other, provider)
    assert answer.status_code == 403
    assert "This account is deactivated." in flat(answer.content)
    assert not name_in(other)
    User.objects.filter(pk=person.pk).update(is_active=True, suspended_until=None)
    signed_in(person).post("/me/delete", {"proof": PASSWORD})
    # Who has left and comes again is someone new.
    assert arrive(other, provider)["Location"] == "/oidc/join"


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd", "mfa"]}, {"acr": "urn:example:mfa"}])
@pytest.mark.parametrize("trusted", [None, "on"])
def test_our_second_factor_is_asked_for_unless_a_trusted_provider_says_that_it_did(
    provider: OidcProvider, claims: dict[str, Any], trusted: str | None
) -> None:
    set_up(provider, SIGN_ON_FACTOR=trusted)
    person = connected("ada", provider)
    switch_on(signed_in(person), person, proof=PASSWORD)
    provider.token = claims
    client = Client()
    answer = arrive(client, provider, "/oidc/begin?next=/me/keys")
    if trusted and claims:
        assert answer["Location"] == "/me/keys"
    else:
        assert answer["Location"] == "/sign-in/code?next=%2Fme%2Fkeys"
        assert not name_in(client)
        client.post(answer["Location"], {"code": code_of(person)})
    assert name_in(client) == "ada"


def test_where_everyone_needs_a_second_factor_one_shown_to_a_trusted_provider_is_enough(
    provider: OidcProvider, settings: Any
) -> None:
    set_up(provider, SIGN_ON_FACTOR="on")
    connected("ada", provider)
    settings.SECOND_FACTOR = "everyone"
    without, client = Client(), Client()
    arrive(without, provider)
    provider.token = {"amr": ["mfa"]}
    arrive(client, provider)
    for path in ("/me/keys", "/v1/account/me"):
        assert without.get(path).status_code in (302, 403)
        assert client.get(path).status_code == 200


def test_signing_out_leads_to_where_the_session_there_ends(provider: OidcProvider) -> None:
    set_up(provider)
    connected("ada", provider)
    client = Client()
    arrive(client, provider)
    address = urlsplit(address_at(provider, client.post("/sign-out")))
    assert not name_in(client)
    fields = dict(parse_qsl(address.query))
    assert address.path == "/end"
    assert fields["post_logout_redirect_uri"] == "http://testserver/"
    assert fields["id_token_hint"].count(".") == 2
    provider.description = {"end_session_endpoint": None}
    discovery.forget()
    arrive(client, provider)
    assert client.post("/sign-out")["Location"] == "/"


def test_passwords_are_closed_for_all_but_owners(provider: OidcProvider) -> None:
    services.change_password(user=services.ensure_owner(), password=PASSWORD)
    bea = make_user("bea", password=PASSWORD)
    set_up(provider, PASSWORDS="owners")
    client = Client()
    for password in (PASSWORD, "wrong"):
        refused = client.post("/sign-in", {"username": "bea", "password": password})
        assert refused.status_code == 422
        assert "only owners sign in with a password here" in flat(refused.content)
    body = {"username": "bea", "password": PASSWORD}
    answer = client.post("/v1/account/login", body, content_type="application/json")
    assert answer.status_code == 401
    client.post("/sign-in", {"username": "owner", "password": PASSWORD})
    assert name_in(client) == "owner"
    link = one_time_links.create_signin_link(user=bea, base_url="")
    other = Client()
    other.post(link)
    assert name_in(other) == "bea"


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-256", {"kid": "first", "use": "sig"}),
        OKPKey.generate_key("Ed25519", {"kid": "first", "use": "sig"}),
    ],
    ids=["ES256", "EdDSA"],
)
def test_a_token_of_another_kind_of_key_is_believed(
    provider: OidcProvider, key: ECKey | OKPKey
) -> None:
    set_up(provider)
    provider.keys = [key]
    assert arrive(Client(), provider)["Location"] == "/oidc/join"
