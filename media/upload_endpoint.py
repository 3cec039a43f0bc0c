"""The address to which programs bring files: a plain ASGI app, because a Django view would hold a
thread for as long as someone's line is slow.

`PUT /uploads/<ticket>` takes raw bytes, `POST` a multipart form. The ticket is the permission.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.http.multipartparser import MultiPartParser

from accounts.connection_limits import UPLOADS, ConnectionCounts
from accounts.models import User
from accounts.suspension import check_may_act
from core import asgi, durable, errors
from core.database import drop_broken_connections
from core.openapi import Operation
from core.process_name import process_name
from media import blobs, presigned_uploads, sandbox, services, signing
from media.models import Upload
from media.multipart import FileReceiver
from media.schemas import Uploaded

Receive = Callable[[], Awaitable[dict[str, Any]]]
Result = TypeVar("Result")

logger = logging.getLogger(__name__)

# The words around a file in a form.
FORM_BYTES = 64 * 1024
# Anyone who sends nothing for so long has gone.
SILENCE_S = 60.0
AT_ONCE_PER_USER = 4
_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_FORM = {
    "type": "object",
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
    "required": ["file"],
    "additionalProperties": {"type": "string"},
}
_ERRORS = (402, 403, 413, 415, 422, 429, 507)


class SenderDisconnected(Exception):
    """The client closed its connection before the whole file arrived."""


class UploadApp:
    """PUT, POST and OPTIONS on `/uploads/<ticket>`. Memory stays at one chunk."""

    operations: ClassVar[dict[str, Operation]] = {
        "put": Operation(
            "putUpload",
            "Upload a file as raw bytes",
            "Uploads",
            answers={200: Uploaded},
            body=_BINARY,
            body_type="application/octet-stream",
            errors=_ERRORS,
            public=True,
            description="The URL is the permission. Sending again replaces the file.",
        ),
        "post": Operation(
            "postUpload",
            "Upload a file as a form",
            "Uploads",
            answers={200: Uploaded},
            body=_FORM,
            body_type="multipart/form-data",
            errors=_ERRORS,
            public=True,
            description="The fields of the answer before come first, the file last.",
        ),
    }

    def __init__(self, *, database_threads: int = 4, file_threads: int = 4) -> None:
        # Each look at a file in the sandbox holds a database thread for its seconds.
        self._database = ThreadPoolExecutor(database_threads, thread_name_prefix="intake-db")
        self._files = ThreadPoolExecutor(file_threads, thread_name_prefix="intake-file")
        self._uploads = ConnectionCounts(
            process_name(), UPLOADS, limit=lambda: AT_ONCE_PER_USER, refusal=_too_many
        )

    async def __call__(self, scope: asgi.Scope, receive: Receive, send: asgi.Send) -> None:
        ticket: str = scope["url_route"]["kwargs"]["ticket"]
        headers = asgi.headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await asgi.send_preflight(send, headers)
        try:
            origin = asgi.origin_of(scope)
            asgi.check_host(headers)
            if scope["method"] not in ("PUT", "POST"):
                raise errors.NotAllowed("Upload a file with PUT, or as a form with POST.")
            incoming = _IncomingFile(
                presigned_uploads.read(ticket), scope["method"] == "POST", headers
            )
            upload = await self._receive_file(incoming, receive)
            await self._in(self._database, durable.flush)
        except SenderDisconnected:
            return None
        except errors.AppError as error:
            return await asgi.send_error(send, error, headers, allow="PUT, POST, OPTIONS")
        except Exception as error:
            logger.exception("a file could not be received")
            return await asgi.send_error(send, error, headers)
        url = origin + signing.signed_path(upload.public_id, upload.filename)
        answer = {"status": "success", "data": Uploaded.of(upload, url).model_dump()}
        await asgi.send_json(send, 200, answer, asgi.cors_headers(headers))
        return None

    async def _receive_file(self, incoming: _IncomingFile, receive: Receive) -> Upload:
        owner = await self._in(self._database, incoming.admit)
        await self._uploads.acquire(owner.pk)
        folder: Path | None = None
        try:
            folder = await self._in(self._files, blobs.attempt_dir, "intake")
            path = folder / "body"
            size = await self._to_disk(path, incoming.most, receive)
            return await self._in(self._database, incoming.keep, owner, path, size)
        finally:
            self._uploads.release(owner.pk)
            if folder is not None:
                await asyncio.shield(self._in(self._files, blobs.discard, folder))

    async def _to_disk(self, path: Path, most: int, receive: Receive) -> int:
        """Write the body while it arrives. Returns its length."""
        size = 0
        file = await self._in(self._files, open, path, "wb")
        try:
            more = True
            while more:
                try:
                    async with asyncio.timeout(SILENCE_S):
                        message = await receive()
                except TimeoutError:
                    raise errors.InvalidBody(
                        "Upload interrupted. Try again.", code="request.invalid"
                    ) from None
                if message["type"] == "http.disconnect":
                    raise SenderDisconnected
                chunk = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                if chunk:
                    await self._in(self._files, file.write, chunk)
        finally:
            await self._in(self._files, file.close)
        return size

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, function: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(pool, function, *args)


def largest_body(method: str, path: str, headers: Mapping[str, str], declared: int | None) -> int:
    """As `core.admission.Admission`: what the ticket in the address allows.

    Raises Forbidden for a ticket that does not hold, TooLarge.
    """
    if method not in ("PUT", "POST"):
        return int(settings.BODY_LIMIT_BYTES)
    ticket = presigned_uploads.read(path.removeprefix("/uploads/"))
    most = _most(ticket) + (FORM_BYTES if method == "POST" else 0)
    if declared is not None and declared > most:
        raise _too_large(most)
    return most


def _most(ticket: presigned_uploads.UploadTicket) -> int:
    limit: int = settings.UPLOAD_LIMIT_BYTES
    return min(limit, ticket.most or limit)


def _too_many() -> errors.AppError:
    return errors.QuotaExceeded(
        f"{AT_ONCE_PER_USER} uploads are already in progress. Wait for one to finish.",
        retry_after_s=5,
    )


class _IncomingFile:
    """One file that is being received. Its methods block and run in a database thread."""

    def __init__(
        self, ticket: presigned_uploads.UploadTicket, as_form: bool, headers: Mapping[str, str]
    ) -> None:
        self._ticket = ticket
        self._as_form = as_form
        self._content_type = headers.get("content-type", "")
        self.most = _most(ticket) + (FORM_BYTES if as_form else 0)
        if as_form and not self._content_type.lower().startswith("multipart/form-data"):
            raise errors.UnsupportedMedia("Send a multipart form, or the bytes alone with PUT.")
        length = headers.get("content-length", "")
        self._declared = int(length) if length.isascii() and length.isdigit() else 0
        if self._declared > self.most:
            raise _too_large(self.most)

    def admit(self) -> User:
        """Return whose file it will be, if they may bring it now."""
        drop_broken_connections()
        receiver = presigned_uploads.receiver_of(self._ticket)
        check_may_act(receiver.owner)
        receiver.check_room(max(0, self._declared - (FORM_BYTES if self._as_form else 0)))
        # It starts while the file is on its way.
        sandbox.prewarm()
        return receiver.owner

    def keep(self, owner: User, path: Path, size: int) -> Upload:
        """Look at what has arrived, and keep it in its place."""
        drop_broken_connections()
        try:
            if not self._as_form:
                return self._keep(owner, path, "")
            receiver = FileReceiver()
            try:
                with open(path, "rb") as body:
                    meta = {"CONTENT_TYPE": self._content_type, "CONTENT_LENGTH": size}
                    MultiPartParser(meta, body, [receiver]).parse()
                if receiver.path is None:
                    raise errors.InvalidBody('Send the file as "file", last in the form.')
                return self._keep(owner, receiver.path, receiver.name)
            finally:
                receiver.discard()
        finally:
            close_old_connections()

    def _keep(self, owner: User, path: Path, filename: str) -> Upload:
        return services.keep_upload(
            owner=owner,
            path=path,
            filename=filename,
            slot=self._ticket.slot,
            place=self._ticket.place,
            kind=presigned_uploads.SLOTS[self._ticket.slot],
            unused_life=timedelta(hours=self._ticket.kept_hours) or services.UNUSED_LIFE,
            check_room=self._check_room,
        )

    def _check_room(self, size: int) -> None:
        # Asked again: while the file was on its way its receiver may have left.
        presigned_uploads.receiver_of(self._ticket).check_room(size)


def _too_large(most: int) -> errors.TooLarge:
    return errors.TooLarge(
        f"File too large. The limit is {most // 1_000_000} MB.", code="upload.too_large"
    )
