"""An author shares a template as an app in few clicks, with a link in the clipboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PERSON = "ada"

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
POSTER: dict[str, Any] = {
    "name": "Poster",
    "inputs": [
        {"name": "brief", "type": "text", "description": "Your idea", "required": True},
        {"name": "mood", "type": "text", "default": "calm"},
    ],
    "stages": [
        {
            "id": "words",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "$inputs.brief"},
            "produces": ["words"],
        }
    ],
}
COUNT_CLICKS = """addEventListener('click', (event) => {
  if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1
}, true)"""
Visiting = Callable[..., Visit]


@pytest.fixture
def template(rest: httpx.Client) -> str:
    answer = rest.post(TEMPLATES, json=POSTER)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["template"]["id"])


def opened(page: Page, path: str) -> Page:
    """A page that counts the clicks of its tab and may write to the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNT_CLICKS)
    page.goto(path)
    return page


def copied(page: Page) -> str:
    """The link that is shown, once it is in the clipboard."""
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.get_by_label("Guest link", exact=True).input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    return link


def clicks(page: Page) -> int:
    return int(page.evaluate("sessionStorage.clicks"))


def drag_onto(page: Page, handle: Locator, row: Locator) -> None:
    """Drag to the far edge of a row, without letting go between the two."""
    handle.scroll_into_view_if_needed()
    start, goal = handle.bounding_box(), row.bounding_box()
    assert start is not None
    assert goal is not None
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, goal["y"] + (goal["height"] - 4 if goal["y"] > y else 4), steps=8)
    page.mouse.up()


def test_from_the_template_to_a_link_and_its_limits(
    site: Site, visit: Visiting, template: str
) -> None:
    with visit() as page:
        opened(page, f"/t/{template}")
        page.get_by_role("link", name="Share as an app").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Up to 20 runs and 100 credits of yours, for 7 days.")
        dialog.get_by_role("button", name="Create guest link").click()
        copied(page)
        assert clicks(page) == 2

        dialog.get_by_role("link", name="Edit app").click()
        expect(page.get_by_role("region", name="Guest links")).to_contain_text("0 of 20")
        inputs = page.locator("[data-input] h3")
        before = [re.compile("Your idea"), re.compile("Mood")]
        page.get_by_role("button", name="Move Mood up").click()
        expect(inputs).to_have_text(before[::-1])
        drag_onto(page, page.locator("[data-drag]").first, page.locator("[data-input]").last)
        expect(inputs).to_have_text(before)
        drag_onto(page, page.locator("[data-drag]").last, page.locator("[data-input]").first)
        expect(inputs).to_have_text(before[::-1])
        page.get_by_label("Label of Your idea").fill("What is it about?")
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        expect(inputs).to_have_text(before[::-1])
        page.get_by_role("link", name="Create guest link").click()
        dialog.get_by_text("Change limits").click()
        dialog.get_by_label("Runs", exact=True).fill("3")
        expect(dialog).to_contain_text("Up to 3 runs")
        dialog.get_by_role("button", name="Create guest link").click()
        copied(page)
        page.reload()
        expect(page.get_by_role("region", name="Guest links")).to_contain_text("0 of 3")


def test_from_the_editor_with_what_was_just_typed(visit: Visiting, template: str) -> None:
    with visit() as page:
        opened(page, f"/t/{template}/edit")
        name = page.get_by_label("Template name")
        name.fill("Neon poster")
        name.press("Enter")
        page.get_by_role("button", name=re.compile("Share$")).click()
        page.get_by_role("link", name="Share as an app").click()
        page.get_by_role("button", name="Create guest link").click()
        assert "/a/neon-poster#k=" in copied(page)
        assert clicks(page) == 3
