"""The page of backups: a site of its own, which makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser_actions import signed_in
from tests.support.pages import TEASER, Shown
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

SETTINGS = "tests.shots.backup_settings"


@dataclass(frozen=True, slots=True)
class BackupSite:
    site: Site
    session: Any


def furnish(site: Site, browser: Browser) -> BackupSite:
    """Sign the owner in; wait for the day's backup, and make two by hand, with a run between."""
    folder = site.home / "backup"
    wait_for(lambda: list(folder.glob("20*")), "the day's backup", 60)
    site.manage("backup", str(folder))
    with site.client(site.key("owner")) as client:
        finished(
            client, start(client, {"workflow_id": TEASER, "inputs": {"brief": "A lamp"}})["id"]
        )
    site.manage("backup", str(folder))
    return BackupSite(site, signed_in(browser, site, "owner"))


def _as_an_operator_has_it(page: Page) -> None:
    """Wait until nothing is under way; name a folder of the guide, not that of this photograph."""
    expect(page.get_by_role("list", name="Backups").get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_text("A backup is being made.")).to_have_count(0)
    page.get_by_role("main").locator("code").first.evaluate(
        "one => one.textContent = '/backup/reelgraph'"
    )
    # A short page: without room for what it lacks.
    page.set_viewport_size({"width": 1440, "height": 420})


PAGES: list[Shown] = [Shown("backups", "/admin/backups", True, before=_as_an_operator_has_it)]
