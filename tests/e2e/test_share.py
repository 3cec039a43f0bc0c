"""What is made can be seen: one person shares a film, others watch it, remix it and run it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support import axe
from tests.support.browser import Visit
from tests.support.browser_actions import EditorActions, signed_in
from tests.support.server import SHARED, Site, finished, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITE_OPTIONS = SHARED
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
VIEW = "A lighthouse on a rock at sunset"
TEMPLATE: dict[str, Any] = {
    "id": "one-shot-with-sound",
    "name": "One shot",
    "inputs": [{"name": "view", "type": "text", "required": True, "description": "View"}],
    "stages": [
        {
            "id": "shot",
            "label": "Shot",
            "type": "fixed",
            "tool": "generate_video",
            "produces": ["shot"],
            "args": {"prompt": "$inputs.view", "duration": 2, "generateAudio": True},
        }
    ],
}
MISSING = ("404 (Not Found)",)


@pytest.fixture(scope="module")
def people(site: Site, browser: Browser) -> Callable[..., Visit]:
    """`with people("alice") as page:` a window of this person's, or of a visitor's for ""."""
    known: dict[str, Any] = {"": None}

    def visit(name: str, **options: Any) -> Visit:
        if name not in known:
            known[name] = signed_in(browser, site, name)
        return Visit(browser, site.url, storage_state=known[name], **options)

    return visit


@pytest.fixture(scope="module")
def of_alice(site: Site) -> Any:
    """Alice's programs."""
    with site.client(site.key("alice")) as client:
        yield client


def open_dialog(page: Page, button: str = "Share") -> Locator:
    page.get_by_role("link", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def plays_with_sound(page: Page, film: Locator) -> None:
    film.click(position={"x": 20, "y": 20})
    film.evaluate("one => one.paused && one.play()")
    page.wait_for_function("one => one.currentTime > 0", arg=film.element_handle())
    heard = "one => [one.muted, one.volume, one.webkitAudioDecodedByteCount > 0]"
    assert film.evaluate(heard) == [False, 1, True]


@pytest.fixture(scope="module")
def run_id(of_alice: httpx.Client) -> str:
    """Alice's finished run of a private template of hers, a film with sound."""
    made = of_alice.post("/v1/creative-agent/workflows/templates", json=TEMPLATE)
    assert made.status_code in (200, 201), made.text
    run = start(of_alice, {"workflow_id": TEMPLATE["id"], "inputs": {"view": VIEW}})
    assert finished(of_alice, run["id"])["status"] == "completed"
    return str(run["id"])


@pytest.fixture(scope="module")
def link(people: Callable[..., Visit], run_id: str) -> str:
    """Where Alice shares it, with prompts and for remixing."""
    with people("alice", permissions=["clipboard-read", "clipboard-write"]) as alice:
        alice.goto(f"/runs/{run_id}")
        dialog = open_dialog(alice)
        dialog.get_by_label("Title").fill("The lamp at dusk")
        dialog.get_by_label("Description").fill("A quiet evening.")
        dialog.get_by_label("License").select_option("cc_by")
        dialog.get_by_role("switch", name="Allow Remix").check()
        dialog.get_by_role("switch", name="Show prompts and inputs").check()
        dialog.get_by_role("button", name="Share", exact=True).click()
        alice.wait_for_url("**/s/*")
        alice.get_by_role("button", name="Copy link").click()
        expect(alice.get_by_text("Copied.")).to_be_visible()
        assert alice.evaluate("navigator.clipboard.readText()") == alice.url
        return alice.url


def test_a_visitor_watches_it_with_sound_on_a_phone(
    people: Callable[..., Visit], link: str
) -> None:
    with people("", **PHONE) as visitor:
        visitor.goto(link)
        expect(visitor.get_by_role("heading", level=1)).to_have_text("The lamp at dusk")
        expect(visitor.locator(".by")).to_contain_text("Anonymous")
        expect(visitor.get_by_role("link", name="CC BY 4.0")).to_be_visible()
        expect(visitor.get_by_text(VIEW)).to_be_visible()
        expect(visitor.get_by_role("group", name="Graph")).to_be_hidden()
        visitor.get_by_text("How it was made").click()
        expect(visitor.get_by_role("group", name="Graph")).to_be_visible()
        film = visitor.locator(".player video")
        assert re.search(r"^/media/s/.*/poster\.webp$", film.get_attribute("poster") or "")
        plays_with_sound(visitor, film)
        assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
        # What needs an account asks for it, and leads back here.
        visitor.get_by_role("button", name="Remix", exact=True).click()
        visitor.wait_for_url(re.compile(r"/sign-in\?next=/s/"))


def test_a_remix_opens_in_the_editor_with_prompts_and_seeds_and_runs(
    people: Callable[..., Visit], link: str
) -> None:
    with people("bob") as bob, people("alice") as alice:
        bob.goto(link)
        bob.get_by_role("button", name="Remix", exact=True).click()
        bob.wait_for_url(re.compile("/t/[^/]+/edit"))
        hands = EditorActions(bob)
        hands.ready()
        found = re.search("/t/([^/]+)/edit", bob.url)
        assert found
        kept = hands.document(found[1])
        assert kept["inputs"]["rows"]["view"]["default"] == VIEW
        assert kept["seeds"]["rows"]["shot"]["seed"] >= 0
        hands.start_run()
        hands.ended()
        alice.goto(link)
        expect(alice.get_by_role("heading", name="Remixes 1")).to_be_visible()
        expect(alice.locator(".remixes-kept")).to_contain_text("private")


def test_ones_own_text_goes_into_the_form_of_the_frozen_copy(
    people: Callable[..., Visit], link: str
) -> None:
    with people("carol") as carol:
        carol.goto(link)
        carol.get_by_role("button", name="Run with my own text").click()
        carol.wait_for_url(re.compile("/t/[^/]+#run"))
        field = carol.get_by_role("textbox", name="View")
        expect(field).to_have_attribute("placeholder", VIEW)
        field.fill("Rain over the harbor")
        carol.get_by_role("main").get_by_role("button", name="Run").first.click()
        carol.wait_for_url("**/runs/*")


def test_its_end_is_seen_by_those_who_look_again(
    people: Callable[..., Visit], link: str, run_id: str
) -> None:
    with people("", **PHONE, expected=MISSING) as visitor, people("alice") as alice:
        visitor.goto(link)
        expect(visitor.get_by_role("heading", level=1)).to_have_text("The lamp at dusk")
        alice.goto(link)
        dialog = open_dialog(alice, "Change")
        dialog.get_by_text("Stop sharing").first.click()
        dialog.get_by_role("button", name="Stop sharing").click()
        alice.wait_for_url(f"**/runs/{run_id}")
        expect(alice.get_by_role("link", name="Share", exact=True)).to_be_visible()
        answer = visitor.reload()
        assert answer is not None
        assert answer.status == 404
        expect(visitor.get_by_text("isn't shared any more")).to_be_visible()


def test_the_dialog_says_what_is_wrong_and_keeps_what_was_typed(
    people: Callable[..., Visit], of_alice: httpx.Client
) -> None:
    steps = [
        {"id": "look", "title": "Look", "toolName": "generate_image", "arguments": {"prompt": "x"}}
    ]
    run = finished(of_alice, start(of_alice, {"input": {"steps": steps}})["id"])
    with people("alice", reduced_motion="reduce", expected=("422",)) as page:
        page.goto(f"/runs/{run['id']}")
        dialog = open_dialog(page)
        # Without a template there is nothing to remix.
        expect(dialog.get_by_role("switch", name="Allow Remix")).to_have_count(0)
        send = dialog.get_by_role("button", name="Share", exact=True)
        dialog.get_by_label("Title").fill("Two \u200b words")
        dialog.get_by_label("Description").fill("Kept")
        dialog.locator("[value=public]").check()
        send.click()
        expect(dialog.get_by_role("alert")).to_contain_text("The title contains a character")
        expect(dialog.get_by_label("Description")).to_have_value("Kept")
        expect(dialog.locator("[value=public]")).to_be_checked()
        dialog.get_by_label("Title").fill("Two words")
        dialog.locator(".choice").first.click()
        send.click()
        expect(dialog.get_by_role("alert")).to_have_text("Choose at least one result.")
        dialog.locator(".choice").first.click()
        send.click()
        page.wait_for_url("**/s/*")
        expect(page.get_by_role("heading", level=1)).to_have_text("Two words")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_pages_dialog_and_embed_break_no_rule(
    theme: Any, width: int, people: Callable[..., Visit], of_alice: httpx.Client
) -> None:
    song = {
        "id": "song",
        "toolName": "generate_music",
        "arguments": {"prompt": "x", "duration": 10},
    }
    run = finished(of_alice, start(of_alice, {"input": {"title": "Song", "steps": [song]}})["id"])
    look = {
        "color_scheme": theme,
        "viewport": {"width": width, "height": 900},
        "reduced_motion": "reduce",
        # What the rules' own program does to a page.
        "expected": ("Applying inline style", "preload assets", *MISSING),
    }
    with people("alice", **look) as page:
        page.goto(f"/runs/{run['id']}")
        open_dialog(page)
        assert axe.broken(page, "dialog") == []
        page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
        page.wait_for_url("**/s/*")
        share = page.url.rpartition("/")[2]
        assert axe.broken(page, "creation of mine") == []
        open_dialog(page, "Change")
        assert axe.broken(page, "dialog of what is shared") == []
        page.goto(f"/app/runs/{run['id']}/share")
        assert axe.broken(page, "dialog as a page") == []
    with people("", **look) as page:
        for path in (f"/s/{share}", f"/embed/{share}", "/embed/1111111111111111"):
            page.goto(path)
            assert axe.broken(page, path) == []
