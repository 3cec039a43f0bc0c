"""Files people bring: looked at in the sandbox, kept as blobs, given back only to their owner."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts import storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors
from core.machine_slots import MachineSlots
from core.phrases import with_article
from media import blobs, probing, tables
from media.models import Upload
from media.presigned_uploads import TABLE
from media.sandbox import Unwatched
from mediakit.file_type import EXTENSIONS

logger = logging.getLogger(__name__)

SLOT = "browser"
# No one needs a file longer that no run and no template took up.
UNUSED_LIFE = timedelta(days=30)
FILENAME_LENGTH = 255

# The names of what someone keeps that an upload of theirs is part of, asked of the layers above.
Uses = Callable[[str, User], Sequence[str]]
_uses: list[Uses] = []
USES_NAMED = 3

# Each look at a file is a child process with a decoder; more at once only slow each other down.
PROBES = 2
_probes = threading.BoundedSemaphore(PROBES)
_probes_on_machine = MachineSlots("probes", PROBES)


def register_use(check: Uses) -> None:
    """Ask this function too before an upload is deleted. Registering twice is once."""
    if check not in _uses:
        _uses.append(check)


def used_bytes(owner_id: int) -> int:
    """Sum how much a person's uploads take; see `accounts.storage`."""
    total = Upload.objects.filter(owner=owner_id).aggregate(total=Sum("blob__size"))["total"]
    return int(total or 0)


def upload_at(owner: User, place: str) -> Upload | None:
    """A person's file in a place of theirs, if one has arrived."""
    return Upload.objects.filter(owner=owner, place=place, completed_at__isnull=False).first()


def keep_upload(
    *,
    owner: User,
    path: Path,
    filename: str,
    slot: str = SLOT,
    place: str | None = None,
    kind: str | None = None,
    unused_life: timedelta = UNUSED_LIFE,
    check_room: Callable[[int], None] | None = None,
) -> Upload:
    """Look at a file that has arrived, and keep it.

    path: in an attempt's folder; the file is gone from there afterwards. filename: as its owner
    calls it, only ever shown; empty for a name after its slot. place: takes the place of what is
    there: the same bytes keep their id, others get a new one. kind: what it must be; a table only
    where that is asked for. unused_life: how long it is kept while nothing shows it. check_room: of
    the file's receiver, where that is not its owner. Raises InvalidInput for what is no picture,
    film or sound, InvalidBody for what is no table, BlockedFile, TooLarge, StorageFull; nothing is
    kept then. `change` of the result says what was done to the file.
    """
    check_may_act(owner)
    check_room = check_room or partial(storage.check_room, owner)
    size = path.stat().st_size
    check_size(size)
    if size == 0:
        raise _refusal("The file is empty.")
    check_room(size)
    try:
        with _probes, _probes_on_machine.take():
            facts, change = _facts_of(path, filename, kind)
    except errors.ProviderError as refusal:
        if refusal.retryable:
            raise errors.Unavailable(
                "Couldn't check the file. Try again.", retry_after_s=2
            ) from refusal
        if refusal.error_type == "GPU_WORKER_FAILED":
            # The file is not at fault: this machine does not confine what REELGRAPH_SANDBOX says.
            raise errors.Unavailable(refusal.message) from refusal
        raise _refusal(refusal.message) from refusal
    if facts.kind not in ("image", "video", "audio", kind):
        raise _refusal("This isn't an image, video or audio file.")
    if kind is not None and facts.kind != kind:
        raise _refusal(
            f"This field takes {with_article(kind)}. You sent {with_article(facts.kind)}."
        )
    size = path.stat().st_size
    file = blobs.store(path, facts)
    filename = filename or f"{slot}.{(EXTENSIONS | tables.EXTENSIONS).get(facts.mime, 'bin')}"
    now = clock.now()
    with transaction.atomic():
        # Two files that arrive at once count one after the other.
        User.objects.select_for_update().filter(pk=owner.pk).first()
        blob = blobs.record(file)
        before = upload_at(owner, place) if place is not None else None
        if before is not None:
            if before.blob_id == blob.sha256:
                Upload.objects.filter(pk=before.pk).update(expires_at=now + unused_life)
                before.blob, before.change = blob, change
                return before
            _make_way(before)
        check_room(size)
        upload = Upload.objects.create(
            owner=owner,
            slot=slot,
            place=place,
            blob=blob,
            filename=clean_filename(filename),
            expires_at=now + unused_life,
            completed_at=now,
        )
        storage.add(owner.pk, storage.UPLOADS, size)
        upload.change = change
        return upload


def _facts_of(path: Path, filename: str, kind: str | None) -> tuple[blobs.FileFacts, str]:
    """Return what the file is, and what was done to it."""
    if kind == TABLE:
        return tables.facts_of(path, filename), ""
    return probing.probe_reduced(path, probing.MAX_OWN_PIXELS, Unwatched())


def _make_way(before: Upload) -> None:
    """Take an upload out of its place. One that a template shows is kept without."""
    if uses_of(before.public_id, before.owner):
        Upload.objects.filter(pk=before.pk).update(place=None)
    else:
        forget_uploads(before.owner_id, Upload.objects.filter(pk=before.pk))


def uses_of(public_id: str, owner: User) -> list[str]:
    """The names of what keeps this upload from being deleted."""
    return [name for uses in _uses for name in uses(public_id, owner)]


def delete_upload(*, owner: User, public_id: str) -> None:
    """Forget an own upload. Runs that used it keep its bytes. Raises NotFound, and Conflict with
    the names of the templates that show it."""
    upload = Upload.objects.filter(owner=owner, public_id=public_id).first()
    if upload is None:
        raise errors.NotFound()
    uses = uses_of(public_id, owner)
    if uses:
        names = ", ".join(f"“{name}”" for name in uses[:USES_NAMED])
        more = f" and {len(uses) - USES_NAMED} more" if len(uses) > USES_NAMED else ""
        raise errors.Conflict(
            f"{upload.filename} is used by {names}{more}. Change what uses it first.",
            code="upload.used",
            details={"uses": uses},
        )
    forget_uploads(owner.pk, Upload.objects.filter(pk=upload.pk))


def forget_uploads(owner_id: int, uploads: QuerySet[Upload]) -> int:
    """Delete uploads of one person and give their bytes back. Returns how many went.

    Bytes that nothing else needs go with the next sweep, never within a request.
    """
    with transaction.atomic():
        # Of two that delete the same row, one finds it.
        rows = list(uploads.select_for_update(of=("self",)).values_list("pk", "blob__size"))
        count, _ = Upload.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
        storage.add(owner_id, storage.UPLOADS, -sum(size or 0 for _, size in rows))
    return count


def prune_uploads() -> int:
    """Forget uploads that no one used in time. One that a template shows is kept on.

    Returns how many are gone.
    """
    now = clock.now()
    count = 0
    for upload in Upload.objects.filter(expires_at__lt=now).select_related("owner")[:500]:
        if uses_of(upload.public_id, upload.owner):
            Upload.objects.filter(pk=upload.pk).update(expires_at=now + UNUSED_LIFE)
        else:
            count += forget_uploads(upload.owner_id, Upload.objects.filter(pk=upload.pk))
    return count


def check_size(size: int) -> None:
    """Raise TooLarge for a file above the limit."""
    limit: int = settings.UPLOAD_LIMIT_BYTES
    if size > limit:
        raise errors.TooLarge(
            f"File too large. The limit is {storage.readable(limit)}.",
            code="upload.too_large",
        )


def clean_filename(name: str) -> str:
    """The last part of a path of any system, without characters that mean something."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(c for c in last if c.isprintable())
    return printable[:FILENAME_LENGTH].strip() or "file"


def _refusal(message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, code="upload.refused")
