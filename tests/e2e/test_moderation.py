"""Reports hide a template by themselves; a moderator restores it in the console, by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support import axe
from tests.support.clients.browser import Visit, expect_title
from tests.support.clients.browser_actions import close_cases
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
REFUSED = ("the server responded with a status of 404",)
MARSH = {
    "id": "open-marsh",
    "name": "Open marsh",
    "description": "A marsh at dawn.",
    "visibility": "public",
    "inputs": [{"name": "subject", "type": "text", "required": True, "description": "What"}],
    "stages": [{"id": "one", "type": "fixed", "tool": "note", "args": {"text": "$inputs.subject"}}],
}
# Cases in the order of the queue, each about a template of its own.
MANY = 50
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
ACTIONS = {"1": "dismiss", "2": "hide", "3": "take_down"}
# Of the field that holds what the author will read.
LETTER = re.compile("^Message to")


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    """The author's REST client, once no case is open."""
    close_cases(site)
    with site.client(site.key("ottoline")) as client:
        yield client


@pytest.fixture(scope="module")
def marsh(alice: httpx.Client) -> str:
    """The id of a template that alice has published."""
    answer = alice.post(TEMPLATES, json=MARSH)
    assert answer.status_code == 201, answer.text
    return MARSH["id"]


@pytest.fixture
def visit(site: Site, browser: Browser) -> Callable[..., Visit]:
    return lambda **options: Visit(browser, site.url, **options)


def come_in(site: Site, page: Page, name: str) -> None:
    if name != "owner":
        site.key(name)
    link = re.search(r"http\S+", site.manage("signin-link", name))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("main").get_by_role("button", name="Continue as").click()
    page.wait_for_url("**/", wait_until="commit")


def report(site: Site, page: Page, name: str, marsh: str, *, reason: str, note: str) -> None:
    come_in(site, page, name)
    page.goto(f"/t/{marsh}")
    page.get_by_role("link", name="Report").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Report this template")).to_be_visible()
    dialog.get_by_role("radio", name=reason).check()
    dialog.get_by_role("textbox", name="Details").fill(note)
    dialog.get_by_role("button", name="Send report").click()
    page.wait_for_url("**/me/reports")
    expect(page.get_by_text("let you know what we decide")).to_be_visible()


def test_reports_hide_it_and_a_moderator_restores_it(
    site: Site, visit: Callable[..., Visit], alice: httpx.Client, marsh: str
) -> None:
    reason = "Illegal or harms children"
    with visit() as page:
        report(site, page, "rupert", marsh, reason=reason, note="Look at the second stage.")
    assert httpx.get(f"{site.url}/t/{marsh}").status_code == 200
    with visit() as page:
        report(site, page, "carla", marsh, reason=reason, note="")
    # Two of the heaviest are enough: gone for everyone but its author, who is told.
    assert httpx.get(f"{site.url}/t/{marsh}").status_code == 404
    assert "Open marsh" not in httpx.get(f"{site.url}/?q=marsh").text
    assert alice.get(f"{TEMPLATES}/{marsh}").status_code == 200
    with visit() as page:
        come_in(site, page, "ottoline")
        page.goto(f"/t/{marsh}")
        expect(page.get_by_text("Hidden pending review")).to_be_visible()
        page.goto("/me/templates")
        expect(page.get_by_text("several people reported it")).to_be_visible()

    with visit() as page:
        come_in(site, page, "owner")
        page.goto("/admin/moderation/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Open cases")
        page.get_by_role("link", name="Open marsh").click()
        page.wait_for_url("**/cases/*")
        expect(page.get_by_text("Hidden automatically because of its reports")).to_be_visible()
        expect(page.get_by_text("Look at the second stage.")).to_be_visible()
        assert axe.broken(page, page.url) == []
        page.keyboard.press("1")
        letter = page.get_by_label(LETTER)
        expect(letter).to_have_value(re.compile("is visible again"))
        page.get_by_label("Note for moderators").fill("A marsh, nothing else")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/admin/moderation/")
        expect(page.get_by_role("heading", name="No open cases")).to_be_visible()
        page.get_by_role("link", name="Audit log").click()
        expect(page.get_by_role("cell", name="case.restore")).to_be_visible()
        expect(page.get_by_text("Hidden → Visible").first).to_be_visible()
        assert axe.broken(page, page.url) == []
    assert httpx.get(f"{site.url}/t/{marsh}").status_code == 200
    assert "Open marsh" in httpx.get(f"{site.url}/?q=marsh").text


def test_a_decision_is_taken_back_with_u(
    site: Site, visit: Callable[..., Visit], alice: httpx.Client
) -> None:
    name = {**MARSH, "id": "quiet-fen", "name": "Quiet fen"}
    assert alice.post(TEMPLATES, json=name).status_code == 201
    with visit() as page:
        report(site, page, "rupert", "quiet-fen", reason="Spam or misleading", note="Hm")
    with visit() as page:
        come_in(site, page, "owner")
        page.goto("/admin/moderation/")
        page.get_by_role("link", name="Quiet fen").click()
        page.wait_for_url("**/cases/*")
        page.keyboard.press("3")
        expect(page.get_by_role("button", name="Take down")).to_be_visible()
        page.get_by_label("Reason", exact=True).last.select_option(label="Violence")
        expect(page.get_by_label(LETTER)).to_have_value(re.compile("calls for violence"))
        # What a moderator wrote stays whatever is chosen afterwards.
        page.get_by_label(LETTER).fill("In my own words.")
        page.get_by_label("Reason", exact=True).last.select_option(label="Hate")
        expect(page.get_by_label(LETTER)).to_have_value("In my own words.")
        page.get_by_role("button", name="Take down").click()
        page.wait_for_url("**/admin/moderation/")
        assert httpx.get(f"{site.url}/t/quiet-fen").status_code == 404
        page.get_by_role("link", name=re.compile("^Closed")).click()
        page.get_by_role("link", name="Quiet fen").click()
        page.wait_for_url("**/cases/*")
        expect(page.get_by_text("Message to author: In my own words.")).to_be_visible()
        page.locator("body").press("u")
        expect(page.get_by_text("undid")).to_be_visible()
    assert httpx.get(f"{site.url}/t/quiet-fen").status_code == 200


# Its case was closed by the tests before, so it has no form of its own for `thorough`.
@pytest.mark.parametrize("scheme", ["light"])
def test_the_console_fits_a_phone_and_needs_no_script(
    site: Site, browser: Browser, scheme: str, marsh: str
) -> None:
    options = {
        "viewport": {"width": 390, "height": 844},
        "java_script_enabled": False,
        "color_scheme": scheme,
    }
    with Visit(browser, site.url) as page:
        come_in(site, page, "owner")
        state = page.context.storage_state()
    with Visit(browser, site.url, storage_state=state, **options) as page:
        page.goto("/admin/moderation/?show=closed")
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


def test_the_report_page_works_without_script(
    site: Site, browser: Browser, alice: httpx.Client
) -> None:
    assert alice.post(TEMPLATES, json={**MARSH, "id": "still-fen"}).status_code == 201
    with Visit(browser, site.url) as page:
        come_in(site, page, "rupert")
        state = page.context.storage_state()
    with Visit(browser, site.url, storage_state=state, java_script_enabled=False) as page:
        page.goto("/t/still-fen")
        page.get_by_role("link", name="Report").click()
        page.wait_for_url("**/t/still-fen/report")
        page.get_by_role("radio", name="Hate Attacks").check()
        page.get_by_role("button", name="Send report").click()
        page.wait_for_url("**/me/reports")
        expect(page.get_by_text("In review").first).to_be_visible()


def decided(site: Site, name: str) -> dict[str, Any]:
    """What moderators decided about the templates of this name, as the database has it."""
    found = re.search("DECIDED (.*)", site.manage("shell", "-c", DECIDED.format(name=name)))
    assert found is not None
    return dict(json.loads(found[1]))


def test_fifty_cases_are_decided_and_undone_as_fast_as_keys_come(
    site: Site, visit: Callable[..., Visit], alice: httpx.Client
) -> None:
    close_cases(site)
    site.manage("shell", "-c", OPENED.format(many=MANY, name="Dune"))
    typed = ["123"[number * 7 % 5 % 3] for number in range(MANY)]
    with visit(viewport={"width": 1440, "height": 900}) as page:
        come_in(site, page, "owner")
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
            if number == 9:
                # A server that is slow to answer: the keys wait for it.
                assert decided(site, "Dune")["made"] == []
                held[0].continue_()
        expect(page.get_by_role("heading", name="No open cases")).to_be_visible(timeout=60_000)
        state = decided(site, "Dune")
        expected = [[f"Dune {number}", ACTIONS[key]] for number, key in enumerate(typed)]
        assert state["made"] == expected
        assert (state["holding"], state["suspended"]) == (MANY, 1)
        for _ in typed:
            page.keyboard.press("u")
        expect(page.get_by_role("link", name=f"Open {MANY}")).to_be_visible(timeout=60_000)
        expect(page.locator(".moderation-title")).to_have_text("Dune 0")
    state = decided(site, "Dune")
    assert state["made"] == expected
    assert (state["holding"], state["suspended"], state["states"]) == (0, 0, ["open"])
    assert set(state["seen"]) == {"visible"}
    close_cases(site)


@pytest.mark.parametrize("width", [1440, 390])
def test_after_a_decision_the_next_case_is_in_sight_and_the_toast_undoes(
    site: Site, visit: Callable[..., Visit], alice: httpx.Client, width: int
) -> None:
    close_cases(site)
    name = f"Ridge{width}"
    site.manage("shell", "-c", OPENED.format(many=2, name=name))
    window = {"viewport": {"width": width, "height": 844}, "has_touch": width == 390}
    with visit(**window, expected=("status of 409",)) as page:
        come_in(site, page, "owner")
        page.goto("/admin/moderation/")
        page.get_by_role("link", name=f"{name} 0").click()
        title = page.locator(".moderation-title")
        expect(title).to_have_text(f"{name} 0")
        page.get_by_role("radio", name="Take down").check()
        page.get_by_role("button", name="Take down").click()
        expect(title).to_have_text(f"{name} 1")
        expect(title).to_be_focused()
        expect(title).to_be_in_viewport()
        expect_title(page, f"{name} 1")
        toast = page.locator(".toast")
        expect(toast.locator("p")).to_have_text("Taken down.")
        undo = toast.get_by_role("button", name="Undo")
        (undo.tap if width == 390 else undo.click)()
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
