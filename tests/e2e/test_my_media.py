"""My media, on its page and beside the canvas, with a real pointer."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import broken, check
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, saved, upload
from tests.support.server import SHARED, finished, start

SITE_OPTIONS = SHARED
PERSON = "mediha"

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEMPLATES = "/v1/creative-agent/workflows/templates"
WIDE = {"viewport": {"width": 1440, "height": 900}}
ANIMATE = {
    "name": "A film of a photo",
    "inputs": [],
    "stages": [
        {
            "id": "film",
            "type": "fixed",
            "label": "Film",
            "tool": "animate_photo",
            "produces": ["film"],
            "args": {"prompt": "waves"},
        }
    ],
}


@pytest.fixture(scope="module")
def heron(rest: httpx.Client) -> str:
    """A run that made an image; its id."""
    step = {
        "id": "one",
        "title": "Heron at dawn",
        "toolName": "generate_image",
        "arguments": {"prompt": "A gray heron in the fog", "width": 512, "height": 384},
    }
    run = start(rest, {"input": {"title": "Birds of the north", "steps": [step]}})
    return str(finished(rest, run["id"])["id"])


def bring(page: Page, *names: str) -> None:
    """Photos, uploaded as a form does it."""
    for number, name in enumerate(names):
        file = io.BytesIO()
        Image.new("RGB", (320, 240), (200, 90 + 30 * number, 40)).save(file, "JPEG")
        upload(page, name, "image/jpeg", file.getvalue())
    page.goto("/me/media")


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile").filter(has_text=name)


def test_files_are_found_downloaded_and_deleted(visit: Callable[..., Visit], heron: str) -> None:
    with visit(**WIDE) as page:
        bring(page, "pier.jpg", "harbor.jpg", "tide.jpg")
        expect(tile(page, "Heron at dawn")).to_be_visible()
        page.get_by_label("Search my media").fill("gray fog")
        expect(page.locator(".tile")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"\?q=gray(%20|\+)fog$"))
        tile(page, "Heron").get_by_role("link", name="Open run of Heron").click()
        page.wait_for_url(f"**/runs/{heron}")
        page.goto("/me/media?from=uploaded&q=r.jpg")
        expect(page.locator(".tile")).to_have_count(2)
        page.get_by_role("link", name="All", exact=True).click()
        # What is typed before that page is there is lost with the one before it.
        page.wait_for_url("**/me/media?q=r.jpg")
        page.get_by_label("Search my media").fill("")
        expect(tile(page, "tide.jpg")).to_be_visible()

        tile(page, "pier.jpg").get_by_role("checkbox").check()
        tile(page, "Heron").get_by_role("checkbox").check()
        chosen = page.get_by_role("region", name="Selected files")
        expect(chosen.get_by_text("2 selected")).to_be_visible()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download ZIP").click()
        assert "csrf" not in waiting.value.url
        with zipfile.ZipFile(waiting.value.path()) as archive:
            assert sorted(archive.namelist()) == [
                "Birds of the north - Heron at dawn.png",
                "pier.jpg",
            ]
        page.get_by_role("button", name="Delete uploads").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted 1 upload.")).to_be_visible()
        expect(tile(page, "pier.jpg")).to_have_count(0)
        expect(tile(page, "Heron at dawn")).to_be_visible()


def test_a_card_shows_all_of_its_file_and_leads_to_it(
    visit: Callable[..., Visit], heron: str
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (270, 480), (40, 90, 200)).save(file, "JPEG")
    with visit(**WIDE) as page:
        bring(page, "lamp.jpg", "plain.jpg")
        upload(page, "tall.jpg", "image/jpeg", file.getvalue())
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto("/me/media")
            tall, wide = tile(page, "tall.jpg").first, tile(page, "Heron at dawn")
            expect(tall.locator("img")).to_have_css("object-fit", "contain")
            expect(wide.locator("img")).to_have_css("object-fit", "cover")
            link = wide.get_by_role("link", name="Open run of Heron at dawn")
            expect(link).to_have_text("Open run")
            wide.get_by_role("link", name="Heron at dawn", exact=True).click()
            page.wait_for_url(f"**/runs/{heron}")
            page.go_back()
            tall.get_by_role("link", name="tall.jpg", exact=True).click()
            page.wait_for_url(re.compile(r"/media/.*\.jpe?g"))
        page.goto("/me/media")
        page.get_by_role("checkbox", name="Select lamp.jpg").first.check()
        check(page, "my media, one selected")
    with visit(java_script_enabled=False, **WIDE) as page:
        page.goto("/me/media")
        page.get_by_label("Search my media").fill("plain")
        page.get_by_role("button", name="Show").click()
        expect(page.locator(".tile")).to_have_count(1)
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Delete uploads").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted 1 upload.")).to_be_visible()


def test_a_file_is_dragged_onto_a_stage_and_onto_the_canvas_and_added_by_keys(
    visit: Callable[..., Visit], rest: httpx.Client, heron: str
) -> None:
    made = rest.post(TEMPLATES, json=ANIMATE)
    assert made.status_code == 201, made.text
    template = str(made.json()["data"]["template"]["id"])
    with visit(**WIDE) as page:
        editor = EditorActions(page)
        editor.open(template)
        editor.canvas.focus()
        page.keyboard.press("Shift+M")
        field = page.get_by_label("Search my media")
        expect(field).to_be_focused()
        page.keyboard.type("heron")
        medium = page.locator(".palette .medium").filter(has_text="Heron at dawn")
        expect(page.locator(".palette .medium")).to_have_count(1)
        assert not broken(page, "the drawer", ".palette")
        medium.drag_to(editor.node("film"))

        def feeds(read: dict[str, Any]) -> bool:
            given = read["stages"]["rows"]["film"]["args"].get("reference_image_url")
            return "reelgraph:object/art_" in str(read["values"]) and bool(given)

        def has_inputs(count: int) -> Callable[[dict[str, Any]], bool]:
            return lambda read: len(read["inputs"]["rows"]) == count

        saved(page, template, feeds, "an input that feeds the stage")
        medium.drag_to(editor.canvas, target_position={"x": 120, "y": 600})
        saved(page, template, has_inputs(2), "an input of its own")
        # One gesture, one step back.
        editor.undo()
        saved(page, template, has_inputs(1), "the first input")
        field.focus()
        page.keyboard.press("ArrowDown")
        expect(medium).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".toast").filter(has_text=re.compile("Added Heron"))).to_be_visible()
        saved(page, template, has_inputs(2), "the input that Enter added")
