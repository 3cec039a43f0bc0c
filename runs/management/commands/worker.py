"""`manage.py worker --labels gpu,cpu`: one worker process."""

from __future__ import annotations

import secrets
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import background_threads
from core.command_names import command
from core.releases import refuse_database, unapplied_migrations
from runs.engine.worker import Worker
from runs.engine.worker_registry import short_hostname
from tools.declaration.labels import LABEL_RULE, labels_of


class Command(BaseCommand):
    help = "Take ready steps and execute them, one at a time, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", help="a name no worker had before; made up unless given")
        parser.add_argument(
            "--labels",
            type=read_labels,
            default=settings.WORKER_LABELS,
            help="take steps of providers with one of these labels, such as gpu,cpu; otherwise"
            " REELGRAPH_WORKER_LABELS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(options["name"] or new_name(), options["labels"])
        signal.signal(signal.SIGTERM, worker.handle_signal)
        signal.signal(signal.SIGINT, worker.handle_signal)
        signal.signal(signal.SIGALRM, worker.handle_alarm)
        # It waits for a database that is away, and the supervisor for one without its tables.
        if worker.wait_for(check_database):
            background_threads.start_all()
            worker.run()
        sys.exit(0)


def read_labels(text: str) -> tuple[str, ...]:
    """Raises ArgumentTypeError, which names the first wrong label."""
    try:
        labels = labels_of(text)
    except ValueError as problem:
        raise ArgumentTypeError(str(problem)) from None
    if not labels:
        raise ArgumentTypeError(f"name at least one: {LABEL_RULE}")
    return labels


def new_name() -> str:
    """A name for a worker that no supervisor started: which machine it is on, and 8 hex digits."""
    # Short: its socket for hints is called so, and paths of sockets have 104 bytes at most.
    return f"worker-{short_hostname()[:16]}-{secrets.token_hex(4)}"


def check_database() -> None:
    """Raises CommandError when this release cannot work on the database."""
    refuse_database()
    if unapplied_migrations():
        raise CommandError(f"The database needs migrations: run `{command('prepare')}` first.")
