"""`GET /v1/account/me` with every form of credential, good and bad."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import services
from accounts.auth import principal_from_headers
from accounts.models import ApiKey, User
from core import clock
from tests.support.builders.factories import make_key
from tests.support.clients.api import Api

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]
ME = "/v1/account/me"


def assert_401(response: Any, number: int) -> None:
    body = response.json()
    assert (response.status_code, body["errorCode"], body["status"]) == (401, number, "error")


@pytest.mark.parametrize(
    "form",
    [
        {"api-key": "{}"},
        {"API-KEY": "  {}  "},
        {"authorization": "Bearer {}"},
        {"authorization": "bearer   {}"},
        {"authorization": "{}"},
        {"cookie": "authorization={}"},
        {"cookie": "other=1; authorization=Bearer%20{}"},
        {"api-key": "", "authorization": "Bearer {}"},
        {"authorization": "Bearer ", "cookie": "authorization={}"},
    ],
)
def test_every_form_of_a_key_is_accepted(alice: User, alice_key: str, form: dict[str, str]) -> None:
    headers = {name: value.format(alice_key) for name, value in form.items()}
    response = Client().get(ME, headers=headers)
    assert response.status_code == 200
    assert response.json() == {
        "status": "success",
        "data": {
            "username": "alice",
            "currentEmail": "",
            "walletAddress": "",
            "displayName": "",
            "id": alice.public_id,
        },
    }


def test_a_session_is_accepted(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(ME).json()["data"]["username"] == "alice"


@pytest.mark.parametrize(
    "headers",
    [{}, {"api-key": ""}, {"authorization": "  "}, {"authorization": "Bearer"}, {"cookie": "a=b"}],
)
def test_missing_credentials_are_101(headers: dict[str, str]) -> None:
    response = Client().get(ME, headers=headers)
    assert_401(response, 101)
    assert response.json()["message"] == "Authorization header or auth cookie required"


UNKNOWN = "rg_0000000000_" + "A" * 43


@pytest.mark.parametrize("key", [UNKNOWN, "rg_short", UNKNOWN + "A" * 5000, "é", "e30.e30.x"])
def test_bad_credentials_are_102(key: str) -> None:
    assert_401(Client().get(ME, headers={"api-key": key}), 102)


@pytest.mark.parametrize(
    ("name", "before"),
    [("authorization", ""), ("authorization", "Bearer "), ("cookie", "authorization=")],
)
def test_a_key_with_one_wrong_character_is_102(alice_key: str, name: str, before: str) -> None:
    wrong = alice_key[:-1] + ("A" if alice_key[-1] != "A" else "B")
    assert_401(Client().get(ME, headers={name: before + wrong}), 102)


def test_a_revoked_key_is_102(alice: User) -> None:
    key, text = services.create_api_key(user=alice, name="x")
    assert services.revoke_api_key(key=key)
    assert not services.revoke_api_key(key=key)
    assert_401(Client().get(ME, headers={"api-key": text}), 102)


def test_an_inactive_person_is_102_by_key_and_by_session(alice: User, alice_key: str) -> None:
    client = Client()
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert_401(Client().get(ME, headers={"api-key": alice_key}), 102)
    assert_401(client.get(ME), 102)


def test_an_unknown_or_ended_session_is_102(alice: User) -> None:
    assert_401(Client().get(ME, headers={"cookie": "sessionid=" + "a" * 32}), 102)
    client = Client()
    client.force_login(alice)
    alice.set_password("another")
    alice.save(update_fields=["password"])
    assert_401(client.get(ME), 102)


def test_the_api_key_header_wins_over_authorization_and_that_over_cookies(
    alice: User, alice_key: str, bob_key: str, mo: User
) -> None:
    client = Client()
    client.force_login(mo)
    client.cookies["authorization"] = bob_key
    name = lambda **headers: client.get(ME, headers=headers).json()["data"]["username"]  # noqa: E731
    assert name(**{"api-key": alice_key, "authorization": f"Bearer {bob_key}"}) == "alice"
    assert name(authorization=f"Bearer {alice_key}") == "alice"
    assert name() == "bob"
    del client.cookies["authorization"]
    assert name() == "mo"
    # A bad key does not fall back to what else is there.
    assert_401(client.get(ME, headers={"api-key": "rg_bad"}), 102)


@pytest.mark.parametrize("name", ["api-key", "anything"])
def test_a_key_in_the_address_is_refused_with_the_remedy(alice_key: str, name: str) -> None:
    for headers in ({}, {"api-key": alice_key}):
        response = Client().get(ME, {name: alice_key}, headers=headers)
        assert response.status_code == 400
        assert "header" in response.json()["message"]
        assert alice_key not in response.content.decode()


def test_a_key_costs_one_query_and_a_session_three(
    alice: User, alice_key: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    principal_from_headers({"api-key": alice_key})
    with django_assert_num_queries(1):
        principal = principal_from_headers({"api-key": alice_key})
        assert principal.user.username == "alice"
    client = Client()
    client.force_login(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    # The first use enters it in the list.
    principal_from_headers({"cookie": cookie})
    with django_assert_num_queries(3):
        principal = principal_from_headers({"cookie": cookie})
    assert (principal.via, principal.api_key, principal.from_cookie) == ("session", None, True)


def test_the_last_use_is_noted_at_most_once_a_minute(alice: User) -> None:
    key, text = services.create_api_key(user=alice, name="x")
    principal_from_headers({"api-key": text})
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert first is not None
    principal_from_headers({"api-key": text})
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    old = clock.now() - timedelta(seconds=61)
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=old)
    principal_from_headers({"api-key": text})
    last = ApiKey.objects.get(pk=key.pk).last_used_at
    assert last is not None
    assert last > old


def test_only_the_hash_of_a_key_is_kept(alice: User) -> None:
    text = make_key(alice)
    key = ApiKey.objects.get()
    assert len(text) == len("rg_") + 10 + 1 + 43
    assert text.startswith(f"rg_{key.lookup}_")
    assert len(bytes(key.secret_sha256)) == 32
    assert text[-43:] not in str(key.__dict__)


def test_a_session_may_read_but_not_start(api: Callable[..., Api], alice: User) -> None:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    client.force_login(alice)
    assert client.get("/v1/echo").status_code == 200
    response = client.post("/v1/start", b"{}", content_type="application/json")
    assert response.status_code == 403
    assert "API key" in response.json()["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://testserver"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://testserver"}, 200),
    ],
)
@pytest.mark.parametrize("credential", ["session", "key in a cookie"])
def test_a_write_with_a_cookie_must_come_from_our_own_page(
    alice: User, alice_key: str, headers: dict[str, str], status: int, credential: str
) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    if credential == "session":
        client.force_login(alice)
    else:
        client.cookies["authorization"] = alice_key
    response = client.post("/v1/echo", b'{"a": 1}', content_type="application/json")
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"


def test_a_write_with_the_csrf_token_passes(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/sign-in?next=/", follow=False)
    client.get("/sign-in/unknown")
    token = client.cookies["csrftoken"].value
    response = client.post(
        "/v1/echo",
        b'{"a": 1}',
        content_type="application/x-www-form-urlencoded",
        headers={"x-csrftoken": token},
    )
    assert response.json()["data"] == {"a": 1}
