"""Short secrets as the database keeps them: encrypted by a key that follows from the server's own.

Each purpose has its own key, so a ciphertext copied to another row can't be decrypted there.
`cryptography` is imported when the first is sealed or opened: many servers have none.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_INFO = b"reelgraph sealed 1\0"


class CannotOpen(Exception):
    """Sealed with another secret key than this server's, for another purpose, or damaged."""


def seal(text: str, *, purpose: str) -> bytes:
    """purpose: what it is a secret of, such as `service:openai`; needed again to open it."""
    return _fernet(settings.SECRET_KEY, purpose).encrypt(text.encode())


def unseal(ciphertext: bytes | memoryview, *, purpose: str) -> str:
    """Return the text, sealed with SECRET_KEY or one of SECRET_KEY_FALLBACKS. Raises CannotOpen."""
    from cryptography.fernet import InvalidToken

    keys: tuple[str, ...] = (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))
    for key in keys:
        try:
            # Postgres' driver and SQLite's give bytes of different types.
            return _fernet(key, purpose).decrypt(bytes(ciphertext)).decode()
        except InvalidToken:
            continue
    # Without the cause: nothing of it helps, and a log of it would be long.
    raise CannotOpen from None


def _fernet(secret_key: str, purpose: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derive = HKDF(SHA256(), length=32, salt=None, info=_INFO + purpose.encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))
