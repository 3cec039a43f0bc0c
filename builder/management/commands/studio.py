"""`manage.py studio`: the whole product on one machine, until Ctrl-C. `make run` ends here."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.utils import OperationalError

from builder.processes import AlreadyRunning, ProcessBook, sole_supervisor
from builder.supervisor import (
    STOP_SIGNALS,
    ChildSpec,
    Supervisor,
    answers,
    raise_open_files,
    web_command,
    worker_command,
)
from media.sandbox.confine import not_inspectable


class Refused(Exception):
    """The server cannot start. The message is one line that says what to do."""


class Command(BaseCommand):
    help = "Run the web process and the workers of this machine, until Ctrl-C."
    # They run inside `handle`, where a problem becomes one line.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
            sys.exit(self.serve())
        except (Refused, AlreadyRunning) as problem:
            sys.exit(str(problem))
        except KeyboardInterrupt:
            self.say("Stopped.")
            sys.exit(0)

    def say(self, line: str) -> None:
        # The terminal may be gone, or the pipe closed; the studio goes on, and stops in order.
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()

    def serve(self) -> int:
        run_dir = settings.RUN_DIR
        with sole_supervisor(run_dir):
            earlier = ProcessBook(run_dir).stop_left_behind()
            refuse_taken_port(settings.PORT)
            self.check_system()
            raise_open_files()
            # No WARNING from here: each child logs its own.
            not_inspectable()
            self.prepare()
            for entry in earlier:
                release(entry.incarnation)
            connections.close_all()
            python = sys.executable
            specs = [
                ChildSpec(
                    "web",
                    lambda life: web_command(python, settings.PORT),
                ),
                *(
                    ChildSpec(
                        f"worker-{number}",
                        lambda life: worker_command(python, settings.BASE_DIR, life),
                        on_death=release,
                        stops_first=True,
                    )
                    for number in range(1, settings.WORKERS + 1)
                ),
            ]
            supervisor = Supervisor(
                specs,
                run_dir=run_dir,
                log_dir=settings.LOG_DIR,
                cwd=settings.BASE_DIR,
                is_ready=lambda: answers(settings.PORT),
                announce=self.announce,
                say=self.say,
            )
            return asyncio.run(supervisor.run())

    def check_system(self) -> None:
        """Show what the system checks found, a line each; errors end the start."""
        found = checks.run_checks(databases=["default"])
        for message in found:
            if not message.is_silenced():
                hint = f" {message.hint}" if message.hint else ""
                self.say(f"{message.id}: {message.msg}{hint}")
        if any(message.is_serious() and not message.is_silenced() for message in found):
            raise Refused("Reelgraph cannot start before this is mended.")

    def prepare(self) -> None:
        """Bring the database up to date. Only the supervisor does, before any child starts."""
        from django.core.management import call_command

        try:
            call_command("prepare")
        except OperationalError as problem:
            reason = " ".join(str(problem).split())
            raise Refused(f"The database cannot be used: {reason}. See DATABASE_URL.") from problem

    def announce(self) -> None:
        from accounts.models import User
        from accounts.services import create_signin_link
        from core import durable

        base_url = settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
        try:
            link = create_signin_link(user=User.objects.get(username="owner"), base_url=base_url)
            durable.flush()
        finally:
            connections.close_all()
        self.say(f"Reelgraph is ready: {base_url}/")
        self.say(f"Sign in as owner, once, within 15 minutes: {link}")


def release(incarnation: str) -> None:
    """Hand back at once what a dead worker held, instead of waiting for its lease to run out."""
    from runs.engine.lease import release_worker

    try:
        release_worker(incarnation)
    finally:
        # Called from threads that end: their connections end with them.
        connections.close_all()


def refuse_taken_port(port: int) -> None:
    try:
        _try_to_listen(port)
    except OSError as problem:
        if problem.errno == errno.EACCES:
            raise Refused(f"Port {port} needs more rights: PORT=8000 make run") from None
        if problem.errno != errno.EADDRINUSE:
            raise
        raise Refused(f"Port {port} is taken: PORT={_free_port_after(port)} make run") from None


def _free_port_after(port: int) -> int:
    for candidate in range(port + 1, min(port + 100, 65_536)):
        try:
            _try_to_listen(candidate)
        except OSError:
            continue
        return candidate
    return 8000


def _try_to_listen(port: int) -> None:
    with socket.socket() as probe:
        # As the web process does: a port that only rests after its last use counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
