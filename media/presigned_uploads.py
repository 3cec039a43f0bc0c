"""Signed URLs that accept one file: uploading to one needs no other credential.

A ticket names the owner of the file, its purpose, and the slot that it fills. It is valid for an
hour and is not stored.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.core import signing

from core import canonical, errors

LIFE_S = 3600
_SALT = "media.ticket"


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """owner: a person's public id. slot: one of SLOTS. place: what the caller calls it. most: how
    many bytes, kept_hours: how long an unused file is kept; 0: as anyone's."""

    owner: str
    slot: str
    place: str
    most: int = 0
    kept_hours: int = 0


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
