"""The outline in real Chromium: a film built by keyboard alone, and with a thumb on a phone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.builders.editor_templates import PHONE, TEMPLATES, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.server import SHARED, Site, finished

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

WHITE = "A lighthouse at dusk"


@pytest.fixture(scope="module")
def session(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "alice")


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


class Keyboard:
    """Nothing but keys."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def tab_to(self, goal: Locator, *, most: int = 40) -> None:
        for _ in range(most):
            if goal.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{goal} was not reached with {most} tabs")

    def choose(self, words: str) -> None:
        """In a dialog that is a field over a list: type, take the best."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("combobox")).to_be_focused()
        self.type(words)
        expect(dialog.get_by_role("option", selected=True)).to_contain_text(words)
        self.press("Enter")
        expect(self.page.get_by_role("dialog")).to_have_count(0)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=re.compile(f"^{name}"))


def document(page: Page, template: str) -> dict[str, Any]:
    """The document as the server has it, once everything from here arrived there."""
    expect(page.locator(".saved")).to_have_text("Saved")
    answer = page.request.get(f"/app/documents/{template}")
    assert answer.ok, answer.status
    state: dict[str, Any] = answer.json()["state"]
    return state


def test_a_film_is_built_run_and_changed_by_keyboard_alone(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit() as page:
        page.goto("/me/templates")
        keys = Keyboard(page)

        # From the page's address to an empty outline.
        keys.tab_to(page.get_by_label("Template name"))
        keys.type("Harbour")
        keys.press("Enter")
        page.wait_for_url(re.compile("/t/[^/]+/edit"), wait_until="commit")
        template = re.findall("/t/([^/]+)/edit", page.url)[0]
        expect(page.get_by_role("main", name="Canvas")).to_be_visible()
        keys.press("o")
        expect(page.get_by_role("button", name="Add the first stage")).to_be_visible()

        # An input, what it is tried with, and three stages, each added after the one before.
        keys.press("i")
        expect(page.get_by_role("dialog", name="Add an input")).to_be_visible()
        keys.press("Enter")
        expect(row(page, "Text, provides text, not used yet, required")).to_be_focused()
        keys.press("Enter")
        keys.tab_to(page.locator("[data-field=try] :is(input, textarea)"))
        keys.type(WHITE)
        keys.press("Escape")
        expect(row(page, "Text, provides text")).to_be_focused()
        for tool, start in (
            ("Generate image", "Generate image, stage 1 of 1, from Text"),
            ("Animate photo", "Animate photo, stage 2 of 2, from Generate image"),
            ("Stitch video", "Stitch video, stage 3 of 3, from Animate photo"),
        ):
            keys.press("a")
            keys.choose(tool)
            expect(row(page, start)).to_be_focused()

        # A prompt, and one edge taken away and drawn again, with what was said.
        keys.press("ArrowUp", "Enter")
        expect(page.locator(".inspector textarea:focus")).to_be_visible()
        keys.type("slow push in")
        keys.press("Escape")
        expect(row(page, "Animate photo")).to_be_focused()
        keys.press("ArrowRight", "ArrowRight")
        expect(row(page, "Photo, takes images, from Generate image")).to_be_focused()
        keys.press("u")
        expect(row(page, "Photo, takes images, from Generate image, automatic")).to_be_focused()
        keys.press("c")
        expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
        keys.type("Generate")
        expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_have_text(
            "Image"
        )
        keys.press("Enter")
        expect(page.locator("#live")).to_have_text(
            "Connected Generate image to Animate photo, Photo."
        )
        expect(row(page, "Photo, takes images, from Generate image$")).to_be_focused()
        keys.press("ArrowLeft")

        # A version, and a run.
        keys.press("Control+s")
        expect(page.get_by_label("What changed? (optional)")).to_be_focused()
        keys.type("First cut")
        keys.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        keys.press("Control+Enter")
        first = started(page, None)
        done = finished(rest, first)
        assert done["status"] == "completed", done
        expect(row(page, "Stitch video, stage 3 of 3, from Animate photo, done")).to_be_visible()

        # One stage is changed: it and what follows run again, nothing else.
        expect(row(page, "Animate photo")).to_be_focused()
        keys.press("Enter")
        expect(page.locator(".inspector textarea:focus")).to_be_visible()
        keys.press("Control+a")
        keys.type("slow pull out")
        keys.press("Escape", "Control+Enter")
        second = started(page, first)
        again = finished(rest, second)
        assert again["status"] == "completed", again
        assert reused(page, second) == {
            "generate-image": True,
            "animate-photo": False,
            "stitch-video": False,
        }

        versions = rest.get(f"{TEMPLATES}/{template}").json()["data"]["template"]
        assert [stage["tool"] for stage in versions["stages"]] == [
            "generate_image",
            "animate_photo",
            "stitch_video",
        ]


def started(page: Page, before: str | None) -> str:
    """The id of the run that the bar shows, once it is another than before."""
    shown = page.locator(".run-status").filter(visible=True)
    if before:
        expect(shown).not_to_have_attribute("data-run", before)
    else:
        expect(shown).to_be_visible()
    found = shown.get_attribute("data-run")
    assert found
    return found


def reused(page: Page, run: str) -> dict[str, bool]:
    answer = page.request.get(f"/app/runs/{run}/state")
    assert answer.ok, answer.status
    return {step["key"]: step["reusedFrom"] is not None for step in answer.json()["steps"]}


def test_a_thumb_on_a_phone_adds_connects_edits_and_runs(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = made(rest, [])
    with visit(**PHONE, device_scale_factor=2) as page:
        page.goto(f"/t/{template}/edit")
        expect(page.get_by_role("button", name="Add the first stage")).to_be_visible()
        begin = re.compile("Add (a|the first) stage")
        expect(page.get_by_text(begin).locator("visible=true")).to_have_count(1)
        page.get_by_role("button", name="Add the first stage").tap()
        pick(page, "Generate image")
        expect(row(page, "Generate image, stage 1 of 1")).to_be_visible()
        # What a new stage lacks is said calmly.
        expect(page.locator(".outline-issue.is-calm")).to_have_count(1)
        expect(page.locator(".outline-line.is-bad")).to_have_count(0)
        more(page, "Generate image", "Add a stage after it")
        pick(page, "Animate photo")
        expect(row(page, "Animate photo, stage 2 of 2, from Generate image")).to_be_visible()
        page.get_by_role("button", name="Add an input").tap()
        pick(page, "Text")
        expect(row(page, "Text, provides text, not used yet")).to_be_visible()
        more(page, "Text", "Connect to…")
        page.get_by_role("option", name=re.compile("^Prompt")).first.tap()
        expect(row(page, "Generate image, stage 1 of 2, .*from Text")).to_be_visible()
        assert_it_fits(page)

        # Undo and redo are in the bar.
        page.get_by_role("button", name="Undo").tap()
        expect(row(page, "Text, provides text, not used yet")).to_be_visible()
        page.get_by_role("button", name="Redo").tap()
        expect(row(page, "Text, provides text, used by Generate image")).to_be_visible()

        # The sheet: what the input is tried with, and a prompt.
        row(page, "Text, provides text").tap()
        sheet = page.get_by_role("dialog", name="Inspector")
        sheet.locator("[data-field=try] :is(input, textarea)").fill(WHITE)
        sheet.get_by_role("button", name="Close").tap()
        row(page, "Animate photo, stage 2").tap()
        sheet.get_by_label("Prompt").first.fill("slow push in")
        assert_it_fits(page)
        sheet.get_by_role("button", name="Close").tap()

        state = document(page, template)
        assert state["stages"]["rows"]["animate-photo"]["args"]["prompt"] == "slow push in"
        page.get_by_role("button", name="Run", exact=True).first.tap()
        run = started(page, None)
        assert finished(rest, run)["status"] == "completed"

        # What it made, how long it took, and the graph.
        tabs = page.get_by_role("navigation", name="View")
        tabs.get_by_role("button", name="Results").tap()
        expect(page.get_by_role("button", name="Animate photo, 1 of 1")).to_be_visible()
        tabs.get_by_role("button", name="Run").tap()
        expect(page.get_by_role("button", name=re.compile("Generate image.*Done"))).to_be_visible()
        tabs.get_by_role("button", name="Canvas").tap()
        expect(page.get_by_role("main", name="Canvas")).to_be_visible()
        assert_it_fits(page)
        tabs.get_by_role("button", name="Outline").tap()
        expect(row(page, "Animate photo, stage 2 of 2, from Generate image, done")).to_be_visible()


def test_nothing_on_a_phone_is_too_wide_or_too_small_to_touch(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    long = "An unusually long name of a stage that no one shortened"
    template = made(rest, film(label=long))
    narrow = {**PHONE, "viewport": {"width": 320, "height": 640}}
    with visit(**narrow, device_scale_factor=2) as page:
        page.goto(f"/t/{template}/edit")
        expect(row(page, long)).to_be_visible()
        more(page, long, "Show inputs and outputs")
        more(page, "Film", "Show inputs and outputs")
        assert_it_fits(page)
        assert too_small(page) == []
        page.get_by_role("button", name="More actions for Film").tap()
        expect(page.get_by_role("menu")).to_be_visible()
        assert_it_fits(page)
        assert too_small(page) == []


def test_a_row_keeps_the_keyboard_while_others_come_and_go(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = made(rest, film())
    with visit() as page:
        page.goto(f"/t/{template}/edit")
        expect(page.get_by_role("main", name="Canvas")).to_be_visible()
        page.keyboard.press("o")
        expect(row(page, "Film")).to_be_visible()
        # The keyboard follows with the next frame.
        expect(page.get_by_role("treeitem").first).to_be_focused()
        page.keyboard.press("End")
        expect(row(page, "Film")).to_be_focused()
        # Someone else adds a stage: the keyboard stays.
        change(page, template, {"op": "put", "table": "stages", "key": "more", "value": NOOP})
        expect(row(page, "More")).to_be_visible()
        expect(row(page, "Film")).to_be_focused()
        # Someone else takes the row away: its neighbour has the keyboard.
        change(page, template, {"op": "remove", "table": "stages", "key": "film"})
        expect(row(page, "Film")).to_have_count(0)
        expect(row(page, "More")).to_be_focused()
        # By letters, selected by Space, moved by Alt, removed; undone by Ctrl Z.
        page.keyboard.press("Home")
        page.keyboard.type("sh")
        expect(row(page, "Shot")).to_be_focused()
        page.keyboard.press("Space")
        expect(row(page, "Shot")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator("#live")).to_contain_text("so it must come after it")
        page.keyboard.press("Delete")
        expect(row(page, "Shot")).to_have_count(0)
        expect(row(page, "More")).to_be_focused()
        page.keyboard.press("Control+z")
        expect(row(page, "Shot")).to_be_visible()
        # A note is at the end, and is written in the inspector.
        page.keyboard.press("n")
        expect(row(page, "Note$")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".inspector :is(textarea, input):focus")).to_be_visible()
        page.keyboard.type("Slower")
        page.keyboard.press("Escape")
        expect(row(page, "Note: Slower")).to_be_focused()
        # To the canvas and back with the same stage at hand.
        page.keyboard.press("Home")
        page.keyboard.press("o")
        expect(page.get_by_role("main", name="Canvas")).to_be_visible()
        page.keyboard.press("o")
        expect(page.get_by_role("treeitem").first).to_be_focused()


NOOP = {"id": "more", "label": "More", "type": "fixed", "tool": "noop", "args": {}}


def film(label: str = "Picture") -> list[dict[str, Any]]:
    return [
        stage("picture", "generate_image", label, prompt=WHITE),
        stage("shot", "animate_photo", reference_image_url=made_by("picture")),
        stage("film", "stitch_video", videoUrls=[made_by("shot")]),
    ]


def made(rest: httpx.Client, stages: list[dict[str, Any]]) -> str:
    """A new template of the person's; its id."""
    return post(rest, {"name": "Harbour", "stages": stages})


def change(page: Page, template: str, op: dict[str, Any]) -> None:
    """What another window of the same person does."""
    opened = page.request.get(f"/app/documents/{template}").json()
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    answer = page.request.post(
        f"/app/documents/{template}/changes",
        headers={"X-CSRFToken": token, "Referer": page.url},
        data={
            "clientId": str(uuid.uuid4()),
            "base": opened["rev"],
            "changes": [{"id": str(uuid.uuid4()), "label": "From afar", "ops": [op]}],
        },
    )
    assert answer.ok, answer.text()
    assert answer.json()["rejected"] == []


def pick(page: Page, words: str) -> None:
    """Take an entry of the list that is open."""
    page.get_by_role("dialog").get_by_role("option", name=re.compile(f"^{words}")).first.tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


def more(page: Page, title: str, what: str) -> None:
    """Do something by the menu of a row."""
    page.get_by_role("button", name=f"More actions for {title}", exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{what}")).click()


def assert_it_fits(page: Page) -> None:
    """Nothing needs scrolling sideways; only canvas, timeline and what is cut off may stick out."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one => {
          if (one.closest('.surface, .gantt, svg, .visually-hidden, .skip, .clip *')) return false
          if (!one.checkVisibility()) return false
          const { left, right, width } = one.getBoundingClientRect()
          return width > 1 && (right > innerWidth + 1 || left < -1)
        }).map(one => one.outerHTML.slice(0, 90))"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def too_small(page: Page) -> list[str]:
    """What can be pressed on the phone and is no good target for a thumb."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.app :is(button, a, select)')].filter(one => {
          if (!one.checkVisibility()) return false
          if (one.closest('.visually-hidden, .skip, .saved, .time')) return false
          const { width, height } = one.getBoundingClientRect()
          return width > 0 && (height < 44 || width < 44) && !one.matches('.pill')
        }).map(one => `${one.outerHTML.slice(0, 90)} ${Math.round(one.offsetHeight)}`)"""
    )
    return found
