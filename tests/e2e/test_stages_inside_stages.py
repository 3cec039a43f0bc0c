"""Stages inside a stage in real Chromium: on the page of a run, and on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.builders.editor_templates import TEMPLATES, post, stage
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, cancel_all, start

SITE_OPTIONS = SHARED
PERSON = "gina"

pytestmark = pytest.mark.browser

SHOT = {
    "id": "shot",
    "label": "Shot",
    "type": "fixed",
    "produces": ["shot_film"],
    "subStages": [
        stage("still", "generate_image", "Keyframe", prompt="$inputs.subject"),
        {
            "id": "pause",
            "label": "Pause",
            "type": "fixed",
            "tool": "sleep",
            "args": {"seconds": 300, "until": "$inputs.until"},
            "requiredArtifactsIn": ["still"],
        },
        stage("clip", "generate_video", prompt="slow push-in"),
    ],
}
FILM = {
    "id": "inside-film",
    "name": "A shot and its title",
    "inputs": [
        {"name": "subject", "type": "text", "required": True},
        {"name": "until", "type": "text"},
    ],
    "stages": [SHOT, {**stage("note", "note", text="x"), "requiredArtifactsIn": ["shot_film"]}],
}


@pytest.fixture(scope="module")
def rest(site: Any) -> Any:
    with site.client(site.key(PERSON)) as client:
        answer = client.post(TEMPLATES, json=FILM)
        assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture(autouse=True)
def _stop_what_still_runs(rest: httpx.Client) -> Iterator[None]:
    yield
    cancel_all(rest)


def begin(rest: httpx.Client, until: Path) -> str:
    inputs = {"subject": "A lamp", "until": str(until)}
    return str(start(rest, {"workflow_id": "inside-film", "inputs": inputs})["id"])


def test_a_run_and_the_canvas_show_what_is_at_work_inside_a_stage(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    run = begin(rest, go)
    with visit() as page:
        page.goto(f"/runs/{run}")
        row = page.locator('[data-rows] > li:has([data-step="shot"])')
        expect(row.locator("[data-count-words]")).to_have_text("2 of 3 · Pause")
        expect(row.locator("[data-about]").first).to_contain_text("3 stages")
        tiles = row.locator("[data-tile]")
        expect(tiles).to_have_count(3)
        expect(tiles.nth(0)).to_have_accessible_name("Keyframe, done")
        expect(page.locator('[data-step="note"] [data-note]')).to_have_text("Waiting for Shot")
        go.touch()
        expect(row.locator("[data-count-words]")).to_have_text("3 of 3")
        expect(page.locator("[data-run-status]")).to_have_text("Done")
        tiles.nth(2).click()
        expect(row.locator('[data-step="clip"] video')).to_be_visible()
    with visit(java_script_enabled=False) as page:
        page.goto(f"/runs/{run}")
        expect(page.locator('tr[data-step="shot"]')).to_contain_text("Done, 3 of 3")
    with visit() as page:
        page.goto("/t/inside-film/edit")
        expect(page.get_by_text("Runs 3 of its 3 stages").first).to_be_visible()
        expect(page.get_by_text("Shot runs its 3 stages in order.")).to_be_visible()


def test_outputs_are_declared_and_a_stage_is_unpacked_and_packed_again(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    with visit() as page:
        page.goto("/t/inside-film/edit")
        for title in ("Note", "Shot"):
            page.get_by_role("button", name="Add an output").click()
            page.get_by_role("menuitem", name=title).click()
        page.get_by_label("Label of output Note").fill("The note")
        page.get_by_label("Label of output Note").press("Enter")
        page.get_by_role("button", name="Move Shot").press("ArrowUp")
        expect(page.locator(".output-label")).to_have_count(2)
        expect(page.locator(".output-label").first).to_have_value("Shot")
        saved = page.get_by_text("Saved", exact=True)
        expect(saved).to_be_visible()
        page.reload()
        expect(page.locator(".output-label").first).to_have_value("Shot")
        expect(page.locator(".output-label").last).to_have_value("The note")
        page.get_by_role("button", name="Remove output The note").click(force=True)
        page.get_by_role("button", name="Remove output Shot").click(force=True)
        expect(page.get_by_text("The last result is the output.")).to_be_visible()

        # Unpacked, and packed again in one step: one that has never run says what is inside.
        post(rest, FILM, id="unpacked-film", name="A shot to unpack")
        page.goto("/t/unpacked-film/edit")
        node = page.locator('[data-node-id="shot"]')
        expect(node.locator(".node-head small")).to_have_text("3 stages inside")
        expect(node.locator('.port[data-socket="inside"]')).to_have_count(1)
        node.locator(".node-head").click()
        inside = page.get_by_role("region", name="Inside")
        expect(inside.get_by_role("listitem")).to_have_text(
            ["KeyframeGenerate image", "PauseSleep", "ClipGenerate video"]
        )
        inside.get_by_role("button", name="Unpack").click()
        for stage in ("still", "pause", "clip"):
            expect(page.locator(f'[data-node-id="{stage}"]')).to_be_visible()
        expect(node).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(node.locator(".node-head small")).to_have_text("3 stages inside")
        expect(page.locator('[data-node-id="still"]')).to_have_count(0)
