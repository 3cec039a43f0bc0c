"""The origins of files that this server made, known for as long as the server is.

A row outlives runs, copies and files. It says nothing of a person, and there is none of an upload.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from django.db.models import Q

from core.raw_sql import Statement
from media.models import Blob, OriginRecord
from media.origin import ORIGINS, Origin

# Of files that the server made. Nothing is told of those with another origin.
CLAIMS: Final[tuple[Origin, ...]] = ("ai", "edited_ai", "planned", "drawn")


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that this server made, and when it did so first."""

    origin: Origin
    first_at: datetime


def _weaker(origin: Origin) -> tuple[Origin, ...]:
    return ORIGINS[ORIGINS.index(origin) + 1 :]


def _keep_statement(origin: Origin) -> Statement:
    # All of these are our own words.
    weaker = ", ".join(f"'{one}'" for one in _weaker(origin))
    return Statement(
        f"""
        INSERT INTO media_origin (sha256, origin, first_at)
        VALUES (%(sha256)s, '{origin}', %(first_at)s)
        ON CONFLICT (sha256) DO UPDATE SET origin = excluded.origin
            WHERE media_origin.origin IN ({weaker})
        """  # noqa: S608
    )


# One statement, so that of two writers at once none fails and the stronger origin stays.
_KEEP: Final = {origin: _keep_statement(origin) for origin in CLAIMS}


def keep_origin(blob: Blob, origin: Origin, now: datetime) -> None:
    """Keep the origin of stored bytes, in the caller's transaction. A weaker one that is told later
    takes nothing back.

    now: as in `created_at` of a row that was inserted with its origin just now.
    """
    if origin == "unknown":
        return
    if blob.origin != origin:
        rows = Blob.objects.filter(Q(origin=None) | Q(origin__in=_weaker(origin)))
        if not rows.filter(sha256=blob.sha256).update(origin=origin):
            return
        blob.origin = origin
    elif blob.created_at != now:
        return
    keep_record(blob.sha256, origin, now)


def keep_record(sha256: str, origin: Origin, first_at: datetime) -> None:
    """Note that the server made these bytes. A record that is there keeps its day, and the stronger
    origin of the two."""
    if origin in _KEEP:
        _KEEP[origin].run(sha256=sha256, first_at=first_at)


def keep_of_blob(blob: Blob) -> None:
    """Note what is known of a blob that is about to be deleted: it may be older than the
    records."""
    if blob.origin is not None:
        keep_record(blob.sha256, cast(Origin, blob.origin), blob.created_at)


def made_file(sha256: str) -> MadeFile | None:
    """Return what is kept of these bytes; None for those that the server didn't make."""
    record = OriginRecord.objects.filter(sha256=sha256).first()
    if record is not None:
        return MadeFile(cast(Origin, record.origin), record.first_at)
    blob = Blob.objects.filter(sha256=sha256, origin__in=CLAIMS).first()
    return MadeFile(cast(Origin, blob.origin), blob.created_at) if blob else None
