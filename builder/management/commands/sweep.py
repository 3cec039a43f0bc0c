"""`manage.py sweep`: delete now what workers delete bit by bit."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from core import server_settings
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
        dry_run = options["dry_run"]
        days = server_settings.value("KEEP_RUNS_DAYS")
        runs = sum(purge_old_runs(days=days, dry_run=dry_run)) if days else 0
        if not dry_run:
            engine.prune()
        swept = sweeping.sweep(dry_run=dry_run)
        if options["json"]:
            found = {"dry_run": dry_run, "deleted_runs": runs, **asdict(swept)}
            self.stdout.write(json.dumps(found))
            return
        verb = "Would delete" if dry_run else "Deleted"
        kept = f"older than {days} days" if days else "kept forever"
        self.stdout.write(f"{verb} {runs} runs ({kept}).")
        self.stdout.write(
            f"{verb} {swept.deleted_blobs} blobs and {swept.deleted_files} files without a row,"
            f" {swept.freed_bytes / 1e6:.1f} MB."
        )
        waiting = swept.unused - swept.deleted_blobs
        self.stdout.write(
            f"Checked {swept.looked_at} blobs; {waiting} more are unused and will be deleted after"
            " 24 unused hours."
        )
