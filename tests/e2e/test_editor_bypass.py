"""Leaving a stage out by the right button and by its key, running so, and bringing it back."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import broken
from tests.support.builders.editor_templates import WIDE, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.clients.positions import ScreenPosition, point
from tests.support.server import SHARED, snapshot

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def template(rest: httpx.Client) -> str:
    stages = [
        stage("still", "generate_image", "Still", prompt="a pier", width=512, height=512),
        stage("large", "upscale_image", "Larger", source_image_url=made_by("still")),
        stage("alone", "remove_background", "Cut out", source_image_url=made_by("large")),
    ]
    return post(rest, {"name": "A pier", "inputs": [], "stages": stages})


def test_a_stage_is_bypassed_by_button_and_key_and_the_run_leaves_it_out(
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

        # The key bypasses all that is selected in one step, and a stage that nothing comes into
        # has no such command.
        shown = page.locator(".work-area .is-bypassed")
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
