"""Describe it: a brief becomes a proposal on the empty canvas, and a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.axe import broken
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import signed_in
from tests.support.clients.describing import COMPOSE, Describing, answered, held_back, rev_of
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

BRIEF = "A lighthouse at dusk. The lamp turns in the fog. 4 seconds, 1:1."
WINDMILL = "A windmill at dusk. The sails turn slowly. 4 seconds, 1:1."
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
FAILED = ("Failed to load resource",)
QUESTION = "What should it show? Add a subject, such as “a lighthouse at dusk”."
READING: dict[str, list[str]] = {
    "understood": ["3 scenes", "15 s", "9:16", "Soft piano", "Photo"],
    "notUnderstood": ["on marble", "spinning"],
    "impossible": ["No tool here removes a background."],
    "contents": ["A lighthouse at dusk", "Music: Soft piano"],
}


def test_a_brief_is_proposed_accepted_undone_and_run_to_the_end(
    visit: Callable[..., Visit],
) -> None:
    with visit(**WIDE) as page:
        editor = Describing(page)
        template = new_template(editor)
        before = editor.document(template)
        editor.propose(BRIEF)

        # On the canvas, with the price, and nothing written.
        stages = len(editor.flags("Added"))
        assert stages >= 2
        expect(editor.proposal).to_contain_text("credits")
        expect(page.locator(".compare-edges .added").first).to_be_attached()
        expect(page.locator(".legend")).to_contain_text("Added")
        assert rev_of(page, template) == 0

        page.keyboard.press("Enter")
        editor.over()
        expect(editor.run_button).to_be_focused()
        expect(editor.stages).to_have_count(stages)
        after = editor.document(template)
        assert after["root"]["rows"]["template"]["brief"] == BRIEF
        assert rev_of(page, template) == 1

        # One undo step, there and back.
        page.keyboard.press("Control+z")
        expect(editor.stages).to_have_count(0)
        assert editor.document(template) == before
        page.keyboard.press("Control+Shift+z")
        expect(editor.stages).to_have_count(stages)
        assert editor.document(template) == after

        expect(editor.quote).to_contain_text("will run")
        editor.start_run()
        editor.ended()


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_was_described_is_found_again_and_what_was_refused_leaves_nothing(
    visit: Callable[..., Visit], screen: dict[str, Any]
) -> None:
    with visit(**screen) as page:
        press: Callable[[Locator], None] = Locator.tap if screen is PHONE else Locator.click
        editor, asked = Describing(page), []
        page.on("request", lambda one: asked.append(one.url) if "/app/compose" in one.url else None)
        names = page.locator(".mine__name h2")
        page.goto("/me/templates")
        before = names.all_inner_texts()
        page.get_by_role("textbox", name="What do you want to make?").fill(BRIEF)
        press(page.get_by_role("button", name="Describe it"))
        expect(editor.proposal).to_be_visible()
        assert "#" not in page.url
        press(editor.proposal.get_by_role("button", name="Refuse"))
        editor.over()
        expect(editor.stages).to_have_count(0)
        page.reload()
        expect(editor.box).to_have_value(BRIEF)
        assert len(asked) == 1
        assert all(BRIEF[:10] not in one for one in asked)
        page.goto("/me/templates")
        assert names.all_inner_texts() == before

        # The words stay in the editor, and the next ones take their place.
        page.go_back()
        press(editor.describe)
        press(editor.proposal.get_by_role("button", name="Refuse"))
        editor.over()
        expect(editor.box).to_be_focused()
        page.keyboard.type(WINDMILL)
        expect(editor.box).to_have_value(WINDMILL)
        press(editor.describe)
        press(editor.proposal.get_by_role("button", name="Accept"))
        editor.over()
        press(page.locator(".run-button[aria-disabled=false]:visible"))
        ended = page.locator(".run-status[data-status=completed]:visible")
        expect(ended.first).to_be_visible(timeout=120_000)
        page.goto("/me/templates?q=windmill")
        row = page.locator(".mine > li").first
        expect(row).to_contain_text(re.compile(r"Draft, \d+ stages?, edited"))
        shown = row.locator(".media :is(img, video)")
        expect(shown).to_have_attribute("src", re.compile("^/media/"))
        name = row.get_by_role("heading").inner_text()
        assert "indmill" in name
        press(row.get_by_role("link", name=name, exact=True))
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page.locator("#player")).to_contain_text("Your latest run")
        expect(page.locator(".steps > li").first).to_be_visible()
        width = screen["viewport"]["width"]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.goto("/me/media?q=windmill")
        expect(page.locator(".tile p").first).to_contain_text(name)


def test_a_question_keeps_the_words_and_a_proposal_says_how_they_were_read(
    visit: Callable[..., Visit],
) -> None:
    with visit(**WIDE, expected=FAILED) as page:
        editor = Describing(page)
        page.goto("/")
        box = page.get_by_role("textbox", name="What do you want to make?")
        box.fill("asdf")
        box.press("Control+Enter")
        expect(page.get_by_role("alert")).to_have_text(QUESTION)
        expect(box).to_be_focused()
        page.keyboard.type(" of a lighthouse")
        expect(box).to_have_value("asdf of a lighthouse")

        template = new_template(editor)
        editor.ask("asdf")
        expect(page.get_by_role("alert")).to_have_text(QUESTION)
        expect(editor.box).not_to_have_attribute("aria-invalid", "true")
        expect(editor.box).to_be_focused()
        page.keyboard.type(" of a lighthouse")
        expect(editor.box).to_have_value("asdf of a lighthouse")
        assert rev_of(page, template) == 0

        with answered(page, reading=READING):
            editor.propose(f"{BRIEF} On marble, spinning.")
        facts = editor.proposal.get_by_role("list", name="Understood").get_by_role("listitem")
        assert facts.all_inner_texts() == READING["understood"]
        contents = editor.proposal.get_by_role("list", name="What it makes")
        assert contents.get_by_role("listitem").all_inner_texts() == READING["contents"]
        expect(editor.proposal.get_by_role("heading", name="Not understood")).to_be_visible()
        expect(editor.proposal).to_contain_text("“on marble”, “spinning”")
        expect(editor.proposal).to_contain_text(READING["impossible"][0])
        # The box is there to say it in other words, and Enter still accepts.
        expect(editor.box).to_have_value(f"{BRIEF} On marble, spinning.")
        expect(editor.proposal).to_be_focused()
        editor.box.click()
        page.keyboard.type(BRIEF)
        expect(editor.box).to_have_value(BRIEF)
        editor.box.press("Control+Enter")
        expect(editor.proposal.get_by_role("heading", name="Not understood")).to_have_count(0)
        expect(facts.filter(has_text="1:1")).to_have_count(1)


def test_an_answer_that_is_awaited_can_be_stopped_and_the_brief_stays(
    visit: Callable[..., Visit],
) -> None:
    with visit(**WIDE, expected=FAILED) as page:
        editor = Describing(page)
        template = new_template(editor)
        with held_back(page) as waiting:
            editor.ask(BRIEF)
            expect(page.locator(".describe").get_by_role("status")).to_have_text("Drafting")
            # Nothing else is in the way.
            page.get_by_role("textbox", name="Description", exact=True).fill("Written meanwhile")
            page.get_by_role("textbox", name="Description", exact=True).blur()
            page.get_by_role("button", name="Stop").click()
            expect(editor.box).to_have_value(BRIEF)
            assert len(waiting) == 1
        found = editor.document(template)
        assert found["stages"]["order"] == []
        assert found["root"]["rows"]["template"]["description"] == "Written meanwhile"
        expect(editor.proposal).to_have_count(0)


def test_a_failure_is_said_and_the_brief_can_be_sent_again(visit: Callable[..., Visit]) -> None:
    with visit(**WIDE, expected=(*FAILED, "net::ERR")) as page:
        editor = Describing(page)
        new_template(editor)
        page.route(COMPOSE, lambda route: route.abort())
        editor.ask(BRIEF)
        expect(page.get_by_role("alert")).to_contain_text("Can't reach the server.")
        expect(editor.box).to_have_value(BRIEF)
        page.unroute(COMPOSE)
        editor.box.press("Control+Enter")
        expect(editor.proposal).to_be_visible()


def test_a_proposal_that_cannot_be_paid_is_refused_in_words(
    tmp_path: Path, browser: Browser
) -> None:
    with Site(tmp_path, workers=0, env={"REELGRAPH_DAILY_UNITS": "1"}) as site:
        session = signed_in(browser, site, "alice")
        with Visit(browser, site.url, storage_state=session, expected=FAILED, **WIDE) as page:
            editor = Describing(page)
            new_template(editor)
            editor.propose(BRIEF)
            page.keyboard.press("Escape")
            editor.over()
            editor.box.press("Control+Enter")
            expect(page.get_by_role("alert")).to_contain_text("credit")
            expect(editor.box).to_have_value(BRIEF)


def test_keys_alone_describe_look_leave_out_and_accept(visit: Callable[..., Visit]) -> None:
    with visit(**WIDE) as page:
        editor = Describing(page)
        template = new_template(editor)
        editor.canvas.focus()
        page.keyboard.press("d")
        expect(editor.box).to_be_focused()
        page.keyboard.type(BRIEF)
        page.keyboard.press("Control+Enter")
        expect(editor.proposal).to_be_focused()
        total = editor.rows.count()
        page.keyboard.press("]")
        expect(page.locator("#live")).to_contain_text(f"Change 2 of {total}")
        # The last one is the template's own name and brief.
        page.keyboard.press("[")
        page.keyboard.press("[")
        page.keyboard.press("n")
        accept = editor.proposal.get_by_role("button", name="Accept")
        expect(accept).to_have_text(re.compile(f"Accept {total - 1} of {total}"))
        page.keyboard.press("Enter")
        editor.over()
        found = editor.document(template)
        assert found["root"]["rows"]["template"]["name"] == "Untitled template"
        assert len(found["stages"]["order"]) >= 2
        # The brief is in the history of the box.
        page.keyboard.press("Control+z")
        expect(editor.stages).to_have_count(0)
        page.keyboard.press("d")
        expect(editor.box).to_be_focused()
        editor.box.fill("")
        page.keyboard.press("ArrowUp")
        expect(editor.box).to_have_value(BRIEF)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_state_is_accessible(
    visit: Callable[..., Visit], theme: Literal["dark", "light"], size: dict[str, Any]
) -> None:
    with visit(**size, color_scheme=theme, reduced_motion="reduce", expected=(*FAILED,)) as page:
        editor = Describing(page)
        new_template(editor)
        found = broken(page, "the empty canvas")
        with held_back(page):
            editor.ask(BRIEF)
            page.get_by_role("button", name="Stop").wait_for()
            found += broken(page, "asking")
            page.get_by_role("button", name="Stop").click()
        editor.box.fill(" ")
        editor.box.press("Control+Enter")
        page.get_by_role("alert").wait_for()
        found += broken(page, "a problem")
        editor.ask("asdf")
        page.get_by_text(QUESTION).first.wait_for()
        found += broken(page, "a question")
        with answered(page, reading=READING):
            editor.propose(BRIEF)
        page.locator(".compare-canvas .node").first.wait_for()
        found += broken(page, "the proposal")
        assert page.evaluate("document.documentElement.scrollWidth") == size["viewport"]["width"]
        editor.proposal.locator(".describe").get_by_role("button", name="Try again").click()
        expect(editor.proposal.get_by_role("heading", name="Not understood")).to_have_count(0)
        editor.proposal.get_by_role("button", name="Edit and try again").click()
        found += broken(page, "asking again")
        assert found == []


def test_a_phone_describes_and_accepts_by_touch(visit: Callable[..., Visit]) -> None:
    with visit(**PHONE) as page:
        editor = Describing(page)
        template = new_template(editor)
        page.get_by_role("button", name="Short story").tap()
        page.locator(".describe").get_by_role("button", name="Describe it").tap()
        expect(editor.proposal).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        graph = page.get_by_role("main", name="Differences").bounding_box()
        sheet = editor.proposal.bounding_box()
        assert graph is not None
        assert sheet is not None
        assert graph["y"] < sheet["y"] < graph["y"] + graph["height"]
        for name in ("Accept", "Refuse"):
            box = editor.proposal.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert box["height"] >= 40
            assert box["y"] + box["height"] <= 844
        editor.proposal.get_by_role("button", name="Accept").tap()
        editor.over()
        expect(page.locator(".stage-row").first).to_be_visible()
        assert editor.document(template)["stages"]["order"]


def new_template(editor: Describing) -> str:
    """An empty template, opened as people open one; its id."""
    page: Page = editor.page
    page.goto("/me/templates")
    page.get_by_role("button", name="New template").click()
    page.wait_for_url(re.compile("/t/[^/]+/edit"))
    expect(editor.box).to_be_visible()
    found = re.search("/t/([^/]+)/edit", page.url)
    assert found
    return found[1]


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_visitor_s_words_in_the_gallery_become_a_proposal_after_signing_in(
    site: Site, visit: Callable[..., Visit], screen: dict[str, Any]
) -> None:
    with visit(**screen, storage_state=None) as page:
        page.goto("/")
        box = page.get_by_role("textbox", name="What do you want to make?")
        box.fill(BRIEF)
        assert broken(page, "the gallery") == []
        box.press("Control+Enter")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        site.key("ada")
        link = re.search(r"http\S+", site.manage("signin-link", "ada"))
        assert link
        page.goto(link[0])
        page.get_by_role("main").get_by_role("button", name="Continue as").click()
        page.wait_for_url("**/")
        expect(box).to_have_value(BRIEF)
        page.get_by_role("button", name="Describe it").click()
        expect(Describing(page).proposal).to_be_visible()
        page.goto("/describe")
        expect(box).to_have_value("")
