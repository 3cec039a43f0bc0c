"""The editor says what stops a run once, in one sentence, wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.builders.editor_templates import WIDE, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.server import SHARED

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

NODE = '.surface-node[data-id="{}"]'
# The console reports that a start was refused.
REFUSED = ("422",)
SENTENCE = "Final cut has no video. Connect one."
CUT = stage("cut", "stitch_video", "Final cut", transitionDuration=0)


def make(rest: httpx.Client, **fields: Any) -> str:
    return post(rest, {"name": "The cut", "inputs": [], "stages": [CUT]}, **fields)


def open_editor(page: Page, template: str) -> Locator:
    page.goto(f"/t/{template}/edit")
    expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")
    return page.get_by_role("complementary", name="Inspector")


def test_what_stops_a_run_is_one_sentence_everywhere_that_leads_to_its_place(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = make(rest)
    with visit(expected=REFUSED) as page:
        inspector = open_editor(page, template)
        bar = page.locator(".editor-bar .quote")
        expect(bar).to_have_text(SENTENCE)
        problems = inspector.locator(".issues .issue")
        expect(problems).to_have_count(1)
        expect(problems).to_have_text(re.compile(re.escape(SENTENCE)))
        expect(inspector.get_by_role("heading", name="Problems")).to_contain_text("1")
        mark = page.locator(NODE.format("cut")).locator(".issue")
        expect(mark).to_have_attribute("title", SENTENCE)
        page.locator(".run-button").click()
        expect(page.locator(".toast")).to_have_text(re.compile(re.escape(SENTENCE)))
        expect(page.locator(".inspector h2")).to_have_text("Final cut")
        # One click leads to the stage, and another fixes it.
        page.keyboard.press("Escape")
        bar.get_by_role("button", name=SENTENCE).click()
        expect(page.locator(".inspector h2")).to_have_text("Final cut")
        expect(inspector.locator(":focus")).to_have_accessible_name(re.compile("Clips|Video"))
        inspector.get_by_role("button", name="Add an input for a video").first.click()
        expect(inspector.get_by_text(SENTENCE)).to_have_count(0)
        expect(bar).not_to_have_text(SENTENCE)
        expect(mark).to_have_count(0)

        # An input that is missing is named, and has the focus.
        still = stage("still", "generate_image", prompt="$inputs.story")
        story = {"name": "story", "type": "text", "required": True}
        open_editor(page, make(rest, inputs=[story], stages=[still]))
        expect(bar).to_have_text("Fill in Story")
        page.locator(".run-button").click()
        expect(page.locator(".toast")).to_have_text(re.compile(r"Fill in Story to run\."))
        value = inspector.locator('[data-field="try"]').get_by_role("textbox")
        expect(value).to_be_focused()
        value.fill("A lighthouse at dusk")
        value.blur()
        expect(bar).to_contain_text("1 stage will run")


def test_missing_and_converting_stages_and_unused_images_are_fixed_by_buttons(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    story = {"name": "story", "type": "text", "default": "A lighthouse at dusk"}
    still = stage("still", "generate_image", prompt="$inputs.story")
    sharp = stage("sharp", "upscale_video", "Sharper", reference_video_url=made_by("still"))
    boats = [
        {"id": key, "label": label, "type": "fixed", "tool": tool, "args": {"prompt": "A boat"}}
        for key, label, tool in (
            ("one", "Morning", "generate_image"),
            ("two", "Evening", "generate_image"),
            ("first", "First clip", "animate_photo"),
            ("second", "Second clip", "animate_photo"),
        )
    ]
    lacking = make(rest, inputs=[story])
    mixed = make(rest, inputs=[story], stages=[still, sharp])
    with visit(expected=REFUSED) as page:
        for template, label, added, user in (
            (lacking, "Add Generate video", "generate-video", "cut"),
            (mixed, "Insert Animate photo", "animate-photo", "sharp"),
        ):
            inspector = open_editor(page, template)
            new = page.locator(NODE.format(added))
            inspector.get_by_role("button", name=label).first.click()
            expect(new).to_be_visible()
            mark = page.locator(NODE.format(user)).locator(".issue")
            expect(mark).to_have_count(0)
            expect(page.locator(".editor-bar .quote")).to_contain_text("will run")
            page.keyboard.press("Control+z")
            expect(new).to_have_count(0)
            expect(mark).to_have_count(1)
            expect(page.locator(".saved")).to_have_text("Saved")

        # An image that is left unused beside one that is used twice is said, and connected.
        inspector = open_editor(page, make(rest, stages=boats))
        said = "Morning isn't used: First clip and Second clip both automatically use Evening."
        problem = inspector.locator(".issues li").filter(has_text=said)
        expect(problem).to_have_count(1)
        fix = problem.get_by_role("button", name="Use Morning")
        fix.focus()
        page.keyboard.press("Enter")
        expect(problem).to_have_count(0)
        page.get_by_role("main", name="Canvas").focus()
        page.keyboard.press("Control+z")
        expect(problem).to_have_count(1)
        fix.click()
        expect(inspector.locator(".issues .issue")).to_have_count(0)


def test_new_stages_are_numbered_and_calm_until_they_are_left_or_run(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = make(rest, stages=[])
    with visit(**WIDE, expected=REFUSED) as page:
        inspector = open_editor(page, template)
        # Where to begin is said once, where the eye is.
        expect(page.get_by_text("Add a stage").locator("visible=true")).to_have_count(1)
        expect(page.locator("[placeholder*='Add a stage']")).to_have_count(0)
        tool = page.locator(".palette .tool").filter(has_text="Generate image")
        canvas = page.get_by_role("main", name="Canvas")
        tool.drag_to(canvas, target_position={"x": 250, "y": 150})
        first, second = (page.locator(NODE.format(f"generate-image{n}")) for n in ("", "-2"))
        expect(first).to_be_visible()
        tool.drag_to(canvas, target_position={"x": 250, "y": 450})
        expect(second.locator(".node-head b")).to_have_text("Generate image 2")
        expect(inspector.locator("h2")).to_have_text("Generate image 2")
        calm, bad = ".node-state .is-calm", ".node-state .issue:not(.is-calm)"
        expect(first.locator(calm)).to_be_visible()
        expect(second.locator(calm)).to_have_attribute("title", "Prompt is required.")
        expect(inspector.get_by_text("To fill in")).to_be_visible()
        expect(inspector.locator(".help-bad")).to_have_count(0)
        expect(page.locator(bad)).to_have_count(0)
        expect(page.locator(".port .miss")).to_have_count(0)

        # Edited, but not left; then left for the other.
        inspector.get_by_label("Name", exact=True).fill("Cover")
        expect(second.locator(".node-head b")).to_have_text("Cover")
        expect(second.locator(calm)).to_be_visible()
        first.locator(".node-head b").click()
        expect(second.locator(bad)).to_be_visible()
        expect(first.locator(calm)).to_be_visible()

        # A copy is numbered, also of what a person called it; and Run says it all.
        second.locator(".node-head b").click()
        page.keyboard.press("Control+d")
        expect(inspector.locator("h2")).to_have_text("Cover 2")
        page.locator(".run-button").click()
        expect(page.locator(bad)).to_have_count(3)
