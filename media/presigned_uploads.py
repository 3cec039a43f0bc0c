"""Signed URLs that accept one file: uploading to one needs no other credential.

A ticket names the owner of the file, its purpose, and the slot that it fills. It is valid for an
hour and is not stored. Who has it can read it: what may not be known isn't in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial

from django.core import signing

from accounts import storage
from accounts.models import User
from core import canonical, errors

LIFE_S = 3600
_SALT = "media.ticket"


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """owner: a person's public id, or `<kind>/<id>` of what `register_holder` knows. slot: one of
    SLOTS. place: what the caller calls it. most: how many bytes, kept_hours: how long an unused
    file is kept; 0: as anyone's."""

    owner: str
    slot: str
    place: str
    most: int = 0
    kept_hours: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    """The person whose storage a file fills. check_room: raises AppError where there is no room for
    a file of so many bytes."""

    owner: User
    check_room: Callable[[int], None]


# Takes the id of a holder and the file's place. Raises Forbidden once no one receives the file.
Find = Callable[[str, str], Receiver]
_holders: dict[str, Find] = {}


def register_holder(kind: str, find: Find) -> None:
    """Ask this function who receives the files of holders of this kind."""
    _holders[kind] = find


# The kind of a table: it fills no input, its rows do.
TABLE = "table"
# What an upload is for, in the public clients' words but for `table`, and the kind that serves.
SLOTS: dict[str, str] = {
    "referenceImage": "image",
    "referenceImageEnd": "image",
    **{f"contextImage{number}": "image" for number in range(1, 17)},
    "startingImage": "image",
    "referenceAudio": "audio",
    "referenceVideo": "video",
    TABLE: TABLE,
}


def slot_key(*, job: str, name: str, slot: str) -> str:
    """The key of a slot. The same arguments give the same key: a repeated upload replaces."""
    return canonical.sha256_hex([job, name, slot])


def issue(ticket: UploadTicket) -> str:
    """The path of the address, without scheme and host."""
    return f"/uploads/{signing.dumps(asdict(ticket), salt=_SALT)}"


def read(text: str) -> UploadTicket:
    """Return what a ticket says. Raises Forbidden when it is altered, made up or too old."""
    try:
        return UploadTicket(**signing.loads(text, salt=_SALT, max_age=LIFE_S))
    except signing.SignatureExpired:
        problem = "This upload URL has expired."
    except (signing.BadSignature, TypeError, ValueError):
        problem = "This upload URL isn't valid."
    raise errors.Forbidden(f"{problem} Request a new uploadUrl.", code="upload.ticket")


def receiver_of(ticket: UploadTicket) -> Receiver:
    """Return who receives the file of a ticket now. Raises Forbidden where no one does any more."""
    kind, slash, holder_id = ticket.owner.partition("/")
    if slash:
        return _holders[kind](holder_id, ticket.place)
    owner = User.objects.filter(public_id=ticket.owner, is_active=True).first()
    if owner is None:
        raise errors.Forbidden("This upload link has expired.", code="upload.ticket")
    return Receiver(owner, partial(storage.check_room, owner))
