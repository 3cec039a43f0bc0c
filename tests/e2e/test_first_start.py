"""A first start, with paid services configured: the gallery is full at once and nothing is run."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import showing
from tests.support.fakes.services import running_services
from tests.support.faults.kept_waiting import family_of
from tests.support.faults.workers import rows
from tests.support.server import Site
from tests.support.waiting import promised, wait_for

pytestmark = pytest.mark.slow

WITHIN_S = 10
ENOUGH = 20
# Real previews: a card without one shows a drawing of its graph, at another address.
SHOWN = """() => [...document.querySelectorAll('#results .card .media img')].filter(
    image => image.complete && image.naturalWidth > 0
        && new URL(image.currentSrc).pathname.startsWith('/media/')
).length"""


@pytest.mark.parametrize("choice", ["*=openai", "*=comfyui"])
def test_the_gallery_shows_images_and_videos_within_10_s_and_no_service_is_paid(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, choice: str
) -> None:
    home = tmp_path_factory.mktemp("first-start")
    with (
        running_services() as services,
        Site(home, env=services.environment(choice=choice), is_forked=False) as h,
    ):
        # As tall as the list: images below the window are loaded on scrolling.
        with Visit(browser, h.url, viewport={"width": 1440, "height": 6000}) as page:
            with promised(WITHIN_S, of=showing(h) | family_of(h)):
                page.goto("/")
                wait_for(lambda: page.evaluate(SHOWN) >= ENOUGH, f"{ENOUGH} previews")
            assert page.locator("#results .card[data-preview]").count() >= 6
        assert rows(h, "SELECT id FROM runs_run") == []
        assert services.paid_calls() == []
