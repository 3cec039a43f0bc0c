"""A batch on the page of a run in real Chromium: tiles that live, unfold and are tried again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, snapshot, start

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
# How often each item fails before it works: the fourth and the ninth never do.
TIMES = ["0", "0", "0", "50", "0", "0", "0", "0", "90", "0", "0", "0"]


def batch(name: str, over: str, tool: str, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    item = {"type": "fixed", "tool": tool, "args": args}
    label = {"id": name, "label": name.title(), "itemLabelTemplate": f"{name.title()} {{index}}"}
    known = {"type": "batch", "overBinding": over, "itemName": "it", "itemStage": item}
    return {**label, **known, "produces": [name], "concurrency": 2, **more}


def after(stage: str) -> dict[str, Any]:
    """There are two workers: what rests until it is told to go on must not hold up the others."""
    return {"condition": {"type": "if_success_of", "stageId": stage}}


def several(name: str) -> dict[str, Any]:
    return {"name": name, "type": "text", "required": True, "multiple": {"min": 1, "max": 20}}


STAGES = [
    {
        "id": "rest",
        "label": "Rest",
        "type": "fixed",
        "tool": "sleep",
        "produces": ["rest"],
        "args": {"seconds": 60, "until": "$inputs.go"},
    },
    batch(
        "try",
        "$inputs.times",
        "fail",
        {"times": "$item.value", "retryable": False},
        partialExecutionEnabled=True,
        maxAttemptsPerItem=1,
        **after("rest"),
    ),
    batch("card", "$inputs.times", "note", {"text": "$item.value"}, **after("try")),
    batch(
        "wait", "$inputs.files", "sleep", {"seconds": 60, "until": "$item.value"}, **after("card")
    ),
]
SPEC = {
    "name": "Tries and cards",
    "inputs": [{"name": "go", "type": "text"}, several("times"), several("files")],
    "stages": STAGES,
}


def part(page: Page, name: str) -> Locator:
    return page.locator(f'[data-batch="{name}"]')


def counted(page: Page, name: str) -> Locator:
    return page.locator(f'[data-step="{name}"] [data-count-words]')


def test_a_batch_is_one_row_of_tiles_that_live_unfold_and_are_tried_again(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    template = rest.post(TEMPLATES, json=SPEC)
    assert template.status_code == 201, template.text
    go, *files = (tmp_path / name for name in ("go", "first", "second"))
    inputs = {"go": str(go), "times": TIMES, "files": [str(file) for file in files]}
    workflow = template.json()["data"]["template"]["id"]
    run = start(rest, {"workflow_id": workflow, "inputs": inputs})
    with visit() as page:
        page.goto(f"/runs/{run['id']}")
        page.evaluate("window.neverReloaded = true")
        stages = page.get_by_role("list", name="Stages").first.locator("> li")
        state = page.locator("[data-run-status]")
        tries = part(page, "try")
        expect(counted(page, "try")).to_have_text("about 12 items")
        expect(tries).to_be_hidden()

        # The elements become known while someone looks, and two of them fail.
        go.touch()
        expect(tries.locator("[data-tile]")).to_have_count(12)
        expect(counted(page, "try")).to_have_text("10 of 12, 2 failed")
        expect(stages).to_have_count(4)
        expect(page.locator('[data-track^="try_"]').first).to_be_hidden()
        page.get_by_text("Inside Try").click()
        expect(page.locator('[data-track^="try_"]:visible')).to_have_count(12)

        # By keys: to the fourth, its details, and away again.
        name = "Try 4, failed: The test provider refuses."
        failed = tries.get_by_role("link", name=name)
        tries.locator("[data-tile]").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(failed).to_be_focused()
        expect(tries.locator("[data-tip]")).to_have_text(name)
        page.keyboard.press("Enter")
        expect(failed).to_have_attribute("aria-expanded", "true")
        expect(tries.get_by_role("heading")).to_have_text(["Try 4"])
        expect(tries.locator("[data-note]:visible")).to_contain_text("The test provider refuses.")
        page.keyboard.press("Escape")
        expect(tries.get_by_role("heading")).to_have_count(0)
        page.keyboard.press("Enter")

        # What was made is in the order of the items, whichever was quicker.
        expect(counted(page, "card")).to_have_text("12 of 12")
        expect(part(page, "card").locator("[data-tile] img")).to_have_count(12)
        small = page.locator("[data-thumbs] button")
        expect(small).to_have_count(12)
        shown = small.evaluate_all("all => all.map(one => one.dataset.shows)")
        made = [artifact["id"] for artifact in snapshot(rest, run["id"])["artifacts"]]
        assert shown == made
        part(page, "card").locator("[data-tile]").nth(4).click()
        part(page, "card").get_by_role("button", name="Enlarge").click()
        expect(page.locator(f'[data-screen] [data-artifact="{made[4]}"]')).to_be_visible()

        # Progress is on the tile, and in the strip of stages.
        expect(counted(page, "wait")).to_have_text("0 of 2, 2 running")
        expect(part(page, "wait").locator("[data-tile]").first).to_have_text(re.compile(r"\d+%"))
        files[0].touch()
        expect(counted(page, "wait")).to_have_text("1 of 2, 1 running")
        files[1].touch()
        expect(state).to_have_text("Done with errors")
        expect(page.locator("[data-summary]")).to_contain_text("2 of 26 items failed")
        assert page.evaluate("window.neverReloaded")

        # What was unfolded still is; the way back to work is in it.
        expect(tries.get_by_role("heading")).to_have_text(["Try 4"])
        expect(tries.get_by_role("button", name="Retry 2 failed")).to_be_visible()
        page.get_by_role("button", name="Retry failed stages").click()
        expect(page.locator("[data-log]")).to_contain_text("Retrying failed stages")
        expect(state).to_have_text("Done with errors")
        expect(counted(page, "try")).to_have_text("10 of 12, 2 failed")
    steps = [step for step in snapshot(rest, run["id"])["steps"] if "parentId" in step]
    again = [step["id"] for step in steps if step["attempt"] > 1]
    assert again == ["try_3", "try_8"]

    # A link leads to an item's details; without scripts, a row says what all of them come to.
    with visit() as page:
        page.goto(f"/runs/{run['id']}#item-1-3")
        expect(part(page, "try").get_by_role("heading", name="Try 4")).to_be_in_viewport()
    with visit(java_script_enabled=False, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"/runs/{run['id']}")
        expect(page.locator('tr[data-step="try"]')).to_contain_text("Done, 10 of 12")
        expect(page.locator('tr[data-step="card"]').locator("a")).to_have_count(12)
