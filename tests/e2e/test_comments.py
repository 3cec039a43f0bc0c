"""Comments by real pointer: at a moment of a film, on a stage, in two browsers and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from studio.tests.support.films import make_clip
from tests.support import axe
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, upload
from tests.support.server import SHARED, finished

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SITE_OPTIONS = SHARED
PERSON = "harriet"

TEMPLATES = "/v1/creative-agent/workflows/templates"
# axe writes styles of its own, which the page's policy refuses.
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "expected": ("Applying inline style", "preload assets"),
}
# The server's own films last 1 s: one of 3 s is brought, and that much added.
BROUGHT_S = 3
FILM = {
    "id": "film",
    "label": "Film",
    "type": "fixed",
    "tool": "extend_video",
    "produces": ["film"],
}


@pytest.fixture(scope="module")
def template(
    people: Callable[..., Visit],
    rest: httpx.Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make_clip(path, frames=24 * BROUGHT_S, size=(320, 180))
    with people("harriet") as page:
        brought = upload(page, path.name, "video/mp4", path.read_bytes())
    stage = {**FILM, "args": {"duration": 2, "reference_video_url": brought["url"]}}
    body = {"id": "old-harbor", "name": "Harbor", "inputs": [], "stages": [stage]}
    answer = rest.post(TEMPLATES, json=body)
    assert answer.status_code == 201, answer.text
    return "old-harbor"


@pytest.fixture(scope="module")
def run(rest: httpx.Client, template: str) -> str:
    made = rest.post("/v1/creative-agent/workflows", json={"workflow_id": template, "inputs": {}})
    found = str(made.json()["data"]["workflow"]["id"])
    assert finished(rest, found)["status"] == "completed"
    return found


@pytest.fixture(scope="module")
def creation(people: Callable[..., Visit], run: str) -> str:
    """The address of Harriet's creation."""
    with people("harriet") as page:
        page.goto(f"/app/runs/{run}/share")
        page.get_by_role("main").get_by_role("button", name=re.compile("^Share")).first.click()
        page.wait_for_url("**/s/*")
        return page.url


@pytest.fixture
def hers(people: Callable[..., Visit]) -> Visit:
    return people("harriet")


@pytest.fixture
def his(people: Callable[..., Visit]) -> Visit:
    return people("barnaby")


def film_of(page: Page) -> Locator:
    film = page.locator(".player video")
    film.evaluate("v => new Promise(go => v.readyState ? go() : v.onloadedmetadata = go)")
    return film


def seek(film: Locator, seconds: float) -> None:
    film.evaluate("(v, s) => new Promise(go => { v.onseeked = go; v.currentTime = s })", seconds)


def stands_at(film: Locator, seconds: float) -> None:
    """It is paused there, as a jump leaves it."""
    expect(film).to_have_js_property("paused", True)
    expect(film).to_have_js_property("currentTime", seconds)


def in_picture(page: Page, x: float, y: float) -> tuple[float, float]:
    """A point of the picture, in pixels of the window."""
    box = page.locator(".pins").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Comment", exact=True).fill(text)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment").last).to_contain_text(text)


def test_a_remark_at_0_02_reaches_its_author_who_jumps_there(
    creation: str, hers: Visit, his: Visit
) -> None:
    with hers as author, his as viewer:
        author.goto(creation)
        viewer.goto(creation)
        film = film_of(viewer)
        seek(film, 2)
        viewer.get_by_role("button", name="At 0:02").click()
        viewer.mouse.click(*in_picture(viewer, 0.25, 0.5))
        expect(viewer.get_by_role("button", name="Point pinned")).to_be_visible()
        write(viewer, "The lamp is too dark")
        # Those who have the page open read it without loading it again.
        expect(author.locator(".comment")).to_contain_text("The lamp is too dark")
        marks = author.get_by_role("group", name="Comments on the timeline").get_by_role("button")
        expect(marks).to_have_attribute("aria-label", re.compile("^Comment 1 by .* at 0:02$"))

        author.goto("/me/notices")
        author.get_by_role("link", name=re.compile("commented on")).first.click()
        author.wait_for_url("**/s/*comment=*")
        stands_at(film_of(author), 2)
        pin = author.locator("button.comment-pin")
        expect(pin).to_have_text("1")
        x, y = in_picture(author, 0.25, 0.5)
        box = pin.bounding_box()
        assert box
        assert abs(box["x"] + box["width"] / 2 - x) < 2
        assert abs(box["y"] + box["height"] / 2 - y) < 2
        expect(author.locator(".comment.is-shown")).to_contain_text("The lamp is too dark")

        # From the list, from the timeline, and by keys.
        seek(film_of(author), 0)
        expect(pin).to_have_count(0)
        author.locator("[data-go]").click()
        stands_at(film_of(author), 2)
        seek(film_of(author), 0)
        marks.focus()
        author.keyboard.press("Enter")
        stands_at(film_of(author), 2)


def test_a_comment_is_answered_resolved_and_deleted_by_usernames(
    creation: str, hers: Visit, his: Visit
) -> None:
    with his as viewer, hers as author:
        viewer.goto(creation)
        write(viewer, "Who made the music?")
        author.goto(creation)
        thread = author.locator(".comment", has_text="Who made the music?")
        thread.locator("summary", has_text="Reply").click()
        thread.get_by_role("textbox", name="Reply").fill("I did")
        thread.get_by_role("button", name="Reply").click()
        expect(thread.locator(".answers")).to_contain_text("I did")
        thread.get_by_role("button", name="Resolve").click()
        expect(thread).to_contain_text("Resolved")
        author.on("dialog", lambda dialog: dialog.accept())
        thread.get_by_role("button", name="Delete").last.click()
        expect(thread).to_have_count(0)
        # It leaves his page, too.
        expect(viewer.locator(".comment", has_text="Who made the music?")).to_have_count(0)
        # People without a display name go by their username.
        about = viewer.get_by_role("complementary", name="About this creation")
        expect(about.get_by_text("harriet")).to_be_visible()
        write(viewer, "What a harbor!")
        written = viewer.locator(".comment", has_text="What a harbor!")
        expect(written.get_by_text("barnaby")).to_be_visible()
        viewer.get_by_role("button", name="Like").click()
        expect(viewer.get_by_role("button", name="Liked")).to_be_visible()
        author.goto("/me/notices")
        expect(author.get_by_text("barnaby liked").first).to_be_visible()
        expect(author.get_by_text("barnaby commented on").first).to_be_visible()
        for page in (viewer, author):
            expect(page.get_by_text("Anonymous")).to_have_count(0)


def test_a_point_by_keys_without_scripts_and_on_a_phone(
    people: Callable[..., Visit], creation: str, his: Visit
) -> None:
    with his as viewer:
        viewer.goto(creation)
        film_of(viewer)
        viewer.get_by_role("button", name="Pin a point").press("Enter")
        for _ in range(10):
            viewer.keyboard.press("ArrowRight")
        viewer.keyboard.press("Enter")
        expect(viewer.get_by_role("textbox", name="Comment", exact=True)).to_be_focused()
        viewer.keyboard.type("By keys")
        viewer.keyboard.press("Control+Enter")
        thread = viewer.locator(".comment", has_text="By keys")
        expect(thread).to_have_attribute("data-x", "0.60000")
    with people("barnaby", java_script_enabled=False) as viewer:
        viewer.goto(creation)
        write(viewer, "Without scripts")
        assert "#comment-" in viewer.url
    with people("barnaby", **PHONE) as phone:
        phone.goto(creation)
        film = film_of(phone)
        seek(film, 1)
        phone.get_by_role("button", name="Pin a point").tap()
        phone.touchscreen.tap(*in_picture(phone, 0.5, 0.4))
        write(phone, "From a phone")
        thread = phone.locator(".comment", has_text="From a phone")
        assert float(thread.get_attribute("data-y") or 0) == pytest.approx(0.4, abs=0.02)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe.broken(phone, "a creation's comments", "#comments") == []


def test_a_runs_result_and_a_stage_have_comments_of_members(
    template: str, run: str, hers: Visit, his: Visit
) -> None:
    with hers as author, his as member:
        invite(author, member, template, "commenter")
        member.goto(f"/runs/{run}")
        film = member.locator("[data-film] video")
        film.evaluate("v => new Promise(go => v.readyState ? go() : v.onloadedmetadata = go)")
        seek(film, 3)
        member.get_by_role("button", name="At 0:03").click()
        write(member, "Cut here")
        author.goto("/me/notices")
        author.get_by_role("link", name=re.compile("commented on “Harbor”")).first.click()
        author.wait_for_url("**/runs/*comment=*")
        stands_at(author.locator("[data-film] video"), 3)

        # A stage's are live between two editors.
        invite(author, member, template, "editor")
        one, other = EditorActions(author), EditorActions(member)
        one.open(template)
        # A key that is pressed before the comments are there opens them when they are.
        requests: list[Route] = []
        member.route("**/comments*", lambda route: requests.append(route), times=1)
        with member.expect_request("**/comments*"):
            other.open(template)
        [key] = one.stage_keys()
        other.node(key).click()
        member.keyboard.press("Shift+C")
        [request] = requests
        request.continue_()
        dialog = member.get_by_role("dialog", name="Comments on Film")
        dialog.get_by_role("textbox").fill("Slower, please")
        dialog.get_by_role("button", name="Comment", exact=True).click()
        expect(dialog.get_by_role("listitem")).to_contain_text("Slower, please")

        author.get_by_role("button", name="1 comment on Film").click()
        here = author.get_by_role("dialog", name="Comments on Film")
        expect(here).to_contain_text("Slower, please")
        assert axe.broken(author, "a stage's comments", "dialog") == []
        here.get_by_role("button", name=re.compile("^Reply")).click()
        here.get_by_role("textbox", name="Reply").fill("Done")
        here.get_by_role("button", name="Reply", exact=True).click()
        expect(dialog).to_contain_text("Done")
        here.get_by_role("button", name="Resolve").click()
        expect(author.get_by_role("button", name=re.compile("comment on Film"))).to_have_count(0)

        author.goto("/me/notices")
        author.get_by_role("link", name=re.compile("commented on “Harbor”")).first.click()
        author.wait_for_url("**/edit?comment=*")
        expect(author.get_by_role("dialog")).to_contain_text("Slower, please")


def invite(author: Page, member: Page, template: str, role: str) -> None:
    """Have a person work on Harriet's template, as their pages would."""
    author.goto("/me/templates")
    token = author.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    sent = author.request.post(
        f"/app/documents/{template}/people",
        data={"username": "barnaby", "role": role},
        headers={"X-CSRFToken": token, "Referer": author.url},
    )
    assert sent.ok, sent.text()
    member.goto("/me/templates")
    accept = member.get_by_role("button", name=re.compile("^Accept"))
    if accept.count():
        accept.click()
        expect(accept).to_have_count(0)
