"""Copies of files that tell how these were made, each made once and kept beside the file.

A copy is a blob with a row of `MarkedCopy`: it stays while the file does and goes at a sweep after
it. Copies count toward no one's storage.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from django.db import transaction
from django.db.models import F

from core import clock
from core.errors import InvalidInput, ProviderError
from core.machine_slots import MachineSlots
from media import blobs, credentials, shared_authority
from media.blobs import BlockedFile, StoredFile
from media.models import Blob, MarkedCopy
from media.origin import Provenance
from media.sandbox import Context
from media.stripping import mark_file, strip_file

# "clean": without the notes that ride along, for others. "plain": with them, for its owner.
Way: TypeAlias = Literal["clean", "plain"]
# Version of what is written into copies. After a new number all copies are made again.
FORMAT: Final = 2
# Those by an earlier key or of an earlier format: another machine of this server may still use it.
FORGOTTEN_AFTER: Final = timedelta(days=30)
LOOK_S: Final = 24 * 3600.0

logger = logging.getLogger(__name__)
_turns = MachineSlots("copies", 1)


def kept_copy(blob: Blob, way: Way, provenance: Provenance) -> Blob | None:
    """Return what `marked_copy` would, if nothing has to be made for it. Only reads.

    Raises BlockedFile.
    """
    if way == "plain" and not provenance.source_type:
        return blob
    rows = MarkedCopy.objects.select_related("copy")
    row = rows.filter(source=blob, mark=_mark(way, provenance)).first()
    if row is None:
        is_copy = way == "plain" and MarkedCopy.objects.filter(copy=blob).exists()
        # One that someone brought back tells it already.
        return blob if is_copy else None
    copy = blob if row.copy is None else row.copy
    if copy.blocked_at is not None:
        raise BlockedFile
    return copy if blobs.path_of(copy.sha256).exists() else None


def marked_copy(blob: Blob, way: Way, provenance: Provenance, context: Context) -> Blob:
    """Return a copy of a file that tells how it was made. Not inside a transaction.

    A plain one is the file itself where nothing is known, or where it can't be told in the file.
    Raises BlockedFile where a moderator has blocked the copy; for a clean one, InvalidInput for a
    file that is damaged or of a kind that has no such copy, and ProviderError, retryable.
    """
    existing = kept_copy(blob, way, provenance)
    if existing is not None:
        return existing
    shared_authority.agree_hourly()
    mark = _mark(way, provenance)
    try:
        file = _new_copy(blob, way, provenance, context)
    except (ProviderError, OSError) as problem:
        if way == "clean":
            if isinstance(problem, ProviderError) and not problem.retryable:
                raise InvalidInput(problem.message) from problem
            raise
        logger.warning("a %s file is not marked: %s", blob.mime, problem)
        return blob
    if file is not None and file.sha256 == blob.sha256:
        # A row would keep the file for ever.
        return blob
    with transaction.atomic():
        copy = None if file is None else blobs.record(file, provenance.origin)
        # Anyone who was quicker made one as good.
        facts = {"copy": copy, "made_at": clock.now()}
        MarkedCopy.objects.update_or_create(source=blob, mark=mark, defaults=facts)
    return copy or blob


def copy_in_turn(blob: Blob, way: Way, provenance: Provenance, context: Context) -> Blob:
    """Do as `marked_copy`, one file after the other on this machine: to write one takes a core."""
    existing = kept_copy(blob, way, provenance)
    if existing is not None:
        return existing
    with _turns.take():
        return marked_copy(blob, way, provenance, context)


def blobs_of_copies(hashes: Collection[str]) -> set[str]:
    """Return which of these blobs are copies of files that are there, for
    `media.resolvers.register_references`."""
    rows = MarkedCopy.objects.filter(copy_id__in=hashes).exclude(source_id=F("copy_id"))
    return {one for one in rows.values_list("copy_id", flat=True) if one is not None}


def forget_old() -> float:
    """Forget copies that the key and the format of today don't give. A periodic task of workers."""
    old = MarkedCopy.objects.filter(made_at__lt=clock.now() - FORGOTTEN_AFTER)
    # Without one, no key is opened.
    if old.exists():
        old.exclude(mark__endswith=_current()).delete()
    return LOOK_S


def _new_copy(blob: Blob, way: Way, provenance: Provenance, context: Context) -> StoredFile | None:
    """Store a copy without a row; None of a file that can't tell it."""
    folder = blobs.attempt_dir(way)
    target = folder / "copy"
    source, facts = blobs.path_of(blob.sha256), blobs.facts_of(blob)
    try:
        if way == "clean":
            facts = strip_file(source, facts, target, context, provenance)
        elif not mark_file(source, facts, target, context, provenance):
            return None
        return blobs.store(target, facts)
    finally:
        blobs.discard(folder)


def _mark(way: Way, provenance: Provenance) -> str:
    source_type = provenance.source_type.rpartition("/")[2]
    planner = hashlib.sha256(provenance.planner.encode()).hexdigest()[:8]
    return f"{way}/{source_type}/{planner if provenance.planner else ''}{_current()}"


def _current() -> str:
    """Return how marks end now: who signs, and the format."""
    return f"/{credentials.noted_id() or _opened_id() or 'unsigned'}/{FORMAT}"


def _opened_id() -> str:
    # Here alone, see `credentials`.
    from media import credential_keys

    signer = credential_keys.signer()
    return signer.id if signer else ""
