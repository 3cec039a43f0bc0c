import ipaddress

import pytest

from media.addresses import carried, is_local_name, is_public, literal, read_allowance, refused

# One of each range that the module names, and of those that Python knows.
FORBIDDEN = [
    *("10.0.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "240.0.0.1"),
    *("192.0.0.8", "192.31.196.1", "192.52.193.1", "192.88.99.1"),
    *("::1", "::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "fd00:ec2::254"),
    *("2001::1", "2001:db8::1", "2002:808:808::1", "3fff::1"),
    *("fe80::1%eth0", "2606:4700::1%eth0"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_refuses_an_address_that_is_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_passes_a_public_address(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::169.254.169.254", "2002:a9fe:a9fe::1"],
)
def test_looks_inside_forms_that_carry_ipv4(text):
    assert carried(ipaddress.ip_address(text)) == ipaddress.ip_address("169.254.169.254")


@pytest.mark.parametrize("text", ["::1", "::", "fe80::1", "10.0.0.1", "2606:4700::1"])
def test_leaves_other_addresses_as_they_are(text):
    assert carried(ipaddress.ip_address(text)) == ipaddress.ip_address(text)


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]"]
)
def test_reads_every_spelling_of_loopback(spelling):
    address = literal(spelling)
    assert address is not None
    assert address.is_loopback


@pytest.mark.parametrize(
    "name", ["localhost", "localhost.", "a.localhost", "db.internal", "nas.lan"]
)
def test_knows_names_of_the_own_network(name):
    assert is_local_name(name)


@pytest.mark.parametrize("name", ["example.com", "mylocalhost", "internal.example.com"])
def test_leaves_public_names_alone(name):
    assert not is_local_name(name)


def addresses(*texts):
    return [ipaddress.ip_address(text) for text in texts]


def test_one_private_address_among_public_ones_refuses_the_host():
    assert refused("a.example", 443, addresses("8.8.8.8", "10.0.0.1"), read_allowance([]))


def test_an_allowed_host_may_be_private_on_any_port():
    allowance = read_allowance(["comfy.lan"])
    assert not refused("comfy.lan", 8188, addresses("10.0.0.1"), allowance)
    assert refused("other.lan", 8188, addresses("10.0.0.1"), allowance)


def test_an_allowed_port_allows_no_other_port():
    allowance = read_allowance(["127.0.0.1:9000", "[::1]:9000"])
    assert not refused("127.0.0.1", 9000, addresses("127.0.0.1"), allowance)
    assert not refused("::1", 9000, addresses("::1"), allowance)
    assert refused("127.0.0.1", 9001, addresses("127.0.0.1"), allowance)


def test_an_allowed_network_covers_every_address_of_the_host_or_none():
    allowance = read_allowance(["10.0.0.0/24"])
    assert not refused("a", 80, addresses("10.0.0.5", "10.0.0.6"), allowance)
    assert refused("a", 80, addresses("10.0.0.5", "10.0.1.6"), allowance)
