"""What a person reads when a service refuses a step, live and after a reload, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED_SERVICES, start

SITE_OPTIONS = SHARED_SERVICES

pytestmark = pytest.mark.browser
HEADLINE = "OpenAI rejected this prompt or file. Change it and retry."
CAUSE = "Your request was rejected by the safety system."
IMAGE = {"prompt": "forbidden", "model": "gpt-image-1"}


def test_the_page_of_a_run_says_the_same_live_and_after_a_reload(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    begin, end = tmp_path / "begin", tmp_path / "end"
    steps = [
        {"id": "first", "toolName": "sleep", "arguments": {"seconds": 60, "until": str(begin)}},
        {
            "id": "image",
            "toolName": "generate_image",
            "arguments": IMAGE,
            "dependsOn": ["first"],
            "onError": "continue",
        },
        {"id": "last", "toolName": "sleep", "arguments": {"seconds": 60, "until": str(end)}},
    ]
    run = start(rest, {"input": {"steps": steps}})
    with visit() as page:
        page.goto(f"/runs/{run['id']}")
        expect(page.locator('[data-step="first"]')).to_have_attribute("data-state", "running")
        begin.touch()
        expect_failure(page)
        page.reload()
        expect_failure(page)
        end.touch()
        expect(page.get_by_text("Failed stages weren't charged.")).to_be_visible()


def expect_failure(page: Page) -> None:
    step = page.locator('[data-step="image"]')
    expect(step).to_have_attribute("data-state", "failed")
    expect(step.locator("[data-note]")).to_have_text(HEADLINE)
    expect(step.locator("[data-cause]")).to_contain_text(CAUSE)


def test_the_editor_says_it_on_the_stage_and_in_the_inspector(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    stage = {"id": "image", "label": "Image", "type": "fixed", "tool": "generate_image"}
    body = {
        "id": "refused",
        "name": "Refused",
        "inputs": [],
        "stages": [{**stage, "args": IMAGE, "produces": ["image"]}],
    }
    answer = rest.post("/v1/creative-agent/workflows/templates", json=body)
    assert answer.status_code == 201, answer.text
    with visit() as page:
        actions = EditorActions(page)
        actions.open("refused")
        expect(page.locator(".quote")).to_contain_text("will run")
        page.locator(".run-button").click()
        expect(actions.node("image").locator(".stage-preview p")).to_have_text(HEADLINE)
        actions.node("image").locator("b").click()
        actions.inspector.get_by_role("tab", name="Result").click()
        alert = actions.inspector.get_by_role("alert")
        expect(alert.locator("strong")).to_have_text(HEADLINE)
        expect(alert.locator(".cause")).to_contain_text(CAUSE)
        page.reload()
        # Nothing was changed, so the price of the next run takes nothing away from it.
        expect(page.locator(".quote")).to_contain_text("will run")
        expect(actions.node("image").locator(".stage-preview p")).to_have_text(HEADLINE)
        run = rest.get("/v1/creative-agent/workflows").json()["data"]["workflows"][0]
        page.goto(f"/runs/{run['id']}")
        page.get_by_role("link", name="Edit prompt").click()
        expect(actions.inspector.get_by_role("textbox", name="Prompt")).to_be_focused()
