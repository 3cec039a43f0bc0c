"""The rights of an API key: read < run < all. Sessions and tokens of a sign-in may do all.

Each route says once which scope it needs, in its `@operation`; what says nothing needs `read` to
read and `all` to write. `accounts.auth` looks at it wherever a key comes in.
"""

from __future__ import annotations

from accounts import security
from accounts.models import ApiKey
from core import errors
from core.openapi import Scope, operation_of

READ: Scope = "read"
RUN: Scope = "run"
ALL: Scope = "all"
SCOPES: tuple[Scope, ...] = (READ, RUN, ALL)
# As people choose among them.
WORDS: dict[str, str] = {
    READ: "Read: runs, templates and balance",
    RUN: "Run: also start, answer and stop runs, and upload files",
    ALL: "All: also change templates",
}


def needed_by(view: object, method: str) -> Scope:
    """The scope that this method of a view needs."""
    handler = getattr(view, method.lower(), None)
    operation = operation_of(handler)
    if operation is not None:
        return operation.needs(method)
    # A method that is not there is answered with 405 for every scope.
    return READ if handler is None or method in ("GET", "HEAD", "OPTIONS") else ALL


def check(key: ApiKey, scope: Scope) -> None:
    """Raise Forbidden (`key_scope`) when a key may not do this."""
    if allows(key.scope, scope):
        return
    security.record(security.KEY_REFUSED, user=key.user, name=key.name, lookup=key.lookup)
    if key.client_id is None:
        remedy = "Create a key with that scope at /me/keys."
    else:
        remedy = "Connect the app again and choose that scope."
    raise errors.Forbidden(
        f"This key has the scope “{key.scope}”; this needs “{scope}”. {remedy}",
        code="key_scope",
        details={"scope": key.scope, "needed": scope},
    )


def allows(scope: str, other: Scope) -> bool:
    """Return whether one scope holds another. An unknown one, of a later release, holds nothing."""
    return scope in SCOPES and SCOPES.index(scope) >= SCOPES.index(other)
