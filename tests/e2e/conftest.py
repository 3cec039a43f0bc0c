"""What every browser test stands on: the product, a browser, and someone who is signed in.

The server and its options, and `PERSON`, who is signed in: see tests/support/sites.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.clients.browser import Visit, chromium
from tests.support.clients.browser_actions import session_of, signed_in
from tests.support.server import SHARED, SHARED_SERVICES, Site
from tests.support.sites import (
    hooking,
    openai,
    person_of,
    rest,
    services_site,
    shared_site,
    site,
    smtp,
)

__all__ = ["hooking", "openai", "rest", "services_site", "shared_site", "site", "smtp"]


@pytest.fixture(scope="package")
def shared_session(shared_site: Site, browser: Browser) -> Any:
    return signed_in(browser, shared_site, "owner")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all modules: each test has a window of its own. Gone before other tests begin."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def session(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Any:
    """The person's browser. The owner's own first start printed a link, which works once."""
    person, options = person_of(request), getattr(request.module, "SITE_OPTIONS", None)
    if person == "owner" and options == SHARED:
        return request.getfixturevalue("shared_session")
    if person != "owner" or options == SHARED_SERVICES:
        return signed_in(browser, site, person)
    return session_of(browser, site, site.signin_link())


@pytest.fixture
def visit(site: Site, browser: Browser, session: Any) -> Callable[..., Visit]:
    """`with visit(**options) as page:` the person's window, whose console must stay silent."""
    return lambda **options: Visit(browser, site.url, **{"storage_state": session, **options})


@pytest.fixture(scope="module")
def people(site: Site, browser: Browser) -> Callable[..., Visit]:
    """`with people("bob") as page:` a window of this person's, or of a visitor's for ""."""
    known: dict[str, Any] = {"": None}

    def visit(name: str, **options: Any) -> Visit:
        if name not in known:
            known[name] = signed_in(browser, site, name)
        return Visit(browser, site.url, storage_state=known[name], **options)

    return visit
