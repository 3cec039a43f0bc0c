"""My own pages in real Chromium: a key that works, an invited person, a sign-in elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.builders.templates import documented
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
# What Chromium says about any answer that is an error; the page itself is what counts.
REFUSED = ("Failed to load resource: the server responded with a status of 4",)


def test_a_new_key_is_copied_and_works_until_it_is_revoked(
    visit: Callable[..., Visit], site: Site
) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with visit(permissions=permissions, expected=REFUSED) as page:
        page.goto("/me")
        page.get_by_role("link", name="API keys").click()
        page.get_by_label("Name, e.g.").fill("account script")
        page.get_by_role("button", name="New key").click()
        page.get_by_role("button", name="Copy The key").click()
        expect(page.locator("#live")).to_have_text("The key copied")
        key = page.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch(r"rg_\w{10}_[\w-]{43}", key)
        page.get_by_role("button", name="Copy The command").click()
        expect(page.locator("#live")).to_have_text("The command copied")
        command = page.evaluate("navigator.clipboard.readText()")
        assert command == f"curl -H 'api-key: {key}' {site.url}/v1/account/me"
        with site.client(key) as client:
            assert client.get("/v1/account/me").json()["data"]["username"] == "owner"
            page.reload()
            expect(page.get_by_role("heading", name="API keys")).to_be_visible()
            assert key not in page.content()
            row = page.get_by_role("row").filter(has_text="account script")
            expect(row).not_to_contain_text("never")
            row.get_by_role("button", name="Revoke account script").click()
            dialog = page.get_by_role("dialog", name="Revoke account script?")
            # The safe button has the focus, and Escape changes nothing.
            expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
            page.keyboard.press("Escape")
            expect(dialog).to_be_hidden()
            assert client.get("/v1/account/me").status_code == 200
            row.get_by_role("button", name="Revoke account script").click()
            dialog.get_by_role("button", name="Revoke").click()
            expect(row).to_have_count(0)
            assert client.get("/v1/account/me").status_code == 401


def test_an_invited_person_joins_and_the_link_is_spent(
    visit: Callable[..., Visit], site: Site, browser: Browser
) -> None:
    with visit() as page:
        page.goto("/admin/people")
        page.get_by_role("link", name="Invite").click()
        page.get_by_role("link", name="Invite someone").click()
        page.get_by_label("For (note to yourself)").fill("Ada of accounts")
        page.get_by_role("button", name="Create invitation").click()
        link = page.get_by_label("The link", exact=True).input_value()
        expect(page.get_by_role("row").filter(has_text="Ada of accounts")).to_be_visible()
        # What a chat does with a link to show a preview of it.
        for _ in range(3):
            assert httpx.get(link).status_code == 200
        with Visit(browser, site.url, expected=REFUSED) as guest:
            guest.goto(link)
            guest.get_by_label("Username").fill("owner")
            guest.get_by_label("Password").fill("lamplight-42")
            guest.get_by_role("button", name="Join").click()
            expect(guest.get_by_role("alert")).to_contain_text("reserved")
            guest.get_by_label("Username").fill("adele")
            guest.get_by_label("Password").fill("lamplight-42")
            guest.get_by_role("button", name="Join").click()
            guest.wait_for_url("**/")
            expect(guest.get_by_role("button", name="adele's account")).to_be_visible()
            guest.context.clear_cookies()
            guest.goto(link)
            heading = guest.get_by_role("heading", level=1)
            expect(heading).to_have_text("This invitation no longer works")
            guest.goto("/sign-in?next=/me")
            guest.get_by_label("Username").fill("adele")
            guest.get_by_label("Password").fill("lamplight-42")
            guest.get_by_role("main").get_by_role("button", name="Sign in").click()
            expect(guest.get_by_role("heading", name="Account", exact=True)).to_be_visible()
        page.goto("/admin/people/invitations")
        row = page.get_by_role("row").filter(has_text="Ada of accounts")
        expect(row).to_contain_text("Used")
        page.get_by_role("link", name=re.compile("^Open")).click()
        expect(row).to_have_count(0)
        # One that is still open is ticked and taken back.
        page.goto("/admin/data/accounts/onetimelink/add/")
        page.get_by_label("For (note to yourself)").fill("Rike of roles")
        page.get_by_role("button", name="Create invitation").click()
        row = page.get_by_role("row").filter(has_text="Rike of roles")
        row.get_by_role("checkbox").check()
        expect(page.locator(".action-counter")).to_contain_text("1 of")
        page.get_by_role("button", name="Revoke").click()
        expect(row).to_contain_text("Revoked")


def test_an_editor_stays_open_across_a_sign_in_in_another_tab(site: Site, browser: Browser) -> None:
    with Visit(browser, site.url, expected=REFUSED) as page:
        sign_in_by_link(page, site)
        actions = EditorActions(page)
        actions.new_template("Before the sign-in")
        expect(actions.saved).to_contain_text("Saved")
        assert "csrf" not in page.evaluate("document.cookie")
        other = page.context.new_page()
        other.goto("/me")
        other.get_by_role("button", name="owner's account").click()
        other.get_by_role("button", name="Sign out").click()
        other.wait_for_url("**/")
        sign_in_by_link(other, site)
        # A form of before says what to do; the editor gets the new token by itself.
        refused: list[str] = []
        page.on("response", lambda answer: answer.status == 403 and refused.append(answer.url))
        name = page.get_by_label("Template name")
        with page.expect_response(lambda answer: "/changes" in answer.url and answer.ok):
            name.fill("After the sign-in")
            name.press("Enter")
        expect(actions.saved).to_contain_text("Saved")
        # Requests that were sent at once may each be refused, and no request twice.
        assert refused
        assert len(refused) == len(set(refused))
        other.goto(page.url)
        expect(other.get_by_label("Template name")).to_have_value("After the sign-in")


def sign_in_by_link(page: Page, site: Site) -> None:
    [link] = re.findall(r"http://\S+/sign-in/\S+", site.manage("signin-link", "owner"))
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url("**/")


def test_hostile_names_and_long_lists_fit_a_phone(visit: Callable[..., Visit], site: Site) -> None:
    names = ["w" * 200, "<script>alert(1)</script>", "\u05e9\u05dd", "🎬" * 60, "夏目漱石" * 40]
    with site.client(site.key("owner")) as client:
        for name in names:
            answer = client.post(TEMPLATES, json={**documented(), "name": name})
            assert answer.status_code == 201, answer.text
    with visit() as page:
        for path in ("/me/templates", "/me/keys", "/me", "/me/delete", "/admin/people"):
            page.goto(path)
            for width in (1280, 390, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto("/me/templates")
        expect(page.get_by_role("heading", level=2).filter(has_text="script")).to_be_visible()
