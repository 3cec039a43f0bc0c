"""Reports hide a template by themselves; a moderator restores it in the console, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import axe
from tests.support.browser import Visit
from tests.support.browser_actions import close_cases
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
