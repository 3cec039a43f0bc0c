"""A creation is hidden: its author is told, reads why, and appeals; another moderator answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import axe
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import close_cases, signed_in
from tests.support.server import SHARED, Site, finished, start

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGN = {
    "toolName": "generate_image",
    "title": "Sign",
    "arguments": {"prompt": "A neon sign in the rain", "width": 512, "height": 512},
}
WORDS = "It's my own sign.\nI painted it in 2024."
# What a moderator does with the console's form of appeals, by what both have in common.
ANSWER = """
from accounts.models import User
from moderation import appeals
appeal = appeals.waiting().get()
appeals.answer(actor=User.objects.get(username="mia"), appeal=appeal,
    version=appeal.decision.case.version, outcome="overturned", text="You're right, sorry.")
"""


@pytest.fixture(scope="module")
def people(site: Site, browser: Browser) -> Callable[..., Visit]:
    known: dict[str, Any] = {}
    close_cases(site)

    def visit(name: str, **options: Any) -> Visit:
        if name not in known:
            known[name] = signed_in(browser, site, name)
        return Visit(browser, site.url, storage_state=known[name], **options)

    return visit


@pytest.fixture(scope="module")
def creation(site: Site, people: Callable[..., Visit]) -> str:
    """The path of a creation of Appia's."""
    with site.client(site.key("appia")) as client:
        run = start(client, {"input": {"title": "Signs of rain", "steps": [SIGN]}})
        finished(client, run["id"])
    with people("appia") as page:
        page.goto(f"/app/runs/{run['id']}/share")
        page.locator("[value=public]").check()
        page.get_by_role("main").get_by_role("button", name="Share", exact=True).click()
        page.wait_for_url("**/s/*")
        return page.url.removeprefix(site.url)


def report(page: Page, creation: str) -> None:
    page.goto(f"{creation}/report")
    page.get_by_role("radio", name="Someone else's work").check()
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url("**/me/reports")


def hide(page: Page) -> None:
    page.goto("/admin/moderation/")
    page.get_by_role("link", name="Signs of rain").click()
    page.wait_for_url("**/cases/*")
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/admin/moderation/")


def test_hidden_told_appealed_and_back(
    site: Site, people: Callable[..., Visit], creation: str
) -> None:
    site.key("mia")
    site.manage("moderator", "mia")
    with people("bob") as page:
        report(page, creation)
    with people("owner") as page:
        hide(page)
    assert httpx.get(site.url + creation).status_code == 404
    with people("appia", expected=("status of 422",)) as page:
        page.goto("/me/notices")
        page.get_by_role("link", name=re.compile("“Signs of rain” is hidden")).click()
        page.wait_for_url(f"**{creation}")
        page.get_by_role("link", name="Appeal").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Signs of rain")
        expect(page.get_by_text("because it is someone else's work")).to_be_visible()
        assert axe.broken(page, page.url) == []
        form = page.get_by_label("Why is the decision wrong?")
        form.fill(" ")
        page.get_by_role("button", name="Send appeal").click()
        expect(page.get_by_role("alert")).to_contain_text("Write why the decision is wrong")
        assert axe.broken(page, page.url) == []
        form.fill(WORDS)
        page.get_by_role("button", name="Send appeal").click()
        expect(page.get_by_role("main")).to_contain_text("A different moderator will look at it.")
        expect(page.get_by_text("I painted it in 2024.")).to_be_visible()
        assert axe.broken(page, page.url) == []
    site.manage("shell", "--command", ANSWER)
    assert httpx.get(site.url + creation).status_code == 200
    with people("appia") as page:
        page.goto("/me/notices")
        page.get_by_role("link", name=re.compile("The decision was overturned")).click()
        expect(page.get_by_text("You're right, sorry.")).to_be_visible()
        expect(page.get_by_text("Overturned after an appeal")).to_be_visible()
        page.get_by_role("link", name="All decisions").click()
        assert axe.broken(page, page.url) == []
        page.get_by_role("link", name="Signs of rain").first.click()
        page.get_by_role("link", name="Open the creation").click()
        page.wait_for_url(f"**{creation}")
        expect(page.get_by_text("Visible again")).to_have_count(0)


def test_an_appeal_needs_no_script_and_fits_a_phone(
    site: Site, people: Callable[..., Visit], creation: str
) -> None:
    with people("carl") as page:
        report(page, creation)
    with people("owner") as page:
        hide(page)
    options = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    with people("appia", **options) as page:
        page.goto("/me")
        page.get_by_role("link", name="Decisions").click()
        page.get_by_role("link", name="Appeal: Signs of rain").click()
        page.get_by_label("Why is the decision wrong?").fill(WORDS)
        page.get_by_role("button", name="Send appeal").click()
        expect(page.get_by_text("A different moderator will look at it.").first).to_be_visible()
        for path in (page.url, "/me/decisions"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
