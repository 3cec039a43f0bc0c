"""`manage.py check-media`: whether stored media are still what they were."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from core import clock
from creations.models import Share
from media import checking
from media.models import Upload
from runs.models import Artifact

# So that it can run beside a server whose people are watching films.
USUAL_MB_PER_S = 50.0


class Command(BaseCommand):
    help = (
        "Read every stored file and compare it with its hash. Damaged ones are moved to"
        " media/damaged and no longer served. Exit code 1 if any are damaged or missing. Safe to"
        " run while the server runs, and to interrupt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=moment,
            help="only files made since a date such as 2026-01-31, or 7d for a week",
        )
        parser.add_argument(
            "--rate",
            type=float,
            default=USUAL_MB_PER_S,
            help=f"most MB to read per second (default: {USUAL_MB_PER_S:.0f}; 0: no limit)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        rate = max(0.0, options["rate"]) * 1e6
        *_, outcome = checking.check(since=options["since"], bytes_per_s=rate)
        checking.remember(outcome)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not lost(outcome), **asdict(outcome)}))
        else:
            for kind, hashes in (("missing", outcome.missing), ("damaged", outcome.damaged)):
                for sha256 in hashes:
                    self.stdout.write(f"{kind:8} {sha256}  {used_by(sha256)}")
            self.stdout.write(
                f"Read {outcome.looked_at} files, {outcome.bytes_read / 1e6:.1f} MB:"
                f" {len(outcome.missing)} missing, {len(outcome.damaged)} damaged."
            )
            if lost(outcome):
                self.stdout.write(
                    "Restore them from a backup to media/blobs/<ab>/<cd>/<hash>, or make them"
                    " again: a run with the same result restores the file."
                )
        if lost(outcome):
            sys.exit(1)


def lost(outcome: checking.Checked) -> int:
    return len(outcome.missing) + len(outcome.damaged)


def used_by(sha256: str) -> str:
    """`results art_… art_… · uploads upl_… · creations …`: what shows nothing now."""
    results = Artifact.objects.filter(blob_id=sha256).values_list("public_id", flat=True)[:5]
    uploads = Upload.objects.filter(blob_id=sha256).values_list("public_id", flat=True)[:5]
    files = Q(media__blob=sha256) | Q(media__poster=sha256)
    shares = Share.objects.filter(files).distinct().values_list("public_id", flat=True)[:5]
    parts = [
        f"{name} {' '.join(ids)}"
        for name, ids in (
            ("results", list(results)),
            ("uploads", list(uploads)),
            ("creations", list(shares)),
        )
        if ids
    ]
    return " · ".join(parts) or "no result, upload or creation"


def moment(text: str) -> datetime:
    """`7d`, or a date or time of ISO 8601; UTC where it names no zone."""
    if text.endswith("d") and text[:-1].isdigit():
        return clock.now() - timedelta(days=int(text[:-1]))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is neither a date like 2026-01-31 nor 7d") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
