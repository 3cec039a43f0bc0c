"""Secrets that sign deliveries, and the signature, by the recipe of standardwebhooks.com."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from standardwebhooks import Webhook

from accounts.models import ApiKey
from core import encrypted_fields
from webhooks.models import Delivery, Endpoint

_PREFIX: Final = "whsec_"
_BYTES: Final = 32


def new_secret() -> str:
    """Make a secret for an endpoint: `whsec_` and 32 bytes in base64."""
    return _text(secrets.token_bytes(_BYTES))


def seal(text: str, endpoint_id: str) -> bytes:
    """Encrypt an endpoint's secret for its row. endpoint_id: its public id."""
    return encrypted_fields.seal(text, purpose=_purpose(endpoint_id))


def secret_of_key(key: ApiKey) -> str:
    """Return the secret that signs webhooks of runs that this key or connection started.

    It follows from the server's secret key and is stored nowhere; a new key has a new one.
    """
    return _secret_of_key(settings.SECRET_KEY, key)


def headers_of(delivery: Delivery, at: datetime) -> dict[str, str]:
    """Sign one try. at: when it is sent. Raises `encrypted_fields.CannotOpen`."""
    marks = (
        Webhook(secret).sign(delivery.public_id, at, delivery.body)
        for secret in _secrets_of(delivery, at)
    )
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.public_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(marks),
    }


def _secrets_of(delivery: Delivery, at: datetime) -> Iterable[str]:
    """List the secrets that sign, the newest first."""
    if delivery.endpoint is None:
        # Receivers know the secret that followed from an earlier key, until it is retired.
        assert delivery.key is not None  # noqa: S101  one of the two is there
        for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            yield _secret_of_key(secret_key, delivery.key)
        return
    endpoint = delivery.endpoint
    yield _open(endpoint.secret, endpoint)
    if endpoint.former_secret is not None and (endpoint.former_until or at) > at:
        yield _open(endpoint.former_secret, endpoint)


def _open(ciphertext: bytes | memoryview, endpoint: Endpoint) -> str:
    return encrypted_fields.unseal(ciphertext, purpose=_purpose(endpoint.public_id))


def _purpose(endpoint_id: str) -> str:
    return f"webhook:{endpoint_id}"


def _secret_of_key(secret_key: str, key: ApiKey) -> str:
    message = f"webhooks.key:{key.pk}:{key.lookup}".encode()
    return _text(hmac.new(secret_key.encode(), message, hashlib.sha256).digest())


def _text(data: bytes) -> str:
    return f"{_PREFIX}{base64.b64encode(data).decode()}"
