"""Things that can go wrong between an app and the server, in the words of RFC 6749, 7591 and
8707."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Code: TypeAlias = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "access_denied",
    "unsupported_grant_type",
    "unsupported_response_type",
    "invalid_redirect_uri",
    "invalid_client_metadata",
]
NOT_GOOD: Final = "This code or token isn't valid. Connect the app again."


class OAuthError(Exception):
    """A refusal that an app reads: its code and one sentence. 401 for `invalid_client`."""

    def __init__(self, code: Code, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = 401 if code == "invalid_client" else 400


def invalid_grant(description: str = NOT_GOOD) -> OAuthError:
    """The same for what never existed, has ended and belongs to another app."""
    return OAuthError("invalid_grant", description)
