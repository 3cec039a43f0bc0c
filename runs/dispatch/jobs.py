"""The one kind of job, and Procrastinate's worker as our workers run it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import psycopg
import psycopg.sql
from procrastinate import App, PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.job_context import JobContext, JobResult
from procrastinate.jobs import Job, Status
from procrastinate.retry import RetryDecision
from procrastinate.worker import Worker

from core.command_names import command
from core.direct_database import direct_parameters

TASK: Final = "look"
PURPOSE: Final = "reelgraph worker"
# Delay before reconnecting, in seconds.
FIRST_REST_S, LONGEST_REST_S = 0.1, 2.0
# After a notification that came in the middle of a fetch.
AGAIN_S = 0.01


def register(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: the jobs of Django's app are for our workers alone."""
    app.task(name=TASK)(_refuse)


async def _refuse() -> None:
    raise RuntimeError(
        f"Only Reelgraph's own workers can take this job: run `{command('worker')}` instead of"
        " a plain Procrastinate worker."
    )


class AttentiveWorker(Worker):
    """Works around a lost wake-up: Procrastinate 3.10 clears its event after a fetch, and sleeps to
    the next poll. So it is woken once more a moment later.

    before_fetch: waited for before each look for jobs.
    """

    before_fetch: Callable[[], Awaitable[None]]

    async def _handle_notification(self, **heard: Any) -> None:
        await super()._handle_notification(**heard)
        self.look_again()

    def look_again(self) -> None:
        self._new_job_event.set()
        asyncio.get_running_loop().call_later(AGAIN_S, self._new_job_event.set)

    async def _fetch_and_process_jobs(self) -> None:
        await self.before_fetch()
        await super()._fetch_and_process_jobs()

    async def _persist_job_status(
        self,
        job: Job,
        status: Status,
        retry_decision: RetryDecision | None,
        context: JobContext,
        job_result: JobResult | None,
    ) -> None:
        # The job's row may be gone, swept or with its table. Nothing depends on it.
        with contextlib.suppress(Exception):
            await super()._persist_job_status(job, status, retry_decision, context, job_result)


class ListeningConnector(PsycopgConnector):
    """Listens by a connection that reconnects. When Procrastinate's own can't, the
    worker doesn't notice, and goes on without.

    listening: called when it listens, at first and again. failed: with each failed try.
    """

    def __init__(
        self, failed: Callable[[BaseException], None], listening: Callable[[], None]
    ) -> None:
        super().__init__()
        self._failed = failed
        self._listening = listening

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        rest_s = FIRST_REST_S
        while True:
            try:
                async with await connect() as connection:
                    for channel in channels:
                        name = psycopg.sql.Identifier(channel)
                        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(name))
                    rest_s = FIRST_REST_S
                    self._listening()
                    async for notice in connection.notifies():
                        await on_notification(channel=notice.channel, payload=notice.payload)
            except psycopg.Error as problem:
                self._failed(problem)
            await asyncio.sleep(rest_s)
            rest_s = min(2 * rest_s, LONGEST_REST_S)


class ListeningApp(App):
    """Runs one AttentiveWorker, on jobs that call `look`."""

    def __init__(
        self,
        look: Callable[[], Awaitable[None]],
        before_fetch: Callable[[], Awaitable[None]],
        listening: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        super().__init__(connector=ListeningConnector(failed, self._begins))
        self._before_fetch = before_fetch
        self._listening = listening
        self._running: AttentiveWorker | None = None
        self.task(name=TASK)(look)

    def _worker(self, **options: Any) -> AttentiveWorker:
        self._running = AttentiveWorker(app=self, **options)
        self._running.before_fetch = self._before_fetch
        return self._running

    def _begins(self) -> None:
        """Look once: notifications that were sent before LISTEN are lost."""
        if self._running is not None:
            self._running.look_again()
        self._listening()


async def connect() -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(**direct_parameters(PURPOSE))
