"""The editor's canvas in real Chromium: nodes, moving, zooming, the map, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, saved, state
from tests.support.clients.positions import Point, ScreenPosition, point
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

SAMPLE = "wf_the-last-lamp_5c1e40aa"
TEMPLATES = "/v1/creative-agent/workflows/templates"
# The view at rest is the one that was kept.
KEPT = """() => {
  const view = document.querySelector('.surface-plane')
  const { a } = new DOMMatrix(getComputedStyle(view).transform)
  const key = Object.keys(localStorage).find(one => one.startsWith('reelgraph.view.'))
  return key && Math.abs(JSON.parse(localStorage[key])[2] - a) < 0.001
}"""
MAP = "Minimap"
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


@pytest.mark.parametrize(("width", "is_early"), [(1280, True), (390, False)])
def test_the_canvas_is_asked_for_with_the_first_script(
    visit: Callable[..., Visit], fork: str, width: int, is_early: bool
) -> None:
    """Not once that runs, a round trip later; and not where the outline is shown first."""
    with visit(viewport={"width": width, "height": 844}) as page:
        urls: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        page.goto(f"/t/{fork}/edit")
        wait_for(lambda: any(url.endswith("/runs") for url in urls), "the script to run")
        # The first thing that the script itself asks for.
        before = urls[: next(at for at, url in enumerate(urls) if url.endswith("/runs"))]
        assert any("/Canvas-" in url for url in before) is is_early


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


def place(node: Locator) -> tuple[float, float]:
    box = node.bounding_box()
    assert box
    return box["x"], box["y"]


def zoom(page: Page) -> int:
    words = page.get_by_role("button", name="Set to 100%").inner_text()
    return int(re.sub(r"\D", "", words))


def grip(node: Locator) -> Point:
    """A point on the node's head, where it is taken to be dragged; the canvas is at rest."""
    return point(ScreenPosition(node.locator(".node-head b")))


def test_every_stage_stands_there_with_its_name(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        expect(stages(page).first).to_be_visible()
        names = [name.get_attribute("aria-label") or "" for name in stages(page).all()]
        count = len(names)
        assert count >= 3
        assert [f"stage {place} of {count}" in name for place, name in enumerate(names, 1)] == [
            True
        ] * count
        expect(page.get_by_role("group", name="Inputs:")).to_be_visible()
        expect(page.get_by_role("img", name=MAP)).to_be_visible()


def test_a_dragged_stage_is_saved_where_it_was_let_go(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        node = stages(page).last
        key = node.get_attribute("data-node-id")
        assert key
        before = stored(page, fork)
        x, y = grip(node)
        shown = place(node)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 60, y + 90, steps=6)
        page.mouse.up()
        moved = place(node)
        assert abs(moved[0] - shown[0] + 60) < 8
        assert abs(moved[1] - shown[1] - 90) < 8
        wait_for(lambda: stored(page, fork).get(key) != before.get(key), "the move is saved")
        at = stored(page, fork)[key]
        assert at[0] % 4 == 0
        assert at[1] % 4 == 0
        page.keyboard.press("Control+z")
        wait_for(lambda: stored(page, fork) == before, "the move is taken back")


def test_a_drag_that_is_escaped_changes_nothing(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        node = stages(page).last
        x, y = grip(node)
        shown = place(node)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 80, y + 40, steps=4)
        assert place(node) != shown
        page.keyboard.press("Escape")
        page.mouse.up()
        assert place(node) == shown
        expect(page.get_by_role("button", name="Undo").first).to_be_disabled()


def test_arrows_move_what_is_selected(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        node = stages(page).first
        key = node.get_attribute("data-node-id")
        assert key
        before = stored(page, fork)
        node.focus()
        page.keyboard.press("Enter")
        expect(node).to_have_class(re.compile("is-selected"))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        x, y = before[key]
        wait_for(lambda: stored(page, fork)[key] == (x + 8, y + 40), "the steps are saved")
        # A burst of steps is one step back.
        page.keyboard.press("Control+z")
        wait_for(lambda: stored(page, fork)[key] == (x, y), "both steps are taken back")


def test_tab_walks_the_stages_in_their_order(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        keys = [
            node.get_attribute("data-node-id") for node in page.locator(".work-area .node").all()
        ]
        page.get_by_role("main", name="Canvas").focus()
        walked = []
        for _ in keys:
            page.keyboard.press("Tab")
            walked.append(page.evaluate("document.activeElement.dataset.nodeId"))
        assert walked == keys


def test_far_away_everything_is_an_overview_that_can_be_arranged(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        node = stages(page).last
        key = node.get_attribute("data-node-id")
        assert key
        before = stored(page, fork)
        page.mouse.move(*grip(node))
        page.keyboard.down("Control")
        while zoom(page) > 40:
            page.mouse.wheel(0, 120)
            page.wait_for_function("() => new Promise(requestAnimationFrame)")
        page.keyboard.up("Control")
        expect(stages(page)).to_have_count(0)
        where = page.evaluate(VIEW)
        left, top = before[key]
        at_x = where["x"] + (left + 60) * where["zoom"]
        at_y = where["y"] + (top + 60) * where["zoom"]
        page.mouse.move(at_x, at_y)
        page.mouse.down()
        page.mouse.move(at_x + 40, at_y + 30, steps=5)
        page.mouse.up()
        wait_for(lambda: stored(page, fork).get(key) != before[key], "the far move is saved")
        page.keyboard.press("1")
        expect(page.get_by_role("button", name="Set to 100%")).to_have_text("100%")


def test_the_map_pans(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        page.get_by_role("main", name="Canvas").focus()
        page.keyboard.press("1")
        expect(page.get_by_role("button", name="Set to 100%")).to_have_text("100%")
        viewport = page.locator(".surface-plane")
        map_ = page.get_by_role("img", name=MAP)
        x, y = point(ScreenPosition(map_, (30, 30)))
        box = map_.bounding_box()
        assert box
        page.mouse.move(x, y)
        page.mouse.down()
        first = viewport.get_attribute("style")
        page.mouse.move(box["x"] + box["width"] - 30, box["y"] + box["height"] - 30, steps=5)
        page.mouse.up()
        assert viewport.get_attribute("style") != first


def test_a_click_beside_the_graph_on_the_map_shows_some_of_it(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        at_full_size(page)
        frame = page.locator(".surface-view").bounding_box()
        map_ = ScreenPosition(page.get_by_role("img", name=MAP))
        for corner in ((4, 4), (196, 4), (4, 114), (196, 114)):
            before = page.evaluate(VIEW)
            page.mouse.click(*point(replace(map_, offset=corner)))
            assert page.evaluate(VIEW) != before
            seen = [seen_part(node, frame) for node in page.locator(".work-area .node").all()]
            assert max(seen, default=0) > 0.1


IMAGES = [
    {"id": key, "type": "fixed", "label": key, "tool": "generate_image", "produces": [key]}
    for key in ("door", "wall", "roof")
]
# What a stage of this tool measures.
IMAGE_SIZE = (224, 230)
# Where what is in the page is on the plane.
PLANE = """() => Object.fromEntries(
  [...document.querySelectorAll('.work-area .surface-node')].map(
    node => [node.dataset.id, node.style.transform]))"""


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_added_or_pasted_is_seen_and_lies_on_nothing(
    visit: Callable[..., Visit], rest: httpx.Client, width: int
) -> None:
    # No one has put the stages anywhere.
    made = rest.post(TEMPLATES, json={"name": "Room", "inputs": [], "stages": IMAGES})
    assert made.status_code == 201, made.text
    template = str(made.json()["data"]["template"]["id"])
    with visit(viewport={"width": width, "height": 844}) as page:
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


@pytest.mark.parametrize("width", [1440, 390])
def test_tidying_up_shows_everything_and_draws_edges_along_with_their_stages(
    visit: Callable[..., Visit], fork: str, width: int
) -> None:
    with visit(viewport={"width": width, "height": 844}) as page:
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
        # In the frame in which they stop, edges and map are drawn as they stay. On a phone all is
        # seen from afar by then.
        page.evaluate("document.querySelector('.surface-nodes').style.visibility = 'hidden'")
        halt = canvas.screenshot()
        page.clock.run_for(2000)
        assert width < 760 or canvas.screenshot() == halt
        page.clock.resume()
        expect(EditorActions(page).saved).to_have_text("Saved")
        frame: Any = page.locator(".surface-view").bounding_box()
        view = page.evaluate(VIEW)
        for x, y in stored(page, fork).values():
            left, top = view["x"] + x * view["zoom"], view["y"] + y * view["zoom"]
            assert frame["x"] < left < frame["x"] + frame["width"] - 100 * view["zoom"]
            assert frame["y"] < top < frame["y"] + frame["height"] - 100 * view["zoom"]


def test_the_view_is_the_same_after_a_reload(visit: Callable[..., Visit], fork: str) -> None:
    with visit() as page:
        open_canvas(page, fork)
        page.get_by_role("main", name="Canvas").focus()
        shown = zoom(page)
        page.keyboard.press("-")
        wait_for(lambda: zoom(page) <= shown * 0.81, "the canvas has zoomed")
        page.wait_for_function(KEPT)
        before = zoom(page)
        page.reload()
        expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")
        assert zoom(page) == before


def test_all_stays_in_sight_until_someone_looks_around(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        whole = zoom(page)
        # As the strip of the last run does, which comes after the canvas.
        page.set_viewport_size({"width": 1280, "height": 420})
        expect(page.get_by_role("button", name="Set to 100%")).not_to_have_text(f"{whole}%")
        canvas = page.get_by_role("main", name="Canvas")
        frame = canvas.bounding_box()
        assert frame
        for node in stages(page).all():
            box = node.bounding_box()
            assert box
            assert box["y"] + box["height"] < frame["y"] + frame["height"]
        page.mouse.move(*point(ScreenPosition(canvas, (6, 6))))
        page.mouse.wheel(0, -40)
        looked = page.evaluate(VIEW)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.evaluate(VIEW)["zoom"] == looked["zoom"]


def test_everything_can_be_boxed_and_removed_and_brought_back(
    visit: Callable[..., Visit], fork: str
) -> None:
    with visit() as page:
        open_canvas(page, fork)
        count = stages(page).count()
        canvas = page.get_by_role("main", name="Canvas")
        x, y = point(ScreenPosition(canvas, (6, 6)))
        frame = canvas.bounding_box()
        assert frame
        page.keyboard.down("Shift")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(frame["x"] + frame["width"] - 230, frame["y"] + frame["height"] - 20)
        page.mouse.up()
        page.keyboard.up("Shift")
        assert page.locator(".node.is-selected").count() >= count - 1
        page.keyboard.press("Control+a")
        expect(page.locator(".work-area .node.is-selected")).to_have_count(count + 1)
        page.get_by_role("main", name="Canvas").focus()
        page.keyboard.press("Delete")
        expect(stages(page)).to_have_count(0)
        expect(page.get_by_role("button", name="Add a stage")).to_be_visible()
        page.keyboard.press("Control+z")
        expect(stages(page)).to_have_count(count)
