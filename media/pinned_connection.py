"""Connections that go only to an address that was checked.

The host is resolved once, each of its addresses is checked, and the socket is opened to a checked
one: a name server that answers differently the second time (DNS rebinding) changes nothing. httpx
cannot be given a socket, so the transport is httpcore's pool over a network backend of our own.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import httpcore
import httpx

from media import addresses

# A name's addresses, as text. Raises OSError.
Resolve = Callable[[str, int], Sequence[str]]
CONNECT_S = 5.0
READ_S = 15.0
# How long cancelling may go unnoticed while the other side is silent.
TICK_S = 0.2
PORTS = {"https": frozenset({443, 8443}), "http": frozenset({80, 8080})}


class OutOfBounds(Exception):
    """A connection the rules forbid. message: for people, without the URL."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class OutOfTime(Exception):
    """The whole fetch took too long."""


def private_address(host: str, allowance: addresses.Allowance) -> str:
    return (
        f"{host} is an address of a private network. An operator may allow it with"
        f" {allowance.setting}."
    )


class Watch:
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
        while (remaining_s := end - time.monotonic()) > 0:
            self.look()
            yield min(TICK_S, remaining_s)
        self.look()


@cache
def _ssl_context(_paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Return the context of these paths: to read the machine's certificates takes 20 ms."""
    return httpx.create_ssl_context()


class PinnedTransport(httpx.BaseTransport):
    """httpx over a connection pool whose connections our own backend makes."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(ssl.get_default_verify_paths()),
            network_backend=backend,
            max_connections=1,
            # Each hop connects again, and is checked again.
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _httpx_errors():
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
                    content=request.stream,
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
        with _httpx_errors():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextlib.contextmanager
def _httpx_errors() -> Iterator[None]:
    """httpcore's failures under the names httpx gives them."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, connects to a checked one."""

    def __init__(self, allowance: addresses.Allowance, watch: Watch, resolve: Resolve) -> None:
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
        candidates = self._addresses(host, port)
        if addresses.refused(name, port, candidates, self._allowance):
            raise OutOfBounds(private_address(name, self._allowance))
        is_allowed = self._allowance.covers_host(name, port) or all(
            self._allowance.covers_address(address) for address in candidates
        )
        if not is_allowed and (self.scheme != "https" or port not in PORTS["https"]):
            # Left open by `target_of` in case the name lies in an allowed network; it does not.
            raise OutOfBounds(
                f"{name} isn't encrypted or uses an unusual port. Use an https:// URL on port 443"
                " or 8443."
            )
        error: OSError | None = None
        for address in candidates:
            try:
                return _Stream(self._connect(address, port), self._watch)
            except OSError as failure:
                error = failure
        raise httpcore.ConnectError(f"{name} cannot be reached") from error

    def _addresses(self, host: str, port: int) -> list[addresses.Address]:
        """Return what the name resolves to. The system's resolver cannot be stopped, only left
        behind."""
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

    def __init__(self, connection: socket.socket, watch: Watch) -> None:
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
        # A few kilobytes at most: they fit any socket's buffer.
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
            tls = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._connection = tls
            for tick in self._watch.ticks(CONNECT_S):
                tls.settimeout(tick)
                try:
                    tls.do_handshake()
                    return _Stream(tls, self._watch)
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
