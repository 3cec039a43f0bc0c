"""`manage.py prepare`: bring the database up to date and put in what every studio starts with."""

from __future__ import annotations

import contextlib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from backups import restoring
from builder.ops.server import new_tables
from builder.ops.server.file_modes import make_private
from builder.ops.server.prepare import prepare
from builder.ops.server.sole_preparation import sole_preparation
from builder.shared import account_changes
from core.releases import has_tables, refuse_database, unapplied_migrations


class Command(BaseCommand):
    help = "Migrate the database, then make the owner, the system account and the samples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new", action="store_true", help="Do nothing where there is a database already."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"] and (restoring.unfinished() or has_tables()):
            return
        make_private()
        with sole_preparation(settings.RUN_DIR, self.say):
            refuse_database()
            if new_tables.are_possible():
                new_tables.create()
            # Loading all migrations and running none takes longer than all the rest.
            elif unapplied_migrations():
                if not has_tables():
                    self.say("Making the tables. This takes up to a minute.")
                call_command("migrate", verbosity=0, interactive=False)
            prepare()
            account_changes.repeat_deletions()
        # The database may have been made just now.
        make_private()

    def say(self, line: str) -> None:
        # The pipe may be closed: a start goes on.
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()
