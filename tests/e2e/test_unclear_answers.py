"""An answer that isn't the server's own is a lost line: nothing starts twice, nothing is lost, and
no page says what isn't so."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.builders.editor_templates import TEMPLATES, post, stage
from tests.support.builders.site_apps import GUEST_RUNS, app_at
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import args, saved
from tests.support.clients.proxy import FALSE_WORDS, LOST, WALK_S, WALKS, Answer, answering
from tests.support.server import SHARED_SERVICES, Site, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED_SERVICES
pytestmark = [pytest.mark.browser, pytest.mark.timeout(WALK_S)]

SAID = ("Failed to load resource",)
SMALL = {"model": "gpt-image-1", "width": 256, "height": 256}
# Press Run unless the page has already received the run and shows Stop instead.
PRESS_RUN = """
const button = document.querySelector('.run-button')
if (button.textContent.trim() === 'Run') button.click()
"""
# Press Run, and what is in its place as soon as that is Stop.
PRESS_TWICE = """
const press = () => document.querySelector('.run-button').click()
const observer = new MutationObserver(() => {
  if (document.querySelector('.run-button').textContent.trim() !== 'Stop') return
  observer.disconnect()
  press()
})
observer.observe(document.body, { childList: true, subtree: true })
press()
"""
_numbers = itertools.count(1)


def note(key: str, text: str, **args: Any) -> dict[str, Any]:
    return stage(key, "note", text=text, **args)


def shot(key: str) -> dict[str, Any]:
    """A stage that a service makes for 2.5 credits; no run has made it yet."""
    return stage(key, "generate_image", prompt=f"Lamp {next(_numbers)}", seed=7, **SMALL)


def template(rest: httpx.Client, *stages: dict[str, Any], **fields: Any) -> str:
    body = {"id": f"unclear-{next(_numbers)}", "name": "The lamp", "inputs": [], **fields}
    return post(rest, {**body, "stages": list(stages)})


def runs_of(page: Page, name: str) -> list[dict[str, Any]]:
    """Return the runs of a template, newest first, once they have ended."""

    def look() -> list[dict[str, Any]] | None:
        rows = page.request.get(f"/app/documents/{name}/runs").json()["runs"]
        return rows if all(row["finishedAt"] for row in rows) else None

    return wait_for(look, "the end of its runs")


def says_nothing_false(page: Page) -> None:
    assert not FALSE_WORDS.search(page.locator("body").inner_text())


# What is pressed in the editor → how many stages it makes, and for how many credits. A note is 1.
EDITOR_PRESSES = {"Run": (3, 6), ".": (1, 2.5), "r": (1, 2.5)}


@pytest.mark.parametrize("second", ["Retry", "the same"])
@pytest.mark.parametrize("key", EDITOR_PRESSES)
def test_a_press_in_the_editor_starts_one_run_of_what_was_asked(
    visit: Callable[..., Visit], rest: httpx.Client, key: str, second: str
) -> None:
    def press() -> None:
        if key == "Run":
            page.evaluate(PRESS_RUN)
        else:
            page.locator('[data-node-id="first"] b').click()
            page.keyboard.press(key)

    with visit(expected=SAID) as page:
        for met in WALKS:
            name = template(rest, shot("first"), shot("second"), note("third", "c"))
            page.goto(f"/t/{name}/edit")
            expect(page.locator(".quote:not(.is-old)")).to_contain_text("3 stages will run")
            with answering(page, f"**/app/documents/{name}/runs", met, "POST") as proxy:
                press()
                expect(page.get_by_text(LOST).first).to_be_visible()
                says_nothing_false(page)
            assert proxy.asked == 2
            if second == "Retry":
                page.get_by_role("button", name="Retry").click()
            else:
                press()
            expect(page.locator(".run-status")).to_have_attribute("data-status", "completed")
            rows = runs_of(page, name)
            assert [(row["steps"], row["units"]) for row in rows] == [EDITOR_PRESSES[key]], met


def test_a_press_of_something_else_shows_the_run_of_the_first(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit(expected=SAID) as page:
        name = template(rest, shot("first"), shot("second"), note("third", "c"))
        page.goto(f"/t/{name}/edit")
        expect(page.locator(".quote:not(.is-old)")).to_contain_text("3 stages will run")
        with answering(page, f"**/app/documents/{name}/runs", Answer(502, True), "POST"):
            page.locator('[data-node-id="first"] b').click()
            page.keyboard.press(".")
            expect(page.get_by_text(LOST).first).to_be_visible()
        page.locator(".run-button").click()
        expect(page.locator(".run-status")).to_have_attribute("data-status", "completed")
        # The first press's run is shown; what it made is not made again.
        assert [row["units"] for row in runs_of(page, name)][-1] == 2.5
        assert sum(row["units"] for row in runs_of(page, name)) in (2.5, 6)


def test_a_press_that_was_meant_for_run_stops_nothing(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit() as page:
        name = template(rest, shot("first"))
        page.goto(f"/t/{name}/edit")
        expect(page.locator(".quote:not(.is-old)")).to_contain_text("1 stage will run")
        page.evaluate(PRESS_TWICE)
        expect(page.locator(".run-status")).to_have_attribute("data-status", "completed")
        assert [(row["steps"], row["units"]) for row in runs_of(page, name)] == [(1, 2.5)]


def test_make_final_over_a_reload_starts_one_run(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit(expected=SAID) as page:
        for met in WALKS:
            name = template(rest, shot("first"))
            run = start(rest, {"workflow_id": name, "inputs": {}, "quality": "draft"})
            finished(rest, run["id"])
            page.goto(f"/runs/{run['id']}")
            offer = page.get_by_role("region", name="Make final")
            with answering(page, f"**/app/runs/{run['id']}/final", met, "POST"):
                offer.get_by_role("button", name="Make final").click()
                expect(offer.get_by_text(LOST)).to_be_visible()
                says_nothing_false(page)
            page.reload()
            offer.get_by_role("button", name="Make final").click()
            page.wait_for_url(re.compile(rf"/runs/(?!{run['id']})"))
            rows = runs_of(page, name)
            assert [row["units"] for row in rows] == [2.5, 1], met


def test_a_table_starts_once(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    word = {"name": "word", "type": "text", "required": True}
    with visit(expected=SAID) as page:
        for met in WALKS:
            if not met.status:
                continue
            name = template(rest, note("first", "$inputs.word"), inputs=[word])
            page.goto(f"/t/{name}/table")
            page.get_by_text("Paste cells").click()
            page.get_by_label("Cells, copied").fill("word\na\nb")
            page.get_by_role("button", name="Check the table").click()
            run = page.get_by_role("button", name=re.compile("^Run 2 rows"))
            expect(run).to_be_visible()
            address = page.url
            with answering(page, "**/run-sets/*/do", met, "POST") as proxy:
                run.click()
                proxy.wait(page, 1)
            page.goto(address)
            if run.is_visible():
                run.click()
            expect(page.get_by_text("2 of 2 done")).to_be_visible()
            assert len(runs_of(page, name)) == 2, met


def test_the_form_of_a_template_sent_again_after_back_starts_one_run(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    words = {"name": "words", "type": "text", "default": "a lamp"}
    with visit(expected=SAID) as page:
        for met in WALKS:
            name = template(
                rest, note("first", "$inputs.words"), visibility="public", inputs=[words]
            )
            page.goto(f"/t/{name}")
            field = page.get_by_label("Words")
            field.fill("a lamp in the fog")
            with answering(page, f"**/t/{name}", met, "POST") as proxy:
                page.locator("[data-run]:visible").first.click()
                proxy.wait(page, 1)
            if met.status:
                page.go_back()
                # What was typed is there.
                expect(field).to_have_value("a lamp in the fog")
            else:
                page.goto(f"/t/{name}")
                field.fill("a lamp in the fog")
            page.locator("[data-run]:visible").first.click()
            page.wait_for_url("**/runs/*")
            assert len(runs_of(page, name)) == 1, met


@pytest.mark.parametrize("seeds", ["Same inputs", "New seeds"])
def test_run_again_after_back_starts_one_run(
    visit: Callable[..., Visit], rest: httpx.Client, seeds: str
) -> None:
    run = start(rest, {"input": {"steps": [{"toolName": "note", "arguments": {"text": "a"}}]}})
    finished(rest, run["id"])

    def press() -> None:
        page.get_by_role("button", name="Run again").click()
        page.get_by_role("button", name=re.compile(seeds)).first.click()

    with visit(expected=SAID) as page:
        page.goto(f"/runs/{run['id']}")
        with answering(page, "**/app/runs/*/again", Answer(502, passes=True)):
            press()
            expect(page.get_by_role("heading", name="Bad gateway")).to_be_visible()
        before = _started(rest)
        page.goto(f"/runs/{run['id']}")
        press()
        page.wait_for_url(lambda url: "/runs/" in url and run["id"] not in url)
        assert _started(rest) == before


def _started(rest: httpx.Client) -> set[str]:
    rows = rest.get("/v1/creative-agent/workflows?limit=100").json()["data"]["workflows"]
    return {row["id"] for row in rows}


def test_a_guests_press_starts_one_run_and_keeps_it_in_their_list(
    site: Site, browser: Browser, rest: httpx.Client
) -> None:
    name = f"unclear-{next(_numbers)}"
    spec = {"id": name, "name": "For guests", "inputs": [], "stages": [note("first", "a")]}
    answer = rest.post(TEMPLATES, json=spec)
    assert answer.status_code == 201, answer.text
    token = app_at(site, name, slug=name, title="For guests", limits={"runs": 100})
    with Visit(browser, site.url, expected=SAID) as page:
        page.goto(f"/a/{name}#k={token}")
        run = page.get_by_role("button", name="Run", exact=True)
        for number, met in enumerate(WALKS, start=1):
            with answering(page, f"**/a/{name}/runs", met):
                run.click()
                expect(page.get_by_text(f"{LOST} The run may have started")).to_be_visible()
                says_nothing_false(page)
            page.reload()
            run.click()
            expect(page.get_by_role("heading", name="Done")).to_be_visible()
            # The one run, in the only list that has its key, also while a proxy answers for it.
            with answering(page, f"**/v1/apps/{name}/runs/*", Answer(404, passes=False)):
                page.reload()
                page.locator(".app-earlier").get_by_role("button").first.click()
                expect(page.get_by_text(LOST).filter(visible=True)).to_have_count(1)
                kept = page.evaluate(f"JSON.parse(localStorage.getItem('app.{name}.runs')).length")
                assert kept == min(number, GUEST_RUNS)
            left = rest.get(f"/v1/apps/{name}", headers={"Authorization": f"Bearer {token}"})
            assert left.json()["data"]["app"]["runsLeft"] == 100 - number, met


def test_an_edit_outlives_a_proxys_page(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    name = template(rest, note("first", "a"))
    with visit(expected=SAID) as page:
        page.goto(f"/t/{name}/edit")
        page.locator('[data-node-id="first"] b').click()
        inspector = page.locator(".inspector")
        field = inspector.get_by_label("Text", exact=True)
        expect(field).to_be_attached()
        if not field.is_visible():
            label = page.get_by_label("Text", exact=True)
            inspector.locator("details", has=label).locator("summary").first.click()
        for number, met in enumerate(WALKS):
            words = f"a lamp in the fog {number}"
            with answering(page, f"**/app/documents/{name}/changes", met, "POST"):
                field.fill(words)
                field.blur()
                expect(page.get_by_text("Offline").first).to_be_visible()
                says_nothing_false(page)
            expect(field).to_have_value(words)
            saved(
                page, name, lambda read, words=words: args(read, "first")["text"] == words, str(met)
            )
