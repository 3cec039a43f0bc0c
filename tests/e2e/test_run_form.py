"""The form that runs a template, by mouse and keyboard: what it refuses, keeps and carries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.builders.editor_templates import TEMPLATES, post
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, finished

SITE_OPTIONS = SHARED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = ("Failed to load resource: the server responded with a status of 4",)
FORM = {
    "name": "Otter study",
    "description": "Every kind of required field.",
    "visibility": "public",
    "inputs": [
        {"name": "text", "type": "text", "required": True, "description": "Title"},
        {"name": "look", "type": "select", "required": True, "description": "Look",
         "options": ["dim", "bright"]},
        {"name": "keeper", "type": "image", "required": True, "description": "Keeper"},
        {"name": "shots", "type": "text", "required": True, "description": "Shots",
         "multiple": {"min": 1, "max": 3}},
        {"name": "grain", "type": "number", "default": 3, "description": "Grain",
         "jsonSchema": {"minimum": 0, "maximum": 10}},
    ],
    "stages": [
        {"id": "study", "type": "fixed", "tool": "note", "args": {"text": "$inputs.text"}},
        {"id": "film", "type": "fixed", "tool": "animate_photo",
         "args": {"reference_image_url": "$inputs.keeper", "prompt": "$inputs.look"}},
        {"id": "each", "type": "batch", "overBinding": "$inputs.shots", "produces": ["each"],
         "itemName": "item",
         "itemStage": {"type": "fixed", "tool": "note", "args": {"text": "$item"}}},
    ],
}  # fmt: skip
SHORT = {
    **FORM,
    "id": "short-form",
    "name": "Grebe study",
    "stages": FORM["stages"][:1],
    "inputs": [FORM["inputs"][0], {**FORM["inputs"][1], "required": False}],  # type: ignore[index]
}
DRAWN = {
    **SHORT,
    "id": "drawn-form",
    "name": "Harbor study",
    "stages": [
        {"id": "draw", "type": "fixed", "tool": "generate_image",
         "args": {"prompt": "$inputs.text"}}
    ],
}  # fmt: skip
WORDS = ["Fill in Title to run.", "Choose an option.", "Choose a file.", "Fill in Shots to run."]


@pytest.fixture(scope="module", autouse=True)
def _published(rest: httpx.Client) -> None:
    for template in (SHORT, DRAWN):
        post(rest, template)


def at(width: int, **more: Any) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}, **more}


def run(page: Page) -> None:
    page.locator("[data-run]:visible").first.click()


def start(page: Page, template: str, text: str) -> str:
    """Start a run of a template with this text; its address."""
    page.goto(f"/t/{template}")
    page.get_by_role("textbox", name="Title").fill(text)
    page.get_by_text("bright", exact=True).click()
    run(page)
    page.wait_for_url("**/runs/*")
    return page.url


def fields_are_marked(page: Page, template: str, *, scripts: bool) -> None:
    """What is empty is marked in plain words, and the first of it has the focus."""
    page.goto(f"/t/{template}")
    title = page.get_by_role("textbox", name="Title")
    title.fill("   ")
    run(page)
    said = page.locator("#run [id$='-bad'], #run [data-problem]:not([hidden])")
    expect(said).to_have_text(WORDS)
    for place in range(len(WORDS)):
        expect(said.nth(place)).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Send it in")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    expect(title).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+a")
    page.keyboard.type("Otters")
    expect(title).to_have_value("Otters")
    if scripts:
        expect(said).to_have_count(3)
    run(page)
    expect(said).to_have_count(3)
    expect(page.get_by_role("radio", name="dim")).to_be_focused()
    expect(title).to_have_value("Otters")


def a_refused_start_keeps_what_was_typed(page: Page, template: str, *, scripts: bool) -> None:
    """It stays on the page, and a reload or another visit has what was typed."""
    page.goto(f"/t/{template}")
    title = page.get_by_role("textbox", name="Title")
    title.fill("Otters at dawn")
    page.get_by_text("bright", exact=True).click()
    field = page.locator("[data-field=keeper] [type=url]")
    if scripts:
        # The field of an address is folded away, and has the keys when it is unfolded.
        fold = page.locator("[data-field=keeper] summary")
        fold.click()
        page.keyboard.type("http://10.0.0.1/x.png")
        expect(field).to_have_value("http://10.0.0.1/x.png")
    else:
        field.fill("http://10.0.0.1/x.png")
    page.get_by_role("textbox", name="Shots").fill("One shot")
    run(page)
    expect(page.locator("[data-field=keeper] [id$='-bad']")).to_be_visible()
    assert page.url.endswith(f"/t/{template}")
    # Scripts have run by then.
    page.wait_for_load_state()
    methods: list[str] = []
    page.on(
        "request",
        lambda one: methods.append(one.method) if one.is_navigation_request() else None,
    )
    page.reload()
    if scripts:
        assert methods == ["GET"]
    for address in (None, f"/t/{template}"):
        if address:
            page.goto(address)
        expect(page.get_by_role("heading", name="Otter study", level=1)).to_be_visible()
        expect(title).to_have_value("Otters at dawn")
        expect(page.get_by_role("radio", name="bright")).to_be_checked()


@pytest.mark.parametrize(
    ("width", "scripts"), [(1280, True), (390, False)], ids=["scripts", "a phone without scripts"]
)
def test_what_is_refused_is_marked_at_its_field_and_what_was_typed_is_kept(
    visit: Callable[..., Visit], rest: httpx.Client, width: int, scripts: bool
) -> None:
    # What one case typed is kept where it was typed: each has a template of its own.
    template = post(rest, FORM, id=f"every-field-{width}")
    with visit(**at(width, java_script_enabled=scripts, expected=REFUSED)) as page:
        fields_are_marked(page, template, scripts=scripts)
        if scripts:
            page.get_by_role("spinbutton", name="Grain").fill("99")
            run(page)
            expect(page.locator("[data-field=grain] .help-bad")).to_have_text(
                "Grain must be a number, 0–10."
            )
            page.get_by_role("spinbutton", name="Grain").fill("3")
        a_refused_start_keeps_what_was_typed(page, template, scripts=scripts)


def test_credits_are_explained_and_a_change_and_a_remix_of_a_run_carry_what_was_typed(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    words = "Herons over the reeds"
    with visit(**at(390)) as page:
        page.goto("/t/short-form")
        expect(page.locator("#run")).to_contain_text("1 credit")
        expect(page.locator("#run")).to_contain_text(
            "Credits measure the work of a run. No limit is set on this server."
        )
        address = start(page, "short-form", words)
        page.get_by_role("button", name="Run again").click()
        page.get_by_role("link", name="Change inputs").click()
        page.wait_for_url("**/t/short-form?run=*")
        expect(page.get_by_role("textbox", name="Title")).to_have_value(words)
        expect(page.get_by_role("radio", name="bright")).to_be_checked()
        run(page)
        page.wait_for_url("**/runs/*")
        assert page.url != address
        page.get_by_role("button", name="Remix").click()
        page.wait_for_url("**/t/*/edit")
        made = page.url.split("/")[-2]
        record = rest.get(f"{TEMPLATES}/{made}").json()["data"]["template"]
        assert [one.get("default") for one in record["inputs"]] == [words, "bright"]
        page.goto(f"/t/{made}")
        expect(page.get_by_role("textbox", name="Title")).to_have_value(words)
        expect(page.get_by_role("radio", name="bright")).to_be_checked()
        run(page)
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text(words).first).to_be_visible()
        finished(rest, page.url.rpartition("/")[2])
        page.goto("/me")
        use = page.get_by_role("region", name="Usage")
        expect(use).to_contain_text(
            re.compile(r"credits?\s+used in the last 30\s+days\. No limit is set\.")
        )
        expect(use).not_to_contain_text("-")
        expect(use).not_to_contain_text("balance")


def test_typing_a_new_name_takes_the_place_of_the_old_one(visit: Callable[..., Visit]) -> None:
    with visit(**at(1280)) as page:
        page.goto("/me/templates")
        page.get_by_role("textbox", name="Template name").fill("First name")
        page.get_by_role("button", name="New template").click()
        page.wait_for_url("**/edit")
        made = page.url.split("/")[-2]
        name = page.get_by_label("Template name")
        name.click()
        page.keyboard.type("Second name")
        expect(name).to_have_value("Second name")
        page.keyboard.press("End")
        name.click()
        page.keyboard.type("!")
        expect(page.locator(".saved")).to_have_text("Saved")
        page.goto(f"/t/{made}")
        page.get_by_text("Edit details").click()
        page.keyboard.type("Third name")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Third name")


def test_what_will_not_be_drawn_is_said_below_the_text_as_it_is_typed(
    visit: Callable[..., Visit],
) -> None:
    with visit(**at(390)) as page:
        page.goto("/t/drawn-form")
        box, note = page.get_by_role("textbox", name="Title"), page.locator(".undrawn")
        expect(note).to_be_hidden()
        box.click()
        page.keyboard.type("Eine Kerze am Meer")
        expect(note).to_have_text("The draft studio can't draw: Kerze.")
        above, below = box.bounding_box(), note.bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"] < above["y"] + above["height"] + 24
        box.fill("Ein Leuchtturm am Meer")
        expect(note).to_be_hidden()
