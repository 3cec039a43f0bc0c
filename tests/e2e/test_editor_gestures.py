"""Gestures on the canvas by a real mouse, pen, finger and wheel: what each does, how it ends.

Which state follows which is in `frontend/tests/canvas/machine.test.ts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.builders.editor_templates import post, stage
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, args, port, saved, state
from tests.support.clients.positions import Point, ScreenPosition, point, points
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

VIEW = """() => {
  const view = document.querySelector('.surface-plane')
  const { e, f, a } = new DOMMatrix(getComputedStyle(view).transform)
  return [e, f, a]
}"""
SHIFT = 8
Kind = Literal["mouse", "pen", "touch"]


SPEC = {
    "name": "Gestures",
    "inputs": [],
    "stages": [
        stage("door", "generate_image", "door", prompt="a door"),
        stage(
            "wall", "edit_image", "wall", prompt="red", source_image_url="https://example.com/a.png"
        ),
    ],
    "graph": {
        "nodes": [{"stageId": "door", "x": 0, "y": 0}, {"stageId": "wall", "x": 400, "y": 0}]
    },
}


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, SPEC)


@pytest.fixture
def page(site: Site, browser: Browser, session: Any, template: str) -> Iterator[Page]:
    with Visit(browser, site.url, storage_state=session, has_touch=True) as page:
        EditorActions(page).open(template)
        expect(node(page, "wall")).to_be_visible()
        yield page


def node(page: Page, key: str) -> Locator:
    return page.locator(f'.work-area [data-node-id="{key}"]')


def head(page: Page, key: str) -> ScreenPosition:
    return ScreenPosition(node(page, key).locator(".node-head b"))


def place(page: Page, key: str) -> Point:
    box = node(page, key).bounding_box()
    assert box
    return box["x"], box["y"]


def view(page: Page) -> list[float]:
    found: list[float] = page.evaluate(VIEW)
    return found


class Hand:
    """One pointer of a kind, through the browser's own input line."""

    def __init__(self, page: Page, kind: Kind) -> None:
        self.page = page
        self.line = page.context.new_cdp_session(page)
        self.kind = kind
        self.at: Point = (0, 0)

    def down(self, at: Point, modifiers: int = 0) -> None:
        self.at = at
        if self.kind == "touch":
            self._touch("touchStart", [at], modifiers)
            return
        self._mouse("mouseMoved", modifiers, 0)
        self._mouse("mousePressed", modifiers, 1)

    def move(self, to: Point, modifiers: int = 0) -> None:
        (x, y), steps = self.at, 5
        for step in range(1, steps + 1):
            self.at = (x + (to[0] - x) * step / steps, y + (to[1] - y) * step / steps)
            if self.kind == "touch":
                self._touch("touchMove", [self.at], modifiers)
            else:
                self._mouse("mouseMoved", modifiers, 1)

    def up(self, modifiers: int = 0) -> None:
        if self.kind == "touch":
            self._touch("touchEnd", [], modifiers)
        else:
            self._mouse("mouseReleased", modifiers, 0)

    def pull(self, start: Point, end: Point, modifiers: int = 0) -> None:
        """Press and move; the pointer stays down."""
        self.down(start, modifiers)
        self.move(end, modifiers)
        if self._was_long():
            self.fingers("touchCancel")
            self.pull(start, end, modifiers)

    def drag(self, start: Point, end: Point, modifiers: int = 0) -> None:
        self.pull(start, end, modifiers)
        self.up(modifiers)

    def tap(self, at: Point) -> None:
        self.down(at)
        self.up()
        if self._was_long():
            self.tap(at)

    def _was_long(self) -> bool:
        """Whether a busy machine let the finger lie still for half a second; takes that back."""
        menu = self.page.get_by_role("menu")
        if self.kind != "touch" or not menu.count():
            return False
        self.page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        return True

    def fingers(self, kind: str, *at: Point) -> None:
        self._touch(kind, at, 0)

    def _mouse(self, kind: str, modifiers: int, buttons: int) -> None:
        x, y = self.at
        event = {"type": kind, "x": x, "y": y, "modifiers": modifiers, "pointerType": self.kind}
        pressed = {"button": "left", "clickCount": 1} if kind != "mouseMoved" or buttons else {}
        self.line.send("Input.dispatchMouseEvent", {**event, **pressed, "buttons": buttons})

    def _touch(self, kind: str, at: Sequence[Point], modifiers: int) -> None:
        fingers = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(at)]
        event = {"type": kind, "touchPoints": fingers, "modifiers": modifiers}
        self.line.send("Input.dispatchTouchEvent", event)


def ground(page: Page) -> Point:
    """A point of the canvas below both stages, where nothing lies."""
    (x, _), box = point(head(page, "door")), node(page, "door").bounding_box()
    assert box
    return x, box["y"] + box["height"] + 60


# -- one pointer -----------------------------------------------------------------------------------


def selects(page: Page, hand: Hand) -> None:
    """A press that does not move selects what it is on; on the ground, nothing."""
    hand.tap(point(head(page, "door")))
    expect(page.locator(".node.is-selected")).to_have_count(1)
    hand.tap(ground(page))
    expect(page.locator(".node.is-selected")).to_have_count(0)


def moves_a_stage(page: Page, template: str, hand: Hand) -> None:
    """A drag moves the stage and not the view, as one undo step."""
    before, (left, top), seen = state(page, template), place(page, "door"), view(page)
    x, y = point(head(page, "door"))
    hand.drag((x, y), (x + 60, y + 90))
    after = place(page, "door")
    assert view(page) == seen
    assert abs(after[0] - left - 60) < 12
    assert abs(after[1] - top - 90) < 12
    read = saved(page, template, lambda read: read["nodes"]["rows"]["door"]["y"] > 40, "the move")
    row = read["nodes"]["rows"]["door"]
    assert (row["x"] % 4, row["y"] % 4) == (0, 0)
    undo(page, template, before)


def moves_the_view(page: Page, hand: Hand) -> None:
    """A drag of the ground moves the view, which is no larger then."""
    x, y = ground(page)
    before = view(page)
    hand.drag((x, y), (x + 70, y + 40))
    after = view(page)
    assert after[2] == before[2]
    assert (after[0] - before[0] > 40, after[1] - before[1] > 20) == (True, True)
    hand.drag((x + 70, y + 40), (x, y))


def connects(page: Page, template: str, hand: Hand, beside: float = 0) -> None:
    """An edge is led from port to port; a broad finger begins and ends beside them."""
    before, seen = state(page, template), view(page)
    out, into = port(page, "door", "out"), port(page, "wall", "port:mask")
    start, end = points(out.moved(beside, 0), into.moved(-2 * beside, 0))
    hand.drag(start, end)
    read = saved(page, template, lambda read: "mask_image_url" in args(read, "wall"), "the edge")
    assert args(read, "wall")["mask_image_url"].startswith("$artifacts.door")
    assert view(page) == seen
    undo(page, template, before)


def asks_what_to_connect(page: Page, hand: Hand) -> None:
    """A port that is pressed opens the list of what it fits."""
    hand.tap(point(port(page, "door", "out")))
    dialog = page.get_by_role("dialog", name="Connect door to")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def undo(page: Page, template: str, before: dict[str, Any]) -> None:
    """One step back leads to the document as it was."""
    EditorActions(page).undo()
    saved(page, template, lambda read: read == before, "the document as before")


# -- how a gesture is taken back -------------------------------------------------------------------


def begin(page: Page, hand: Hand, what: str) -> None:
    """Press and move, and show that it is under way; the pointer stays down."""
    x, y = point(head(page, "door"))
    if what == "a stage":
        hand.tap((x, y))
        expect(page.locator(".node.is-selected")).to_have_count(1)
        hand.pull((x, y), (x + 60, y + 90))
        expect(page.locator(".node.is-dragged")).to_have_count(1)
    else:
        out_x, out_y = point(port(page, "door", "out"))
        hand.pull((out_x, out_y), (out_x + 60, out_y + 120))
        expect(page.locator(".work-area")).to_have_attribute("data-connecting", "")


ENDS: dict[str, Callable[[Page, Hand], None]] = {
    "Escape": lambda page, _: page.keyboard.press("Escape"),
    "another window": lambda page, _: page.evaluate("dispatchEvent(new Event('blur'))"),
    "a second finger": lambda _, hand: hand.fingers(
        "touchStart", hand.at, (hand.at[0] - 90, hand.at[1])
    ),
    "a lost touch": lambda _, hand: hand.fingers("touchCancel"),
}


def leaves_nothing(page: Page, template: str, hand: Hand, what: str, end: str) -> None:
    """A gesture that is ended so has changed nothing, and the next one works."""
    before, shown = state(page, template), place(page, "door")
    undo_is_offered = page.get_by_role("button", name="Undo").first.is_enabled()
    begin(page, hand, what)
    ENDS[end](page, hand)
    expect(page.locator(".node.is-dragged")).to_have_count(0)
    expect(page.locator(".work-area[data-connecting]")).to_have_count(0)
    expect(page.locator("html.is-grabbing")).to_have_count(0)
    assert place(page, "door") == shown
    if end != "a lost touch":
        hand.up()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.get_by_role("button", name="Undo").first.is_enabled() == undo_is_offered
    assert state(page, template) == before
    Hand(page, "mouse").tap(ground(page))
    expect(page.locator(".node.is-selected")).to_have_count(0)


# -- the walks -------------------------------------------------------------------------------------


def test_a_mouse_and_a_pen_do_and_take_back_each_gesture(page: Page, template: str) -> None:
    mouse, pen = Hand(page, "mouse"), Hand(page, "pen")
    leaves_nothing(page, template, mouse, "a stage", "Escape")
    leaves_nothing(page, template, pen, "an edge", "another window")
    leaves_nothing(page, template, mouse, "an edge", "Escape")
    selects(page, mouse)
    moves_a_stage(page, template, mouse)
    moves_a_stage(page, template, pen)
    deselect(page)
    moves_the_view(page, mouse)
    connects(page, template, mouse)
    asks_what_to_connect(page, mouse)

    # With Shift the ground draws a box.
    deselect(page)
    seen = view(page)
    mouse.drag(ground(page), point(head(page, "wall")), SHIFT)
    expect(page.locator(".node.is-selected")).to_have_count(2)
    assert view(page) == seen
    deselect(page)

    # Space and the middle button pan over anything.
    x, y = point(head(page, "door"))
    before, at = view(page), place(page, "door")
    page.locator(".work-area").focus()
    page.keyboard.down("Space")
    mouse.drag((x, y), (x + 50, y + 30))
    page.keyboard.up("Space")
    spaced = view(page)
    assert spaced[0] - before[0] > 30
    page.mouse.move(x + 50, y + 30)
    page.mouse.down(button="middle")
    page.mouse.move(x, y, steps=4)
    page.mouse.up(button="middle")
    assert view(page)[0] - spaced[0] < -30
    assert abs(place(page, "door")[0] - at[0]) < 12
    expect(page.locator(".node.is-selected")).to_have_count(0)

    # A double click adds a stage, or opens the one that it is on.
    x, y = ground(page)
    page.mouse.dblclick(x, y)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.mouse.dblclick(*point(head(page, "door")))
    expect(page.locator(".inspector")).to_be_visible()


def deselect(page: Page) -> None:
    """Nothing is selected or pressed."""
    page.mouse.click(*ground(page))
    expect(page.locator(".node.is-selected")).to_have_count(0)


def test_a_finger_does_and_takes_back_each_gesture(page: Page, template: str) -> None:
    finger = Hand(page, "touch")
    selects(page, finger)
    # On a stage that is not selected, it moves the view.
    (x, y), seen = point(head(page, "door")), view(page)
    finger.drag((x, y), (x + 80, y + 60))
    assert view(page) != seen
    expect(page.locator(".node.is-selected")).to_have_count(0)
    finger.tap(point(head(page, "door")))
    expect(page.locator(".node.is-selected")).to_have_count(1)
    moves_a_stage(page, template, finger)
    finger.tap(ground(page))
    moves_the_view(page, finger)
    connects(page, template, finger, beside=12)
    asks_what_to_connect(page, finger)
    for what in ("a stage", "an edge"):
        for end in ("a second finger", "a lost touch"):
            leaves_nothing(page, template, finger, what, end)

    # Two fingers zoom, and move nothing.
    x, y = ground(page)
    zoom = view(page)[2]
    finger.fingers("touchStart", (x, y), (x + 100, y))
    for by in range(0, 30, 6):
        finger.fingers("touchMove", (x + by, y), (x + 100 - by, y))
    finger.fingers("touchEnd")
    assert view(page)[2] < zoom
    expect(page.locator(".node.is-selected")).to_have_count(0)

    # One that stays opens the menu of what it is on, which stays when the finger is lifted.
    menu = page.get_by_role("menu", name="Stage")
    finger.down(point(head(page, "wall")))
    expect(menu).to_be_visible()
    finger.up()
    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name="Duplicate").tap()
    expect(EditorActions(page).stages).to_have_count(3)


def test_a_wheel_pans_and_with_ctrl_or_by_choice_zooms_around_the_pointer(page: Page) -> None:
    canvas = page.locator(".surface-view")
    frame = canvas.bounding_box()
    assert frame
    x, y = frame["width"] / 2 + 20, frame["height"] / 2 - 30
    page.mouse.move(frame["x"] + x, frame["y"] + y)
    left, top, zoom = view(page)

    def becomes(right: float, down: float) -> None:
        wanted = [left + right, top + down, zoom]
        wait_for(lambda: view(page) == pytest.approx(wanted, abs=1), f"{wanted} is seen")

    def zooms(*turn: float, is_closer: bool) -> None:
        """Turn the wheel: what was under the pointer still is."""
        left, top, zoom = view(page)
        page.mouse.wheel(*turn)
        wait_for(lambda: view(page)[2] != zoom, "another zoom")
        after = view(page)
        assert (after[2] > zoom) is is_closer
        assert (x - left) / zoom == pytest.approx((x - after[0]) / after[2], abs=1)
        assert (y - top) / zoom == pytest.approx((y - after[1]) / after[2], abs=1)

    page.mouse.wheel(0, 120)
    becomes(0, -120)
    page.mouse.wheel(90, -40)
    becomes(-90, -80)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 60)
    page.keyboard.up("Shift")
    becomes(-150, -80)
    page.keyboard.down("Control")
    zooms(0, -90, is_closer=True)
    zooms(0, 120, is_closer=False)
    page.keyboard.up("Control")
    # Someone with a mouse would rather zoom by it.
    page.locator(".work-area").focus()
    page.keyboard.press("?")
    page.get_by_role("group", name="Mouse wheel").get_by_role("button", name="Zoom").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.mouse.move(frame["x"] + x, frame["y"] + y)
    zooms(0, -60, is_closer=True)
    left, top, zoom = view(page)
    page.mouse.wheel(50, 0)
    becomes(-50, 0)


# -- before everything has come --------------------------------------------------------------------


def test_what_is_done_before_its_code_has_come_happens_when_it_has(
    site: Site, browser: Browser, session: Any, template: str
) -> None:
    held: list[Route] = []
    with Visit(browser, site.url, storage_state=session) as page:
        page.route("**/late-*.js", lambda route: held.append(route))
        actions = EditorActions(page)
        actions.open(template)
        # An edge is drawn, a stage is copied, a part is dropped, and a menu is opened.
        actions.drag(port(page, "door", "out"), port(page, "wall", "port:mask"))
        page.mouse.up()
        actions.select("door")
        page.keyboard.press("Control+d")
        row = page.locator(".palette .tool").filter(has=page.get_by_text("Question", exact=True))
        row.drag_to(actions.canvas, target_position={"x": 300, "y": 520})
        node(page, "wall").locator(".node-head b").click(button="right")
        wait_for(lambda: held, "the code is asked for")
        expect(actions.stages).to_have_count(2)
        expect(page.get_by_role("menu", name="Stage")).to_be_hidden()
        for route in held:
            route.continue_()
        page.unroute_all()
        expect(page.get_by_role("menu", name="Stage")).to_be_visible()
        expect(actions.stages).to_have_count(4)
        saved(page, template, lambda read: len(read["stages"]["order"]) == 4, "the new stages")
