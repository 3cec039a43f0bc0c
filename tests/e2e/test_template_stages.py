"""Templates as stages of another one in real Chromium: inserted, wired, updated and pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import axe
from tests.support.builders.editor_templates import PHONE, TEMPLATES, WIDE, post, stage
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, port, saved
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PERSON = "hugo"

pytestmark = pytest.mark.browser

PORTRAIT = "$artifacts.portrait.items[0].selectedVersion.url"
SHOT: dict[str, Any] = {
    "name": "Slow push-in",
    "inputs": [
        {"name": "hero", "type": "image", "required": True},
        {"name": "subject", "type": "text", "required": True},
    ],
    "stages": [
        stage("still", "edit_image", prompt="$inputs.subject", source_image_url="$inputs.hero"),
        stage("clip", "animate_photo", prompt="slow push-in"),
    ],
}
FILM: dict[str, Any] = {
    "name": "Film of Hugo",
    "inputs": [{"name": "subject", "type": "text", "required": True}],
    "stages": [stage("portrait", "generate_image", prompt="$inputs.subject")],
    "graph": {
        "nodes": [{"stageId": "$inputs", "x": 0, "y": 0}, {"stageId": "portrait", "x": 260, "y": 0}]
    },
}


@pytest.fixture
def shot(rest: httpx.Client) -> Iterator[str]:
    """The only template of its name: it is deleted after the test."""
    template = post(rest, SHOT)
    yield template
    rest.delete(f"{TEMPLATES}/{template}")


@pytest.fixture
def film(rest: httpx.Client) -> str:
    return post(rest, FILM)


def inserted(page: Page, words: str = "slow push") -> None:
    """Find the template in the list that is open, and take it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(words)
    option = dialog.get_by_role("option", name=re.compile("^Slow push-in"))
    expect(option).to_contain_text("image to video, 2 stages")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


def copy_template_stage(page: Page, template: str) -> EditorActions:
    """Insert the template as a stage of this one, and copy that."""
    actions = EditorActions(page)
    actions.open(template)
    page.keyboard.press("a")
    inserted(page)
    actions.select("slow-push-in")
    page.keyboard.press("Control+c")
    expect(actions.saved).to_have_text("Saved")
    return actions


def stage_of(state: dict[str, Any], key: str) -> Any:
    return state["stages"]["rows"].get(key)


def template_section(page: Page) -> Locator:
    return page.get_by_role("region", name="Template stage")


def test_a_template_is_inserted_wired_opened_unpacked_and_updated(
    visit: Callable[..., Visit], rest: httpx.Client, shot: str, film: str
) -> None:
    with visit(**WIDE, reduced_motion="reduce", expected=("404",)) as page:
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

        # It is opened on the canvas, and left again.
        still, clip = actions.node("slow-push-in.still"), actions.node("slow-push-in.clip")
        crumbs = page.get_by_role("navigation", name="Open stage")
        outside = re.compile(f"/t/{film}/edit$")
        inside = re.compile(rf"/t/{film}/edit\?in=slow-push-in$")
        node.locator(".node-head").dblclick()
        expect(crumbs.get_by_role("listitem")).to_have_text(["Film of Hugo", "Slow push-in 0.0.1"])
        expect(page).to_have_url(inside)
        expect(still).to_be_visible()
        expect(node).to_have_count(0)
        link = crumbs.get_by_role("link", name="Open template")
        expect(link).to_have_attribute("href", f"/t/{shot}/edit")
        for part in (".crumbs", ".work-area"):
            assert axe.broken(page, "the inside of a stage", part, tags=axe.WCAG) == []
        # It is looked at: keys that change things do nothing.
        clip.locator(".node-head").click()
        page.keyboard.press("Delete")
        page.keyboard.press("Control+z")
        expect(clip).to_be_visible()
        page.keyboard.press("Escape")
        expect(crumbs).to_be_visible()
        # What a run lacks is outside, and there it leads.
        page.get_by_role("button", name="Fill in Subject").click()
        expect(actions.inspector.get_by_label("Test value")).to_be_focused()
        expect(page).to_have_url(outside)
        expect(crumbs).to_have_count(0)
        page.go_forward()
        expect(clip).to_be_visible()
        page.keyboard.press("Escape")
        expect(page).to_have_url(outside)
        expect(node).to_have_class(re.compile("is-selected"))
        expect(crumbs).to_have_count(0)
        # By keyboard; the page loaded there, and the browser's own way back and forth.
        expect(node).to_be_focused()
        page.keyboard.press("Enter")
        expect(still).to_be_visible()
        page.reload()
        expect(still).to_be_visible()
        page.go_back()
        expect(page).to_have_url(outside)
        expect(node).to_be_visible()
        page.go_forward()
        expect(still).to_be_visible()
        # The whole template runs, and what it does inside is seen there.
        page.get_by_role("button", name="Film of Hugo").click()
        expect(node).to_be_visible()
        actions.select("$inputs")
        page.locator(".inspector").get_by_role("button", name="Subject required").click()
        actions.fill("Test value", "a red fox")
        expect(actions.saved).to_have_text("Saved")
        page.goto(f"/t/{film}/edit?in=slow-push-in")
        expect(still).to_be_visible()
        page.keyboard.press("Control+Enter")
        for member in (still, clip):
            expect(member).to_have_class(re.compile("is-done"))
        expect(clip.locator("video, img").first).to_be_attached()
        page.keyboard.press("Escape")
        expect(node).to_have_class(re.compile("is-done"))
        # The template is edited as before.
        node.locator(".node-head").click()
        page.keyboard.press("Delete")
        expect(node).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(node).to_be_visible()
        saved(page, film, lambda it: bool(stage_of(it, "slow-push-in")), "it is there again")
        page.goto(f"/t/{film}/edit?in=nothing")
        expect(page.get_by_role("region", name="Message")).to_contain_text(
            "That stage can't be opened."
        )
        expect(page).to_have_url(outside)
        expect(node).to_be_visible()

        # It is unpacked in one step, and back.
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
        # A quote may be there by then: it says what of the stage would run.
        line = re.compile("2 stages inside|Runs 2 of its 2 stages")
        expect(node.locator(".node-head small")).to_have_text(line)
        expect(actions.node("still")).to_have_count(0)
        expect(actions.saved).to_have_text("Saved")

        # One and all uses are taken to a newer version.
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        inserted(page)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(actions.node("slow-push-in-2")).to_be_visible()
        expect(actions.saved).to_have_text("Saved")
        more = {"id": "more", "type": "fixed", "tool": "note", "args": {"text": "x"}}
        look = {"name": "look", "type": "image", "required": False}
        changes = {"stages": [*SHOT["stages"], more], "inputs": [*SHOT["inputs"], look]}
        answer = rest.patch(f"{TEMPLATES}/{shot}", json=changes)
        assert answer.status_code == 200, answer.text
        actions.open(film)
        actions.select("slow-push-in")
        section = template_section(page)
        expect(section).to_contain_text("0.0.2 available")
        link = section.get_by_role("link", name="Open template")
        expect(link).to_have_attribute("href", f"/t/{shot}")
        assert axe.broken(page, "a template stage", ".inspector", tags=axe.WCAG) == []
        section.get_by_role("button", name="See what changed").click()
        changed = page.get_by_role("region", name="Changes")
        expect(
            changed.get_by_role("heading", name="Slow push-in: v0.0.1 and v0.0.2")
        ).to_be_visible()
        expect(changed.get_by_text("“Look” is new.")).to_be_visible()
        expect(changed.get_by_role("checkbox")).to_have_count(0)
        assert axe.broken(page, "changes of a template", ".app", tags=axe.WCAG) == []
        page.keyboard.press("Escape")
        expect(section).to_contain_text("0.0.2 available")
        section.get_by_role("button", name="Update all 2 uses").click()
        uses_become(page, film, "0.0.2", "0.0.2")
        expect(section.get_by_role("button", name="Update")).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(section.get_by_role("button", name="Update all 2 uses")).to_be_visible()
        section.get_by_role("button", name="Update", exact=True).click()
        # Before it was undone, both were.
        uses_become(page, film, "0.0.2", "0.0.1")


def uses_become(page: Page, film: str, *versions: str) -> None:
    """Wait until the document's two uses of the template are of these versions."""

    def tools(read: dict[str, Any]) -> list[str]:
        keys = ("slow-push-in", "slow-push-in-2")
        return [stage_of(read, key)["tool"].rpartition("@")[2] for key in keys]

    saved(page, film, lambda read: tools(read) == list(versions), f"uses of {versions}")


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


def says_what_others_may_open(page: Page, version: str) -> None:
    """Before anyone is invited."""
    page.get_by_role("button", name="Template menu").click()
    page.get_by_role("menuitem", name=re.compile("^Share")).click()
    dialog = page.get_by_role("dialog", name="Share this draft")
    expect(dialog).to_contain_text(
        f"Everyone who works on “Film of Hugo” will be able to open Slow push-in {version},"
        " which is private."
    )
    dialog.get_by_role("button", name="Close").click()


def test_a_private_template_is_pasted_and_published_after_saying_who_sees_it(
    visit: Callable[..., Visit], rest: httpx.Client, shot: str, shared_film: str
) -> None:
    other = post(rest, {**FILM, "name": "Another film of Hugo"})
    with visit(**WIDE, expected=("404", "409")) as page:
        actions = copy_template_stage(page, other)
        actions.open(shared_film)
        page.keyboard.press("Control+v")
        dialog = page.get_by_role("dialog", name="Bring a private template along")
        expect(dialog).to_contain_text(
            "Everyone who works on “Film of Hugo” will be able to open it."
        )
        dialog.get_by_role("button", name="Cancel").click()
        expect(actions.node("slow-push-in")).to_have_count(0)
        page.keyboard.press("Control+v")
        dialog.get_by_role("button", name="Bring along").click()
        small = actions.node("slow-push-in").locator(".node-head small")
        expect(small).to_have_text("Slow push-in 0.0.1, 2 stages inside")
        expect(actions.saved).to_have_text("Saved")
        says_what_others_may_open(page, "0.0.1")
        page.get_by_role("button", name="Publish", exact=True).click()
        publish = page.get_by_role("dialog", name="Publish this template?")
        publish.get_by_role("button", name="Publish", exact=True).click()
        # The draft was saved, and what it shows is said before anyone sees it.
        expect(publish.get_by_role("alert")).to_contain_text("A private template is shown, too.")
        words = "This also shows the stages of Slow push-in 0.0.1, which is private."
        expect(publish.get_by_text(words)).to_be_visible()
        unchanged = rest.get(f"{TEMPLATES}/{shared_film}").json()["data"]["template"]
        assert unchanged["visibility"] == "private"
        publish.get_by_role("button", name="Publish", exact=True).click()
        expect(publish).to_have_count(0)
        template = rest.get(f"{TEMPLATES}/{shared_film}").json()["data"]["template"]
        assert template["visibility"] == "public"
        assert template["stages"][-1]["tool"] == f"template:{shot}@0.0.1"
        inside = rest.get(f"{TEMPLATES}/{shot}").json()["data"]["template"]
        assert inside["visibility"] == "private"
        rest.patch(f"{TEMPLATES}/{shared_film}", json={"visibility": "private"})

        # What is not there any more is pasted all the same, and named.
        third = post(rest, {**FILM, "name": "A third film of Hugo"})
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


def test_on_a_phone_a_private_template_is_asked_about_inserted_updated_and_opened(
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
        sheet = page.get_by_role("dialog", name="Inspector")
        sheet.get_by_role("button", name="Close").tap()
        expect(sheet).to_be_hidden()
        expect(row).to_have_accessible_name(re.compile("Slow push-in 0.0.2, 3 stages inside"))
        expect(page.locator(".saved")).to_have_text("Saved")
        page.locator('[data-more="slow-push-in"]').tap()
        page.get_by_role("menuitem", name="Open", exact=True).tap()
        crumbs = page.get_by_role("navigation", name="Open stage")
        expect(crumbs).to_contain_text("Slow push-in 0.0.2")
        expect(
            page.get_by_role("treeitem", name=re.compile("^Still, stage 1 of 3"))
        ).to_be_visible()
        for part in (".crumbs", ".work-area"):
            assert axe.broken(page, "the inside of a stage", part, tags=axe.WCAG) == []
        crumbs.get_by_role("button", name="Film of Hugo").tap()
        expect(row).to_be_visible()
        expect(crumbs).to_have_count(0)
        page.reload()
        says_what_others_may_open(page, "0.0.2")


def named(page: Page, name: str) -> None:
    """Name the template in the dialog that is open."""
    dialog = page.get_by_role("dialog", name="Make a template")
    expect(dialog).to_contain_text("a private template of yours")
    assert axe.broken(page, "making a template", "dialog", tags=axe.WCAG) == []
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


ASK = {"id": "ask", "label": "Ask", "type": "interactive", "userMessage": "Which mood?"}
# Stages of which the last waits for a person's answer.
CARD: list[dict[str, Any]] = [
    *(
        {
            "id": key,
            "label": key.title(),
            "type": "fixed",
            "tool": "note",
            "args": {"text": text},
            "produces": [key],
        }
        for key, text in (("first", "$inputs.subject"), ("second", "b"), ("third", "c"))
    ),
    {
        "id": "rest",
        "label": "Rest",
        "type": "fixed",
        "tool": "sleep",
        "args": {"seconds": 60, "until": "$inputs.go"},
        "produces": ["rest"],
        "condition": {"type": "if_success_of", "stageId": "third"},
    },
    {**ASK, "produces": ["mood"], "condition": {"type": "if_success_of", "stageId": "rest"}},
]
SUBJECTS = ["fox", "owl", "moth"]


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """The file at which stages that rest go on."""
    return tmp_path / "go"


@pytest.fixture
def deck(rest: httpx.Client, go: Path) -> str:
    """Five stages, to be put into one."""
    inputs = [
        {"name": "subject", "type": "text", "multiple": True, "default": SUBJECTS},
        {"name": "go", "type": "text", "default": str(go)},
    ]
    stages = [CARD[0] | {"args": {"text": "$inputs.subject[0]"}}, *CARD[1:]]
    columns = ("$inputs", *(stage["id"] for stage in stages))
    nodes = [
        {"stageId": key, "x": 280 * (place % 3), "y": 320 * (place // 3)}
        for place, key in enumerate(columns)
    ]
    shape = {"name": "Deck of Hugo", "inputs": inputs, "stages": stages}
    return post(rest, {**shape, "graph": {"nodes": nodes}})


def test_five_stages_are_one_that_is_opened_repeated_and_answered_inside_by_pointer(
    visit: Callable[..., Visit], deck: str, go: Path
) -> None:
    with visit(**WIDE, reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(deck)
        for place, stage in enumerate(CARD):
            modifiers: list[Any] = ["Shift"] if place else []
            actions.node(stage["id"]).locator(".node-head").click(modifiers=modifiers)
        actions.node("first").locator(".node-head").click(button="right")
        page.get_by_role("menuitem", name="Make a template…").click()
        named(page, "Cards")
        node = actions.node("cards")
        expect(node).to_have_class(re.compile("is-selected"))
        expect(actions.node("third")).to_have_count(0)
        expect(node.locator(".node-head small")).to_contain_text("5 stages inside")
        node.locator(".node-head").dblclick()
        expect(actions.node("cards.ask")).to_be_visible()
        page.go_back()
        node.locator(".node-head").click(button="right")
        page.get_by_role("menuitem", name="Repeat for each…").click()
        actions.start_run()
        small = node.locator(".node-head small")
        # One element after the other: what is at work is named as soon as it is.
        expect(small).to_have_text("0 of 3 · Rest")
        go.touch()
        expect(node.locator(".pill")).to_have_text("Your turn")

        node.locator(".tile").first.click()
        crumbs = page.get_by_role("navigation", name="Open stage").get_by_role("listitem")
        expect(crumbs).to_have_text(["Deck of Hugo", "Cards", "1"])
        expect(page).to_have_url(re.compile(r"\?in=cards_0$"))
        asking = actions.node("cards_0.ask")
        asking.get_by_role("button", name="Answer").click()
        page.get_by_role("dialog").get_by_label("Your answer").fill("sad")
        page.get_by_role("dialog").get_by_role("button", name="Answer").click()
        expect(asking).to_have_class(re.compile("is-done"))
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page).to_have_url(re.compile("/edit$"))
        expect(node.locator(".tile.is-completed")).to_have_count(1)


def test_by_keys_a_repeated_template_is_opened_and_answered_inside(
    visit: Callable[..., Visit], deck: str, go: Path
) -> None:
    go.touch()
    with visit(**WIDE, reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(deck)
        page.keyboard.press("Control+a")
        actions.command("Make a template")
        named(page, "Cards")
        node = actions.node("cards")
        expect(node).to_be_focused()
        page.keyboard.press("Enter")
        expect(actions.node("cards.ask")).to_be_visible()
        page.keyboard.press("Escape")
        expect(node).to_be_focused()
        actions.command("Repeat for each")
        expect(node.locator(".node-head small")).to_contain_text("for each item")
        expect(actions.saved).to_have_text("Saved")
        page.keyboard.press("Control+Enter")
        expect(node.locator(".pill")).to_have_text("Your turn")
        actions.inspector.get_by_role("tab", name="Settings").focus()
        page.keyboard.press("ArrowRight")
        items = actions.inspector.locator(".item-list button")
        expect(items).to_have_count(3)
        items.first.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?in=cards_0$"))
        asking = actions.node("cards_0.ask")
        expect(asking).to_have_class(re.compile("is-waiting"))
        asking.get_by_role("button", name="Answer").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_label("Your answer")).to_be_focused()
        page.keyboard.type("sad")
        page.keyboard.press("Control+Enter")
        expect(asking).to_have_class(re.compile("is-done"))
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(node).to_be_focused()


def test_on_a_phone_a_repeated_template_is_opened_and_answered_inside(
    visit: Callable[..., Visit], deck: str, go: Path
) -> None:
    with visit(**PHONE, reduced_motion="reduce") as page:
        page.goto(f"/t/{deck}/edit")
        for stage in CARD:
            page.locator(f'[data-more="{stage["id"]}"]').tap()
            page.get_by_role("menuitem", name="Add to selection").tap()
        page.locator('[data-more="rest"]').tap()
        page.get_by_role("menuitem", name="Make a template…").tap()
        named(page, "Cards")
        row = page.get_by_role("treeitem", name="Cards, stage 1 of 1")
        for entry in ("Open", "Repeat for each…"):
            page.locator('[data-more="cards"]').tap()
            page.get_by_role("menuitem", name=entry, exact=True).tap()
            if entry == "Open":
                expect(page.get_by_role("treeitem", name="Ask, stage 5 of 5")).to_be_visible()
                page.go_back()
        page.get_by_role("button", name="Run", exact=True).first.tap()
        expect(row).to_have_accessible_name(re.compile("0 of 3 · Rest"))
        expect(page.locator(".outline-line:visible")).to_have_text("0 of 3 · Rest")
        go.touch()
        expect(row).to_have_accessible_name(re.compile("your turn"))
        row.tap()
        page.get_by_role("tab", name="Result").tap()
        page.locator(".item-list button").first.tap()
        expect(page).to_have_url(re.compile(r"\?in=cards_0$"))
        asking = page.get_by_role("treeitem", name="Ask, stage 5 of 5")
        expect(asking).to_have_accessible_name(re.compile("your turn"))
        asking.tap()
        page.get_by_role("tab", name="Result").tap()
        page.get_by_label("Your answer").fill("sad")
        page.get_by_role("button", name="Answer", exact=True).last.tap()
        expect(asking).to_have_accessible_name(re.compile("done"))


def test_a_template_runs_for_each_of_a_list(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    subject = {"name": "subject", "type": "text", "required": True}
    still = {
        "id": "still",
        "label": "Still",
        "type": "fixed",
        "tool": "note",
        "produces": ["still"],
    }
    stages = [
        {**still, "args": {"text": "$inputs.subject"}},
        {**still, "id": "look", "label": "Look", "produces": ["look"], "args": {"text": "look"}},
    ]
    card = post(rest, {"name": "Card", "inputs": [subject], "stages": stages})
    cards = {
        "id": "cards",
        "label": "Cards",
        "type": "fixed",
        "tool": f"template:{card}@0.0.1",
        "produces": ["cards"],
        "args": {"subject": "$inputs.lines[0]"},
    }
    lines = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}
    film = post(rest, {"name": "Cards of Hugo", "inputs": [lines], "stages": [cards]})
    with visit(**WIDE, reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(film)
        node = actions.node("cards")
        small = node.locator(".node-head small")
        node.locator(".node-head").click(button="right")
        page.get_by_role("menuitem", name="Repeat for each…").click()
        expect(small).to_have_text("Card 0.0.1, for each item")
        expect(node).to_have_class(re.compile("has-inside"))
        state = saved(page, film, lambda it: stage_of(it, "cards")["type"] == "batch", "repeats")
        stage = stage_of(state, "cards")
        assert stage["overBinding"] == "$inputs.lines"
        assert stage["itemStage"] == {
            "type": "fixed",
            "tool": cards["tool"],
            "args": {"subject": "$item.item"},
        }
        # Back and forth, by keys.
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("combobox").fill("run once")
        page.keyboard.press("Enter")
        saved(
            page, film, lambda it: stage_of(it, "cards").get("args") == cards["args"], "runs once"
        )
        page.keyboard.press("Control+z")
        expect(small).to_have_text("Card 0.0.1, for each item")
        section = template_section(page)
        expect(section).to_contain_text("Card 0.0.1")
        expect(section).to_contain_text("To unpack: choose “Run once” first.")
        node.locator(".node-head").dblclick()
        given = page.locator(".inputs-node .input-row small")
        expect(given).to_have_text("Each item of Lines")
        page.go_back()
        run = actions.start_run()
        actions.ended()
        expect(node.locator(".tile")).to_have_count(2)
        # It opens with its first item, and another one is a key away.
        node.locator(".node-head").dblclick()
        items = page.get_by_role("group", name="Item of Cards").get_by_role("radio")
        expect(items).to_have_count(2)
        first, second = items.all()
        expect(first).to_be_checked()
        expect(given).to_have_text("“fox”")
        first.focus()
        page.keyboard.press("ArrowRight")
        expect(actions.node("cards_1.still")).to_have_class(re.compile("is-done"))
        expect(given).to_have_text("“owl”")
        expect(second).to_be_checked()
        assert axe.broken(page, "an item that is open", ".open-stage", tags=axe.WCAG) == []

        page.goto(f"/runs/{run}")
        row = page.locator('[data-step="cards"]').first
        expect(row).to_contain_text("Card 0.0.1, 2 stages for each of 2")
        expect(row.locator("[data-count-words]")).to_have_text("2 of 2")
        tiles = page.locator('[data-batch="cards"] [data-tile]')
        expect(tiles).to_have_count(2)
        tiles.first.click()
        element = page.locator('[data-item-of="cards"]:visible')
        expect(element).to_have_count(1)
        element.get_by_text("Stages, 2 of 2").click()
        inside = element.locator('[data-item-of="cards_0"]')
        expect(inside.locator("h4")).to_have_text(["Still", "Look"])
        assert axe.broken(page, "a batch over a template", "main", tags=axe.WCAG) == []


@pytest.fixture
def play(rest: httpx.Client) -> str:
    """A template repeated for each act, in which another one is repeated for each line; it has run
    once."""

    def note(key: str, **args: str) -> dict[str, Any]:
        stage = {"id": key, "label": key.title(), "type": "fixed", "tool": "note"}
        return {**stage, "args": {"text": key, **args}, "produces": [key]}

    def each(key: str, template: str, over: str) -> dict[str, Any]:
        item = {"type": "fixed", "tool": f"template:{template}@0.0.1"}
        shape = {"id": key, "label": key.title(), "type": "batch", "itemStage": item}
        return {**shape, "overBinding": over, "itemName": "item", "produces": [key]}

    lines = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}
    acts = {**lines, "name": "acts", "default": ["one", "two"]}
    card = post(rest, {"name": "Card", "inputs": [], "stages": [note("still"), note("look")]})
    inside = [note("base"), each("cards", card, "$inputs.lines")]
    act = post(rest, {"name": "Act", "inputs": [lines], "stages": inside})
    return post(
        rest,
        {"name": "Play of Hugo", "inputs": [acts], "stages": [each("acts", act, "$inputs.acts")]},
    )


def test_items_of_a_batch_inside_an_item_are_opened_by_pointer_and_by_keys(
    visit: Callable[..., Visit], play: str
) -> None:
    with visit(**WIDE, reduced_motion="reduce") as page:
        actions = EditorActions(page)
        actions.open(play)
        actions.start_run()
        actions.ended()
        crumbs = page.get_by_role("navigation", name="Open stage").get_by_role("listitem")
        actions.node("acts").locator(".tile").nth(1).click()
        expect(crumbs).to_have_text(["Play of Hugo", "Acts", "2"])
        cards = actions.node("acts_1.cards")
        tiles = cards.locator(".tile.is-completed")
        expect(tiles).to_have_count(2)
        tiles.nth(1).click()
        expect(page).to_have_url(re.compile(r"\?in=acts_1\.cards_1$"))
        expect(crumbs).to_have_text(["Play of Hugo", "Acts", "2", "Cards", "2"])
        expect(actions.node("acts_1.cards_1.look")).to_have_class(re.compile("is-done"))
        page.go_back()
        expect(crumbs).to_have_text(["Play of Hugo", "Acts", "2"])
        # By keys, from the list of its items.
        actions.select("acts_1.cards")
        actions.inspector.get_by_role("tab", name="Result").click()
        items = actions.inspector.locator(".item-list button")
        expect(items).to_have_text(["Item 1", "Item 2"])
        items.first.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?in=acts_1\.cards_0$"))
        # What runs as far as a stage here, runs in the others too.
        actions.select("acts_1.cards_0.still")
        button = actions.inspector.get_by_role("button", name="Run to here")
        expect(button).to_have_text("Run to here, in every item")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page).to_have_url(re.compile(r"\?in=acts_1$"))
        actions.select("acts_1.base")
        expect(button).to_have_text("Run to here, in all 2 items")
        crumbs.get_by_role("button", name="Play of Hugo").click()
        expect(page).to_have_url(re.compile("/edit$"))
        actions.select("acts")
        expect(button).to_have_text("Run to here")
