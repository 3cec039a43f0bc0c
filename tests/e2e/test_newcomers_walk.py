"""A newcomer's way: an image of one's own, a video of it, a remix, one change, into the gallery."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.builders.blobs import jpeg_with_place
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED
PERSON = "newton"

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLE = "Restore an old photo"
# Gallery: the card. Form: the file, Run. Run: play, Remix. Editor: the stage, its prompt, Run, its
# result, which becomes the preview, Publish. Dialog: Publish, after reading what becomes public.
CLICKS = 12
PLAYED = "video => !video.muted && video.currentTime > 0 && video.webkitAudioDecodedByteCount > 0"


class Clicks:
    """Counts what a person clicks; typing and choosing in the file dialog do not count."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, target: Locator) -> None:
        self.count += 1
        target.click()


def test_twelve_clicks_lead_from_the_gallery_to_a_published_remix(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    with visit(viewport={"width": 1440, "height": 900}) as page:
        click = Clicks()
        find(page, SAMPLE)
        click(page.get_by_role("link", name=SAMPLE, exact=True))
        bring_a_photo(page, click, tmp_path)
        click(page.locator("#run").get_by_role("button", name=re.compile("^Run")).last)
        page.wait_for_url("**/runs/*")

        video = page.locator("video.film")
        expect(video).to_be_visible(timeout=120_000)
        click(video)
        wait_for(lambda: video.evaluate(PLAYED), "the video plays with sound")

        click(page.get_by_role("button", name="Remix", exact=True))
        actions = EditorActions(page)
        actions.ready()
        click(actions.node("film").locator(".node-head b"))
        prompt = actions.inspector.get_by_role("textbox", name="Prompt", exact=True)
        click(prompt)
        prompt.fill("Slow pan to the left, then up to the sky")
        expect(actions.quote).to_contain_text("1 of 4 stages will run")
        expect(actions.quote).to_contain_text("3 reused")
        click(actions.run_button)
        actions.ended()
        for key in ("restored", "refined", "large"):
            expect(actions.node(key)).to_have_class(re.compile("is-reused"))
        expect(actions.node("film")).not_to_have_class(re.compile("is-reused"))

        click(page.get_by_role("tab", name="Result"))
        click(page.get_by_role("button", name="Use as preview"))
        expect(page.locator(".toast")).to_contain_text("becomes the preview")
        expect(actions.saved).to_have_text("Saved")
        click(page.get_by_role("button", name="Publish", exact=True))
        click(page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True))
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert click.count == CLICKS

        page.goto("/?sort=new")
        card = page.locator(".card", has_text=f"{SAMPLE} (remix)").first
        expect(card).to_have_attribute("data-preview", re.compile("^/media/t/"))


def find(page: Page, sample: str) -> None:
    """Type its name into the gallery's search."""
    page.goto("/")
    page.get_by_role("searchbox", name="Search templates").fill(sample)
    expect(page.locator("#results > .grid .card").first).to_contain_text(sample)


def bring_a_photo(page: Page, click: Clicks, folder: Path) -> None:
    path = folder / "grandmother.jpg"
    path.write_bytes(jpeg_with_place())
    # Folded by the script that also makes the button choose.
    expect(page.get_by_text("Use a URL")).to_be_visible()
    expect(page.get_by_label("Your photo: URL")).to_be_hidden()
    with page.expect_file_chooser() as chosen:
        click(page.get_by_role("button", name="Choose", exact=True))
    chosen.value.set_files(path)
    expect(page.locator("[data-hint]")).to_contain_text("×")


def test_one_click_fills_in_the_example_and_the_next_one_runs_it(
    visit: Callable[..., Visit],
) -> None:
    with visit() as page:
        click = Clicks()
        find(page, "Portrait in motion")
        click(page.get_by_role("link", name="Portrait in motion", exact=True))
        click(page.get_by_role("button", name="Use the example"))
        expect(page.locator("[data-look] img")).to_have_js_property("complete", True)
        expect(page.locator("[data-words]")).to_have_text("Example")
        expect(page.get_by_role("button", name="Use the example")).to_be_hidden()
        click(page.locator("#run").get_by_role("button", name=re.compile("^Run")).last)
        page.wait_for_url("**/runs/*")
        expect(page.locator("video.film")).to_be_visible(timeout=120_000)
        assert click.count == 3
