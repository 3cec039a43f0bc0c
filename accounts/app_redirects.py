"""The addresses that a connected app may have people sent back to. Pure.

Allowed are https, http on the person's own computer, and schemes of an app's own (RFC 8252). A
redirect must be one that the app registered, character by character; only the port of a loopback
address is free.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlencode, urlsplit

from accounts.oauth_errors import OAuthError

LONGEST = 2000
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# A scheme of an app's own is a domain name of its maker, backwards (RFC 8252, 7.1). Those without a
# dot are the system's or anyone's: some open programs that do what an address tells them.
_OWN_SCHEME = re.compile(r"[a-z]{2,}(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
# Schemes without a dot of agents that people connect: the editor Cursor asks before it acts.
_KNOWN_SCHEMES = frozenset({"cursor"})
# A name or an address with or without a port, as browsers and policies read them alike: no `;` or
# `,`, which end a policy's source, no wildcard, nothing that one of them would decode.
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(
    rf"(?P<name>{_LABEL}(\.{_LABEL})*|\[(?P<v6>[0-9a-f:.]+)\])(:[0-9]{{1,5}})?", re.IGNORECASE
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
# What RFC 3986 allows in a URI, without the fragment's sign.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")


def check(uri: str, field: str = "redirect_uris") -> None:
    """Raises OAuthError (`invalid_redirect_uri`) for an address no one may be sent to."""
    problem = _problem(uri)
    if problem:
        raise OAuthError("invalid_redirect_uri", f"{field}: {problem}")


def is_registered(uri: str, uris: list[str]) -> bool:
    """Return whether `uri`, which was checked, is one that an app registered."""
    return any(_matches(uri, one) for one in uris)


def is_loopback(uri: str) -> bool:
    """Return whether the address is on the person's own computer."""
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def place_of(uri: str) -> str:
    """Say where a redirect leads, for people: a host, this computer, or an app's own scheme."""
    parts = urlsplit(uri)
    if is_loopback(uri):
        return "this computer"
    return parts.netloc if parts.scheme == "https" else f"{parts.scheme}:"


def form_target(uri: str) -> str:
    """The source of a content security policy that lets a form lead there."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    # A policy has no way to write an IPv6 address.
    return "http:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def with_answer(uri: str, answer: dict[str, str]) -> str:
    """The address with an answer in its query; what it had there stays as it is."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}"


def _problem(uri: str) -> str:
    if len(uri) > LONGEST:
        return f"an address is over {LONGEST} characters. Use a shorter one."
    if not _CHARACTERS.fullmatch(uri):
        return "an address has a fragment, or characters that a URI can't have. Remove them."
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "an address isn't a URI."
    if "@" in parts.netloc:
        return "an address has a username or password. Remove it."
    if parts.netloc and not _is_host(parts.netloc):
        return "an address has a host that isn't a plain name or IP address. Correct it."
    return _problem_of_scheme(parts)


def _problem_of_scheme(parts: SplitResult) -> str:
    if parts.scheme == "https":
        return "" if parts.hostname else "an https address has no host."
    if parts.scheme == "http":
        is_local = parts.hostname in LOOPBACK
        return "" if is_local else "http works only for 127.0.0.1, [::1] and localhost. Use https."
    if parts.scheme not in _KNOWN_SCHEMES and not _OWN_SCHEME.fullmatch(parts.scheme):
        return (
            "an address must have https, http on this computer, or a scheme that is a domain name"
            " of the app's maker backwards, such as com.example.app."
        )
    return "" if parts.netloc or parts.path else "an address ends after its scheme."


def _is_host(netloc: str) -> bool:
    match = _HOST.fullmatch(netloc)
    if match is None:
        return False
    name, v6 = match["name"], match["v6"]
    # Browsers read a name that ends in a number as an IPv4 address, in any of its spellings.
    if v6 is None and not _NUMBER.fullmatch(name.rpartition(".")[2]):
        return True
    try:
        ipaddress.ip_address(v6 or name)
    except ValueError:
        return False
    return True


def _matches(uri: str, known_uri: str) -> bool:
    if uri == known_uri:
        return True
    if not is_loopback(uri) or not is_loopback(known_uri):
        return False
    return _without_port(uri) == _without_port(known_uri)


def _without_port(uri: str) -> SplitResult:
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.hostname or "")
