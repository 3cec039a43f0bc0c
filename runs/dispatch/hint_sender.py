"""Hints out: one small thread of each process defers jobs, so that no request waits for it."""

from __future__ import annotations

import threading

from django.db import connection, transaction

from core.database import drop_broken_connections, is_away
from core.outages import DATABASE, OUTAGES, Outage
from core.raw_sql import Statement
from runs.dispatch import due_queues
from runs.dispatch.jobs import TASK

# At most one job for each label in this time: a burst of starts is one hint.
PAUSE_S = 0.01
# How long the end of a process waits for the last hint.
CLOSE_S = 0.2
_NO_WAIT = Statement("SET LOCAL synchronous_commit = off")


class HintSender:
    """Its thread begins with the first hint, and uses Django's connection of that thread.

    What fails is logged once for each outage and never raised; the next hint tries again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._closing = threading.Event()
        self._outage = Outage(
            "Hints to workers can't be sent: {reason}. Workers still look for steps by themselves.",
            "Hints to workers can be sent again, after {seconds} s.",
            _can_send,
        )

    def hint(self) -> None:
        """Steps are ready, and committed. Returns at once."""
        with self._lock:
            self._news.set()
            if self._thread is None:
                self._closing = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._closing,), name="hints", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Send what is waiting, if that takes no more than a moment, and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._closing.set()
            self._news.set()
        if thread is not None:
            thread.join(CLOSE_S)

    def _run(self, closing: threading.Event) -> None:
        try:
            while True:
                self._news.wait()
                self._news.clear()
                self._send()
                if closing.wait(PAUSE_S):
                    # What came in the meantime.
                    self._send()
                    return
        finally:
            connection.close()

    def _send(self) -> None:
        try:
            drop_broken_connections()
            send()
        except Exception as problem:
            # All that the database's absence stops is one outage.
            outage = OUTAGES[DATABASE] if is_away(problem) else self._outage
            outage.note(problem)
            connection.close()


def send() -> None:
    """Defer one job for each label that has due steps and none waiting."""
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    for queue in due_queues.without_job():
        job = app.configure_task(TASK, queue=queue, queueing_lock=queue)
        try:
            # Its commit does not wait for the disk, during which its NOTIFY would hold a lock of
            # the whole server: what it tells of is there, and the job itself may get lost.
            with transaction.atomic():
                _NO_WAIT.run()
                job.defer()
        except AlreadyEnqueued:
            # Its taker looks after our commit.
            continue


def _can_send() -> bool:
    try:
        due_queues.without_job()
    finally:
        connection.close()
    return True
