"""The editor's inspector in real Chromium: forms, bindings, media, issues, the sheet on phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import broken
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.editor_templates import PHONE, THEMES, post, stage
from tests.support.clients.browser import Visit
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

KEEPER = {
    "name": "The keeper",
    "inputs": [{"name": "story", "type": "text", "default": "A lighthouse at dusk"}],
    "stages": [
        stage("still", "generate_image", prompt="A lighthouse"),
        stage("shot", "animate_photo", prompt="Slow push-in"),
    ],
}
NODE = '.surface-node[data-id="{}"]'


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, KEEPER)


def open_editor(page: Page, template: str) -> Locator:
    """The inspector of a template that is open."""
    page.goto(f"/t/{template}/edit")
    expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")
    return page.get_by_role("complementary", name="Inspector")


def choose(page: Page, stage: str) -> None:
    page.locator(NODE.format(stage)).click(position={"x": 60, "y": 20})
    expect(page.locator(".inspector h2")).to_have_text(re.compile(stage, re.IGNORECASE))


def stored(page: Page, template: str, stage: str) -> dict[str, Any]:
    """The arguments of a stage as the server has them."""
    body = page.request.get(f"/app/documents/{template}").json()
    arguments: dict[str, Any] = body["state"]["stages"]["rows"][stage]["args"]
    return arguments


def settles(page: Page, template: str, stage: str, wanted: dict[str, Any]) -> None:
    wait_for(lambda: stored(page, template, stage) == wanted, what=f"{stage} to be {wanted}")


def test_fields_names_and_addresses_are_typed_and_undone(
    visit: Callable[..., Visit], template: str
) -> None:
    """What fields, ports and issues do: `frontend/tests/inspector`."""
    with visit() as page:
        inspector = open_editor(page, template)
        choose(page, "still")
        prompt = inspector.get_by_label("Prompt", exact=True)
        prompt.fill("A harbour")
        prompt.blur()
        settles(page, template, "still", {"prompt": "A harbour"})
        page.locator(NODE.format("still")).press("Control+z")
        settles(page, template, "still", {"prompt": "A lighthouse"})
        expect(prompt).to_have_value("A lighthouse")

        # Typing into a name replaces it; a second click is for a change within it.
        name = inspector.get_by_role("textbox", name="Name", exact=True)
        name.click()
        page.keyboard.type("Night")
        expect(name).to_have_value("Night")
        name.click(position={"x": 4, "y": 8})
        page.keyboard.press("Home")
        page.keyboard.type("By ")
        expect(name).to_have_value("By Night")
        name.blur()
        page.keyboard.press("F2")
        expect(name).to_be_focused()
        page.keyboard.type("Dusk")
        expect(name).to_have_value("Dusk")
        title = page.get_by_label("Template name")
        title.click()
        page.keyboard.type("The watch")
        page.keyboard.press("Enter")
        expect(title).to_have_value("The watch")

        # A port is connected by keys alone; the tab of addresses gives them to its field.
        choose(page, "shot")
        inspector.get_by_role("combobox", name="Connect Photo").focus()
        page.keyboard.type("dusk")
        page.keyboard.press("Enter")
        url = "$artifacts.still.items[0].selectedVersion.url"
        settles(page, template, "shot", {"prompt": "Slow push-in", "reference_image_url": url})
        page.locator(NODE.format("shot")).press("Control+z")
        settles(page, template, "shot", {"prompt": "Slow push-in"})
        inspector.get_by_role("button", name="Upload for Photo").click()
        dialog = page.get_by_role("dialog", name="Choose an image")
        dialog.get_by_role("tab").last.click()
        page.keyboard.type("https://example.com/keeper.jpg")
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        wait_for(
            lambda: "reference_image_url" in stored(page, template, "shot"),
            what="the URL to be the image of the stage",
        )


def test_a_file_is_brought_and_bound_in_one_step(
    visit: Callable[..., Visit], template: str, tmp_path: Path
) -> None:
    picture = tmp_path / "Keeper at home.jpg"
    picture.write_bytes(jpeg_with_place(size=(320, 180)))
    with visit() as page:
        inspector = open_editor(page, template)
        choose(page, "shot")
        inspector.get_by_role("button", name="Upload for Photo").click()
        dialog = page.get_by_role("dialog", name="Choose an image")
        with page.expect_file_chooser() as chooser:
            dialog.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(picture)
        expect(dialog).to_be_hidden()
        expect(inspector.get_by_role("button", name=re.compile("^Disconnect"))).to_be_visible()
        wait_for(
            lambda: str(stored(page, template, "shot").get("reference_image_url")).startswith(
                "$inputs."
            ),
            what="the port to be bound",
        )
        state = page.request.get(f"/app/documents/{template}").json()["state"]
        brought = state["inputs"]["rows"][state["inputs"]["order"][-1]]
        assert re.fullmatch(r"reelgraph:object/\w+/Keeper-at-home\.jpg", brought["default"])
        page.locator(NODE.format("shot")).press("Control+z")
        settles(page, template, "shot", {"prompt": "Slow push-in"})
        # What was brought once is there to choose again.
        inspector.get_by_role("button", name="Upload for Photo").click()
        dialog.get_by_role("tab", name="My files").click()
        dialog.get_by_role("button", name="Keeper at home.jpg").click()
        expect(inspector.get_by_role("button", name=re.compile("^Disconnect"))).to_be_visible()


def test_every_panel_holds_to_the_rules_of_accessibility(
    visit: Callable[..., Visit], template: str
) -> None:
    with visit(reduced_motion="reduce") as page:
        inspector = open_editor(page, template)

        def check(what: str) -> None:
            for scheme in THEMES:
                page.emulate_media(color_scheme=scheme)
                found = broken(page, f"{what}, {scheme}", within=".inspector")
                assert not found, "\n".join(found)

        check("the template")
        inspector.get_by_role("button", name=re.compile("Story")).first.click()
        check("an input")
        for stage in ("still", "shot"):
            choose(page, stage)
            for fold in inspector.locator("details > summary").all():
                fold.click()
            check(stage)


def test_on_phones_the_inspector_is_a_sheet(visit: Callable[..., Visit], template: str) -> None:
    with visit(**PHONE) as page:
        page.goto(f"/t/{template}/edit")
        page.get_by_role("treeitem", name=re.compile("Still")).first.tap()
        sheet = page.get_by_role("dialog", name="Inspector")
        expect(sheet).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        sheet.get_by_role("button", name="Make larger").tap()
        expect(sheet).to_have_class(re.compile("is-full"))
        sheet.get_by_label("Prompt", exact=True).fill("A harbour by night")
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        settles(page, template, "still", {"prompt": "A harbour by night"})
