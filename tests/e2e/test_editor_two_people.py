"""Two people, two browsers, one document: live, offline, side by side with the API."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.builders.editor_templates import TEMPLATES, post, stage
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, signed_in
from tests.support.server import SHARED, Site
from tests.support.waiting import wait_for

pytestmark = pytest.mark.browser
SITE_OPTIONS = SHARED

LOST = ("net::ERR", "WebSocket connection to", "Failed to load resource")
LATE = "**/late-*.js*"
PROMPTS = {"first": "A harbour", "second": "A lamp", "third": "The sea"}
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture(scope="module")
def alice(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "alice")


@pytest.fixture(scope="module")
def bob(site: Site, browser: Browser) -> Any:
    return signed_in(browser, site, "bob")


@pytest.fixture
def template(rest: httpx.Client) -> str:
    name = f"together-{next(_numbers)}"
    body = {"id": name, "name": "The harbour", "inputs": [], "stages": stages(PROMPTS)}
    return post(rest, body)


def stages(prompts: dict[str, str]) -> list[dict[str, Any]]:
    return [stage(key, "generate_image", prompt=prompt) for key, prompt in prompts.items()]


def let_in(page: Page, person: str, invited: Page) -> None:
    """Invite a person by their sign-in name; they accept in their own window."""
    page.get_by_role("button", name=re.compile("Share$")).click()
    dialog = page.get_by_role("dialog", name="Share this draft")
    dialog.get_by_label("Invite people").fill(person)
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog.get_by_role("listitem").last).to_contain_text("Invited")
    dialog.get_by_role("button", name="Close").click()
    invited.goto("/me/templates")
    answer = invited.get_by_role("button", name=re.compile("^Accept"))
    answer.click()
    expect(answer).to_have_count(0)


def shown(actions: EditorActions) -> dict[str, tuple[str, str]]:
    """What this window shows of each stage: its name and its prompt."""
    found = {}
    for key in actions.stage_keys():
        actions.select(key)
        name, prompt = (actions.inspector.get_by_label(one) for one in (NAME, PROMPT))
        found[key] = (name.input_value(), prompt.input_value())
    return found


NAME, PROMPT = re.compile("^Name$"), re.compile("^Prompt( ?required)?$")


def stored(actions: EditorActions, template: str) -> dict[str, tuple[str, str]]:
    rows = actions.document(template)["stages"]["rows"]
    return {key: (row["label"], row["args"].get("prompt", "")) for key, row in rows.items()}


def agree(template: str, *windows: EditorActions) -> None:
    """Every window shows the document that the server has, and all read the same one."""
    documents = [json.dumps(actions.document(template), sort_keys=True) for actions in windows]
    assert len(set(documents)) == 1
    for actions in windows:
        assert shown(actions) == stored(actions, template)


def reads(actions: EditorActions, key: str, prompt: str) -> None:
    """The window comes to show this prompt, without being told to."""
    actions.select(key)
    expect(actions.inspector.get_by_label(PROMPT)).to_have_value(prompt)


def test_two_people_in_three_windows_edit_at_once_and_each_undoes_their_own(
    site: Site, browser: Browser, alice: Any, bob: Any, template: str, rest: httpx.Client
) -> None:
    not_yet = ("status of 404",)
    with (
        Visit(browser, site.url, storage_state=alice) as hers,
        Visit(browser, site.url, storage_state=bob, expected=not_yet) as his,
    ):
        a, b = EditorActions(hers), EditorActions(his)
        answer = his.goto(f"/t/{template}/edit")
        assert answer is not None
        assert answer.status == 404
        a.open(template)
        let_in(hers, "bob", his)
        b.open(template)

        # Who is here, and what they hold.
        for page, other in ((hers, "bob"), (his, "alice")):
            here = page.get_by_role("button", name=f"Here now: you and {other}")
            expect(here).to_be_visible()
        a.select("second")
        expect(b.node("second").locator(".held")).to_have_text("alice")
        b.select("third")
        expect(a.node("third").locator(".held")).to_have_text("bob")

        # Live, both ways; two fields of one stage both survive.
        a.write("first", "Prompt", "A harbour at dusk")
        reads(b, "first", "A harbour at dusk")
        b.fill("Name", "Opening")
        expect(a.node("first").locator(".node-head b")).to_have_text("Opening")
        agree(template, a, b)
        assert stored(a, template)["first"] == ("Opening", "A harbour at dusk")

        # At once, before either hears of the other: the server's order counts for both.
        a.select("first")
        b.select("first")
        a.inspector.get_by_label(PROMPT).fill("Hers")
        b.inspector.get_by_label(PROMPT).fill("His")
        for actions in (a, b):
            actions.inspector.get_by_label(PROMPT).blur()
        wait_for(lambda: stored(a, template) == stored(b, template), "one order of the two")
        last = stored(a, template)["first"][1]
        assert last in ("Hers", "His")
        for actions in (a, b):
            expect(actions.inspector.get_by_label(PROMPT)).to_have_value(last)
        agree(template, a, b)

        # Undo takes back one's own: each other's stays.
        a.write("second", "Prompt", "A lamp in the window")
        b.write("third", "Prompt", "The sea, very still")
        reads(a, "third", "The sea, very still")
        reads(b, "second", "A lamp in the window")
        a.undo()
        reads(b, "second", PROMPTS["second"])
        reads(b, "third", "The sea, very still")
        b.undo()
        reads(a, "third", PROMPTS["third"])
        agree(template, a, b)

        # A program changes the template with a key: it is a change like any other.
        asked = rest.patch(
            f"{TEMPLATES}/{template}", json={"stages": stages({**PROMPTS, "third": "By a program"})}
        )
        assert asked.status_code == 200, asked.text
        for actions in (a, b):
            reads(actions, "third", "By a program")
        assert stored(a, template)["first"] == ("Opening", last)

        # Two windows of one person are one document, and she is here once.
        c = EditorActions(hers.context.new_page())
        c.open(template)
        c.write("second", "Prompt", "From another window")
        reads(a, "second", "From another window")
        c.undo()
        reads(b, "second", PROMPTS["second"])
        expect(his.get_by_role("button", name="Here now: you and alice")).to_be_visible()
        agree(template, a, b, c)


def test_what_is_done_offline_is_kept_and_goes_up(
    site: Site, browser: Browser, alice: Any, bob: Any, template: str
) -> None:
    visit = Visit(browser, site.url, storage_state=bob, expected=LOST)
    with Visit(browser, site.url, storage_state=alice) as hers, visit as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(template)
        let_in(hers, "bob", his)
        # A dialog that was not fetched in time says so in its place, and the rest works. Chromium
        # remembers the failure until the page is loaded again.
        context = his.context
        context.route(LATE, lambda route: route.abort())
        b.open(template)
        his.keyboard.press("?")
        missing = his.get_by_role("dialog", name="Not available")
        expect(missing.get_by_text("Couldn't load this panel.")).to_be_visible()
        context.unroute(LATE)
        b.open(template)
        his.keyboard.press("?")
        keys = his.get_by_role("dialog", name="Keyboard shortcuts")
        keys.get_by_role("button", name="Close").click()
        expect(keys).to_have_count(0)
        context.set_offline(True)
        b.write("first", "Prompt", "Written on a train")
        b.write("first", "Name", "Tunnel")
        expect(b.saved).to_have_text(re.compile(r"Offline: [1-9] changes? saved on this device"))
        a.write("second", "Prompt", "Written at home")
        assert stored(a, template)["first"] == ("First", PROMPTS["first"])
        his.close()

        # The next window cannot send either, but has it all.
        changes = "**/app/documents/*/changes*"
        context.route(changes, lambda route: route.abort())
        context.set_offline(False)
        c = EditorActions(context.new_page())
        c.open(template)
        expect(c.saved).to_have_text(re.compile(r"Offline: [1-9] changes? saved on this device"))
        reads(c, "first", "Written on a train")
        expect(c.node("first").locator(".node-head b")).to_have_text("Tunnel")
        c.write("third", "Prompt", "And one more")
        assert stored(a, template)["first"] == ("First", PROMPTS["first"])

        context.unroute(changes)
        expect(c.saved).to_have_text("Saved")
        reads(a, "first", "Written on a train")
        reads(a, "third", "And one more")
        agree(template, a, c)
        assert stored(c, template)["second"][1] == "Written at home"
