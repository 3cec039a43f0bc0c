"""Files that people bring to an app before they start a run of it.

People with an account keep them in their own storage. Those of guests are in the storage of the
app's owner, and wait there for a run: of all guests together WAITING_BYTES an app, and FILES_OF_RUN
for each run that their link has left. `Upload.place` says that a file waits and for which link; a
run that takes it empties the place.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum

from accounts import storage
from core import clock, errors
from media import presigned_uploads
from media.models import Upload
from media.presigned_uploads import Receiver, UploadTicket
from simple_apps import access, form
from simple_apps.models import GuestLink, SimpleApp
from templates_app.media_links import MEDIA_TYPES

UPLOAD_BYTES: Final = 25_000_000
WAITING_BYTES: Final = 100_000_000
FILES_OF_RUN: Final = 3
_KEPT_HOURS: Final = 24
_SLOTS: Final = {"image": "referenceImage", "video": "referenceVideo", "audio": "referenceAudio"}
_HOLDER: Final = "guest-link"
_UPLOAD: Final = re.compile(r"/media/(upl_[0-9a-z]+)/")


def register() -> None:
    """Have tickets name links in the place of a person."""
    presigned_uploads.register_holder(_HOLDER, _receiver_of_ticket)


def upload_limit() -> int:
    """Return how many bytes a file may have."""
    return min(UPLOAD_BYTES, settings.UPLOAD_LIMIT_BYTES)


def upload_path(link: GuestLink, kind: str) -> str:
    """Return the path that takes one file of this kind while the link is open. It names no person.

    Raises as `_check_room` where there is none for a single byte.
    """
    place = f"{_mark(link)}{secrets.token_hex(8)}"
    _receiver_of(link, place).check_room(1)
    holder = f"{_HOLDER}/{link.pk}"
    return presigned_uploads.issue(
        UploadTicket(holder, _SLOTS[kind], place, UPLOAD_BYTES, _KEPT_HOURS)
    )


def take(link: GuestLink, inputs: Mapping[str, Any]) -> None:
    """Free the room of the files that a start names: its run keeps their bytes. Part of the start's
    transaction, once it has locked their owner."""
    names = {row["name"] for row in form.inputs_of(link.app) if row["type"] in MEDIA_TYPES}
    values = [value for name, value in inputs.items() if name in names]
    uploads = set(_UPLOAD.findall(str(values)))
    if uploads:
        _waiting(link.app).filter(public_id__in=uploads).update(place=None)


def _receiver_of_ticket(link_id: str, place: str) -> Receiver:
    """As `media.presigned_uploads.Find`. Asked again before bytes are kept, so that ending a link
    ends its addresses."""
    link = access.link_of_id(int(link_id))
    if link is None:
        raise errors.Forbidden(
            "This upload URL has ended with its link. Ask the person who sent you the link for a"
            " new one.",
            code="upload.ticket",
        )
    return _receiver_of(link, place)


def _receiver_of(link: GuestLink, place: str) -> Receiver:
    if link.person is not None:
        return Receiver(link.person, partial(storage.check_room, link.person))
    return Receiver(link.app.owner, partial(_check_room, link, place))


def _check_room(link: GuestLink, place: str, size: int) -> None:
    """Check whether a guest's file of so many bytes may wait. Raises AllowanceSpent, QuotaExceeded,
    StorageFull, DiskFull; none says what else its owner keeps.

    place: of the file; one that is there already makes way. Its owner is locked where it counts.
    """
    runs_left = link.allowance.most_runs - link.allowance.runs
    if runs_left <= 0:
        raise access.no_runs_left()
    sums = (
        _waiting(link.app)
        .exclude(place=place)
        .aggregate(
            size=Sum("blob__size", default=0),
            first=Min("expires_at"),
            count=Count("pk", filter=Q(place__startswith=_mark(link))),
            first_of_link=Min("expires_at", filter=Q(place__startswith=_mark(link))),
        )
    )
    if sums["count"] >= FILES_OF_RUN * runs_left:
        runs = "the run that is" if runs_left == 1 else f"each of the {runs_left} runs that are"
        raise errors.QuotaExceeded(
            f"{sums['count']} files wait already: this link takes {FILES_OF_RUN} for {runs} left."
            " Start a run with these files first. A file that no run takes is gone after a day.",
            code="quota.files",
            retry_after_s=_seconds_until(sums["first_of_link"]),
        )
    if sums["size"] + size > WAITING_BYTES:
        raise errors.StorageFull(
            "This file doesn't fit: the files that wait for runs of this app take"
            f" {storage.readable(sums['size'])} of {storage.readable(WAITING_BYTES)}. Send a"
            " smaller file, start a run with those you sent, or try again later.",
            code="app.files_full",
            retry_after_s=_seconds_until(sums["first"]),
        )
    try:
        storage.check_room(link.app.owner, size)
    except errors.StorageFull as problem:
        raise errors.StorageFull(
            "This file doesn't fit: this app has no room for files. Ask the person who sent you the"
            " link.",
            code="app.files_full",
        ) from problem


def _seconds_until(moment: Any) -> float:
    return max(1.0, (moment - clock.now()).total_seconds())


def _waiting(app: SimpleApp) -> QuerySet[Upload]:
    """Select the files of guests that wait for a run of an app."""
    return Upload.objects.filter(
        owner=app.owner_id, place__startswith=f"guest:{app.pk}.", expires_at__gt=clock.now()
    )


def _mark(link: GuestLink) -> str:
    """Return the beginning of the places of a link's files."""
    kind = "guest" if link.person_id is None else "own"
    return f"{kind}:{link.app_id}.{link.pk}."
