"""The editor and its outline before axe-core: all of its rules, wide and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import broken, look
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SIZE = {"width": 320, "height": 192}
STILL = "$artifacts.still.items[0].selectedVersion.url"
LOOK: dict[str, Any] = {
    "name": "A look",
    "inputs": [
        {"name": "subject", "type": "text", "default": "A lighthouse at dusk"},
        {"name": "photo", "type": "image", "required": False},
    ],
    "stages": [
        {
            "id": "still",
            "label": "Still",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.subject", **SIZE},
            "produces": ["still"],
        },
        {
            "id": "gray",
            "label": "In gray",
            "type": "fixed",
            "tool": "edit_image",
            "args": {"prompt": "Make it black and white", "source_image_url": STILL},
            "produces": ["gray"],
        },
        # Its prompt is missing: a problem.
        {
            "id": "open",
            "label": "Open",
            "type": "fixed",
            "tool": "generate_image",
            "args": {},
            "produces": ["open"],
        },
    ],
}

WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_canvas_and_outline_break_no_rule_of_axe(
    visit: Callable[..., Visit], rest: httpx.Client, size: dict[str, Any]
) -> None:
    made = rest.post(TEMPLATES, json=LOOK)
    assert made.status_code == 201, made.text
    template = made.json()["data"]["template"]["id"]
    theme, _ = look(place=size is PHONE)
    found: list[str] = []
    with visit(color_scheme=theme, reduced_motion="reduce", **size) as page:
        page.goto(f"/t/{template}/edit")
        view = page.get_by_role("navigation", name="View")
        actions = EditorActions(page)
        if size is PHONE:
            view.get_by_text("Canvas").tap()
        actions.ready()
        found += broken(page, "the template")
        if size is WIDE:
            actions.select("still")
            found += broken(page, "a stage")
            actions.inspector.get_by_role("button", name="Run to here").click()
            actions.ended()
            # The timeline with its ruler, and the result.
            actions.inspector.get_by_role("tab", name="Result").click()
            expect(actions.inspector.locator(".result img")).to_be_visible()
            found += broken(page, "a run")
        # As someone comes back: in edit mode, with nothing selected.
        page.goto(f"/t/{template}/edit")
        if size is PHONE:
            view.get_by_text("Outline").tap()
        else:
            actions.ready()
            page.keyboard.press("o")
        still = page.get_by_role("treeitem", name=re.compile("^Still"))
        expect(still).to_be_visible()
        for row in ("^Inputs", "^Still", "^In gray", "^Open"):
            page.get_by_role("treeitem", name=re.compile(row)).first.press("ArrowRight")
        expect(page.locator(".port-row").first).to_be_visible()
        found += broken(page, "the rows")
        page.get_by_role("button", name="More actions for Still", exact=True).click()
        expect(page.get_by_role("menu")).to_be_visible()
        found += broken(page, "the menu")
        page.keyboard.press("Escape")
        still.click()
        expect(page.get_by_role("heading", name="Still")).to_be_visible()
        found += broken(page, "a stage of the outline")
    assert not found, "\n".join(found)
