"""What every browser test stands on: the product, a browser, and someone who is signed in.

A module sets up its server with `SITE_OPTIONS`, the options of `tests.support.server.Site`, or with
`SITE_OPTIONS = SHARED`: its tests then work beside other modules' templates, runs and people, and
kill nothing. A fixture of the same name in a module takes the place of one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.browser import Visit, chromium
from tests.support.browser_actions import signed_in
from tests.support.server import SHARED, Site


@pytest.fixture(scope="package")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One after another, modules live in it: to start a server takes longer than most tests."""
    with Site(tmp_path_factory.mktemp("shared-site")) as site:
        yield site


@pytest.fixture(scope="package")
def shared_session(shared_site: Site, browser: Browser) -> Any:
    return signed_in(browser, shared_site, "owner")


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The whole product in an empty folder, for the tests of one module, or the shared one."""
    options: dict[str, Any] | str = getattr(request.module, "SITE_OPTIONS", {})
    if isinstance(options, str):
        assert options == SHARED, options
        yield request.getfixturevalue("shared_site")
        return
    with Site(tmp_path_factory.mktemp("site"), **options) as site:
        yield site


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all modules: each test has a window of its own. Gone before other tests begin."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def rest(site: Site) -> Iterator[httpx.Client]:
    """The owner's programs, with a key."""
    with site.client(site.key("owner")) as client:
        yield client


@pytest.fixture(scope="module")
def session(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Any:
    """The owner's browser, signed in by the link of the first start, which works once."""
    if getattr(request.module, "SITE_OPTIONS", None) == SHARED:
        return request.getfixturevalue("shared_session")
    with Visit(browser, site.url) as page:
        page.goto(site.signin_link())
        page.get_by_role("main").get_by_role("button", name="Continue as").click()
        page.wait_for_url("**/")
        return page.context.storage_state()


@pytest.fixture
def visit(site: Site, browser: Browser, session: Any) -> Callable[..., Visit]:
    """`with visit(**options) as page:` the owner's window, whose console must stay silent."""
    return lambda **options: Visit(browser, site.url, **{"storage_state": session, **options})
