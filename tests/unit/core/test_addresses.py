"""Whose address a request has."""

import pytest

from core.addresses import client_address, counted_as, is_trusted, read_networks

LOCAL = read_networks(["127.0.0.1", "::1"])
CHAIN = read_networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize("forwarded", ["198.51.100.1", "198.51.100.1, 127.0.0.1", ""])
def test_without_trusted_proxies_it_is_the_sockets(forwarded: str) -> None:
    assert client_address("192.0.2.1", forwarded, ()) == "192.0.2.1"
    assert client_address("192.0.2.1", forwarded, LOCAL) == "192.0.2.1"
    assert client_address("127.0.0.1", forwarded, ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("made-up, 192.0.2.9", "192.0.2.9"),
        ("127.0.0.1, 192.0.2.9", "192.0.2.9"),
        ("192.0.2.9, 10.1.1.1, 10.2.2.2", "192.0.2.9"),
        ("192.0.2.9, 10.1.1.1, fd00::7", "192.0.2.9"),
        ("10.1.1.1", "10.1.1.1"),
        ("192.0.2.9, not an address, 10.1.1.1", "10.1.1.1"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("," * 5000, "127.0.0.1"),
        ("192.0.2.9," + "10.0.0.1," * 5000 + "10.0.0.1", "10.0.0.1"),
    ],
)
def test_behind_proxies_it_is_the_rightmost_that_none_of_them_has(
    forwarded: str, client: str
) -> None:
    assert client_address("127.0.0.1", forwarded, CHAIN) == client


def test_a_socket_without_an_address_is_no_proxy() -> None:
    assert client_address("", "192.0.2.9", CHAIN) == ""
    assert not is_trusted("", CHAIN)
    assert is_trusted("::ffff:127.0.0.1", CHAIN)


def test_an_ipv6_line_counts_as_one() -> None:
    assert counted_as("2001:db8:1:2:3::4") == counted_as("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert counted_as("192.0.2.1") == "192.0.2.1"
    assert counted_as("") == ""


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="proxy"):
        read_networks(["proxy.example.org"])
