"""Running on the editor's canvas in real Chromium: states, reuse, reload, failure, stop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.builders.editor_templates import post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit, translate
from tests.support.server import SHARED, finished, snapshot
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

BROKEN_LINE = ("WebSocket connection to", "net::ERR_")
_numbers = itertools.count(1)


def note(key: str, text: str, *, source: str = "", seconds: float = 0) -> dict[str, Any]:
    sources = {"source_image_url": made_by(source)} if source else {}
    return stage(key, "note", text=text, seconds=seconds, **sources)


def sleep(stage: str, seconds: float, *, until: str = "", **more: Any) -> dict[str, Any]:
    args = {"seconds": seconds, "until": until}
    return {"id": stage, "label": stage.title(), "type": "fixed", "tool": "sleep", "args": args} | (
        more
    )


@pytest.fixture(autouse=True)
def _stop_what_still_runs(rest: httpx.Client) -> Iterator[None]:
    yield
    listed = rest.get("/v1/creative-agent/workflows?status=queued,running&limit=100").json()
    for run in listed["data"]["workflows"]:
        rest.post(f"/v1/creative-agent/workflows/{run['id']}/cancel")


def template(rest: httpx.Client, *stages: dict[str, Any]) -> str:
    name = f"editor-runs-{next(_numbers)}"
    body = {"id": name, "name": "The lamp", "inputs": [], "stages": list(stages)}
    return post(rest, body)


def open_editor(page: Page, name: str) -> None:
    page.goto(f"/t/{name}/edit")
    expect(page.locator(".quote")).to_contain_text("will run")


def node(page: Page, stage: str) -> Locator:
    return page.locator(f'[data-node-id="{stage}"]')


def run_button(page: Page) -> Locator:
    return page.locator(".run-button")


def status(page: Page) -> Locator:
    return page.locator(".run-status")


def run_on_canvas(page: Page) -> str:
    run = status(page).get_attribute("data-run")
    assert run
    return run


def run_to_the_end(page: Page, end: str = "completed") -> str:
    """Press Run and see it through; the run's id."""
    before = status(page).get_attribute("data-run") if status(page).count() else None
    run_button(page).click()
    if before:
        expect(status(page)).not_to_have_attribute("data-run", before)
    expect(status(page)).to_have_attribute("data-status", end)
    return run_on_canvas(page)


def change_text(page: Page, stage: str, text: str) -> None:
    node(page, stage).locator("b").click()
    inspector = page.locator(".inspector")
    field = inspector.get_by_label("Text", exact=True)
    expect(field).to_be_attached()
    if not field.is_visible():
        inspector.locator("details", has=page.get_by_label("Text", exact=True)).locator(
            "summary"
        ).first.click()
    field.fill(text)
    field.blur()


def reused(rest: httpx.Client, run: str) -> set[str]:
    return {step["id"] for step in finished(rest, run)["steps"] if step.get("reusedFrom")}


def test_a_run_is_seen_on_the_canvas_and_only_what_changed_runs_again(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(
        rest,
        # A note takes the latest earlier one by itself: what is to depend on nothing comes first.
        note("third", "c", seconds=1),
        note("first", "a", seconds=1),
        note("second", "b", source="first", seconds=1),
    )
    with visit() as page:
        open_editor(page, name)
        # In a browser that translates everything below is the same.
        translate(page)
        expect(page.locator(".quote")).to_contain_text("3 stages will run")
        run_button(page).click()
        expect(node(page, "third")).to_have_class(re.compile("is-running"))
        expect(node(page, "second")).to_have_class(re.compile("is-queued"))
        expect(node(page, "second")).to_contain_text("Waiting for First")
        expect(run_button(page)).to_have_text("Stop")
        expect(status(page)).to_have_attribute("data-status", "completed")
        expect(status(page)).to_contain_text("3 of 3 done")
        for stage in ("first", "second", "third"):
            expect(node(page, stage)).to_have_class(re.compile("is-done"))
            expect(node(page, stage).locator(".stage-preview img")).to_be_visible()
        assert reused(rest, run_on_canvas(page)) == set()
        # The timeline has a bar for each, and the result is in the inspector.
        expect(page.locator(".time .lane .bar-done")).to_have_count(3)
        page.locator('.time [data-stage="third"] button').click()
        page.get_by_role("tab", name="Result").click()
        expect(page.locator(".result .player img")).to_be_visible()
        page.get_by_role("tab", name="Settings").click()

        change_text(page, "second", "other words")
        expect(page.locator(".quote")).to_contain_text("1 of 3 stages will run")
        expect(page.locator(".quote")).to_contain_text("2 reused")
        expect(node(page, "second")).to_contain_text("Will run")
        expect(node(page, "second")).to_contain_text("Text changed")
        run = run_to_the_end(page)
        assert reused(rest, run) == {"first", "third"}
        expect(node(page, "first")).to_have_class(re.compile("is-reused"))
        expect(node(page, "second")).to_have_class(re.compile("is-done"))

        # What depends on a changed stage runs with it; nothing else does.
        change_text(page, "first", "and others")
        expect(page.locator(".quote")).to_contain_text("2 of 3 stages will run")
        run = run_to_the_end(page)
        assert reused(rest, run) == {"third"}

        # Earlier runs are listed, and come back to the canvas.
        page.get_by_role("button", name="Earlier runs").click()
        rows = page.locator(".dialog-runs .runs-list li")
        expect(rows).to_have_count(3)
        rows.last.get_by_role("button").click()
        expect(page.get_by_role("heading", name=re.compile("Earlier run of"))).to_be_visible()
        expect(status(page)).not_to_have_attribute("data-run", run)
        page.get_by_role("button", name="Latest run").click()
        expect(page.get_by_role("heading", name=re.compile("^Run of"))).to_be_visible()
        node(page, "third").locator("b").click()
        page.keyboard.press("Delete")
        expect(node(page, "third")).to_have_count(0)
        expect(page.locator(".quote")).to_contain_text("2 stages will run")


def test_run_from_here_retry_and_a_new_seed_make_only_what_is_missing(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    broken = {**stage("broken", "fail", retryable=False), "dependsOn": ["first"]}
    name = template(rest, note("first", "a"), note("second", "b", source="first"), broken)
    with visit() as page:
        open_editor(page, name)
        node(page, "second").focus()
        page.keyboard.press(".")
        expect(status(page)).to_have_attribute("data-status", "completed")
        expect(status(page)).to_contain_text("2 of 2 done")
        steps = finished(rest, run_on_canvas(page))["steps"]
        assert {step["id"] for step in steps} == {"first", "second"}
        seed = next(step["seed"] for step in steps if step["id"] == "second")
        # With a new seed it comes out again, on the same first stage.
        first = run_on_canvas(page)
        node(page, "second").focus()
        page.keyboard.press("r")
        expect(status(page)).not_to_have_attribute("data-run", first)
        expect(status(page)).to_have_attribute("data-status", "completed")
        again = finished(rest, run_on_canvas(page))["steps"]
        assert next(step["seed"] for step in again if step["id"] == "second") != seed
        assert reused(rest, run_on_canvas(page)) == {"first"}

        # A failure says why, and to retry it makes it alone.
        run_button(page).click()
        expect(node(page, "broken")).to_have_class(re.compile("is-failed"))
        expect(status(page)).to_have_attribute("data-status", re.compile("failed|failure"))
        run = run_on_canvas(page)
        reason = next(
            step["error"]["message"]
            for step in snapshot(rest, run)["steps"]
            if step["id"] == "broken"
        )
        expect(node(page, "broken")).to_contain_text(reason)
        expect(page.locator('.time [data-stage="broken"] .bar-fail')).to_have_count(1)
        node(page, "broken").get_by_role("button", name="Retry").click()
        expect(status(page)).not_to_have_attribute("data-run", run)
        expect(status(page)).to_have_attribute("data-status", re.compile("failed|failure"))
        assert "first" in reused(rest, run_on_canvas(page))


def test_a_run_is_followed_through_a_broken_line_and_a_reload_and_stopped(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    second, third = tmp_path / "second", tmp_path / "third"
    name = template(
        rest,
        note("first", "a"),
        sleep("one", 60, until=str(second), dependsOn=["first"]),
        sleep("two", 60, until=str(third), dependsOn=["one"]),
        sleep("three", 60, dependsOn=["two"]),
    )
    with visit(expected=BROKEN_LINE) as page:
        lines: list[Any] = []

        def relay(line: Any) -> None:
            line.connect_to_server()
            lines.append(line)

        page.route_web_socket(re.compile("/ws/runs/"), relay)
        open_editor(page, name)
        run_button(page).click()
        running = re.compile("is-running")
        expect(node(page, "one")).to_have_class(running)
        run = run_on_canvas(page)
        # Only while the page is asked something do its lines reach us.
        wait_for(lambda: page.evaluate("1") and lines, "the first line")
        lines[0].close()
        wait_for(lambda: page.evaluate("1") and len(lines) > 1, "another line")
        second.touch()
        expect(node(page, "two")).to_have_class(running)

        page.reload()
        expect(node(page, "two")).to_have_class(running)
        expect(status(page)).to_have_attribute("data-run", run)
        expect(node(page, "first")).to_have_class(re.compile("is-done"))
        expect(node(page, "first").locator(".stage-preview img")).to_be_visible()
        expect(run_button(page)).to_have_text("Stop")
        third.touch()
        expect(node(page, "three")).to_have_class(running)

        run_button(page).click()
        expect(status(page)).to_have_attribute("data-status", "cancelled")
        expect(run_button(page)).to_have_text("Run")
        expect(node(page, "first").locator(".stage-preview img")).to_be_visible()
        expect(node(page, "three")).to_have_class(re.compile("is-skip"))
        assert snapshot(rest, run)["status"] == "cancelled"


def test_pressing_run_twice_starts_one_run(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    name = template(rest, sleep("pause", 60))
    with visit() as page:
        asked: list[str] = []
        page.on(
            "request",
            lambda request: (
                asked.append(request.url)
                if request.method == "POST" and request.url.endswith("/runs")
                else None
            ),
        )
        open_editor(page, name)
        page.evaluate(
            "() => { const run = document.querySelector('.run-button'); run.click(); run.click() }"
        )
        expect(node(page, "pause")).to_have_class(re.compile("is-running"))
        assert len(asked) == 1
        listed = rest.get("/v1/creative-agent/workflows?status=queued,running&limit=100").json()
        assert len(listed["data"]["workflows"]) == 1
