"""Stages that repeat, ask and pause: drawn, run and answered on the canvas in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support import axe
from tests.support.builders.editor_templates import post
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED, snapshot
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

# How often each item fails before it works: the fourth and the ninth never do.
TIMES = ["0", "0", "0", "50", "0", "0", "0", "0", "90", "0", "0", "0"]
TWELVE = {
    "name": "Twelve tries",
    "inputs": [
        {
            "name": "times",
            "type": "text",
            "required": True,
            "multiple": {"min": 1, "max": 20},
            "default": TIMES,
        }
    ],
    "stages": [
        {
            "id": "looks",
            "label": "Looks",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "a look", "copies": 3},
            "produces": ["looks"],
        }
    ],
    "graph": {
        "nodes": [
            {"stageId": "$inputs", "x": 0, "y": 0},
            {"stageId": "looks", "x": 0, "y": 200},
        ]
    },
}


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, TWELVE)


def dialog_of(page: Page, actions: EditorActions, key: str) -> Any:
    """The question that a stage asks, beside its node."""
    expect(actions.node(key)).to_have_class(re.compile("is-waiting"))
    actions.node(key).locator(".do").click()
    return page.get_by_role("dialog")


def unfold(actions: EditorActions, title: str) -> None:
    fold = actions.inspector.locator("details").filter(
        has=actions.page.locator("summary", has_text=title)
    )
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def test_a_batch_a_choice_and_a_checkpoint_are_drawn_run_and_answered_on_the_canvas(
    visit: Callable[..., Visit], rest: httpx.Client, template: str
) -> None:
    with visit(viewport={"width": 1440, "height": 1000}) as page:
        actions = EditorActions(page)
        actions.open(template)
        card, film, spare = draw_everything(actions, template)
        # The run's timeline takes room: without more, the card's button is below the canvas, and
        # the editor undoes the scrolling with which Playwright would bring it into sight.
        page.set_viewport_size({"width": 1440, "height": 1300})

        expect(actions.quote).to_contain_text("12 items expected, asks you 2 questions")
        run = actions.start_run()

        # Two of twelve fail; what does not depend on them goes on.
        batch = actions.node("each")
        expect(batch.locator(".tile")).to_have_count(12)
        expect(batch).to_contain_text("10 of 12, 2 failed")
        expect(batch.locator(".tile.is-failed")).to_have_count(2)
        batch.locator(".tile.is-failed").first.hover()
        expect(batch.locator(".tile-tip")).to_contain_text("Try 4 failed. The test provider")
        batch.locator(".tile.is-failed").first.click()
        expect(actions.inspector.locator(".item-title")).to_have_text("Try 4")
        expect(actions.inspector.locator(".note-bad")).to_contain_text("The test provider")
        lane = page.locator('.time [data-stage="each"] button')
        lane.click()
        expect(page.locator(".time li.is-item")).to_have_count(12)
        lane.click()
        expect(page.locator(".time li.is-item")).to_have_count(0)

        # Picked by keys, after a reload that shows the truth.
        expect(actions.run_status).to_have_attribute("data-status", "waiting_for_user")
        page.reload()
        actions.ready()
        expect(batch).to_contain_text("10 of 12, 2 failed")
        asks = dialog_of(page, actions, "ask")
        expect(asks).to_contain_text("Which two?")
        expect(asks.get_by_role("status")).to_have_text("0 of 2")
        page.keyboard.press("3")
        expect(asks.get_by_role("status")).to_have_text("1 of 2")
        expect(asks.get_by_role("button", name="Use this")).to_have_attribute(
            "aria-disabled", "true"
        )
        page.keyboard.press("1")
        expect(asks.get_by_role("status")).to_have_text("2 of 2")
        assert axe.broken(page, "the choice", ".answer-dialog") == []
        asks.get_by_role("button", name="Use these 2").click()
        expect(asks).to_have_count(0)

        # The checkpoint: made once more, then approved from the inspector.
        asks = dialog_of(page, actions, card)
        expect(asks.get_by_role("button", name="Approve")).to_be_visible()
        asks.get_by_role("button", name="Redo").click()
        expect(asks).to_have_count(0)
        expect(actions.node(film)).to_have_class(re.compile("is-queued"))
        # Until it is made again, the page may still have the question that Redo answered.
        expect(page.get_by_role("row", name=re.compile("^Card done 2 "))).to_be_attached()
        expect(actions.node(card)).to_have_class(re.compile("is-waiting"))
        actions.select(card)
        actions.inspector.get_by_role("tab", name="Result").click()
        actions.inspector.get_by_role("button", name="Approve").click()

        actions.ended("partial_failure")
        expect(actions.node(film)).to_have_class(re.compile("is-done"))
        expect(actions.node(spare)).to_have_class(re.compile("is-skip"))
        told = {step["id"]: step for step in snapshot(rest, run)["steps"]}
        assert len(told["ask"]["artifacts"]) == 2

        # What failed can be tried again where it is.
        actions.select("each")
        actions.inspector.get_by_role("button", name="Retry 2 failed items").click()
        wait_for(lambda: failures(rest, run) == 4, "the two are tried once more")
        actions.ended("partial_failure")
        expect(batch).to_contain_text("10 of 12, 2 failed")


def failures(rest: httpx.Client, run: str) -> int:
    """How often a step of a run failed for good."""
    answer = rest.get(f"/v1/creative-agent/workflows/{run}/events", params={"limit": 500})
    return [one["event"] for one in answer.json()["data"]["events"]].count("step_failed")


def draw_everything(actions: EditorActions, template: str) -> tuple[str, str, str]:
    """A batch over the list, a choice among the looks, and three stages whose keys are returned.

    One with a checkpoint, one that takes what it makes, one that only runs when it fails.
    """
    each = actions.drag_in("Repeat for each", 520, 130)
    assert each == "each"
    actions.draw(actions.port("$inputs", "out", "text"), actions.port(each, "in", "choice"))
    actions.select(each)
    tool = actions.inspector.get_by_role("combobox", name="Tool", exact=True)
    tool.fill("Fail")
    tool.press("Enter")
    actions.fill("Item name", "try")
    actions.fill("Item label", "Try {index}")
    expect(actions.inspector.locator(".label-preview")).to_have_text("Try 1 · Try 2 · Try 3 …")
    actions.fill("Attempts per item", "1")
    actions.inspector.get_by_role("switch", name="Continue if some fail").check()
    times = actions.inspector.get_by_label("Use Times from each item")
    if not times.is_visible():
        unfold(actions, "Advanced")
    times.select_option(label="Try")

    # By keys: a person is asked, and picks among the looks.
    actions.command("Add: Question")
    actions.fill("Question", "Which two?")
    picks = actions.inspector.get_by_role("combobox", name="Choices from")
    picks.fill("Looks")
    picks.press("Enter")
    actions.fill("Maximum", "2")
    actions.fill("Minimum", "2")
    card = actions.drop_edge(actions.port("ask", "out", "image"), 300, 780, "Note")
    actions.fill("Name", "Card")
    unfold(actions, "When it runs")
    actions.inspector.get_by_role("switch", name="Pause for approval").check()
    expect(actions.node(card).locator(".marks")).to_have_text("waits for approval")
    film = actions.drop_edge(actions.port(card, "out", "image"), 600, 780, "Note")
    spare = actions.drag_in("Note", 140, 220)
    unfold(actions, "When it runs")
    actions.inspector.get_by_label("Runs").select_option(label="If a stage fails")
    actions.inspector.get_by_role("combobox", name="Stage", exact=True).select_option(label="Card")
    expect(actions.node(spare).locator(".marks")).to_have_text("only if Card failed")

    state = actions.document(template)["stages"]["rows"]
    assert state["each"]["overBinding"] == "$inputs.times"
    assert state["each"]["itemStage"]["args"]["times"] == "$item.try"
    assert state["ask"]["select"] == {"from": "$artifacts.looks", "min": 2, "max": 2}
    assert state[card]["checkpointRequired"] is True
    assert state[spare]["condition"] == {"type": "if_error_in", "stageId": card}
    return card, film, spare
