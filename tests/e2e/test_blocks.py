"""Blocking a person from their comment and muting them from their page, in browsers of both."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import axe
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.server import SHARED, Site, finished, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SITE_OPTIONS = SHARED

SIGN = {"toolName": "generate_image", "title": "Sign"}
SIGN_ARGUMENTS = {"prompt": "A neon sign in the rain", "width": 256, "height": 256}
# axe writes styles of its own, which the page's policy refuses.
STYLES = ("Applying inline style", "preload assets")
REFUSED = (*STYLES, "422")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture(scope="module")
def alice(site: Site, browser: Browser) -> Any:
    return _named(site, browser, "moreau", "Alice Moreau")


@pytest.fixture(scope="module")
def bob(site: Site, browser: Browser) -> Any:
    return _named(site, browser, "castellan", "Bob Castellan")


@pytest.fixture(scope="module")
def hers(site: Site, browser: Browser, alice: Any) -> str:
    return _share(site, browser, alice, "moreau", "Neon sign")


@pytest.fixture(scope="module")
def his(site: Site, browser: Browser, bob: Any) -> str:
    return _share(site, browser, bob, "castellan", "Rain on a roof")


def _named(site: Site, browser: Browser, username: str, name: str) -> Any:
    session = signed_in(browser, site, username)
    with Visit(browser, site.url, storage_state=session) as page:
        page.goto("/me")
        page.get_by_label("Display name").fill(name)
        page.get_by_role("button", name="Save profile").click()
        expect(page.get_by_text("Profile saved.")).to_be_visible()
    return session


def _share(site: Site, browser: Browser, session: Any, username: str, title: str) -> str:
    """The address of a new public creation."""
    with site.client(site.key(username)) as client:
        steps = [{**SIGN, "arguments": SIGN_ARGUMENTS}]
        run = start(client, {"input": {"title": title, "steps": steps}})
        finished(client, run["id"])
    with Visit(browser, site.url, storage_state=session) as page:
        page.goto(f"/app/runs/{run['id']}/share")
        page.locator("[value=public]").check()
        page.get_by_role("main").get_by_role("button", name="Share", exact=True).click()
        page.wait_for_url("**/s/*")
        return page.url


def _write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Comment", exact=True).fill(text)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment").last).to_contain_text(text)


def _more(page: Page) -> None:
    page.get_by_role("button", name="More about Bob Castellan").press("Enter")


def test_a_person_is_blocked_from_their_comment_and_unblocked(
    site: Site, browser: Browser, alice: Any, bob: Any, hers: str
) -> None:
    author = Visit(browser, site.url, storage_state=alice, expected=STYLES)
    other = Visit(browser, site.url, storage_state=bob, expected=REFUSED)
    with author as page, other as window:
        window.goto(hers)
        _write(window, "This is dreadful")
        page.goto(hers)
        _more(page)
        block = page.get_by_role("link", name="Block Bob Castellan…")
        expect(block).to_be_visible()
        assert axe.broken(page, "a comment's menu", "#comments") == []
        block.press("Enter")
        dialog = page.get_by_role("dialog", name="Block Bob Castellan?")
        expect(dialog).to_be_visible()
        expect(block).to_be_hidden()
        assert axe.broken(page, "the dialog of a block", "#block-dialog") == []
        dialog.get_by_role("button", name="Block", exact=True).press("Enter")
        expect(page.get_by_text("Blocked Bob Castellan.")).to_be_visible()
        expect(page.get_by_text("This is dreadful")).to_have_count(0)
        assert axe.broken(page, "after a block") == []

        # The page that is still open refuses it, and the next one doesn't offer it.
        window.get_by_role("textbox", name="Comment", exact=True).fill("And this")
        window.get_by_role("button", name="Comment", exact=True).click()
        expect(window.get_by_text("You can't comment here.")).to_be_visible()
        window.goto(hers)
        expect(window.get_by_text("This is dreadful")).to_be_visible()
        expect(window.get_by_text("You can't comment here.")).to_be_visible()
        expect(window.get_by_role("textbox", name="Comment", exact=True)).to_have_count(0)

        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Unblocked Bob Castellan.")).to_be_visible()
        expect(page.get_by_text("This is dreadful")).to_be_visible()
        window.goto(hers)
        _write(window, "Sorry")


def test_a_person_is_muted_on_their_page_and_listed(
    site: Site, browser: Browser, alice: Any, his: str
) -> None:
    with Visit(browser, site.url, storage_state=alice, expected=STYLES) as page:
        page.goto("/creations?sort=new")
        expect(page.get_by_role("link", name="Rain on a roof")).to_be_visible()
        page.goto(his)
        page.locator(".by").get_by_role("link", name="Bob Castellan").click()
        _more(page)
        assert axe.broken(page, "an author's menu") == []
        page.get_by_role("button", name="Mute Bob Castellan").press("Enter")
        expect(page.get_by_text("You've muted Bob Castellan.")).to_be_visible()
        assert axe.broken(page, "a muted author's page") == []
        page.goto("/creations?sort=new")
        expect(page.get_by_role("link", name="Rain on a roof")).to_have_count(0)
        page.goto("/me")
        page.get_by_role("link", name="Blocked and muted").click()
        expect(page.get_by_role("cell", name="Muted")).to_be_visible()
        assert axe.broken(page, "the list of blocked and muted people") == []
        page.get_by_role("button", name="Unmute Bob Castellan").click()
        expect(page.get_by_text("No one is blocked or muted")).to_be_visible()
        page.goto("/creations?sort=new")
        expect(page.get_by_role("link", name="Rain on a roof")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_on_a_phone_the_menu_and_the_dialog_fit(
    site: Site, browser: Browser, alice: Any, bob: Any, hers: str, theme: str
) -> None:
    with Visit(browser, site.url, storage_state=bob) as window:
        window.goto(hers)
        _write(window, f"On a phone, {theme}")
    phone = {"storage_state": alice, "color_scheme": theme, "expected": STYLES, **PHONE}
    with Visit(browser, site.url, **phone) as page:
        page.goto(hers)
        page.get_by_role("button", name="More about Bob Castellan").last.tap()
        menu = page.locator(".more-menu:popover-open")
        expect(menu).to_be_visible()
        box = menu.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        assert axe.broken(page, f"a comment's menu, {theme}", "#comments") == []
        menu.get_by_role("link", name=re.compile("^Block")).tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert axe.broken(page, f"the dialog of a block, {theme}", "#block-dialog") == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
