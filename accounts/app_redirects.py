"""Where a connected app may have people sent back to. Pure.

Allowed are https, http on the person's own computer, and schemes that an app registered with the
system (RFC 8252). A redirect must be one that the app registered, character by character; only the
port of a loopback address is free.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlencode, urlsplit

from accounts.oauth_errors import OAuthError

LONGEST = 2000
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Schemes that browsers and systems act on themselves. No app has one of them to itself.
_TAKEN = frozenset(
    """about blob chrome data devtools edge facetime feed file filesystem ftp ftps git imap
    intent irc jar javascript ldap magnet mailto market ms-settings nfs opera resource sftp sip
    sips smb sms ssh tel telnet urn vbscript view-source webcal ws wss wyciwyg""".split()  # noqa: SIM905  as a list it takes a page
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,63}")
# What RFC 3986 allows in a URI, without the fragment's sign.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")


def check(uri: str) -> None:
    """Raises OAuthError (`invalid_redirect_uri`) for an address no one may be sent to."""
    problem = _problem(uri)
    if problem:
        raise OAuthError("invalid_redirect_uri", f"redirect_uris: {problem}")


def is_registered(uri: str, registered: list[str]) -> bool:
    """Whether an app may have people sent to `uri`."""
    return not _problem(uri) and any(_matches(uri, one) for one in registered)


def is_loopback(uri: str) -> bool:
    """Whether the address is on the person's own computer."""
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def place_of(uri: str) -> str:
    """Where a redirect leads, for people: a host, this computer, or an app's own scheme."""
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
    return _problem_of_scheme(parts)


def _problem_of_scheme(parts: SplitResult) -> str:
    if parts.scheme == "https":
        return "" if parts.hostname else "an https address has no host."
    if parts.scheme == "http":
        allowed = parts.hostname in LOOPBACK
        return "" if allowed else "http works only for 127.0.0.1, [::1] and localhost. Use https."
    if not _SCHEME.fullmatch(parts.scheme) or parts.scheme in _TAKEN:
        return "an address must have https, http on this computer, or a scheme of the app's own."
    return "" if parts.netloc or parts.path else "an address ends after its scheme."


def _matches(uri: str, registered: str) -> bool:
    if uri == registered:
        return True
    if not is_loopback(uri) or not is_loopback(registered):
        return False
    return _without_port(uri) == _without_port(registered)


def _without_port(uri: str) -> SplitResult:
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.hostname or "")
