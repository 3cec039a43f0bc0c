"""Several who come in by one provider at the same moment, over connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from sign_on import asking
from sign_on.models import Identity
from tests.support.at_once import at_once
from tests.support.builders.moderation import forget_the_log
from tests.support.clients.sign_on import arrive, name_in, set_up
from tests.support.fakes.http_server import Reply
from tests.support.fakes.oidc_provider import OidcProvider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_log() -> Iterator[None]:
    yield
    forget_the_log()


def test_of_two_who_join_by_one_account_at_once_one_is_added(provider: OidcProvider) -> None:
    set_up(provider)
    browsers = [Client() for _ in range(4)]
    for client in browsers:
        arrive(client, provider)
    at_once(
        [
            lambda client=client, number=number: client.post(
                "/oidc/join", {"username": f"ada{number}"}
            )
            for number, client in enumerate(browsers)
        ]
    )
    person = Identity.objects.get().person
    assert {name_in(client) for client in browsers} == {person.username}
    assert User.objects.filter(username__startswith="ada").count() == 1


def test_a_provider_that_hangs_holds_no_more_than_a_few_requests(
    provider: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(provider)
    # This process reads what was saved.
    Client().get("/sign-in")
    monkeypatch.setattr(asking, "ANSWER_S", 0.5)
    for _ in range(asking.AT_ONCE + 1):
        provider.replies["/.well-known/*"].append(Reply(hold=threading.Event()))
    begin = [lambda: Client().get("/oidc/begin").status_code] * (asking.AT_ONCE + 1)
    assert at_once(begin) == [503] * (asking.AT_ONCE + 1)
    assert len(provider.calls("/.well-known/openid-configuration", "GET")) == asking.AT_ONCE
