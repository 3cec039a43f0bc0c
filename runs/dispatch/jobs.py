"""The one kind of job, and Procrastinate's worker as our workers run it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import psycopg
import psycopg.sql
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback, get_channel_for_queues

from core.command_names import command
from core.direct_database import direct_parameters

TASK: Final = "look"
PURPOSE: Final = "reelgraph worker"
# Delay before reconnecting, in seconds.
FIRST_REST_S, LONGEST_REST_S = 0.1, 2.0
# What Postgres sends for a new job, as if one had come: its reader looks at the table.
_NEW_JOB: Final[Notification] = {"type": "job_inserted", "job_id": 0}


def register(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: the jobs of Django's app are for our workers alone."""
    app.task(name=TASK)(_refuse)


async def _refuse() -> None:
    raise RuntimeError(
        f"Only Reelgraph's own workers can take this job: run `{command('worker')}` instead of"
        " a plain Procrastinate worker."
    )


class HintJobs(JobManager):
    """Procrastinate's jobs as our workers read and write them, with three differences.

    A fetch waits for `before_fetch`. Notifications come over a connection that reconnects: where
    Procrastinate's own can't, its worker goes on without. And the end of a job may get lost.

    listening: called when it listens, at first and again. on_failure: with each failed try.
    """

    def __init__(
        self,
        connector: PsycopgConnector,
        before_fetch: Callable[[], Awaitable[None]],
        listening: Callable[[], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        super().__init__(connector)
        self._before_fetch = before_fetch
        self._listening = listening
        self._on_failure = on_failure
        self._has_news = False

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        await self._before_fetch()
        while True:
            self._has_news = False
            job = await super().fetch_job(queues=queues, worker_id=worker_id)
            # Procrastinate 3.10 forgets notifications that come during a fetch: it would sleep
            # until its next poll.
            if job is not None or not self._has_news:
                return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        # The job's row may be gone, swept or with its table. Nothing depends on it.
        with contextlib.suppress(Exception):
            await super().finish_job(job=job, status=status, delete_job=delete_job)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        channels = list(get_channel_for_queues(queues=queues))
        rest_s = FIRST_REST_S
        while True:
            try:
                async with await connect() as connection:
                    for channel in channels:
                        name = psycopg.sql.Identifier(channel)
                        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(name))
                    rest_s = FIRST_REST_S
                    # Notifications that were sent before LISTEN are lost.
                    self._has_news = True
                    await on_notification(channel=channels[0], notification=_NEW_JOB)
                    self._listening()
                    async for notice in connection.notifies():
                        self._has_news = True
                        await on_notification(
                            channel=notice.channel, notification=json.loads(notice.payload)
                        )
            except psycopg.Error as problem:
                self._on_failure(problem)
            await asyncio.sleep(rest_s)
            rest_s = min(2 * rest_s, LONGEST_REST_S)


def listening_app(
    look: Callable[[], Awaitable[None]],
    before_fetch: Callable[[], Awaitable[None]],
    listening: Callable[[], None],
    on_failure: Callable[[BaseException], None],
) -> App:
    """Make an app whose worker runs jobs that call `look`. The rest is as in HintJobs."""
    connector = PsycopgConnector()
    app = App(connector=connector)
    app.job_manager = HintJobs(connector, before_fetch, listening, on_failure)
    app.task(name=TASK)(look)
    return app


async def connect() -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(**parameters())


def parameters() -> dict[str, Any]:
    """The parameters of a worker's own connections. None of their commits waits for the disk: a job
    that a crash of the server takes back, or brings back, costs a look."""
    own_parameters = direct_parameters(PURPOSE)
    options = f"{own_parameters.get('options', '')} -c synchronous_commit=off"
    return {**own_parameters, "options": options.strip()}
