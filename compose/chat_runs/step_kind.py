"""The step kind of chats for the engine of runs: registered at start, loaded when one comes.

Most workers never see a chat; what answers one needs a model's client and its tools.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from compose.chat_runs.rounds import ROUND, SOURCE
from runs import states
from runs.engine import remote_jobs, step_kinds
from runs.models import RemoteJob, Run, Step


class Rounds:
    """Does the steps of the kind ROUND."""

    def execute(self, context: Any, *, take_next: bool) -> Any:
        from compose.chat_runs.executor import execute

        return execute(context, take_next=take_next)

    def on_cancel(self, step: Step) -> None:
        from compose.chat_runs.executor import on_cancel

        on_cancel(step)


def register() -> None:
    """Called in `AppConfig.ready`."""
    step_kinds.register(ROUND, Rounds())
    step_kinds.listen(wake_parent)


def wake_parent(run: Run, to: str) -> None:
    """Have the chat look at a run that is over or waits for a person, once this
    transaction is through. Should that be missed, the chat looks a few seconds later."""
    if to in states.STREAM_CLOSING:
        public_id = run.public_id
        transaction.on_commit(lambda: _wake(public_id), robust=True)


def _wake(public_id: str) -> None:
    if RemoteJob.objects.filter(provider=SOURCE, key=public_id).exists():
        remote_jobs.wake(SOURCE, [public_id])
