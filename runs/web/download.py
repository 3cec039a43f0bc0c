"""Media as one zip, made while it is sent: `GET /runs/<id>/download`, and of one's own media
`GET /me/media/download?pick=<id>&pick=…`.

A plain ASGI app, because a Django view holds one thread per open response. Pictures, films and
sounds are packed already, so they are stored as they are: the size is known before the first byte,
and memory stays at a few chunks however many gigabytes a run made. The files are copies that tell
how they were made, with all that is in them; with `?clean=1` without the prompts, seeds and other
notes that they carry.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from django.db import close_old_connections
from zipstream import ZIP_STORED, ZipStream

from accounts import scopes
from accounts.auth import principal_from_headers
from core import errors, ids
from core.asgi import check_host, disconnected, headers_of, send_error
from core.database import drop_broken_connections, in_database
from core.logs import working_on
from media import marking
from media.blobs import path_of
from media.marking import Way
from media.models import Blob
from media.origin import UNKNOWN, Provenance, provenance_of
from media.sandbox import Unwatched
from runs import access, my_media, selectors
from runs.my_media import OwnMedium
from runs.web import file_names

CHUNK = 256 * 1024
# Of one's own media at once: what an address holds.
PICKED_LIMIT = 200
# Beside the files of a zip: which have no copy without notes, and why.
LEFT_OUT = "Left out.txt"


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the zip: its name there, and its bytes or where they are.

    blob and provenance: what it is and how it was made, of a file that a copy is sent of.
    """

    name: str
    content: Path | bytes
    blob: Blob | None = None
    provenance: Provenance = UNKNOWN


class ZipApp:
    """GET and HEAD, with a session or a key. `contents` returns what is in it."""

    def __init__(self, *, threads: int = 2) -> None:
        self._files = ThreadPoolExecutor(threads, thread_name_prefix="zip")
        # One after the other: copying takes a core for seconds, and other zips are sent meanwhile.
        self._copies = ThreadPoolExecutor(1, thread_name_prefix="zip-copies")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        async with contextlib.AsyncExitStack() as leftovers:
            await self._answer(scope, receive, send, leftovers)

    def contents(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], query: str
    ) -> tuple[str, list[Packed]]:
        """Return its name and its files. Raises Unauthenticated; NotFound if there are none."""
        raise NotImplementedError

    def page(self, scope: Mapping[str, Any]) -> str:
        """Return the URL to redirect to when there is no archive for this person."""
        raise NotImplementedError

    async def _answer(
        self,
        scope: MutableMapping[str, Any],
        receive: Any,
        send: Any,
        leftovers: contextlib.AsyncExitStack,
    ) -> None:
        headers = headers_of(scope)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            check_host(headers)
            if scope["method"] not in ("GET", "HEAD"):
                raise errors.NotAllowed("Use GET to download the ZIP.")
            name, files = await in_database(self.contents, scope, headers, query)
            way: Way = "clean" if parse_qs(query).get("clean") == ["1"] else "plain"
            copies = await in_database(_kept_copies, files, way)
            if copies is None:
                reader = _Reader()
                leftovers.callback(reader.leave)
                loop = asyncio.get_running_loop()
                copies = await loop.run_in_executor(self._copies, _made_copies, files, way, reader)
            archive = await self._in_thread(_archive, copies)
        except Exception as error:
            if "text/html" in headers.get("accept", "") and _is_about_who(error):
                # A person followed a link: the page asks them in, or says what is wrong.
                return await _redirect(send, self.page(scope))
            return await send_error(send, error, headers)
        await send(_opening(name, len(archive)))
        if scope["method"] == "HEAD":
            return await send({"type": "http.response.body", "body": b""})
        return await self._send(archive, receive, send)

    async def _send(self, archive: ZipStream, receive: Any, send: Any) -> None:
        """One chunk in memory at a time, until all is sent or the reader is gone."""
        chunks = _in_chunks(iter(archive))
        disconnect = asyncio.ensure_future(disconnected(receive))
        try:
            # No thread waits while the reader does: each chunk borrows one for its own making.
            while not disconnect.done() and (chunk := await self._in_thread(next, chunks, b"")):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if not disconnect.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            disconnect.cancel()

    async def _in_thread(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._files, function, *args)


class RunDownloadApp(ZipApp):
    """The results of one run."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        with working_on(run=_run_id(scope)):
            await super().__call__(scope, receive, send)

    def contents(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], query: str
    ) -> tuple[str, list[Packed]]:
        principal = principal_from_headers(headers, query_string=query, scope=scopes.READ)
        run = access.visible_run(principal.user, _run_id(scope))
        rows = [row for row in selectors.artifacts_of([run]) if row.blob.blocked_at is None]
        if not rows:
            raise errors.NotFound("This run has no results to download yet.")
        files = [
            packed_medium(name, row.blob, provenance_of(row))
            for row, name in zip(rows, file_names.file_names(run.title, rows), strict=True)
        ]
        return f"{file_names.stem(run.title)}.zip", files

    def page(self, scope: Mapping[str, Any]) -> str:
        return f"/runs/{quote(_run_id(scope), safe='')}"


class MediaDownloadApp(ZipApp):
    """Chosen files of one's own media, results and uploads."""

    def contents(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], query: str
    ) -> tuple[str, list[Packed]]:
        principal = principal_from_headers(headers, query_string=query, scope=scopes.READ)
        public_ids = parse_qs(query).get("pick", [])[:PICKED_LIMIT]
        media = my_media.named_media(principal.user, public_ids)
        if not media:
            raise errors.NotFound("Select one or more of your files to download.")
        names = file_names.distinct([_name_of(one) for one in media])
        files = [
            packed_medium(name, one.blob, one.provenance)
            for name, one in zip(names, media, strict=True)
        ]
        return "My media.zip", files

    def page(self, scope: Mapping[str, Any]) -> str:
        return "/me/media"


def _run_id(scope: Mapping[str, Any]) -> str:
    return str(scope["url_route"]["kwargs"]["run_id"])


def _name_of(one: OwnMedium) -> tuple[str, str]:
    if one.run is not None:
        return file_names.stem(one.run.title, one.title), file_names.ending(one.blob.mime)
    return file_names.split_name(one.filename)


class _Reader(Unwatched):
    """Ends the copying when the request is over."""

    def __init__(self) -> None:
        self._has_left = threading.Event()

    def leave(self) -> None:
        self._has_left.set()

    def check(self) -> None:
        if self._has_left.is_set():
            raise errors.Unavailable("The reader has left.")


def _kept_copies(files: Sequence[Packed], way: Way) -> list[Packed] | None:
    """Return the files to send; None where some have to be made."""
    copies = []
    for file in files:
        copy = file.blob and marking.kept_copy(file.blob, way, file.provenance)
        if file.blob is not None and copy is None:
            return None
        copies.append(_packed_copy(file, copy))
    return copies


def _made_copies(files: Sequence[Packed], way: Way, reader: _Reader) -> list[Packed]:
    """Make and return the files to send. One that cannot be made without notes is named in a text
    beside the others: nothing else is sent in its place. Raises InvalidInput where none can."""
    drop_broken_connections()
    copies, refusals = list[Packed](), list[str]()
    try:
        for file in files:
            try:
                copy = file.blob and marking.copy_in_turn(file.blob, way, file.provenance, reader)
            except errors.InvalidInput as refusal:
                refusals.append(f"{file.name}: {refusal.message}")
            else:
                copies.append(_packed_copy(file, copy))
    finally:
        close_old_connections()
    if refusals and not copies:
        raise errors.InvalidInput(f"None of these files has a copy without notes. {refusals[0]}")
    if refusals:
        copies.append(Packed(LEFT_OUT, "\r\n".join([*refusals, ""]).encode()))
    return copies


def _packed_copy(file: Packed, copy: Blob | None) -> Packed:
    """Return the file with the bytes of its copy, if it has one."""
    if copy is None:
        return file
    name = file.name
    if file.blob is not None and copy.mime != file.blob.mime:
        name = f"{name.rpartition('.')[0]}.{file_names.ending(copy.mime)}"
    return packed_medium(name, copy, file.provenance)


def packed_medium(name: str, blob: Blob, provenance: Provenance) -> Packed:
    return Packed(name, path_of(blob.sha256), blob, provenance)


def _archive(files: Sequence[Packed]) -> ZipStream:
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for file in files:
        if isinstance(file.content, bytes):
            archive.add(file.content, file.name)
        else:
            archive.add_path(file.content, file.name)
    return archive


def _in_chunks(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about CHUNK: headers are tiny, and each send has its price."""
    buffer: list[bytes] = []
    size = 0
    for part in parts:
        buffer.append(part)
        size += len(part)
        if size >= CHUNK:
            yield b"".join(buffer)
            buffer, size = [], 0
    if buffer:
        yield b"".join(buffer)


def _is_about_who(error: Exception) -> bool:
    return isinstance(error, errors.Unauthenticated | errors.NotFound)


def _opening(name: str, size: int) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"application/zip"),
            (b"content-length", str(size).encode()),
            (b"content-disposition", _disposition(name).encode("ascii")),
            (b"cache-control", b"private, no-store"),
            (b"x-content-type-options", b"nosniff"),
        ],
    }


def _disposition(name: str) -> str:
    """Build the header, for programs that know only ASCII with a plain name first (RFC 6266)."""
    plain = f"{ids.slug(name.removesuffix('.zip')) or 'run'}.zip"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _redirect(send: Any, path: str) -> None:
    headers = [(b"location", path.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
