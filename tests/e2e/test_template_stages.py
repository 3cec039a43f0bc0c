"""Templates as stages of another one in real Chromium: inserted, wired, updated and pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import axe
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, port, saved
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PERSON = "hugo"

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PORTRAIT = "$artifacts.portrait.items[0].selectedVersion.url"
SHOT: dict[str, Any] = {
    "name": "Slow push-in",
    "inputs": [
        {"name": "hero", "type": "image", "required": True},
        {"name": "subject", "type": "text", "required": True},
    ],
    "stages": [
        {
            "id": "still",
            "type": "fixed",
            "tool": "edit_image",
            "args": {"prompt": "$inputs.subject", "source_image_url": "$inputs.hero"},
            "produces": ["still"],
        },
        {
            "id": "clip",
            "type": "fixed",
            "tool": "animate_photo",
            "args": {"prompt": "slow push-in"},
            "produces": ["clip"],
        },
    ],
}
FILM: dict[str, Any] = {
    "name": "Film of Hugo",
    "inputs": [{"name": "subject", "type": "text", "required": True}],
    "stages": [
        {
            "id": "portrait",
            "label": "Portrait",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.subject"},
            "produces": ["portrait"],
        }
    ],
    "graph": {
        "nodes": [{"stageId": "$inputs", "x": 0, "y": 0}, {"stageId": "portrait", "x": 260, "y": 0}]
    },
}


@pytest.fixture
def shot(rest: httpx.Client) -> Iterator[str]:
    """The only template of its name: it is deleted after the test."""
    answer = rest.post(TEMPLATES, json=SHOT)
    assert answer.status_code == 201, answer.text
    template = str(answer.json()["data"]["template"]["id"])
    yield template
    rest.delete(f"{TEMPLATES}/{template}")


@pytest.fixture
def film(rest: httpx.Client) -> str:
    return made(rest, FILM)


def made(rest: httpx.Client, template: dict[str, Any]) -> str:
    answer = rest.post(TEMPLATES, json=template)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["template"]["id"])


def inserted(page: Page, words: str = "slow push") -> None:
    """Find the template in the list that is open, and take it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(words)
    option = dialog.get_by_role("option", name=re.compile("^Slow push-in"))
    expect(option).to_contain_text("image to video, 2 stages")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


def stage_of(state: dict[str, Any], key: str) -> Any:
    return state["stages"]["rows"].get(key)


def template_section(page: Page) -> Locator:
    return page.get_by_role("region", name="Template stage")


def test_a_template_is_inserted_by_keyboard_and_wired(
    visit: Callable[..., Visit], shot: str, film: str
) -> None:
    with visit(**WIDE) as page:
        actions = EditorActions(page)
        second = page.context.new_page()
        EditorActions(second).open(film)
        page.bring_to_front()
        actions.open(film)
        page.keyboard.press("a")
        inserted(page)
        node = actions.node("slow-push-in")
        expect(node.locator(".node-head small")).to_have_text("Slow push-in 0.0.1, 2 stages inside")
        expect(node).to_have_class(re.compile("has-inside"))
        state = saved(page, film, lambda it: bool(stage_of(it, "slow-push-in")), "the stage is in")
        assert stage_of(state, "slow-push-in") == {
            "id": "slow-push-in",
            "label": "Slow push-in",
            "type": "fixed",
            "tool": f"template:{shot}@0.0.1",
            "produces": ["slow-push-in"],
            "args": {"hero": PORTRAIT, "subject": "$inputs.subject"},
        }
        # Another window of the template hears of it.
        expect(EditorActions(second).node("slow-push-in").locator(".node-head small")).to_have_text(
            "Slow push-in 0.0.1, 2 stages inside"
        )
        second.close()
        # One thing was done, and one is taken back.
        page.keyboard.press("Control+z")
        expect(node).to_have_count(0)
        page.keyboard.press("Control+Shift+z")
        expect(node).to_be_visible()
        # What was connected by itself is drawn by hand.
        actions.select("slow-push-in")
        page.locator(".inspector").get_by_role(
            "button", name="Disconnect Portrait from Hero"
        ).click()
        expect(actions.inspector.get_by_text("Portrait")).to_have_count(0)
        page.keyboard.press("Escape")
        actions.draw(port(page, "portrait", "out"), port(page, "slow-push-in", "port:hero"))
        saved(
            page,
            film,
            lambda it: stage_of(it, "slow-push-in")["args"].get("hero") == PORTRAIT,
            "the edge is drawn",
        )
        page.reload()
        expect(node.locator(".node-head small")).to_contain_text("2 stages inside")


def test_one_and_all_uses_are_taken_to_a_newer_version(
    visit: Callable[..., Visit], rest: httpx.Client, shot: str, film: str
) -> None:
    with visit(**WIDE, reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(film)
        for _ in range(2):
            page.keyboard.press("Escape")
            page.keyboard.press("a")
            inserted(page)
            expect(page.get_by_role("dialog")).to_have_count(0)
        expect(actions.node("slow-push-in-2")).to_be_visible()
        expect(actions.saved).to_have_text("Saved")
        more = {"id": "more", "type": "fixed", "tool": "note", "args": {"text": "x"}}
        answer = rest.patch(f"{TEMPLATES}/{shot}", json={"stages": [*SHOT["stages"], more]})
        assert answer.status_code == 200, answer.text
        actions.open(film)
        actions.select("slow-push-in")
        section = template_section(page)
        expect(section).to_contain_text("0.0.2 available")
        link = section.get_by_role("link", name="Open template")
        expect(link).to_have_attribute("href", f"/t/{shot}")
        assert axe.broken(page, "a template stage", ".inspector", tags=axe.WCAG) == []
        section.get_by_role("button", name="Update all 2 uses").click()
        for key in ("slow-push-in", "slow-push-in-2"):
            expect(actions.node(key).locator(".node-head small")).to_contain_text(
                "Slow push-in 0.0.2"
            )
        expect(section.get_by_role("button", name="Update")).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(section.get_by_role("button", name="Update all 2 uses")).to_be_visible()
        section.get_by_role("button", name="Update", exact=True).click()
        state = saved(
            page,
            film,
            lambda it: stage_of(it, "slow-push-in")["tool"].endswith("0.0.2"),
            "one stage is newer",
        )
        assert stage_of(state, "slow-push-in-2")["tool"].endswith("0.0.1")


def test_a_template_is_pasted_into_another_where_it_may_be(
    visit: Callable[..., Visit], rest: httpx.Client, shot: str, film: str
) -> None:
    other = made(rest, {**FILM, "name": "Another film of Hugo"})
    with visit(**WIDE, expected=("404",)) as page:
        actions = EditorActions(page)
        actions.open(film)
        page.keyboard.press("a")
        inserted(page)
        actions.select("slow-push-in")
        page.keyboard.press("Control+c")
        expect(actions.saved).to_have_text("Saved")
        actions.open(other)
        page.keyboard.press("Control+v")
        small = actions.node("slow-push-in").locator(".node-head small")
        expect(small).to_have_text("Slow push-in 0.0.1, 2 stages inside")
        saved(page, other, lambda it: bool(stage_of(it, "slow-push-in")), "it was pasted")
        # What is not there any more is pasted all the same, and named.
        third = made(rest, {**FILM, "name": "A third film of Hugo"})
        assert rest.delete(f"{TEMPLATES}/{shot}").status_code == 200
        actions.open(third)
        page.keyboard.press("Control+v")
        expect(page.get_by_role("region", name="Message")).to_contain_text(
            "The template of “Slow push-in” isn't available here."
        )
        expect(small).to_have_text("Template unavailable")
        actions.select("slow-push-in")
        expect(page.get_by_role("region", name="Template unavailable")).to_contain_text(
            "Choose something else below, or delete this stage."
        )


@pytest.fixture
def shared_film(site: Site, film: str) -> str:
    """Someone else works on it."""
    site.key("ines")
    code = (
        "from accounts.models import User; from templates_app.models import *; "
        f"Collaborator.objects.create(template=Template.objects.get(public_id={film!r}),"
        " user=User.objects.get(username='ines'), role='editor')"
    )
    site.manage("shell", "--no-imports", "-c", code)
    return film


def test_on_a_phone_a_private_template_is_asked_about_then_inserted_and_updated(
    visit: Callable[..., Visit], rest: httpx.Client, shot: str, shared_film: str
) -> None:
    with visit(**PHONE) as page:
        page.goto(f"/t/{shared_film}/edit")
        page.get_by_role("button", name=re.compile("^Add a stage")).tap()
        inserted(page)
        dialog = page.get_by_role("dialog", name="Insert Slow push-in")
        expect(dialog).to_contain_text(
            "Everyone who works on “Film of Hugo” will be able to open this version."
        )
        dialog.get_by_role("button", name="Insert").tap()
        row = page.get_by_role("treeitem", name="Slow push-in, stage 2 of 2")
        expect(row).to_have_accessible_name(
            re.compile("Slow push-in 0.0.1, 2 stages inside, from Portrait and Subject")
        )
        expect(page.locator(".saved")).to_have_text("Saved")
        more = {"id": "more", "type": "fixed", "tool": "note", "args": {"text": "x"}}
        rest.patch(f"{TEMPLATES}/{shot}", json={"stages": [*SHOT["stages"], more]})
        page.reload()
        page.locator('[data-more="slow-push-in"]').tap()
        page.get_by_role("menuitem", name=re.compile("^Settings")).tap()
        template_section(page).get_by_role("button", name="Update", exact=True).tap()
        expect(template_section(page)).to_contain_text("Slow push-in 0.0.2")
        page.keyboard.press("Escape")
        expect(row).to_have_accessible_name(re.compile("Slow push-in 0.0.2, 3 stages inside"))


def test_a_template_stage_is_unpacked_in_one_step_and_back(
    visit: Callable[..., Visit], shot: str, film: str
) -> None:
    with visit(**WIDE) as page:
        actions = EditorActions(page)
        actions.open(film)
        page.keyboard.press("a")
        inserted(page)
        node = actions.node("slow-push-in")
        node.locator(".node-head").click()
        template_section(page).get_by_role("button", name="Unpack").click()
        expect(actions.node("still")).to_be_visible()
        expect(node).to_have_count(0)
        state = saved(page, film, lambda it: bool(stage_of(it, "clip")), "its stages are there")
        assert stage_of(state, "still")["args"] == {
            "prompt": "$inputs.subject",
            "source_image_url": PORTRAIT,
        }
        # What was found by itself inside is a connection now.
        [source] = [
            value for value in stage_of(state, "clip")["args"].values() if value.startswith("$")
        ]
        assert source == "$artifacts.slow_push_in_still"
        page.keyboard.press("Control+z")
        expect(node.locator(".node-head small")).to_contain_text("2 stages inside")
        expect(actions.node("still")).to_have_count(0)
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("combobox").fill("unpack")
        page.keyboard.press("Enter")
        expect(actions.node("still")).to_be_visible()
