"""The editor under a real pointer and real keys: nothing is lost, taken or marked on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.builders.editor_templates import TEMPLATES, WIDE, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, args, port, saved, state
from tests.support.clients.positions import ScreenPosition, point, points
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLIPBOARD = ["clipboard-read", "clipboard-write"]


# Two clips that are joined automatically, a sound, and an image that is edited automatically.
FILM = {
    "name": "A film of two clips",
    "inputs": [],
    "stages": [
        stage("one", "generate_video", "First clip", prompt="a pier", referenceImageIndices=[]),
        stage("two", "generate_video", "Second clip", prompt="a sea", referenceImageIndices=[]),
        stage("score", "generate_music", "Score", prompt="slow piano"),
        stage("film", "stitch_video", "Film"),
        stage("photo", "generate_image", "Photo", prompt="a door"),
        stage("mask", "segment_image", "Mask", source_image_url=made_by("photo"), prompt="door"),
        stage("base", "generate_image", "Base", prompt="a house"),
        stage("edit", "edit_image", "Edit", prompt="make it red"),
    ],
    "graph": {
        "nodes": [
            {"stageId": "one", "x": 0, "y": 0},
            {"stageId": "two", "x": 0, "y": 300},
            {"stageId": "score", "x": 0, "y": 600},
            {"stageId": "film", "x": 280, "y": 0},
            {"stageId": "photo", "x": 280, "y": 300},
            {"stageId": "mask", "x": 560, "y": 300},
            {"stageId": "base", "x": 560, "y": 0},
            {"stageId": "edit", "x": 840, "y": 0},
        ]
    },
}
CLIPS = [made_by("one"), made_by("two")]


@pytest.fixture
def make(rest: httpx.Client) -> Callable[..., str]:
    return partial(post, rest)


@pytest.fixture
def template(make: Callable[..., str]) -> str:
    return make(FILM)


@pytest.fixture
def visit(site: Site, browser: Browser, session: Any) -> Callable[..., Visit]:
    def make(**options: Any) -> Visit:
        return Visit(
            browser, site.url, storage_state=session, permissions=CLIPBOARD, **{**WIDE, **options}
        )

    return make


@pytest.fixture
def page(visit: Callable[..., Visit], template: str) -> Iterator[Page]:
    with visit() as page:
        EditorActions(page).open(template)
        expect(node(page, "film")).to_be_visible()
        yield page


def node(page: Page, key: str) -> Locator:
    return page.locator(f'.work-area [data-node-id="{key}"]')


def undo_and_redo(page: Page, template: str, before: Any, after: Any) -> None:
    """One step back and forth again; nothing else happens in either."""
    page.locator(".work-area").focus()
    page.keyboard.press("Control+z")
    saved(page, template, lambda read: read == before, "what was before")
    page.keyboard.press("Control+Shift+z")
    saved(page, template, lambda read: read == after, "what was done")


# -- connecting one thing never undoes another -----------------------------------------------------


def test_looking_writes_nothing_and_an_edge_or_a_name_keeps_the_automatic_connections(
    page: Page, template: str, rest: httpx.Client
) -> None:
    """Which edits keep them: `frontend/src/graph/edits/keep.test.ts`."""
    before = state(page, template)
    actions = EditorActions(page)
    actions.select("film")
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.reload()
    actions.ready()
    expect(node(page, "film")).to_be_visible()
    assert state(page, template) == before
    kept = rest.get(f"{TEMPLATES}/{template}").json()["data"]["template"]
    assert kept["stages"] == FILM["stages"]

    actions.draw(port(page, "score", "out"), port(page, "film", "port:audio"))
    after = saved(page, template, lambda read: args(read, "film") != {}, "the connection")
    assert args(after, "film") == {
        "reference_audio_url": made_by("score"),
        "reference_video_urls": CLIPS,
    }
    expect(node(page, "film").locator(".port.is-missing, .port .miss")).to_have_count(0)
    undo_and_redo(page, template, before, after)
    page.keyboard.press("Control+z")
    saved(page, template, lambda read: read == before, "what was before")

    actions.draw(port(page, "mask", "out"), port(page, "edit", "port:mask"))
    after = saved(page, template, lambda read: len(args(read, "edit")) > 1, "the connection")
    assert args(after, "edit") == {
        "prompt": "make it red",
        "mask_image_url": made_by("mask"),
        "source_image_url": made_by("base"),
    }
    actions.select("film")
    page.locator(".inspector [data-field=label] input").fill("The film")
    page.keyboard.press("Escape")
    after = saved(
        page,
        template,
        lambda read: read["stages"]["rows"]["film"]["label"] == "The film",
        "the name",
    )
    assert args(after, "film") == {"reference_video_urls": CLIPS}


# -- a drag that began on the canvas ---------------------------------------------------------------


def box_over(page: Page, start: tuple[float, float], *way: tuple[float, float]) -> None:
    page.keyboard.down("Shift")
    page.mouse.move(*start)
    page.mouse.down()
    for x, y in way:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_a_drag_marks_no_text_and_passes_over_panels_and_minimap(page: Page, template: str) -> None:
    # The minimap moves the view only where it is pressed itself.
    mini, seen = page.locator("canvas.minimap"), page.locator(".surface-plane")
    expect(mini).to_be_visible()
    for what in ("a box", "a stage", "an edge"):
        (x, y), (from_x, from_y), (out_x, out_y) = points(
            ScreenPosition(mini),
            ScreenPosition(node(page, "score").locator(".node-head b")),
            port(page, "score", "out"),
        )
        before = seen.get_attribute("style")
        if what == "a box":
            page.keyboard.down("Shift")
            page.mouse.move(x - 160, y - 160)
        else:
            page.mouse.move(*((from_x, from_y) if what == "a stage" else (out_x, out_y)))
        page.mouse.down()
        page.mouse.move(x - 20, y - 10, steps=8)
        page.mouse.move(x, y, steps=8)
        page.mouse.move(x + 20, y + 10, steps=4)
        moved = seen.get_attribute("style")
        page.keyboard.press("Escape")
        page.mouse.up()
        page.keyboard.up("Shift")
        assert moved == before, what
        page.keyboard.press("Escape")

    can = page.locator(".work-area").bounding_box()
    assert can
    # From empty ground, over stages, the inspector and the palette, and back onto the canvas.
    start = (can["x"] + 6, can["y"] + 6)
    right = (can["x"] + can["width"] + 150, can["y"] + can["height"] / 2)
    left = (can["x"] - 60, can["y"] + can["height"] / 2)
    end = (can["x"] + can["width"] - 6, can["y"] + can["height"] - 6)
    box_over(page, start, right, left, end)
    expect(page.locator(".node.is-selected")).to_have_count(8)
    assert page.evaluate("document.getSelection().toString()") == ""
    # What is marked in a panel is not what is copied after another box.
    page.locator(".palette :is(h2, h3):visible").first.click(click_count=3)
    assert page.evaluate("document.getSelection().toString()").strip()
    box_over(page, start, end)
    expect(page.locator(".node.is-selected")).to_have_count(8)
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    after = saved(
        page, template, lambda read: len(read["stages"]["order"]) != 8 or has_note(read), "a paste"
    )
    assert len(after["stages"]["order"]) == 16
    assert not has_note(after)


def has_note(read: dict[str, Any]) -> bool:
    return bool(read["notes"]["order"])


# -- inputs, notes ---------------------------------------------------------------------------------


def test_inputs_notes_and_frames_stand_where_they_belong_and_keep_what_is_typed(
    page: Page, template: str
) -> None:
    can = page.locator(".work-area").bounding_box()
    assert can
    x, y = can["width"] - 240, can["height"] - 320
    row = page.locator(".palette :is(h2, h3)", has_text="Inputs").locator("~ .tool").nth(1)
    row.drag_to(page.locator(".work-area"), target_position={"x": x, "y": y})
    inputs = node(page, "$inputs")
    expect(inputs).to_be_visible()
    box = inputs.bounding_box()
    assert box
    assert box["x"] < can["x"] + x < box["x"] + box["width"]
    assert box["y"] < can["y"] + y < box["y"] + box["height"]
    first = saved(page, template, lambda read: "$inputs" in read["nodes"]["rows"], "the box")
    # The next one goes into the box, which stays where it is and is selected.
    row.drag_to(page.locator(".work-area"), target_position={"x": 40, "y": can["height"] - 60})
    expect(inputs).to_have_class(re.compile("is-selected"))
    more = saved(page, template, lambda read: len(read["inputs"]["order"]) == 2, "two")
    assert more["nodes"]["rows"]["$inputs"] == first["nodes"]["rows"]["$inputs"]

    # The letters after N are the note, though some of them are keys of commands.
    page.locator(".work-area").focus()
    for words in ("no cats", "gaming at 1"):
        page.keyboard.press("n")
        expect(page.locator(".stick textarea")).to_be_focused()
        page.keyboard.type(words)
        page.keyboard.press("Escape")
        expect(page.locator(".stick textarea")).to_have_count(0)
        note = page.locator(".stick").filter(has_text=words)
        expect(note).to_have_class(re.compile("is-selected"))
        assert covered(page, note) == []
    # A frame around nothing: what is typed is its title.
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.locator(".frame textarea")).to_be_focused()
    page.keyboard.type("gone at dawn")
    page.keyboard.press("Escape")
    frame = page.get_by_role("region", name="Frame gone at dawn")
    expect(frame).to_be_visible()
    assert covered(page, frame) == []
    # One around what is selected as well.
    page.keyboard.press("Control+a")
    page.keyboard.press("g")
    expect(page.locator(".frame textarea")).to_be_focused()
    page.keyboard.type("all")
    page.keyboard.press("Enter")
    saved(page, template, lambda read: titles(read) == ["gone at dawn", "all"], "both frames")
    # From far away, too, the letters are the note.
    page.keyboard.press("Escape")
    far = page.locator(".work-area.is-far")
    wait_for(lambda: page.keyboard.press("-") or far.count() == 1, "the view from far")
    page.keyboard.press("n")
    expect(page.locator(".stick textarea")).to_be_focused()
    page.keyboard.type("no cats, gaming at 1")
    page.keyboard.press("Control+Enter")
    wanted = ["no cats", "gaming at 1", "no cats, gaming at 1"]
    after = saved(page, template, lambda read: notes(read) == wanted, "the notes")
    assert after["stages"]["order"] == [stage["id"] for stage in FILM["stages"]]  # type: ignore[index]


def notes(read: dict[str, Any]) -> list[str]:
    return [str(read["notes"]["rows"][key]["text"]) for key in read["notes"]["order"]]


def titles(read: dict[str, Any]) -> list[str]:
    return [read["frames"]["rows"][key]["title"] for key in read["frames"]["order"]]


COVERED = """one => {
  const mine = one.closest('.surface-node')
  const a = mine.getBoundingClientRect()
  return [...document.querySelectorAll('.work-area .surface-node')]
    .filter(other => {
      const b = other.getBoundingClientRect()
      return other !== mine && a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom
    })
    .map(other => other.dataset.id)
}"""


def covered(page: Page, one: Locator) -> list[str]:
    """What is on the canvas beneath or over something, of what is seen."""
    expect(page.locator(".work-area.is-far")).to_have_count(0)
    found: list[str] = one.evaluate(COVERED)
    return found


# -- edges and what is said about them -------------------------------------------------------------


def test_a_note_lies_on_stages_and_an_edge_leads_around_the_stage_between(
    visit: Callable[..., Visit], make: Callable[..., str]
) -> None:
    stages = [
        stage("start", "generate_image", "Start", prompt="a door"),
        stage("between", "generate_image", "Between", prompt="a wall"),
        stage("end", "upscale_image", "End", source_image_url=made_by("start")),
    ]
    places = [
        {"stageId": key, "x": 280 * at, "y": 0}
        for at, key in enumerate(("start", "between", "end"))
    ]
    note = {"id": "note", "x": 600, "y": 40, "width": 160, "text": "Look here"}
    graph = {"nodes": places, "notes": [note]}
    template = make({"name": "Three", "inputs": [], "stages": stages, "graph": graph})
    with visit() as page:
        EditorActions(page).open(template)
        page.mouse.click(*point(ScreenPosition(page.locator(".stick"))))
        expect(page.locator(".stick")).to_have_class(re.compile("is-selected"))
        expect(node(page, "end")).not_to_have_class(re.compile("is-selected"))
        page.keyboard.press("Delete")
        expect(page.locator(".stick")).to_have_count(0)
        front = page.locator(".edges.connecting path.front")
        x, y = point(port(page, "start", "out"))
        # It is pressed where it is met, on a line across the gap between the stages.
        for down in range(0, 120, 5):
            page.mouse.click(x + 18, y + down)
            if front.count() == 1:
                break
        expect(front).to_be_visible()
        way = front.evaluate(
            """path => {
              const matrix = path.getScreenCTM()
              const length = path.getTotalLength()
              return Array.from({ length: 80 }, (_, at) => {
                const found = path.getPointAtLength((length * at) / 79).matrixTransform(matrix)
                return [found.x, found.y]
              })
            }"""
        )
        box = node(page, "between").bounding_box()
        assert box
        inside = [
            (x, y)
            for x, y in way
            if box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"]
        ]
        assert inside == []
        end_x, end_y = point(port(page, "end", "port:image"))
        assert abs(way[-1][0] - end_x) < 2
        assert abs(way[-1][1] - end_y) < 2


@pytest.mark.parametrize("width", [1000, 390])
def test_why_an_edge_is_refused_is_seen_whole(
    visit: Callable[..., Visit], make: Callable[..., str], width: int
) -> None:
    stages = [
        stage("score", "generate_music", "Score", prompt="slow piano"),
        stage("edit", "edit_image", "Edit", prompt="make it red"),
    ]
    right = 280 if width > 760 else 30
    places = [{"stageId": "score", "x": 0, "y": 300}, {"stageId": "edit", "x": right, "y": 0}]
    template = make({"name": "Two", "inputs": [], "stages": stages, "graph": {"nodes": places}})
    with visit(viewport={"width": width, "height": 844}) as page:
        page.goto(f"/t/{template}/edit")
        if width < 760:
            page.get_by_role("button", name="Canvas").click()
        EditorActions(page).ready()
        expect(node(page, "edit")).to_be_visible()
        if width > 760:
            # At 1000 pixels the inspector floats over the canvas.
            EditorActions(page).select("score")
            expect(page.locator(".inspector")).to_be_visible()
            # The stage that refuses is brought as far to the right as can be seen.
            (x, y), (edge, _) = points(
                port(page, "edit", "port:image"),
                ScreenPosition(page.locator(".inspector"), (0, 200)),
            )
            page.keyboard.down("Space")
            page.mouse.move(x + 60, y + 200)
            page.mouse.down()
            page.mouse.move(edge - 40, y + 200, steps=5)
            page.mouse.up()
            page.keyboard.up("Space")
        EditorActions(page).draw(port(page, "score", "out"), port(page, "edit", "port:image"))
        why = page.locator(".why")
        expect(why.get_by_role("button").first).to_be_visible()
        hidden = why.evaluate(
            """why => {
              const { left, top, right, bottom } = why.getBoundingClientRect()
              const corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
              const [midX, midY] = [(left + right) / 2, (top + bottom) / 2]
              return corners
                .map(([x, y]) => [x + 6 * Math.sign(midX - x), y + 6 * Math.sign(midY - y)])
                .filter(([x, y]) => !why.contains(document.elementFromPoint(x, y)))
            }"""
        )
        assert hidden == []
        for button in why.get_by_role("button").all():
            button.click(trial=True)
