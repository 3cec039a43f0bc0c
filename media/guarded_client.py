"""HTTP to a URL that a user gave, without reaching this server's own network for them.

https only, over `media.pinned_connection`, and to the host that the URL names alone: no redirect is
followed. Hosts and networks that an operator's setting allows may be private and may be http.

Messages name the host and never the query, which may hold someone's secret.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from media import addresses
from media.pinned_connection import (
    CONNECT_S,
    PORTS,
    READ_S,
    OutOfBounds,
    OutOfTime,
    PinnedBackend,
    PinnedTransport,
    Watch,
    private_address,
)

MAX_URL: Final = 4096
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class Unanswered(Exception):
    """No answer came, which may pass. message: for people, without the URL."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request. body: its first bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str],
    allowance: addresses.Allowance,
    timeout_s: float,
    max_answer: int,
) -> Answer:
    """Send a request to a URL. Return the answer, of its body the first `max_answer` bytes.

    Raises OutOfBounds for what the rules refuse, Unanswered where nothing came within `timeout_s`.
    """
    watch = Watch(time.monotonic() + timeout_s, lambda: None)
    backend = PinnedBackend(allowance, watch, system_resolve)
    target = target_of(url, allowance)
    backend.scheme = target.scheme
    try:
        with (
            client_over(backend) as client,
            client.stream(method, target, content=body, headers=dict(headers)) as response,
        ):
            start = bytearray()
            for chunk in response.iter_raw():
                watch.look()
                start += chunk
                if len(start) >= max_answer:
                    break
            return Answer(response.status_code, response.headers, bytes(start[:max_answer]))
    except OutOfTime as error:
        raise Unanswered(f"{target.host} took over {timeout_s:g} s to respond.") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise Unanswered(explain(target.host, error)) from error


def system_resolve(host: str, port: int) -> list[str]:
    """Return every address the system knows for a host."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def target_of(url: str, allowance: addresses.Allowance) -> httpx.URL:
    """Return the URL as it will be requested. Parsed once: two parsers may see two hosts.

    Raises OutOfBounds for a URL that no answer of the network would allow.
    """
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
    is_allowed = allowance.covers_host(host, port)
    address = addresses.literal(host)
    if address is not None:
        is_allowed = is_allowed or allowance.covers_address(address)
        if not is_allowed and not addresses.is_public(address):
            raise OutOfBounds(private_address(host, allowance))
    elif not is_allowed and not allowance.networks and addresses.is_local_name(host):
        raise OutOfBounds(private_address(host, allowance))
    # A network may be allowed; whether a name lies in it is known once it is resolved.
    may_be_allowed = address is None and bool(allowance.networks)
    if target.scheme == "http" and not is_allowed and not may_be_allowed:
        raise OutOfBounds(f"{host} isn't encrypted. Use an https:// URL.")
    if not is_allowed and not may_be_allowed and port not in PORTS[target.scheme]:
        raise OutOfBounds(f"Port {port} of {host} isn't allowed.")
    return target.copy_with(fragment=None)


def explain(host: str, error: Exception) -> str:
    """Say why no answer came, for people, without the URL."""
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


def client_over(backend: PinnedBackend) -> httpx.Client:
    """Return a client whose connections this backend makes."""
    return httpx.Client(
        transport=PinnedTransport(backend),
        # A proxy from the environment would resolve and connect without asking us.
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
        headers={
            "User-Agent": "Reelgraph",
            "Accept-Encoding": "identity",
        },
    )
