"""The list of what happened to an account, and the list of its sessions."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import security, sessions
from accounts.auth import principal_from_headers
from accounts.client_address import ClientInfo as Sender
from accounts.client_address import current_client
from accounts.models import BrowserSession, SecurityEvent, User
from core import clock, errors
from tests.integration.accounts.test_sign_in import link_path
from tests.support.builders.factories import PASSWORD, make_key, make_user

pytestmark = [pytest.mark.django_db]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("keeper", password=PASSWORD)


def browser(agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    return Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)


def sign_in(client: Client, password: str = PASSWORD) -> Client:
    client.post("/sign-in", {"username": "keeper", "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/v1/account/me").status_code == 200


def kinds(user: User | None) -> list[str]:
    return list(
        SecurityEvent.objects.filter(user=user).order_by("id").values_list("kind", flat=True)
    )


def test_what_opens_an_account_is_noted_with_address_and_browser(keeper: User) -> None:
    client = sign_in(browser(), "wrong")
    sign_in(client)
    client.post("/me/keys", {"name": "night job", "proof": PASSWORD})
    lookup = keeper.api_keys.get().lookup
    client.post(f"/me/keys/{lookup}/revoke")
    new = {"old_password": PASSWORD, "new_password1": "rain-over-9", "new_password2": "rain-over-9"}
    client.post("/me/password", new)
    client.post("/me/sessions/end")
    client.post("/sign-out")
    assert kinds(keeper) == [
        "sign_in_failed",
        "sign_in",
        "key_made",
        "key_revoked",
        "password_changed",
        "sessions_ended",
        "sign_out",
    ]
    rows = SecurityEvent.objects.all()
    assert {row.address for row in rows} == {"192.0.2.7"}
    assert {row.agent for row in rows} == {FIREFOX}
    secrets = (PASSWORD, "rain-over-9", "wrong", "rg_")
    assert not any(secret in json.dumps(row.details) for row in rows for secret in secrets)


def test_links_tokens_and_unknown_names_are_noted_too(keeper: User) -> None:
    browser().post(link_path(keeper))
    body = json.dumps({"username": "keeper", "password": PASSWORD, "appSource": "sdk"})
    browser().post("/v1/account/login", body, content_type="application/json")
    browser().post("/sign-in", {"username": "ghost", "password": "my-real-password"})
    assert kinds(keeper) == ["link_made", "sign_in", "api_sign_in"]
    assert kinds(None) == ["sign_in_failed"]
    # What was typed as a name may have been a password.
    assert SecurityEvent.objects.get(user=None).details == {}


def test_the_person_reads_it(keeper: User) -> None:
    sign_in(browser(PHONE, "198.51.100.4"), "wrong")
    page = sign_in(browser()).get("/me/security").content.decode()
    assert "Sign-in failed" in page
    assert "Safari on iPhone" in page
    assert "198.51.100.4" in page
    assert "Firefox on Linux" in page


def test_one_sees_only_ones_own(keeper: User, bob: User) -> None:
    sign_in(browser(PHONE, "198.51.100.4"), "wrong")
    client = browser()
    client.force_login(bob)
    assert b"198.51.100.4" not in client.get("/me/security").content
    theirs = sign_in(browser())
    row = BrowserSession.objects.get(user=keeper)
    client.post(f"/me/sessions/{row.pk}/end")
    assert is_in(theirs)


def test_many_failures_are_one_row_with_a_count(keeper: User, settings: Settings) -> None:
    settings.SIGN_IN_TRIES = settings.SIGN_IN_TRIES_PER_ADDRESS = 1000
    for _ in range(30):
        sign_in(browser(), "wrong")
    row = SecurityEvent.objects.get(user=keeper, kind="sign_in_failed")
    assert row.details == {"count": 30}
    assert b"30 times" in sign_in(browser()).get("/me/security").content
    sign_in(browser(address="203.0.113.9"), "wrong")
    assert SecurityEvent.objects.filter(user=keeper, kind="sign_in_failed").count() == 2


def test_old_events_and_too_many_of_one_person_are_forgotten(
    keeper: User,
) -> None:
    old = clock.now() - security.KEPT_FOR - timedelta(hours=1)
    make = SecurityEvent.objects.create
    make(user=keeper, kind="sign_in", created_at=old)
    rows = [SecurityEvent(user=keeper, kind="sign_in") for _ in range(security.MOST_KEPT + 5)]
    SecurityEvent.objects.bulk_create(rows)
    make(user=None, kind="sign_in_failed")
    sessions.forget_expired()
    assert SecurityEvent.objects.filter(user=keeper).count() == security.MOST_KEPT
    assert SecurityEvent.objects.filter(user=None).count() == 1
    assert not SecurityEvent.objects.filter(created_at=old).exists()


def test_a_program_that_lies_about_itself_breaks_no_line(
    keeper: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="security")
    token = current_client.set(Sender("192.0.2.7", "x' sign_in user=root"))
    security.record(security.SIGN_OUT, user=keeper)
    current_client.reset(token)
    assert "\n" not in caplog.records[-1].getMessage()
    sign_in(Client(headers={"User-Agent": "bad\x1b[31m\u202eagent" + "x" * 5000}))
    row = SecurityEvent.objects.filter(kind="sign_in").get()
    assert len(row.agent) == 200
    assert row.agent.isprintable()


def test_one_session_is_ended_from_the_list(keeper: User) -> None:
    here, there = sign_in(browser()), sign_in(browser(PHONE))
    row = BrowserSession.objects.get(agent=PHONE)
    assert here.post(f"/me/sessions/{row.pk}/end")["Location"] == "/me/security"
    assert is_in(here)
    assert not is_in(there)
    assert here.post(f"/me/sessions/{row.pk}/end").status_code == 302


def test_ending_all_others_leaves_this_one_in_the_list(keeper: User) -> None:
    here, there = sign_in(browser()), sign_in(browser(PHONE))
    here.post("/me/sessions/end")
    assert is_in(here)
    assert not is_in(there)
    page = here.get("/me/security").content.decode()
    assert page.count('data-label="Signed in"') == 1
    assert "This browser" in page


def test_an_unused_session_ends(keeper: User, settings: Settings) -> None:
    settings.SESSION_IDLE_DAYS = 3
    used, unused = sign_in(browser()), sign_in(browser(PHONE))
    row = BrowserSession.objects.filter(agent=PHONE)
    row.update(seen_at=clock.now() - timedelta(days=3, minutes=1))
    assert is_in(used)
    assert unused.get("/me").status_code == 302
    assert not is_in(unused)
    assert is_in(used)


def test_idle_sessions_end_on_addresses_beside_the_pages_too(keeper: User) -> None:
    client = sign_in(browser())
    headers = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    assert principal_from_headers(headers).user == keeper
    BrowserSession.objects.update(seen_at=clock.now() - timedelta(days=31))
    with pytest.raises(errors.Unauthenticated):
        principal_from_headers(headers)


def test_use_is_noted_but_not_on_every_request(keeper: User) -> None:
    client = sign_in(browser())
    long_ago = clock.now() - timedelta(hours=2)
    BrowserSession.objects.update(seen_at=long_ago)
    client.get("/me")
    seen = BrowserSession.objects.get().seen_at
    assert seen > long_ago
    client.get("/me")
    assert BrowserSession.objects.get().seen_at == seen


def test_a_session_from_before_the_list_is_entered_when_it_is_used(keeper: User) -> None:
    client = sign_in(browser())
    BrowserSession.objects.all().delete()
    assert b"This browser" in client.get("/me/security").content


def test_rows_of_ended_sessions_are_forgotten(keeper: User) -> None:
    client = sign_in(browser())
    sign_in(browser(PHONE))
    client.session.delete()
    sessions.forget_expired()
    assert [row.agent for row in BrowserSession.objects.all()] == [PHONE]


def test_leaving_takes_the_list_along(keeper: User) -> None:
    make_key(keeper)
    client = sign_in(browser())
    client.post("/me/delete", {"proof": PASSWORD})
    assert not SecurityEvent.objects.filter(user=keeper).exists()
    assert not BrowserSession.objects.filter(user=keeper).exists()


def test_a_link_names_its_person_before_the_button(keeper: User, bob: User) -> None:
    path = link_path(keeper)
    page = Client().get(path).content.decode()
    assert "Continue as keeper" in page
    assert "You are signed in as" not in page
    client = Client()
    client.force_login(bob)
    page = client.get(path).content.decode()
    assert "Continue as keeper" in page
    assert "You're signed in as <strong>bob</strong>" in page
    client.post(path)
    assert client.get("/v1/account/me").json()["data"]["username"] == "keeper"


def test_a_spent_link_names_no_person(keeper: User) -> None:
    path = link_path(keeper)
    Client().post(path)
    for address in (path, "/sign-in/" + "A" * 43):
        page = Client().get(address)
        assert page.status_code == 404
        assert b"keeper" not in page.content
