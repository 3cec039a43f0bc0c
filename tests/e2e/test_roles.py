"""Several people on one template, each in a browser of their own: roles, and runs that all see."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions, showing, signed_in, state
from tests.support.server import SHARED, Site
from tests.support.waiting import promised

pytestmark = pytest.mark.browser
SITE_OPTIONS = SHARED

V1 = "/v1/creative-agent/workflows"
# What the test means to cause: the server ends what a person may not listen to any more, and
# refuses what the page asks before it knows.
LEFT = ("403 (Forbidden)", "404 (Not Found)", "WebSocket")
SOON_S = 5.0
_numbers = itertools.count(1)


def note(stage: str, **more: Any) -> dict[str, Any]:
    return {
        "id": stage,
        "label": stage.title(),
        "type": "fixed",
        "tool": "note",
        "args": {"text": stage, "seconds": 1},
        "produces": [stage],
        **more,
    }


def pause(stage: str, seconds: float, source: str, until: str = "") -> dict[str, Any]:
    return {
        "id": stage,
        "label": stage.title(),
        "type": "fixed",
        "tool": "sleep",
        "args": {"seconds": seconds, "until": until},
        "dependsOn": [source],
    }


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture(scope="module")
def open_as(site: Site, browser: Browser) -> Callable[..., Visit]:
    """`with open_as("bob") as page:` a window in which this person is signed in."""
    sessions: dict[str, Any] = {}

    def visit(person: str, **options: Any) -> Visit:
        if person not in sessions:
            sessions[person] = signed_in(browser, site, person)
        return Visit(browser, site.url, storage_state=sessions[person], **options)

    return visit


@pytest.fixture(autouse=True)
def _stop_what_still_runs(site: Site) -> Iterator[None]:
    yield
    for person in ("alice", "bob"):
        with site.client(site.key(person)) as client:
            listed = client.get(f"{V1}?status=queued,running&limit=100").json()
            for run in listed["data"]["workflows"]:
                client.post(f"{V1}/{run['id']}/cancel")


def template(rest: httpx.Client, *stages: dict[str, Any]) -> str:
    name = f"roles-{next(_numbers)}"
    body = {"id": name, "name": "The lamp", "inputs": [], "stages": list(stages)}
    answer = rest.post(f"{V1}/templates", json=body)
    assert answer.status_code == 201, answer.text
    return name


def share_dialog(page: Page) -> Locator:
    page.get_by_role("button", name=re.compile("Share$")).click()
    return page.get_by_role("dialog", name="Share this draft")


def invite(page: Page, person: str, role: str) -> None:
    """The owner offers a role in the open dialog's form, and closes it."""
    dialog = share_dialog(page)
    dialog.get_by_label("Invite people").fill(person)
    dialog.get_by_label("Role", exact=True).select_option(label=role)
    dialog.get_by_role("button", name="Invite").click()
    offered = dialog.get_by_label(f"Role offered to {person}")
    expect(offered).to_have_value(role.lower())
    dialog.get_by_role("button", name="Close").click()


def accept(page: Page) -> None:
    page.goto("/me/templates")
    answer = page.get_by_role("button", name=re.compile("^Accept"))
    answer.click()
    expect(answer).to_have_count(0)


def let_in(owner: Page, person: str, page: Page, role: str) -> None:
    invite(owner, person, role)
    accept(page)


def give_role(owner: Page, person: str, role: str) -> None:
    dialog = share_dialog(owner)
    dialog.get_by_label(f"Role of {person}").select_option(label=role)
    expect(dialog.get_by_label(f"Role of {person}")).to_be_enabled()
    dialog.get_by_role("button", name="Close").click()


def remove(owner: Page, person: str) -> None:
    dialog = share_dialog(owner)
    dialog.get_by_role("button", name=f"Remove {person}").click()
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    dialog.get_by_role("button", name="Close").click()


def status(page: Page) -> Locator:
    return page.locator(".editor-bar .run-status")


def sees_live(page: Page, starter: str) -> None:
    """The run of someone else: who started it, a stage that is done with its picture, and one at
    work."""
    expect(page.locator(".editor-bar .run-by")).to_contain_text(f"{starter} runs this")
    first = page.locator('[data-node-id="first"]')
    expect(first.locator("img").first).to_be_visible()
    expect(page.locator('.node.is-running[data-node-id="wait"]')).to_be_visible()


def test_an_invitation_stays_when_the_first_list_of_people_arrives_after_it(
    site: Site, open_as: Callable[..., Visit], rest: httpx.Client
) -> None:
    # Of no other test: others accept the only invitation there is.
    site.key("noor")
    name = template(rest, note("first"))
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            late.append((route, route.fetch()))
        else:
            route.continue_()

    with open_as("alice") as page:
        EditorActions(page).open(name)
        page.route("**/people*", hold)
        dialog = share_dialog(page)
        dialog.get_by_label("Invite people").fill("noor")
        dialog.get_by_role("button", name="Invite").click()
        offered = dialog.get_by_label("Role offered to noor")
        expect(offered).to_be_enabled()
        [(route, answer)] = late
        # The browser may have given up this request by now.
        with contextlib.suppress(PlaywrightError):
            route.fulfill(response=answer)
        page.evaluate("new Promise(requestAnimationFrame)")
        expect(offered).to_have_value("editor")


def test_two_editors_see_one_live_run(
    open_as: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    name = template(rest, note("first"), pause("wait", 120, "first", until=str(go)))
    with open_as("alice") as hers, open_as("bob") as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(name)
        let_in(hers, "bob", his, "Editor")
        b.open(name)
        # Who pays is said before.
        expect(his.locator(".quote")).to_contain_text("will run")
        his.locator(".run-button").click()
        sees_live(hers, "bob")
        expect(his.locator('.node.is-running[data-node-id="wait"]')).to_be_visible()
        expect(his.locator(".editor-bar .run-by")).to_have_count(0)
        # Its panel, with its starter's name; the owner stops it, and both see that.
        hers.locator(".editor-bar .run-by").click()
        expect(hers.get_by_role("region", name="Timeline")).to_contain_text("bob’s run of")
        status(hers).get_by_role("button", name="Stop").click()
        for page in (hers, his):
            expect(status(page)).to_have_attribute("data-status", "cancelled")
        # And the other way round: an editor cannot stop the owner's, and sees it to its end.
        hers.locator(".run-button").click()
        sees_live(his, "alice")
        expect(status(his).get_by_role("button", name="Stop")).to_have_count(0)
        expect(his.locator(".run-button")).to_have_text("Run")
        go.touch()
        expect(status(his)).to_have_attribute("data-status", "completed")


def test_an_editor_sees_whose_results_they_are_and_takes_them_over_for_free(
    site: Site, open_as: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(rest, note("first"), note("second"))
    with open_as("alice") as hers, open_as("bob", viewport={"width": 1440, "height": 900}) as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(name)
        let_in(hers, "bob", his, "Editor")
        expect(a.quote).to_contain_text("2 stages will run")
        a.start_run()
        a.ended()

        b.open(name)
        for stage in ("first", "second"):
            expect(b.node(stage)).to_contain_text("alice’s result")
            expect(b.node(stage)).not_to_contain_text("Not run yet")
        expect(b.quote).to_have_text("Nothing changed. All 2 stages are reused, free.")
        b.select("first")
        b.inspector.get_by_role("tab", name="Result").click()
        expect(b.inspector.get_by_text("alice’s result")).to_be_visible()
        his.set_viewport_size({"width": 390, "height": 844})
        his.reload()
        row = his.get_by_role("treeitem", name=re.compile("^First, stage 1"))
        expect(row.locator("xpath=..")).to_contain_text("alice’s result")
        his.set_viewport_size({"width": 1440, "height": 900})
        his.reload()
        b.ready()
        run = b.start_run()
        b.ended()
        expect(b.node("first")).not_to_contain_text("alice’s result")
        # What he took over is no one else's to her either.
        hers.reload()
        a.ready()
        expect(a.node("first")).not_to_contain_text("Not run yet")
        expect(a.node("first")).not_to_contain_text("bob’s result")
        with site.client(site.key("bob")) as client:
            shown = client.get(f"{V1}/{run}").json()["data"]["workflow"]
            assert shown["actualCapacityUnits"] == 0
            assert {step["cost"]["actual"] for step in shown["steps"]} == {0}


@pytest.mark.parametrize(
    ("role", "words"),
    [("Viewer", "You can look at this template"), ("Commenter", "You can comment")],
)
def test_readers_change_nothing_and_see_runs_live(
    open_as: Callable[..., Visit], rest: httpx.Client, role: str, words: str
) -> None:
    name = template(rest, note("first"), pause("wait", 120, "first"))
    with open_as("alice") as hers, open_as("bob") as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(name)
        let_in(hers, "bob", his, role)
        b.open(name)
        expect(his.locator(".role-words")).to_have_text(words)
        expect(his.locator(".run-button, .palette")).to_have_count(0)
        expect(his.get_by_role("button", name="Remix to edit")).to_be_visible()
        # Neither by keys nor by the mouse.
        before = state(his, name)
        b.select("first")
        his.keyboard.press("Delete")
        node = b.node("first")
        box = node.bounding_box()
        assert box is not None
        his.mouse.move(box["x"] + 40, box["y"] + 12)
        his.mouse.down()
        his.mouse.move(box["x"] + 240, box["y"] + 160, steps=5)
        his.mouse.up()
        expect(b.inspector.get_by_label("Text", exact=True)).to_be_disabled()
        assert state(his, name) == before
        # What others do comes at once: edits, and a run.
        a.write("first", "Name", "Opening")
        expect(b.node("first").locator(".node-head b")).to_have_text("Opening")
        hers.locator(".run-button").click()
        sees_live(his, "alice")
        expect(his.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_changed_role_holds_at_once_and_who_is_removed_leaves(
    site: Site, open_as: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(rest, note("first"))
    with open_as("alice") as hers, open_as("bob", expected=LEFT) as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(name)
        let_in(hers, "bob", his, "Editor")
        b.open(name)
        expect(his.locator(".run-button")).to_be_visible()
        give_role(hers, "bob", "Viewer")
        words = his.locator(".role-words")
        with promised(SOON_S, of=showing(site)):
            expect(words).to_have_text("You can look at this template")
        expect(his.locator(".run-button, .palette")).to_have_count(0)
        give_role(hers, "bob", "Editor")
        with promised(SOON_S, of=showing(site)):
            expect(his.locator(".run-button")).to_be_visible()
        remove(hers, "bob")
        gone = his.get_by_role("alert")
        with promised(SOON_S, of=showing(site)):
            expect(gone).to_contain_text("You no longer have access")
        expect(his.locator(".node")).to_have_count(0)
        gone.get_by_role("link", name="My templates").click()
        his.wait_for_url("**/me/templates")
        assert his.request.get(f"/app/documents/{name}").status == 404


def test_a_viewer_remixes_a_private_template_and_leaves(
    open_as: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(rest, note("first"))
    with open_as("alice") as hers, open_as("bob") as his:
        a, b = EditorActions(hers), EditorActions(his)
        a.open(name)
        let_in(hers, "bob", his, "Viewer")
        b.open(name)
        dialog = share_dialog(his)
        expect(dialog.get_by_label("Invite people")).to_have_count(0)
        expect(dialog.get_by_role("combobox")).to_have_count(0)
        dialog.get_by_role("button", name="Close").click()
        his.get_by_role("button", name="Remix to edit").click()
        expect(his.get_by_role("heading", name="The lamp (remix), editor")).to_be_visible()
        b.open(name)
        share_dialog(his).get_by_role("button", name="Leave").click()
        his.wait_for_url("**/me/templates")
        assert his.request.get(f"/app/documents/{name}").status == 404
