"""What people share with one another in the server whose pages are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.support.builders.moderated_work import send_report
from tests.support.clients.browser import WAIT_MS
from tests.support.clients.browser_actions import EditorActions, signed_in
from tests.support.server import Site, finished, start

# What another person made, and a moderator took down.
SIGN = {"toolName": "generate_image", "title": "Sign"}
SIGN_ARGUMENTS = {"prompt": "A neon sign in the rain", "width": 512, "height": 512}


@dataclass(frozen=True)
class SharedWork:
    """The ids of creations are public ones.

    film: with prompts, a remix allowed, a license, and comments; pictures: another;
    taken_down: the member's. author: public id of the owner, who shares the first two. member: the
    session of a browser of someone who edits a template of the owner's.
    """

    film: str
    pictures: str
    taken_down: str
    author: str
    member: Any


@dataclass(frozen=True)
class Sharing:
    """Shares runs of the owner's. owner: the session of their browser, who also moderates."""

    site: Site
    browser: Browser
    owner: Any

    def share(self, *, film: str, pictures: str, template: str, stage: str) -> SharedWork:
        """film, pictures: finished runs. template: what another person edits from then on.

        stage: what that person comments on, by its label.
        """
        made = self._share(self.owner, film, license="cc_by")
        postcards = self._share(self.owner, pictures, "Postcards from the #harbor")
        member = self._member(template, stage, made)
        with self.site.client(self.site.key("teo")) as client:
            steps = [{**SIGN, "arguments": SIGN_ARGUMENTS}]
            sign = start(client, {"input": {"title": "Neon sign", "steps": steps}})
            finished(client, sign["id"])
        taken_down = self._share(member, sign["id"])
        with self._window(self.owner) as page:
            _take_down(page, taken_down)
            _make_folder(page)
            page.goto(f"/s/{made}")
            link = page.locator(".by a").get_attribute("href") or ""
        return SharedWork(
            film=made,
            pictures=postcards,
            taken_down=taken_down,
            author=link.rpartition("/")[2],
            member=member,
        )

    @contextmanager
    def _window(self, session: Any) -> Iterator[Page]:
        context = self.browser.new_context(base_url=self.site.url, storage_state=session)
        context.set_default_timeout(WAIT_MS)
        yield context.new_page()
        context.close()

    def _share(self, session: Any, run: str, title: str = "", license: str = "all_rights") -> str:
        """Share a run with everyone and all that can be shown; the creation's id."""
        with self._window(session) as page:
            page.goto(f"/app/runs/{run}/share")
            if title:
                page.get_by_label("Title").fill(title)
            page.locator("[value=public]").check()
            page.get_by_label("License").select_option(license)
            for name in ("Allow Remix", "Show prompts"):
                switch = page.get_by_role("switch", name=name)
                if switch.count():
                    switch.check()
            page.get_by_role("main").get_by_role("button", name="Share", exact=True).click()
            page.wait_for_url("**/s/*")
            return page.url.rpartition("/")[2]

    def _member(self, template: str, stage: str, creation: str) -> Any:
        """Someone who edits the template and comments on both; the session of their browser."""
        session = signed_in(self.browser, self.site, "teo")
        with self._window(self.owner) as page:
            page.goto("/me/templates")
            token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
            sent = page.request.post(
                f"/app/documents/{template}/people",
                data={"username": "teo", "role": "editor"},
                headers={"X-CSRFToken": token, "Referer": page.url},
            )
            assert sent.ok, sent.text()
        with self._window(session) as page:
            page.goto("/me")
            page.get_by_label("Display name").fill("Teo Brandt")
            page.get_by_role("button", name="Save profile").click()
            page.goto("/me/templates")
            accept = page.get_by_role("button", name=re.compile("^Accept"))
            accept.click()
            expect(accept).to_have_count(0)
            page.goto(f"/s/{creation}")
            _comment_at_two_seconds(page)
            _comment_on_a_stage(page, template, stage)
        return session


def _comment_at_two_seconds(page: Page) -> None:
    film = page.locator(".player video")
    film.evaluate("one => new Promise(go => one.readyState ? go() : (one.onloadedmetadata = go))")
    film.evaluate("one => new Promise(go => { one.onseeked = go; one.currentTime = 2 })")
    page.get_by_role("button", name="At 0:02").click()
    _comment(page, "The lamp could come up a little earlier here.")
    _comment(page, "Which stage makes the score? It carries the whole film.")


def _comment(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Comment", exact=True).fill(text)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment").last).to_contain_text(text)


def _comment_on_a_stage(page: Page, template: str, stage: str) -> None:
    actions = EditorActions(page)
    actions.open(template)
    actions.command(stage)
    expect(actions.inspector.get_by_role("heading", name=stage, exact=True)).to_be_visible()
    actions.command("Comment")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Warmer, please: more gold on the water")
    dialog.get_by_role("button", name="Comment", exact=True).click()
    expect(dialog.get_by_role("listitem")).to_be_visible()


def _take_down(page: Page, creation: str) -> None:
    """Its file and its owner are reported too: their cases stay open."""
    page.goto(f"/s/{creation}")
    person = page.locator(".by a").get_attribute("href") or ""
    send_report(page, f"/s/{creation}/media/0/report")
    send_report(page, f"{person}/report", details="Third sign with my logo this week.")
    send_report(page, f"/s/{creation}/report")
    page.goto("/admin/moderation/?kind=share")
    page.get_by_role("link", name="Neon sign").click()
    page.get_by_role("radio", name="Take down").check()
    page.get_by_role("button", name="Take down").click()
    page.wait_for_url("**/admin/moderation/*")


def _make_folder(page: Page) -> None:
    """With two of the owner's templates."""
    page.goto("/me/templates")
    for place in (0, 1):
        page.locator(".pick").nth(place).check()
    bar = page.get_by_role("region", name="Selected templates")
    bar.get_by_role("button", name="New folder").click()
    page.get_by_label("Name", exact=True).fill("Harbor films")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Moved 2 templates")).to_be_visible()
