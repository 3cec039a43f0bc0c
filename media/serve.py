"""The media server: a plain ASGI app, because a Django view holds one thread per open response.

`/media/<id>/<name>?e=…&s=…` gives what a valid signature names, `/media/t/<version>/<sha256>` what
a public template shows, `/media/s/<creation>/<sha256>/<name>` what a creation shows. What is
refused is the same 404: unknown, hidden, blocked, expired and forged cannot be told apart.

With `&download=1` a signed address gives a file to keep: a copy that tells how it was made, see
`media.marking`. Without, the bytes as they were made.

`/media/a/<token or slug>/<sha256>/<name>` gives a guest of an app a copy without the notes that
ride along in the file, such as the prompt.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from django.db import close_old_connections

from core import asgi, clock, media_folder
from core.database import drop_broken_connections
from core.errors import AppError, InvalidInput, NotAllowed, NotFound, ProviderError, Unavailable
from core.machine_slots import MachineSlots
from media import marking, posters, resolvers, signing
from media.blobs import BlockedFile, path_of
from media.models import Blob
from media.origin import Provenance
from media.sandbox import Unwatched
from mediakit.file_type import EXTENSIONS, UNSHOWN

Receive = Callable[[], Awaitable[dict[str, Any]]]

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
# Shown in the page; anything else is downloaded, so that no outsider's file runs on our origin.
INLINE = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp"}
    | {"video/mp4", "video/webm", "video/quicktime", "video/ogg"}
    | {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/webm"}
)
# An address keeps its bytes for ever, but not its right to be seen: browsers ask again after this.
CACHE_S = 3600
DOWNLOAD = b"download=1"

_RANGE = re.compile(r"bytes=([0-9]{0,40})-([0-9]{0,40})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Granted:
    """A blob the caller may read, the name to save it under, and how long a cache may keep it."""

    blob: Blob
    name: str
    cache_control: str
    # The blob is a model or an image whose still is asked for and has to be drawn first.
    is_to_draw: bool = False
    # Who cannot show the blob's type gets a copy instead.
    is_negotiated: bool = False
    # The file is to be kept: `blob` is a copy that tells how it was made.
    is_download: bool = False
    # Of a copy that has to be made first: the way `blob` was made, and which copy it is.
    to_mark: Provenance | None = None
    way: marking.Way = "plain"


class MediaApp:
    """GET, HEAD and OPTIONS on `/media/…`, with single byte ranges and conditional requests.

    Memory stays at a few chunks however large the file and slow the reader, as long as the server
    lets `send` wait (`core.server`).
    """

    def __init__(self, *, database_threads: int = 4, file_threads: int = 4) -> None:
        self._database = ThreadPoolExecutor(database_threads, thread_name_prefix="media-db")
        self._files = ThreadPoolExecutor(file_threads, thread_name_prefix="media-file")
        # One after the other: drawing takes a core for a second, and media are served meanwhile.
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="media-draw")
        self._marking = ThreadPoolExecutor(1, thread_name_prefix="media-mark")

    async def __call__(
        self,
        scope: asgi.Scope,
        receive: Receive,
        send: asgi.Send,
    ) -> None:
        headers = asgi.headers_of(scope)
        try:
            asgi.check_host(headers)
            if scope["method"] == "OPTIONS":
                return await asgi.send_preflight(send, headers)
            if scope["method"] not in ("GET", "HEAD"):
                raise NotAllowed("Media are only read: use GET or HEAD.")
            grant = await self._look_up(scope)
            file = await self._open(grant.blob)
        except AppError as error:
            return await asgi.send_error(send, error, headers)
        except Exception as error:
            logger.exception("media could not be looked up")
            return await asgi.send_error(send, error, headers)
        try:
            await self._answer(grant, file, scope["method"], headers, receive, send)
        finally:
            file.close()

    async def _look_up(self, scope: Mapping[str, Any]) -> Granted:
        loop = asyncio.get_running_loop()
        grant = await loop.run_in_executor(
            self._database,
            _grant,
            scope["path"],
            scope.get("query_string", b""),
            asgi.headers_of(scope).get("accept", ""),
        )
        if grant.to_mark is not None:
            copy = await loop.run_in_executor(self._marking, _copy_of, grant, grant.to_mark)
            return replace(grant, blob=copy)
        if not grant.is_to_draw:
            return grant
        still = await loop.run_in_executor(self._drawing, _still_of, grant.blob)
        return replace(grant, blob=still, is_to_draw=False)

    async def _open(self, blob: Blob) -> OpenFile:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._files, OpenFile, blob)
        except NotFound:
            # That a file is gone only the right folder tells. It may ask the database for its id.
            await loop.run_in_executor(self._database, _check_folder)
            raise

    async def _answer(
        self,
        grant: Granted,
        file: OpenFile,
        method: str,
        headers: Mapping[str, str],
        receive: Receive,
        send: asgi.Send,
    ) -> None:
        etag = f'"{grant.blob.sha256}"'
        answer = {
            "ETag": etag,
            "Cache-Control": grant.cache_control,
            "Accept-Ranges": "bytes",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        if grant.is_negotiated:
            answer["Vary"] = "Accept"
        if _matches(headers.get("if-none-match", ""), etag):
            return await _send_head(send, 304, answer, headers)
        answer["Content-Type"] = grant.blob.mime
        answer["Content-Disposition"] = _disposition(grant)
        first, last, status = 0, file.size - 1, 200
        # A range on an older copy than ours would splice two files together.
        if method == "GET" and headers.get("if-range", etag).strip() == etag:
            try:
                part = read_range(headers.get("range", ""), file.size)
            except ValueError:
                answer["Content-Range"] = f"bytes */{file.size}"
                answer["Content-Length"] = "0"
                await _send_head(send, 416, answer, headers)
                return None
            if part is not None:
                (first, last), status = part, 206
                answer["Content-Range"] = f"bytes {first}-{last}/{file.size}"
        answer["Content-Length"] = str(last - first + 1)
        body = method == "GET" and last >= first
        await _send_head(send, status, answer, headers, more_body=body)
        if body:
            await self._send_bytes(file, first, last, receive, send)
        return None

    async def _send_bytes(
        self,
        file: OpenFile,
        first: int,
        last: int,
        receive: Receive,
        send: asgi.Send,
    ) -> None:
        """Send bytes first to last, one chunk in memory at a time, until the reader is gone."""
        disconnect = asyncio.ensure_future(asgi.disconnected(receive))
        try:
            while first <= last and not disconnect.done():
                chunk = await file.read(self._files, min(CHUNK, last - first + 1), first)
                if not chunk:
                    # Content-Length is out already: breaking off is the only honest answer left.
                    raise OSError("a blob is shorter than it was when it was opened")
                first += len(chunk)
                await send(_body(chunk, more=first <= last))
        finally:
            disconnect.cancel()


class OpenFile:
    """An open blob. Closing waits for a read that a thread is still busy with."""

    def __init__(self, blob: Blob) -> None:
        try:
            self._descriptor = os.open(path_of(blob.sha256), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            logger.error("blob %s has a row but no file", blob.sha256)
            raise NotFound from None
        self.size = os.fstat(self._descriptor).st_size
        self._reading: Future[bytes] | None = None
        if self.size != blob.size:
            os.close(self._descriptor)
            logger.error("blob %s has %s bytes, its row says %s", blob.sha256, self.size, blob.size)
            raise NotFound

    async def read(self, pool: ThreadPoolExecutor, length: int, offset: int) -> bytes:
        self._reading = pool.submit(os.pread, self._descriptor, length, offset)
        return await asyncio.wrap_future(self._reading)

    def close(self) -> None:
        # Closed under a running read, the number may by then belong to another file.
        if self._reading is None or self._reading.done():
            os.close(self._descriptor)
        else:
            self._reading.add_done_callback(lambda _future: os.close(self._descriptor))


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header; None when there is none or HTTP says to ignore it.

    Several ranges are ignored too. Raises ValueError when the range lies outside (416).
    """
    match = _RANGE.fullmatch(header.strip().replace(" ", ""))
    if not match or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = min(int(match[2]), size)
        if length == 0:
            raise ValueError("no byte in range")
        return size - length, size - 1
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    if first >= size:
        raise ValueError("no byte in range")
    return first, min(last, size - 1)


def _shows_images_only(accept: str, mime: str) -> bool:
    """Return whether a browser's <img> asks, which could not show this type.

    Programs and downloads get the file itself: they name no image types, or pages as well.
    """
    types = accept.lower()
    return "image/webp" in types and "text/html" not in types and mime not in types


def _grant(path: str, query: bytes, accept: str) -> Granted:
    """The blob this address gives a right to. Raises NotFound. Runs in a database thread."""
    segments, is_guests, is_download = path.split("/"), False, False
    # What the signature decides needs no database.
    if len(segments) in (5, 6) and segments[2] in signing.PUBLIC_KINDS:
        name, public_id = segments[-1], "/".join(segments[2:5])
        # Unpublishing and taking down act at once: caches ask each time and mostly hear 304.
        is_guests = segments[2] == "a"
        cache_control = f"{'private' if is_guests else 'public'}, no-cache"
        # The others are copies that tell how they were made, already.
        is_download = is_guests and DOWNLOAD in query.split(b"&")
    elif len(segments) == 4:
        public_id, name = segments[2], segments[3]
        try:
            e, s = signing.read_query(query.decode("latin-1"))
        except ValueError:
            raise NotFound from None
        if not public_id or not signing.verify(public_id, e, s):
            raise NotFound
        is_download = DOWNLOAD in query.split(b"&")
        left_s = int(e) - clock.unix(clock.now())
        cache_control = f"private, max-age={min(CACHE_S, left_s)}, immutable"
        if is_download:
            # Another key gives another copy at the same address.
            cache_control = "private, no-cache"
    else:
        raise NotFound
    drop_broken_connections()
    try:
        blob = resolvers.resolve(public_id)
        if blob is None:
            model = posters.model_behind(public_id)
            if model is None:
                raise NotFound
            return Granted(model, name, cache_control, is_to_draw=True)
        grant = Granted(blob, name, cache_control, is_download=is_download)
        if blob.mime in UNSHOWN and not is_download:
            grant = replace(grant, is_negotiated=True)
            if _shows_images_only(accept, blob.mime):
                still = posters.kept_still(blob)
                return replace(grant, blob=still or blob, is_to_draw=still is None)
        if is_guests:
            return _copy(public_id, replace(grant, way="clean"))
        return _copy(public_id, grant) if is_download else grant
    finally:
        close_old_connections()


def _copy(public_id: str, grant: Granted) -> Granted:
    """Grant the copy of a file in its place. Raises NotFound for one that is blocked."""
    provenance = resolvers.provenance(public_id, grant.blob)
    try:
        copy = marking.kept_copy(grant.blob, grant.way, provenance)
    except BlockedFile:
        raise NotFound from None
    return replace(grant, to_mark=provenance) if copy is None else replace(grant, blob=copy)


def _copy_of(grant: Granted, provenance: Provenance) -> Blob:
    """Runs in the marking thread. Raises InvalidInput where none without notes can be made: nothing
    else is sent in its place."""
    drop_broken_connections()
    try:
        return marking.copy_in_turn(grant.blob, grant.way, provenance, Unwatched())
    except BlockedFile:
        raise NotFound from None
    except ProviderError as problem:
        raise Unavailable("This file can't be shown just now. Try again.") from problem
    except InvalidInput as problem:
        raise InvalidInput(
            "This file can't be shown: the notes in it can't be taken out. Ask its author for"
            " another type, such as PNG or MP4."
        ) from problem
    finally:
        close_old_connections()


def _check_folder() -> None:
    """Raise MediaFolderAway. Runs in a database thread."""
    drop_broken_connections()
    try:
        media_folder.check()
    finally:
        close_old_connections()


_drawing_on_machine = MachineSlots("stills", 1)


def _still_of(model: Blob) -> Blob:
    """Drawn now, unless that was done while this waited its turn. Runs in the drawing thread."""
    drop_broken_connections()
    try:
        with _drawing_on_machine.take():
            return posters.still_of(model)
    finally:
        close_old_connections()


def _disposition(grant: Granted) -> str:
    """inline for what is safe to show. The name is an outsider's: its ending is ours to choose."""
    mime = grant.blob.mime
    if mime in INLINE and not grant.is_download:
        return "inline"
    stem = re.sub(r"[^\w .-]+", "-", grant.name.rpartition(".")[0] or grant.name)[:80]
    name = f"{stem or 'file'}.{EXTENSIONS.get(mime, 'bin')}"
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _matches(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


async def _send_head(
    send: asgi.Send,
    status: int,
    answer: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    more_body: bool = False,
) -> None:
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.items()]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*pairs, *asgi.cors_headers(headers)],
            "trailers": False,
        }
    )
    if not more_body:
        await send(_body(b"", more=False))


def _body(chunk: bytes, *, more: bool) -> Any:
    return {"type": "http.response.body", "body": chunk, "more_body": more}
