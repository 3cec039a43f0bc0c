"""A suspension ends an open editor and an open run within 5 s, and both work again after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import showing
from tests.support.server import SHARED, Site, finished, snapshot, start
from tests.support.waiting import promised, wait_for

pytestmark = pytest.mark.browser
SITE_OPTIONS = SHARED

SOON_S = 5.0
PERSON = "sela"
TEMPLATES = "/v1/creative-agent/workflows/templates"
# A line that is refused, and what was sent while it was.
REFUSED = ("WebSocket connection to", "Failed to load resource")
NOTE = {"id": "note", "label": "Note", "type": "fixed", "tool": "note", "args": {"text": "x"}}


@pytest.fixture
def page(site: Site, browser: Browser, session: Any) -> Iterator[Page]:
    with Visit(browser, site.url, storage_state=session, expected=REFUSED) as page:
        yield page


def suspend(site: Site, until: str) -> None:
    """until: an expression."""
    site.manage(
        "shell",
        "-c",
        "from datetime import timedelta; from accounts.models import User; from core import clock;"
        f"User.objects.filter(username='{PERSON}').update(suspended_until={until})",
    )


@pytest.fixture(autouse=True)
def _lifted(site: Site, tmp_path: Path) -> Iterator[None]:
    yield
    (tmp_path / "go").touch()
    suspend(site, "None")


def test_an_open_editor_and_an_open_run_end_and_work_again(
    site: Site, page: Page, rest: httpx.Client, tmp_path: Path
) -> None:
    body = {"id": "sela-note", "name": "The reeds", "inputs": [], "stages": [NOTE]}
    assert rest.post(TEMPLATES, json=body).status_code == 201
    go = tmp_path / "go"
    steps = [
        {"id": "one", "toolName": "sleep", "arguments": {"seconds": 300, "until": str(go)}},
        {"id": "two", "toolName": "note", "arguments": {"text": "x"}, "dependsOn": ["one"]},
    ]
    run = start(rest, {"input": {"steps": steps}})["id"]
    watching = page.context.new_page()
    watching.goto(f"/runs/{run}")
    expect(watching.locator("[data-line-word]")).to_have_text("Live")
    page.goto("/t/sela-note/edit")
    expect(page.locator(".node").first).to_be_visible()

    suspend(site, "clock.now() + timedelta(days=3)")
    said = re.compile(r"suspended until \d+ \w+ \d{4}, \d\d:\d\d UTC")
    with promised(SOON_S, of=showing(site)):
        expect(page.get_by_role("heading", name="The editor is closed")).to_be_visible()
        expect(watching.locator("#suspended")).to_have_text(said)
    expect(page.locator("#suspended")).to_have_text(said)
    expect(page.get_by_role("link", name="See the decision")).to_be_visible()
    expect(watching.locator("[data-line-word]")).to_have_text("On hold")
    assert rest.get("/v1/account/me").json()["error"]["code"] == "account.suspended"
    # What had begun ends; what follows waits.
    go.touch()

    def is_held() -> bool:
        # Its line is refused, so that only a reload tells what came since.
        watching.reload()
        return watching.get_by_text("Held: the account is suspended").is_visible()

    wait_for(is_held, "the step that waits for the suspension")

    suspend(site, "None")
    assert finished(rest, run)["status"] == "completed"
    assert snapshot(rest, run)["status"] == "completed"
    page.reload()
    expect(page.locator(".node").first).to_be_visible()
    expect(page.locator("#suspended")).to_have_count(0)
