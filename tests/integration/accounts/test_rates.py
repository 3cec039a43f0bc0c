"""How often one key may ask."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.support.clients.api import Api

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]


def test_too_many_requests_are_429_with_the_time_to_wait(
    api: Callable[..., Api], alice_key: str, bob_key: str, settings: Settings
) -> None:
    settings.READS_PER_MINUTE = 3
    alice = api(alice_key)
    answers = [alice.get("/v1/account/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    body = answers[-1].json()
    assert 0 < body["retryAfter"] <= 60
    assert answers[-1]["Retry-After"] == str(body["retryAfter"])
    assert body["details"]["limit"] == 3
    assert api(bob_key).get("/v1/account/me").status_code == 200


def test_starts_have_their_own_rate(
    api: Callable[..., Api], alice_key: str, settings: Settings
) -> None:
    settings.STARTS_PER_MINUTE = 1
    alice = api(alice_key)
    assert alice.post("/v1/start", {}).status_code == 201
    assert alice.post("/v1/start", {}).status_code == 429
    assert alice.get("/v1/account/me").status_code == 200


def test_a_person_without_a_key_is_counted_too(settings: Settings, alice: object) -> None:
    settings.READS_PER_MINUTE = 1
    client = Api().client
    client.force_login(alice)  # type: ignore[arg-type]
    answers = [client.get("/v1/account/me").status_code for _ in range(2)]
    assert answers == [200, 429]


def test_none_switches_a_rate_off(
    api: Callable[..., Api], alice_key: str, settings: Settings
) -> None:
    settings.READS_PER_MINUTE = settings.STARTS_PER_MINUTE = None
    alice = api(alice_key)
    assert {alice.post("/v1/start", {}).status_code for _ in range(20)} == {201}
