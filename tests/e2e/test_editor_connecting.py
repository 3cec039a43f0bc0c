"""Connecting and adding in the editor, in real Chromium with a real mouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Position, expect

from tests.support.builders.editor_templates import post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, args, port, saved, state
from tests.support.clients.positions import ScreenPosition, point, points
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

CLIPBOARD = ["clipboard-read", "clipboard-write"]


# A small picture on the clipboard, as a browser hands it over.
PASTE = """async ([name, x, y]) => {
  const drawn = new OffscreenCanvas(64, 64)
  drawn.getContext('2d').fillRect(0, 0, 64, 64)
  const data = new DataTransfer()
  const blob = await drawn.convertToBlob({ type: 'image/png' })
  data.items.add(new File([blob], name, { type: 'image/png' }))
  const common = { bubbles: true, cancelable: true }
  const event = x === null
    ? new ClipboardEvent('paste', { ...common, clipboardData: data })
    : new DragEvent('drop', { ...common, dataTransfer: data, clientX: x, clientY: y })
  document.querySelector('.work-area').dispatchEvent(event)
}"""


# Two columns and a third one, with room around.
FILM = {
    "name": "A short film",
    "inputs": [{"name": "brief", "type": "text", "required": False, "description": "What of"}],
    "stages": [
        stage("picture", "generate_image", "Picture", prompt="a lighthouse"),
        stage("music", "generate_music", "Music", prompt="slow piano"),
        stage("shot", "animate_photo", prompt="pan", reference_image_url=made_by("picture")),
        stage("film", "stitch_video", "Film", reference_video_urls=[made_by("shot")]),
    ],
    "graph": {
        "nodes": [
            {"stageId": "$inputs", "x": 0, "y": 0},
            {"stageId": "picture", "x": 208, "y": 0},
            {"stageId": "music", "x": 208, "y": 300},
            {"stageId": "shot", "x": 488, "y": 0},
            {"stageId": "film", "x": 768, "y": 0},
        ]
    },
}


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, FILM)


@pytest.fixture
def page(site: Site, browser: Browser, session: Any, template: str) -> Iterator[Page]:
    """The editor with the film, its console silent."""
    options = {"storage_state": session, "permissions": CLIPBOARD}
    with Visit(browser, site.url, viewport={"width": 1440, "height": 900}, **options) as page:
        open_canvas(page, template)
        yield page


def open_canvas(page: Page, template: str) -> None:
    page.goto(f"/t/{template}/edit")
    expect(node(page, "film")).to_be_visible()


def node(page: Page, stage: str) -> Locator:
    return page.locator(f'.node[data-node-id="{stage}"]')


def head(page: Page, stage: str) -> ScreenPosition:
    return ScreenPosition(node(page, stage).locator(".node-head b"))


def draw(page: Page, start: ScreenPosition, end: ScreenPosition) -> None:
    EditorActions(page).draw(start, end)


def choose(page: Page, words: str) -> None:
    """Type into the list that is opening, and take its first entry."""
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def undo(page: Page, template: str, before: dict[str, Any]) -> None:
    """One step back, and everything is as it was."""
    page.keyboard.press("Control+z")
    saved(page, template, lambda read: read == before, "the document as before")


def test_edges_are_drawn_refused_taken_up_and_let_go(page: Page, template: str) -> None:
    before = state(page, template)
    # One argument is changed and nothing else.
    draw(page, port(page, "music", "out"), port(page, "film", "port:audio"))
    after = saved(page, template, lambda read: read != before, "the edge")
    assert args(after, "film")["reference_audio_url"] == made_by("music")
    del after["stages"]["rows"]["film"]["args"]["reference_audio_url"]
    assert after == before
    undo(page, template, before)

    # Backward, it snaps onto a port near by.
    out = port(page, "music", "out")
    EditorActions(page).drag(port(page, "film", "port:audio"), out.moved(60, 0))
    expect(page.locator(".port[data-fits]")).to_have_count(1)
    expect(node(page, "picture")).to_have_attribute("data-outsider", "")
    page.mouse.move(*point(out.moved(18, 8)), steps=3)
    page.mouse.up()
    after = saved(page, template, lambda read: "reference_audio_url" in args(read, "film"), "it")
    assert args(after, "film")["reference_audio_url"] == made_by("music")
    undo(page, template, before)

    # A refused one says why, and its button does what would fit.
    draw(page, port(page, "music", "out"), port(page, "shot", "port:image"))
    why = page.locator(".why")
    expect(why).to_contain_text("Photo needs images. Music is audio")
    expect(page.locator("#live")).to_contain_text("Music is audio")
    assert state(page, template) == before
    page.keyboard.press("Escape")
    expect(why).to_have_count(0)
    draw(page, port(page, "music", "out"), port(page, "shot", "port:image"))
    why.get_by_role("button").first.click()
    expect(why).to_have_count(0)
    after = saved(page, template, lambda read: read != before, "what was offered")
    assert made_by("music") in json.dumps(args(after, "shot"))
    undo(page, template, before)

    # Over nothing, it asks what to add, and joins it.
    draw(page, out, out.moved(160, 60))
    dialog = page.get_by_role("dialog", name="Add a stage that uses audio")
    expect(dialog.get_by_role("option").first).to_be_visible()
    expect(dialog.get_by_role("option", name="Generate image")).to_have_count(0)
    choose(page, "stitch")
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the stage")
    key = after["stages"]["order"][-1]
    assert args(after, key)["reference_audio_url"] == made_by("music")
    expect(page.locator(".node.is-selected")).to_have_attribute("data-node-id", key)
    undo(page, template, before)

    # It is taken up by its end, and led elsewhere or let go.
    end = port(page, "shot", "port:image")
    draw(page, end, port(page, "shot", "port:end"))
    after = saved(page, template, lambda read: read != before, "the move")
    assert "reference_image_url" not in args(after, "shot")
    assert made_by("picture") in json.dumps(args(after, "shot"))
    undo(page, template, before)

    # A body with a single field that shows takes it there; with several, it asks which.
    draw(page, port(page, "$inputs", "brief"), head(page, "music"))
    after = saved(page, template, lambda read: read != before, "the edge")
    assert args(after, "music")["prompt"] == "$inputs.brief"
    undo(page, template, before)
    draw(page, end, end.moved(-20, 260))
    saved(page, template, lambda read: "reference_image_url" not in args(read, "shot"), "the cut")
    draw(page, port(page, "picture", "out"), head(page, "shot"))
    menu = page.get_by_role("menu", name="Connect to which field?")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(menu).to_have_count(0)
    after = saved(
        page, template, lambda read: made_by("picture") in json.dumps(args(read, "shot")), "it"
    )
    # Its image came automatically after the cut, and stays connected.
    assert args(after, "shot") == {
        "prompt": "pan",
        "reference_image_url": made_by("picture"),
        "reference_image_end_url": made_by("picture"),
    }


def test_stages_go_into_edges_and_are_added_by_dragging_and_by_keys(
    page: Page, template: str
) -> None:
    before = state(page, template)
    # Into an edge: it makes room; removed, it leaves no hole where kinds fit.
    start, end = points(port(page, "picture", "out"), port(page, "shot", "port:image"))
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.get_by_role("button", name="Insert a stage").click()
    choose(page, "generate image")
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the stage")
    (key,) = set(after["stages"]["order"]) - set(before["stages"]["order"])
    assert args(after, "shot")["reference_image_url"] == made_by(key)
    assert made_by("picture") in json.dumps(args(after, key))
    assert after["stages"]["order"].index(key) < after["stages"]["order"].index("shot")
    places = {one: row["x"] for one, row in after["nodes"]["rows"].items()}
    assert places["picture"] + 224 < places[key] < places["shot"] - 224
    page.keyboard.press("Delete")
    gone = saved(page, template, lambda read: len(read["stages"]["order"]) == 4, "its going")
    assert args(gone, "shot")["reference_image_url"] == made_by("picture")
    undo(page, template, after)
    undo(page, template, before)

    # A part of the palette goes where it is dropped, also into an edge.
    part = page.locator(".palette").get_by_role("button", name="Generate image", exact=True)
    x, y = point(port(page, "music", "out"))
    can = page.locator(".work-area").bounding_box()
    assert can
    part.drag_to(
        page.locator(".work-area"), target_position={"x": x + 300 - can["x"], "y": y - can["y"]}
    )
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the stage")
    box = node(page, after["stages"]["order"][-1]).bounding_box()
    assert box
    assert box["x"] < x + 300 < box["x"] + box["width"]
    undo(page, template, before)
    start, end = points(port(page, "picture", "out"), port(page, "shot", "port:image"))
    middle: Position = {"x": (start[0] + end[0]) / 2 - can["x"], "y": start[1] - can["y"]}
    part.drag_to(page.locator(".work-area"), target_position=middle)
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the stage")
    (key,) = set(after["stages"]["order"]) - set(before["stages"]["order"])
    assert args(after, "shot")["reference_image_url"] == made_by(key)
    undo(page, template, before)

    # By keys alone.
    page.locator(".work-area").focus()
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Add a stage, template, input or note")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    choose(page, "upscale video")
    saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the stage")
    undo(page, template, before)
    node(page, "music").focus()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Connect Music to")
    refused = dialog.get_by_role("option").filter(has_text="needs images").first
    expect(refused).to_have_attribute("aria-disabled", "true")
    choose(page, "film sound")
    after = saved(page, template, lambda read: read != before, "the edge")
    assert args(after, "film")["reference_audio_url"] == made_by("music")
    undo(page, template, before)

    # What keys and pointer do is in the list of commands and among the keys.
    page.locator(".work-area").focus()
    page.keyboard.press("Control+k")
    for words in ("Duplicate", "Align left edges", "Connect", "Paste", "Tidy up"):
        page.get_by_role("combobox").fill(words)
        expect(page.get_by_role("option").filter(has_text=words).first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Add next stage")
    expect(keys).to_contain_text("Copy")


def test_a_selection_is_copied_pasted_cut_and_arranged(
    page: Page, template: str, rest: httpx.Client
) -> None:
    before = state(page, template)
    other = post(rest, FILM)
    page.mouse.click(*point(head(page, "shot")))
    page.keyboard.down("Shift")
    page.mouse.click(*point(head(page, "film")))
    page.keyboard.up("Shift")
    page.keyboard.press("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    assert json.loads(text)["reelgraph"] == 1
    # Into another tab, with the edges among them.
    second = page.context.new_page()
    open_canvas(second, other)
    second.locator(".work-area").focus()
    second.keyboard.press("Control+v")
    after = saved(second, other, lambda read: len(read["stages"]["order"]) == 6, "the copies")
    shot, film = after["stages"]["order"][-2:]
    assert args(after, film)["reference_video_urls"] == [made_by(shot)]
    second.keyboard.press("Control+z")
    saved(second, other, lambda read: len(read["stages"]["order"]) == 4, "one step back")
    second.close()

    # Words become a note; a stage is duplicated, cut and brought back.
    page.evaluate("navigator.clipboard.writeText('Ask Ilse about the voice')")
    page.locator(".work-area").focus()
    page.keyboard.press("Control+v")
    after = saved(page, template, lambda read: read["notes"]["order"], "the note")
    (note,) = after["notes"]["rows"].values()
    assert note["text"] == "Ask Ilse about the voice"
    undo(page, template, before)
    page.mouse.click(*point(head(page, "music")))
    page.keyboard.press("Control+d")
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 5, "the copy")
    (key,) = set(after["stages"]["order"]) - set(before["stages"]["order"])
    assert args(after, key) == args(after, "music")
    undo(page, template, before)
    page.mouse.click(*point(head(page, "music")))
    page.keyboard.press("Control+x")
    cut = saved(page, template, lambda read: "music" not in read["stages"]["rows"], "the cut")
    page.keyboard.press("Control+v")
    after = saved(page, template, lambda read: len(read["stages"]["order"]) == 4, "its return")
    assert after["stages"]["rows"].keys() == before["stages"]["rows"].keys()
    undo(page, template, cut)
    undo(page, template, before)

    # Pictures become inputs, and fill the port that they are dropped on.
    page.evaluate(PASTE, ["dusk.png", None, None])
    after = saved(page, template, lambda read: read["values"]["order"], "the input")
    (value,) = after["values"]["rows"].values()
    assert value["value"].startswith("reelgraph:object/")
    assert value["value"].endswith("/dusk.png")
    page.evaluate(PASTE, ["dawn.png", *point(port(page, "shot", "port:end"))])
    after = saved(page, template, lambda read: len(read["values"]["order"]) == 2, "the second one")
    key = after["inputs"]["order"][-1]
    assert f"$inputs.{key}" in args(after, "shot").values()
    while state(page, template) != before:
        page.keyboard.press("Control+z")
        expect(EditorActions(page).saved).to_have_text("Saved")

    # What is selected is lined up, and everything is tidied, each in one step.
    page.keyboard.press("Escape")
    page.mouse.click(*point(head(page, "picture")))
    expect(page.get_by_role("toolbar", name="Arrange selection")).to_have_count(0)
    page.keyboard.down("Shift")
    page.mouse.click(*point(head(page, "shot")))
    page.keyboard.up("Shift")
    bar = page.get_by_role("toolbar", name="Arrange selection")
    spread = bar.get_by_role("button", name="Distribute horizontally")
    expect(spread).to_have_attribute("aria-disabled", "true")
    bar.get_by_role("button", name="Align left edges").click()
    after = saved(page, template, lambda read: read != before, "the move")
    rows = after["nodes"]["rows"]
    assert rows["shot"]["x"] == rows["picture"]["x"] == 208
    page.locator(".work-area").focus()
    undo(page, template, before)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+T")
    after = saved(page, template, lambda read: read != before, "the new places")
    assert {one for one in after if after[one] != before[one]} == {"nodes"}
    xs = {key: row["x"] for key, row in after["nodes"]["rows"].items()}
    assert xs["$inputs"] < xs["shot"] < xs["film"]
    assert xs["picture"] < xs["shot"]
    undo(page, template, before)
