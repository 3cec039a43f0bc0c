"""`/admin/server`: what an operator saves holds at once, is checked, and is in the audit log."""

from __future__ import annotations

import html
import os
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings

from accounts import one_time_links, security, services
from accounts.models import BrowserSession, SecurityEvent, User
from core import clock, server_settings
from core.models import ServerSetting
from moderation.models import AuditEntry
from runs.engine import retention
from runs.engine.retention import OldRunPurge
from runs.models import Run
from tests.support.at_once import at_once
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.builders.moderation import forget_the_log, make_moderator, report
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api
from tests.support.clients.authenticator import switch_on
from tests.support.clients.server_page import PATH, change, form_of, shown
from tests.support.clients.visitors import signed_in
from tests.support.waiting import promised, wait_for

pytestmark = pytest.mark.django_db
NOTE = [{"toolName": "note", "arguments": {"text": "x"}}]
JOINING = {"username": "ada", "display_name": "Ada", "password": PASSWORD}
TERMS = "Be kind.\n\nWe keep what you upload."


@pytest.fixture
def op(db: None) -> User:
    return make_user("op", is_staff=True)


@pytest.fixture
def client(op: User) -> Client:
    return signed_in(op)


def logged() -> list[tuple[str, str, str, str]]:
    """Action, setting, before and after of each entry, oldest first."""
    rows = AuditEntry.objects.filter(subject_kind="server").order_by("id")
    return [
        (one.action, one.subject_id, *one.data["before"].values(), *one.data["after"].values())
        for one in rows
    ]


def saved(client: Client, **typed: str | None) -> None:
    answer = change(client, **typed)
    assert answer.status_code == 302, answer.content.decode()


# --- who ---------------------------------------------------------------------------------------


def test_only_operators_see_and_change_it(alice: User, bob: User) -> None:
    make_moderator(bob)
    for person in (alice, bob):
        assert signed_in(person).get(PATH).status_code == 404
        form = {"OPEN_SIGNUP": "on", "seen-OPEN_SIGNUP": "-"}
        assert signed_in(person).post(PATH, form).status_code == 404
    assert Client().get(PATH)["Location"] == f"/sign-in?next={PATH}"
    assert not ServerSetting.objects.exists()


def test_staff_find_it(client: Client) -> None:
    assert f'href="{PATH}"' in client.get("/admin/").content.decode()
    assert client.get(f"{PATH}/")["Location"] == PATH


# --- each setting acts at once -----------------------------------------------------------------


def test_sign_up_opens_and_closes(client: Client) -> None:
    assert Client().get("/sign-up").status_code == 404
    saved(client, OPEN_SIGNUP="on")
    assert Client().get("/sign-up").status_code == 200
    assert b'href="/sign-up"' in Client().get("/sign-in").content
    saved(client, OPEN_SIGNUP=None)
    assert Client().post("/sign-up", JOINING).status_code == 404
    assert b'href="/sign-up"' not in Client().get("/sign-in").content
    assert logged() == [
        ("server.set", "OPEN_SIGNUP", "off", "on"),
        ("server.set", "OPEN_SIGNUP", "on", "off"),
    ]


def test_credit_and_the_daily_limit_stop_starts(client: Client, bob_key: str) -> None:
    body = {"input": {"steps": [{"toolName": "note", "arguments": {"copies": 2}}]}}

    def started() -> int:
        return Api(bob_key).post("/v1/creative-agent/workflows", body).status_code

    assert started() == 201
    saved(client, LIMIT_CREDIT="on")
    assert started() == 402
    saved(client, LIMIT_CREDIT=None, DAILY_UNITS="1")
    assert started() == 402
    saved(client, DAILY_UNITS="0")
    assert started() == 201


def test_unfinished_runs_and_steps_are_limited(client: Client, bob: User, bob_key: str) -> None:
    two = {"workflow_id": make_public(bob).public_id, "inputs": {"brief": "A lamp"}}

    def started() -> int:
        return Api(bob_key).post("/v1/creative-agent/workflows", two).status_code

    saved(client, MAX_STEPS="1")
    assert started() == 422
    saved(client, MAX_STEPS="2", ACTIVE_RUNS_PER_USER="1")
    assert [started(), started()] == [201, 409]


def test_storage_is_limited_in_megabytes(client: Client, bob: User) -> None:
    assert shown(client)["STORAGE_PER_USER_BYTES"] == "5000"
    saved(client, STORAGE_PER_USER_BYTES="7")
    assert "of 7 MB" in signed_in(bob).get("/me").content.decode()


def test_old_runs_go_and_stay(client: Client, bob: User) -> None:
    run = start(bob, NOTE)
    work_off()
    long_ago = clock.now() - timedelta(days=30)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago, finished_at=long_ago)
    purge = OldRunPurge()
    purge()
    assert Run.objects.filter(pk=run.pk).exists()
    saved(client, KEEP_RUNS_DAYS="31")
    purge()
    assert Run.objects.filter(pk=run.pk).exists()
    saved(client, KEEP_RUNS_DAYS="29")
    purge()
    assert not Run.objects.filter(pk=run.pk).exists()


def test_a_purge_under_way_ends_where_runs_are_to_be_kept(
    client: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 1)
    for _ in range(3):
        start(bob, NOTE)
    work_off()
    long_ago = clock.now() - timedelta(days=30)
    Run.objects.update(created_at=long_ago, finished_at=long_ago)
    saved(client, KEEP_RUNS_DAYS="7")
    purge = OldRunPurge()
    purge()
    saved(client, KEEP_RUNS_DAYS="0")
    purge()
    assert Run.objects.count() == 2


def test_reports_hide_by_the_weight_that_is_set(client: Client, bob: User, alice: User) -> None:
    saved(client, HIDE_WEIGHT="1")
    template = make_public(alice)
    report(template, bob)
    template.refresh_from_db()
    assert template.moderation == "quarantined"


def test_reports_an_hour_are_limited(client: Client, bob: User, alice: User) -> None:
    saved(client, REPORTS_PER_HOUR="1")
    templates = [make_public(alice, name=name) for name in ("One", "Two")]
    sent = [
        signed_in(bob).post(f"/t/{one.public_id}/report", {"reason": "spam"}).status_code
        for one in templates
    ]
    assert sent == [302, 429]


def test_unused_sessions_end(client: Client, bob: User) -> None:
    visitor = signed_in(bob)
    visitor.get("/me")
    BrowserSession.objects.filter(user=bob).update(seen_at=clock.now() - timedelta(days=3))
    assert visitor.get("/me").status_code == 200
    BrowserSession.objects.filter(user=bob).update(seen_at=clock.now() - timedelta(days=3))
    saved(client, SESSION_IDLE_DAYS="2")
    assert visitor.get("/me").status_code == 302


def test_staff_need_a_code_only_where_the_operator_has_one(client: Client, op: User) -> None:
    answer = change(client, SECOND_FACTOR="staff")
    assert answer.status_code == 422
    assert "Set up your own second factor first" in answer.content.decode()
    assert logged() == []
    switch_on(client, op)
    saved(client, SECOND_FACTOR="staff")
    other = make_user("other", is_staff=True)
    assert signed_in(other).get("/admin/runs/")["Location"].startswith("/me/security")
    saved(client, SECOND_FACTOR="off")
    assert signed_in(other).get("/admin/runs/").status_code == 200


def test_an_announcement_is_on_pages_and_in_the_api(client: Client, bob_key: str) -> None:
    assert b"data-banner" not in Client().get("/").content
    saved(client, ANNOUNCEMENT="Down on <Sunday>.")
    for path in ("/", "/sign-in", "/creations"):
        assert "Down on &lt;Sunday&gt;." in Client().get(path).content.decode(), path
    [told] = Api(bob_key).get("/v1/announcements/active").json()["data"]["announcements"]
    assert told["message"] == "Down on <Sunday>."
    assert told["id"].removeprefix("ann_") in Client().get("/").content.decode()
    saved(client, ANNOUNCEMENT="")
    assert b"data-banner" not in Client().get("/").content


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@example.org", "mailto:help@example.org"),
        ("https://example.org/help?a=1", "https://example.org/help?a=1"),
    ],
)
def test_the_contact_is_below_pages_and_on_error_pages(
    client: Client, contact: str, link: str
) -> None:
    assert b"Contact</a>" not in Client().get("/").content
    saved(client, CONTACT=contact, TERMS=TERMS)
    for path in ("/", "/terms", "/sign-in", "/nothing-here"):
        assert f'href="{link}"' in Client().get(path).content.decode(), path


# --- terms -------------------------------------------------------------------------------------


def test_terms_have_a_page_while_they_are_set(client: Client) -> None:
    assert Client().get("/terms").status_code == 404
    assert b'href="/terms"' not in Client().get("/").content
    saved(client, TERMS=TERMS)
    page = Client().get("/terms").content.decode()
    assert "<p>Be kind.</p>" in page
    assert b'href="/terms"' in Client().get("/").content
    saved(client, TERMS="")
    assert Client().get("/terms").status_code == 404


def test_newcomers_accept_the_terms_that_they_saw(client: Client, op: User) -> None:
    saved(client, TERMS=TERMS, OPEN_SIGNUP="on")
    digest = server_settings.digest(TERMS)
    assert f'value="{digest}"' in Client().get("/sign-up").content.decode()
    refused = Client().post("/sign-up", JOINING)
    assert refused.status_code == 422
    assert "Accept the terms to join." in refused.content.decode()
    saved(client, TERMS=f"{TERMS} For ever.")
    outdated = Client().post("/sign-up", {**JOINING, "terms": digest})
    assert outdated.status_code == 422
    assert "The terms have just changed." in outdated.content.decode()
    assert not User.objects.filter(username="ada").exists()
    digest = server_settings.digest(f"{TERMS} For ever.")
    assert Client().post("/sign-up", {**JOINING, "terms": digest}).status_code == 302
    event = SecurityEvent.objects.get(user__username="ada", kind="terms_accepted")
    assert event.details == {"terms": digest}


def test_invited_people_accept_the_terms(client: Client, op: User) -> None:
    saved(client, TERMS=TERMS)
    link = one_time_links.create_invitation(actor=op, note="", base_url="http://testserver")
    path = urlsplit(link).path
    assert Client().post(path, JOINING).status_code == 422
    accepted = {**JOINING, "terms": server_settings.digest(TERMS)}
    assert Client().post(path, accepted).status_code == 302
    assert SecurityEvent.objects.filter(user__username="ada", kind="terms_accepted").exists()


def test_an_acceptance_is_not_forgotten_with_old_events(client: Client) -> None:
    saved(client, TERMS=TERMS)
    ada = services.sign_up(username="ada", password=PASSWORD, terms=server_settings.digest(TERMS))
    SecurityEvent.objects.update(created_at=clock.now() - timedelta(days=1000))
    security.prune()
    assert [one.kind for one in SecurityEvent.objects.filter(user=ada)] == ["terms_accepted"]


def test_people_are_told_of_new_terms(client: Client, bob: User) -> None:
    saved(client, TERMS=TERMS)
    note = "The terms of this server are new or have changed."
    assert note in signed_in(bob).get("/").content.decode()
    assert note not in Client().get("/").content.decode()


# --- what can't be saved -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("DAILY_UNITS", "-1", "Enter a whole number from 0 to 1,000,000,000."),
        ("DAILY_UNITS", "", "Enter a whole number"),
        ("DAILY_UNITS", "1" * 5000, "Enter a whole number"),
        ("DAILY_UNITS", "\u0663", "Enter a whole number"),
        ("SESSION_IDLE_DAYS", "15", "Enter a whole number from 1 to 14."),
        ("MAX_STEPS", "1.5", "Enter a whole number"),
        ("SECOND_FACTOR", "sometimes", "Choose one of the list."),
        ("CONTACT", "javascript:alert(1)", "Enter an email address, or a URL"),
        ("CONTACT", "ftp://example.org", "Enter an email address, or a URL"),
        ("ANNOUNCEMENT", "x" * 1001, "Use at most 1,000 characters."),
        ("ANNOUNCEMENT", "a\x00b", "contains a character that can't be stored"),
        ("TERMS", "x" * 20_001, "Use at most 20,000 characters."),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_saved(
    client: Client, name: str, text: str, said: str
) -> None:
    answer = change(client, **{"REPORTS_PER_HOUR": "7", name: text})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    field = page.split(f'id="setting-{name}"')[1].split('id="setting-')[0]
    assert said in field
    assert form_of(page)["REPORTS_PER_HOUR"] == "7"
    assert not ServerSetting.objects.exclude(name__startswith="_").exists()
    assert logged() == []


def test_fields_that_are_not_sent_or_not_known_change_nothing(client: Client) -> None:
    odd = {"SECRET_KEY": "x", "seen-SECRET_KEY": "-", "DAILY_UNITS": "5"}
    assert client.post(PATH, odd).status_code == 302
    assert logged() == []


# --- what holds --------------------------------------------------------------------------------


def test_the_page_wins_over_the_environment_until_it_is_reset(
    client: Client, settings: Settings
) -> None:
    settings.SET_BY_ENVIRONMENT = frozenset({"REELGRAPH_DAILY_UNITS"})
    settings.DAILY_UNITS = 40
    page = client.get(PATH).content.decode()
    assert "Set by the environment: <code>REELGRAPH_DAILY_UNITS</code>" in page
    saved(client, DAILY_UNITS="50")
    assert server_settings.value("DAILY_UNITS") == 50
    assert "Use the environment's value instead: 40 credits" in client.get(PATH).content.decode()
    saved(client, **{"reset-DAILY_UNITS": "on"})
    assert server_settings.value("DAILY_UNITS") == 40
    assert logged() == [
        ("server.set", "DAILY_UNITS", "40 credits", "50 credits"),
        ("server.unset", "DAILY_UNITS", "50 credits", "40 credits"),
    ]
    log = AuditEntry.objects.get(action="server.set")
    assert log.actor is not None
    assert log.actor.username == "op"


def test_saving_the_form_as_it_is_changes_nothing(client: Client) -> None:
    saved(client, TERMS=TERMS, KEEP_RUNS_DAYS="9")
    count = AuditEntry.objects.count()
    saved(client)
    assert AuditEntry.objects.count() == count


def test_a_row_that_may_not_hold_is_passed_over(client: Client) -> None:
    ServerSetting.objects.create(name="DAILY_UNITS", value="many")
    ServerSetting.objects.create(name="GONE", value=1)
    server_settings.known.forget()
    assert server_settings.value("DAILY_UNITS") == 0
    assert shown(client)["DAILY_UNITS"] == "0"


@pytest.mark.django_db(transaction=True)
def test_another_process_knows_within_5_s() -> None:
    client = signed_in(services.ensure_owner())
    form = shown(client)
    seen, told = os.pipe()
    # Each process opens its own.
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _watches(told)
        finally:
            os._exit(status)
    assert os.read(seen, 1) == b"0"
    assert change(client, form, DAILY_UNITS="5").status_code == 302
    assert os.waitpid(child, 0)[1] == 0
    forget_the_log()


def _watches(told: int) -> int:
    """In another process: 0 when it saw no limit, said so, and saw one in time."""
    server_settings.known.forget()
    if server_settings.value("DAILY_UNITS") != 0:
        return 1
    os.write(told, b"0")
    # Until the change is made, too, on a slow machine.
    rows = ServerSetting.objects.filter(name="DAILY_UNITS")
    wait_for(rows.exists, "the change")
    with promised(5):
        wait_for(lambda: server_settings.value("DAILY_UNITS") == 5, "the news of it")
    return 0


# --- two at once -------------------------------------------------------------------------------


def test_the_second_of_two_on_one_setting_is_told(client: Client, op: User) -> None:
    opened = shown(client)
    saved(client, DAILY_UNITS="5")
    answer = change(client, opened, DAILY_UNITS="6", MAX_STEPS="7")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Someone else changed this to: 5 credits" in page
    assert server_settings.value("DAILY_UNITS") == 5
    # What was typed is still there; sent again, it counts.
    again = form_of(page)
    assert (again["DAILY_UNITS"], again["MAX_STEPS"]) == ("6", "7")
    assert change(client, again).status_code == 302
    assert server_settings.value("DAILY_UNITS") == 6
    assert server_settings.value("MAX_STEPS") == 7


def test_of_two_on_different_settings_both_hold(client: Client) -> None:
    opened = shown(client)
    saved(client, DAILY_UNITS="5")
    answer = change(client, opened, MAX_STEPS="7")
    assert answer.status_code == 302
    assert "Someone else changed Credits a day" in client.get(PATH).content.decode()
    assert server_settings.value("DAILY_UNITS") == 5
    assert server_settings.value("MAX_STEPS") == 7


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_refused() -> None:
    owner = services.ensure_owner()
    opened = shown(signed_in(owner))
    clients = [signed_in(owner) for _ in range(4)]

    def save(place: int) -> int:
        return change(clients[place], opened, DAILY_UNITS=str(place + 1)).status_code

    assert sorted(at_once([partial(save, place) for place in range(4)])) == [302, 409, 409, 409]
    assert len(logged()) == 1
    forget_the_log()
