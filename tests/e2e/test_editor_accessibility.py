"""The editor and its outline before axe-core: all of its rules, both themes, wide and on phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.axe import broken
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

Theme = Literal["dark", "light"]
EACH = pytest.mark.parametrize("theme", ["dark", "light"])
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def template(rest: httpx.Client) -> str:
    made = rest.post(TEMPLATES, json=LOOK)
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["template"]["id"])


def opened(visit: Callable[..., Visit], theme: Theme, width: int) -> Visit:
    phone = PHONE if width < 760 else {}
    return visit(color_scheme=theme, reduced_motion="reduce", **phone)


@WIDTHS
@EACH
def test_the_canvas_breaks_no_rule_of_axe(
    visit: Callable[..., Visit], template: str, theme: Theme, width: int
) -> None:
    found: list[str] = []
    with opened(visit, theme, width) as page:
        page.goto(f"/t/{template}/edit")
        if width < 760:
            page.get_by_role("navigation", name="View").get_by_text("Canvas").tap()
        actions = EditorActions(page)
        actions.ready()
        found += broken(page, "the template")
        if width < 760:
            assert not found, "\n".join(found)
            return
        actions.select("still")
        found += broken(page, "a stage")
        actions.inspector.get_by_role("button", name="Run to here").click()
        actions.ended()
        # The timeline with its ruler, and the result.
        actions.inspector.get_by_role("tab", name="Result").click()
        expect(actions.inspector.locator(".result img")).to_be_visible()
        found += broken(page, "a run")
    assert not found, "\n".join(found)


@WIDTHS
@EACH
def test_the_outline_breaks_no_rule_of_axe(
    visit: Callable[..., Visit], template: str, theme: Theme, width: int
) -> None:
    found: list[str] = []
    with opened(visit, theme, width) as page:
        page.goto(f"/t/{template}/edit")
        if width > 760:
            EditorActions(page).ready()
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
        found += broken(page, "a stage")
    assert not found, "\n".join(found)
