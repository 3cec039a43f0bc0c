"""Addresses to which a connection to a service may go.

The name is resolved once, each of its addresses is checked, and the connection is opened to a
checked one: a name that leads elsewhere the second time (DNS rebinding) changes nothing.

The owner of the machine lists private hosts: by the URLs in the providers file and the environment,
and by REELGRAPH_SERVICES_ALLOW. Operators, who set services up on a page, reach these, this machine
itself, and public ones. Addresses at which clouds keep a machine's credentials are for no one.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from media import addresses
from media.addresses import Address, Allowance
from tools.providers.http_failures import for_the_operator

_PORTS = {"http": 80, "https": 443}


def check(host: str, port: int, ips: Sequence[Address]) -> bool:
    """Return whether to keep back why a connection fails: the host is of this machine or network
    and not listed, so the reason would show which of its ports are open.

    ips: all addresses of the host. Raises ProviderError where no connection may go.
    """
    if any(map(addresses.is_forbidden, ips)):
        raise for_the_operator(
            f"{host} is a link-local address, or another that no service may have. Correct its URL."
        )
    if addresses.refused(host, port, ips, allowance()):
        if not all(addresses.carried(address).is_loopback for address in ips):
            raise for_the_operator(
                f"{host} is an address of a private network. The owner of this server may allow it"
                " with REELGRAPH_SERVICES_ALLOW."
            )
        return True
    return False


def allowance() -> Allowance:
    """Return the hosts that the owner of the machine lists."""
    hosts = list(settings.SERVICES_ALLOW)
    for url in _urls(settings.PROVIDERS):
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            continue
        if host and port:
            hosts.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return addresses.read_allowance(hosts)


def open_socket(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to a service, for what takes one. Raises OSError, and as `check`."""
    ips = _addresses(socket.getaddrinfo(_plain(host), port, type=socket.SOCK_STREAM))
    check(_plain(host), port, ips)
    failure: OSError = OSError("no address")
    for address, left_s in _turns(ips, timeout_s):
        try:
            return socket.create_connection((str(address), port), timeout=left_s)
        except OSError as error:
            failure = error
    raise failure


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connections of httpx that go where `check` lets them. tell: called with what it returned."""

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._tell = tell
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                listing = await loop.getaddrinfo(_plain(host), port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        ips = _addresses(listing)
        self._tell(check(_plain(host), port, ips))
        failure: Exception = httpcore.ConnectError("no address")
        for address, left_s in _turns(ips, timeout):
            try:
                return await self._inner.connect_tcp(
                    str(address), port, left_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _addresses(listing: Iterable[tuple[Any, ...]]) -> list[Address]:
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in listing))


def _turns(ips: Sequence[Address], timeout_s: float | None) -> Iterator[tuple[Address, Any]]:
    """Each address and how long it may take: what is left, shared among those that are left."""
    end = None if timeout_s is None else time.monotonic() + timeout_s
    for place, address in enumerate(ips):
        left_s = None if end is None else max(0.1, end - time.monotonic()) / (len(ips) - place)
        yield address, left_s


def _urls(tables: Any) -> Iterator[str]:
    """Every URL among the options of services, whatever their kind calls it."""
    if isinstance(tables, str):
        if "://" in tables:
            yield tables.strip()
    elif isinstance(tables, dict):
        for value in tables.values():
            yield from _urls(value)
    elif isinstance(tables, (list, tuple)):
        for value in tables:
            yield from _urls(value)
