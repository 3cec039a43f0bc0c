"""What people see of limits and pauses of providers, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, finished, snapshot, start

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REASON = "The render farm moves until noon."
# A sign of life follows this much silence: then an open page asks why its stages wait.
WITHIN_MS = 60_000


def providers_page(page: Page) -> None:
    page.goto("/admin/providers")
    expect(page.get_by_role("heading", name="Providers and limits")).to_be_visible()


def test_a_pause_is_read_by_the_runs_owner_and_lost_by_resuming(
    rest: httpx.Client, visit: Callable[..., Visit]
) -> None:
    with visit() as desk, visit() as owner:
        providers_page(desk)
        # A limit is set by keyboard alone.
        row = desk.locator("#provider-test")
        row.locator("summary", has_text="Limits").focus()
        desk.keyboard.press("Enter")
        desk.keyboard.press("Tab")
        expect(row.get_by_label("At once")).to_be_focused()
        desk.keyboard.type("3")
        desk.keyboard.press("Enter")
        expect(row).to_contain_text("of 3 at work")
        row.locator("summary", has_text="Pause").click()
        row.get_by_label("Reason").fill(REASON)
        row.get_by_role("button", name="Pause", exact=True).click()
        expect(row).to_contain_text(f"Paused just now by owner: {REASON}")
        # Every machine keeps to it within a second; what begins earlier goes on.
        desk.wait_for_timeout(1000)
        step = {"toolName": "note", "title": "Shot", "arguments": {"text": "a heron"}}
        run = start(rest, {"title": "Heron", "input": {"steps": [step]}})
        owner.goto(f"/runs/{run['id']}")
        note = owner.locator("[data-note]").first
        expect(note).to_have_text(f"Paused by the operator: {REASON}")
        [shown] = snapshot(rest, run["id"])["steps"]
        assert (shown["status"], shown["queueReason"]) == ("pending", "provider_paused")
        assert shown["attempt"] == 0
        # Another reason reaches the page that is open, though no event tells of it.
        row.locator("summary", has_text="Change reason").click()
        row.get_by_label("Reason").fill("Back at one.")
        row.get_by_role("button", name="Save reason").click()
        expect(note).to_have_text("Paused by the operator: Back at one.", timeout=WITHIN_MS)
        row.get_by_role("button", name="Resume").click()
        expect(owner.locator("[data-run-status]")).to_have_text("Done", timeout=WITHIN_MS)
        assert finished(rest, run["id"])["status"] == "completed"
