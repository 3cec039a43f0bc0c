"""Videos have their sound when a person starts them; a run that waits shows what it asks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, finished, snapshot, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}}
WIDE = {"viewport": {"width": 1440, "height": 900}}
SHOT = {"id": "shot", "title": "Stitch video", "toolName": "generate_video"}
SONG = {"prompt": "a calm piano", "duration": 10}
QUESTION = {"question": "Which season is it?"}


@pytest.fixture(scope="module")
def film(rest: httpx.Client) -> dict[str, Any]:
    steps = [{**SHOT, "arguments": {"prompt": "a harbor"}}]
    run = start(rest, {"input": {"title": "Dawn over the harbor", "steps": steps}})
    return finished(rest, run["id"])


@pytest.fixture
def go(tmp_path: Path, rest: httpx.Client) -> Iterator[Path]:
    """The file that ends a rest."""
    yield tmp_path / "go"
    (tmp_path / "go").touch()


def plays_with_sound(page: Page, video: Locator) -> None:
    expect(video).to_be_visible()
    handle = video.element_handle()
    # One that moved on its own plays already when it is clicked, and gets its sound a frame later.
    # One that has played to its end is paused.
    page.wait_for_function(
        "one => (!one.paused || one.ended) && one.currentTime > 0 && !one.muted && one.controls",
        arg=handle,
    )
    assert video.evaluate("one => one.volume") == 1


def asking(rest: httpx.Client, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        shown = snapshot(rest, run_id)
        return shown if shown["status"] == "waiting_for_user" else None

    found = wait_for(look, "the question")
    assert found is not None
    return found


def test_a_finished_video_and_that_of_its_stage_play_with_sound_on_the_first_click(
    film: dict[str, Any], visit: Callable[..., Visit]
) -> None:
    with visit(**WIDE) as page:
        page.goto(f"/runs/{film['id']}")
        large = page.locator("[data-film] video")
        expect(large).to_be_visible()
        large.evaluate("one => new Promise(go => one.readyState > 2 ? go() : one.oncanplay = go)")
        assert large.evaluate("one => one.paused")
        large.click()
        plays_with_sound(page, large)
        page.reload()
        row = page.locator('[data-step="shot"] video[controls]')
        row.scroll_into_view_if_needed()
        row.click()
        plays_with_sound(page, row)
        for link, name in (
            ("Result", "Dawn over the harbor - Stitch video.mp4"),
            ("All results (ZIP)", "Dawn over the harbor.zip"),
        ):
            page.get_by_role("button", name="Download").click()
            with page.expect_download() as download:
                page.get_by_role("link", name=link, exact=True).click()
            assert download.value.suggested_filename == name
        held = download.value.path().read_bytes()
        with zipfile.ZipFile(io.BytesIO(held)) as archive:
            assert archive.namelist() == ["Dawn over the harbor - Stitch video.mp4"]


def test_a_video_that_moves_on_its_own_gets_its_sound_by_a_click(
    rest: httpx.Client, visit: Callable[..., Visit], go: Path
) -> None:
    steps = [
        {**SHOT, "arguments": {"prompt": "a harbor"}},
        {
            "id": "rest",
            "toolName": "sleep",
            "arguments": {"seconds": 300, "until": str(go)},
            "dependsOn": ["shot"],
        },
    ]
    run = start(rest, {"input": {"steps": steps}})
    with visit(**PHONE) as page:
        page.goto(f"/runs/{run['id']}")
        large = page.locator("[data-screen] video")
        expect(large).to_be_visible()
        page.wait_for_function("one => !one.paused", arg=large.element_handle())
        assert large.evaluate("one => one.muted")
        large.click()
        plays_with_sound(page, large)
    rest.post(f"/v1/creative-agent/workflows/{run['id']}/cancel")


def test_a_run_that_waits_shows_its_question_and_counts_no_work(
    rest: httpx.Client, visit: Callable[..., Visit]
) -> None:
    steps = [
        {"id": "song", "title": "Song", "toolName": "generate_music", "arguments": SONG},
        {
            "id": "ask",
            "title": "Season",
            "toolName": "ask_clarifying_question",
            "arguments": QUESTION,
            "dependsOn": ["song"],
        },
        {"id": "last", "toolName": "note", "dependsOn": ["ask"]},
    ]
    run = start(rest, {"input": {"title": "A song", "steps": steps}})
    with visit(**PHONE) as page:
        # Open before it asks: the screen follows.
        page.goto(f"/runs/{run['id']}")
        screen = page.locator("[data-screen]")
        expect(screen).to_contain_text("Which season is it?")
        expect(screen).to_contain_text("Season is waiting for you")
        expect(screen.locator("audio")).to_have_count(0)
        # The time that it waits for its owner is no work.
        page.clock.install()
        page.reload()
        expect(screen).to_contain_text("Which season is it?")
        page.clock.fast_forward(300_000)
        expect(page.locator("[data-clockwork]")).to_contain_text(re.compile(r"waiting for 5:\d\d"))
        page.get_by_label("Your answer").fill("Winter")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-run-status]")).to_have_text("Done")


def test_videos_to_choose_from_play_with_sound_on_the_first_click(
    rest: httpx.Client, site: Site, browser: Browser, visit: Callable[..., Visit]
) -> None:
    template = {
        "id": "takes",
        "name": "Takes",
        "stages": [
            {
                "id": "takes",
                "label": "Takes",
                "type": "fixed",
                "tool": "generate_video",
                "produces": ["takes"],
                "args": {"prompt": "a harbor", "number_of_variations": 2},
            },
            {
                "id": "pick",
                "label": "Choose a take",
                "type": "interactive",
                "produces": ["pick"],
                "select": {"from": "$artifacts.takes", "min": 1, "max": 1},
            },
        ],
    }
    made = rest.post("/v1/creative-agent/workflows/templates", json=template)
    assert made.status_code == 201, made.text
    run = start(rest, {"workflow_id": template["id"], "inputs": {}})
    asking(rest, run["id"])
    with visit(**WIDE) as page:
        page.goto(f"/runs/{run['id']}")
        one = page.locator(".pick video").first
        one.scroll_into_view_if_needed()
        one.click()
        plays_with_sound(page, one)
        page.get_by_role("button", name="Answer on your phone").click()
        link = page.get_by_label("The link").input_value()
    with Visit(browser, site.url, **PHONE) as page:
        page.goto(link)
        one = page.locator(".pick video").first
        one.click()
        plays_with_sound(page, one)
