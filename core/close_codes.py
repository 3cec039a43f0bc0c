"""The codes with which the server closes a WebSocket: below 4000 of RFC 6455, the rest ours."""

from __future__ import annotations

from typing import Final

from core import errors

ENDED: Final = 1000
MESSAGE_TOO_LARGE: Final = 1009
BROKEN: Final = 1011
TRY_AGAIN_LATER: Final = 1013
REFUSED: Final = 4400
UNAUTHENTICATED: Final = 4401
FORBIDDEN: Final = 4403
NOT_FOUND: Final = 4404
# Asked again, REST says until when.
SUSPENDED: Final = 4423
TOO_MANY: Final = 4429


def close_code(error: errors.AppError) -> int:
    """The code for what REST would answer with this error."""
    if error.code == "account.suspended":
        return SUSPENDED
    return {
        400: REFUSED,
        401: UNAUTHENTICATED,
        403: FORBIDDEN,
        404: NOT_FOUND,
        429: TOO_MANY,
        503: TRY_AGAIN_LATER,
    }.get(error.status, BROKEN)
