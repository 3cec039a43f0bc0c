"""Hints in: Procrastinate's worker, on an event loop in a thread of a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence

import psycopg
from django.conf import settings
from psycopg_pool import AsyncConnectionPool

from core.outages import DATABASE, OUTAGES, Outage
from runs.dispatch import due_queues
from runs.dispatch.jobs import FIRST_REST_S, LONGEST_REST_S, connect, listening_app, parameters

# How long a worker that ends waits for this thread. What it leaves is swept.
CLOSE_S = 1.0
# A database that doesn't answer for longer is away.
ANSWER_S = 5.0
# An outage is over when nothing failed for so long: a try may take ANSWER_S.
STEADY_S = 10.0


class JobSubscription:
    """`wait` belongs to the main thread, all that is async to the loop.

    A job is taken only while the main thread waits, and held until it waits again: a busy worker
    leaves hints to others. While the database or Procrastinate's tables are away, it hears nothing,
    and its worker looks every POLL_S.
    """

    def __init__(self, worker: str, labels: Sequence[str], pass_on: Callable[[], None]) -> None:
        self._worker = worker
        self._queues = due_queues.of_labels(labels)
        self._pass_on = pass_on
        self._changed = threading.Condition()
        self._is_waiting = self._is_hinted = self._holds_job = self._closing = False
        # Set when the main thread waits, for those on the loop who said that they want to know.
        self._idle = asyncio.Event()
        self._asks_for_idle = False
        self._outage = Outage(
            "Workers can't be hinted: {reason}. They still look for steps by themselves.",
            "Workers can be hinted again, after {seconds} s.",
            self._is_steady,
        )
        self._failed_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._listen_until_closed())
        self._thread = threading.Thread(target=self._run, name="hinted", daemon=True)
        self._thread.start()

    # On the main thread

    def wait(self, timeout_s: float) -> bool:
        with self._changed:
            self._is_waiting = True
            if not self._is_hinted and self._asks_for_idle:
                self._asks_for_idle = False
                self._holds_job = False
                self._loop.call_soon_threadsafe(self._idle.set)
            self._changed.wait_for(lambda: self._is_hinted, timeout_s)
            came, self._is_hinted = self._is_hinted, False
            self._is_waiting = False
            return came

    def pass_on(self) -> None:
        """Once for each job: its next taker passes it on again."""
        with self._changed:
            holds, self._holds_job = self._holds_job, False
        if holds:
            self._pass_on()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(CLOSE_S)

    # On the loop

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _stop(self) -> None:
        self._closing = True
        self._idle.set()
        self._task.cancel()

    async def _listen_until_closed(self) -> None:
        rest_s = FIRST_REST_S
        while not self._closing:
            began = time.monotonic()
            try:
                await self._listen()
            except Exception as problem:
                self._on_failure(problem)
            lasted_s = time.monotonic() - began
            rest_s = FIRST_REST_S if lasted_s > STEADY_S else min(2 * rest_s, LONGEST_REST_S)
            await asyncio.sleep(rest_s)

    async def _listen(self) -> None:
        """Run Procrastinate's worker until it fails, or this task is cancelled."""
        # Fails at once where the pool would try for long.
        await (await connect()).close()
        pool = AsyncConnectionPool(
            kwargs=parameters(), min_size=1, max_size=1, timeout=ANSWER_S, open=False
        )
        app = listening_app(
            look=self._hold,
            before_fetch=self._until_idle,
            listening=self._hint,
            on_failure=self._on_failure,
        )
        async with pool, app.open_async(pool):
            await app.run_worker_async(
                queues=self._queues,
                name=self._worker,
                concurrency=1,
                fetch_job_polling_interval=settings.POLL_S,
                abort_job_polling_interval=60.0,
                shutdown_graceful_timeout=CLOSE_S / 2,
                delete_jobs="always",
                # The process has handlers of its own, with a shorter patience.
                install_signal_handlers=False,
            )

    async def _hold(self) -> None:
        """The job itself: wake the main thread, and end when there is nothing left to take."""
        with self._changed:
            self._holds_job = True
            is_late = not self._is_waiting
        if is_late:
            # It began to work while the job was on its way.
            self.pass_on()
        self._hint()
        await self._until_idle()

    def _hint(self) -> None:
        with self._changed:
            self._is_hinted = True
            self._changed.notify()

    async def _until_idle(self) -> None:
        """Wait until the main thread waits, with no hint that it has not seen."""
        with self._changed:
            if self._closing or (self._is_waiting and not self._is_hinted):
                return
            self._idle.clear()
            self._asks_for_idle = True
        await self._idle.wait()

    def _on_failure(self, problem: BaseException) -> None:
        # Procrastinate's own errors say no more than that there was one.
        cause = problem.__cause__ or problem
        if isinstance(cause, psycopg.OperationalError) and not settings.DIRECT_DATABASE:
            # Away for all: one outage, and one line.
            OUTAGES[DATABASE].note(cause)
            return
        self._failed_at = time.monotonic()
        self._outage.note(cause)

    def _is_steady(self) -> bool:
        return time.monotonic() - self._failed_at > STEADY_S
