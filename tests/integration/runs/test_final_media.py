"""Services for final media in the product: what a lost answer does, what is charged, and what is
said of refused content. The servers are written from the providers' documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.auth import Principal
from accounts.models import User
from core import clock
from runs.interaction import answers
from runs.interaction.approval import decide_cost
from runs.models import Run
from tests.support.builders.paid_images import ASKED, begin, over
from tests.support.builders.running import start, work_off
from tests.support.fakes.http_server import Reply
from tests.support.fakes.makers.base import Fault
from tests.support.fakes.makers.configured import SERVERS, SUBMITS, options_at
from tests.support.fakes.makers.jobs import Script
from tools import registry
from tools.providers.base import Price

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Serve = Callable[..., Any]


def waiting(run: Run) -> tuple[str, str]:
    return run.status, run.waiting_reason


@pytest.mark.parametrize("kind", SERVERS)
def test_an_image_is_made_once_stored_and_charged(alice: User, serve: Serve, kind: str) -> None:
    server = serve(kind)
    run = over(begin(alice))
    assert run.status == "completed", run.error
    assert len(server.submissions()) == 1
    artifact = run.artifacts.get()
    assert (artifact.kind, artifact.meta["provider"]) == ("image", kind)
    assert "draft" not in artifact.meta
    step = run.steps.get()
    assert 0 < run.actual_milli <= step.estimated_milli


@pytest.mark.parametrize(
    "fault",
    [
        Fault(accepts=True, drop=True),
        Fault(accepts=True, cut=20),
        Fault(accepts=True, body=b"<html>Bad gateway</html>", status=502),
        Fault(accepts=True, body=b"<html>Sign in</html>", status=200),
        Fault(accepts=True, body=b"[7]", status=200),
        Fault(accepts=True, body=b"{}", status=500),
        Fault(accepts=True, body=b'{"detail": "Oh no.", "error": "Oh no."}', status=500),
    ],
    ids=["dropped", "cut", "page of 502", "page of 200", "a list", "500", "500 with words"],
)
@pytest.mark.parametrize("kind", SERVERS)
def test_an_answer_that_is_lost_is_paid_once_or_asked_about(
    alice: User, serve: Serve, kind: str, fault: Fault
) -> None:
    server = serve(kind)
    server.replies[SUBMITS[kind]].append(fault)
    run = over(begin(alice))
    assert len(server.submissions()) == 1
    if kind == "runway":
        assert waiting(run) == ASKED
        message = run.waits.get(answered_at=None).message
        assert re.search(r"Look there for a job \(about 8 credits\) at [\d:]{8} UTC\.", message)
        answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
        assert over(run).status == "completed"
        assert len(server.submissions()) == 2
        return
    # The Router knows the request again, and fal's history has it.
    assert run.status == "completed", (run.waiting_reason, run.error)
    assert run.artifacts.count() == 1


@pytest.mark.parametrize("kind", ["comfy-router", "fal"])
def test_a_lost_answer_to_the_last_attempt_is_looked_for_too(
    alice: User, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    busy = server.failure(503, "Busy.", "busy", {"Retry-After": "0"})
    lost = Fault(accepts=True, drop=True)
    server.replies[SUBMITS[kind]].extend([busy, busy, lost, *[Fault(drop=True)] * 3])
    run = over(begin(alice))
    assert run.status == "completed", run.error
    assert run.artifacts.count() == len(server.submissions()) == 1


def test_a_repeat_is_the_same_request_with_the_same_key(alice: User, serve: Serve) -> None:
    server = serve("comfy-router")
    server.replies[SUBMITS["comfy-router"]].append(Fault(drop=True))
    assert over(begin(alice)).status == "completed"
    first, second = server.calls("/v2/models/*/requests")
    assert (first.raw, first.query) == (second.raw, second.query)
    keys = {call.headers["idempotency-key"] for call in (first, second)}
    assert len(keys) == 1
    assert first.query == {"fallback_provider": "false"}


def test_a_second_request_without_an_answer_is_repeated_too(alice: User, serve: Serve) -> None:
    server = serve("comfy-router")
    submits = SUBMITS["comfy-router"]
    server.replies[submits].extend([Fault(accepts=True), Fault(accepts=True, drop=True)])
    run = over(begin(alice, numberOfVariations=2))
    assert run.status == "completed", run.error
    assert (run.artifacts.count(), len(server.submissions())) == (2, 2)


@pytest.mark.parametrize("answer", [Fault(drop=True), Fault(body=b"null"), Fault(body=b"<p>")])
def test_without_its_queue_the_router_is_asked_once_by_its_other_route(
    alice: User, serve: Serve, answer: Fault
) -> None:
    server = serve("comfy-router")
    server.accounts[server.KEY].has_queue = False
    server.looks_a_call = 1
    server.replies["POST /v2/models/vertexai/gemini-3-pro-image"].append(
        replace(answer, accepts=True)
    )
    run = over(begin(alice))
    assert run.status == "completed", run.error
    assert len(server.submissions()) == 1


def test_a_used_up_key_is_asked_about_and_a_yes_sends_another(alice: User, serve: Serve) -> None:
    server = serve("comfy-router")
    used = server.failure(409, "The key was used.", "invalid_input")
    server.replies[SUBMITS["comfy-router"]].append(used)
    run = over(begin(alice))
    assert waiting(run) == ASKED
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert over(run).status == "completed"
    first, second = server.calls("/v2/models/*/requests")
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


def test_a_router_that_has_too_much_to_do_is_sent_the_same_later(alice: User, serve: Serve) -> None:
    server = serve("comfy-router")
    later = {"Retry-After": "1"}
    full = server.failure(409, "Busy.", "concurrency_limit_exceeded", later)
    server.replies[SUBMITS["comfy-router"]].extend([full, full])
    assert over(begin(alice)).status == "completed"
    calls = server.calls("/v2/models/*/requests")
    assert len({(call.raw, call.headers["idempotency-key"]) for call in calls}) == 1
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("status", [401, 402, 429, 503])
def test_what_a_repeat_is_answered_says_nothing_of_the_first(
    alice: User, serve: Serve, status: int
) -> None:
    server = serve("comfy-router")
    lost = Fault(accepts=True, drop=True)
    server.replies[SUBMITS["comfy-router"]].extend([lost, server.failure(status, "No.", "no")])
    run = over(begin(alice))
    assert run.status == "completed", (run.waiting_reason, run.error)
    assert len(server.submissions()) == 1


def test_a_request_sent_by_another_key_is_asked_about(
    alice: User, serve: Serve, settings: Any
) -> None:
    server = serve("comfy-router")
    server.replies[SUBMITS["comfy-router"]].append(Fault(accepts=True, drop=True))
    settings.RETRY_BASE_S = settings.RETRY_CAP_S = 3_600.0
    run = begin(alice)
    work_off()
    new_key = {**options_at("comfy-router", server), "key": f"{server.KEY}-2"}
    settings.PROVIDERS = {"comfy-router": new_key}
    registry.rebuild()
    run.steps.update(not_before=clock.now())
    assert waiting(over(run)) == ASKED
    assert len(server.submissions()) == 1


@pytest.mark.parametrize("is_listed", [True, False])
def test_fal_finds_a_lost_job_in_its_history_or_a_person_is_asked(
    alice: User, serve: Serve, is_listed: bool
) -> None:
    server = serve("fal", search_s=0)
    server.replies[SUBMITS["fal"]].append(Fault(accepts=True, drop=True))
    if not is_listed:
        nothing = Reply(200, {"items": []})
        server.replies["GET /api/v1/models/requests/*"].append(nothing)
    run = over(begin(alice))
    assert len(server.submissions()) == 1
    if is_listed:
        assert run.status == "completed"
        return
    assert waiting(run) == ASKED
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    assert over(run).status == "completed"
    assert len(server.submissions()) == 2


def test_a_lost_request_is_not_taken_for_an_equal_one_of_another_step(
    alice: User, serve: Serve
) -> None:
    server = serve("fal", search_s=0)
    assert over(begin(alice)).status == "completed"
    server.replies[SUBMITS["fal"]].append(Fault(drop=True))
    run = over(begin(alice))
    assert waiting(run) == ASKED
    assert len(server.submissions()) == 1


def test_while_fals_history_is_away_nothing_is_sent_again(alice: User, serve: Serve) -> None:
    server = serve("fal", search_s=0)
    server.replies[SUBMITS["fal"]].append(Fault(accepts=True, drop=True))
    away = Reply(503, b"away")
    server.replies["GET /api/v1/models/requests/*"].extend([away, away, away, away, away])
    run = over(begin(alice))
    assert run.status == "completed", (run.waiting_reason, run.error)
    assert len(server.submissions()) == 1


def test_a_quote_has_the_defaults_of_the_call_except_for_what_comes_later(
    alice: User, serve: Serve
) -> None:
    """Videos have sound unless it's switched off, and Veo's costs as much again."""
    serve("runway", models=["veo-3.1"])
    arguments = {"prompt": "a fox", "videoModel": "veo-3.1", "duration": 8}
    run = start(alice, [{"id": "a", "toolName": "generate_video", "arguments": arguments}])
    assert run.estimated_milli == 320_000
    tool = registry.table().get("generate_video")
    assert tool is not None
    del arguments["duration"]
    assert registry.quote(tool, arguments) == Price(240_000)
    assert registry.quote(tool, arguments, late=["duration"]) == Price(320_000, at_most=True)


def test_a_task_that_costs_more_than_its_quote_is_taken_back_and_asked_about(
    alice: User, serve: Serve
) -> None:
    server = serve("runway")
    server.quotes = {"gen4_image": 9.0}
    run = over(begin(alice))
    assert waiting(run) == ("waiting_for_user", "cost_reauthorization_required")
    [job] = server.jobs.values()
    assert (job.state, job.cost) == ("cancelled", 0)
    decide_cost(run=run, actor=Principal(alice, None, "session"), body={"decision": "confirm"})
    run = over(run)
    assert run.status == "completed", run.error
    assert run.actual_milli == 9_000


def test_runway_says_what_it_charged_and_asks_for_no_second_look_too_soon(
    alice: User, serve: Serve
) -> None:
    server = serve("runway")
    server.script = Script(looks=1, cost=3)
    run = over(begin(alice))
    assert run.status == "completed", run.error
    assert run.actual_milli == 3_000
    assert not server.hasty_looks


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("comfy-router", "content_policy_violation", "Comfy Router may charge it."),
        ("fal", "content_policy_violation", "fal may charge it."),
        ("runway", "SAFETY.INPUT.TEXT", "It was charged 5 credits."),
    ],
)
def test_a_refusal_is_said_and_never_tried_again(
    alice: User, serve: Serve, kind: str, error: str, words: str
) -> None:
    server = serve(kind)
    server.script = Script(looks=1, error=error)
    run = over(begin(alice))
    assert run.status == "failed"
    assert len(server.submissions()) == 1
    message = run.steps.get().error["message"]
    assert "refused the" in message
    assert "(its content policy)" in message
    assert words in message
    assert "a fox" not in message
