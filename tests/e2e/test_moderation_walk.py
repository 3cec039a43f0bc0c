"""From reports to a suspension and back by appeals, on pages, with moderators' keys alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import close_cases
from tests.support.server import SHARED, Site, finished, start

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
REMIXES = 8
# What alice publishes before anyone reports it.
WORK = """
import json
from comments import services as comments
from comments.services import Place
from runs.models import Run
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import make_public
run = Run.objects.get(public_id={run!r})
alice = run.owner
make_public(alice, id="marsh", name="Wet marsh")
share = make_share(alice, run, title="Dawn")
comments.comment_on_share(actor=alice, share=share, text="Buy pills", place=Place())
print("MADE", json.dumps([share.public_id, alice.public_id]))
"""
STATE = """
import json
from accounts.models import User
from comments.models import Comment
from creations.models import Share
from moderation.models import Sanction
from templates_app.models import Template
alice = User.objects.get(username="alba")
print("STATE", json.dumps({
    "template": Template.objects.get(public_id="marsh").moderation,
    "share": Share.objects.get(owner=alice).moderation,
    "comment": Comment.objects.get(share__owner=alice).moderation,
    "suspended": alice.suspended_until is not None,
    "holding": Sanction.objects.filter(person=alice, ended_at=None).count(),
}))
"""


def said(site: Site, word: str, code: str) -> Any:
    """What a script prints behind a word, as JSON."""
    found = re.search(rf"{word} (.*)", site.manage("shell", "-c", code))
    assert found is not None
    return json.loads(found[1])


def report(page: Page, reason: str) -> None:
    """On the page of what is reported; reason: by its code."""
    page.locator('main a[href$="/report"]:visible').first.click()
    page.locator(f'input[name="reason"][value="{reason}"]:visible').check()
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url("**/me/reports")


def decide(page: Page, *keys: str) -> None:
    for key in (*keys, "Control+Enter"):
        page.keyboard.press(key)
    expect(page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()


def works(site: Site, alice: Visit, key: str, share: str) -> set[bool]:
    """Whether each of her public pages, the gallery, her key and her editor works."""
    with site.client(key) as client:
        seen = {client.get("/v1/account/me").status_code == 200}
    seen |= {httpx.get(site.url + path).status_code == 200 for path in ("/t/marsh", f"/s/{share}")}
    seen.add("Wet marsh" in httpx.get(f"{site.url}/?q=marsh").text)
    with alice as page:
        page.goto("/t/marsh/edit")
        closed = page.get_by_role("heading", name="The editor is closed")
        expect(closed.or_(page.locator(".node").first)).to_be_visible()
        seen.add(not closed.is_visible())
    return seen


def test_reports_strikes_suspension_appeals_and_all_is_as_it_was(
    site: Site, people: Callable[..., Visit]
) -> None:
    close_cases(site)
    key = site.key("alba")
    with site.client(key) as client:
        run = start(client, {"input": {"steps": [{"toolName": "note"}]}})["id"]
        finished(client, run)
    share, author = said(site, "MADE", WORK.format(run=run))
    before = said(site, "STATE", STATE)
    assert set(before.values()) == {"visible", False}
    assert works(site, people("alba"), key, share) == {True}
    creation = f"/s/{share}"
    with people("bob") as page:
        page.goto("/t/marsh")
        report(page, "illegal")
        page.goto(creation)
        page.locator(".comment").get_by_role("link", name="Report").click()
        report_comment = page.get_by_role("heading", name="Report this comment")
        expect(report_comment).to_be_visible()
        page.locator('[value="harassment"]').check()
        page.get_by_role("button", name="Send report").click()
        page.wait_for_url("**/me/reports")
        page.goto(f"{creation}/report")
        page.locator('[value="violence"]').check()
        page.get_by_role("button", name="Send report").click()
        page.wait_for_url("**/me/reports")
        page.goto(f"/u/{author}")
        page.get_by_role("button", name="More").click()
        report(page, "spam")
    with people("owner") as page:
        page.goto("/admin/moderation/")
        page.keyboard.press("?")
        shortcuts = page.get_by_role("heading", name="Keyboard shortcuts")
        expect(shortcuts).to_be_visible()
        page.keyboard.press("Escape")
        expect(shortcuts).to_be_hidden()
        page.keyboard.press("c")
        expect(page.get_by_text("You're working on this")).to_be_visible()
        # Template, creation and comment are taken down, each with a strike; the third suspends.
        for title, third in (("Wet marsh", False), ("Dawn", False), ("Comment on", True)):
            expect(page.locator(".moderation-title")).to_contain_text(title)
            page.keyboard.press("3")
            page.keyboard.press("s")
            expect(page.get_by_text("Also suspends them for 30 days")).to_have_count(int(third))
            decide(page)
            page.goto("/admin/moderation/")
        expect(page.locator(".moderation-title")).to_contain_text("alba")
        decide(page, "2", "d", "ArrowDown")
        expect(page.get_by_role("heading", name="No open cases")).to_be_visible()
    after = said(site, "STATE", STATE)
    assert after == {
        "template": "removed",
        "share": "removed",
        "comment": "removed",
        "suspended": True,
        # Three strikes, the suspension of the third, and the one that was chosen.
        "holding": 5,
    }
    assert works(site, people("alba"), key, share) == {False}
    with people("alba") as page:
        page.goto("/me/decisions")
        appeals = page.get_by_role("link", name="Appeal:")
        for left in (3, 2, 1, 0):
            appeals.first.click()
            page.get_by_label("Why is the decision wrong?").fill("It is satire.")
            page.get_by_role("button", name="Send appeal").click()
            expect(page.get_by_text("Appeal sent.")).to_be_visible()
            page.goto("/me/decisions")
            expect(appeals).to_have_count(left)
    people("max")
    site.manage("moderator", "max")
    with people("max") as page:
        for left in (3, 2, 1, 0):
            page.goto("/admin/moderation/appeals")
            for one in ("j", "2", "Control+Enter"):
                page.keyboard.press(one)
            expect(page.get_by_text("Overturned. They were told.")).to_be_visible()
            expect(page.locator("[data-step]")).to_have_count(left)
    assert said(site, "STATE", STATE) == before
    assert works(site, people("alba"), key, share) == {True}


def test_a_template_and_its_remixes_in_one_decision_and_back(
    site: Site, people: Callable[..., Visit]
) -> None:
    close_cases(site)
    with site.client(site.key("rosa")) as client:
        note = {"id": "n", "type": "fixed", "tool": "note", "args": {"text": "x"}}
        body = {"id": "reeds", "name": "The reeds", "visibility": "public", "inputs": []}
        assert client.post(TEMPLATES, json={**body, "stages": [note]}).status_code == 201
    made = ["reeds"]
    with site.client(site.key("remy")) as client:
        for _ in range(REMIXES):
            forked = client.post(f"{TEMPLATES}/reeds/fork", json={})
            assert forked.status_code == 201, forked.text
            made.append(forked.json()["data"]["template"]["id"])
            public = client.patch(f"{TEMPLATES}/{made[-1]}", json={"visibility": "public"})
            assert public.status_code == 200, public.text
    with people("bob") as page:
        page.goto("/t/reeds")
        report(page, "copyright")

    def answers() -> set[int]:
        return {httpx.get(f"{site.url}/t/{one}").status_code for one in made}

    assert answers() == {200}
    with people("owner") as page:
        page.goto("/admin/moderation/")
        expect(page.locator(".moderation-title")).to_have_text("The reeds")
        page.keyboard.press("3")
        page.keyboard.press("r")
        expect(page.get_by_role("button", name=f"Take down {1 + REMIXES}")).to_be_visible()
        decide(page)
        assert answers() == {404}
        page.goto("/admin/moderation/?show=closed&q=reeds")
        row = page.get_by_role("link", name="The reeds")
        row.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/*")
        expect(page.get_by_text(f"Also changed {REMIXES} more")).to_be_visible()
        expect(page.locator(".moderation-lineage")).to_contain_text("taken down")
        page.keyboard.press("u")
        expect(page.get_by_text("undid “Taken down”")).to_be_visible()
        expect(page.locator(".moderation-lineage")).not_to_contain_text("taken down")
    assert answers() == {200}
