"""Backups on the operator's page, and a restored copy that takes over, as an owner does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import check
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGE = "/admin/backups"
REFUSED = ("Failed to load resource: the server responded with a status of 4",)
MADE_WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def site(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    with Site(home, env={"REELGRAPH_BACKUP_DIR": str(store)}) as site:
        yield site


@pytest.fixture(scope="module")
def backup(site: Site, store: Path) -> Path:
    """The first one, which is made as soon as a folder is set."""
    return wait_for(
        lambda: next(store.glob("20*"), None), "the first backup", MADE_WITHIN_MS / 1000
    )


def test_a_backup_is_made_each_day_and_when_an_operator_asks_and_a_failure_is_said(
    visit: Callable[..., Visit], site: Site, store: Path, backup: Path, rest: httpx.Client
) -> None:
    step = {"id": "a", "toolName": "generate_image", "arguments": {"prompt": "a fox"}}
    assert finished(rest, start(rest, {"input": {"steps": [step]}})["id"])["status"] == "completed"
    with visit() as page:
        page.goto(site.url + PAGE)
        rows = page.get_by_role("list", name="Backups").get_by_role("listitem")
        expect(rows).to_have_count(1, timeout=MADE_WITHIN_MS)
        expect(rows).to_contain_text("Daily")
        page.get_by_role("button", name="Back up now").click()
        expect(page.get_by_text("A backup is being made.")).to_be_visible()
        expect(rows).to_have_count(2, timeout=MADE_WITHIN_MS)
        expect(rows.first).to_contain_text("Made by hand")
        expect(rows.first).to_contain_text("Opened and checked")
        expect(rows.first).to_contain_text("1 run")
        check(page, "backups")
        page.goto(f"{site.url}/admin/moderation/audit")
        expect(page.get_by_role("cell", name="Asked for a backup")).to_be_visible()
        # As if one were of another release, which no release can read.
        manifest = backup / "manifest.json"
        facts = manifest.read_text()
        manifest.write_text(json.dumps({**json.loads(facts), "format": 9}))
        page.goto(site.url + PAGE)
        page.get_by_role("button", name="Back up now").click()
        failed = page.get_by_role("alert").filter(has_text="The last backup failed")
        expect(failed).to_contain_text("has format 9", timeout=MADE_WITHIN_MS)
        check(page, "backup failed")
        manifest.write_text(facts)
    assert len([path for path in store.iterdir() if path.name.startswith("20")]) == 2


def test_a_restored_copy_takes_over_on_the_page(
    backup: Path, browser: Browser, tmp_path: Path
) -> None:
    copy = Site(tmp_path / "copy")
    copy.home.mkdir()
    copy.manage("restore", str(backup))
    with copy:
        session = signed_in(browser, copy, "owner")
        with Visit(browser, copy.url, expected=REFUSED, storage_state=session) as page:
            page.goto(copy.url)
            page.get_by_label("Restored copy").get_by_role("link", name="Take over").click()
            expect(
                page.get_by_role("heading", name="This server is a restored copy")
            ).to_be_visible()
            check(page, "restored copy")
            page.get_by_label("Type your username to confirm").fill("someone")
            page.get_by_role("button", name="Take over").click()
            expect(page.get_by_text("That doesn't match.")).to_be_visible()
            page.get_by_label("Type your username to confirm").fill("owner")
            page.get_by_role("button", name="Take over").click()
            expect(page.get_by_text("This is the server now.")).to_be_visible()
            expect(page.get_by_label("Restored copy")).to_have_count(0)
            page.goto(f"{copy.url}/admin/moderation/audit")
            expect(page.get_by_role("cell", name="Had a restored copy take over")).to_be_visible()
