"""`/me`: profile, password, sessions, units and data, each for their owner only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import ledger, selectors, services
from accounts.models import LedgerEntry, User
from comments import services as comments
from comments.services import Place
from core import clock
from creations import likes, sharing
from tests.support.builders.exports import account_data
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.builders.sharing import make_share
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
NEW = "a-new-lamplight-43"
POSTS = ("/me/profile", "/me/password", "/me/sessions/end", "/me/delete", "/me/export")


def is_in(client: Client) -> bool:
    return client.get("/v1/account/me").status_code == 200


def test_the_page_names_me_and_takes_a_name_and_an_address(alice: User) -> None:
    client = signed_in(alice)
    assert b"alice" in client.get("/me").content
    response = client.post("/me/profile", {"display_name": " Ada  L ", "email": "a@example.org"})
    assert (response.status_code, response["Location"]) == (302, "/me")
    alice.refresh_from_db()
    assert (alice.display_name, alice.email) == ("Ada L", "a@example.org")
    page = client.get("/me").content.decode()
    assert 'value="Ada L"' in page
    assert 'value="a@example.org"' in page
    client.post("/me/profile", {})
    alice.refresh_from_db()
    assert (alice.display_name, alice.email) == ("", "")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"display_name": "Moderator"}, "display_name"),
        ({"display_name": "\x00"}, "display_name"),
        ({"email": "no_one"}, "email"),
    ],
)
def test_a_refused_profile_changes_nothing(alice: User, form: dict[str, str], field: str) -> None:
    response = signed_in(alice).post("/me/profile", {"display_name": "Ada", **form})
    assert response.status_code == 422
    assert f'id="id_{field}-help" role="alert"' in response.content.decode()
    alice.refresh_from_db()
    assert alice.display_name == ""


def test_someone_without_a_password_sets_one(alice: User) -> None:
    client, other = signed_in(alice), signed_in(alice)
    assert b"Set password" in client.get("/me").content
    form = {"new_password1": NEW, "new_password2": NEW}
    assert client.post("/me/password", form).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert is_in(client)
    assert not is_in(other)


def test_changing_the_password_needs_the_old_one(settings: Settings) -> None:
    settings.SIGN_IN_TRIES = 2
    ada = make_user("ada", password=PASSWORD)
    client = signed_in(ada)
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    wrong = [client.post("/me/password", form).status_code for _ in range(3)]
    assert wrong == [422, 422, 429]
    good = {**form, "old_password": PASSWORD}
    assert client.post("/me/password", good).status_code == 429
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


@pytest.mark.parametrize("pair", [("iloveyou2", "iloveyou2"), (NEW, "x" + NEW)])
def test_a_weak_or_mistyped_password_is_refused(pair: tuple[str, str]) -> None:
    ada = make_user("ada", password=PASSWORD)
    form = {"old_password": PASSWORD, "new_password1": pair[0], "new_password2": pair[1]}
    response = signed_in(ada).post("/me/password", form)
    assert response.status_code == 422
    assert pair[0].encode() not in response.content
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_signing_out_everywhere_else_ends_other_sessions_but_no_key(alice: User) -> None:
    here, there, key = signed_in(alice), signed_in(alice), make_key(alice)
    assert is_in(there)
    assert here.post("/me/sessions/end")["Location"] == "/me/security"
    assert is_in(here)
    assert not is_in(there)
    assert there.get("/me")["Location"] == "/sign-in?next=/me"
    assert Client().get("/v1/account/me", headers={"api-key": key}).status_code == 200


def test_credits_are_counted_by_utc_day(alice: User, bob: User, settings: Settings) -> None:
    settings.LIMIT_CREDIT = True
    today = datetime.combine(clock.now().date(), datetime.min.time(), UTC)

    def moved(user: User, milli: int, when: datetime, kind: str = "reserve") -> None:
        ref = f"run:{LedgerEntry.objects.count()}"
        LedgerEntry.objects.create(user=user, kind=kind, milli=milli, ref=ref, created_at=when)

    moved(alice, -7000, today)
    moved(alice, 2500, today, "settle")
    moved(alice, -1000, today - timedelta(microseconds=1))
    moved(alice, -9000, today - timedelta(days=30))
    moved(alice, 50_000, today, "grant")
    moved(bob, -123_000, today)
    days = selectors.used_by_day(alice, 30)
    assert len(days) == 30
    assert [day.used_milli for day in days[:3]] == [4500, 1000, 0]
    assert sum(day.used_milli for day in days) == 5500
    assert ledger.balance(alice) == 35_500
    page = signed_in(alice).get("/me").content.decode()
    assert "Days start at midnight UTC" in page
    assert "35.5" in page
    assert page.count("<rect") - page.count("<rect width") >= 30
    assert "style=" not in page


@pytest.mark.parametrize(
    ("limited", "daily", "words"),
    [
        (False, 0, "5 credits used in the last 30 days. No limit is set."),
        (False, 20, "5 credits used in the last 30 days · 5 of 20 today (UTC)."),
        (True, 0, "No credits left · 5 used in the last 30 days."),
    ],
)
def test_credits_are_told_in_words_and_never_as_a_negative_number(
    alice: User, settings: Settings, limited: bool, daily: int, words: str
) -> None:
    settings.LIMIT_CREDIT, settings.DAILY_UNITS = limited, daily
    LedgerEntry.objects.create(
        user=alice, kind="reserve", milli=-5000, ref="run:1", created_at=clock.now()
    )
    page = signed_in(alice).get("/me").content.decode()
    use = page.partition('id="use"')[2].partition("</section>")[0]
    assert words in " ".join(re.sub(r"<[^>]+>", "", use).split())
    assert "-5" not in use
    assert "−" not in use


@pytest.mark.slow
def test_my_data_holds_what_i_shared_said_and_like(alice: User, bob: User) -> None:
    mine, his = make_share(alice, title="Mine"), make_share(bob, title="His")
    comments.comment_on_share(actor=alice, share=his, text="my words", place=Place())
    comments.comment_on_share(actor=bob, share=mine, text="his words", place=Place())
    likes.like(actor=alice, share=his)
    sharing.end_share(actor=alice, share=mine)
    data = account_data(alice)
    [shared] = data["creations"]
    assert (shared["title"], shared["runId"]) == ("Mine", mine.run.public_id)
    assert shared["endedAt"] is not None
    assert [one["text"] for one in data["comments"]] == ["my words"]
    assert [urlsplit(one["url"]).path for one in data["likes"]] == [f"/s/{his.public_id}"]
    # Since then she was told that it is ready.
    assert len(data["notices"]) == alice.notices.count() - 1 > 0
    assert "his words" not in str([data["comments"], data["likes"], data["creations"]])


def test_without_signing_in_it_leads_there(db: None) -> None:
    for path in POSTS:
        assert Client().post(path, {"display_name": "x"})["Location"].startswith("/sign-in")
    for path in ("/me", "/me/delete"):
        assert Client().get(path)["Location"] == f"/sign-in?next={path}"


def test_someone_suspended_still_signs_in(alice: User) -> None:
    services.change_password(user=alice, password=PASSWORD)
    User.objects.filter(pk=alice.pk).update(suspended_until=clock.now() + timedelta(days=1))
    client = Client()
    response = client.post("/sign-in", {"username": "alice", "password": PASSWORD})
    assert response["Location"] == "/"
    assert is_in(client)
