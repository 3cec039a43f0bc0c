"""Signing in for programs: tokens that are short, refreshed once each, and ended at once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import services, tokens
from accounts.auth import principal_from_headers
from accounts.models import TokenFamily, User
from core import clock
from tests.support.at_once import at_once
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.clients.api import Api

pytestmark = [pytest.mark.django_db]
ME = "/v1/account/me"
LOGIN = "/v1/account/login"
REFRESH = "/v1/account/refresh-token"
LOGOUT = "/v1/account/logout"
TEMPLATES = "/v1/creative-agent/workflows/templates"
SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def ada(db: None) -> User:
    """Signs in with a password."""
    return make_user("ada", password=PASSWORD)


@pytest.fixture
def pair(ada: User) -> tokens.Tokens:
    return tokens.start_family(user=ada)


def claims(token: str) -> dict[str, Any]:
    """As the clients read them: without checking the signature."""
    return dict(jwt.decode(token, options={"verify_signature": False}))


def sign_in(username: str = "ada", password: str = PASSWORD, **more: Any) -> Any:
    return Api().post(LOGIN, {"username": username, "password": password, **more})


def ask(path: str = ME, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def refused(response: Any, status: int = 401, number: int = 102) -> str:
    body = response.json()
    assert (response.status_code, body["errorCode"]) == (status, number), body
    return str(body["message"])


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """The clock of the server and that of the token library, both so much later."""
    then = clock.now() + by

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return then

    monkeypatch.setattr(clock, "now", lambda: then)
    monkeypatch.setattr("jwt.api_jwt.datetime", Later)


def test_a_password_gives_two_tokens_that_clients_can_read(ada: User) -> None:
    data = sign_in(rememberMe=True, appSource="tests", unknown=1).json()["data"]
    assert set(data) == {"token", "refreshToken", "username"}
    assert data["username"] == "ada"
    now = clock.unix(clock.now())
    assert claims(data["token"])["exp"] - now == pytest.approx(15 * 60, abs=3)
    assert claims(data["refreshToken"])["exp"] - now == pytest.approx(30 * 86400, abs=3)
    family = TokenFamily.objects.get()
    assert (family.user, family.app_source, family.generation) == (ada, "tests", 0)
    short = sign_in(rememberMe=False).json()["data"]["refreshToken"]
    assert claims(short)["exp"] - now == pytest.approx(86400, abs=3)


def test_a_token_is_accepted_in_every_form(
    pair: tokens.Tokens, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for headers in (
        {"authorization": pair.access},
        {"authorization": f"Bearer {pair.access}"},
        {"authorization": f"bearer   {pair.access} "},
        {"cookie": f"authorization={pair.access}"},
        {"cookie": f"a=b; authorization=Bearer%20{pair.access}"},
    ):
        assert ask(**headers).json()["data"]["username"] == "ada"
    with django_assert_num_queries(1):
        principal = principal_from_headers({"authorization": pair.access})
    assert (principal.via, principal.api_key, principal.from_cookie) == ("jwt", None, False)
    cookie = principal_from_headers({"cookie": f"authorization={pair.access}"})
    assert cookie.from_cookie


def test_the_api_key_wins_over_a_token_and_takes_none(pair: tokens.Tokens, bob_key: str) -> None:
    both = ask(**{"api-key": bob_key, "authorization": pair.access})
    assert both.json()["data"]["username"] == "bob"
    refused(ask(**{"api-key": pair.access}))
    refused(ask(**{"api-key": "rg_bad", "authorization": pair.access}))


def test_a_token_reads_and_saves_templates_but_starts_nothing(pair: tokens.Tokens) -> None:
    bearer = {"authorization": f"Bearer {pair.access}"}
    body = {"name": "Two shots", "stages": []}
    assert Api().post(TEMPLATES, body, **bearer).status_code == 201
    listed = ask(TEMPLATES, **bearer).json()["data"]["templates"]
    assert [one["name"] for one in listed] == ["Two shots"]
    steps = {"input": {"steps": [{"toolName": "note", "arguments": {"text": "x"}}]}}
    response = Api().post("/v1/creative-agent/workflows", steps, **bearer)
    assert "API key" in refused(response, 403, 4030)
    assert response.json()["error"]["code"] == "auth.api_key_required"


def test_a_write_with_a_token_in_a_cookie_must_come_from_our_own_page(pair: tokens.Tokens) -> None:
    cookie = {"cookie": f"authorization={pair.access}"}
    for foreign in ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        client = Client(enforce_csrf_checks=True, headers={**cookie, **foreign})
        for path in (TEMPLATES, LOGOUT):
            response = client.post(path, b"{}", content_type="application/json")
            assert response.status_code == 403, path
    assert ask(authorization=pair.access).status_code == 200
    own = Client(enforce_csrf_checks=True, headers={**cookie, **SAME})
    made = own.post(TEMPLATES, b'{"name": "Mine"}', content_type="application/json")
    assert made.status_code == 201
    ended = own.post(LOGOUT, b"", content_type="application/json")
    assert ended.json()["data"] == {"loggedOut": True}


def test_forged_altered_and_foreign_tokens_are_refused(pair: tokens.Tokens, ada: User) -> None:
    body = claims(pair.access)
    key = tokens._key()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    payload = pair.access.split(".")[1]
    forged = [
        f"{none}.{payload}.",
        jwt.encode(body, "another-key-of-thirty-two-characters", algorithm="HS256"),
        jwt.encode(body, key + key, algorithm="HS512"),
        jwt.encode({**body, "iss": "elsewhere"}, key, algorithm="HS256"),
        jwt.encode({k: v for k, v in body.items() if k != "exp"}, key, algorithm="HS256"),
        jwt.encode({**body, "fam": "fam_unknown"}, key, algorithm="HS256"),
        pair.refresh,
        f"{pair.access[:-2]}xx",
        "a.b.c",
        "e30.e30.e30",
        f"{pair.access}.x",
        "." * 2,
        f"{'a' * 5000}.b.c",
    ]
    for token in forged:
        refused(ask(authorization=f"Bearer {token}"))
    refused(Api().post(REFRESH, {"refreshToken": pair.access}))
    assert "refreshToken" in refused(Api().post(REFRESH, {}), 400, 4000)
    # None of it harmed the real one.
    assert Api().post(REFRESH, {"refreshToken": pair.refresh}).status_code == 200


def test_a_refresh_token_works_once_and_shown_again_ends_the_family(pair: tokens.Tokens) -> None:
    second = Api().post(REFRESH, {"refreshToken": pair.refresh}).json()["data"]
    assert ask(authorization=second["token"]).status_code == 200
    # The pair before may still ask for its 15 minutes.
    assert ask(authorization=pair.access).status_code == 200
    third = Api().post(REFRESH, {"refreshToken": second["refreshToken"]}).json()["data"]
    assert "already used" in refused(Api().post(REFRESH, {"refreshToken": pair.refresh}))
    refused(Api().post(REFRESH, {"refreshToken": third["refreshToken"]}))
    for token in (third["token"], second["token"], pair.access):
        refused(ask(authorization=token))


@pytest.mark.django_db(transaction=True)
def test_many_refreshes_at_once_are_one(ada: User) -> None:
    pair = tokens.start_family(user=ada)
    given = at_once([lambda: tokens.refresh(pair.refresh)] * 8)
    assert TokenFamily.objects.get().generation == 1
    assert {ask(authorization=one.access).status_code for one in given} == {200}
    # They all hold the same place: the first of them to go on is the one that does.
    tokens.refresh(given[0].refresh)
    tokens.refresh(given[1].refresh)
    assert TokenFamily.objects.get().generation == 2


def test_a_used_token_is_forgiven_for_seconds_only(
    pair: tokens.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Api().post(REFRESH, {"refreshToken": pair.refresh})
    lost = Api().post(REFRESH, {"refreshToken": pair.refresh})
    assert (first.status_code, lost.status_code) == (200, 200)
    later(monkeypatch, tokens.FORGIVEN + timedelta(seconds=1))
    assert "already used" in refused(Api().post(REFRESH, {"refreshToken": pair.refresh}))
    refused(Api().post(REFRESH, {"refreshToken": lost.json()["data"]["refreshToken"]}))


def test_tokens_expire_with_the_remedy(
    pair: tokens.Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, timedelta(minutes=15, seconds=1))
    assert "/v1/account/refresh-token" in refused(ask(authorization=pair.access))
    second = tokens.refresh(pair.refresh)
    later(monkeypatch, tokens.REFRESH_LIFE + timedelta(seconds=2))
    assert "expired" in refused(Api().post(REFRESH, {"refreshToken": second.refresh}))
    assert tokens.prune() == 1


def test_signing_out_ends_everything_and_twice_is_fine(pair: tokens.Tokens, alice_key: str) -> None:
    other = tokens.start_family(user=pair.user)
    for expected in (True, False):
        response = Api().post(LOGOUT, **{"authorization": pair.access})
        assert response.status_code == 200
        assert response.json()["data"] == {"loggedOut": expected}
    refused(ask(authorization=pair.access))
    refused(Api().post(REFRESH, {"refreshToken": pair.refresh}))
    assert ask(authorization=other.access).status_code == 200
    by_body = Api().post(LOGOUT, {"refreshToken": other.refresh})
    assert by_body.json()["data"] == {"loggedOut": True}
    # A key is not a session: it goes on.
    assert Api(alice_key).post(LOGOUT).json()["data"] == {"loggedOut": False}
    assert Api().post(LOGOUT, authorization=f"Bearer {alice_key}").status_code == 200
    assert ask(**{"api-key": alice_key}).status_code == 200
    refused(Api().post(LOGOUT), 401, 101)
    refused(Api().post(LOGOUT, authorization="Bearer nothing"))


@pytest.mark.parametrize(
    "end",
    [
        lambda user: services.change_password(user=user, password="another-lamp-7"),
        lambda user: services.end_sessions(user=user),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: services.erase_user(user=user),
    ],
    ids=["new password", "end all sessions", "inactive", "erased"],
)
def test_what_ends_sessions_ends_tokens(
    pair: tokens.Tokens, ada: User, end: Callable[[User], Any]
) -> None:
    end(ada)
    refused(ask(authorization=pair.access))
    refused(Api().post(REFRESH, {"refreshToken": pair.refresh}))


def test_suspended_people_get_no_tokens_and_keep_the_one_they_have(
    pair: tokens.Tokens, ada: User
) -> None:
    User.objects.filter(pk=ada.pk).update(suspended_until=clock.now() + timedelta(days=1))
    for response in (sign_in(), Api().post(REFRESH, {"refreshToken": pair.refresh})):
        refused(response, 403, 4030)
        assert response.json()["error"]["code"] == "account.suspended"
    User.objects.filter(pk=ada.pk).update(suspended_until=None)
    assert Api().post(REFRESH, {"refreshToken": pair.refresh}).status_code == 200


def test_unknown_inactive_and_wrong_are_one_answer(ada: User, alice: User) -> None:
    make_user("ghost", password=PASSWORD)
    User.objects.filter(username="ghost").update(is_active=False)
    # alice has no password at all.
    tried = [("no_one", PASSWORD), ("ghost", PASSWORD), ("ada", "wrong"), ("alice", PASSWORD)]
    answers = [sign_in(name, password) for name, password in tried]
    assert len({refused(one) for one in answers}) == 1


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    ada: User, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import get_hasher

    hashed: list[str] = []
    hasher = type(get_hasher())
    encode = hasher.encode

    def counted(self: Any, password: str, salt: str, *more: Any, **named: Any) -> Any:
        hashed.append(password)
        return encode(self, password, salt, *more, **named)

    monkeypatch.setattr(hasher, "encode", counted)
    counts = []
    for name in ("ada", "alice", "no_one"):
        hashed.clear()
        sign_in(name, "wrong-password")
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_guessing_is_slowed_by_name_and_address(ada: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    for _ in range(3):
        refused(sign_in(password="wrong"))
    response = sign_in()
    refused(response, 429, 4290)
    assert int(response["Retry-After"]) == response.json()["retryAfter"] > 60
    assert sign_in(username="ADA").status_code == 429
    # Another address and another name are free.
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post(
        LOGIN,
        json.dumps({"username": "ada", "password": PASSWORD}),
        content_type="application/json",
    )
    assert elsewhere.status_code == 200
    refused(sign_in(username="no_one"))


def test_a_right_password_is_not_counted(ada: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 2
    for _ in range(4):
        assert sign_in().status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "", "password": "x"},
        {"username": 7, "password": "x"},
        {"username": "ada", "password": "x" * 2000},
        {"username": "ada", "password": PASSWORD, "rememberMe": "yes"},
    ],
)
def test_a_login_of_the_wrong_shape_is_400(ada: User, body: dict[str, Any]) -> None:
    refused(Api().post(LOGIN, body), 400, 4000)


def test_wallets_are_not_offered(db: None) -> None:
    wallet = {"walletAddress": "0xabc", "signature": "0xdef"}
    for path, body in (("/v1/account/nonce", wallet), (LOGIN, wallet)):
        assert "password" in refused(Api().post(path, body), 501, 5010)


def test_a_person_has_only_so_many_sign_ins(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "FAMILIES_PER_USER", 3)
    pairs = [tokens.start_family(user=ada) for _ in range(5)]
    works = [ask(authorization=one.access).status_code for one in pairs]
    assert works == [401, 401, 200, 200, 200]


def test_nothing_secret_is_stored(pair: tokens.Tokens) -> None:
    row = str(TokenFamily.objects.values().get())
    assert pair.access.split(".")[2] not in row
    assert pair.refresh.split(".")[2] not in row
    assert make_key(pair.user) not in row
