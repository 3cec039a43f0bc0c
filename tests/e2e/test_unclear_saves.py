"""An answer that isn't the server's own is a lost line: what was typed stays, is written once, and
who looks on goes on looking."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, WebSocketRoute, expect

from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.editor_templates import post, stage
from tests.support.builders.site_apps import GUEST_RUNS, app_at
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, state
from tests.support.clients.proxy import FALSE_WORDS, FEW, LOST, WALK_S, WALKS, answering
from tests.support.server import SHARED, Site, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED
pytestmark = [pytest.mark.browser, pytest.mark.timeout(WALK_S)]

SAID = (
    *("Failed to load resource", "Response Status Error Code", "WebSocket connection"),
    "htmx:sendError",
)
_numbers = itertools.count(1)


def template(rest: httpx.Client, *stages: dict[str, Any], **fields: Any) -> str:
    body = {"id": f"unclear-saves-{next(_numbers)}", "name": "The lamp", "inputs": [], **fields}
    return post(rest, {**body, "stages": list(stages)})


def says_nothing_false(page: Page) -> None:
    assert not FALSE_WORDS.search(page.locator("body").inner_text())


def test_a_name_that_was_typed_outlives_a_proxys_page(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(rest, stage("first", "note", text="a"))
    with visit(expected=SAID) as page:
        EditorActions(page).open(name)
        for number, met in enumerate(WALKS):
            words = f"A lamp {number}"
            with answering(page, f"**/app/documents/{name}/changes", met, "POST"):
                field = page.get_by_label("Template name")
                field.fill(words)
                field.press("Enter")
                expect(page.get_by_text("Offline").first).to_be_visible()
                says_nothing_false(page)
            expect(field).to_have_value(words)
            wait_for(
                lambda words=words: state(page, name)["root"]["rows"]["template"]["name"] == words,
                f"the name after {met}",
            )


@pytest.mark.parametrize("place", ["a run", "a creation", "a stage"])
def test_a_comment_is_kept_until_it_is_written_once(
    visit: Callable[..., Visit], rest: httpx.Client, place: str
) -> None:
    name = template(rest, stage("first", "generate_image", prompt="a lamp"))
    run = start(rest, {"workflow_id": name, "inputs": {}})
    finished(rest, run["id"])
    with visit(expected=SAID) as page:
        if place == "a run":
            page.goto(f"/runs/{run['id']}")
        elif place == "a creation":
            page.goto(f"/app/runs/{run['id']}/share")
            page.get_by_role("main").get_by_role("button", name=re.compile("^Share")).first.click()
            page.wait_for_url("**/s/*")
        else:
            EditorActions(page).open(name)
            page.locator('[data-node-id="first"] b').click()
            page.keyboard.press("Shift+C")
        part = page.get_by_role("dialog") if place == "a stage" else page.locator("#comments")
        box = part.get_by_role("textbox").first
        send = part.get_by_role("button", name="Comment", exact=True)
        written = part.locator(".comment-text")
        # A person may write twenty comments a minute.
        for number, met in enumerate(FEW, start=1):
            words = f"The lamp is too dark {number}"
            box.fill(words)
            with answering(page, "**/app/*/*/comments", met, "POST"):
                send.click()
                expect(page.get_by_text(LOST).first).to_be_visible()
                says_nothing_false(page)
            expect(box).to_have_value(words)
            send.click()
            expect(written.filter(has_text=re.compile(rf"{words}$"))).to_have_count(1)
            expect(box).to_have_value("")
        expect(written).to_have_count(len(FEW))


ASK = {"id": "ask", "label": "Ask", "type": "interactive", "userMessage": "Which mood?"}


def asking(page: Page, rest: httpx.Client, name: str, place: str) -> tuple[str, Locator, Locator]:
    """Start a run that asks, and show it: the run, the field of its answer, and what sends it."""
    run = start(rest, {"workflow_id": name, "inputs": {}})["id"]
    if place == "its page":
        page.goto(f"/runs/{run}")
        return run, page.get_by_label("Your answer"), page.get_by_role("button", name="Send")
    actions = EditorActions(page)
    actions.open(name)
    actions.node("ask").get_by_role("button", name="Answer").click()
    dialog = page.get_by_role("dialog")
    return run, dialog.get_by_label("Your answer"), dialog.get_by_role("button", name="Answer")


@pytest.mark.parametrize("place", ["its page", "the editor"])
def test_an_answer_to_a_question_is_kept_until_it_is_taken_once(
    visit: Callable[..., Visit], rest: httpx.Client, place: str
) -> None:
    name = template(rest, {**ASK, "produces": ["ask"]})
    with visit(expected=SAID) as page:
        for met in WALKS:
            run, field, send = asking(page, rest, name, place)
            field.fill("Winter")
            with answering(page, f"**/app/runs/{run}/answer", met, "POST"):
                send.click()
                expect(page.get_by_text(re.compile("an't reach the server")).first).to_be_visible()
                says_nothing_false(page)
            if not met.passes:
                expect(field).to_have_value("Winter")
                send.click()
            [step] = finished(rest, run)["steps"]
            assert step["result"]["answer"] == "Winter", met


@pytest.mark.parametrize("place", ["its page", "the editor"])
def test_who_looks_on_sees_the_end_of_a_run_behind_a_proxy(
    visit: Callable[..., Visit], rest: httpx.Client, place: str
) -> None:
    name = template(rest, {**ASK, "produces": ["ask"]})
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    with visit(expected=SAID) as page:
        page.route_web_socket(re.compile(r"/ws/runs/"), through)
        for met in WALKS:
            lines.clear()
            run, field, _ = asking(page, rest, name, place)
            expect(field).to_be_visible()
            assert lines
            looks = re.compile(rf"/app/runs/{run}/(page|state)$")
            with answering(page, looks, met) as proxy:
                while lines:
                    lines.pop().close(code=1011)
                rest.post(f"/v1/creative-agent/workflows/{run}/cancel")
                finished(rest, run)
                proxy.wait(page, 2)
                says_nothing_false(page)
            done = page.locator("[data-run-status]" if place == "its page" else ".run-status")
            expect(done).to_contain_text("Stopped")


def test_a_guest_keeps_a_run_and_its_answer(
    site: Site, browser: Browser, rest: httpx.Client
) -> None:
    name = template(rest, {**ASK, "produces": ["ask"]})
    token = app_at(site, name, slug=name, title="For guests", limits={"runs": len(WALKS)})
    with Visit(browser, site.url, expected=SAID) as page:
        page.goto(f"/a/{name}#k={token}")
        for number, met in enumerate(WALKS, start=1):
            page.get_by_role("button", name="Run", exact=True).click()
            field = page.get_by_label("Your answer")
            field.fill("Winter")
            with answering(page, f"**/v1/apps/{name}/runs/**", met):
                page.get_by_role("button", name="Send").click()
                expect(page.get_by_role("alert").filter(has_text=LOST)).to_be_visible()
                says_nothing_false(page)
                kept = page.evaluate(f"JSON.parse(localStorage.getItem('app.{name}.runs')).length")
                assert kept == min(number, GUEST_RUNS)
            if not met.passes:
                expect(field).to_have_value("Winter")
                page.get_by_role("button", name="Send").click()
            expect(page.get_by_role("heading", name="Done")).to_be_visible()
            page.reload()


def test_a_file_that_a_proxy_takes_is_said_to_be_lost(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    photo = {"name": "photo", "type": "image"}
    name = template(rest, stage("first", "note", text="a"), inputs=[photo], visibility="public")
    file: FilePayload = {
        "name": "lamp.jpg",
        "mimeType": "image/jpeg",
        "buffer": jpeg_with_place(),
    }
    with visit(expected=SAID) as page:
        page.goto(f"/t/{name}")
        for met in WALKS:
            with answering(page, "**/app/uploads", met, "POST"):
                page.locator("input[type=file]").first.set_input_files(file)
                expect(page.get_by_text(f"{LOST} Choose the file again.")).to_be_visible()
                says_nothing_false(page)
        page.locator("input[type=file]").first.set_input_files(file)
        expect(page.get_by_text(f"{LOST} Choose the file again.")).to_have_count(0)
