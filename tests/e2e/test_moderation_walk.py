"""From reports to a suspension and back by an appeal, with the keys of moderators alone."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Visit
from tests.support.server import Site

SITE_OPTIONS = {"workers": 0}

pytestmark = pytest.mark.browser

# Four reports of bob's about alice and her work; the case of each kind.
REPORTS = """
import json
from comments import services as comments
from comments.services import Place
from moderation import reporting
from moderation.models import Case
from tests.support.factories import make_user
from tests.support.moderation import make_moderator
from tests.support.sharing import make_share
from tests.support.templates import make_public
alice, bob = make_user("alice"), make_user("bob")
make_moderator(make_user("max"))
template = make_public(alice, id="marsh", name="Open marsh")
share = make_share(alice, title="Dawn")
comment = comments.comment_on_share(actor=alice, share=share, text="Buy pills", place=Place())
reporting.report_template(actor=bob, public_id="marsh", reason="illegal")
reporting.report_share(actor=bob, public_id=share.public_id, reason="violence")
reporting.report_comment(
    actor=bob, comment_id=comment.pk, public_id=share.public_id, reason="harassment")
reporting.report_person(actor=bob, public_id=alice.public_id, reason="spam")
print("MADE", json.dumps({"share": share.public_id, "author": alice.public_id}))
"""
APPEALS = """
from accounts.models import User
from moderation import appeals
from moderation.models import Decision
alice = User.objects.get(username="alice")
for decision in Decision.objects.order_by("pk"):
    appeals.file(person=alice, decision=decision, text="It is satire.")
"""
STATE = """
import json
from accounts.models import User
from comments.models import Comment
from creations.models import Share
from moderation.models import Sanction
from templates_app.models import Template
alice = User.objects.get(username="alice")
print("STATE", json.dumps({
    "template": Template.objects.get(public_id="marsh").moderation,
    "share": Share.objects.get().moderation,
    "comment": Comment.objects.get().moderation,
    "suspended": alice.suspended_until is not None,
    "holding": Sanction.objects.filter(ended_at=None).count(),
}))
"""


def said(site: Site, word: str, code: str) -> Any:
    """What a script prints behind a word, as JSON."""
    found = re.search(rf"{word} (.*)", site.manage("shell", "-c", code))
    assert found is not None
    return json.loads(found[1])


def come_in(site: Site, page: Page, name: str) -> None:
    link = re.search(r"http\S+", site.manage("signin-link", name))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("main").get_by_role("button", name="Continue as").click()
    page.wait_for_url("**/", wait_until="commit")


def test_reports_strikes_suspension_appeals_and_all_is_as_it_was(
    site: Site, browser: Browser
) -> None:
    made = said(site, "MADE", REPORTS)
    before = said(site, "STATE", STATE)
    assert set(before.values()) == {"visible", False}
    with Visit(browser, site.url) as page:
        come_in(site, page, "owner")
        page.goto("/admin/moderation/")
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        expect(page.get_by_text("You're working on this")).to_be_visible()
        # Template, creation and comment are taken down, each with a strike; the third suspends.
        for title, third in (("Open marsh", False), ("Dawn", False), ("Comment on", True)):
            expect(page.locator(".mod-title")).to_contain_text(title)
            page.keyboard.press("3")
            page.keyboard.press("s")
            expect(page.get_by_text("Also suspends them for 30 days")).to_have_count(int(third))
            page.keyboard.press("Control+Enter")
            expect(page.get_by_text("in the audit log with your name.").first).to_be_visible()
            page.goto("/admin/moderation/")
        expect(page.locator(".mod-title")).to_contain_text("alice")
        page.keyboard.press("2")
        page.keyboard.press("d")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
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
    assert httpx.get(f"{site.url}/s/{made['share']}").status_code == 404
    site.manage("shell", "-c", APPEALS)
    with Visit(browser, site.url) as page:
        come_in(site, page, "max")
        for left in (3, 2, 1, 0):
            page.goto("/admin/moderation/appeals")
            page.keyboard.press("j")
            page.keyboard.press("2")
            page.keyboard.press("Control+Enter")
            expect(page.get_by_text("Overturned. They were told.")).to_be_visible()
            expect(page.locator("[data-step]")).to_have_count(left)
    assert said(site, "STATE", STATE) == before
    assert httpx.get(f"{site.url}/s/{made['share']}").status_code == 200
    assert httpx.get(f"{site.url}/t/marsh").status_code == 200
