"""Fetch a URL that a user gave, without reaching this server's own network for them.

https only, over `media.pinned_connection`. Each redirect is a new URL under the same rules. Size,
time and type are checked while bytes arrive. Hosts and networks in REELGRAPH_FETCH_ALLOW may be
private and may be http.

Messages name the host and never the query, which may hold someone's presigned secret.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from core.errors import InvalidBody, ProviderError, asset_not_found, parameter_invalid
from media import addresses
from media.guarded_client import client_over, explain, system_resolve, target_of
from media.pinned_connection import OutOfBounds, OutOfTime, PinnedBackend, Resolve, Watch
from media.probing import probe_file
from media.sandbox import Unwatched
from mediakit.file_type import EXTENSIONS, HEAD_BYTES, Sniffed, sniff

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429})
CHUNK = 64 * 1024
_ACCEPT = {"Accept": "image/*, video/*, audio/*, */*;q=0.1"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file. mime and kind by its first bytes; size in bytes."""

    path: Path
    mime: str
    kind: str
    size: int


def check_url(url: str) -> None:
    """Refuse at once what `fetch` would refuse whatever the network says. Raises InvalidBody."""
    try:
        target_of(url, addresses.read_allowance(settings.FETCH_ALLOW))
    except OutOfBounds as refusal:
        raise InvalidBody(refusal.message) from refusal


def fetch(
    url: str,
    into: Path,
    *,
    kinds: Collection[str],
    max_bytes: int,
    timeout_s: float,
    check: Callable[[], None],
    resolve: Resolve = system_resolve,
) -> Fetched:
    """Fetch a file of one of `kinds` into a new file of the folder `into`.

    check: called several times a second; whatever it raises ends the fetch and comes through.
    Raises ProviderError: PARAMETER_INVALID, not retryable, for what the rules refuse (address,
    size, type); ASSET_NOT_FOUND when it is not there, retryable when that may pass.
    """
    allowance = addresses.read_allowance(settings.FETCH_ALLOW)
    watch = Watch(time.monotonic() + timeout_s, check)
    host = "the given URL"
    descriptor, name = tempfile.mkstemp(prefix="fetched-", dir=into)
    path = Path(name)
    try:
        backend = PinnedBackend(allowance, watch, resolve)
        with os.fdopen(descriptor, "wb") as file, client_over(backend) as client:
            for _hop in range(MAX_REDIRECTS + 1):
                target = target_of(url, allowance)
                host, backend.scheme = target.host, target.scheme
                # Cookies of one hop are nothing to the next.
                client.cookies.clear()
                with client.stream("GET", target, headers=_ACCEPT) as response:
                    if response.status_code in REDIRECTS:
                        url = _next(target, response)
                        continue
                    _check_status(host, response.status_code)
                    file_type, size = _receive(host, response, file, kinds, max_bytes, watch)
                    break
            else:
                raise OutOfBounds(f"{host} redirects over {MAX_REDIRECTS} times.")
        if file_type.is_unknown:
            facts = probe_file(path, Unwatched())
            mime, kind = facts.mime, facts.kind
            if kind not in kinds:
                raise _misfit(host, mime, kinds)
        else:
            mime, kind = file_type.mime, _kind(file_type, kinds)
        final = path.with_suffix(f".{EXTENSIONS[mime]}")
        path.rename(final)
        return Fetched(final, mime, kind, size)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OutOfBounds):
            raise parameter_invalid(error.message) from error
        if isinstance(error, OutOfTime):
            raise _too_slow(host, timeout_s) from error
        if isinstance(error, (httpx.HTTPError, httpx.StreamError)):
            raise asset_not_found(explain(host, error), retryable=True) from error
        raise


def fetch_document(url: str, *, max_bytes: int, timeout_s: float) -> bytes:
    """The JSON document at a URL, unread. No redirect is followed: the URL is the document's name.

    Raises ProviderError as `fetch`.
    """
    allowance = addresses.read_allowance(settings.FETCH_ALLOW)
    watch = Watch(time.monotonic() + timeout_s, lambda: None)
    backend = PinnedBackend(allowance, watch, system_resolve)
    host = "the given URL"
    try:
        target = target_of(url, allowance)
        host, backend.scheme = target.host, target.scheme
        accept = {"Accept": "application/json"}
        with (
            client_over(backend) as client,
            client.stream("GET", target, headers=accept) as response,
        ):
            _check_status(host, response.status_code)
            return b"".join(_chunks(host, response, max_bytes, watch))
    except OutOfBounds as refusal:
        raise parameter_invalid(refusal.message) from refusal
    except OutOfTime as error:
        raise _too_slow(host, timeout_s) from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise asset_not_found(explain(host, error), retryable=True) from error


def _too_slow(host: str, timeout_s: float) -> ProviderError:
    return asset_not_found(f"{host} took over {timeout_s:g} s to respond.", retryable=True)


def _next(target: httpx.URL, response: httpx.Response) -> str:
    location = response.headers.get("location", "")
    if not location:
        raise OutOfBounds(f"{target.host} redirects without a target.")
    try:
        return str(target.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise OutOfBounds(f"{target.host} redirects to a URL that isn't valid.") from error


def _check_status(host: str, status: int) -> None:
    if status == 200:
        return
    retryable = status >= 500 or status in BUSY
    raise asset_not_found(f"{host} responded with {status}.", retryable=retryable)


def _receive(
    host: str,
    response: httpx.Response,
    file: Any,
    kinds: Collection[str],
    max_bytes: int,
    watch: Watch,
) -> tuple[Sniffed, int]:
    """Write the body as it comes; what it is and how long it was."""
    file_type: Sniffed | None = None
    head = b""
    size = 0
    for chunk in _chunks(host, response, max_bytes, watch):
        size += len(chunk)
        file.write(chunk)
        if file_type is None:
            head += chunk
            if len(head) >= HEAD_BYTES:
                file_type = _sniff(host, head, kinds)
    return file_type or _sniff(host, head, kinds), size


def _chunks(host: str, response: httpx.Response, max_bytes: int, watch: Watch) -> Iterator[bytes]:
    """The body as it comes, as long as it keeps to its limit."""
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        # A few kilobytes may unpack to gigabytes. We asked for identity.
        raise OutOfBounds(f"{host} sends the file compressed, which isn't supported.")
    too_large = f"The file at {host} is over {max_bytes // 1_000_000 or 1} MB."
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise OutOfBounds(too_large)
    size = 0
    for chunk in response.iter_raw(CHUNK):
        watch.look()
        size += len(chunk)
        if size > max_bytes:
            raise OutOfBounds(too_large)
        yield chunk


def _sniff(host: str, head: bytes, kinds: Collection[str]) -> Sniffed:
    file_type = sniff(head[:HEAD_BYTES])
    # What is whole, a decoder may know.
    if file_type.is_unknown and {"video", "audio"}.intersection(kinds):
        return file_type
    if not file_type.mime:
        raise OutOfBounds(f"The file at {host}: {file_type.refusal}")
    if not any(file_type.fits(kind) for kind in kinds):
        raise _misfit(host, file_type.mime, kinds)
    return file_type


def _misfit(host: str, mime: str, kinds: Collection[str]) -> OutOfBounds:
    choices = " or ".join(sorted(kinds))
    return OutOfBounds(f"The file at {host} is {mime}. This needs a file of type {choices}.")


def _kind(file_type: Sniffed, kinds: Collection[str]) -> str:
    """The type's own kind where it is wanted: an MP4 is a video unless only sound will do."""
    own = file_type.mime.partition("/")[0]
    return own if own in kinds else next(kind for kind in sorted(kinds) if file_type.fits(kind))
