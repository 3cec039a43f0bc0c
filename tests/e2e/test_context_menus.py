"""The menus of stages, connections and the canvas: right button, long press, key."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.axe import broken
from tests.support.builders.editor_templates import TEMPLATES, WIDE, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, args, signed_in
from tests.support.clients.positions import ScreenPosition, point, points
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]


PAIR = {
    "name": "A still and its film",
    "inputs": [],
    "stages": [
        stage("still", "generate_image", "Still", prompt="a pier", width=512, height=512),
        stage(
            "film",
            "animate_photo",
            "Film",
            prompt="waves",
            reference_image_url=made_by("still"),
        ),
    ],
}


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, PAIR)


def menu(page: Page) -> Locator:
    return page.locator(".context-menu")


def items(page: Page) -> list[str]:
    shown = menu(page).get_by_role("menuitem").locator("span.grow")
    expect(shown.first).to_be_visible()
    return shown.all_inner_texts()


def right_click(page: Page, place: ScreenPosition) -> None:
    x, y = point(place)
    page.mouse.click(x, y, button="right")


def middle_of_wire(editor: EditorActions) -> tuple[float, float]:
    (a, b), (c, d) = points(
        editor.port("still", "out", "image"), editor.port("film", "in", "image")
    )
    return ((a + c) / 2, (b + d) / 2)


def test_the_right_button_opens_what_can_be_done_with_a_stage_a_connection_and_the_canvas(
    visit: Callable[..., Visit], template: str
) -> None:
    with visit(**WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        right_click(page, ScreenPosition(editor.node("still").locator(".node-head b")))
        expect(editor.node("still")).to_have_class(re.compile("is-selected"))
        shown = items(page)
        wanted = (
            "Settings",
            "Rename",
            "Run to here",
            "Connect",
            "Comment",
            "Duplicate",
            "Delete",
        )
        assert set(wanted) <= set(shown)
        duplicate = menu(page).get_by_role("menuitem", name="Duplicate")
        expect(duplicate.locator("kbd")).to_have_text("Ctrl D")
        assert not broken(page, "the menu of a stage", ".context-menu")

        before = editor.stage_keys()
        duplicate.click()
        editor.added(before)
        expect(menu(page)).to_have_count(0)
        editor.undo()
        expect(editor.stages).to_have_count(2)

        right_click(page, ScreenPosition(editor.node("film").locator(".node-head b")))
        menu(page).get_by_role("menuitem", name="Delete").click()
        expect(editor.stages).to_have_count(1)
        editor.undo()
        expect(editor.stages).to_have_count(2)

        # A text field keeps the browser's own.
        editor.select("still")
        editor.inspector.click(button="right", position={"x": 20, "y": 300})
        expect(menu(page)).to_have_count(0)

        # Where it was pressed, the canvas adds; a press beside closes.
        page.keyboard.press("Escape")
        ground = ScreenPosition(editor.canvas, (40, 640))
        x, y = point(ground)
        page.mouse.click(x, y, button="right")
        shown = items(page)
        for wanted in ("Add a stage", "Add a note", "My media", "Paste", "Select all"):
            assert wanted in shown
        assert "Delete" not in shown
        page.mouse.click(x + 500, y - 20)
        expect(menu(page)).to_have_count(0)

        page.mouse.click(x, y, button="right")
        menu(page).get_by_role("menuitem", name="Add a note").click()
        note = page.locator(".work-area [data-node-id^='note:']")
        expect(note).to_have_count(1)
        box = note.bounding_box()
        assert box is not None
        assert abs(box["x"] - x) < 12
        assert abs(box["y"] - y) < 12
        editor.undo()

        # A connection takes a stage, or goes.
        page.mouse.click(*middle_of_wire(editor), button="right")
        expect(menu(page)).to_have_attribute("aria-label", "Connection")
        assert items(page) == ["Insert a stage", "Delete"]
        menu(page).get_by_role("menuitem", name="Insert a stage").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.mouse.click(*middle_of_wire(editor), button="right")
        menu(page).get_by_role("menuitem", name="Delete").click()
        editor.state_becomes(
            template,
            lambda read: not args(read, "film").get("reference_image_url"),
            "the connection gone",
        )


def test_keys_move_in_the_menu_and_leave_it_where_they_were(
    visit: Callable[..., Visit], template: str
) -> None:
    with visit(**WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        editor.select("still")
        editor.node("still").focus()
        page.keyboard.press("Shift+F10")
        entries = menu(page).get_by_role("menuitem")
        expect(entries.first).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(entries.nth(1)).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(entries.last).to_be_focused()
        page.keyboard.press("Home")
        expect(entries.first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu(page)).to_have_count(0)
        expect(editor.node("still")).to_be_focused()
        expect(editor.node("still")).to_have_class(re.compile("is-selected"))

        page.keyboard.press("ContextMenu")
        menu(page).get_by_role("menuitem", name="Rename").press("Enter")
        expect(menu(page)).to_have_count(0)
        expect(page.locator("input:focus")).to_have_value("Still")
        page.keyboard.type("Pier")
        page.keyboard.press("Enter")
        expect(editor.node("still")).to_contain_text("Pier")


def test_who_only_looks_gets_fewer_verbs(
    browser: Browser, site: Site, rest: httpx.Client, template: str
) -> None:
    public = rest.patch(f"{TEMPLATES}/{template}", json={"visibility": "public"})
    assert public.status_code == 200, public.text
    reader = signed_in(browser, site, "menu-reader")
    with Visit(browser, site.url, storage_state=reader, **WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        right_click(page, ScreenPosition(editor.node("still").locator(".node-head b")))
        shown = items(page)
        assert "Copy" in shown
        for missing in ("Delete", "Cut", "Duplicate", "Rename", "Connect", "Run to here"):
            assert missing not in shown
        page.keyboard.press("Escape")
        page.mouse.click(*point(ScreenPosition(editor.canvas, (40, 640))), button="right")
        shown = items(page)
        assert "Select all" in shown
        assert "Add a stage" not in shown
        assert "Paste" not in shown
