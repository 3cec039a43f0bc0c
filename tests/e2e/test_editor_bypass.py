"""Leaving a stage out by the right button and by its key, running so, and bringing it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import broken
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.clients.positions import ScreenPosition, point
from tests.support.server import SHARED, snapshot

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEMPLATES = "/v1/creative-agent/workflows/templates"
WIDE = {"viewport": {"width": 1440, "height": 900}}


def stage(key: str, tool: str, label: str, source: str = "", **args: Any) -> dict[str, Any]:
    if source:
        args["source_image_url"] = f"$artifacts.{source}.items[0].selectedVersion.url"
    return {
        "id": key,
        "type": "fixed",
        "label": label,
        "tool": tool,
        "produces": [key],
        "args": args,
    }


@pytest.fixture
def template(rest: httpx.Client) -> str:
    stages = [
        stage("still", "generate_image", "Still", prompt="a pier", width=512, height=512),
        stage("large", "upscale_image", "Larger", "still"),
        stage("alone", "remove_background", "Cut out", "large"),
    ]
    made = rest.post(TEMPLATES, json={"name": "A pier", "inputs": [], "stages": stages})
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["template"]["id"])


def test_a_stage_is_bypassed_by_the_right_button_and_the_run_leaves_it_out(
    visit: Callable[..., Visit], template: str, rest: httpx.Client
) -> None:
    with visit(**WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        bypassed = re.compile("is-bypassed")
        larger = editor.node("large")
        page.mouse.click(*point(ScreenPosition(larger.locator(".node-head b"))), button="right")
        menu = page.locator(".context-menu")
        entry = menu.get_by_role("menuitem", name="Bypass", exact=True)
        expect(entry.locator("kbd")).to_have_text("Ctrl B")
        entry.click()
        expect(larger).to_have_class(bypassed)
        expect(larger).to_have_attribute("aria-label", re.compile("Bypassed"))
        expect(editor.inspector.locator(".pill")).to_have_text("Bypassed")
        assert editor.document(template)["stages"]["rows"]["large"]["bypass"] is True
        expect(editor.quote).to_contain_text("2 stages")
        assert not broken(page, "a bypassed stage", ".node.is-bypassed")

        run = editor.start_run()
        editor.ended()
        steps = {step["id"]: step["status"] for step in snapshot(rest, run)["steps"]}
        assert steps == {"still": "completed", "alone": "completed"}
        expect(editor.node("alone")).to_have_class(re.compile("is-done"))
        expect(larger).to_have_class(bypassed)

        editor.undo()
        expect(larger).not_to_have_class(bypassed)


def test_the_key_bypasses_all_that_is_selected_in_one_undo_step(
    visit: Callable[..., Visit], template: str
) -> None:
    with visit(**WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        shown = page.locator(".work-area .is-bypassed")
        # A stage that nothing comes into has no such command.
        editor.select("still")
        page.keyboard.press("Control+b")
        expect(shown).to_have_count(0)
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+b")
        expect(shown).to_have_count(2)
        editor.undo()
        expect(shown).to_have_count(0)
        page.keyboard.press("Control+b")
        expect(shown).to_have_count(2)
        page.keyboard.press("Control+b")
        expect(shown).to_have_count(0)
