"""`manage.py restore DIR/MOMENT`: a server of a backup, in an empty data folder and database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from backups import config_files, restoring
from backups.folders import BackupProblem
from core.command_names import command_in, start_in


class Command(BaseCommand):
    help = (
        "Restore a backup into this data folder (REELGRAPH_HOME) and database (DATABASE_URL); both"
        " must be empty. The copy is quiet: it calls no provider, sends no mail and deletes nothing"
        " until take-over."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR/MOMENT")
        parser.add_argument(
            "--copy", action="store_true", help="copy media also where links would do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].expanduser().absolute()
        try:
            backup = restoring.restore(folder, copies=options["copy"])
        except BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        manifest = backup.manifest
        runs, files = manifest.database.rows.get("runs_run", 0), manifest.media.count
        self.stdout.write(
            f"Restored {folder} into {settings.HOME}: {runs} run{pluralize(runs)},"
            f" {files} file{pluralize(files)}."
        )
        if settings.SECRET_KEY_FILE is not None and not manifest.has_secret:
            self.stdout.write(
                "The backup has no secret_key: everyone signs in again, and keys of providers must"
                " be typed in again."
            )
        providers = Path(settings.HOME, config_files.PROVIDERS)
        if config_files.PROVIDERS in manifest.config and str(providers) != settings.PROVIDERS_FILE:
            self.stdout.write(f"Set REELGRAPH_PROVIDERS_FILE={providers}: its services are in it.")
        self.stdout.write(
            f"Start it: {start_in(settings.HOME)}\nIt is a quiet copy: people can look, and no"
            " provider is called. If the original is gone for good:"
            f" {command_in(settings.HOME, 'take-over')}"
        )
