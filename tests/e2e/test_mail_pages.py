"""An address is confirmed and a password reset by mail, in a real browser, at every width."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import check
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.fakes.smtp_server import SmtpServer
from tests.support.server import SHARED_SERVICES, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED_SERVICES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ADDRESS = "owner@example.org"
PASSWORD = "harbor-lights-77"
REFUSED = ("Failed to load resource: the server responded with a status of 4",)


def newest_link(smtp: SmtpServer, kind: str, count: int) -> str:
    """The link of the newest mail, once so many have arrived."""
    wait_for(lambda: len(smtp.received) >= count, f"{count} mails", 60)
    [link] = re.findall(rf"http://\S+/{kind}/\S+", smtp.received[-1].text)
    return str(link)


def test_an_address_and_a_new_password(site: Site, smtp: SmtpServer, browser: Browser) -> None:
    session = signed_in(browser, site, "owner")
    with Visit(browser, site.url, storage_state=session, expected=REFUSED) as page:
        page.goto("/me")
        page.get_by_role("link", name="Add an address").click()
        check(page, "address-none")
        page.get_by_label("Email address").fill("owner@example")
        page.get_by_role("button", name="Send a link").click()
        expect(page.get_by_role("alert")).to_contain_text("Enter an email address")
        check(page, "address-refused")
        page.get_by_label("Email address").fill(ADDRESS)
        page.get_by_role("button", name="Send a link").click()
        expect(page.get_by_text("Not confirmed")).to_be_visible()
        check(page, "address-waits")
        link = newest_link(smtp, "mail", 1)
        page.get_by_role("button", name="Send again").click()
        link = newest_link(smtp, "mail", 2)
        page.goto(link)
        check(page, "address-confirm")
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()
        check(page, "address-confirmed")
        page.goto(link)
        expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
        check(page, "link-spent")
        page.goto("/me/notices/settings")
        expect(page.get_by_text(f"Mail goes to {ADDRESS}")).to_be_visible()
        check(page, "notice-settings")
        page.goto("/me")
        check(page, "account")
        with Visit(browser, site.url, expected=REFUSED) as visitor:
            _reset(visitor, smtp)
        # The new password ended this session.
        page.goto("/me")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Username").fill("owner")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto("/admin/")
        page.get_by_role("main").get_by_role("link", name="Mail").click()
        expect(page.get_by_role("heading", name="Mail")).to_be_visible()
        check(page, "admin-mail")


def _reset(page: Page, smtp: SmtpServer) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    check(page, "reset-ask")
    page.get_by_label("Username or email address").fill(ADDRESS)
    before = len(smtp.received)
    page.get_by_role("button", name="Send a link").click()
    expect(page.get_by_text("If this account exists")).to_be_visible()
    check(page, "reset-sent")
    page.goto(newest_link(smtp, "reset", before + 1))
    check(page, "reset")
    page.get_by_label("New password").fill("password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("too common")
    check(page, "reset-refused")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("Password changed")).to_be_visible()


def test_a_link_in_mail_turns_a_kind_off(site: Site, smtp: SmtpServer, browser: Browser) -> None:
    # As mail of a finished run has it: made by the server that would read it.
    made = site.manage(
        "shell", "-v", "0", "-c",
        "from accounts.models import User; from notices import mailing;"
        " print(mailing.stop_url(User.objects.get(username='owner'), 'run_failed'))",
    )  # fmt: skip
    [link] = re.findall(r"http://\S+/mail/stop/\S+", made)
    with Visit(browser, site.url, expected=REFUSED) as page:
        page.goto(link)
        check(page, "stop")
        page.get_by_role("button", name="Turn off").click()
        expect(page.get_by_role("heading", name="Mail is off")).to_be_visible()
        check(page, "stopped")
    session: Any = signed_in(browser, site, "owner")
    with Visit(browser, site.url, storage_state=session) as page:
        page.goto("/me/notices/settings")
        expect(page.get_by_role("switch", name="A run failed, by mail")).not_to_be_checked()
        expect(
            page.get_by_role("switch", name="A run waits for your answer, by mail")
        ).to_be_checked()
