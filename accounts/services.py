"""People, keys and one-time links: everything that writes them."""

from __future__ import annotations

import secrets
import string
from contextlib import nullcontext
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import names, security, selectors
from accounts.auth import hash_secret
from accounts.client_address import current_client
from accounts.hashing import gate
from accounts.models import (
    AccountExport,
    ApiKey,
    AuthorizationCode,
    Block,
    BrowserSession,
    MailAddress,
    OneTimeLink,
    SecurityEvent,
    TokenFamily,
    User,
)
from accounts.names import SYSTEM
from accounts.one_time_links import INVITATION, spent
from core import clock, errors, server_settings, short_text
from core.openapi import Scope

OWNER = "owner"
_LETTERS = string.ascii_letters + string.digits


def create_user(
    *,
    username: str,
    password: str | None = None,
    display_name: str = "",
    email: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
) -> User:
    """Add a person. Without a password they sign in by one-time links.

    Raises InvalidInput for a name that cannot be one, Conflict when it is taken, in any case.
    """
    user = User(
        username=username,
        display_name=display_name,
        email=email,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    return _insert(_check_fields(user, password))


def note_editor_visit(person: User) -> bool:
    """Remember that a person has the editor open. True the first time, to one of many at once."""
    if person.editor_seen_at is not None:
        return False
    rows = User.objects.filter(pk=person.pk, editor_seen_at=None)
    return bool(rows.update(editor_seen_at=clock.now()))


def sign_up(
    *,
    username: str,
    password: str = "",
    display_name: str = "",
    terms: str = "",
    by: str = "sign-up",
) -> User:
    """Add a person without an invitation.

    terms: the digest of the terms that they accept, see `check_terms`. by: how they joined. Raises
    InvalidInput, or Conflict for a taken name.
    """
    check_terms(terms)
    person = _newcomer(username, password, display_name)
    with transaction.atomic():
        _insert(person)
        _note_joined(person, terms, by=by)
    return person


def check_terms(accepted: str) -> None:
    """Refuse newcomers who don't accept the server's terms as they are now, where it has any.

    accepted: the SHA-256 of the terms that they were shown; empty: none. Raises InvalidInput.
    """
    terms = server_settings.value("TERMS")
    if not terms or accepted == server_settings.digest(terms):
        return
    if accepted:
        raise names.invalid("terms", "The terms have just changed. Read and accept them again.")
    raise names.invalid("terms", "Accept the terms to join.")


def accept_invitation(
    *, token: str, username: str, password: str = "", display_name: str = "", terms: str = ""
) -> User:
    """Add the invited person and use the invitation up, both or neither.

    Without a password they sign in by one-time links. terms: as for `sign_up`. Of two at once, one
    wins. Raises NotFound for a link that is spent, InvalidInput for a name or password that cannot
    be one and for terms that were not accepted, Conflict when the name is taken: then the link
    still works.
    """
    check_terms(terms)
    digest = hash_secret(token)
    # Made ready outside the transaction: hashing a password takes a while on purpose.
    user = _newcomer(username, password, display_name)
    with transaction.atomic():
        now = clock.now()
        links = OneTimeLink.objects.filter(token_sha256=digest, purpose=INVITATION)
        if not links.filter(used_at=None, expires_at__gt=now).update(used_at=now):
            raise spent()
        _insert(user)
        links.update(user=user)
        _note_joined(user, terms, by="invitation")
    return user


def _note_joined(person: User, terms: str, *, by: str) -> None:
    security.record(security.JOINED, user=person, by=by)
    if terms and server_settings.value("TERMS"):
        security.record(security.TERMS_ACCEPTED, user=person, terms=terms)


def change_profile(*, user: User, display_name: str, email: str) -> None:
    """Set the name others see and an address, both optional. Raises InvalidInput."""
    if email:
        try:
            validate_email(email)
        except ValidationError:
            message = "Enter an email address such as ada@example.org."
            raise names.invalid("email", message) from None
    user.display_name = names.check_display_name(display_name)
    user.email = email
    user.save(update_fields=["display_name", "email"])


def change_password(*, user: User, password: str) -> None:
    """Set a password, which ends every session. Raises InvalidInput when it is too weak."""
    set_password(user=user, password=password)
    with transaction.atomic():
        store_password(user=user)


def set_password(*, user: User, password: str) -> None:
    """The first half: check and hash it, which takes a while on purpose. Stores nothing."""
    _check_password(password, user)
    _hash_password(user, password)


def store_password(*, user: User, by: str = "") -> None:
    """The second half, in the caller's transaction.

    by: how the person proved who they are, where it was not by their password.
    """
    user.save(update_fields=["password"])
    security.record(security.PASSWORD_CHANGED, user=user, **({"by": by} if by else {}))


def end_sessions(*, user: User) -> None:
    """End every session of a person at once, wherever it is open. Their keys go on."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


def erase_user(*, user: User) -> None:
    """Make a person no one: no name, no address, no way in. Harmless to repeat.

    The row stays, because public work and the ledger point at it; outsiders read "deleted user".
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(
            username=f"{names.ERASED}{user.public_id}",
            display_name=names.DELETED,
            first_name="",
            last_name="",
            email="",
            password=make_password(None),
            is_active=False,
            is_staff=False,
            is_superuser=False,
            last_login=None,
            session_epoch=F("session_epoch") + 1,
        )
        security.record(security.ACCOUNT_DELETED, user=user)
        # Addresses and programs are personal; the log's line above stays.
        SecurityEvent.objects.filter(user=user).delete()
        BrowserSession.objects.filter(user=user).delete()
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        user.groups.clear()
        user.user_permissions.clear()
        AuthorizationCode.objects.filter(user=user).delete()
        ApiKey.objects.filter(user=user).delete()
        TokenFamily.objects.filter(user=user).delete()
        MailAddress.objects.filter(person=user).delete()
        AccountExport.objects.filter(person=user).delete()
        OneTimeLink.objects.filter(Q(user=user) | Q(subject=user.public_id)).delete()
        Block.objects.filter(Q(person=user) | Q(other=user)).delete()
    _delete_sessions(user)


def revoke_api_keys(*, user: User) -> int:
    """End all keys of a person at once. Returns how many."""
    now = clock.now()
    return ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)


def ensure_owner() -> User:
    """The person who runs this server: made at the first start, the same ever after."""
    return _ensure(User(username=OWNER, display_name="Owner", is_staff=True, is_superuser=True))


def ensure_system_user() -> User:
    """The author of the samples. Inactive, so no credential of any kind can act as it."""
    return _ensure(User(username=SYSTEM, display_name="Reelgraph", is_active=False))


def _ensure(user: User) -> User:
    existing = User.objects.filter(username=user.username).first()
    if existing:
        return existing
    user.set_unusable_password()
    # Two processes may start at once: one inserts, both read the same row.
    User.objects.bulk_create([user], ignore_conflicts=True)
    return User.objects.get(username=user.username)


def create_api_key(
    *, user: User, name: str, scope: Scope = "all", life: timedelta | None = None
) -> tuple[ApiKey, str]:
    """Make a key. The text is returned once and cannot be read again later.

    scope: see `accounts.scopes`. life: after it the key has ended; None: it never expires.
    Raises Conflict when KEYS_PER_USER work already.
    """
    name = short_text.clean(name, field="name")
    lookup = new_lookup()
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        lock_room_for_key(user)
        key = ApiKey.objects.create(
            user=user,
            name=name[:80],
            lookup=lookup,
            secret_sha256=hash_secret(secret),
            scope=scope,
            expires_at=clock.now() + life if life else None,
        )
        security.record(security.KEY_MADE, user=user, name=key.name, lookup=lookup, scope=scope)
    return key, f"rg_{lookup}_{secret}"


def new_lookup() -> str:
    """Make what a key is found by; it is no secret."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def lock_room_for_key(user: User) -> None:
    """As `check_room_for_key`, inside a transaction: two at once don't both take the last place."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    check_room_for_key(user)


def check_room_for_key(user: User) -> None:
    """Raise Conflict when KEYS_PER_USER keys and connected apps work already."""
    limit = settings.KEYS_PER_USER
    if working_keys(user).count() >= limit:
        raise errors.Conflict(
            f"You've reached the limit of {limit} keys and connected apps. Revoke one first.",
            code="keys.too_many",
            details={"limit": limit},
        )


def working_keys(user: User) -> QuerySet[ApiKey]:
    """Keys and connections that are neither revoked nor ended."""
    return ApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=clock.now()), user=user, revoked_at=None
    )


def revoke_api_key(*, key: ApiKey) -> bool:
    """End a key at once. False when it had ended before."""
    now = clock.now()
    is_revoked = bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))
    if is_revoked:
        kind = security.KEY_REVOKED if key.client_id is None else security.APP_DISCONNECTED
        security.record(kind, user=key.user, name=key.name, lookup=key.lookup)
    return is_revoked


def _delete_sessions(user: User) -> None:
    """Delete the rows of sessions that have ended. Sessions have no index by person."""
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _newcomer(username: str, password: str, display_name: str) -> User:
    """A person as they describe themselves, checked, not yet stored."""
    user = User(
        username=names.check_username(username),
        display_name=names.check_display_name(display_name),
    )
    if password:
        _check_password(password, user)
    return _check_fields(user, password or None)


def _check_fields(user: User, password: str | None) -> User:
    # People whom a command adds too: a name that reads like another one is no name.
    short_text.clean(user.username, field="username")
    short_text.clean(user.display_name, field="display_name")
    # The database keeps `Ada` and `ada` apart; people would not.
    if selectors.people_named(user.username):
        raise _taken_error(user.username)
    _hash_password(user, password)
    try:
        user.clean_fields()
    except ValidationError as error:
        issues = [
            {"path": field, "message": message}
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        text = f"{issues[0]['path']}: {issues[0]['message']}"
        raise errors.InvalidInput(text, details={"issues": issues}) from None
    return user


def _insert(user: User) -> User:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise _taken_error(user.username) from None
    return user


def _hash_password(user: User, password: str | None) -> None:
    with gate.slot(current_client.get().address) if password else nullcontext():
        user.set_password(password)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise names.invalid("password", " ".join(error.messages)) from None


def _taken_error(username: str) -> errors.Conflict:
    return errors.Conflict(f"The username {username} is taken.", code="user.taken")
