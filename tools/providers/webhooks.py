"""Webhooks that services sign as Standard Webhooks says: https://www.standardwebhooks.com.

A signature is taken once: a webhook that was overheard and is sent again says nothing. It is taken
once what it tells is stored (`taking`): a service repeats one that could not be stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import Any, Final

from core.shared_cache import shared_cache
from tools.providers.base import Forged

# Timestamps of five minutes either way are taken (by the package), so the first copy may come five
# minutes early, and another until ten minutes later. A minute for clocks that are being set.
_REMEMBERED_S: Final = 11 * 60
# What was verified within `taking`; None outside of it.
_batch: ContextVar[list[str] | None] = ContextVar("webhooks", default=None)


@contextmanager
def taking() -> Iterator[None]:
    """Webhooks that are verified within are taken when it ends without an exception, else not.

    Two copies that come at once may both be new: what a webhook does must bear that.
    """
    names: list[str] = []
    before = _batch.set(names)
    try:
        yield
    finally:
        _batch.reset(before)
    for name in names:
        shared_cache().set(name, True, _REMEMBERED_S)


def verified(provider: str, secret: str, headers: Mapping[str, str], body: bytes) -> Any:
    """The JSON of a webhook that the service signed; None when it came before.

    provider: its name; each has ids of its own. secret: `whsec_…`. headers: by lower-case names.
    Raises Forged: unsigned, signed otherwise, changed, too old or too early.
    """
    # Here, because only processes that are sent one need it.
    from standardwebhooks import Webhook

    try:
        event = Webhook(secret).verify(body, dict(headers))
    except Exception as problem:
        # Beside its own error the package lets out those of what it decodes, such as ValueError.
        raise Forged from problem
    return event if is_new(provider, headers["webhook-id"]) else None


def read_json(body: bytes) -> Any:
    """The JSON of an unsigned webhook; None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def was_taken(provider: str, webhook_id: str) -> bool:
    """Return whether a web process has taken this one within the last minutes."""
    return shared_cache().get(_name(provider, webhook_id)) is not None


def _name(provider: str, webhook_id: str) -> str:
    return f"webhook:{provider}:{sha256(webhook_id.encode()).hexdigest()}"


def is_new(provider: str, webhook_id: str) -> bool:
    """Return whether no web process has taken this one. Services repeat one that was not answered
    under its id, so a second one is no attack by itself: it is answered like the first."""
    name = _name(provider, webhook_id)
    names = _batch.get()
    if names is None:
        return shared_cache().add(name, True, _REMEMBERED_S)
    names.append(name)
    return shared_cache().get(name) is None
