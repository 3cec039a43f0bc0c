"""Components take over what the server drew of a run: nothing moves, nothing is lost."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, finished, snapshot, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

WATCH = """
window.changed = [];
window.shifted = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: 'layout-shift' });
const name = node => `${node.nodeName} ${node.className?.baseVal ?? node.className ?? ''}`;
new MutationObserver(changes => {
  for (const { addedNodes, removedNodes, target } of changes) {
    if (!target.closest?.('#run') || target.closest('[data-thumbs]')) continue;
    for (const [sign, nodes] of [['+', addedNodes], ['-', removedNodes]])
      for (const node of nodes)
        if (node.nodeType === 1) window.changed.push(`${sign} ${name(node)} in ${name(target)}`);
  }
}).observe(document, { childList: true, subtree: true });
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
    wait_for(lambda: snapshot(rest, run_id)["status"] == "waiting_for_user", "the question", 60)


def test_what_is_typed_unfolded_and_playing_stays(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    run = start(rest, {"input": {"title": "Held", "steps": STEPS}})
    waits(rest, run["id"])
    with visit() as page:
        held = Held(page)
        page.goto(f"/runs/{run['id']}", wait_until="commit")
        field = page.get_by_label("Your answer")
        field.click()
        page.keyboard.type("Late win")
        row = page.locator('[data-step="shot"] video')
        row.evaluate("one => { one.muted = true; one.loop = true; return one.play(); }")
        page.locator("[data-turn] textarea, [data-step] video").evaluate_all(
            "all => all.forEach(one => { one.isTheSame = true; })"
        )
        held.let_through()
        taken_over(page)
        page.keyboard.type("ter")
        expect(field).to_have_value("Late winter")
        assert field.evaluate("one => one.isTheSame")
        assert row.evaluate("one => one.isTheSame && !one.paused")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-run-status]")).to_have_text("Done")


@pytest.mark.parametrize("is_over", [True, False], ids=["over", "asking"])
def test_nothing_moves(visit: Callable[..., Visit], rest: httpx.Client, is_over: bool) -> None:
    note = {"id": "last", "toolName": "note", "dependsOn": ["shot"]}
    steps: list[Any] = [STEPS[0], note] if is_over else STEPS
    run = start(rest, {"input": {"title": "Still", "steps": steps}})
    if is_over:
        finished(rest, run["id"])
    else:
        waits(rest, run["id"])
    with visit() as page:
        held = Held(page)
        page.goto(f"/runs/{run['id']}", wait_until="commit")
        expect(page.locator("[data-last-word]")).to_be_visible()
        media = page.locator("#run video").element_handles()
        for medium in media:
            page.wait_for_function("one => one.readyState > 0", arg=medium)
        page.evaluate(WATCH)
        held.let_through()
        taken_over(page)
        page.wait_for_load_state("load")
        assert page.evaluate("window.changed") == []
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
    assert sum(weights.values()) <= 63_750, weights


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
