"""Webhooks of fal, which are signed by Ed25519: whether one is fal's own, and what it tells of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from core.errors import ProviderError
from core.shared_cache import shared_cache
from tools.providers import webhooks
from tools.providers.base import Forged
from tools.providers.look_times import now_s
from tools.providers.makers.dialect import Client

# How far their timestamps may be off, and how long its public
# keys are kept.
_TOLERANCE_S = 300
_KEYS_S = 24 * 3600
# Keys are read again at most so often where a signature fits none: it may have new ones.
_AGAIN_S = 60
_NAMES = ("request-id", "user-id", "timestamp", "signature")


def ids_of(headers: Mapping[str, str], body: bytes, client: Client) -> tuple[str, ...]:
    """Return the job that a webhook ends; () when it came before. Raises Forged."""
    request_id, user, timestamp, signature = (
        headers.get(f"x-fal-webhook-{name}", "") for name in _NAMES
    )
    if not timestamp.isdigit() or abs(now_s() - int(timestamp)) > _TOLERANCE_S:
        raise Forged
    message = "\n".join((request_id, user, timestamp, sha256(body).hexdigest())).encode()
    if not (_is_signed(client, message, signature) or _is_signed(client, message, signature, True)):
        raise Forged
    event = webhooks.read_json(body)
    job = event.get("request_id") if isinstance(event, dict) else None
    if not isinstance(job, str) or job != request_id:
        raise Forged
    # A job has one, which is signed again each time that it's sent.
    return (job,) if webhooks.is_new(sender(client), job) else ()


def sender(client: Client) -> str:
    """Return the name under which its webhooks are known to have come."""
    return f"fal {client.urls['']}"


def _is_signed(client: Client, message: bytes, signature: str, is_again: bool = False) -> bool:
    # Here, because only processes that are sent one need it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for key in _keys(client, is_again):
        try:
            raw = base64.urlsafe_b64decode(f"{key}==")
            Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(signature), message)
        except (InvalidSignature, ValueError, binascii.Error):
            continue
        return True
    return False


def _keys(client: Client, is_again: bool) -> list[str]:
    """Return its public keys, a day old at most; is_again: a minute old."""
    name = f"fal keys:{client.urls['storage']}"
    cache = shared_cache()
    if is_again and not cache.add(f"{name}:again", True, _AGAIN_S):
        return []
    keys = None if is_again else cache.get(name)
    if keys is None:
        keys = _read_keys(client)
        cache.set(name, keys, _KEYS_S if keys else _AGAIN_S)
    return list(keys)


def _read_keys(client: Client) -> list[str]:
    try:
        answer = client.to("storage").request("GET", "/.well-known/jwks.json")
        document: Any = client.json(answer) if answer.status < 300 else {}
    except ProviderError:
        return []
    rows = document.get("keys") if isinstance(document, dict) else None
    return [str(row["x"]) for row in rows or () if isinstance(row, dict) and row.get("x")]
