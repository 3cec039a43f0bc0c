"""Fetch outsiders' URLs without becoming their tool.

https only; the host is resolved once, every address it has is checked, and the connection goes to a
checked address, so that a second answer of the name server changes nothing. Each redirect is a new
URL under the same rules. Size, time and type are watched while bytes arrive. Hosts and networks in
REELGRAPH_FETCH_ALLOW may be private and may be http.

Messages name the host and never the query, which may hold someone's presigned secret.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import selectors
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore
import httpx
from django.conf import settings

from core.errors import InvalidBody, ProviderError
from media import addresses
from studio.media.file_type import EXTENSIONS, HEAD_BYTES, Sniffed, sniff

# A name's addresses, as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]

MAX_URL = 4096
MAX_REDIRECTS = 5
CONNECT_S = 5.0
READ_S = 15.0
# How long cancelling may go unnoticed while the other side is silent.
TICK_S = 0.2
PORTS = {"https": frozenset({443, 8443}), "http": frozenset({80, 8080})}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429})
CHUNK = 64 * 1024

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file. mime and kind by its first bytes; size in bytes."""

    path: Path
    mime: str
    kind: str
    size: int


class OutOfBounds(Exception):
    """A connection the rules forbid. message: for people, without the URL."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OutOfTime(Exception):
    """The whole fetch took too long."""


def check_url(url: str) -> None:
    """Refuse at once what `fetch` would refuse whatever the network says. Raises InvalidBody."""
    try:
        _target(url, addresses.read_allowance(settings.FETCH_ALLOW))
    except OutOfBounds as refusal:
        raise InvalidBody(refusal.message) from refusal


def system_resolve(host: str, port: int) -> list[str]:
    """Every address the system knows for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


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
    watch = _Watch(time.monotonic() + timeout_s, check)
    host = "the given URL"
    descriptor, name = tempfile.mkstemp(prefix="fetched-", dir=into)
    path = Path(name)
    try:
        backend = _PinnedBackend(allowance, watch, resolve)
        with os.fdopen(descriptor, "wb") as file, _client(backend) as client:
            for _hop in range(MAX_REDIRECTS + 1):
                target = _target(url, allowance)
                host, backend.scheme = target.host, target.scheme
                # Cookies of one hop are nothing to the next.
                client.cookies.clear()
                with client.stream("GET", target) as response:
                    if response.status_code in REDIRECTS:
                        url = _next(target, response)
                        continue
                    _check_status(host, response.status_code)
                    found, size = _receive(host, response, file, kinds, max_bytes, watch)
                    break
            else:
                raise OutOfBounds(f"{host} redirects over {MAX_REDIRECTS} times.")
        final = path.with_suffix(f".{EXTENSIONS[found.mime]}")
        path.rename(final)
        return Fetched(final, found.mime, _kind(found, kinds), size)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OutOfBounds):
            raise _invalid(error.message) from error
        if isinstance(error, OutOfTime):
            raise _missing(f"{host} took over {timeout_s:g} s to respond.", True) from error
        if isinstance(error, (httpx.HTTPError, httpx.StreamError)):
            raise _missing(_explain(host, error), True) from error
        raise


def _invalid(message: str) -> ProviderError:
    return ProviderError(message, error_type="PARAMETER_INVALID", retryable=False)


def _missing(message: str, retryable: bool) -> ProviderError:
    return ProviderError(message, error_type="ASSET_NOT_FOUND", retryable=retryable)


def _explain(host: str, error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"{host} didn't respond in time."
    if _has_cause(error, ssl.SSLCertVerificationError):
        return f"The certificate of {host} isn't valid."
    if _has_cause(error, ssl.SSLError):
        return f"{host} doesn't answer in TLS. Check the URL."
    if isinstance(error, httpx.ConnectError):
        return f"Can't reach {host}."
    return f"The connection to {host} was lost."


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        # httpcore raises again "from None", which leaves the context alone.
        error = error.__cause__ or error.__context__
    return False


def _target(url: str, allowance: addresses.Allowance) -> httpx.URL:
    """The URL as it will be requested. Parsed once: two parsers may see two hosts."""
    if len(url) > MAX_URL or not url.isprintable() or any(c in url for c in " \\"):
        raise OutOfBounds("This URL is too long or has characters that aren't allowed in a URL.")
    try:
        target = httpx.URL(url)
        # As it goes to the name server, after IDNA.
        host = target.raw_host.decode("ascii").rstrip(".").lower()
        port = target.port or {"http": 80, "https": 443}.get(target.scheme, 0)
    except (httpx.InvalidURL, ValueError) as error:
        raise OutOfBounds("This URL isn't valid. Use an https:// URL.") from error
    if target.scheme not in PORTS or not host:
        raise OutOfBounds("Only https:// URLs work.")
    if not _NAME.fullmatch(host) and addresses.literal(host) is None:
        raise OutOfBounds("This URL has no valid host name.")
    if target.userinfo:
        raise OutOfBounds(f"The URL at {host} contains a username or password. Use one without.")
    allowed = allowance.covers_host(host, port)
    address = addresses.literal(host)
    if address is not None:
        allowed = allowed or allowance.covers_address(address)
        if not allowed and not addresses.is_public(address):
            raise OutOfBounds(_private(host))
    elif not allowed and not allowance.networks and addresses.is_local_name(host):
        raise OutOfBounds(_private(host))
    # A network may be allowed; whether a name lies in it is known once it is resolved.
    undecided = address is None and bool(allowance.networks)
    if target.scheme == "http" and not allowed and not undecided:
        raise OutOfBounds(f"{host} isn't encrypted. Use an https:// URL.")
    if not allowed and not undecided and port not in PORTS[target.scheme]:
        raise OutOfBounds(f"Port {port} of {host} isn't allowed.")
    return target.copy_with(fragment=None)


def _private(host: str) -> str:
    return (
        f"{host} is an address of a private network. An operator may allow it with"
        " REELGRAPH_FETCH_ALLOW."
    )


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
    raise _missing(f"{host} responded with {status}.", retryable)


def _receive(
    host: str,
    response: httpx.Response,
    file: Any,
    kinds: Collection[str],
    max_bytes: int,
    watch: _Watch,
) -> tuple[Sniffed, int]:
    """Write the body as it comes; what it is and how long it was."""
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        # A few kilobytes may unpack to gigabytes. We asked for identity.
        raise OutOfBounds(f"{host} sends the file compressed, which isn't supported.")
    too_large = f"The file at {host} is over {max_bytes // 1_000_000 or 1} MB."
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > max_bytes:
        raise OutOfBounds(too_large)
    found: Sniffed | None = None
    head = b""
    size = 0
    for chunk in response.iter_raw(CHUNK):
        watch.look()
        size += len(chunk)
        if size > max_bytes:
            raise OutOfBounds(too_large)
        file.write(chunk)
        if found is None:
            head += chunk
            if len(head) >= HEAD_BYTES:
                found = _sniff(host, head, kinds)
    return found or _sniff(host, head, kinds), size


def _sniff(host: str, head: bytes, kinds: Collection[str]) -> Sniffed:
    found = sniff(head[:HEAD_BYTES])
    if not found.mime:
        raise OutOfBounds(f"The file at {host}: {found.refusal}")
    if not any(found.fits(kind) for kind in kinds):
        wanted = " or ".join(sorted(kinds))
        raise OutOfBounds(
            f"The file at {host} is {found.mime}. This needs a file of type {wanted}."
        )
    return found


def _kind(found: Sniffed, kinds: Collection[str]) -> str:
    """The type's own kind where it is wanted: an MP4 is a video unless only sound will do."""
    own = found.mime.partition("/")[0]
    return own if own in kinds else next(kind for kind in sorted(kinds) if found.fits(kind))


class _Watch:
    """The two reasons to stop early: no one wants it any more, or it takes too long."""

    def __init__(self, deadline: float, check: Callable[[], None]) -> None:
        self._deadline = deadline
        self._check = check

    def look(self) -> None:
        self._check()
        if time.monotonic() > self._deadline:
            raise OutOfTime

    def ticks(self, seconds: float) -> Iterator[float]:
        """Slices of a wait of at most `seconds`, with a look before each."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.look()
            yield min(TICK_S, left)
        self.look()


def _client(backend: _PinnedBackend) -> httpx.Client:
    return httpx.Client(
        transport=_PinnedTransport(backend),
        # A proxy from the environment would resolve and connect without asking us.
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        headers={
            "User-Agent": "Reelgraph",
            "Accept": "image/*, video/*, audio/*, */*;q=0.1",
            "Accept-Encoding": "identity",
        },
    )


class _PinnedTransport(httpx.BaseTransport):
    """httpx over a connection pool whose connections our own backend makes."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            network_backend=backend,
            max_connections=1,
            # Each hop connects again, and is checked again.
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _translated():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """httpcore's failures under the names httpx gives them."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


class _PinnedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, connects to a checked one."""

    def __init__(self, allowance: addresses.Allowance, watch: _Watch, resolve: Resolve) -> None:
        self._allowance = allowance
        self._watch = watch
        self._resolve = resolve
        # Of the hop that is about to connect.
        self.scheme = "https"

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        name = host.rstrip(".").lower()
        found = self._addresses(host, port)
        if addresses.refused(name, port, found, self._allowance):
            raise OutOfBounds(_private(name))
        allowed = self._allowance.covers_host(name, port) or all(
            self._allowance.covers_address(address) for address in found
        )
        if not allowed and (self.scheme != "https" or port not in PORTS["https"]):
            # Left open by `_target` in case the name lies in an allowed network; it does not.
            raise OutOfBounds(
                f"{name} isn't encrypted or uses an unusual port. Use an https:// URL on port 443"
                " or 8443."
            )
        error: OSError | None = None
        for address in found:
            try:
                return _Stream(self._connect(address, port), self._watch)
            except OSError as failure:
                error = failure
        raise httpcore.ConnectError(f"{name} cannot be reached") from error

    def _addresses(self, host: str, port: int) -> list[addresses.Address]:
        """What the name resolves to. The system's resolver cannot be stopped, only left behind."""
        address = addresses.literal(host)
        if address is not None:
            return [address]
        answer: list[Sequence[str]] = []
        failure: list[Exception] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(host, port))
            except Exception as error:
                failure.append(error)

        thread = threading.Thread(target=ask, name="resolve", daemon=True)
        thread.start()
        for tick in self._watch.ticks(CONNECT_S):
            thread.join(tick)
            if not thread.is_alive():
                break
        if failure or not answer or not answer[0]:
            raise httpcore.ConnectError(f"{host} has no address")
        return [ipaddress.ip_address(text) for text in answer[0]]

    def _connect(self, address: addresses.Address, port: int) -> socket.socket:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.connect_ex((str(address), port))
            with selectors.DefaultSelector() as selector:
                selector.register(connection, selectors.EVENT_WRITE)
                if not any(selector.select(tick) for tick in self._watch.ticks(CONNECT_S)):
                    raise TimeoutError("connecting took too long")
            if code := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(code, os.strerror(code))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except BaseException:
            connection.close()
            raise


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait is cut into ticks, so that stopping is noticed."""

    def __init__(self, connection: socket.socket, watch: _Watch) -> None:
        self._connection = connection
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        for tick in self._watch.ticks(timeout or READ_S):
            self._connection.settimeout(tick)
            try:
                return self._connection.recv(max_bytes)
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore.ReadError(str(error)) from error
        raise httpcore.ReadTimeout("no bytes came")

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # A request without a body is a few hundred bytes: it fits any socket's buffer.
        self._watch.look()
        self._connection.settimeout(timeout or READ_S)
        try:
            self._connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Name and certificate are those of the host; only the address was pinned."""
        self._connection.settimeout(CONNECT_S)
        try:
            secured = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._connection = secured
            for tick in self._watch.ticks(CONNECT_S):
                secured.settimeout(tick)
                try:
                    secured.do_handshake()
                    return _Stream(secured, self._watch)
                except TimeoutError:
                    continue
        except (OSError, ValueError) as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self.close()
            raise
        self.close()
        raise httpcore.ConnectTimeout("the handshake took too long")

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._connection, ssl.SSLSocket):
            return self._connection
        if info == "is_readable":
            return False
        if info == "server_addr":
            return self._connection.getpeername()
        return None
