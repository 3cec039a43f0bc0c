"""The network address that a request comes from.

Proxies name the address they were asked from in `X-Forwarded-For`, and so can every client. Only
entries that a trusted proxy appended count: read from the right, the first address that is not a
trusted proxy itself. `core.server` asks here once for each request and socket; everything behind it
finds the answer in the ASGI scope's `client`, which is Django's `REMOTE_ADDR`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

# A longer header is not from a chain of proxies. The entries on its left are made up anyway.
_HOPS = 20


def read_networks(names: Iterable[str]) -> tuple[Network, ...]:
    """Networks from `10.0.0.1`, `10.0.0.0/8` or `fd00::/8`. Raises ValueError."""
    return tuple(ip_network(name, strict=False) for name in names)


@lru_cache(maxsize=4096)
def client_address(peer: str, forwarded_for: str, proxies: tuple[Network, ...]) -> str:
    """Return the address of the client of one connection.

    peer: the other end of the socket. forwarded_for: its X-Forwarded-For headers, joined by commas.
    An entry that is no address ends the search: the address of the proxy that reported it counts.
    """
    address = _parse(peer)
    if address is None:
        return peer
    for entry in reversed(forwarded_for.split(",")[-_HOPS:]):
        if not _is_in(address, proxies):
            break
        ip = _parse(entry)
        if ip is None:
            break
        address = ip
    return str(address)


def is_trusted(peer: str, proxies: tuple[Network, ...]) -> bool:
    """Return whether this end of a socket is a proxy whose headers count."""
    address = _parse(peer)
    return address is not None and _is_in(address, proxies)


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str:
    """Return the key of a limit by address: of IPv6, where one line has 2^64, the /64."""
    ip = _parse(address)
    if isinstance(ip, IPv6Address):
        return str(ip_network(f"{ip}/64", strict=False))
    return address


def _parse(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port or in brackets."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    ipv4 = getattr(address, "ipv4_mapped", None)
    return ipv4 or address


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
