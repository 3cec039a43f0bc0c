"""The editor says what stops a run once, in one sentence, wherever it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Visit
from tests.support.server import SHARED

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
NODE = '.surface-node[data-id="{}"]'
# The console reports that a start was refused.
REFUSED = ("422",)
SENTENCE = "Final cut has no video. Connect one."
CUT = {
    "id": "cut",
    "label": "Final cut",
    "type": "fixed",
    "tool": "stitch_video",
    "args": {"transitionDuration": 0},
    "produces": ["cut"],
}


def make(rest: httpx.Client, **fields: Any) -> str:
    made = rest.post(TEMPLATES, json={"name": "The cut", "inputs": [], "stages": [CUT], **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["template"]["id"])


def open_editor(page: Page, template: str) -> Locator:
    page.goto(f"/t/{template}/edit")
    expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")
    return page.get_by_role("complementary", name="Inspector")


def test_what_stops_a_run_is_one_sentence_everywhere(
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


def test_one_click_leads_to_the_stage_and_one_fixes_it(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = make(rest)
    with visit(expected=REFUSED) as page:
        inspector = open_editor(page, template)
        page.locator(".editor-bar .quote").get_by_role("button", name=SENTENCE).click()
        expect(page.locator(".inspector h2")).to_have_text("Final cut")
        expect(inspector.locator(":focus")).to_have_accessible_name(re.compile("Clips|Video"))
        inspector.get_by_role("button", name="Add an input for a video").first.click()
        expect(inspector.get_by_text(SENTENCE)).to_have_count(0)
        expect(page.locator(".editor-bar .quote")).not_to_have_text(SENTENCE)
        expect(page.locator(NODE.format("cut")).locator(".issue")).to_have_count(0)


def test_a_missing_input_is_named_and_focused(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    still = {
        "id": "still",
        "type": "fixed",
        "tool": "generate_image",
        "args": {"prompt": "$inputs.story"},
    }
    story = {"name": "story", "type": "text", "required": True}
    template = make(rest, inputs=[story], stages=[still])
    with visit(expected=REFUSED) as page:
        inspector = open_editor(page, template)
        expect(page.locator(".editor-bar .quote")).to_have_text("Fill in Story")
        page.locator(".run-button").click()
        expect(page.locator(".toast")).to_have_text(re.compile(r"Fill in Story to run\."))
        value = inspector.locator('[data-field="try"]').get_by_role("textbox")
        expect(value).to_be_focused()
        value.fill("A lighthouse at dusk")
        value.blur()
        expect(page.locator(".editor-bar .quote")).to_contain_text("1 stage will run")


def test_a_missing_stage_is_added_and_a_converting_one_inserted(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    story = {"name": "story", "type": "text", "default": "A lighthouse at dusk"}
    still = {
        "id": "still",
        "label": "Still",
        "type": "fixed",
        "tool": "generate_image",
        "args": {"prompt": "$inputs.story"},
        "produces": ["still"],
    }
    sharp = {
        "id": "sharp",
        "label": "Sharper",
        "type": "fixed",
        "tool": "upscale_video",
        "args": {"reference_video_url": "$artifacts.still.items[0].selectedVersion.url"},
    }
    lacking = make(rest, inputs=[story])
    mixed = make(rest, inputs=[story], stages=[still, sharp])
    for template, label, added, user in (
        (lacking, "Add Generate video", "generate-video", "cut"),
        (mixed, "Insert Animate photo", "animate-photo", "sharp"),
    ):
        with visit(expected=REFUSED) as page:
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
