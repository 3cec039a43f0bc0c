"""A moderator decides in the console by keyboard and on a phone, and takes decisions back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.support.clients.browser import Visit, expect_title
from tests.support.clients.browser_actions import close_cases
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
MARSH = {
    "id": "open-marsh",
    "name": "Open marsh",
    "description": "A marsh at dawn.",
    "visibility": "public",
    "inputs": [{"name": "subject", "type": "text", "required": True, "description": "What"}],
    "stages": [{"id": "one", "type": "fixed", "tool": "note", "args": {"text": "$inputs.subject"}}],
}
# Cases in the order of the queue, each about a template of its own: enough for each decision twice.
MANY = 8
OPENED = """
import json
from accounts.models import User
from moderation import case_work
from tests.support.builders.templates import make_public
author, owner = (User.objects.get(username=name) for name in ("ottoline", "owner"))
for number in range({many}):
    template = make_public(author, id=f"{name}-{{number}}", name=f"{name} {{number}}")
    case_work.open_case(actor=owner, kind="template", key=str(template.pk))
"""
DECIDED = """
import json
from accounts.models import User
from moderation.models import Decision, Sanction
from templates_app.models import Template
about = Template.objects.filter(public_id__startswith="{name}-").order_by("pk")
pks = {{str(one.pk): one.name for one in about}}
rows = Decision.objects.filter(case__subject_id__in=pks).exclude(action="undo").order_by("pk")
print("DECIDED", json.dumps({{
    "made": [[pks[one.case.subject_id], one.action] for one in rows],
    "holding": rows.filter(undone_by=None).count(),
    "states": sorted({{one.case.state for one in rows}}),
    "seen": [one.moderation for one in about],
    "suspended": Sanction.objects.filter(decision__in=rows, ended_at=None).count(),
}}))
"""
CLAIMED = """
from accounts.models import User
from moderation import case_work, moderators
from moderation.models import Case
carla = User.objects.get(username="carla")
moderators.give(user=carla, role=moderators.MODERATOR)
for case in Case.objects.filter(closed_at=None):
    case_work.claim(actor=carla, case=case)
moderators.take(user=carla, role=moderators.MODERATOR)
"""
# Who is suspended may do nothing in the tests that follow.
LIFTED = """
from accounts.models import User
User.objects.filter(username="ottoline").update(suspended_until=None)
"""
ACTIONS = {"1": "dismiss", "2": "hide", "3": "take_down"}


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    """The author's REST client, once no case is open."""
    close_cases(site)
    with site.client(site.key("ottoline")) as client:
        yield client


def test_reports_and_the_console_fit_a_phone_and_need_no_script(
    site: Site, people: Callable[..., Visit], alice: httpx.Client
) -> None:
    assert alice.post(TEMPLATES, json=MARSH).status_code == 201
    site.manage("shell", "-c", OPENED.format(many=1, name="Sand"))
    plain: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "java_script_enabled": False,
    }
    with people("rupert", **plain) as page:
        page.goto("/t/open-marsh")
        page.get_by_role("link", name="Report").click()
        page.wait_for_url("**/t/open-marsh/report")
        page.get_by_role("radio", name="Hate Attacks").check()
        page.get_by_role("button", name="Send report").click()
        page.wait_for_url("**/me/reports")
        expect(page.get_by_text("In review").first).to_be_visible()
    with people("owner", **plain) as page:
        page.goto("/admin/moderation/")
        for link in ("Open marsh", None):
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, page.url
            if link:
                page.get_by_role("link", name=link).click()
                expect(page.get_by_role("heading", level=1)).to_have_text("Open marsh")
        expect(page.get_by_role("button", name="Decide")).to_be_visible()
        for name, address in (("Reports", ""), ("Entries", "/admin/moderation/audit")):
            if address:
                page.goto(address)
            table = page.get_by_role("region", name=name)
            assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), name
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def decided(site: Site, name: str) -> dict[str, Any]:
    """What moderators decided about the templates of this name, as the database has it."""
    found = re.search("DECIDED (.*)", site.manage("shell", "-c", DECIDED.format(name=name)))
    assert found is not None
    return dict(json.loads(found[1]))


@pytest.fixture
def queue(site: Site) -> Iterator[None]:
    """An empty queue of cases, and the author free again, wherever the test ends."""
    close_cases(site)
    yield
    site.manage("shell", "--no-imports", "-c", LIFTED)
    close_cases(site)


@pytest.mark.usefixtures("alice", "queue")
def test_eight_cases_are_decided_and_undone_as_fast_as_keys_come(
    site: Site, people: Callable[..., Visit]
) -> None:
    site.manage("shell", "-c", OPENED.format(many=MANY, name="Dune"))
    typed = ["123"[number * 7 % 5 % 3] for number in range(MANY)]
    with people("owner", viewport={"width": 1440, "height": 900}) as page:
        held: list[Route] = []
        slow = iter([True])
        # Before the page is there: what is set afterwards may miss its first request.
        page.route(
            "**/decide*", lambda one: held.append(one) if next(slow, False) else one.continue_()
        )
        page.goto("/admin/moderation/")
        expect(page.locator(".moderation-title")).to_have_text("Dune 0")
        for number, key in enumerate(typed):
            # On to the next and back again, and a suspension: what a moderator does on the way.
            way = ("j", "k") if number % 5 == 3 else ()
            more = ("d", "ArrowDown") if number == typed.index("3") else ()
            for one in (*way, key, *more, "Control+Enter"):
                page.keyboard.press(one)
            if number == 5:
                # A server that is slow to answer: the keys wait for it.
                wait_for(lambda: page.evaluate("true") and held, "the first decision on its way")
                assert decided(site, "Dune")["made"] == []
                held[0].continue_()
        expect(page.get_by_role("heading", name="No open cases")).to_be_visible()
        state = decided(site, "Dune")
        expected = [[f"Dune {number}", ACTIONS[key]] for number, key in enumerate(typed)]
        assert state["made"] == expected
        assert (state["holding"], state["suspended"]) == (MANY, 1)
        for _ in typed:
            page.keyboard.press("u")
        expect(page.get_by_role("link", name=f"Open {MANY}")).to_be_visible()
        expect(page.locator(".moderation-title")).to_have_text("Dune 0")
    state = decided(site, "Dune")
    assert state["made"] == expected
    assert (state["holding"], state["suspended"], state["states"]) == (0, 0, ["open"])
    assert set(state["seen"]) == {"visible"}


@pytest.mark.usefixtures("alice")
def test_after_a_decision_the_next_case_is_in_sight_and_the_toast_undoes(
    site: Site, people: Callable[..., Visit]
) -> None:
    close_cases(site)
    name = "Ridge"
    site.manage("shell", "-c", OPENED.format(many=2, name=name))
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with people("owner", **phone, expected=("status of 409",)) as page:
        page.goto("/admin/moderation/")
        page.get_by_role("link", name=f"{name} 0").click()
        title = page.locator(".moderation-title")
        expect(title).to_have_text(f"{name} 0")
        # What a moderator wrote stays whatever is chosen afterwards.
        page.get_by_role("radio", name="Take down").check()
        letter = page.get_by_label(re.compile("^Message to"))
        reason = page.get_by_label("Reason", exact=True).last
        reason.select_option(label="Violence")
        expect(letter).to_have_value(re.compile("calls for violence"))
        letter.fill("In my own words.")
        reason.select_option(label="Hate")
        expect(letter).to_have_value("In my own words.")
        page.get_by_role("button", name="Take down").click()
        expect(title).to_have_text(f"{name} 1")
        expect(title).to_be_focused()
        expect(title).to_be_in_viewport()
        expect_title(page, f"{name} 1")
        toast = page.locator(".toast")
        expect(toast.locator("p")).to_have_text("Taken down.")
        toast.get_by_role("button", name="Undo").tap()
        expect(title).to_have_text(f"{name} 0")
        expect(title).to_be_focused()
        # Refused: the keys after it were meant for the case that didn't come.
        site.key("carla")
        site.manage("shell", "-c", CLAIMED)
        for key in ("1", "Control+Enter", "2", "Control+Enter"):
            page.keyboard.press(key)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("carla is working on this case")
        expect(alert).to_be_focused()
        expect(title).to_have_text(f"{name} 0")
    state = decided(site, name)
    assert (state["holding"], len(state["made"])) == (0, 1)
