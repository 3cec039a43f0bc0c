"""`manage.py worker --name worker-1-ab12cd34`: one worker process."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.releases import refuse_newer_database, unapplied_migrations
from runs.engine.worker import Worker


class Command(BaseCommand):
    help = "Take ready steps and execute them, one at a time, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="a name no worker had before")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(options["name"])
        signal.signal(signal.SIGTERM, worker.handle_signal)
        signal.signal(signal.SIGINT, worker.handle_signal)
        signal.signal(signal.SIGALRM, worker.handle_alarm)
        # It waits for a database that is away, and the supervisor for one without its tables.
        if worker.wait_for(check_database):
            worker.run()
        sys.exit(0)


def check_database() -> None:
    """Raises CommandError when this release cannot work on the database."""
    refuse_newer_database()
    if unapplied_migrations():
        raise CommandError("The database needs migrations: run `manage.py prepare` first.")
