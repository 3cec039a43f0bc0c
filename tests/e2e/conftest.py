"""What every browser test stands on: the product, a browser, and someone who is signed in.

A module says what its house is like with `HOUSE`, the options of `tests.support.house.House`, or
`HOUSE = SHARED`: its tests bear that other modules' templates, runs and people are there, and kill
nothing. A fixture of the same name in a module takes the place of one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.browser import Visit, chromium
from tests.support.hands import signed_in
from tests.support.house import SHARED, House


@pytest.fixture(scope="package")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One after another, modules live in it: to start a house takes longer than most tests."""
    with House(tmp_path_factory.mktemp("shared-house")) as house:
        yield house


@pytest.fixture(scope="package")
def shared_session(shared_house: House, browser: Browser) -> Any:
    return signed_in(browser, shared_house, "owner")


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The whole product in an empty folder, for the tests of one module, or the shared one."""
    options: dict[str, Any] | str = getattr(request.module, "HOUSE", {})
    if isinstance(options, str):
        assert options == SHARED, options
        yield request.getfixturevalue("shared_house")
        return
    with House(tmp_path_factory.mktemp("house"), **options) as house:
        yield house


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all modules: each test has a window of its own. Gone before other tests begin."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def rest(house: House) -> Iterator[httpx.Client]:
    """The owner's programs, with a key."""
    with house.client(house.key("owner")) as client:
        yield client


@pytest.fixture(scope="module")
def session(request: pytest.FixtureRequest, house: House, browser: Browser) -> Any:
    """The owner's browser, signed in by the link of the first start, which works once."""
    if getattr(request.module, "HOUSE", None) == SHARED:
        return request.getfixturevalue("shared_session")
    with Visit(browser, house.url) as page:
        page.goto(house.signin_link())
        page.get_by_role("main").get_by_role("button", name="Continue as").click()
        page.wait_for_url("**/")
        return page.context.storage_state()


@pytest.fixture
def visit(house: House, browser: Browser, session: Any) -> Callable[..., Visit]:
    """`with visit(**options) as page:` the owner's window, whose console must stay silent."""
    return lambda **options: Visit(browser, house.url, **{"storage_state": session, **options})
