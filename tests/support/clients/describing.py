"""What a person does with a brief and with the proposal that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.support.clients.browser_actions import EditorActions

COMPOSE = "**/app/compose"


class Describing(EditorActions):
    """One person's editor, with the box for a brief and the proposal."""

    @property
    def box(self) -> Locator:
        return self.page.locator(".describe textarea")

    @property
    def describe(self) -> Locator:
        return self.page.locator(".describe").get_by_role("button", name="Describe it")

    @property
    def proposal(self) -> Locator:
        return self.page.get_by_role("region", name="Proposal")

    @property
    def rows(self) -> Locator:
        return self.proposal.locator(".change-list > li")

    def ask(self, brief: str) -> None:
        """Write it into the box that is there and send it by keys."""
        self.box.fill(brief)
        self.box.press("Control+Enter")

    def propose(self, brief: str) -> None:
        """Ask, and wait until the proposal is on the canvas."""
        self.ask(brief)
        expect(self.proposal).to_be_visible()

    def flags(self, kind: str) -> list[str]:
        """Ids of the nodes that carry this flag: "Added", "Changed", "Removed"."""
        self.page.locator(".compare-canvas .node").first.wait_for()
        nodes = self.page.locator(
            ".compare-canvas .node", has=self.page.get_by_text(kind, exact=True)
        )
        return sorted(one.get_attribute("data-node-id") or "" for one in nodes.all())

    def over(self) -> None:
        """The proposal is gone, and the canvas has the keys again."""
        expect(self.proposal).to_have_count(0)
        self.page.wait_for_function("() => document.activeElement !== document.body")


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


@contextmanager
def answered(page: Page, **fields: Any) -> Iterator[None]:
    """Until the block ends, proposals come as the server makes them, but with these fields."""

    def answer(route: Route) -> None:
        proposal = route.fetch()
        route.fulfill(response=proposal, json={**proposal.json(), **fields})

    page.route(COMPOSE, answer)
    try:
        yield
    finally:
        page.unroute(COMPOSE)


def rev_of(page: Page, template: str) -> int:
    """How many changes the server has of the document."""
    answer: dict[str, Any] = page.request.get(f"/app/documents/{template}").json()
    return int(answer["rev"])
