"""`manage.py sweep`: delete now what workers delete bit by bit."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from core import server_settings
from core.releases import refuse_database
from media import sweeping
from runs.engine import sweep as engine
from runs.engine.retention import purge_old_runs


class Command(BaseCommand):
    help = (
        "Delete runs older than the server keeps them, what has expired, and files that were"
        " unused for a day. Workers do the same bit by bit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show what would be deleted")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_database()
        dry_run = options["dry_run"]
        days = server_settings.value("KEEP_RUNS_DAYS")
        runs = sum(purge_old_runs(days=days, dry_run=dry_run)) if days else 0
        if not dry_run:
            engine.prune()
        result = sweeping.sweep(dry_run=dry_run)
        if options["json"]:
            figures = {"dry_run": dry_run, "deleted_runs": runs, **asdict(result)}
            self.stdout.write(json.dumps(figures))
            return
        verb = "Would delete" if dry_run else "Deleted"
        age = f"older than {days} days" if days else "kept forever"
        self.stdout.write(f"{verb} {runs} runs ({age}).")
        self.stdout.write(
            f"{verb} {result.deleted_blobs} blobs and {result.deleted_files} files without a row,"
            f" {result.freed_bytes / 1e6:.1f} MB."
        )
        waiting = result.unused - result.deleted_blobs
        self.stdout.write(
            f"Checked {result.looked_at} blobs; {waiting} more are unused and will be deleted after"
            " 24 unused hours."
        )
