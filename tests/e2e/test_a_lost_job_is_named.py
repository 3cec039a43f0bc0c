"""A paid request had no answer: its person names its job on the run's page, and pays once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.clients.browser import Visit
from tests.support.fakes.makers.base import Fault
from tests.support.fakes.makers.jobs import Script
from tests.support.fakes.makers.runway_server import RunwayServer
from tests.support.server import Site, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOX = {"id": "fox", "toolName": "generate_image", "arguments": {"prompt": "a red fox"}}


@pytest.fixture(scope="module")
def runway() -> Iterator[RunwayServer]:
    with RunwayServer() as server:
        server.script = Script(looks=1)
        yield server


@pytest.fixture(scope="module")
def site(runway: RunwayServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("services") / "providers.toml"
    file.write_text(
        f'[runway]\nkind = "runway"\nbase_url = "{runway.url}"\nkey = "{runway.KEY}"\n'
        "poll_s = 0.2\n"
    )
    env = {
        "REELGRAPH_PROVIDERS_FILE": str(file),
        "REELGRAPH_PROVIDERS": "generate_image=runway",
    }
    with Site(tmp_path_factory.mktemp("site"), env=env) as started:
        yield started


def test_the_right_job_is_used_after_a_wrong_one_was_named(
    visit: Callable[..., Visit], rest: httpx.Client, runway: RunwayServer
) -> None:
    runway.replies["POST /v1/text*"].append(Fault(accepts=True, drop=True))
    run = start(rest, {"input": {"steps": [FOX]}})
    with visit(viewport={"width": 390, "height": 844}) as page:
        page.goto(f"/runs/{run['id']}")
        card = page.locator(".turn")
        expect(card).to_contain_text("Look there for a job (about 8 credits) at")
        # Now the server draws the question.
        page.reload()
        expect(card.get_by_role("button", name="Send again")).to_be_visible()
        expect(card.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        field = card.get_by_label("Job ID at Runway")
        expect(field).to_be_hidden()
        card.get_by_text("It's this job…").click()
        use = card.get_by_role("button", name="Use this job")
        expect(use).to_have_attribute("aria-disabled", "true")
        field.fill("7e1f")
        # Enter in the field must send nothing again.
        field.press("Enter")
        expect(card.locator(".help-bad")).to_have_text("Runway has no job 7e1f by Gen-4 Image.")
        expect(field).to_have_value("7e1f")
        [job] = runway.jobs
        field.fill(job)
        use.click()
        expect(page.locator("#run[data-over]")).to_be_attached()
        expect(page.locator("[data-used]")).to_have_text("5")
    assert len(runway.submissions()) == 1
