"""Runs that go through every move the engine has, one move after another.

Each scene is a generator: it yields its run first and once more after every move, so that
its caller can look at the run in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from accounts.models import User
from core import clock
from runs.engine import sweep
from runs.engine.attempt_context import AttemptContext
from runs.models import Run, Step
from templates_app.graph.types import PlanStep
from tests.support.builders.drafts import Desk, note
from tests.support.builders.plans import batch, gate, late, question, run_plan, step
from tests.support.builders.running import chain, finish, start, take, work_off
from tests.support.clients.api import Api

PATH = "/v1/creative-agent/workflows"
Scene = Callable[[User, Api], Iterator[Run]]
SCENES: dict[str, Scene] = {}


def scene(moves: Scene) -> Scene:
    """List a scene by its name."""
    SCENES[moves.__name__] = moves
    return moves


def one_by_one(run: Run) -> Iterator[Run]:
    """Every step that is ready is claimed, then carried out, until none is left."""
    while run.steps.filter(status="ready").exists():
        claim = take(run)
        yield run
        finish(claim)
        yield run


def expire(run: Run) -> None:
    """As if the worker had been silent for longer than its lease."""
    past = clock.now() - timedelta(seconds=1)
    Step.objects.filter(run=run, status="running").update(lease_until=past)
    sweep.sweep()


def fix(run: Run) -> None:
    """From now on what fails works."""
    Step.objects.filter(run=run, tool="fail").update(arguments={"times": 0})


def resume(api: Api, run: Run, **resume_input: Any) -> None:
    body = {"resume_input": resume_input} if resume_input else {}
    answer = api.post(f"{PATH}/{run.public_id}/resume", body)
    assert answer.status_code in (200, 202), answer.content


@scene
def two_notes_and_a_rest(alice: User, api: Api) -> Iterator[Run]:
    run = start(
        alice,
        [
            {"id": "note", "toolName": "note", "arguments": {"text": "x", "copies": 2}},
            {"id": "rest", "toolName": "sleep", "arguments": {"seconds": 0.05}},
            {"id": "more", "toolName": "note", "dependsOn": ["note", "rest"]},
        ],
    )
    yield run
    yield from one_by_one(run)


@scene
def a_failure_that_a_resume_fixes(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(
        alice,
        step("first", "note"),
        step("bad", "fail", "first", arguments={"retryable": False}),
        step("next", "note", "bad"),
    )
    yield run
    yield from one_by_one(run)
    fix(run)
    resume(api, run)
    yield run
    yield from one_by_one(run)


@scene
def a_failure_that_is_tried_again(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(alice, step("bad", "fail", arguments={"times": 1}, on_error="retry_once"))
    yield run
    finish(take(run))
    yield run
    Step.objects.filter(run=run).update(not_before=clock.now())
    yield from one_by_one(run)


@scene
def a_failure_beside_the_rest(alice: User, api: Api) -> Iterator[Run]:
    never = {"retryable": False}
    run = run_plan(
        alice, step("bad", "fail", arguments=never, on_error="continue"), step("good", "note")
    )
    yield run
    yield from one_by_one(run)


@scene
def a_lost_lease(alice: User, api: Api) -> Iterator[Run]:
    run = start(alice, chain("note", 1))
    yield run
    take(run, "one")
    yield run
    expire(run)
    yield run
    yield from one_by_one(run)


@scene
def progress_until_a_failure(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(alice, step("bad", "fail", arguments={"retryable": False}))
    yield run
    lost = AttemptContext(take(run, "one"))
    for fraction, said in ((0.02, "Reading"), (0.02, "Drawing"), (0.021, "Drawing"), (0.4, "")):
        lost.progress(fraction, said)
        lost.renew()
        yield run
    expire(run)
    yield run
    failing = AttemptContext(claim := take(run, "two"))
    failing.progress(0.7, "Nearly")
    failing.renew()
    yield run
    finish(claim)
    # Too late: the step is over.
    failing.progress(0.9)
    failing.renew()
    yield run


@scene
def a_cancel_in_mid_step(alice: User, api: Api) -> Iterator[Run]:
    run = start(alice, chain("sleep", 2, seconds=0.01))
    yield run
    claim = take(run)
    yield run
    assert api.post(f"{PATH}/{run.public_id}/cancel").status_code == 200
    yield run
    finish(claim)
    yield run


def _looks(**fields: Any) -> PlanStep:
    item = step("", "note", late=(late("text", "$item.value"),))
    return batch("looks", item, items=("red", "green"), label="Look {index}: {value}", **fields)


@scene
def a_batch(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(alice, _looks(), step("last", "note", "looks"))
    yield run
    claim = take(run)
    yield run
    going = finish(claim, take_next=True)
    yield run
    if going is not None:
        finish(going)
        yield run
    yield from one_by_one(run)


@scene
def a_batch_with_a_failing_item(alice: User, api: Api) -> Iterator[Run]:
    item = step("", "fail", late=(late("times", "$item.value"),), arguments={"retryable": False})
    run = run_plan(alice, batch("tries", item, items=(0, 1), on_error="continue"))
    yield run
    yield from one_by_one(run)
    fix(run)
    resume(api, run)
    yield run
    yield from one_by_one(run)


@scene
def a_question(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(
        alice, step("first", "note"), question("ask", "first"), step("last", "note", "ask")
    )
    yield run
    yield from one_by_one(run)
    work_off()
    yield run
    resume(api, run, type="answer", stepId="ask", text="Winter")
    yield run
    yield from one_by_one(run)


@scene
def a_checkpoint_that_asks_for_another(alice: User, api: Api) -> Iterator[Run]:
    run = run_plan(alice, step("look", "note"), gate("look"), step("film", "note", "look__gate"))
    yield run
    yield from one_by_one(run)
    work_off()
    yield run
    resume(api, run, type="lock_item", itemId="look/main", locked=True)
    yield run
    resume(api, run, type="lock_item", itemId="look/main", locked=False)
    yield run
    resume(api, run, type="redo_stage", stageId="look")
    yield run
    yield from one_by_one(run)
    work_off()
    yield run
    resume(api, run, type="select_version", itemId="look/main", versionId="v1")
    yield run
    resume(api, run, type="jump_to_stage", stageId="look")
    yield run
    yield from one_by_one(run)
    work_off()
    yield run
    resume(api, run, type="approve_checkpoint")
    yield run
    yield from one_by_one(run)


@scene
def a_cost_to_confirm(alice: User, api: Api) -> Iterator[Run]:
    steps = [{"id": "a", "toolName": "note", "arguments": {"copies": 3}}]
    answer = api.post(PATH, {"input": {"steps": steps}, "confirm_cost": False})
    run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
    yield run
    path = f"{PATH}/{run.public_id}/confirm-cost"
    assert api.post(path, {"decision": "requote"}).status_code == 200
    yield run
    assert api.post(path).status_code == 200
    yield run
    yield from one_by_one(run)


@scene
def what_an_earlier_run_made(alice: User, api: Api) -> Iterator[Run]:
    desk = Desk(alice, [note("a"), note("b", "b", "a")])
    desk.run()
    run = desk.run()
    yield run
