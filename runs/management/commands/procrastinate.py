"""`manage.py procrastinate healthchecks`: Procrastinate's own commands, on Postgres."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.command_names import command

if settings.ON_POSTGRES:
    from procrastinate.contrib.django.management.commands.procrastinate import Command as _Command
else:

    class _Command(BaseCommand):  # type: ignore[no-redef]
        help = "Procrastinate's own commands. It carries hints between workers on Postgres only."

        def add_arguments(self, parser: ArgumentParser) -> None:
            parser.add_argument("command", nargs="*")

        def handle(self, *args: Any, **options: Any) -> None:
            raise CommandError("There is no Procrastinate on SQLite: workers need none there.")


class Command(_Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # It would take the hints of our workers, and knows nothing of steps.
        if options.get("command") == "worker":
            raise CommandError(
                f"Workers are started with `{command('worker --labels cpu,remote')}`: each"
                " runs a Procrastinate worker beside its own work."
            )
        super().handle(*args, **options)
