"""Signing in and out in a browser, and forgetting what has run out. The list of sessions is
`accounts.session_list`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login, logout, update_session_auth_hash
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from accounts import connected_apps, security, services, session_list
from accounts.auth import KEY_COOKIE
from accounts.models import BrowserSession, OneTimeLink, TokenFamily, User
from core import clock, errors, slow_share
from core.http import error_response

# Links bypass passwords, so the backend that checks them is named for the session.
_BACKEND = "django.contrib.auth.backends.ModelBackend"
# Kept for a while, so that an expired link can say that it has expired.
LINKS_KEPT = timedelta(days=30)


def begin(request: HttpRequest, user: User, *, by: str) -> None:
    """Sign a person in in this browser.

    by: `password`, `link`, `invitation`, `sign-up` or `sign-on`.
    """
    login(request, user, backend=_BACKEND)
    _list(request, user)
    security.record(security.SIGN_IN, user=user, by=by)


def end_own(request: HttpRequest) -> None:
    """Sign out in this browser."""
    key = request.session.session_key
    if isinstance(request.user, User):
        security.record(security.SIGN_OUT, user=request.user)
    logout(request)
    BrowserSession.objects.filter(session_key=key).delete()


def end_others(request: HttpRequest) -> None:
    """End every session of a person but this one, their programs' tokens included."""
    user = cast(User, request.user)
    services.end_sessions(user=user)
    keep_own(request, user)
    security.record(security.SESSIONS_ENDED, user=user)


def end_all(user: User, *, by: str) -> int:
    """End every session of a person and their programs' tokens, for an operator. Part of the
    caller's transaction.

    by: who did it, as the person reads it. Returns how many sessions were listed.
    """
    count = len(session_list.living(user))
    services.end_sessions(user=user)
    session_list.forget_others(user=user, session_key="")
    TokenFamily.objects.filter(user=user, ended_at=None).update(ended_at=clock.now())
    security.record(security.SESSIONS_ENDED, user=user, by=by)
    return count


def keep_own(request: HttpRequest, user: User) -> None:
    """Go on here after what ended all sessions of a person, such as a new password."""
    update_session_auth_hash(request, user)
    _list(request, user)
    session_list.forget_others(user=user, session_key=str(request.session.session_key))


def forget_expired() -> int:
    """Delete one-time links a month after they ended, sessions, old security events and what
    connected apps left behind.

    Returns how many rows went.
    """
    now = clock.now()
    long_ago = now - LINKS_KEPT
    links, _ = OneTimeLink.objects.filter(
        Q(expires_at__lt=long_ago) | Q(used_at__lt=long_ago)
    ).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    return links + sessions + session_list.prune() + security.prune() + connected_apps.forget_old()


class SessionUse:
    """Notes that a session is used, and ends one that was not used for long.

    Refuses one whose requests hold their share of threads: see `core.slow_share`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        person = self._person_in_use(request) if has_session else None
        try:
            if person is not None:
                slow_share.is_of(person)
            elif not _shows_key(request):
                slow_share.is_of_no_one()
        except errors.QuotaExceeded as refusal:
            return error_response(request, refusal)
        return self.get_response(request)

    @staticmethod
    def _person_in_use(request: HttpRequest) -> int | None:
        user_id, key = request.session.get(SESSION_KEY), request.session.session_key
        if user_id is None or key is None:
            return None
        if not session_list.is_in_use(key, int(user_id)):
            request.session.flush()
            request.user = AnonymousUser()
            return None
        return int(user_id)


def _shows_key(request: HttpRequest) -> bool:
    """Return whether `accounts.auth` will say who it is."""
    headers = request.headers
    return "api-key" in headers or "Authorization" in headers or KEY_COOKIE in request.COOKIES


def _list(request: HttpRequest, user: User) -> None:
    """Enter the session of this request in the list."""
    if request.session.session_key is None:
        # After someone else's session was thrown away it has no key until it is stored.
        request.session.save()
    session_list.enter(user=user, session_key=str(request.session.session_key))
