"""Describe it: a brief becomes a plan and a proposal on the empty canvas, and a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import broken
from tests.support.builders.editor_templates import PHONE, WIDE
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import args
from tests.support.clients.describing import COMPOSE, Describing, held_back, rev_of
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

SUBJECT = "A windmill at dusk"
BRIEF = f"{SUBJECT}, 3 shots, 4 seconds, with soft piano music"
GERMAN = "Ein alter Fischer zündet in der Dämmerung die Lampe seines Leuchtturms an"
FROM_WORDS = "from your words"
# What a page is told that has asked for more than two plans in a second. It waits and asks again.
TOO_SOON = ("status of 429",)


def test_a_plan_is_changed_found_again_after_a_reload_accepted_and_run_to_the_end(
    visit: Callable[..., Visit],
) -> None:
    with visit(**WIDE, expected=TOO_SOON) as page:
        editor = Describing(page)
        template = editor.new_empty()
        before = editor.document(template)
        editor.box.fill(BRIEF)
        editor.describe.click()
        editor.drafted(*stages(3), "music")
        expect(editor.setting("Shots 3")).to_have_value(SUBJECT)
        expect(editor.setting("Length")).to_have_accessible_description(FROM_WORDS)
        expect(editor.setting("Format")).not_to_have_accessible_description(FROM_WORDS)

        editor.plan.get_by_role("button", name="Add a shot").click()
        editor.setting("Format").select_option("1:1")
        editor.setting("Music").click()
        editor.drafted(*stages(4))
        page.reload()
        waiting = page.get_by_role("region", name="Proposal")
        expect(waiting).to_contain_text("A proposal is ready.")
        waiting.get_by_role("button", name="Review").click()
        editor.drafted(*stages(4))
        expect(editor.setting("Shots 4")).to_have_value(SUBJECT)
        expect(editor.setting("Format")).to_have_value("2")
        expect(editor.setting("Music")).not_to_be_checked()
        expect(editor.setting("Length")).to_have_accessible_description(FROM_WORDS)
        assert rev_of(page, template) == 0

        editor.accept.click()
        editor.over()
        expect(editor.stages).to_have_count(len(stages(4)))
        after = editor.document(template)
        assert args(after, "image_4")["prompt"].startswith(SUBJECT)
        assert args(after, "image_4")["width"] == args(after, "image_4")["height"]

        # One undo step, there and back.
        page.keyboard.press("Control+z")
        expect(editor.stages).to_have_count(0)
        assert editor.document(template) == before
        page.keyboard.press("Control+Shift+z")
        expect(editor.stages).to_have_count(len(stages(4)))
        assert editor.document(template) == after

        expect(editor.quote).to_contain_text("will run")
        editor.start_run()
        editor.ended()
        page.goto("/me/templates?q=windmill")
        row = page.locator(".mine > li").first
        expect(row.get_by_role("heading")).to_contain_text("indmill")
        row.get_by_role("link", name=row.get_by_role("heading").inner_text(), exact=True).click()
        expect(page.locator("#player")).to_contain_text("Your latest run")


def test_on_a_phone_a_german_sentence_is_the_prompt_and_what_was_refused_leaves_nothing(
    visit: Callable[..., Visit],
) -> None:
    with visit(**PHONE, expected=TOO_SOON) as page:
        editor = Describing(page)
        names = page.locator(".mine__name h2")
        page.goto("/me/templates")
        before = names.all_inner_texts()
        page.get_by_role("textbox", name="What do you want to make?").fill(GERMAN)
        page.get_by_role("button", name="Describe it").tap()
        expect(editor.proposal).to_be_visible()
        assert "#" not in page.url
        expect(editor.setting("What it shows")).to_have_value(GERMAN)
        check_reach(page, editor)
        for _ in range(4):
            editor.plan.get_by_role("button", name="Add a shot").tap()
        editor.drafted(*stages(7), "music")
        check_in_sight(page)
        editor.refuse.tap()
        editor.over()
        expect(editor.stages).to_have_count(0)
        with page.expect_response(f"**/app/compose/{editor.template}"):
            page.reload()
        expect(editor.box).to_have_value(GERMAN)
        expect(page.get_by_role("region", name="Proposal")).to_have_count(0)
        page.goto("/me/templates")
        assert names.all_inner_texts() == before

        # The words stay in the editor.
        page.go_back()
        editor.describe.tap()
        editor.plan.get_by_role("button", name="Remove Shots 3").tap()
        editor.setting("Framing, Shots 1").fill("")
        editor.setting("Length").fill("2")
        editor.drafted(*stages(2), "music")
        editor.accept.tap()
        editor.over()
        expect(page.locator(".stage-row").first).to_be_visible()
        document = editor.document(editor.template)
        assert args(document, "image_1")["prompt"] == GERMAN
        page.locator(".run-button[aria-disabled=false]:visible").tap()
        ended = page.locator(".run-status[data-status=completed]:visible")
        expect(ended.first).to_be_visible(timeout=120_000)
        page.goto("/me/templates?q=Fischer")
        row = page.locator(".mine > li").first
        expect(row).to_contain_text(re.compile(r"Draft, \d+ stages?, edited"))
        shown = row.locator(".media :is(img, video)")
        expect(shown).to_have_attribute("src", re.compile("^/media/"))


def test_keys_alone_describe_plan_leave_out_accept_and_open_the_plan_again(
    visit: Callable[..., Visit],
) -> None:
    with visit(**WIDE, expected=TOO_SOON) as page:
        editor = Describing(page)
        template = editor.new_empty()
        editor.canvas.focus()
        page.keyboard.press("d")
        expect(editor.box).to_be_focused()
        page.keyboard.type(BRIEF)
        page.keyboard.press("Control+Enter")
        expect(editor.proposal).to_be_focused()
        tab_to(page, editor.setting("Length"))
        page.keyboard.type("6")
        page.keyboard.press("Escape")
        expect(editor.proposal).to_be_focused()
        editor.drafted(*stages(3), "music")

        total = editor.rows.count()
        page.keyboard.press("]")
        expect(page.locator("#live")).to_contain_text(f"Change 2 of {total}")
        # The last one is the template's own name and brief.
        page.keyboard.press("[")
        page.keyboard.press("[")
        page.keyboard.press("n")
        expect(editor.accept).to_have_text(re.compile(f"Accept {total - 1} of {total}"))
        page.keyboard.press("Enter")
        editor.over()
        expect(editor.run_button).to_be_focused()
        document = editor.document(template)
        assert document["root"]["rows"]["template"]["name"] == "Untitled template"
        assert sorted(document["stages"]["order"]) == sorted([*stages(3), "music"])

        editor.command("Change the plan")
        expect(editor.proposal).to_be_focused()
        expect(editor.setting("Length")).to_have_value("6")
        page.keyboard.press("Escape")
        editor.over()
        # The brief is in the history of the box.
        editor.undo()
        expect(editor.stages).to_have_count(0)
        page.keyboard.press("d")
        expect(editor.box).to_be_focused()
        editor.box.fill("")
        page.keyboard.press("ArrowUp")
        expect(editor.box).to_have_value(BRIEF)


@pytest.mark.parametrize(
    ("size", "theme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide-dark", "phone-light"]
)
def test_every_state_is_accessible_and_keeps_the_words(
    visit: Callable[..., Visit], theme: Literal["dark", "light"], size: dict[str, Any]
) -> None:
    expected = (*TOO_SOON, "status of 422", "net::ERR")
    with visit(**size, color_scheme=theme, reduced_motion="reduce", expected=expected) as page:
        editor = Describing(page)
        editor.new_empty()
        breaches = broken(page, "the empty canvas")
        with held_back(page) as waiting:
            editor.ask(BRIEF)
            page.get_by_role("button", name="Stop").wait_for()
            breaches += broken(page, "asking")
            page.get_by_role("button", name="Stop").click()
            assert len(waiting) == 1
        expect(editor.proposal).to_have_count(0)
        editor.ask("?!")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(editor.box).not_to_have_attribute("aria-invalid", "true")
        breaches += broken(page, "a question")
        page.route(COMPOSE, lambda route: route.abort())
        editor.ask(BRIEF)
        expect(page.get_by_role("alert")).to_contain_text("Can't reach the server.")
        expect(editor.box).to_have_value(BRIEF)
        breaches += broken(page, "a problem")
        page.unroute(COMPOSE)
        editor.box.press("Control+Enter")
        editor.drafted(*stages(3), "music")
        breaches += broken(page, "the proposal of a film")
        editor.setting("Make").select_option("My file")
        expect(editor.setting("Inputs 1")).to_be_visible()
        editor.setting("Shots").wait_for(state="detached")
        breaches += broken(page, "the plan of a file")
        assert page.evaluate("document.documentElement.scrollWidth") == size["viewport"]["width"]
        editor.proposal.get_by_role("button", name="Edit and try again").click()
        breaches += broken(page, "asking again")
        assert breaches == []


def test_a_visitor_s_words_in_the_gallery_become_a_proposal_after_signing_in(
    site: Site, visit: Callable[..., Visit]
) -> None:
    with visit(**WIDE, storage_state=None) as page:
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


def stages(shots: int) -> list[str]:
    """Keys of the stages of a silent film."""
    numbers = range(1, shots + 1)
    return ["film", *(f"{kind}_{number}" for kind in ("image", "shot") for number in numbers)]


def tab_to(page: Page, control: Locator) -> None:
    """Go on by Tab until this control has the keys."""
    for _ in range(60):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(control).to_be_focused()


def check_in_sight(page: Page) -> None:
    """Check that all stages of the draft are seen."""
    graph = page.get_by_role("main", name="Differences").bounding_box()
    assert graph is not None
    for node in page.locator(".compare-canvas .node").all():
        box = node.bounding_box()
        assert box is not None
        assert graph["y"] <= box["y"] <= box["y"] + box["height"] <= graph["y"] + graph["height"]


def check_reach(page: Page, editor: Describing) -> None:
    """Check that a thumb reaches the answers, and the draft is in sight above them."""
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    graph = page.get_by_role("main", name="Differences").bounding_box()
    sheet = editor.proposal.bounding_box()
    assert graph is not None
    assert sheet is not None
    assert graph["y"] < sheet["y"] < graph["y"] + graph["height"]
    for button in (editor.accept, editor.refuse):
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["y"] + box["height"] <= 844
