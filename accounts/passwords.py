"""Looking at a password: one way for the page, the API and the forms that ask for it again.

A try is counted before its password is looked at, so that many at once count too.
"""

from __future__ import annotations

import hashlib

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts import rate_limits, roles, security, selectors
from accounts.client_address import client_of
from accounts.hashing import gate
from accounts.models import User
from core import errors, server_settings

WRONG = "Wrong username or password."
# Said to everyone alike: else it would say that a password is right.
WRONG_OR_NO_OWNER = (
    "Wrong username or password, or not an owner: only owners sign in with a password here."
)


def sign_in(*, username: str, password: str, request: HttpRequest) -> User:
    """The person whom name, in any case, and password fit. Does not sign them in.

    Raises Unauthenticated (number 102) when they do not fit, with one answer for a wrong password,
    an unknown name and a person without a password; QuotaExceeded after SIGN_IN_TRIES wrong ones
    of one name and address or SIGN_IN_TRIES_PER_ADDRESS of one address; Unavailable when too many
    come at once.
    """
    username = username.strip()[:150]
    address = client_of(request).address
    # Hashed: what is typed as a name may be a password, and the counts are stored.
    name_sha256 = hashlib.sha256(username.lower().encode(errors="replace")).hexdigest()
    caller = f"{name_sha256}|{address}"
    rate_limits.check_password_tries(caller, address)
    with gate.slot(address):
        rate_limits.take_password_try(caller, address)
        # Asked for names that exist and for others alike. Django also hashes for no one and for
        # unusable passwords: timing reveals nothing.
        person = selectors.person_named(username)
        name = person.username if person is not None else ""
        user = authenticate(request, username=name, password=password)
    is_closed = are_closed()
    if not isinstance(user, User) or (is_closed and not roles.is_owner(user)):
        security.record(security.SIGN_IN_FAILED, user=person)
        why = WRONG_OR_NO_OWNER if is_closed else WRONG
        raise errors.Unauthenticated(why, code="auth.invalid", number=102)
    rate_limits.forget_wrong_passwords(caller, address)
    return user


def are_closed() -> bool:
    """Return whether owners alone sign in with passwords."""
    return bool(server_settings.value("PASSWORDS") == "owners")


def is_own(*, user: User, password: str, request: HttpRequest) -> bool:
    """Return whether this is the password of someone who is signed in. Raises as `sign_in`."""
    address = client_of(request).address
    caller = f"account:{user.pk}"
    rate_limits.check_password_tries(caller, address)
    with gate.slot(address):
        rate_limits.take_password_try(caller, address)
        fits = user.check_password(password)
    if fits:
        rate_limits.forget_wrong_passwords(caller, address)
    return fits
