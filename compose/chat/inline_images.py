"""Images that come within a message, as `data:` URLs: kept as uploads of their sender.

A run's media are files with an address. The public SDKs send images inline only, so an image that
a tool is to work on is uploaded for them. It is checked and counted like any upload.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from accounts.models import User
from core import canonical, errors
from media import blobs, signing
from media.services import keep_upload

_IMAGE = re.compile(r"data:image/[\w.+-]{1,40};base64,", re.IGNORECASE)
SLOT = "referenceImage"


def kept_address(owner: User, url: str, origin: str) -> str:
    """Keep an inline image. Returns its address on this server, which works for a day.

    Raises InvalidBody for what is no image, and what `media.services.keep_upload` raises.
    """
    match = _IMAGE.match(url.strip())
    if match is None:
        raise _refusal()
    try:
        data = base64.b64decode(url.strip()[match.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise _refusal() from None
    # The same image sent again, as with each turn of a conversation, is one upload.
    place = canonical.sha256_hex(["chat", hashlib.sha256(data).hexdigest()])
    folder = blobs.attempt_dir("chat")
    try:
        path = folder / "image"
        path.write_bytes(data)
        upload = keep_upload(
            owner=owner, path=path, filename="", slot=SLOT, place=place, kind="image"
        )
    finally:
        blobs.discard(folder)
    return origin + signing.signed_path(upload.public_id, upload.filename)


def _refusal() -> errors.InvalidBody:
    return errors.InvalidBody(
        "`image_url` must be an https URL or an image as data:image/…;base64,…"
    )
