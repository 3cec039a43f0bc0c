"""`manage.py serve`: the whole product on one machine, until Ctrl-C. `make run` ends here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection, connections

import builder.ops.checks  # noqa: F401  all of them register themselves
from backups import making, restoring
from builder.ops.server.preloaded import is_possible, preload, run_in_fork
from builder.ops.server.processes import (
    AlreadyRunning,
    ProcessBook,
    Recorded,
    is_web,
    sole_supervisor,
)
from builder.ops.server.supervisor import (
    STOP_SIGNALS,
    ChildSpec,
    Supervisor,
    answers,
    raise_open_files,
    worker_command,
)
from builder.ops.server.web_processes import PortRefused, WebProcesses, forget
from core import outages, spool_folders
from core.checks import Survey
from core.command_names import command
from core.errors import MediaFolderAway
from core.releases import NewerDatabase
from core.server_address import kept_address, server_url
from media import shared_authority
from media.sandbox.confine import not_inspectable
from runs.engine.checks import label_warnings
from tools import configured_services

# Between two tries to start, in seconds.
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
WAITS_FOR = {
    outages.DATABASE: "The database isn't answering yet",
    outages.DISK: "The disk is full",
    outages.MEDIA: "The media folder is unavailable",
}
# What Postgres says of settings that are wrong. The driver gives no code for a failed connection.
FOR_GOOD = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
    "permission denied",
    "unable to open database file",
    "server does not support SSL",
)


class StartRefused(Exception):
    """The server cannot start. The message is one line that says what to do."""


class Command(BaseCommand):
    help = "Run the web processes and the workers of this machine, until Ctrl-C."
    # They run inside `handle`, where a problem becomes one line.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            # First: it inherits no lock, no connection and no thread.
            self.launcher = preload() if settings.FORK and is_possible() else None
            for handler in logging.root.handlers:
                # This is the terminal, which is for people.
                handler.setLevel(logging.WARNING)
            with refusals_in_a_line():
                self.serve()
            # Interpreter shutdown takes a second on a busy machine, and all has ended.
            os._exit(0)
        except KeyboardInterrupt:
            self.say("Stopped.")
            sys.exit(0)

    def say(self, line: str) -> None:
        # The terminal or the pipe may be closed; the server keeps running and stops cleanly.
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()

    def serve(self) -> None:
        if not (settings.WEB or settings.WORKERS):
            raise StartRefused(
                "There is nothing to run: REELGRAPH_WEB and REELGRAPH_WORKERS are both 0."
            )
        run_dir = settings.RUN_DIR
        with sole_supervisor(run_dir):
            earlier = ProcessBook(run_dir).stop_left_behind()
            spool_folders.remove_all()
            with WebProcesses(settings.BIND, settings.PORT, settings.WEB) as webs:
                self.serve_with(webs, earlier)

    def serve_with(self, webs: WebProcesses, earlier: list[Recorded]) -> None:
        run_dir = settings.RUN_DIR
        raise_open_files()
        # No WARNING from here: each child logs its own.
        not_inspectable()

        def start() -> str:
            if backup := restoring.unfinished():
                again = command(f"restore {backup}")
                raise StartRefused(f"A restore into {settings.HOME} was interrupted. Run: {again}")
            self.check_system()
            if copy := making.keep_database():
                self.say(f"This release changes the database. As it was before: {copy}")
            call_command("prepare")
            # What opens keys is large: workers find them opened.
            shared_authority.tend()
            for entry in earlier:
                (forget if is_web(entry.name) else release)(entry.incarnation)
            for check in label_warnings(settings.WORKER_LABELS if settings.WORKERS else ()):
                self.say(f"{check.says}. {check.remedy}")
            return create_signin_path()

        if self.launcher is None:
            signin_path = self.until_it_works(start)
            connections.close_all()
        else:
            # What this imports and reads is needed once, and this process lives for years.
            signin_path = run_in_fork(refusals_in_a_line()(partial(self.until_it_works, start)))
        python = sys.executable
        specs = [
            *webs.specs(python),
            *(
                ChildSpec(
                    f"worker-{number}",
                    lambda life: worker_command(python, settings.BASE_DIR, life),
                    on_death=release,
                    cleans_up=True,
                    stops_first=True,
                )
                for number in range(1, settings.WORKERS + 1)
            ),
        ]

        async def is_ready() -> bool:
            endpoint = settings.OWN_ADDRESS, settings.PORT
            return not settings.WEB or (webs.have_started() and await answers(endpoint))

        supervisor = Supervisor(
            specs,
            run_dir=run_dir,
            log_dir=settings.LOG_DIR,
            cwd=settings.BASE_DIR,
            is_ready=is_ready,
            announce=partial(self.announce, signin_path),
            say=self.say,
            launcher=self.launcher,
        )
        with contextlib.ExitStack() as stack:
            stack.enter_context(held_open())
            if settings.WEB:
                webs.listen()
                stack.enter_context(kept_address(settings.PORT))
            asyncio.run(supervisor.run())

    def check_system(self) -> None:
        """Show what is wrong before anything runs, a line each; faults end the start."""
        # A choice in the settings may name a service of the page.
        configured_services.try_to_refresh()
        results = list(Survey("start").results())
        for check in [one for result in results for one in result.checks if one.level != "ok"]:
            self.say(f"{check.name}: {check.says}. {check.remedy}")
        if any(result.has_fault for result in results):
            raise StartRefused("Reelgraph can't start until this is fixed.")

    def until_it_works(self, start: Callable[[], str]) -> str:
        """Run it, again while the database or the media are unavailable or the disk is full.

        Returns what it does. Raises StartRefused for what no waiting fixes.
        """
        pause, has_spoken = FIRST_PAUSE_S, False
        while True:
            try:
                result = start()
                break
            except (DatabaseError, InterfaceError, OSError, MediaFolderAway) as problem:
                reason = outages.reason_of(problem)
                kind = outages.kind_of(problem)
                if kind == outages.DATABASE and is_for_good(reason):
                    raise StartRefused(
                        f"Can't use the database: {reason}. Check DATABASE_URL."
                    ) from problem
                if not kind:
                    raise
                if not has_spoken:
                    self.say(f"{WAITS_FOR[kind]}: {reason}. Waiting…")
                    if kind == outages.MEDIA:
                        self.say(f"If it's the right folder: `{command('media-folder --accept')}`.")
                has_spoken = True
            # A broken connection is not used again.
            connections.close_all()
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        if has_spoken:
            self.say("Continuing.")
        return result

    def announce(self, signin_path: str) -> None:
        if not settings.WEB:
            count = settings.WORKERS
            workers = f"{count} workers are" if count > 1 else "1 worker is"
            labels = ", ".join(settings.WORKER_LABELS)
            self.say(f"{workers} running here, for {labels}. REELGRAPH_WEB=0: no web process.")
            return
        base_url = server_url()
        self.say(f"Reelgraph is ready: {base_url}/")
        self.say(f"Sign in as owner (works once, expires in 15 minutes): {base_url}{signin_path}")


def create_signin_path() -> str:
    """Return the path by which the owner signs in once; "" without web processes."""
    from accounts.models import User
    from accounts.one_time_links import create_signin_link
    from core import durable

    if not settings.WEB:
        return ""
    path = create_signin_link(user=User.objects.get(username="owner"), base_url="")
    durable.flush()
    return path


@contextlib.contextmanager
def refusals_in_a_line() -> Iterator[None]:
    """End the process with one line for a start that is refused."""
    try:
        yield
    except (StartRefused, PortRefused, AlreadyRunning, NewerDatabase) as problem:
        sys.exit(str(problem))


@contextlib.contextmanager
def held_open() -> Iterator[None]:
    """Keep a connection to SQLite open for as long as this lasts.

    The last connection to close takes the write-ahead log with it, and on a full disk there is then
    no room to make one: nothing could even be read.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield


def is_for_good(reason: str) -> bool:
    """Return whether the database refuses for a reason that only a change of settings fixes."""
    return any(words in reason for words in FOR_GOOD)


def release(incarnation: str) -> None:
    """Release a dead worker's steps at once, instead of waiting for its leases to expire."""
    from runs.engine.reclaiming import release_worker

    try:
        # This process doesn't watch the page for services, and what a lost request may cost is for
        # its provider to say.
        configured_services.refresh()
        release_worker(incarnation)
    finally:
        # Called from threads that end: their connections end with them.
        connections.close_all()
