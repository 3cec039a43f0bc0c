"""`/me/keys`: made, shown once, used, revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import ledger, services
from accounts.models import ApiKey, User
from runs.engine import limit_settings
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat
from tests.support.stored_rows import stored_text

pytestmark = pytest.mark.django_db
PATH = "/me/keys"
KEY = re.compile(r"rg_[A-Za-z0-9]{10}_[A-Za-z0-9_-]{43}")


def shown_in(content: bytes) -> set[str]:
    return set(KEY.findall(content.decode()))


def test_a_new_key_is_shown_once_and_works(alice: User) -> None:
    client = signed_in(alice)
    response = client.post(PATH, {"name": "night job"})
    assert (response.status_code, response["Location"]) == (302, PATH)
    page = client.get(PATH)
    assert "no-store" in page["Cache-Control"]
    [key] = shown_in(page.content)
    html = page.content.decode()
    assert f"curl -H &#x27;api-key: {key}&#x27; http://testserver/v1/account/me" in html
    assert "night job" in html
    answer = Client().get("/v1/account/me", headers={"api-key": key})
    assert answer.json()["data"]["username"] == "alice"
    again = client.get(PATH)
    assert shown_in(again.content) == set()
    assert key[:13] in again.content.decode()


def test_no_table_holds_the_key_before_or_after_it_is_shown(alice: User) -> None:
    client = signed_in(alice)
    client.post(PATH, {"name": "night job"})
    before = stored_text()
    [key] = shown_in(client.get(PATH).content)
    assert key not in before
    assert key[14:] not in before
    assert key[14:] not in stored_text()


def test_looking_ahead_or_without_the_cookie_shows_nothing(alice: User) -> None:
    client = signed_in(alice)
    client.post(PATH, {"name": "one"})
    client.head(PATH)
    assert len(shown_in(client.get(PATH).content)) == 1
    client.post(PATH, {"name": "two"})
    cookie = client.cookies.pop("reveal")
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (PATH, True, "Strict")
    assert shown_in(client.get(PATH).content) == set()
    client.post(PATH, {"name": "three"})
    client.cookies["reveal"] = "forged*"
    assert shown_in(client.get(PATH).content) == set()


def test_a_revoked_key_is_turned_away_and_leaves_the_list(alice: User) -> None:
    client = signed_in(alice)
    text = make_key(alice, "old laptop")
    key = ApiKey.objects.get()
    assert b"old laptop" in client.get(PATH).content
    response = client.post(f"{PATH}/{key.lookup}/revoke")
    assert (response.status_code, response["Location"]) == (302, PATH)
    assert Client().get("/v1/account/me", headers={"api-key": text}).status_code == 401
    client.get(PATH)
    assert b"old laptop" not in client.get(PATH).content
    # Pressed twice: nothing breaks.
    assert client.post(f"{PATH}/{key.lookup}/revoke").status_code == 302


def test_keys_of_others_are_neither_shown_nor_revoked(alice: User, bob: User) -> None:
    make_key(alice, "alice's own")
    key = ApiKey.objects.get()
    client = signed_in(bob)
    assert b"alice&#x27;s own" not in client.get(PATH).content
    foreign = client.post(f"{PATH}/{key.lookup}/revoke")
    unknown = client.post(f"{PATH}/aaaaaaaaaa/revoke")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    key.refresh_from_db()
    assert key.revoked_at is None


def test_without_signing_in_it_leads_there(alice: User) -> None:
    for method in ("get", "post"):
        response = getattr(Client(), method)(PATH)
        assert response["Location"] == f"/sign-in?next={PATH}"
    assert Client().post(f"{PATH}/x/revoke")["Location"].startswith("/sign-in")
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize("name", ["   ", "x" * 81, "a\x00b"])
def test_a_name_that_cannot_be_one_makes_no_key(alice: User, name: str) -> None:
    response = signed_in(alice).post(PATH, {"name": name})
    assert response.status_code == 422
    assert b'role="alert"' in response.content
    assert ApiKey.objects.count() == 0


def test_a_stolen_session_makes_no_key_that_may_do_everything() -> None:
    keeper = make_user("keeper", password=PASSWORD)
    thief = signed_in(keeper)
    for scope in ({}, {"scope": ""}, {"scope": "all"}):
        for wrong in ({}, {"proof": "keeper"}, {"proof": "wrong"}):
            answer = thief.post(PATH, {"name": "mine", **scope, **wrong})
            assert answer.status_code == 422
            assert b'name="proof"' in answer.content
            assert b'role="alert"' in answer.content
    assert not ApiKey.objects.exists()
    # One that can't take the account over needs none.
    assert thief.post(PATH, {"name": "reader", "scope": "read"}).status_code == 302
    sent = {"name": "all", "scope": "all", "proof": PASSWORD}
    assert thief.post(PATH, sent).status_code == 302
    assert list(ApiKey.objects.order_by("pk").values_list("scope", flat=True)) == ["read", "all"]


def test_there_are_only_so_many_keys_and_only_so_fast(alice: User, settings: Settings) -> None:
    settings.KEYS_PER_USER = 2
    settings.NEW_KEYS_PER_HOUR = 4
    client = signed_in(alice)
    answers = [client.post(PATH, {"name": "one more"}).status_code for _ in range(5)]
    assert answers == [302, 302, 409, 409, 429]
    services.revoke_api_keys(user=alice)
    assert ApiKey.objects.count() == 2


def test_a_hostile_name_harms_no_page(alice: User) -> None:
    for name in ("<script>alert(1)</script>", "\u202egnirts", "🎬" * 20, "'\"&"):
        key, _ = services.create_api_key(user=alice, name="old")
        # Some of them were taken by earlier releases.
        ApiKey.objects.filter(pk=key.pk).update(name=name)
    page = signed_in(alice).get(PATH).content
    assert b"<script>alert" not in page
    assert page.count(b"<dialog") == 4


def test_a_budget_is_set_shown_beside_todays_use_and_taken_away(alice: User, bob: User) -> None:
    client = signed_in(alice)
    make_key(alice, "night batch")
    key = ApiKey.objects.get()
    ledger.reserve(ref="run:1", user=alice, api_key=key, milli=2_500)
    path = f"{PATH}/{key.lookup}/budget"
    said = client.post(path, {"units": "12.5"}, follow=True).content.decode()
    assert "night batch can use 12.5" in said
    assert 'value="12.5"' in said
    assert "2.5 credits" in said
    for wrong in ("-1", "many", "1e40", "0.0001"):
        refused = client.post(path, {"units": wrong}, follow=True).content.decode()
        assert "change the limit of night batch" in refused
    assert signed_in(bob).post(path, {"units": "1"}).status_code == 404
    key.refresh_from_db()
    assert key.daily_budget_milli == 12_500
    client.post(path, {"units": ""})
    key.refresh_from_db()
    assert key.daily_budget_milli is None


def test_its_owner_sees_that_a_key_is_paused_or_limited(alice: User) -> None:
    make_key(alice, "night job")
    name = f"key:{ApiKey.objects.get().pk}"
    client = signed_in(alice)
    assert "by the operator" not in client.get(PATH).content.decode()
    limit_settings.set_numbers(name, {"at_once": 1, "per_minute": 30})
    limit_settings.pause(name, "Too many <b>requests</b>")
    html = flat(client.get(PATH).content)
    assert "Limited by the operator: 1 step at once, 30 per minute<" in html
    assert "by the operator: <bdi>Too many &lt;b&gt;requests&lt;/b&gt;</bdi>" in html
