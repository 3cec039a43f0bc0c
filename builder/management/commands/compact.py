"""`manage.py compact`: the SQLite file without the room that deleted rows left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from backups import databases
from builder.ops.server.processes import AlreadyRunning
from builder.ops.server.stopped_server import stopped_server


class Command(BaseCommand):
    help = (
        "Give the room that deleted rows left in a SQLite database back to the disk. The server"
        " must be stopped; the file is only replaced by a copy that was checked. Postgres does this"
        " by itself."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            self.stdout.write("Nothing to do: Postgres reuses such room by itself.")
            return
        file = Path(settings.DATABASES["default"]["NAME"])
        try:
            with stopped_server(settings.RUN_DIR, self.stdout.write):
                connection.close()
                before, after = databases.compact_sqlite(file)
        except (AlreadyRunning, databases.BackupProblem) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"{before / 1e6:.1f} MB before, {after / 1e6:.1f} MB now: {(before - after) / 1e6:.1f}"
            " MB are free."
        )
