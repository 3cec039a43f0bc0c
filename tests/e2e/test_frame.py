"""What is around every page: bar, menus, theme, toasts, dialogs, partial updates."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.pages import TEASER, account_button
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

REFUSAL = {
    "status": "error",
    "message": "<b>Not</b> saved",
    "error": {"code": "conflict", "message": "<b>Not</b> saved"},
}
DARK, LIGHT = "rgb(11, 12, 14)", "rgb(248, 248, 246)"


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_chosen_theme_holds_on_every_page_and_never_flashes_the_other(
    visit: Callable[..., Visit],
) -> None:
    with visit(color_scheme="light") as page:
        page.goto("/")
        assert ground(page) == LIGHT
        account_button(page).click()
        page.get_by_role("button", name="Dark").click()
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        assert ground(page) == DARK
        # What the page looks like the first time anything could be drawn.
        page.add_init_script(
            "new MutationObserver((_, all) => { if (document.body) { all.disconnect();"
            " window.first = document.documentElement.dataset.theme; } })"
            ".observe(document, { childList: true, subtree: true })"
        )
        page.goto("/me/runs")
        assert page.evaluate("window.first") == "dark"
        assert ground(page) == DARK
        account_button(page).click()
        page.get_by_role("button", name="System").click()
        assert ground(page) == LIGHT
        page.emulate_media(color_scheme="dark")
        assert ground(page) == DARK


def test_menu_search_and_messages_by_keyboard(visit: Callable[..., Visit]) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    refused = ("Failed to load resource", "Response Status Error Code 40")
    with visit(permissions=permissions, expected=refused) as page:
        page.goto("/me/runs")
        keys = page.get_by_role("link", name="Keys")
        account_button(page).focus()
        page.keyboard.press("Enter")
        expect(keys).to_be_visible()
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()
        expect(account_button(page)).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Account")).to_be_focused()
        page.keyboard.press("Escape")

        # A slash goes to the search, unless someone is writing.
        page.keyboard.press("/")
        search = page.get_by_role("banner").get_by_role("searchbox")
        expect(search).to_be_focused()
        expect(search).to_have_value("")
        page.keyboard.type("and/or")
        expect(search).to_have_value("and/or")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?q=and*or")
        page.emulate_media(media="print")
        expect(page.get_by_role("banner")).to_be_hidden()
        expect(page.get_by_role("main")).to_be_visible()
        page.emulate_media(media="screen")
        assert page.evaluate("htmx.config.includeIndicatorStyles") is False
        assert page.evaluate("htmx.config.allowEval") is False
        assert page.locator("style").count() == 0

        # Partial updates carry the token: this one is refused for what it names.
        with page.expect_response("**/app/runs/wf_none/cancel") as answer:
            page.evaluate("htmx.ajax('POST', '/app/runs/wf_none/cancel', '#main')")
        assert answer.value.status == 404
        assert "x-csrftoken" in answer.value.request.headers
        region = page.locator("#toasts")
        expect(region).to_contain_text("Page not found, or you don't have access.")

        # A message leaves, and an error stays.
        page.clock.install()
        page.goto(f"/t/{TEASER}")
        page.get_by_role("button", name="Copy link").click()
        expect(region).to_have_attribute("aria-live", "polite")
        expect(region.get_by_text("Link copied.")).to_be_visible()
        page.clock.run_for(6_500)
        expect(region.get_by_text("Link copied.")).to_have_count(0)
        page.route("**/refused", lambda route: route.fulfill(status=409, json=REFUSAL))
        page.evaluate("htmx.ajax('POST', '/refused', '#main')")
        expect(region.get_by_text("<b>Not</b> saved")).to_be_visible()
        page.clock.run_for(60_000)
        region.get_by_role("button", name="Close").click()
        expect(region.locator(".toast")).to_have_count(0)
    with visit(java_script_enabled=False) as page:
        page.goto("/me/runs")
        account_button(page).click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        expect(page.get_by_role("button", name="Dark")).to_be_hidden()


def test_on_a_phone_the_main_pages_are_at_the_thumb_and_a_missing_page_has_the_bar(
    site: Site, browser: Browser, visit: Callable[..., Visit]
) -> None:
    window = {"viewport": {"width": 390, "height": 844}, "expected": ("status of 404",)}
    with visit(has_touch=True, **window) as page:
        for typed, heading in (
            ("runs", "My runs"),
            ("templates", "My templates"),
            ("moderation", "Open cases"),
            ("nowhere", "Page not found"),
        ):
            page.goto(f"/{typed}")
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        main = page.get_by_role("navigation", name="Main")
        expect(main).to_have_count(1)
        names = [" ".join(str(one).split()) for one in main.get_by_role("link").all_inner_texts()]
        assert names == ["Gallery", "Templates", "Runs", "Media", "Account"]
        for link in main.get_by_role("link").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["y"] + box["height"] <= 844
        main.get_by_role("link", name="Runs").tap()
        page.wait_for_url("**/me/runs")
    with Visit(browser, site.url, **window) as page:
        for typed in ("runs", "templates"):
            page.goto(f"/{typed}")
            page.wait_for_url(f"{site.url}/")
        page.goto("/nowhere")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Page not found")
        page.get_by_role("link", name="Sign in", exact=True).click()
        page.wait_for_url(re.compile("/sign-in"))
