"""Files that agents bring for the inputs of runs: inline, from an address, or uploaded apart."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from accounts import storage
from accounts.rate_limits import check_start_rate
from accounts.suspension import check_may_act
from builder.agents.mcp.tool import Caller
from core import client_disconnect, errors
from media import blobs, fetch, presigned_uploads, resolvers, services, signing
from media.models import Blob, Upload
from templates_app import media_links

# Of base64 in a message; the message itself has at most BODY_LIMIT_BYTES.
INLINE_LIMIT_BYTES: Final = 1_400_000
FETCH_LIMIT_BYTES: Final = 100_000_000
FETCH_S: Final = 30.0
# The slot of an upload URL decides which kind of file it takes.
SLOT_OF: Final = {
    "image": "referenceImage",
    "video": "referenceVideo",
    "audio": "referenceAudio",
}
JOB: Final = "mcp"
SLOT: Final = "agent"
_UPLOAD: Final = re.compile(r"(image|video|audio)-[0-9a-f]{32}")
_DATA_URL: Final = re.compile(r"data:[^,]{0,200};base64,")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the caller's. url: a link that works for a day, and what an input takes."""

    id: str
    filename: str
    blob: Blob
    url: str


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """A place to send a file to. id: what `uploaded` finds it by. url: takes a PUT of its bytes,
    within the hour and without a credential."""

    id: str
    url: str


def check_one_way(*ways: str | None) -> None:
    """Raise InvalidBody unless exactly one of the four ways to bring a file is taken."""
    if sum(bool(way) for way in ways) != 1:
        raise errors.InvalidBody("Send exactly one of `data`, `url`, `kind` and `upload_id`.")


def keep_inline(caller: Caller, text: str, filename: str) -> Asset:
    """Keep a file that was sent as base64. Raises InvalidBody, TooLarge, InvalidInput."""
    content = _decode(text)
    digest = hashlib.sha256(content).hexdigest()

    def write(folder: Path) -> Path:
        path = folder / "inline"
        path.write_bytes(content)
        return path

    return _keep(caller, write, filename, f"inline-{digest[:40]}")


def keep_from(caller: Caller, url: str, filename: str) -> Asset:
    """Keep the file at an https address; one of this server must be the caller's own already.

    Fetched again, it takes the place of what was fetched before. Raises InvalidBody for an address
    that isn't allowed, ProviderError for what isn't there, NotFound for another person's file.
    """
    own = signing.parse_own_url(url, caller.own_hosts)
    if own is not None:
        return _own(caller, own, url)
    fetch.check_url(url)
    name = filename or unquote(urlsplit(url).path).rpartition("/")[2]

    def write(folder: Path) -> Path:
        download = fetch.fetch(
            url,
            folder,
            kinds=tuple(SLOT_OF),
            max_bytes=FETCH_LIMIT_BYTES,
            timeout_s=FETCH_S,
            check=client_disconnect.check,
        )
        return download.path

    return _keep(caller, write, name, f"fetched-{hashlib.sha256(url.encode()).hexdigest()[:40]}")


def place_for(caller: Caller, kind: str) -> UploadPlace:
    """An upload URL for a file of a kind: image, video or audio."""
    person = caller.principal.user
    check_may_act(person)
    storage.check_room(person, 1)
    name = f"{kind}-{secrets.token_hex(16)}"
    ticket = presigned_uploads.UploadTicket(person.public_id, SLOT_OF[kind], _place(name))
    return UploadPlace(name, caller.base_url + presigned_uploads.issue(ticket))


def uploaded(caller: Caller, name: str) -> Asset:
    """Return what arrived at an upload URL of the caller's. Raises NotFound before it has."""
    upload = None
    if _UPLOAD.fullmatch(name):
        upload = services.upload_at(caller.principal.user, _place(name))
    if upload is None:
        raise errors.NotFound(
            "Nothing has arrived for this `upload_id` yet. PUT the file to its upload URL first.",
            code="upload.not_arrived",
        )
    return _asset(caller, upload)


def _place(name: str) -> str:
    slot = SLOT_OF[name.partition("-")[0]]
    return presigned_uploads.slot_key(job=JOB, name=name, slot=slot)


def _decode(text: str) -> bytes:
    plain = _DATA_URL.sub("", text[:300], count=1) + text[300:]
    if len(plain) > INLINE_LIMIT_BYTES * 4 // 3 + 4:
        raise _too_large()
    try:
        content = base64.b64decode("".join(plain.split()), validate=True)
    except (binascii.Error, ValueError):
        raise errors.InvalidBody("`data` must be the file's bytes in base64.") from None
    if len(content) > INLINE_LIMIT_BYTES:
        raise _too_large()
    return content


def _too_large() -> errors.TooLarge:
    most = INLINE_LIMIT_BYTES / 1_000_000
    return errors.TooLarge(
        f"`data` holds at most {most:g} MB. For a larger file send `kind` alone: the answer has an"
        " upload URL.",
        code="upload.too_large",
    )


def _keep(caller: Caller, write: Callable[[Path], Path], filename: str, place: str) -> Asset:
    """Keep what `write` puts into a folder."""
    check_start_rate(caller.principal)
    person = caller.principal.user
    check_may_act(person)
    storage.check_room(person, 1)
    folder = blobs.attempt_dir("agent")
    try:
        upload = services.keep_upload(
            owner=person, path=write(folder), filename=filename, slot=SLOT, place=place
        )
    finally:
        blobs.discard(folder)
    return _asset(caller, upload)


def _asset(caller: Caller, upload: Upload) -> Asset:
    assert upload.blob is not None  # noqa: S101  it is stored with the row
    url = caller.base_url + signing.signed_path(upload.public_id, upload.filename)
    return Asset(upload.public_id, upload.filename, upload.blob, url)


def _own(caller: Caller, public_id: str, url: str) -> Asset:
    """A file of this server that the caller owns, or that everyone may see."""
    person = caller.principal.user
    is_public = "/" in public_id
    blob = resolvers.resolve(public_id) if is_public else resolvers.resolve_owned(public_id, person)
    link = media_links.renew(url, person, caller.own_hosts, base_url=caller.base_url)
    if blob is None or not isinstance(link, str):
        raise errors.NotFound(
            "This file isn't there, or it belongs to another person. Upload one of your own."
        )
    return Asset(public_id, unquote(urlsplit(link).path).rpartition("/")[2], blob, link)
