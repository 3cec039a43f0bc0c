"""A model is chosen in real Chromium, among many of which much is known."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.support import axe
from tests.support.builders.editor_templates import THEMES, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, saved
from tests.support.server import finished

SITE_OPTIONS = {"settings": "tests.support.settings.house"}

pytestmark = pytest.mark.browser

RUNS = "/v1/creative-agent/workflows"
MOVED = {"reference_image_url": made_by("look"), "duration": 4, "numberOfVariations": 1}
STAGES = [
    stage("look", "generate_image", prompt="a lighthouse", model="poster-2"),
    stage("move", "animate_photo", prompt="slow push-in", **MOVED),
]


@pytest.fixture
def template(rest: httpx.Client) -> str:
    return post(rest, {"name": "A lighthouse moves", "stages": STAGES})


def test_a_model_is_found_by_filters_and_said_to_ignore_what_it_does(
    template: str, visit: Callable[..., Visit]
) -> None:
    with visit(reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(template)
        actions.select("move")
        panel = actions.inspector
        field = panel.get_by_role("combobox", name="Model")
        options = panel.get_by_role("listbox").get_by_role("option")
        count = panel.get_by_role("group", name="Filter models").get_by_role("status")
        field.click()
        # Names in whose place another model is taken are left out.
        expect(options.filter(has_text="Kling 3.0 Pro")).to_contain_text(
            "Kling · House · 22 credits/s · 3–15 s · photo + last frame · sound"
        )
        expect(count).to_have_text(re.compile(r"^\d+ of \d+ models$"))
        for scheme in THEMES:
            page.emulate_media(color_scheme=scheme)
            assert axe.broken(page, scheme, ".inspector") == []
        # The filters are reached by keys while the list stays open.
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(panel.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "true")
        expect(options).to_have_count(1)
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(field).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(field).to_have_value("Kling 3.0 Pro")
        expect(panel.get_by_text("Made by House, 88 credits with these settings.")).to_be_visible()
        saved(
            page,
            template,
            lambda read: read["stages"]["rows"]["move"]["args"].get("videoModel") == "kling-3-pro",
            "the model's name is saved",
        )
        panel.locator("summary", has_text="Advanced").click()
        seed = panel.get_by_label("Seed", exact=True)
        expect(seed).to_have_accessible_description(re.compile("Kling 3.0 Pro ignores this."))
        voice = panel.locator("[data-field=reference_audio_identity_url]")
        expect(voice).to_contain_text("Kling 3.0 Pro ignores this.")
        # What is asked for beyond one filter leaves those out that can't do it.
        actions.fill("Length", "12")
        field.fill("sketch")
        page.get_by_role("button", name="Sound").click()
        expect(count).to_have_text(re.compile("^0 of"))
        page.get_by_role("button", name="Fits this stage").click()
        expect(options).to_have_count(1)
        expect(options).to_contain_text("draft quality")


def test_two_models_stand_side_by_side_on_a_phone(
    template: str, visit: Callable[..., Visit]
) -> None:
    with visit(viewport={"width": 390, "height": 844}) as page:
        actions = EditorActions(page)
        page.goto(f"/t/{template}/edit")
        page.get_by_role("treeitem", name=re.compile("Move")).first.click()
        panel = actions.inspector
        panel.get_by_role("button", name="Compare").click()
        dialog = page.get_by_role("dialog", name="Compare models")
        dialog.get_by_label("Second model").select_option("Sketch One")
        price = dialog.get_by_role("row", name=re.compile("^Price"))
        expect(price).to_have_text("Price22 credits/sup to 2 credits each")
        here = dialog.get_by_role("row", name=re.compile("^This stage"))
        expect(here).to_have_text("This stage88 creditsup to 2 credits")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert axe.broken(page, "light", "dialog") == []
        dialog.get_by_role("button", name="Use Sketch One").click()
        expect(panel.get_by_role("combobox", name="Model")).to_have_value("Sketch One")


@pytest.mark.slow
def test_a_draft_is_made_final_by_another_model(
    template: str, visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    started = rest.post(RUNS, json={"workflow_id": template, "quality": "draft"})
    assert started.status_code == 201, started.text
    run = started.json()["data"]["workflow"]["id"]
    finished(rest, run)
    with visit(viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        page.goto(f"/runs/{run}")
        offer = page.get_by_role("region", name="Make final")
        stage = offer.get_by_role("listitem").filter(has_text="Move")
        expect(stage).to_contain_text("Kling 3.0 Pro by Kling · House")
        expect(stage).to_contain_text("88 credits")
        expect(offer).to_contain_text("2 stages final · 91 credits")
        # No one else makes images here.
        expect(offer.get_by_role("button", name=re.compile("^Change"))).to_have_count(1)
        stage.get_by_role("button", name="Change the model of Move").click()
        options = stage.get_by_role("listbox").get_by_role("option")
        kling = options.filter(has_text="Kling 3.0 Pro")
        expect(kling).to_contain_text("3–15 s · photo + last frame · sound")
        expect(kling).to_contain_text("88 credits")
        expect(kling).not_to_contain_text("about")
        # It makes drafts.
        expect(options.filter(has_text="Sketch One")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert axe.broken(page, "dark", ".final") == []
        stage.get_by_role("combobox", name="Model of Move").fill("Reel 7")
        page.keyboard.press("Enter")
        expect(stage).to_contain_text("Reel 7 · House")
        expect(offer).to_contain_text("2 stages final · 10 credits")
        offer.get_by_role("button", name="Make final").click()
        page.wait_for_url(lambda url: "/runs/" in url and run not in url)
        made = page.url.rpartition("/")[2]
    move = next(step for step in finished(rest, made)["steps"] if step["id"] == "move")
    assert (move["arguments"]["videoModel"], move["provider"]) == ("reel-7", "house")
