"""The page of a template in real Chromium: its form with files, remix and publish."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.builders.blobs import film_with_place, jpeg_with_place
from tests.support.builders.forms import INPUTS
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED
PERSON = "bob"

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
REFUSED = ("Failed to load resource: the server responded with a status of 4",)
STUDY = {
    "id": "keeper-study",
    "name": "The keeper",
    "description": "A picture and a shot of it.",
    "visibility": "public",
    "inputs": INPUTS,
    "stages": [
        {
            "id": "still",
            "label": "Still",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.story"},
            "produces": ["still"],
        },
        {
            "id": "shot",
            "label": "Shot",
            "type": "fixed",
            "tool": "animate_photo",
            "args": {"sourceImageIndex": "$inputs.keeper", "prompt": "Slow push-in"},
        },
    ],
}
HOSTILE = {
    "id": "hostile",
    "name": "\u05e9\u05dd <script>window.hit = 1</script>\"><img src=x onerror='window.hit=1'>🎬"
    + "w" * 120,
    "description": "{{ 7 * 7 }} <svg onload=window.hit=1>",
    "visibility": "public",
    "tags": ["<b>bold</b>"],
    "inputs": [{"name": "a", "type": "text", "description": "<script>window.hit = 1</script>"}],
    "stages": [
        {
            "id": "one",
            "label": "</text><script>window.hit = 1</script>",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "$inputs.a", "prompt": "<script>window.hit = 1</script>"},
        }
    ],
}


@pytest.fixture(scope="module", autouse=True)
def rest(site: Site) -> Iterator[httpx.Client]:
    """alice's REST client, after publishing what these tests look at."""
    with site.client(site.key("alice")) as client:
        for template in (STUDY, HOSTILE):
            answer = client.post(TEMPLATES, json=template)
            assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "keeper.jpg").write_bytes(jpeg_with_place(size=(320, 180)))
    (folder / "clip.mp4").write_bytes(film_with_place())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing of the kind")
    return folder


def field(page: Page, name: str) -> Any:
    return page.locator(f'[data-field="{name}"]')


def test_a_form_of_every_type_becomes_a_film_and_an_example_plays_with_its_sound(
    visit: Callable[..., Visit], files: Path
) -> None:
    with visit() as page:
        page.goto("/t/keeper-study")
        page.get_by_label("Story").fill("An old lamp keeper on the stairs")
        grain = page.get_by_role("spinbutton", name="Grain")
        page.get_by_role("slider", name="Grain").fill("7")
        expect(grain).to_have_value("7")
        page.get_by_role("switch", name="Narrated").uncheck()
        field(page, "length").get_by_text("12 s").click()
        scenes = field(page, "scenes")
        scenes.get_by_role("button", name="Add").click()
        scenes.get_by_role("button", name="Add").click()
        expect(scenes.get_by_role("button", name="Add")).to_be_hidden()
        scenes.get_by_role("textbox").nth(0).fill("Dusk")
        scenes.get_by_role("textbox").nth(1).fill("Night")
        scenes.get_by_role("button", name="Remove Scenes 3").click()
        keeper = field(page, "keeper")
        keeper.locator("input[type=file]").set_input_files(files / "keeper.jpg")
        expect(keeper.get_by_text("320 × 180")).to_be_visible()
        expect(keeper.locator("img")).to_have_js_property("naturalWidth", 320)
        clip = field(page, "clip")
        clip.locator("input[type=file]").set_input_files(files / "clip.mp4")
        expect(clip.get_by_text("64 × 36")).to_be_visible()
        expect(page.locator("#quote")).to_contain_text("2 stages")
        page.locator("#run [data-run]").click()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached(timeout=60_000)
        film = page.locator("video").first
        expect(film).to_be_attached()
        film.evaluate(
            "film => film.readyState ? 0 : new Promise(done => film.onloadedmetadata = done)"
        )
        film.evaluate("film => { film.muted = true; return film.play(); }")
        page.wait_for_function("film => film.currentTime > 0.1", arg=film.element_handle())
        page.goto("/t/wf_dance-card_e4f86c9b")
        film = page.locator("#player video")
        film.click()
        wait_for(lambda: film.evaluate("film => film.currentTime > 0.2"), "a film that plays")
        heard = "film => [film.muted, film.volume, film.webkitAudioDecodedByteCount > 0]"
        assert film.evaluate(heard) == [False, 1, True]


def test_a_file_that_is_none_is_explained_and_another_is_chosen_or_dropped(
    visit: Callable[..., Visit], files: Path
) -> None:
    with visit(expected=REFUSED) as page:
        page.goto("/t/keeper-study")
        keeper = field(page, "keeper")
        chooser = keeper.locator("input[type=file]")
        chooser.set_input_files(files / "clip.mp4")
        expect(keeper.get_by_role("alert")).to_contain_text("isn't an image")
        chooser.set_input_files(files / "broken.jpg")
        expect(keeper.get_by_role("alert")).to_contain_text("damaged")
        chooser.set_input_files(files / "keeper.jpg")
        expect(keeper.get_by_text("320 × 180")).to_be_visible()
        expect(keeper.get_by_role("alert")).to_be_hidden()
        keeper.get_by_role("button", name="remove file").click()
        expect(keeper.get_by_text("No image")).to_be_visible()
        drop = """async zone => {
            const canvas = new OffscreenCanvas(48, 32);
            canvas.getContext("2d").fillRect(0, 0, 48, 32);
            const blob = await canvas.convertToBlob();
            const data = new DataTransfer();
            data.items.add(new File([blob], "dropped.png", { type: "image/png" }));
            zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true,
                cancelable: true }));
        }"""
        field(page, "keeper").locator("[data-drop]").evaluate(drop)
        expect(field(page, "keeper").get_by_text("48 × 32")).to_be_visible()


def test_a_remix_is_published_with_its_result_and_words_are_kept_across_sign_in(
    site: Site, browser: Browser, visit: Callable[..., Visit], rest: httpx.Client, files: Path
) -> None:
    with visit() as page:
        page.goto("/t/keeper-study")
        page.get_by_role("button", name="Remix").click()
        page.wait_for_url("**/edit")
        expect(page.get_by_role("region", name="Message")).to_have_text("Remixed. It's yours now.")
        mine = page.url.split("/")[-2]
        page.goto(f"/t/{mine}")
        expect(page.get_by_text("Remixed. It's yours now.")).to_have_count(0)
        expect(page.get_by_role("link", name="The keeper", exact=True)).to_be_visible()
        page.get_by_label("Story").fill("A lamp in the rain")
        field(page, "keeper").locator("input[type=file]").set_input_files(files / "keeper.jpg")
        expect(field(page, "keeper").get_by_text("320 × 180")).to_be_visible()
        page.locator("#run [data-run]").click()
        page.wait_for_url("**/runs/*")
        expect(page.locator("#run[data-over]")).to_be_attached(timeout=60_000)
        page.goto(f"/t/{mine}")
        page.get_by_role("link", name="Publish").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("What becomes public")).to_be_visible()
        dialog.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("Published. Anyone can now see, run and remix it.")).to_be_visible()
        expect(page.locator("#player video")).to_be_visible()
    with Visit(browser, site.url) as page:
        page.goto(f"/t/{mine}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("The keeper (remix)")
        expect(page.locator("#player video")).to_be_visible()
        page.goto("/t/keeper-study?tab=remixes")
        expect(page.get_by_role("link", name="The keeper (remix)", exact=True)).to_be_visible()
    with Visit(browser, site.url) as page:
        page.goto("/t/keeper-study")
        page.get_by_label("Story").fill("Kept across sign-in")
        page.locator("#run [data-run]").click()
        page.wait_for_url(re.compile(r"/sign-in\?next="))
        [link] = re.findall(r"http\S+", site.manage("signin-link", PERSON))
        page.goto(link)
        page.get_by_role("main").get_by_role("button", name="Continue as").click()
        page.wait_for_url("**/")
        page.goto("/t/keeper-study")
        expect(page.get_by_label("Story")).to_have_value("Kept across sign-in")


def test_a_hostile_template_harms_no_page(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    with visit(viewport={"width": 390, "height": 844}) as page:
        for tail in ("", "?tab=versions", "?tab=remixes"):
            page.goto(f"/t/hostile{tail}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.evaluate("window.hit") is None
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Remix").click()
        page.wait_for_url("**/edit")
        assert page.evaluate("window.hit") is None
        page.goto(page.url.removesuffix("/edit"))
        page.get_by_role("link", name="Publish").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.evaluate("window.hit") is None
