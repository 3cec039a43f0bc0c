"""A step that fails at a service reads alike in REST, the log, the run's page and the editor."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.models import Event, Run, Step
from tests.support.builders.run_scenes import PATH
from tests.support.builders.running import start, status_after_work, work_off
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in
from tests.support.fakes.openai_server import KEY, OpenAIServer
from tests.support.markup import flat

pytestmark = pytest.mark.django_db(transaction=True)
HEADLINE = "Hosted AI rejected this prompt or file. Change it and retry."
CAUSE = "art (127.0.0.1) refused this content: Your request was rejected by the safety system."


@pytest.fixture
def run(alice: User, server: OpenAIServer, provide: Callable[..., None]) -> Run:
    """A run whose prompt the service refuses."""
    service = {"kind": "openai", "title": "Hosted AI", "base_url": server.url, "key": KEY}
    provide({"art": {**service, "images": ["gpt-image-1"]}})
    arguments = {"prompt": "forbidden", "model": "gpt-image-1"}
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    assert status_after_work(run) == "failed"
    return run


@pytest.fixture
def browser(alice: User) -> Client:
    return signed_in(alice)


def failed(rest: Api, run: Run) -> list[dict[str, Any]]:
    """The failure as the step, the run and both their events tell it."""
    workflow = rest.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    events = rest.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    told = [one["data"]["error"] for one in events if one["type"].endswith("_failed")]
    assert len(told) == 2
    return [workflow["steps"][0]["error"], workflow["error"], *told]


def test_it_names_the_provider_and_what_to_do_wherever_it_is_shown(
    run: Run, browser: Client, mine: Api
) -> None:
    for error in failed(mine, run):
        assert error == {
            "code": "provider.refused",
            "errorType": "SAFETY_REJECTED",
            "message": CAUSE,
            "retryable": False,
            "provider": "art",
            "headline": HEADLINE,
            "cause": CAUSE,
        }
    [step] = browser.get(f"/app/runs/{run.public_id}/state").json()["steps"]
    assert (step["error"]["headline"], step["error"]["cause"]) == (HEADLINE, CAUSE)
    shown = flat(html.unescape(browser.get(f"/runs/{run.public_id}").content.decode()))
    assert f"<strong>{HEADLINE}</strong>" in shown
    assert f"Failed: <bdi>{HEADLINE}</bdi></td>" in shown
    state = browser.get(f"/app/runs/{run.public_id}/page").json()
    [view], [step] = state["page"]["stages"].values(), state["steps"]
    assert (view["note"], step["error"]["cause"]) == (HEADLINE, CAUSE)
    assert f">{HEADLINE}</small>" in flat(html.unescape(browser.get("/me/runs").content.decode()))


def test_logs_that_name_no_provider_are_shown_as_before(
    run: Run, browser: Client, mine: Api
) -> None:
    for row in (*Event.objects.filter(name__endswith="_failed"), *Step.objects.all(), run):
        holder = row.payload if isinstance(row, Event) else {"error": row.error}
        del holder["error"]["provider"]
        row.save()
    for error in failed(mine, run):
        assert (error["headline"], error["message"]) == (CAUSE, CAUSE)
        assert not {"cause", "provider"} & set(error)
    [step] = browser.get(f"/app/runs/{run.public_id}/state").json()["steps"]
    assert (step["error"]["headline"], step["error"]["cause"]) == (CAUSE, "")
    shown = html.unescape(browser.get(f"/runs/{run.public_id}").content.decode())
    assert f"Failed: <bdi>{CAUSE}</bdi></td>" in shown


def test_a_fault_before_the_service_is_asked_is_not_blamed_on_it(
    run: Run, alice: User, mine: Api, settings: Any
) -> None:
    settings.FETCH_ALLOW = ["127.0.0.1:9"]
    gone = "http://127.0.0.1:9/fox.png"
    arguments = {"prompt": "a fox", "model": "gpt-image-1", "starting_image_url": gone}
    later = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    settings.RETRY_BASE_S = 0.0
    work_off()
    for error in failed(mine, later):
        assert error["headline"] == error["message"]
        assert not {"cause", "provider"} & set(error)
