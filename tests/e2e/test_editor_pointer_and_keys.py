"""The editor under a real pointer and real keys: nothing is lost, taken or marked on the way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, args, port, saved, signed_in, state
from tests.support.clients.positions import ScreenPosition, point, points
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEMPLATES = "/v1/creative-agent/workflows/templates"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
WIDE = {"viewport": {"width": 1440, "height": 900}, "permissions": CLIPBOARD}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
_numbers = itertools.count(1)


def result(stage: str) -> str:
    return f"$artifacts.{stage}.items[0].selectedVersion.url"


def fixed(stage: str, tool: str, label: str, **args: Any) -> dict[str, Any]:
    return {
        "id": stage,
        "type": "fixed",
        "label": label,
        "tool": tool,
        "produces": [stage],
        "args": args,
    }


# Two clips that are joined automatically, a sound, and an image that is edited automatically.
FILM = {
    "name": "A film of two clips",
    "inputs": [],
    "stages": [
        fixed("one", "generate_video", "First clip", prompt="a pier", referenceImageIndices=[]),
        fixed("two", "generate_video", "Second clip", prompt="a sea", referenceImageIndices=[]),
        fixed("score", "generate_music", "Score", prompt="slow piano"),
        fixed("film", "stitch_video", "Film"),
        fixed("photo", "generate_image", "Photo", prompt="a door"),
        fixed("mask", "segment_image", "Mask", source_image_url=result("photo"), prompt="door"),
        fixed("base", "generate_image", "Base", prompt="a house"),
        fixed("edit", "edit_image", "Edit", prompt="make it red"),
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
CLIPS = [result("one"), result("two")]


@pytest.fixture
def make(rest: httpx.Client) -> Callable[..., str]:
    def post(spec: dict[str, Any], **more: Any) -> str:
        made = rest.post(TEMPLATES, json={**spec, **more})
        assert made.status_code == 201, made.text
        return str(made.json()["data"]["template"]["id"])

    return post


@pytest.fixture
def template(make: Callable[..., str]) -> str:
    return make(FILM)


@pytest.fixture
def visit(site: Site, browser: Browser, session: Any) -> Callable[..., Visit]:
    def make(**options: Any) -> Visit:
        return Visit(browser, site.url, storage_state=session, **{**WIDE, **options})

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


def test_a_soundtrack_that_is_connected_keeps_the_clips(page: Page, template: str) -> None:
    before = state(page, template)
    EditorActions(page).draw(port(page, "score", "out"), port(page, "film", "port:audio"))
    after = saved(page, template, lambda read: args(read, "film") != {}, "the connection")
    assert args(after, "film") == {
        "reference_audio_url": result("score"),
        "reference_video_urls": CLIPS,
    }
    expect(node(page, "film").locator(".port.is-missing, .port .miss")).to_have_count(0)
    undo_and_redo(page, template, before, after)


def test_a_mask_that_is_connected_keeps_the_image(page: Page, template: str) -> None:
    before = state(page, template)
    EditorActions(page).draw(port(page, "mask", "out"), port(page, "edit", "port:mask"))
    after = saved(page, template, lambda read: len(args(read, "edit")) > 1, "the connection")
    assert args(after, "edit") == {
        "prompt": "make it red",
        "mask_image_url": result("mask"),
        "source_image_url": result("base"),
    }
    undo_and_redo(page, template, before, after)


def test_keys_that_connect_a_soundtrack_keep_the_clips(page: Page, template: str) -> None:
    before = state(page, template)
    node(page, "score").focus()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Connect Score to")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("film sound")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Soundtrack")
    page.keyboard.press("Enter")
    after = saved(page, template, lambda read: args(read, "film") != {}, "the connection")
    assert args(after, "film")["reference_video_urls"] == CLIPS
    undo_and_redo(page, template, before, after)


def test_any_change_of_a_stage_keeps_its_automatic_connections(page: Page, template: str) -> None:
    before = state(page, template)
    EditorActions(page).select("film")
    page.locator(".inspector [data-field=label] input").fill("The film")
    page.keyboard.press("Escape")
    label = ("stages", "rows", "film", "label")
    after = saved(page, template, lambda read: at(read, *label) == "The film", "the name")
    assert args(after, "film") == {"reference_video_urls": CLIPS}
    undo_and_redo(page, template, before, after)


def at(read: Any, *way: str) -> Any:
    for step in way:
        read = read[step]
    return read


def test_a_thumb_on_a_phone_connects_a_soundtrack_and_keeps_the_clips(
    visit: Callable[..., Visit], template: str
) -> None:
    with visit(**PHONE, permissions=[]) as page:
        page.goto(f"/t/{template}/edit")
        page.get_by_role("button", name=re.compile("More actions for Score")).tap()
        page.get_by_role("menuitem", name=re.compile("^Connect")).first.tap()
        dialog = page.get_by_role("dialog", name="Connect Score to")
        dialog.get_by_role("combobox").fill("film sound")
        dialog.get_by_role("option").first.tap()
        after = saved(page, template, lambda read: args(read, "film") != {}, "the connection")
        assert args(after, "film") == {
            "reference_audio_url": result("score"),
            "reference_video_urls": CLIPS,
        }


def test_looking_at_a_template_writes_none_of_its_automatic_connections(
    page: Page, template: str, rest: httpx.Client
) -> None:
    before = state(page, template)
    EditorActions(page).select("film")
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.reload()
    EditorActions(page).ready()
    expect(node(page, "film")).to_be_visible()
    assert state(page, template) == before
    kept = rest.get(f"{TEMPLATES}/{template}").json()["data"]["template"]
    assert kept["stages"] == FILM["stages"]
    patched = rest.patch(f"{TEMPLATES}/{template}", json={"name": "Another name"})
    assert patched.json()["data"]["template"]["stages"] == FILM["stages"]
    assert args(state(page, template), "film") == {}


def test_two_people_connect_and_each_undoes_only_their_own(
    site: Site, browser: Browser, make: Callable[..., str], session: Any
) -> None:
    template = make(FILM)
    bob = signed_in(browser, site, "bob")
    with (
        Visit(browser, site.url, storage_state=session, **WIDE) as mine,
        Visit(browser, site.url, storage_state=bob, **WIDE) as theirs,
    ):
        EditorActions(mine).open(template)
        let_in(mine, "bob", theirs)
        EditorActions(theirs).open(template)
        expect(node(theirs, "film")).to_be_visible()
        EditorActions(mine).draw(port(mine, "score", "out"), port(mine, "film", "port:audio"))
        one = saved(mine, template, lambda read: args(read, "film") != {}, "the sound")
        expect(theirs.locator('.port[data-node="film"].open')).to_have_count(0)
        EditorActions(theirs).draw(port(theirs, "mask", "out"), port(theirs, "edit", "port:mask"))
        both = saved(mine, template, lambda read: len(args(read, "edit")) == 3, "the mask")
        EditorActions(mine).undo()
        mask = saved(mine, template, lambda read: args(read, "film") == {}, "the undo")
        assert args(mask, "edit") == args(both, "edit")
        EditorActions(theirs).undo()
        saved(mine, template, lambda read: len(args(read, "edit")) == 1, "the other undo")
        mine.keyboard.press("Control+Shift+z")
        again = saved(mine, template, lambda read: args(read, "film") != {}, "the redo")
        assert args(again, "film") == args(one, "film")


def let_in(page: Page, person: str, invited: Page) -> None:
    page.get_by_role("button", name=re.compile("Share$")).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("textbox").first.fill(person)
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog.get_by_role("listitem").filter(has_text=person)).to_be_visible()
    page.keyboard.press("Escape")
    invited.goto("/me/templates")
    invited.get_by_role("button", name=re.compile("^Accept")).first.click()
    expect(invited.get_by_role("link", name=re.compile("^Edit ")).first).to_be_visible()


# -- a drag that began on the canvas ---------------------------------------------------------------


def box_over(page: Page, start: tuple[float, float], *way: tuple[float, float]) -> None:
    page.keyboard.down("Shift")
    page.mouse.move(*start)
    page.mouse.down()
    for x, y in way:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_a_box_marks_no_text_and_its_stages_are_what_is_copied(page: Page, template: str) -> None:
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
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    after = saved(
        page, template, lambda read: len(read["stages"]["order"]) != 8 or has_note(read), "a paste"
    )
    assert len(after["stages"]["order"]) == 16
    assert not has_note(after)


def has_note(read: dict[str, Any]) -> bool:
    return bool(read["notes"]["order"])


def test_what_is_marked_in_a_panel_is_not_copied_after_a_box(page: Page, template: str) -> None:
    heading = page.locator(".palette :is(h2, h3):visible").first
    heading.click(click_count=3)
    assert page.evaluate("document.getSelection().toString()").strip()
    can = page.locator(".work-area").bounding_box()
    assert can
    box_over(
        page,
        (can["x"] + 6, can["y"] + 6),
        (can["x"] + can["width"] - 6, can["y"] + can["height"] - 6),
    )
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    after = saved(
        page, template, lambda read: len(read["stages"]["order"]) != 8 or has_note(read), "a paste"
    )
    assert len(after["stages"]["order"]) == 16


@pytest.mark.parametrize("what", ["a box", "a stage", "an edge"])
def test_a_drag_that_passes_over_the_minimap_does_not_move_the_view(page: Page, what: str) -> None:
    mini = page.locator("canvas.minimap")
    expect(mini).to_be_visible()
    seen = page.locator(".surface-plane")
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
    assert moved == before


# -- inputs, notes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 1], ids=["text", "image"])
def test_an_input_that_is_dragged_in_stands_where_it_is_dropped(
    visit: Callable[..., Visit], make: Callable[..., str], part: int
) -> None:
    template = make(FILM)
    with visit() as page:
        EditorActions(page).open(template)
        expect(node(page, "film")).to_be_visible()
        can = page.locator(".work-area").bounding_box()
        assert can
        x, y = can["width"] - 240, can["height"] - 320
        row = page.locator(".palette :is(h2, h3)", has_text="Inputs").locator("~ .tool").nth(part)
        row.drag_to(page.locator(".work-area"), target_position={"x": x, "y": y})
        inputs = node(page, "$inputs")
        expect(inputs).to_be_visible()
        box = inputs.bounding_box()
        assert box
        assert box["x"] < can["x"] + x < box["x"] + box["width"]
        assert box["y"] < can["y"] + y < box["y"] + box["height"]
        after = saved(page, template, lambda read: "$inputs" in read["nodes"]["rows"], "the box")
        # The next one goes into the box, which stays where it is and is selected.
        row.drag_to(page.locator(".work-area"), target_position={"x": 40, "y": can["height"] - 60})
        expect(inputs).to_have_class(re.compile("is-selected"))
        more = saved(page, template, lambda read: len(read["inputs"]["order"]) == 2, "two")
        assert more["nodes"]["rows"]["$inputs"] == after["nodes"]["rows"]["$inputs"]


@pytest.mark.parametrize("is_far", [False, True])
def test_the_letters_after_n_are_the_note(page: Page, template: str, *, is_far: bool) -> None:
    if is_far:
        far = page.locator(".work-area.is-far")
        wait_for(lambda: page.keyboard.press("-") or far.count() == 1, "the view from far")
    page.locator(".work-area").focus()
    page.keyboard.press("n")
    field = page.locator(".stick textarea")
    expect(field).to_be_focused()
    page.keyboard.type("no cats, gaming at 1")
    page.keyboard.press("Control+Enter")
    after = saved(page, template, has_note, "the note")
    after = saved(page, template, lambda read: note_text(read) != "", "its text")
    assert note_text(after) == "no cats, gaming at 1"
    assert after["stages"]["order"] == [stage["id"] for stage in FILM["stages"]]  # type: ignore[index]


@pytest.mark.parametrize("width", [1440, 390])
def test_notes_and_frames_keep_what_is_typed_and_lie_on_nothing(
    visit: Callable[..., Visit], template: str, width: int
) -> None:
    with visit(**(PHONE if width < 760 else {})) as page:
        page.goto(f"/t/{template}/edit")
        if width < 760:
            page.get_by_role("button", name="Canvas").click()
        EditorActions(page).ready()
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
        after = saved(page, template, lambda read: len(titles(read)) == 2, "both frames")
        after = saved(page, template, lambda read: "all" in titles(read), "its title")
        assert titles(after) == ["gone at dawn", "all"]
        notes = after["notes"]
        assert [notes["rows"][key]["text"] for key in notes["order"]] == ["no cats", "gaming at 1"]
        assert after["stages"]["order"] == [stage["id"] for stage in FILM["stages"]]  # type: ignore[index]


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


def note_text(read: dict[str, Any]) -> str:
    (key,) = read["notes"]["order"]
    return str(read["notes"]["rows"][key]["text"])


def test_a_note_lies_on_top_of_stages(
    visit: Callable[..., Visit], make: Callable[..., str]
) -> None:
    graph = {"notes": [{"id": "note", "x": 300, "y": 40, "width": 160, "text": "Look here"}]}
    template = make(FILM, graph={**FILM["graph"], **graph})  # type: ignore[dict-item]
    with visit() as page:
        EditorActions(page).open(template)
        x, y = point(ScreenPosition(page.locator(".stick")))
        page.mouse.click(x, y)
        expect(page.locator(".stick")).to_have_class(re.compile("is-selected"))
        expect(node(page, "film")).not_to_have_class(re.compile("is-selected"))


# -- edges and what is said about them -------------------------------------------------------------


def test_an_edge_leads_around_the_stage_between_and_comes_to_the_front(
    visit: Callable[..., Visit], make: Callable[..., str]
) -> None:
    stages = [
        fixed("start", "generate_image", "Start", prompt="a door"),
        fixed("between", "generate_image", "Between", prompt="a wall"),
        fixed("end", "upscale_image", "End", source_image_url=result("start")),
    ]
    places = [
        {"stageId": key, "x": 280 * at, "y": 0}
        for at, key in enumerate(("start", "between", "end"))
    ]
    template = make({"name": "Three", "inputs": [], "stages": stages, "graph": {"nodes": places}})
    with visit() as page:
        EditorActions(page).open(template)
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


@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_why_an_edge_is_refused_is_seen_whole(
    visit: Callable[..., Visit], make: Callable[..., str], width: int
) -> None:
    stages = [
        fixed("score", "generate_music", "Score", prompt="slow piano"),
        fixed("edit", "edit_image", "Edit", prompt="make it red"),
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
