"""The addresses that the fetcher may reach. Pure; settings come in as an Allowance.

A foreign URL must never make this machine talk to its own network: only global unicast addresses
pass, also when they are wrapped in an IPv6 form, unless the operator allowed them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Never where a file lives, though Python (or some versions of it) calls them global: protocol
# assignments, 6to4 relays, AS112 and AMT.
_ODD_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24")
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
# Teredo and ORCHID, documentation, 6to4: they hide or mean no host.
_ODD_V6 = tuple(
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Nothing here is ever asked for anyone: clouds hand out the credentials of their machines at these.
# Beside link-local ones AWS, Google, Alibaba, Oracle and Azure.
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
        "255.255.255.255/32",
        "::/128",
        "fe80::/10",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
)
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")


@dataclass(frozen=True, slots=True)
class Allowance:
    """The addresses that the operator allows beyond public https: hosts (any port or one), and
    networks. setting: the variable that names them."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()
    setting: str = "REELGRAPH_FETCH_ALLOW"

    def covers_host(self, host: str, port: int) -> bool:
        return (host, None) in self.hosts or (host, port) in self.hosts

    def covers_address(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self.networks
        )


def read_allowance(entries: Iterable[str], setting: str = "REELGRAPH_FETCH_ALLOW") -> Allowance:
    """Read `host`, `host:port`, `[v6]:port` and CIDR entries. A bare address is a host too."""
    hosts: set[tuple[str, int | None]] = set()
    networks: list[Network] = []
    for entry in entries:
        text = entry.strip().lower()
        if "/" in text:
            networks.append(ipaddress.ip_network(text, strict=False))
            continue
        if literal(text) is not None:
            hosts.add((text.strip("[]"), None))
            continue
        host, colon, port = text.rpartition(":")
        if colon:
            hosts.add((host.strip("[]"), int(port)))
        else:
            hosts.add((text, None))
    return Allowance(frozenset(hosts), tuple(networks), setting)


def literal(host: str) -> Address | None:
    """The address a host name spells, in any spelling the C library reads: 127.1, 0x7f000001."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


def carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 form carries; any other address as it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_forbidden(address: Address) -> bool:
    """Return whether no setting allows this address: link-local ones, those where clouds tell a
    machine its credentials, and those that are no machine's. Also as an IPv6 form carries them."""
    plain = carried(address)
    return plain.is_multicast or any(
        plain.version == network.version and plain in network for network in _NEVER
    )


def is_public(address: Address) -> bool:
    """Return whether this is a global unicast address, looking inside IPv6 forms that carry an
    IPv4."""
    if isinstance(address, ipaddress.IPv4Address):
        return (
            address.is_global
            and not address.is_multicast
            and not address.is_reserved
            and not any(address in odd for odd in _ODD_V4)
        )
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        # Networks without IPv4 reach every IPv4 host this way.
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return (
        address in _GLOBAL_V6 and address.is_global and not any(address in odd for odd in _ODD_V6)
    )


def is_local_name(host: str) -> bool:
    """Names that mean this machine or its network wherever they are asked."""
    plain = host.rstrip(".")
    return any(plain == name or plain.endswith(f".{name}") for name in _LOCAL_NAMES)


def refused(host: str, port: int, addresses: Sequence[Address], allowance: Allowance) -> bool:
    """Return whether any address of a host is out of bounds. One bad address among good ones is
    enough."""
    if any(map(is_forbidden, addresses)):
        return True
    if allowance.covers_host(host, port):
        return False
    return not all(is_public(address) or allowance.covers_address(address) for address in addresses)
