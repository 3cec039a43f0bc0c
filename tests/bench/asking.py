"""Rows about runs that ask and repeat: how soon they go on, and what an item costs."""

from __future__ import annotations

import time
from collections.abc import Iterator

from playwright.sync_api import Browser, Page

from tests.bench.figures import Figure, middle, spread
from tests.bench.ground import Ground, person
from tests.bench.wire import Line, at
from tests.support.clients.browser import chromium
from tests.support.server import Site

ANSWERS = 12
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ITEMS = 200
LOOKS = [
    {
        "id": "looks",
        "type": "fixed",
        "tool": "note",
        "produces": ["looks"],
        "args": {"text": "a heron", "copies": 4},
    },
    {
        "id": "pick",
        "type": "interactive",
        "produces": ["pick"],
        "select": {"from": "$artifacts.looks", "min": 3, "max": 3},
        "userMessage": "Which three go on?",
    },
    {
        "id": "after",
        "type": "fixed",
        "tool": "noop",
        "args": {},
        "requiredArtifactsIn": ["pick"],
    },
]
BATCH = [
    {
        "id": "each",
        "type": "batch",
        "produces": ["each"],
        "overBinding": "$inputs.words",
        "itemName": "word",
        "concurrency": 8,
        "itemStage": {"type": "fixed", "tool": "noop", "args": {}},
    }
]


def phone(ground: Ground) -> Iterator[Figure]:
    """Three of four pictures picked on a phone-sized page, 12 times, its run open on a desk's page.

    From the tap on the button to the `step_started` of the step behind the question, by the event's
    own time; and to the desk's page saying that the run is done, no-op steps being at once. Two
    windows of real Chromium; the first answer is not counted.
    """
    went_on: list[float] = []
    seen: list[float] = []
    with ground.site() as site, chromium() as browser:
        line = person(site, "owner")
        template = line.template("Looks", LOOKS)
        desk = browser.new_context(base_url=site.url).new_page()
        desk.goto(site.signin_link())
        desk.get_by_role("main").get_by_role("button", name="Continue as").click()
        desk.wait_for_url("**/")
        for number in range(ANSWERS + 1):
            run_id = line.start({"workflow_id": template, "inputs": {}})
            tapped, done = _answer(site, browser, desk, run_id)
            if number:
                seen.append(1000 * (done - tapped))
                went_on.append(1000 * (_began(line, run_id, "after") - tapped))
    yield middle("answered on a phone → next step running", went_on, None)
    yield middle("answered on a phone → seen on the desk", seen, None)


def _answer(site: Site, browser: Browser, desk: Page, run_id: str) -> tuple[float, float]:
    """When the phone's button was tapped, and when the desk said that the run is done."""
    desk.goto(f"/runs/{run_id}")
    card = desk.locator("[data-turn]")
    card.get_by_role("button", name="Answer on your phone").click()
    link = card.get_by_label("The link").input_value()
    context = browser.new_context(base_url=site.url, **PHONE)
    page = context.new_page()
    page.goto(link)
    for place in range(3):
        page.locator(".pick label").nth(place).tap()
    button = page.get_by_role("button", name="Use these")
    tapped = time.time()
    button.tap()
    desk.locator("[data-run-status]").filter(has_text="Done").wait_for()
    done = time.time()
    context.close()
    return tapped, done


def _began(line: Line, run_id: str, step: str) -> float:
    events = line.finished(run_id)["events"]
    begun = next(e for e in events if e["event"] == "step_started" and e.get("stepId") == step)
    return at(begun["createdAt"])


def batch(ground: Ground, database: str) -> Iterator[Figure]:
    """A batch over 200 texts whose items do nothing, eight at once, two workers: ms an item.

    From `workflow_started` to `workflow_completed` by the events' own times, the expansion
    included; 4 runs, the first not counted.
    """
    samples = []
    with ground.site(database) as site:
        line = person(site)
        words = {"name": "words", "type": "text", "multiple": {"min": 1}, "required": True}
        made = line.call(
            "POST",
            "/v1/creative-agent/workflows/templates",
            {"name": "Each", "stages": BATCH, "inputs": [words]},
        )
        for number in range(4):
            inputs = {"words": [f"word {place}" for place in range(ITEMS)]}
            run_id = line.start({"workflow_id": made["template"]["id"], "inputs": inputs})
            run = line.finished(run_id)
            assert run["status"] == "completed", run.get("error")
            log = line.call("GET", f"/v1/creative-agent/workflows/{run_id}/events")["events"]
            times = {event["event"]: at(event["createdAt"]) for event in log}
            took_s = times["workflow_completed"] - times["workflow_started"]
            if number:
                samples.append(1000 * took_s / ITEMS)
    yield spread(f"batch of {ITEMS}, an item, {database}", samples, None)
