"""`manage.py worker --name worker-1-ab12cd34`: one worker process."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from runs.engine.worker import Worker


class Command(BaseCommand):
    help = "Take ready steps and execute them, one at a time, until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--name", required=True, help="unique among all workers there ever were"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(options["name"])
        signal.signal(signal.SIGTERM, worker.handle_signal)
        signal.signal(signal.SIGINT, worker.handle_signal)
        signal.signal(signal.SIGALRM, worker.handle_alarm)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database needs migrations: run `manage.py migrate` first.")
        worker.run()
        sys.exit(0)
