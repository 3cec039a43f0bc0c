"""The script of a run's page draws it: nothing moves, nothing that someone typed is lost."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, finished, snapshot, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

WATCH = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: 'layout-shift' });
"""
QUESTION = {"question": "Which season is it?"}
STEPS = [
    {"id": "shot", "toolName": "generate_video", "arguments": {"prompt": "a harbor"}},
    {
        "id": "ask",
        "toolName": "ask_clarifying_question",
        "arguments": QUESTION,
        "dependsOn": ["shot"],
    },
    {"id": "last", "toolName": "note", "dependsOn": ["ask"]},
]


# Zipped.
SCRIPTS_KB = 66
SCRIPTS = "**/static/dist/pages/assets/run-*.js"
MEDIA = "**/media/**"
SIZE = "one => [one.offsetWidth, one.offsetHeight]"


class Held:
    """Files of the page, which come when they are let through."""

    def __init__(self, page: Page, files: str = SCRIPTS) -> None:
        self.routes: list[Route] = []
        self.is_open = False
        page.route(files, self._hold)

    def _hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_through(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


def taken_over(page: Page) -> None:
    """Components are there: they give each file its thumbnail."""
    expect(page.locator("[data-thumbs] button").first).to_be_attached()


def waits(rest: httpx.Client, run_id: str) -> None:
    wait_for(lambda: snapshot(rest, run_id)["status"] == "waiting_for_user", "the question")


def test_what_is_half_typed_stays(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    run = start(rest, {"input": {"title": "Held", "steps": STEPS}})
    waits(rest, run["id"])
    with visit() as page:
        held = Held(page)
        page.goto(f"/runs/{run['id']}", wait_until="commit")
        field = page.get_by_label("Your answer")
        field.click()
        page.keyboard.type("Late win")
        field.evaluate("one => { one.isOfServer = true; }")
        held.let_through()
        taken_over(page)
        # Whoever types there goes on in the same field; it is drawn anew once they leave it.
        page.keyboard.type("ter")
        assert field.evaluate("one => one.isOfServer")
        page.get_by_role("heading", name=QUESTION["question"]).click()
        page.wait_for_function("() => !document.querySelector('[data-turn] textarea').isOfServer")
        expect(field).to_have_value("Late winter")
        page.evaluate("window.neverReloaded = true")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-run-status]")).to_have_text("Done")
        assert page.evaluate("window.neverReloaded")


def test_what_is_ticked_stays(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    """The form is drawn anew at once: no one is in it."""
    note = {"type": "fixed", "tool": "note", "args": {"text": "a harbor", "copies": 4}}
    pick = {"from": "$artifacts.looks", "min": 2, "max": 2}
    stages = [
        {**note, "id": "looks", "produces": ["looks"]},
        {"id": "pick", "type": "interactive", "produces": ["pick"], "select": pick},
    ]
    template = {"id": "ticked", "name": "Ticked", "stages": stages}
    assert rest.post("/v1/creative-agent/workflows/templates", json=template).status_code == 201
    run = start(rest, {"workflow_id": "ticked", "inputs": {}})
    waits(rest, run["id"])
    with visit() as page:
        held = Held(page)
        page.goto(f"/runs/{run['id']}", wait_until="commit")
        page.locator(".pick").nth(2).click()
        page.get_by_role("heading", level=1).click()
        held.let_through()
        taken_over(page)
        boxes = page.locator("input[name=pick]")
        expect(boxes.nth(2)).to_be_checked()
        expect(boxes.nth(1)).not_to_be_checked()
        expect(page.locator("[data-count]")).to_have_text("1 of 2")


def test_without_scripts_one_reads_the_stages_and_answers(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    run = start(rest, {"input": {"title": "Plain", "steps": STEPS}})
    waits(rest, run["id"])
    with visit(java_script_enabled=False) as page:
        page.goto(f"/runs/{run['id']}")
        rows = page.locator("tr[data-step]")
        expect(rows.locator("td:nth-child(2)")).to_contain_text(["Done", "Your turn", "Queued"])
        link = rows.first.locator("a", has_text="Plain - Generate video.mp4")
        assert page.request.get(link.get_attribute("href") or "").ok
        expect(page.locator("[data-log-box] p").last).to_contain_text("It doesn't update, either.")
        page.get_by_label("Your answer").fill("Winter")
        page.get_by_role("button", name="Send").click()
        finished(rest, run["id"])
        page.reload()
        expect(page.locator("[data-run-status]")).to_have_text("Done")
        # Playwright finds nothing by its role in what is there without scripts.
        actions = page.locator("[data-run-next]")
        page.get_by_role("button", name="Download").click()
        expect(page.get_by_role("link", name="All results (ZIP)")).to_be_visible()
        page.keyboard.press("Escape")
        expect(actions.locator("button", has_text="Delete run")).to_be_visible()
        actions.locator("button", has_text="Run again").click()
        page.wait_for_url(lambda url: run["id"] not in url)


def test_nothing_moves(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    note = {"id": "last", "toolName": "note", "dependsOn": ["shot"]}
    over = start(rest, {"input": {"title": "Still", "steps": [STEPS[0], note]}})
    asking = start(rest, {"input": {"title": "Still", "steps": STEPS}})
    finished(rest, over["id"])
    waits(rest, asking["id"])
    with visit() as page:
        for run, shown in ((over, "[data-film] video"), (asking, "[data-turn]")):
            held = Held(page)
            page.goto(f"/runs/{run['id']}", wait_until="commit")
            expect(page.locator(shown)).to_be_visible()
            for medium in page.locator("#run video").element_handles():
                page.wait_for_function("one => one.readyState > 0", arg=medium)
            page.evaluate(WATCH)
            held.let_through()
            taken_over(page)
            page.wait_for_load_state("load")
            assert page.evaluate("window.shifted") < 0.01


def test_a_film_has_its_room_before_it_comes(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    run = start(rest, {"input": {"title": "Room", "steps": STEPS[:1]}})
    finished(rest, run["id"])
    with visit() as page:
        held = Held(page, MEDIA)
        page.goto(f"/runs/{run['id']}", wait_until="commit")
        taken_over(page)
        film = page.locator("[data-film] video")
        room = film.evaluate(SIZE)
        held.let_through()
        page.wait_for_function("one => one.readyState > 0", arg=film.element_handle())
        assert film.evaluate(SIZE) == room


def test_all_of_its_scripts_are_light(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    """With the bell of every page, the comments of a template's run, and a question."""
    question = {"id": "ask", "label": "Ask", "type": "interactive", "produces": ["ask"]}
    template = {"id": "light", "name": "Light", "stages": [question]}
    assert rest.post("/v1/creative-agent/workflows/templates", json=template).status_code == 201
    run = start(rest, {"workflow_id": "light", "inputs": {}})
    waits(rest, run["id"])
    weights: dict[str, int] = {}
    with visit() as page:
        page.on(
            "response",
            lambda one: (
                weights.update({one.url: len(gzip.compress(one.body()))})
                if one.request.resource_type == "script"
                else None
            ),
        )
        page.goto(f"/runs/{run['id']}", wait_until="networkidle")
        expect(page.locator("[data-turn]")).to_be_visible()
    assert len(weights) > 3
    assert sum(weights.values()) <= 1000 * SCRIPTS_KB, weights


def test_a_result_is_compared_with_what_it_was(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    steps = [
        {"id": "look", "toolName": "generate_image", "arguments": {"prompt": "a heron"}},
        {"id": "big", "toolName": "upscale_image", "dependsOn": ["look"]},
    ]
    run = start(rest, {"input": {"title": "Larger", "steps": steps}})
    finished(rest, run["id"])
    with visit() as page:
        page.goto(f"/runs/{run['id']}")
        row = page.locator('[data-step="big"]')
        row.get_by_text("Before and after").click()
        divider = row.get_by_role("slider", name="Divider")
        expect(divider).to_have_attribute("aria-valuetext", "50% before, 50% after")
        divider.press("ArrowRight")
        divider.press("ArrowRight")
        expect(divider).to_have_attribute("aria-valuetext", "51% before, 49% after")
        row.get_by_role("button", name="Side by side").click()
        expect(divider).to_be_hidden()
        expect(row.locator("figure img")).to_have_count(2)
