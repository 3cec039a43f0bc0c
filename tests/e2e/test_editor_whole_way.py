"""From an empty canvas to the gallery, with mouse and keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit, expect_title
from tests.support.clients.browser_actions import EditorActions, signed_in
from tests.support.server import SHARED, Site, finished, snapshot

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

WINDOW = {"width": 1600, "height": 1000}
BROKEN_LINE = ("WebSocket connection to", "net::ERR_")


@pytest.fixture(scope="module")
def session(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "alice")


def test_a_film_is_drawn_run_changed_and_published(
    site: Site, browser: Browser, session: Any
) -> None:
    key = site.key("alice")
    with (
        Visit(
            browser, site.url, storage_state=session, viewport=WINDOW, expected=BROKEN_LINE
        ) as page,
        site.client(key) as rest,
    ):
        actions = EditorActions(page)
        template = actions.new_template("Harbour at dusk")
        expect_title(page, "Harbour at dusk, editor · Reelgraph")

        # An input, two stages by dragging them in, two by letting an edge go over empty ground.
        page.locator(".palette").get_by_role("button", name="Text").click()
        picture = actions.drag_in("Generate image", 480, 160)
        shot = actions.drop_edge(actions.port(picture, "out", "image"), 660, 330, "Animate photo")
        music = actions.drag_in("Generate music", 480, 560)
        film = actions.drop_edge(actions.port(shot, "out", "video"), 960, 330, "Stitch video")
        actions.draw(actions.port(music, "out", "audio"), actions.port(film, "in", "audio"))
        actions.draw(actions.port("$inputs", "out", "text"), actions.port(picture, "in", "text"))

        # What is still missing is said beside Run; the words are written in the inspector.
        actions.write(shot, "Prompt", "Slow push in, the water moves")
        actions.write(music, "Prompt", "Slow strings, calm sea")
        expect(actions.quote).to_contain_text("Fill in")
        actions.node("$inputs").locator("b").first.click()
        actions.inspector.locator(".line").first.click()
        actions.fill("Test value", "Fishing boats come home, lanterns in the fog")
        expect(actions.quote).to_contain_text("4 stages will run")
        args = {
            name: row["args"] for name, row in actions.document(template)["stages"]["rows"].items()
        }
        assert args[picture]["prompt"].startswith("$inputs.")
        assert f"$artifacts.{picture}." in str(args[shot])
        assert f"$artifacts.{shot}." in str(args[film])
        assert f"$artifacts.{music}." in str(args[film])

        save_version(page, "First cut")
        assert [one["label"] for one in versions(page, template)][:1] == ["First cut"]

        run = actions.start_run()
        actions.ended()
        assert reused(rest, run) == set()
        plays(page, actions, film)

        # One stage is changed, and not the first: it and what depends on it run, nothing else.
        page.get_by_role("button", name="Edit", exact=True).click()
        actions.select(shot)
        page.get_by_role("tab", name="Settings").click()
        actions.fill("Prompt", "The camera turns to the sky")
        actions.fill("Length", "8")
        expect(actions.quote).to_contain_text("2 of 4 stages will run")
        expect(actions.quote).to_contain_text("2 reused")
        will = page.locator(".work-area .node.will-run")
        expect(will).to_have_count(2)
        assert {one.get_attribute("data-node-id") for one in will.all()} == {shot, film}
        second = actions.start_run()
        expect(actions.node(shot)).to_have_class(re.compile("is-running"))

        page.reload()
        expect(actions.run_status).to_have_attribute("data-run", second)
        expect(actions.node(picture)).to_have_class(re.compile("is-reused"))
        actions.ended()
        assert reused(rest, second) == {picture, music}
        plays(page, actions, film)

        # Its film is shown to the world.
        page.get_by_role("button", name="Use as preview").click()
        expect(page.locator(".toast")).to_contain_text("becomes the preview with the next version")
        actions.document(template)
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator(".toast")).to_contain_text("is in the gallery")
    seen_by_a_outsider(site, browser, template)


def save_version(page: Page, label: str) -> None:
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Save version")
    dialog.get_by_label("What changed? (optional)").fill(label)
    dialog.get_by_role("button", name="Save version").click()
    expect(dialog).to_have_count(0)


def versions(page: Page, template: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(f"/app/documents/{template}/versions").json()[
        "versions"
    ]
    return found


def reused(rest: Any, run: str) -> set[str]:
    finished(rest, run)
    return {step["id"] for step in snapshot(rest, run)["steps"] if step.get("reusedFrom")}


def plays(page: Page, actions: EditorActions, stage: str) -> None:
    """The film is on the canvas, and in the inspector it has a length and moves."""
    # The timeline of the run takes room, and what is out of view isn't drawn.
    actions.command("Fit to screen")
    expect(actions.node(stage).locator(".stage-preview img")).to_be_visible()
    actions.select(stage)
    page.get_by_role("tab", name="Result").click()
    film = actions.inspector.locator("video")
    expect(film).to_be_visible()
    film.evaluate("one => { one.muted = true; return one.play() }")
    page.wait_for_function(
        "one => one.duration > 0 && one.currentTime > 0", arg=film.element_handle()
    )


def seen_by_a_outsider(site: Site, browser: Browser, template: str) -> None:
    with Visit(browser, site.url) as page:
        page.goto("/")
        card = page.get_by_role("link", name="Harbour at dusk")
        expect(card.first).to_be_visible()
        page.goto(f"/t/{template}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Harbour at dusk")
        film = page.locator("main video").first
        expect(film).to_be_attached()
        answer = page.request.get(
            film.evaluate(
                "one => one.currentSrc || one.querySelector('source')?.src || one.dataset.src"
            )
        )
        assert answer.ok
        assert answer.headers["content-type"].startswith("video/")
