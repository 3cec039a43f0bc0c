"""The editor's canvas in real Chromium: nodes, moving, zooming, the map, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.builders.editor_templates import TEMPLATES, post, stage
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, saved, state
from tests.support.clients.positions import Point, ScreenPosition, point
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

SAMPLE = "wf_the-last-lamp_5c1e40aa"
# The view at rest is the one that was kept.
KEPT = """() => {
  const view = document.querySelector('.surface-plane')
  const { a } = new DOMMatrix(getComputedStyle(view).transform)
  const key = Object.keys(localStorage).find(one => one.startsWith('reelgraph.view.'))
  return key && Math.abs(JSON.parse(localStorage[key])[2] - a) < 0.001
}"""
MAP = "Minimap"
BURST = """() => {
  for (const keys of [{ key: 'ArrowRight' }, { key: 'ArrowDown', shiftKey: true }])
    document.activeElement.dispatchEvent(
      new KeyboardEvent('keydown', { ...keys, bubbles: true, cancelable: true }))
}"""
# Where the canvas's origin is in the window, and how large one of its pixels.
VIEW = """() => {
  const view = document.querySelector('.surface-plane')
  const { e, f, a } = new DOMMatrix(getComputedStyle(view).transform)
  const frame = document.querySelector('.work-area').getBoundingClientRect()
  return { x: e + frame.x, y: f + frame.y, zoom: a }
}"""


@pytest.fixture
def fork(rest: httpx.Client) -> str:
    forked = rest.post(f"{TEMPLATES}/{SAMPLE}/fork", json={})
    assert forked.status_code == 201, forked.text
    return str(forked.json()["data"]["template"]["id"])


def open_canvas(page: Page, template: str) -> None:
    page.goto(f"/t/{template}/edit")
    if (page.viewport_size or {"width": 1280})["width"] < 760:
        page.get_by_role("button", name="Canvas").click()
    expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")


def stages(page: Page) -> Locator:
    return page.locator("[aria-roledescription=stage]")


def stored(page: Page, template: str) -> dict[str, Any]:
    """Where the saved document puts its nodes."""
    rows: dict[str, Any] = state(page, template)["nodes"]["rows"]
    return {key: (row["x"], row["y"]) for key, row in rows.items()}


def at_full_size(page: Page) -> None:
    page.get_by_role("main", name="Canvas").focus()
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Set to 100%")).to_have_text("100%")


def seen_part(node: Locator, frame: Any) -> float:
    """How much of a node is in the frame of the canvas, from 0 to 1."""
    box: Any = node.bounding_box() if node.count() == 1 else None
    if box is None:
        return 0
    sides = [
        min(box[at] + box[size], frame[at] + frame[size]) - max(box[at], frame[at])
        for at, size in (("x", "width"), ("y", "height"))
    ]
    return max(sides[0], 0) * max(sides[1], 0) / (box["width"] * box["height"])


def zoom(page: Page) -> int:
    words = page.get_by_role("button", name="Set to 100%").inner_text()
    return int(re.sub(r"\D", "", words))


def grip(node: Locator) -> Point:
    """A point on the node's head, where it is taken to be dragged; the canvas is at rest."""
    return point(ScreenPosition(node.locator(".node-head b")))


def test_stages_are_walked_moved_boxed_and_removed_by_keys_and_mouse(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        canvas = page.get_by_role("main", name="Canvas")
        names = [name.get_attribute("aria-label") or "" for name in stages(page).all()]
        count = len(names)
        assert count >= 3
        for at, name in enumerate(names, 1):
            assert f"stage {at} of {count}" in name
        expect(page.get_by_role("group", name="Inputs:")).to_be_visible()
        expect(page.get_by_role("img", name=MAP)).to_be_visible()

        # Tab walks them in their order.
        keys = [
            node.get_attribute("data-node-id") for node in page.locator(".work-area .node").all()
        ]
        canvas.focus()
        walked = []
        for _ in keys:
            page.keyboard.press("Tab")
            walked.append(page.evaluate("document.activeElement.dataset.nodeId"))
        assert walked == keys

        # Arrows move what is selected, and a burst of steps is one step back.
        before = stored(page, fork)
        node = stages(page).first
        key = node.get_attribute("data-node-id")
        assert key
        node.focus()
        page.keyboard.press("Enter")
        expect(node).to_have_class(re.compile("is-selected"))
        # Both within a moment, however busy the machine is.
        page.evaluate(BURST)
        x, y = before[key]
        wait_for(lambda: stored(page, fork)[key] == (x + 8, y + 40), "the steps are saved")
        page.keyboard.press("Control+z")
        wait_for(lambda: stored(page, fork)[key] == (x, y), "both steps are taken back")

        # A box, and everything, which can be removed and brought back.
        page.keyboard.press("Escape")
        frame = canvas.bounding_box()
        assert frame
        page.keyboard.down("Shift")
        page.mouse.move(*point(ScreenPosition(canvas, (6, 6))))
        page.mouse.down()
        page.mouse.move(frame["x"] + frame["width"] - 230, frame["y"] + frame["height"] - 20)
        page.mouse.up()
        page.keyboard.up("Shift")
        assert page.locator(".node.is-selected").count() >= count - 1
        page.keyboard.press("Control+a")
        expect(page.locator(".work-area .node.is-selected")).to_have_count(count + 1)
        canvas.focus()
        page.keyboard.press("Delete")
        expect(stages(page)).to_have_count(0)
        expect(page.get_by_role("button", name="Add a stage")).to_be_visible()
        page.keyboard.press("Control+z")
        expect(stages(page)).to_have_count(count)


def test_all_is_in_sight_until_someone_looks_around_by_map_wheel_or_from_afar(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        whole = zoom(page)
        # As the strip of the last run does, which comes after the canvas.
        page.set_viewport_size({"width": 1280, "height": 420})
        expect(page.get_by_role("button", name="Set to 100%")).not_to_have_text(f"{whole}%")
        canvas = page.get_by_role("main", name="Canvas")
        frame: Any = canvas.bounding_box()
        for node in stages(page).all():
            box = node.bounding_box()
            assert box
            assert box["y"] + box["height"] < frame["y"] + frame["height"]
        # In so small a canvas the map is folded to its button, and no stage is below what floats.
        map_, button = page.get_by_role("img", name=MAP), page.get_by_role("button", name=MAP)
        expect(map_).to_be_hidden()
        tools: Any = page.locator(".tools").bounding_box()
        assert not any(seen_part(node, tools) for node in stages(page).all())
        button.click()
        expect(map_).to_be_visible()
        button.click()
        expect(map_).to_be_hidden()
        page.mouse.move(*point(ScreenPosition(canvas, (6, 6))))
        page.mouse.wheel(0, -40)
        looked = page.evaluate(VIEW)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.evaluate(VIEW)["zoom"] == looked["zoom"]

        # The map pans where it is dragged, and a click beside the graph shows some of it.
        at_full_size(page)
        expect(button).to_be_hidden()
        place = ScreenPosition(map_)
        x, y = point(replace(place, offset=(30, 30)))
        page.mouse.move(x, y)
        page.mouse.down()
        first = page.evaluate(VIEW)
        page.mouse.move(x + 130, y + 50, steps=5)
        page.mouse.up()
        assert page.evaluate(VIEW) != first
        frame = page.locator(".surface-view").bounding_box()
        for corner in ((4, 4), (196, 4), (4, 114), (196, 114)):
            before = page.evaluate(VIEW)
            page.mouse.click(*point(replace(place, offset=corner)))
            assert page.evaluate(VIEW) != before
            seen = [seen_part(node, frame) for node in page.locator(".work-area .node").all()]
            assert max(seen, default=0) > 0.1

        # The view is the same after a reload.
        canvas.focus()
        page.keyboard.press("0")
        shown = zoom(page)
        page.keyboard.press("-")
        wait_for(lambda: zoom(page) <= shown * 0.81, "the canvas has zoomed")
        page.wait_for_function(KEPT)
        kept = zoom(page)
        page.reload()
        expect(canvas).to_have_attribute("aria-busy", "false")
        assert zoom(page) == kept

        # Far away everything is an overview that can be arranged.
        at_full_size(page)
        page.keyboard.press("0")
        node = stages(page).last
        key = node.get_attribute("data-node-id")
        assert key
        places = stored(page, fork)
        page.mouse.move(*grip(node))
        page.keyboard.down("Control")
        while zoom(page) > 40:
            page.mouse.wheel(0, 120)
            page.wait_for_function("() => new Promise(requestAnimationFrame)")
        page.keyboard.up("Control")
        expect(stages(page)).to_have_count(0)
        where = page.evaluate(VIEW)
        left, top = places[key]
        at_x = where["x"] + (left + 60) * where["zoom"]
        at_y = where["y"] + (top + 60) * where["zoom"]
        page.mouse.move(at_x, at_y)
        page.mouse.down()
        page.mouse.move(at_x + 40, at_y + 30, steps=5)
        page.mouse.up()
        wait_for(lambda: stored(page, fork).get(key) != places[key], "the far move is saved")
        at_full_size(page)


IMAGES = [stage(key, "generate_image") for key in ("door", "wall", "roof")]
# What a stage of this tool measures.
IMAGE_SIZE = (224, 230)
# Where what is in the page is on the plane.
PLANE = """() => Object.fromEntries(
  [...document.querySelectorAll('.work-area .surface-node')].map(
    node => [node.dataset.id, node.style.transform]))"""


def test_what_is_added_or_pasted_is_seen_and_lies_on_nothing(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    # No one has put the stages anywhere.
    template = post(rest, {"name": "Room", "inputs": [], "stages": IMAGES})
    with visit(viewport={"width": 390, "height": 844}) as page:
        open_canvas(page, template)
        at_full_size(page)
        frame: Any = page.locator(".surface-view").bounding_box()
        new = page.locator(".work-area .node.is-selected")

        def becomes(count: int) -> None:
            """Wait until there are so many stages and the new one, which is selected, is seen."""
            saved(page, template, lambda read: len(read["stages"]["order"]) == count, "a stage")
            wait_for(lambda: seen_part(new, frame) > 0.99, "the new one is seen")

        there = page.evaluate(PLANE)
        for count in (4, 5):
            page.keyboard.press("a")
            field = page.get_by_role("dialog").get_by_role("combobox")
            field.fill("generate image")
            option = page.get_by_role("dialog").get_by_role("option").first
            expect(option).to_contain_text("Generate image")
            field.press("Enter")
            becomes(count)
        # What was there stays where it was.
        after = page.evaluate(PLANE)
        assert {key: after.get(key, at) for key, at in there.items()} == there
        page.keyboard.press("Control+c")
        page.mouse.move(frame["x"] + frame["width"] - 12, frame["y"] + 200)
        for count in (6, 7):
            page.keyboard.press("Control+v")
            becomes(count)
        places = list(stored(page, template).values())
        assert len(places) == 7
        wide, high = IMAGE_SIZE
        over = [
            (one, other)
            for at, one in enumerate(places)
            for other in places[:at]
            if abs(one[0] - other[0]) < wide and abs(one[1] - other[1]) < high
        ]
        assert over == []


def test_tidying_up_shows_everything_and_draws_edges_along_with_their_stages(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit(viewport={"width": 1440, "height": 844}) as page:
        page.clock.install()
        open_canvas(page, fork)
        at_full_size(page)
        # One stage is far from the others.
        stages(page).first.focus()
        page.keyboard.press("Enter")
        for _ in range(9):
            page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Escape")
        page.clock.pause_at(page.evaluate("Date.now()") + 1000)
        page.keyboard.press("Shift+T")
        canvas, moved = page.get_by_role("main", name="Canvas"), page.locator(".node.is-dragged")
        wait_for(lambda: page.clock.run_for(16) or moved.count(), "stages on their way")
        while moved.count():
            page.clock.run_for(16)
        # In the frame in which they stop, edges and map are drawn as they stay.
        page.evaluate("document.querySelector('.surface-nodes').style.visibility = 'hidden'")
        halt = canvas.screenshot()
        page.clock.run_for(2000)
        assert canvas.screenshot() == halt
        page.clock.resume()
        expect(EditorActions(page).saved).to_have_text("Saved")
        frame: Any = page.locator(".surface-view").bounding_box()
        view = page.evaluate(VIEW)
        for x, y in stored(page, fork).values():
            left, top = view["x"] + x * view["zoom"], view["y"] + y * view["zoom"]
            assert frame["x"] < left < frame["x"] + frame["width"] - 100 * view["zoom"]
            assert frame["y"] < top < frame["y"] + frame["height"] - 100 * view["zoom"]
