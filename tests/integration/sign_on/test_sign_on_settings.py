"""What owners set up at `/admin/server`, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from core import clock, server_settings
from core.models import ServerSetting
from moderation.models import AuditEntry
from sign_on.models import Identity
from tests.support.builders.factories import make_user
from tests.support.clients.server_page import PATH, change, shown
from tests.support.clients.sign_on import come_back, set_up
from tests.support.clients.visitors import signed_in
from tests.support.fakes.oidc_provider import CLIENT_SECRET, OidcProvider
from tests.support.markup import flat

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(services.ensure_owner())


def test_the_secret_is_sealed_and_shown_to_no_one(client: Client, provider: OidcProvider) -> None:
    set_up(provider)
    row = ServerSetting.objects.get(name="SIGN_ON_SECRET")
    assert CLIENT_SECRET not in str(row.value)
    assert CLIENT_SECRET not in client.get(PATH).content.decode()
    refused = change(client, SIGN_ON_SECRET="typed-again", SIGN_ON_ISSUER="ftp://x")
    assert refused.status_code == 422
    assert "typed-again" not in refused.content.decode()
    assert "Enter it again: nothing was saved." in flat(refused.content)
    log = AuditEntry.objects.get(subject_id="SIGN_ON_SECRET")
    assert log.data["after"] == {"Client secret": "set"}
    # Saved again as it was shown, nothing changes.
    change(client)
    assert ServerSetting.objects.get(name="SIGN_ON_SECRET").value == row.value


REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "another issuer without the secret": (
        {"SIGN_ON_ISSUER": "https://login.example.org"},
        "the issuer has changed",
    ),
    "an issuer of a private network": ({"SIGN_ON_ISSUER": "https://10.0.0.7"}, "SIGN_ON_ALLOW"),
    "an issuer without TLS": (
        {"SIGN_ON_ISSUER": "http://login.example.org"},
        "Use an https:// URL.",
    ),
    "an issuer with a query": ({"SIGN_ON_ISSUER": "https://x.example/?a"}, "no ? and no #"),
    "domains without any": ({"SIGN_ON_JOIN": "domains"}, "Enter the domains"),
    "a claim without a value": ({"SIGN_ON_JOIN": "claim", "SIGN_ON_CLAIM": "groups"}, "a value"),
    "operators without a name": ({"SIGN_ON_OPERATORS": "=x"}, "a name and a value"),
    "no passwords and no sign-on": (
        {"PASSWORDS": "owners", "SIGN_ON_CLIENT_ID": ""},
        "need their passwords",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_work_is_refused_beside_its_field(
    client: Client, provider: OidcProvider, name: str
) -> None:
    set_up(provider)
    before = server_settings.stored()
    typed, sentence = REFUSED[name]
    answer = change(client, **typed)
    assert answer.status_code == 422
    assert sentence in flat(answer.content)
    assert server_settings.stored() == before


def test_only_owners_see_and_change_it(provider: OidcProvider) -> None:
    set_up(provider)
    operator = signed_in(make_user("op", is_staff=True))
    form = shown(operator)
    assert not any(name.endswith(("SIGN_ON_ISSUER", "PASSWORDS")) for name in form)
    forged = {"seen-SIGN_ON_ISSUER": "-", "SIGN_ON_ISSUER": "https://evil.example"}
    assert operator.post(PATH, forged).status_code in (403, 409, 422)
    assert server_settings.value("SIGN_ON_ISSUER") == provider.origin
    assert operator.get(f"{PATH}/sign-on/try").status_code == 404


def test_a_try_shows_what_the_provider_says_and_changes_nothing(
    client: Client, provider: OidcProvider
) -> None:
    set_up(provider, SIGN_ON_JOIN="invited")
    back = provider.visit(client.get(f"{PATH}/sign-on/try")["Location"])
    page = flat(come_back(client, back).content)
    assert "ada@studio.example" in page
    assert "This server is invite-only." in page
    assert not Identity.objects.exists()
    assert not User.objects.filter(username="ada").exists()
    provider.description = {"issuer": "https://other.example"}
    assert client.get(f"{PATH}/sign-on/try")["Location"] == f"{PATH}#sign-on"
    assert "another issuer" in flat(client.get(PATH).content)


def test_people_who_did_not_come_this_way_for_long_are_listed(
    client: Client, provider: OidcProvider
) -> None:
    set_up(provider)
    for name, days in (("gone", 91), ("here", 89)):
        Identity.objects.create(
            person=make_user(name),
            issuer=provider.origin,
            subject=name,
            last_used_at=clock.now() - timedelta(days=days),
        )
    page = flat(client.get(PATH).content)
    assert "Not signed in this way for 90 days" in page
    assert ">gone<" in page
    assert ">here<" not in page


def test_without_a_provider_there_is_no_such_way(client: Client) -> None:
    for path in ("/oidc/begin", "/oidc/back?state=x&code=y", "/oidc/join"):
        answer: Any = Client().get(path)
        assert answer.status_code in (302, 401, 404), path
    assert "Continue with" not in flat(Client().get("/sign-in").content)
