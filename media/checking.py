"""The check that the bytes we hold are still what they were: each blob's file is hashed again.

A file that does not match its name is moved to `media/damaged`, so that it is not served, reused or
given to a step any more. When the same bytes are stored again, the blob is whole again.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from core import clock
from media import blobs
from media.models import Blob

AT_ONCE = 200
# What `sample` looks at: some blobs, and no more than a second's reading.
SAMPLED_BLOBS = 20
SAMPLED_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a check. missing, damaged: SHA-256 of blobs; at: ISO 8601; whole: every
    blob."""

    at: str = ""
    whole: bool = True
    looked_at: int = 0
    bytes_read: int = 0
    missing: tuple[str, ...] = field(default=())
    damaged: tuple[str, ...] = field(default=())


def check(*, since: datetime | None = None, bytes_per_s: float = 0) -> Iterator[Checked]:
    """Hash every blob's file; yields the sums so far after each. Damaged files are set aside.

    since: only blobs that were made from then on. bytes_per_s: read no faster; 0: as fast as it
    goes. Safe beside running workers, and to break off.
    """
    pace = _Pace(bytes_per_s)
    at, bytes_read = clock.now().isoformat(), 0
    missing: list[str] = []
    damaged: list[str] = []
    yield Checked(at=at, whole=since is None)
    for looked_at, blob in enumerate(_rows(since), 1):
        blobs.check_folder()
        is_intact = blobs.verify(blob.sha256, pace)
        if is_intact is False and blobs.set_aside(blob.sha256):
            damaged.append(blob.sha256)
        # A sweep may have taken row and file meanwhile.
        elif is_intact is None and Blob.objects.filter(sha256=blob.sha256).exists():
            missing.append(blob.sha256)
        bytes_read += blob.size
        yield Checked(at, since is None, looked_at, bytes_read, tuple(missing), tuple(damaged))


def _rows(since: datetime | None) -> Iterator[Blob]:
    last = ""
    while True:
        rows = Blob.objects.filter(sha256__gt=last).only("sha256", "size").order_by("sha256")
        if since is not None:
            rows = rows.filter(created_at__gte=since)
        batch = list(rows[:AT_ONCE])
        if not batch:
            return
        last = batch[-1].sha256
        yield from batch


def sample() -> list[str]:
    """SHA-256 of blobs that are missing or damaged among a few taken by chance. Changes nothing."""
    bad, total = [], 0
    for blob in _by_chance():
        if total + blob.size > SAMPLED_BYTES:
            continue
        total += blob.size
        if not blobs.verify(blob.sha256):
            bad.append(blob.sha256)
    return bad


def _by_chance() -> Collection[Blob]:
    """SAMPLED_BLOBS blobs, or all of fewer. Hashes are spread evenly, so none need be sorted."""
    rows = Blob.objects.only("sha256", "size").order_by("sha256")
    first = list(rows[: SAMPLED_BLOBS + 1])
    if len(first) <= SAMPLED_BLOBS:
        return first
    chosen = {}
    for _ in range(SAMPLED_BLOBS):
        blob = rows.filter(sha256__gte=secrets.token_hex(32)).first() or first[0]
        chosen[blob.sha256] = blob
    return chosen.values()


def remember(report: Checked) -> None:
    """Keep it for the doctor."""
    path = _path()
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(asdict(report)))
    scratch.replace(path)


def last() -> Checked | None:
    """Return what the last finished check found, without what has been restored since."""
    try:
        document = json.loads(_path().read_text())
        report = Checked(**{**document, "missing": (), "damaged": ()})
        missing, damaged = _still_gone(document["missing"]), _still_gone(document["damaged"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Checked(report.at, report.whole, report.looked_at, report.bytes_read, missing, damaged)


def _still_gone(hashes: list[str]) -> tuple[str, ...]:
    in_database = set(Blob.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    return tuple(one for one in hashes if one in in_database and not blobs.path_of(one).exists())


def _path() -> Path:
    return Path(settings.RUN_DIR) / "media-check.json"


class _Pace:
    """Called with each count of bytes read: sleeps so that the rate is kept."""

    def __init__(self, bytes_per_s: float) -> None:
        self._rate = bytes_per_s
        self._began = time.monotonic()
        self._read = 0

    def __call__(self, count: int) -> None:
        self._read += count
        if self._rate:
            ahead = self._began + self._read / self._rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
