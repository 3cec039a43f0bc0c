"""Runs that ask people, in real Chromium: at the desk, on a phone, after the power failed."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, finished, snapshot, start
from tests.support.waiting import WAIT_S, is_gone, wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

# A spent link is 410, which the console names; the desk's line breaks with the server.
GONE = ("the server responded with a status of 410",)
CUT = ("WebSocket connection to", "net::ERR_", "status of 5")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS = {
    "id": "poster-looks",
    "name": "Poster looks",
    "stages": [
        {
            "id": "looks",
            "label": "Looks",
            "type": "fixed",
            "tool": "note",
            "produces": ["looks"],
            "args": {"text": "a heron", "copies": 4},
        },
        {
            "id": "pick",
            "label": "Choose the looks",
            "type": "interactive",
            "produces": ["pick"],
            "select": {"from": "$artifacts.looks", "min": 3, "max": 3},
            "userMessage": "Which three go on?",
        },
        {
            "id": "film",
            "label": "Film",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "film", "source_image_url": "$artifacts.pick"},
        },
    ],
}
QUESTION = {"question": "Which season is it?", "reason": "It sets the light."}


def asks(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """The snapshot of a run once it waits for someone."""

    def look() -> dict[str, Any] | None:
        shown = snapshot(client, run_id)
        return shown if shown["status"] == "waiting_for_user" else None

    found = wait_for(look, f"a question of {run_id}")
    assert found is not None
    return found


def card(page: Page) -> Any:
    return page.locator("[data-turn]")


def state(page: Page) -> Any:
    return page.locator("[data-run-status]")


def choices(page: Page, *names: str) -> None:
    """Check what is chosen, in its order, by its numbers and by its names."""
    for place, name in enumerate(names, 1):
        box = page.get_by_role("checkbox", name=f"{name}, choice {place}", exact=True)
        expect(box).to_be_checked()
    shown = dict(sorted(zip(names, "123", strict=False)))
    marks = page.locator(".pick-mark").filter(has_text=re.compile(r"\d"))
    expect(marks).to_have_text(list(shown.values()))


def test_three_of_four_picked_on_a_phone_and_the_desk_goes_on(
    site: Site, browser: Browser, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    made = rest.post("/v1/creative-agent/workflows/templates", json=LOOKS)
    assert made.status_code == 201, made.text
    run = start(rest, {"workflow_id": LOOKS["id"], "inputs": {}})
    with visit() as desk:
        # Open before it asks: the card comes by itself.
        desk.goto(f"/runs/{run['id']}")
        desk.evaluate("window.neverReloaded = true")
        expect(card(desk).get_by_role("heading")).to_have_text("Choose the looks")
        card(desk).get_by_role("button", name="Answer on your phone").click()
        link = card(desk).get_by_label("The link").input_value()
        # This server is open to its own computer only: a code for cameras would be of no use.
        expect(card(desk).get_by_text("A phone can't open this link yet.")).to_be_visible()
        expect(card(desk).locator("svg.qr")).to_have_count(0)
        with Visit(browser, site.url, expected=GONE, **PHONE) as phone:
            phone.goto(link)
            expect(phone.get_by_role("heading", level=1)).to_have_text("Choose the looks")
            expect(phone.get_by_role("link", name="My runs")).to_have_count(0)
            picks = phone.get_by_role("checkbox")
            expect(picks).to_have_count(4)
            send = phone.get_by_role("button", name="Use these")
            for place, said in ((2, "1 of 3"), (0, "2 of 3")):
                phone.locator(".pick label").nth(place).tap()
                expect(phone.locator("[data-count]")).to_have_text(said)
            expect(send).to_have_attribute("aria-disabled", "true")
            # By its number, as on the canvas.
            picks.nth(1).press("4")
            expect(picks.nth(3)).to_be_checked()
            expect(send).to_have_attribute("aria-disabled", "false")
            choices(phone, "Image 3 of 4", "Image 1 of 4", "Image 4 of 4")
            # What is taken back and chosen again comes last; the others move up.
            phone.locator(".pick label").nth(2).tap()
            choices(phone, "Image 1 of 4", "Image 4 of 4")
            phone.locator(".pick label").nth(2).tap()
            choices(phone, "Image 1 of 4", "Image 4 of 4", "Image 3 of 4")
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390
            began = time.monotonic()
            send.tap()
            expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
            expect(card(desk)).to_have_count(0)
            expect(state(desk)).to_have_text("Done")
            print(f"answered on the phone → done on the desk: {time.monotonic() - began:.2f} s")
            phone.goto(link)
            expect(phone.get_by_text("It was already used.")).to_be_visible()
        assert desk.evaluate("window.neverReloaded")
    steps = {step["id"]: step for step in finished(rest, run["id"])["steps"]}
    chosen, looks = steps["pick"]["artifacts"], steps["looks"]["artifacts"]
    assert steps["pick"]["result"]["selected"] == [looks[place]["id"] for place in (0, 3, 2)]
    assert len(chosen) == 3


def test_a_question_outlives_every_process_and_is_answered_with_keys_alone(
    site: Site, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    steps = [
        {"id": "ask", "toolName": "ask_clarifying_question", "arguments": QUESTION},
        {"id": "look", "toolName": "note", "dependsOn": ["ask"]},
    ]
    run = start(rest, {"input": {"title": "A short film", "steps": steps}})
    assert asks(rest, run["id"])["waitingReason"] == "ask_clarifying_question"
    with visit(expected=CUT) as page:
        page.goto(f"/runs/{run['id']}")
        page.evaluate("window.neverReloaded = true")
        field = card(page).get_by_label("Your answer")
        field.focus()
        page.keyboard.type("Late win")
        restart_after_kill(site)
        # Still the same page, the same words, the same place in them.
        expect(page.locator("[data-line-word]")).to_have_text("Live")
        expect(field).to_be_focused()
        page.keyboard.type("ter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Send")).to_be_focused()
        page.keyboard.press("Enter")
        expect(card(page)).to_have_count(0)
        expect(state(page)).to_have_text("Done")
        assert page.evaluate("window.neverReloaded")
    done = finished(rest, run["id"])
    assert done["steps"][0]["result"]["answer"] == "Late winter"
    assert [step["attempt"] for step in done["steps"]] == [0, 1]


def restart_after_kill(site: Site) -> None:
    """Fault everything at once, as a power failure does, and start the server again."""
    assert site.program is not None
    above = psutil.Process(site.program.process.pid)
    for process in [above, *above.children(recursive=True)]:
        process.send_signal(signal.SIGKILL)
    site.program.process.wait(WAIT_S)
    wait_for(lambda: not is_up(site), "the end of the server")
    site.__enter__()


def is_up(site: Site) -> bool:
    pids = [pid for pid in (site.pid("web"), *site.workers()) if pid]
    return any(psutil.pid_exists(pid) and not is_gone(pid) for pid in pids)
