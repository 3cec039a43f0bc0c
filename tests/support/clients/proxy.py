"""A proxy before the server, as a page meets it: it passes a request on, or not, and then answers
for itself or cuts the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product

from playwright.sync_api import Page, Route

from tests.support.examples import IS_WHOLE
from tests.support.waiting import wait_for

PAGE = "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"
STATUSES = (200, 400, 403, 404, 413, 422, 429, 500, 502, 504)


@dataclass(frozen=True)
class Answer:
    """An answer to the page.

    status: 0 for a line that is cut. passes: whether the server is asked.
    """

    status: int
    passes: bool
    content_type: str = "text/html"

    def __str__(self) -> str:
        way = "passed on" if self.passes else "kept back"
        kind = "HTML" if self.content_type == "text/html" else "text"
        return f"{way}, {f'{self.status} {kind}' if self.status else 'cut'}"


CUT = tuple(Answer(0, passes) for passes in (True, False))
ANSWERS = (
    *CUT,
    *(Answer(*row) for row in product(STATUSES, (True, False), ("text/html", "text/plain"))),
)
# Some that pages treat differently; with REELGRAPH_WHOLE=1 the walks go over every answer.
FEW = (
    *CUT,
    *(Answer(*row) for row in ((200, False), (403, False), (404, True), (502, True))),
)
WALKS = ANSWERS if IS_WHOLE else FEW
# A walk over all of them takes up to half a minute an answer on a busy machine.
WALK_S = 60 + 30 * len(WALKS)
# What is said of a lost line, and what would be false then.
LOST = "Can't reach the server."
FALSE_WORDS = re.compile(r"no longer|deleted|doesn't exist|Nothing was|isn't valid|refused", re.I)


@dataclass
class Proxy:
    """asked: how many requests it met; answered: how many of them it is done with. real: the
    statuses that the server answered with."""

    answer: Answer
    asked: int = 0
    answered: int = 0
    real: list[int] = field(default_factory=list)

    def meet(self, route: Route) -> None:
        self.asked += 1
        if self.answer.passes:
            self.real.append(route.fetch(max_redirects=0).status)
        if self.answer.status == 0:
            route.abort("connectionreset")
        else:
            kind = self.answer.content_type
            body = PAGE if kind == "text/html" else "Bad gateway"
            route.fulfill(status=self.answer.status, content_type=kind, body=body)
        self.answered += 1

    def wait(self, page: Page, count: int) -> None:
        """Wait until it has answered so many requests."""
        wait_for(lambda: _handled(page) and self.answered >= count, f"{count} answers of the proxy")


def _handled(page: Page) -> bool:
    """Let requests that wait reach their handlers."""
    page.wait_for_timeout(20)
    return True


@contextmanager
def answering(
    page: Page, path: str | re.Pattern[str], answer: Answer, *methods: str
) -> Iterator[Proxy]:
    """Have a proxy answer requests to addresses that match, of these methods. At the end it has
    answered at least one, and all that it met."""
    proxy = Proxy(answer)

    def meet(route: Route) -> None:
        if methods and route.request.method not in methods:
            route.fallback()
        else:
            proxy.meet(route)

    page.route(path, meet)
    try:
        yield proxy
        proxy.wait(page, 1)
    finally:
        proxy.wait(page, proxy.asked)
        page.unroute(path, meet)
