"""Accounts of a provider, accepted jobs, and signed names of files."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.support.fakes.http_server import Asked

DAY_S = 24 * 3600
ENDED = frozenset({"done", "failed", "cancelled"})
# Signs addresses of files; the same in each start, as links outlive a restart.
_SIGNING = b"files of a test server"


@dataclass(slots=True)
class Account:
    """The owner of a key. balance: in the provider's unit, US dollars or credits. has_queue: of
    the Router, which switches it on for each workspace."""

    name: str
    balance: float = 1000.0
    has_queue: bool = True
    spent: float = 0.0


@dataclass(slots=True)
class Script:
    """The course of a job. looks: the look at which it is over; 0: at once, -1: when `end` is
    called. queued: so many looks say that it waits. progress: of the looks after these. error: how
    it ends instead, in the provider's word. cost: what is booked in the end; None: what was quoted
    if it is done, else nothing."""

    looks: int = 2
    queued: int = 0
    progress: tuple[float, ...] = (0.4,)
    error: str = ""
    cost: float | None = None


@dataclass(slots=True)
class ProviderJob:
    """A job that was accepted, and paid for when it is done. identity: what a repeated request
    with its key must be equal in. asked_at, ended_at: Unix seconds by the server's clock."""

    id: str
    endpoint: str
    account: str
    body: Mapping[str, Any]
    key: str
    identity: str
    asked_at: float
    quote: float
    webhook: str = ""
    script: Script = field(default_factory=Script)
    state: str = "waiting"
    error: str = ""
    cost: float = 0.0
    looks: int = 0
    looked_at: float = 0.0
    ended_at: float | None = None

    @property
    def progress(self) -> float:
        steps = self.script.progress or (0.0,)
        return steps[min(max(self.looks - self.script.queued - 1, 0), len(steps) - 1)]


def identity_of(asked: Asked) -> str:
    """Hash what makes two requests the same one: path, query and bytes."""
    whole = json.dumps([asked.path, sorted(asked.query.items())]).encode() + asked.raw
    return sha256(whole).hexdigest()


def ticket(name: str, expires_at: float) -> str:
    """Sign a name until then."""
    text = f"{int(expires_at)}/{name}"
    return f"{hmac.new(_SIGNING, text.encode(), sha256).hexdigest()[:16]}/{text}"


def name_of(ticket_text: str, now: float) -> str | None:
    """Read the name of a ticket; None if it is forged or over."""
    _, _, text = ticket_text.partition("/")
    expires, _, name = text.partition("/")
    is_ours = expires.isdigit() and hmac.compare_digest(ticket_text, ticket(name, int(expires)))
    return name if is_ours and now < int(expires) else None
