"""What a person does with a brief, with the plan of it and with the proposal that comes of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.support.clients.browser_actions import EditorActions

COMPOSE = "**/app/compose"


class Describing(EditorActions):
    """One person's editor, with the box for a brief, the plan and the proposal."""

    def new_empty(self) -> str:
        """Make an empty template as people do, and open it; its id."""
        self.page.goto("/me/templates")
        self.page.get_by_role("button", name="New template").click()
        self.page.wait_for_url(re.compile("/t/[^/]+/edit"))
        expect(self.box).to_be_visible()
        return self.template

    @property
    def template(self) -> str:
        """The id of the template that is open."""
        match = re.search("/t/([^/]+)/edit", self.page.url)
        assert match, self.page.url
        return match[1]

    # -- The words --------------------------------------------------------------------------------

    @property
    def box(self) -> Locator:
        return self.page.locator(".describe textarea")

    @property
    def describe(self) -> Locator:
        return self.page.locator(".describe").get_by_role("button", name="Describe it")

    def ask(self, brief: str) -> None:
        """Write it into the box that is there and send it by keys."""
        self.box.fill(brief)
        self.box.press("Control+Enter")

    def propose(self, brief: str) -> None:
        """Ask, and wait until the proposal is on the canvas."""
        self.ask(brief)
        expect(self.proposal).to_be_visible()

    # -- The plan ---------------------------------------------------------------------------------

    @property
    def plan(self) -> Locator:
        return self.page.get_by_role("region", name="Plan", exact=True)

    def setting(self, name: str) -> Locator:
        """The control of a setting, such as "Length" or "Shots 2"."""
        return self.plan.get_by_label(name, exact=True)

    # -- The proposal -----------------------------------------------------------------------------

    @property
    def proposal(self) -> Locator:
        return self.page.get_by_role("region", name="Proposal")

    @property
    def accept(self) -> Locator:
        return self.proposal.get_by_role("button", name="Accept")

    @property
    def refuse(self) -> Locator:
        return self.proposal.get_by_role("button", name="Refuse")

    @property
    def rows(self) -> Locator:
        return self.proposal.locator(".change-list > li")

    def flags(self, kind: str) -> list[str]:
        """Ids of the nodes that carry this flag: "Added", "Changed", "Removed"."""
        self._nodes.first.wait_for()
        return ids_of(self._nodes.filter(has=self.page.get_by_text(kind, exact=True)))

    @property
    def _nodes(self) -> Locator:
        return self.page.locator(".compare-canvas .node")

    def drafted(self, *keys: str) -> None:
        """Wait until the plan is drafted, of these stages. A phone draws no flags on them."""
        expect(self._nodes).to_have_count(len(keys))
        expect(self.accept).to_have_attribute("aria-disabled", "false")
        assert ids_of(self._nodes) == sorted(keys)

    def over(self) -> None:
        """The proposal is gone, and the canvas has the keys again."""
        expect(self.proposal).to_have_count(0)
        self.page.wait_for_function("() => document.activeElement !== document.body")


def ids_of(nodes: Locator) -> list[str]:
    """Ids of stages and inputs on a canvas, in order."""
    return sorted(one.get_attribute("data-node-id") or "" for one in nodes.all())


@contextmanager
def held_back(page: Page) -> Iterator[list[Route]]:
    """Requests for a proposal wait until the block ends; they are in the list meanwhile."""
    waiting: list[Route] = []
    page.route(COMPOSE, lambda route: waiting.append(route))
    try:
        yield waiting
    finally:
        for route in waiting:
            route.continue_()
        page.unroute(COMPOSE)


def rev_of(page: Page, template: str) -> int:
    """How many changes the server has of the document."""
    answer: dict[str, Any] = page.request.get(f"/app/documents/{template}").json()
    return int(answer["rev"])
