"""Background runs: people go first, one step at a time, and by this machine's providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from core import errors
from runs.admission.start import start_run
from runs.engine.worker import Worker
from runs.models import Run
from tests.support.builders.running import (
    chain,
    finish,
    principal_of,
    start,
    status_after_work,
    take,
    work_off,
)
from tests.support.builders.stage_bodies import batch_stage, stage
from tests.support.builders.templates import make_template
from tests.support.fakes.services import Services, running_services
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = {"prompt": "a fox", "model": "gpt-image-1", "width": 64, "height": 64}
EDITS = {"prompt": "in snow", "source_image_url": "$item.url"}
STAGES = [
    stage("generate_image", "looks", **LOOKS),
    batch_stage("each", "$artifacts.looks.items", "edit_image", EDITS),
]


@pytest.fixture(params=["openai", "comfyui"])
def services(
    request: pytest.FixtureRequest, provide: Callable[..., None], settings: Any
) -> Iterator[Services]:
    with running_services() as services:
        settings.PROVIDER_CHOICE = {"*": request.param}
        provide(services.table())
        assert registry.problems() == []
        yield services
    del settings.PROVIDER_CHOICE


def in_background(user: User, stages: list[dict[str, Any]]) -> Run:
    body = {"workflow_id": make_template(user, inputs=[], graph=None, stages=stages).public_id}
    return start_run(actor=principal_of(user), body=body, priority=-10).run


def test_a_person_s_run_goes_first_and_a_background_run_pauses_between_steps(
    alice: User, bob: User
) -> None:
    notes = [
        {"id": name, "type": "fixed", "tool": "note", "args": {"text": name}}
        for name in ("one", "two")
    ]
    background = in_background(bob, notes)
    first = take(background)
    person = start(alice, chain("noop", 1))
    # The worker that has just done the background run's first step does not go on with the second.
    assert finish(first, take_next=True) is None
    worker = Worker("test-pause")
    claim = worker._claim_one()
    assert claim is not None
    assert claim.step.run_id == person.id
    assert worker._claim_one() is None
    finish(claim)
    resumed = worker._claim_one()
    assert resumed is not None
    assert resumed.step.run_id == background.id


def test_independent_steps_of_a_background_run_are_done_one_after_the_other(bob: User) -> None:
    in_background(bob, [{"id": name, "type": "fixed", "tool": "noop"} for name in ("one", "two")])
    assert Worker("test-one")._claim_one() is not None
    assert Worker("test-two")._claim_one() is None


def test_background_runs_cost_nothing_whichever_provider_is_chosen(
    bob: User, services: Services
) -> None:
    run = in_background(bob, STAGES)
    assert status_after_work(run) == "completed"
    assert set(run.steps.exclude(provider="").values_list("provider", flat=True)) == {"studio"}
    assert run.estimated_milli == run.actual_milli
    assert services.paid_calls() == []


def test_what_a_person_asks_for_is_still_made_by_the_chosen_service(
    alice: User, services: Services
) -> None:
    arguments = {"prompt": "a fox", "model": "gpt-image-1"}
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    work_off()
    assert run.steps.get().provider != "studio"
    assert services.paid_calls()


def test_a_background_run_of_a_tool_that_only_a_service_has_is_refused(
    bob: User, services: Services
) -> None:
    with pytest.raises(errors.AppError):
        in_background(bob, [{**STAGES[0], "tool": "paid", "args": {}}])
    assert not Run.objects.exists()
