"""Change it by controls: the template, the selection, and edits by others at the same time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.test_editor_two_people import PROMPT, let_in
from tests.support.axe import broken
from tests.support.builders.editor_templates import PHONE, WIDE, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import args, signed_in
from tests.support.clients.describing import Describing, held_back, rev_of
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

SIZE = {"width": 576, "height": 576}
_numbers = itertools.count(1)


def film() -> dict[str, Any]:
    stages: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        key, still = f"still_{number}", made_by(f"still_{number}")
        moved = {"prompt": "Slow push-in", "reference_image_url": still, "duration": 3, **SIZE}
        prompt = f"The harbour at hour {number}"
        stages += [
            stage(key, "generate_image", f"Still {number}", prompt=prompt, **SIZE),
            stage(f"shot_{number}", "animate_photo", f"Shot {number}", **moved),
        ]
    clips = [made_by(f"shot_{number}") for number in (1, 2, 3)]
    stages.append(stage("film", "stitch_video", reference_video_urls=clips))
    nodes = [
        {"stageId": one["id"], "x": 280 * (place % 2), "y": 300 * (place // 2)}
        for place, one in enumerate(stages)
    ]
    graph = {"nodes": nodes, "edges": [], "frames": [], "notes": []}
    return {"name": "The harbour", "inputs": [], "stages": stages, "graph": graph}


@pytest.fixture(scope="module")
def alices(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture(scope="module")
def alice(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "alice")


@pytest.fixture(scope="module")
def bob(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "bob")


@pytest.fixture
def template(alices: httpx.Client) -> str:
    name = f"change-it-{next(_numbers)}"
    return post(alices, film(), id=name)


@pytest.fixture
def hers(site: Site, browser: Browser, alice: Any) -> Callable[..., Visit]:
    return lambda **options: Visit(browser, site.url, storage_state=alice, **{**WIDE, **options})


def select(editor: Describing, *keys: str) -> None:
    for place, key in enumerate(keys):
        editor.node(key).locator(".node-head b").click(modifiers=["Shift"] if place else [])


def control(editor: Describing, label: str) -> Locator:
    return editor.page.locator(".describe").get_by_label(label, exact=True)


def ask_longer(editor: Describing) -> None:
    """Ask by keys that each of the selected stages takes 6 s."""
    length = control(editor, "Length of each")
    length.fill("6")
    length.press("Control+Enter")


def chosen(editor: Describing) -> Locator:
    return editor.page.locator(".describe-chosen")


def test_a_change_is_shown_refused_left_out_in_part_and_undone_in_one_step(
    hers: Callable[..., Visit], template: str
) -> None:
    with hers() as page:
        editor = Describing(page)
        editor.open(template)
        before = editor.document(template)
        select(editor, "shot_1", "shot_2")
        page.get_by_role("toolbar", name="Arrange selection").get_by_text("Change it").click()
        expect(control(editor, "Format")).to_be_focused()
        expect(chosen(editor)).to_have_text("2 stages selected")
        ask_longer(editor)
        expect(editor.proposal).to_be_visible()
        assert editor.flags("Changed") == ["shot_1", "shot_2"]
        assert editor.flags("Added") == editor.flags("Removed") == []
        expect(page.locator(".compare-inspector")).to_contain_text("Length")
        expect(page.locator(".compare-inspector")).to_contain_text("6 s")
        page.keyboard.press("Escape")
        editor.over()
        assert editor.document(template) == before
        assert rev_of(page, template) == 0
        # What was set is there for another try.
        page.keyboard.press("d")
        expect(control(editor, "Length of each")).to_have_value("6")
        page.keyboard.press("Control+Enter")

        # Single changes are left out, and the rest is one undo step.
        editor.rows.filter(has_text="Shot 2").get_by_role("checkbox").uncheck()
        editor.proposal.get_by_role("button", name="Accept 1 of 2").click()
        editor.over()
        found = editor.document(template)
        assert [args(found, f"shot_{n}")["duration"] for n in (1, 2, 3)] == [6, 3, 3]
        assert rev_of(page, template) == 1
        page.keyboard.press("Control+z")
        editor.state_becomes(template, lambda now: now == before, "the document is as before")

        # Without the chip it means everything.
        select(editor, "shot_1")
        editor.command("Change it")
        expect(chosen(editor)).to_have_text("Shot 1")
        page.get_by_role("button", name="Don't limit it to the selection").click()
        expect(chosen(editor)).to_have_count(0)
        control(editor, "Format").select_option("9:16")
        page.locator(".describe").get_by_role("button", name="Change it").click()
        expect(editor.proposal).to_be_visible()
        assert {"shot_1", "shot_2", "shot_3"} <= set(editor.flags("Changed"))
        page.keyboard.press("Escape")
        editor.over()

        # The outline changes a stage from its menu, by keys, and its list is the page.
        page.keyboard.press("Escape")
        editor.canvas.focus()
        page.keyboard.press("o")
        row = page.get_by_role("treeitem", name=re.compile("^Shot 2,"))
        row.focus()
        page.keyboard.press("Shift+F10")
        page.get_by_role("menuitem", name="Change it").click()
        expect(control(editor, "Format")).to_be_focused()
        control(editor, "Format").select_option("As it is")
        expect(chosen(editor)).to_have_text("Shot 2")
        ask_longer(editor)
        main = page.get_by_role("main", name="Proposal")
        expect(main).to_be_focused()
        page.keyboard.press("Enter")
        expect(main).to_have_count(0)
        assert args(editor.document(template), "shot_2")["duration"] == 6


def test_what_another_person_wrote_meanwhile_is_kept(
    site: Site, browser: Browser, alice: Any, bob: Any, template: str
) -> None:
    not_yet = ("status of 404",)
    with (
        Visit(browser, site.url, storage_state=alice, **WIDE) as her_page,
        Visit(browser, site.url, storage_state=bob, expected=not_yet, **WIDE) as his_page,
    ):
        a, b = Describing(her_page), Describing(his_page)
        his_page.goto(f"/t/{template}/edit")
        a.open(template)
        let_in(her_page, "bob", his_page)
        b.open(template)
        select(a, "shot_1", "shot_2")
        her_page.keyboard.press("d")
        with held_back(her_page):
            ask_longer(a)
            her_page.get_by_role("button", name="Stop").wait_for()
            b.write("shot_1", "Length", "5")
            b.write("still_3", "Prompt", "A storm over the harbour")
            b.document(template)
        expect(a.proposal).to_be_visible()
        # The field that both wrote is bob's, unless alice asks for hers.
        expect(a.proposal.get_by_text("Shot 1 changed since you asked.")).to_be_visible()
        first, second = (
            a.rows.filter(has_text=f"Shot {n}").get_by_role("checkbox") for n in (1, 2)
        )
        expect(first).not_to_be_checked()
        expect(second).to_be_checked()
        # And what he does while she looks is there at once.
        b.write("still_2", "Prompt", "Calm again")
        b.document(template)
        her_page.keyboard.press("Enter")
        a.over()
        found = a.document(template)
        assert [args(found, f"shot_{n}")["duration"] for n in (1, 2, 3)] == [5, 6, 3]
        assert args(found, "still_3")["prompt"] == "A storm over the harbour"
        assert args(found, "still_2")["prompt"] == "Calm again"
        # He sees hers without being told to.
        b.select("shot_2")
        expect(b.inspector.get_by_label(re.compile("^Length")).last).to_have_value("6")


def test_a_proposal_waits_for_someone_who_writes_elsewhere(
    hers: Callable[..., Visit], template: str
) -> None:
    with hers() as page:
        editor = Describing(page)
        editor.open(template)
        select(editor, "shot_1")
        page.keyboard.press("d")
        with held_back(page):
            ask_longer(editor)
            page.get_by_role("button", name="Stop").wait_for()
            prompt = editor.inspector.get_by_label(PROMPT)
            prompt.fill("The camera ")
        waiting = page.locator(".describe-panel.is-waiting")
        expect(waiting).to_contain_text("A proposal is ready.")
        expect(prompt).to_be_focused()
        page.keyboard.type("rises")
        page.keyboard.press("Tab")
        waiting.get_by_role("button", name="Review").click()
        expect(editor.proposal).to_be_visible()
        page.get_by_role("button", name="Decide later").click()
        expect(waiting).to_be_visible()
        waiting.get_by_role("button", name="Review").click()
        page.keyboard.press("Enter")
        editor.over()
        found = args(editor.document(template), "shot_1")
        assert (found["prompt"], found["duration"]) == ("The camera rises", 6)


def test_a_phone_changes_it_in_a_sheet(hers: Callable[..., Visit], template: str) -> None:
    with hers(**PHONE, reduced_motion="reduce") as page:
        editor = Describing(page)
        page.goto(f"/t/{template}/edit")
        page.get_by_role("button", name="Change it").tap()
        expect(control(editor, "Format")).to_be_focused()
        sheet = page.locator(".describe-panel").bounding_box()
        assert sheet is not None
        assert (sheet["x"], sheet["width"]) == (0, 390)
        assert sheet["y"] + sheet["height"] == 844
        control(editor, "Voice").select_option("On")
        control(editor, "Replace words").fill("harbour")
        control(editor, "With").fill("lake")
        expect(page.get_by_text("3 matches")).to_be_visible()
        found = broken(page, "the controls")
        page.locator(".describe").get_by_role("button", name="Change it").tap()
        expect(editor.proposal).to_be_visible()
        page.locator(".compare-canvas .node").first.wait_for()
        found += broken(page, "the proposal")
        editor.proposal.get_by_role("button", name="Refuse").tap()
        editor.over()
        assert found == []
        assert rev_of(page, template) == 0
