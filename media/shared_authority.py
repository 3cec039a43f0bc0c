"""The authority that all machines of a server sign copies by: sealed in the database.

The first machine stores its own; any other puts it in the place of the one that it made. Each has a
key of its own below it.
"""

from __future__ import annotations

import time
from contextlib import suppress

from media import credentials

_next_look = float("-inf")


def tend() -> float:
    """Agree with the other machines, and renew what ends soon, unless nothing has changed since.
    A periodic task of workers."""
    if credentials.is_installed() and not credentials.is_noted(credentials.common_authority()):
        # Here and below alone, see `credentials`.
        from media import credential_keys

        credential_keys.agree()
        credential_keys.signer()
        with suppress(OSError):
            files, common = credentials.digest(), credentials.common_authority()
            # Opened once more: what is noted was there before.
            if signer := credential_keys.signer():
                credentials.note(files, signer.due, common)
    return credentials.LOOK_S


def agree_hourly() -> None:
    """Do as `credential_keys.agree`, at most once an hour in a process."""
    global _next_look
    if time.monotonic() >= _next_look:
        from media import credential_keys

        credential_keys.agree()
        _next_look = time.monotonic() + credentials.LOOK_S
