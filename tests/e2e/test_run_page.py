"""The page of a run and the list of runs in real Chromium: what they show stays true."""

from __future__ import annotations

import io
import os
import re
import signal
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.support.clients.browser import Visit, translate
from tests.support.clients.browser_actions import showing
from tests.support.server import SHARED, Site, cancel_all, finished, snapshot, start
from tests.support.waiting import promised, wait_for

SITE_OPTIONS = SHARED
PERSON = "runa"

pytestmark = pytest.mark.browser

REFUSED = ("Failed to load resource: the server responded with a status of 4",)
# A line that breaks is what some of these tests are about.
BROKEN_LINE = ("WebSocket connection to", "net::ERR_")
NOTE = {"toolName": "note", "arguments": {"text": "x", "copies": 2}}
FILM = {
    "id": "lamp",
    "name": "The lamp",
    "inputs": [
        {"name": "subject", "type": "text", "required": True},
        {"name": "until", "type": "text"},
    ],
    "stages": [
        {
            "id": "keyframe",
            "label": "Keyframe",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.subject"},
        },
        {
            "id": "pause",
            "label": "Pause",
            "type": "fixed",
            "tool": "sleep",
            "args": {"seconds": 300, "until": "$inputs.until"},
        },
        {
            "id": "shot",
            "label": "Shot",
            "type": "fixed",
            "tool": "generate_video",
            "args": {"prompt": "slow push-in"},
        },
    ],
}


def steps(seconds: float, until: Path | str = "") -> list[dict[str, Any]]:
    """A note, then a rest: of that length, or shorter once the file is there."""
    rest = {"seconds": seconds, "until": str(until)}
    return [
        {"id": "one", "title": "First note", **NOTE},
        {"id": "two", "toolName": "sleep", "arguments": rest, "dependsOn": ["one"]},
    ]


def lamp(subject: str, until: Path | str = __file__) -> dict[str, Any]:
    """A run of the film, which pauses until the file is there."""
    return {"workflow_id": "lamp", "inputs": {"subject": subject, "until": str(until)}}


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """The file that ends a rest, which goes on for as long as a slow page needs to be looked at."""
    return tmp_path / "go"


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key(PERSON)) as client:
        answer = client.post("/v1/creative-agent/workflows/templates", json=FILM)
        assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture(autouse=True)
def _stop_what_still_runs(rest: httpx.Client) -> Iterator[None]:
    yield
    cancel_all(rest)


def watch(page: Page, run_id: str) -> None:
    page.goto(f"/runs/{run_id}")
    page.evaluate("window.neverReloaded = true")


def pill(page: Page, step: str) -> Any:
    return page.locator(f'[data-step="{step}"] [data-status]')


def state(page: Page) -> Any:
    return page.locator("[data-run-status]")


def later(page: Page, seconds: int) -> bool:
    """So many seconds pass in a page whose clock is ours."""
    page.clock.fast_forward(1000 * seconds)
    return True


def plays_and_seeks(film: Any) -> None:
    """A film shows moving frames, and any moment of it that is asked for."""
    film.evaluate(
        "film => new Promise((done, fail) => { film.onerror = () => fail(film.error);"
        " film.readyState ? done() : film.onloadedmetadata = done; })"
    )
    length = film.evaluate("film => film.duration")
    assert length > 0.5
    film.evaluate("film => { film.muted = true; film.currentTime = 0; return film.play(); }")
    # It may be over by now: then nothing tells of its time any more.
    film.page.wait_for_function("film => film.currentTime > 0.1", arg=film.element_handle())
    film.evaluate("film => film.pause()")
    seek = "(film, to) => new Promise(done => { film.onseeked = done; film.currentTime = to; })"
    film.evaluate(seek, length - 0.2)
    assert film.evaluate("film => film.currentTime") == pytest.approx(length - 0.2, abs=0.1)
    assert film.evaluate("film => film.readyState") >= 2


def step(client: httpx.Client, run: dict[str, Any], key: str) -> dict[str, Any]:
    """A step of a run as it is now."""
    steps = snapshot(client, run["id"])["steps"]
    return next(one for one in steps if one["id"] == key)


def kill_workers(site: Site) -> None:
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)


def test_a_worker_killed_in_mid_step_costs_no_film(
    site: Site, visit: Callable[..., Visit], rest: httpx.Client, go: Path
) -> None:
    run = start(rest, lamp("A lighthouse at dusk", go))
    with visit() as page:
        watch(page, run["id"])
        wait_for(lambda: step(rest, run, "keyframe")["status"] == "completed", "a picture", 90)
        wait_for(lambda: step(rest, run, "pause")["progress"], "progress of the pause")
        # What is made is on the screen while another stage still runs: the picture, or the film.
        expect(page.locator("[data-screen]").locator("img, video").first).to_be_visible()
        expect(pill(page, "pause")).to_have_text(re.compile(r"\d+%"))
        kill_workers(site)
        go.touch()
        assert finished(rest, run["id"], within_s=120)["status"] == "completed"
        expect(page.locator("[data-film] video")).to_be_visible()
        expect(state(page)).to_have_text("Done")
        plays_and_seeks(page.locator("[data-film] video"))
        assert page.evaluate("window.neverReloaded")
        expect(page.get_by_text("A lighthouse at dusk")).to_be_visible()
        expect(
            page.get_by_text("Draft quality, made by the built-in studio.").first
        ).to_be_visible()
        sequence = page.locator("[data-log] li").evaluate_all("all => all.map(one => one.value)")
        assert sequence == list(range(len(sequence), 0, -1))
    assert step(rest, run, "pause")["attempt"] >= 2


def test_a_reload_and_a_second_tab_show_the_truth_and_stop_says_what_was_kept(
    visit: Callable[..., Visit], rest: httpx.Client, go: Path
) -> None:
    run = start(rest, {"input": {"steps": steps(60, go)}})
    with visit() as page:
        watch(page, run["id"])
        expect(pill(page, "two")).to_have_text(re.compile(r"\d+%"))
        page.reload(wait_until="domcontentloaded")
        # It came with the page: nothing is waited for.
        assert pill(page, "one").inner_text() == "Done"
        assert re.fullmatch(r"Running|\d+%", pill(page, "two").inner_text())
        assert page.locator('[data-step="one"] [data-media] img').count() == 2
        second = page.context.new_page()
        watch(second, run["id"])
        translate(second)
        go.touch()
        for tab in (page, second):
            expect(state(tab)).to_have_text("Done")
            expect(tab.locator("#run[data-over]")).to_be_attached()
            expect(tab.locator("[data-film] img")).to_be_visible()
        logs = [tab.locator("[data-log] li p").all_text_contents() for tab in (page, second)]
        assert logs[0] == logs[1] != []
        assert second.evaluate("window.neverReloaded")

        run = start(rest, {"input": {"steps": steps(60)}})
        watch(page, run["id"])
        translate(page)
        expect(pill(page, "two")).to_have_text(re.compile(r"\d+%"))
        page.get_by_role("button", name="Stop").click()
        expect(state(page)).to_have_text("Stopped")
        expect(page.get_by_text("Stopped after 1 of 2 stages.")).to_be_visible()
        expect(page.get_by_text("Finished stages are kept.")).to_be_visible()
        expect(pill(page, "two")).to_have_text("Stopped")
        assert finished(rest, run["id"])["status"] == "cancelled"


def test_back_from_sleep_the_page_knows_what_it_missed(
    site: Site, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    """A line that died while the machine slept looks open: nothing comes, nothing is refused."""
    run = start(rest, {"input": {"steps": steps(60)}})
    deaf = False

    def through(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        dies = not deaf
        server.on_message(lambda said: None if dies and deaf else line.send(said))
        line.on_message(lambda said: None if dies and deaf else server.send(said))

    with visit() as page:
        page.route_web_socket(re.compile(r"/ws/runs/"), through)
        watch(page, run["id"])
        expect(pill(page, "two")).to_have_text(re.compile(r"\d+%"))
        deaf = True
        rest.post(f"/v1/creative-agent/workflows/{run['id']}/cancel")
        finished(rest, run["id"])
        expect(state(page)).to_have_text("Running")
        # Of a line that is only silent the page thinks so after 40 s.
        with promised(10, of=showing(site)):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            expect(state(page)).to_have_text("Stopped")
        assert page.evaluate("window.neverReloaded")


def test_a_web_server_that_dies_loses_nothing(
    site: Site, visit: Callable[..., Visit], rest: httpx.Client, go: Path
) -> None:
    run = start(rest, {"input": {"steps": steps(60, go)}})
    with visit(expected=BROKEN_LINE) as page:
        watch(page, run["id"])
        expect(pill(page, "two")).to_have_text(re.compile(r"\d+%"))
        pid = site.pid("web")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        expect(page.get_by_text("Reconnecting…")).to_be_visible()
        go.touch()
        expect(state(page)).to_have_text("Done")
        assert page.evaluate("window.neverReloaded")


def test_the_log_counts_from_the_start_and_hostile_words_harm_no_page(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template = {
        "id": "unlabeled",
        "name": "Unlabeled",
        "inputs": [{"name": "brief", "type": "text", "description": "What it shows"}],
        "stages": [
            {"id": "keyframe_1", "type": "fixed", "tool": "note", "args": {"text": "$inputs.brief"}}
        ],
    }
    made = rest.post("/v1/creative-agent/workflows/templates", json=template)
    assert made.status_code == 201, made.text
    run = start(rest, {"workflow_id": "unlabeled", "inputs": {"brief": "A heron"}})
    finished(rest, run["id"])
    with visit() as page:
        page.goto(f"/runs/{run['id']}")
        stage = page.locator("[data-step] h3").first.inner_text()
        log = page.locator("[data-log]")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            log.scroll_into_view_if_needed()
            expect(log.get_by_text(f"{stage} started")).to_be_visible()
            expect(log).not_to_contain_text("keyframe_1")
            times = log.locator("time")
            assert all(re.fullmatch(r"\+\d+:\d\d", one) for one in times.all_inner_texts())
            expect(times.last).to_have_text("+0:00")
            expect(times.last).to_have_attribute("title", re.compile(r"\d:\d\d:\d\d"))
            inputs = page.get_by_role("region", name="Inputs")
            expect(inputs).to_contain_text(re.compile(r"What it shows\s*A heron"))

        title = "<script>alert(1)</script> \u202etxet eht nrut 🎞️" + "long" * 35
        hostile = [{"toolName": "note", "title": f'"><img src=x onerror=alert(2)> {title}'[:150]}]
        run = start(rest, {"input": {"title": title[:200], "steps": hostile}})
        finished(rest, run["id"])
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        for path in (f"/runs/{run['id']}", "/me/runs"):
            page.goto(path)
            expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finished_run_is_downloaded_and_run_again(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    run = start(rest, {"input": {"steps": steps(0)}})
    done = finished(rest, run["id"])
    with visit() as page:
        watch(page, run["id"])
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
            page.get_by_role("link", name="All results (ZIP)").click()
        path = download.value.path()
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == [
                f"{done['title']} - First note {place}.png" for place in (1, 2)
            ]
            for artifact, name in zip(done["artifacts"], archive.namelist(), strict=True):
                assert archive.read(name) == httpx.get(artifact["url"]).content
        for button, same in (("Same inputs and seeds", True), ("New seeds", False)):
            watch(page, run["id"])
            page.get_by_role("button", name="Run again").click()
            page.get_by_role("button", name=button, exact=True).click()
            page.wait_for_url(lambda url: run["id"] not in url)
            expect(state(page)).to_have_text("Done")
            other = snapshot(rest, page.url.rpartition("/")[2])
            assert (other["steps"][0]["seed"] == done["steps"][0]["seed"]) is same


def test_a_failed_run_says_why_first_and_can_be_tried_again(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    failing = [NOTE, {"toolName": "fail", "arguments": {"retryable": False}}]
    run = start(rest, {"input": {"steps": failing}})
    finished(rest, run["id"])
    with visit() as page:
        watch(page, run["id"])
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("The test provider refuses.")
        expect(alert).to_contain_text("1 of 2 stages done.")
        alert.get_by_role("button", name="Retry").click()
        expect(page.locator("[data-log]")).to_contain_text("Retrying failed stages")
        expect(state(page)).to_have_text("Failed")
        expect(page.get_by_role("alert")).to_be_visible()
    # What was done is kept: only the stage that failed ran again.
    assert [step["attempt"] for step in snapshot(rest, run["id"])["steps"]] == [1, 2]


def test_the_owner_makes_a_run_the_preview_of_its_template(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    path = "/v1/creative-agent/workflows/templates/lamp"
    run = start(rest, lamp("A heron"))
    finished(rest, run["id"])
    with visit() as page:
        watch(page, run["id"])
        page.get_by_role("button", name="Use as template preview").click()
        expect(page.get_by_text("Preview updated.")).to_be_visible()
    template = rest.get(path).json()["data"]["template"]
    shown = template["previewArtifacts"]
    assert [one["stageId"] for one in shown] == ["shot", "keyframe"]
    assert httpx.get(shown[0]["url"]).headers["content-type"] == "video/mp4"
    assert template["visibility"] == "private"


def test_my_runs_change_in_place(visit: Callable[..., Visit], rest: httpx.Client, go: Path) -> None:
    run = start(rest, {"input": {"title": "In place", "steps": steps(60, go)}})
    with visit() as page:
        # The page asks every few seconds, and seldom while nothing goes on: its clock is ours.
        page.clock.install()
        page.goto("/me/runs")
        page.evaluate("window.neverReloaded = true")
        row = page.locator(f'[data-row="{run["id"]}"]')
        wait_for(lambda: later(page, 3) and "%" in row.inner_text(), "progress in the row")
        go.touch()
        finished(rest, run["id"])
        wait_for(lambda: later(page, 3) and "Done" in row.inner_text(), "the end in the row")
        expect(row.locator("img")).to_be_visible()
        # One that starts elsewhere appears by itself.
        other = start(rest, {"input": {"title": "Started elsewhere", "steps": steps(0)}})
        other_row = page.locator(f'[data-row="{other["id"]}"]')
        wait_for(lambda: later(page, 10) and other_row.is_visible(), "a row of the other run")
        assert page.evaluate("window.neverReloaded")
        page.get_by_role("link", name="Stopped").click()
        page.wait_for_url("**/me/runs?state=stopped")
        expect(page.locator(f'[data-row="{run["id"]}"]')).to_have_count(0)
        assert page.evaluate("window.neverReloaded")
        page.get_by_role("link", name="All", exact=True).click()
        page.locator(f'[data-row="{run["id"]}"]').get_by_role("link").click()
        page.wait_for_url(f"**/runs/{run['id']}")
    with visit(java_script_enabled=False) as page:
        page.goto("/me/runs")
        expect(page.locator(f'[data-row="{run["id"]}"]')).to_contain_text("Done")
