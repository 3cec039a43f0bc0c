"""What people see of workers, labels, pauses and jobs at providers, in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import broken
from tests.support.clients.browser import Visit
from tests.support.fakes import maker
from tests.support.fakes.maker import Maker
from tests.support.server import Site, finished, snapshot, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REASON = "The render farm moves until noon."
# A service that only workers with a GPU ask; none is started here.
FARM = """
[farm]
kind = "openai"
title = "Farm"
base_url = "http://127.0.0.1:9/v1"
images = ["farm-1"]
label = "gpu"
"""
# A sign of life follows this much silence: then an open page asks why its stages wait.
WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def service() -> Iterator[Maker]:
    with Maker() as served:
        yield served


@pytest.fixture(scope="module")
def site(service: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    (home / "providers.toml").write_text(FARM)
    env = {maker.URL: service.url, "REELGRAPH_PROVIDERS_FILE": str(home / "providers.toml")}
    with Site(home, settings="tests.support.settings.maker", env=env) as site:
        yield site


def providers_page(page: Page) -> None:
    page.goto("/admin/providers")
    expect(page.get_by_role("heading", name="Providers and limits")).to_be_visible()


def made(client: httpx.Client, **arguments: Any) -> dict[str, Any]:
    step = {"toolName": "made", "title": "Dusk", "arguments": arguments}
    return start(client, {"title": "Harbor", "input": {"steps": [step]}})


def test_a_pause_is_read_by_the_runs_owner_and_lost_by_resuming(
    rest: httpx.Client, visit: Callable[..., Visit]
) -> None:
    with visit() as desk, visit() as owner:
        providers_page(desk)
        row = desk.locator("#provider-test")
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


def test_a_job_at_its_provider_is_listed_and_looked_at_when_asked(
    rest: httpx.Client, service: Maker, visit: Callable[..., Visit]
) -> None:
    run = made(rest, every=3000)
    with visit() as desk, visit() as owner:
        providers_page(desk)
        # The list learns of it by itself.
        parked = desk.locator("#parked")
        expect(parked).to_contain_text("Dusk", timeout=WITHIN_MS)
        expect(parked).to_contain_text("no webhook yet")
        owner.goto(f"/runs/{run['id']}")
        expect(owner.locator("[data-note]").first).to_contain_text("At the provider since")
        assert snapshot(rest, run["id"])["steps"][0]["status"] == "running"
        job = service.job_of(run["id"])
        looked = service.looked[job.key]
        service.finish(job)
        parked.get_by_role("button", name="Look now at Dusk").click()
        expect(desk.locator("#toasts")).to_contain_text("A worker looks at the job now.")
        assert finished(rest, run["id"])["status"] == "completed"
        assert service.submitted[job.key] == 1
        assert service.looked[job.key] == looked + 1
        expect(parked).not_to_contain_text("Dusk", timeout=WITHIN_MS)
        expect(owner.locator("[data-run-status]")).to_have_text("Done")


def test_a_label_that_no_worker_has_is_named_with_the_command_that_helps(
    rest: httpx.Client, visit: Callable[..., Visit]
) -> None:
    arguments = {"prompt": "A heron at dusk", "model": "farm-1"}
    step = {"toolName": "generate_image", "title": "Heron", "arguments": arguments}
    run = start(rest, {"title": "Farm", "input": {"steps": [step]}})
    with visit() as page:
        page.goto(f"/runs/{run['id']}")
        waits = "Waiting for a worker with label gpu"
        expect(page.locator("[data-note]").first).to_have_text(waits)
        page.goto("/admin/workers")
        note = page.locator(".note", has_text="label gpu")
        expect(note).to_contain_text("manage.py worker --labels gpu")
        gpu = page.get_by_role("row").filter(has_text="gpu")
        # No worker is online, and one step is ready.
        expect(gpu.get_by_role("cell")).to_have_text(["0", "1", "0", "0", re.compile("ago|now")])
        page.goto(f"/admin/runs/{run['id']}")
        expect(page.locator(".operator-row").first).to_contain_text(waits)
        page.get_by_role("button", name="Stop run").click()
    assert finished(rest, run["id"])["status"] == "cancelled"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(
    visit: Callable[..., Visit], theme: str, width: int
) -> None:
    window = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
    with visit(**window) as page:
        for path in ("/admin/", "/admin/workers", "/admin/providers"):
            page.goto(path)
            for summary in page.locator("details.operator-form > summary").all()[:2]:
                summary.click()
            assert broken(page, path) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_limit_is_set_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    with visit() as page:
        providers_page(page)
        row = page.locator("#provider-maker")
        row.locator("summary", has_text="Limits").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(row.get_by_label("At once")).to_be_focused()
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        expect(row).to_contain_text("of 3 at work")
