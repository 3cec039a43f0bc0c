"""A service that a provider asks over HTTP, and an answer of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CONNECT_S = 10.0
# Without a byte in or out for so long, while a request is sent or a body arrives.
STALLED_S = 60.0
# A shorter value of a header is a word, not a secret.
SECRET_MIN = 6


@dataclass(frozen=True, slots=True)
class Service:
    """A service and how it is asked.

    who: its name in messages. base_url: without a slash at its end. headers: sent with every
    request to the origin of base_url, and to no other host; they may hold secrets and are never
    shown. hosts: others that its URLs may name, such as one for files: `host` or `host:port`, by
    https, or also by http where base_url is http in a private network. ca_file: certificates to
    trust, "" for the system's. timeout_s: for one request from beginning to end; None: as long as
    bytes come. stalled_s: for the time without a byte.
    """

    who: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    timeout_s: float | None = 300.0
    connect_s: float = CONNECT_S
    stalled_s: float = STALLED_S
    hosts: tuple[str, ...] = ()

    def without_secrets(self, body: bytes) -> bytes:
        """Remove the values of our headers from a service's answer: some repeat a wrong key."""
        for value in self.headers.values():
            for secret in {value, value.rpartition(" ")[2]}:
                if len(secret) >= SECRET_MIN:
                    body = body.replace(secret.encode(), b"***")
        return body


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that came whole. body: of one with a status of 300 or more, its beginning. is_free:
    repeating its request costs nothing."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_free: bool = False

    @property
    def mime(self) -> str:
        """The type that the service states, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
