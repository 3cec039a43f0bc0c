"""Equal requests of several steps, and all of their answers lost: a job has one step."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from core import clock
from runs.engine.worker import Worker
from runs.models import Artifact, Run, Step
from tests.support.builders.running import finish, start, take, work_off, work_off_with_looks
from tests.support.fakes.http_server import Asked, Reply
from tests.support.fakes.makers.base import Fault
from tests.support.fakes.makers.configured import SUBMITS, serving
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.waiting import WAIT_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TWINS = 6
FOX = [{"id": "a", "toolName": "generate_image", "arguments": {"prompt": "a fox"}}]


class AnswersTogether(FalServer):
    """Answers questions about its history once so many have come."""

    def __init__(self) -> None:
        self.gate: threading.Barrier | None = None
        super().__init__()

    def answer(self, asked: Asked) -> Reply:
        reply = super().answer(asked)
        if self.gate is not None and asked.path.endswith("/by-endpoint"):
            self.gate.wait(WAIT_S)
        return reply


def test_steps_that_look_for_their_job_in_the_same_instant_attach_it_once(
    alice: User, settings: Any
) -> None:
    server = AnswersTogether()
    with serving(settings, "fal", server, search_s=0):
        answers = [Fault(accepts=True, drop=True), *[Fault(drop=True)] * (TWINS - 1)]
        server.replies[SUBMITS["fal"]].extend(answers)
        runs = [start(alice, FOX) for _ in range(TWINS)]
        work_off()
        assert set(Step.objects.values_list("status", flat=True)) == {"parked"}
        server.gate = threading.Barrier(TWINS)
        Step.objects.update(not_before=clock.now())
        work_together(TWINS)
        server.gate = None
        for run in runs:
            work_off_with_looks(run)
        ends = [Run.objects.get(id=run.id).status for run in runs]
        assert sorted(ends) == ["completed", *["waiting_for_user"] * (TWINS - 1)]
        assert len(server.submissions()) == 1


def test_a_job_that_another_step_is_about_to_be_told_of_is_left_to_it(
    alice: User, settings: Any
) -> None:
    with serving(settings, "fal", search_s=0) as server:
        answer_may_come = threading.Event()
        server.replies[SUBMITS["fal"]].extend(
            [Fault(drop=True), Fault(accepts=True, hold=answer_may_come)]
        )
        lost, answered = start(alice, FOX), start(alice, FOX)
        finish(take(lost))
        thread = threading.Thread(target=work, args=(Worker("other"),))
        thread.start()
        while not server.submissions():
            assert thread.is_alive()
        try:
            Step.objects.filter(run=lost).update(not_before=clock.now())
            work_off()
            assert len(server.calls("*/by-endpoint", "GET")) == 1
            assert Step.objects.get(run=lost).status == "waiting"
        finally:
            answer_may_come.set()
            thread.join(60)
        work_off_with_looks(answered)
        artifact = Artifact.objects.get()
        assert (artifact.run_id, artifact.meta["job"]) == (answered.id, *server.jobs)


def work(worker: Worker) -> None:
    try:
        worker.run_until_idle()
    finally:
        connections.close_all()


def work_together(count: int) -> None:
    """Let so many workers take what is due."""

    workers = [Worker(f"worker-{number}") for number in range(count)]
    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
