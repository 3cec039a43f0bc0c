"""`/admin/server/health`: operators read there what the doctor says, and no one else does."""

from __future__ import annotations

import html
import threading

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from builder.ops.health import SharedSurvey
from builder.staff.operator import health_views
from core.checks import ENTRIES, INSIDE, Checks, Entry, Look, fault, ok, warning
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import forget_the_log, make_moderator
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/server"
HEALTH = "/admin/server/health"
FEW = {"database", "migrations", "flush", "public address", "language model"}


@pytest.fixture
def staff() -> Client:
    return signed_in(make_user("op", is_staff=True))


@pytest.fixture(autouse=True)
def _few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not been asked yet, with checks that pass on every machine."""
    monkeypatch.setattr(health_views, "_survey", SharedSurvey("server"))
    monkeypatch.setattr(health_views, "PATIENCE_S", WAIT_S)
    for name in ENTRIES.keys() - FEW:
        monkeypatch.delitem(ENTRIES, name)


def register(monkeypatch: pytest.MonkeyPatch, look: Look) -> None:
    monkeypatch.setitem(ENTRIES, "an extra one", Entry("an extra one", look, 1, INSIDE))


def text_of(client: Client, *, is_part: bool = False) -> str:
    answer = client.get(HEALTH, headers={"HX-Request": "true"} if is_part else {})
    assert answer.status_code == 200
    return flat(html.unescape(answer.content.decode()))


def test_the_page_asks_for_them_once_it_is_there_and_has_a_link_for_those_without_scripts(
    staff: Client,
) -> None:
    page = flat(staff.get(PAGE).content.decode())
    assert f'hx-get="{HEALTH}" hx-trigger="load" hx-swap="outerHTML"' in page
    assert f'href="{HEALTH}">Show the result</a>' in page
    assert page.index('id="health"') < page.index('<form class="operator-server"')


def test_a_server_with_nothing_wrong_says_so_with_the_list(staff: Client) -> None:
    part = text_of(staff, is_part=True)
    assert "<h1" not in part
    assert "checks passed" in part
    assert "Warning" not in part
    assert "answers in" in part
    assert "Looked at" in part
    # What only the doctor asks isn't among them.
    assert "Language model" not in part
    assert "All 4 checks passed" in text_of(staff)


def test_warnings_and_faults_are_listed_with_their_remedies(
    staff: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> Checks:
        yield warning("the <b>pen</b> is dry", "Run `make ink`.")
        yield fault("the page is gone", "Restore it.")

    register(monkeypatch, look)
    settings.PUBLIC_URL = "http://studio.example.org"
    answer = staff.get(HEALTH).content.decode()
    assert "the &lt;b&gt;pen&lt;/b&gt; is dry." in answer
    assert "Run <code>make ink</code>." in answer
    assert "http://studio.example.org isn" in answer
    assert answer.index("the page is gone.") < answer.index("pen")
    assert "The other" in answer


def test_a_check_that_breaks_is_a_fault_of_its_own_and_breaks_no_page(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> Checks:
        raise RuntimeError("password=hunter2-secret: the pen broke")
        yield

    register(monkeypatch, look)
    text = text_of(staff)
    assert "couldn't be checked" in text
    assert "the pen broke" in text
    assert "hunter2" not in text


def test_a_check_that_hangs_holds_no_page(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def look() -> Checks:
        let_go.wait(WAIT_S)
        yield ok("fine")

    register(monkeypatch, look)
    monkeypatch.setattr(health_views, "PATIENCE_S", 0.1)
    parts = [text_of(staff, is_part=True) for _ in range(3)]
    let_go.set()
    assert all("Still looking at" in part and "delay:2s" in part for part in parts)
    monkeypatch.setattr(health_views, "PATIENCE_S", WAIT_S)
    assert "checks passed" in text_of(staff, is_part=True)


def test_only_operators_read_them(alice: User) -> None:
    assert Client().get(HEALTH).status_code == 302
    assert signed_in(alice).get(HEALTH).status_code == 404
    assert signed_in(make_moderator(make_user("mod"))).get(HEALTH).status_code == 404
    assert signed_in(make_user("op", is_staff=True)).post(HEALTH).status_code == 405
    forget_the_log()
