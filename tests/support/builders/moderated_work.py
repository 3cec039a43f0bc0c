"""Cases of each kind, and a suspended person, in the server whose pages are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import WAIT_MS
from tests.support.clients.browser_actions import signed_in
from tests.support.server import Site

TEMPLATES = "/v1/creative-agent/workflows/templates"
NOTE = {"id": "note", "label": "Note", "type": "fixed", "tool": "note", "args": {"text": "x"}}


@dataclass(frozen=True)
class ModeratedWork:
    """suspended: the session of a suspended person, who has appealed; template: one of theirs."""

    suspended: Any
    template: str


@dataclass(frozen=True)
class Moderating:
    """Reports and decides on pages. owner: the session of a moderator's browser."""

    site: Site
    browser: Browser
    owner: Any

    def moderate(self, *, creation: str) -> ModeratedWork:
        """creation: the owner's, with a comment of someone else's."""
        with self._window(self.owner) as page:
            page.goto(f"/s/{creation}")
            report = page.locator('.comment a[href$="/report"]').first
            send_report(page, report.get_attribute("href") or "")
        suspended = signed_in(self.browser, self.site, "ria")
        with self.site.client(self.site.key("ria")) as client:
            body = {"id": "ria-marsh", "name": "Open marsh", "inputs": [], "stages": [NOTE]}
            made = client.post(TEMPLATES, json=body)
            assert made.status_code == 201, made.text
        # Another moderator than the owner, who is to see the form that answers the appeal.
        other = signed_in(self.browser, self.site, "mia")
        self.site.manage("moderator", "mia")
        with self._window(other) as page:
            _suspend(page, "ria")
        with self._window(suspended) as page:
            _appeal(page)
        return ModeratedWork(suspended=suspended, template="ria-marsh")

    @contextmanager
    def _window(self, session: Any) -> Iterator[Page]:
        context = self.browser.new_context(base_url=self.site.url, storage_state=session)
        context.set_default_timeout(WAIT_MS)
        yield context.new_page()
        context.close()


def send_report(page: Page, address: str, *, details: str = "") -> None:
    """Report what has this address of a report's page, for the reason that comes first."""
    page.goto(address)
    page.get_by_role("radio").first.check()
    page.get_by_role("textbox", name="Details").fill(details)
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("let you know what we decide").first).to_be_visible()


def _suspend(page: Page, name: str) -> None:
    page.goto(f"/admin/moderation/people/?q={name}")
    page.get_by_role("main").get_by_role("link", name=name).click()
    page.get_by_role("button", name="Open a case").click()
    page.get_by_role("radio", name="Warn").check()
    page.get_by_label("Suspend", exact=True).select_option(label="7 days")
    page.get_by_label("Reason", exact=True).last.select_option(label="Harassment")
    page.get_by_role("button", name="Warn").click()
    page.wait_for_url("**/admin/moderation/*")


def _appeal(page: Page) -> None:
    page.goto("/me/decisions")
    page.get_by_role("link", name="Appeal:").click()
    page.get_by_label("Why is the decision wrong?").fill(
        "The messages were part of a play that we wrote together. Ask the others in it."
    )
    page.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_text("A different moderator will look at it.").first).to_be_visible()
