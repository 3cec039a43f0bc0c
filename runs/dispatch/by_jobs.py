"""Hints on Postgres: jobs of Procrastinate, which reach workers on any number of machines.

A job names a label, not a step: its taker looks at the table of steps. So a lost job costs a poll,
and one that is done twice costs a look.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence

from django.db import transaction

from runs.dispatch.hint_sender import HintSender
from runs.dispatch.job_subscription import JobSubscription


class ProcrastinateDispatch:
    """One waiting job for each label with due steps. Workers look every POLL_S anyway."""

    def __init__(self) -> None:
        self._sender = HintSender()
        atexit.register(self.close)
        # The sender's thread stays with the parent.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._sender = HintSender()

    def hint(self, step_ids: Sequence[int]) -> None:
        # Not in the transaction that made them ready: the NOTIFY of a new job takes a lock of the
        # whole server until its transaction is on the disk.
        transaction.on_commit(self._hint)

    def _hint(self) -> None:
        self._sender.hint()

    def listen(self, worker: str, labels: Sequence[str]) -> JobSubscription:
        return JobSubscription(worker, labels, pass_on=self._hint)

    def close(self) -> None:
        self._sender.close()
