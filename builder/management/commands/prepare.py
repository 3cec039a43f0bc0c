"""`manage.py prepare`: bring the database up to date and put in what every studio starts with."""

from __future__ import annotations

import fcntl
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from builder.server.file_modes import make_private
from builder.server.prepare import prepare
from core.releases import refuse_newer_database, unapplied_migrations


class Command(BaseCommand):
    help = "Migrate the database, then make the owner, the system account and the samples."

    def handle(self, *args: Any, **options: Any) -> None:
        make_private()
        # `make key` may run while `make run` starts: one of them migrates, the other waits.
        with (settings.RUN_DIR / "prepare.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            refuse_newer_database()
            # Loading all migrations and running none takes longer than all the rest.
            if unapplied_migrations():
                call_command("migrate", verbosity=0, interactive=False)
            prepare()
        # The database may have been made just now.
        make_private()
