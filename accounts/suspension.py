"""The meaning of a suspension while it lasts, and what is shown of people to others.

A person's suspension lasts until `User.suspended_until`, and ends when that moment passes or the
column is emptied. Nothing else is written, so all comes back as it was:

- API keys and tokens are refused (`accounts.auth`), and so are their streams and sockets
  (`accounts.consumers`);
- what they send from their own pages is refused, but for what takes away, reads or keeps what is
  theirs (`accounts.authentication.SuspendedPeople`);
- no further step of their runs begins (`runs.engine.limits`);
- what they published is not shown to others (`shown`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.names import ERASED, SYSTEM
from core import clock, errors
from core.recent_reading import RecentReading

SUSPENDED: Final = "account.suspended"

AnyView = TypeVar("AnyView", bound=Callable[..., Any])

# For statements written by hand: whether what the person of a row `owner` published is shown now.
# `now` is a parameter.
SHOWN_SQL: Final = f"""(owner.is_active OR owner.username = '{SYSTEM}'
    OR owner.username LIKE '{ERASED}%%')
    AND (owner.suspended_until IS NULL OR owner.suspended_until <= %(now)s)"""


def shown(person: str) -> Q:
    """Build a Q that keeps rows of people who are shown. person: the path to the person.

    Not of closed accounts, and not of suspended ones while that lasts. The author of the samples
    and deleted people have closed accounts too, but what is left of theirs is for everyone.
    """
    # Now() and not a moment of ours: conditions are put together once and asked for ever.
    return (
        Q(**{f"{person}__is_active": True})
        | Q(**{f"{person}__username": SYSTEM})
        | Q(**{f"{person}__username__startswith": ERASED})
    ) & (
        Q(**{f"{person}__suspended_until": None}) | Q(**{f"{person}__suspended_until__lte": Now()})
    )


def is_shown(person: User) -> bool:
    """Return whether what this person published is shown to others now, as `shown` has it."""
    is_there = person.is_active or person.username == SYSTEM or person.username.startswith(ERASED)
    return is_there and suspended_until(person) is None


def suspended_until(user: User) -> datetime | None:
    """Return when this person's suspension ends, or None when there is none now."""
    until = user.suspended_until
    return until if until is not None and until > clock.now() else None


def shown_moment(until: datetime) -> str:
    """The end of a suspension as people read it."""
    return f"{until.day} {until:%b %Y, %H:%M} UTC"


def check_may_act(user: User) -> None:
    """Raise Forbidden (`account.suspended`) for someone who is suspended now."""
    until = suspended_until(user)
    if until is None:
        return
    raise errors.Forbidden(
        f"Your account is suspended until {shown_moment(until)}. Until then you can view, download"
        " and delete your work, but not make or publish anything.",
        code=SUSPENDED,
        details={"suspendedUntil": clock.iso(until)},
    )


def allowed_while_suspended(*methods: str) -> Callable[[AnyView], AnyView]:
    """Marks a view, or a method of a class of views: a suspended person may send these."""

    def mark(view: AnyView) -> AnyView:
        view.allowed_while_suspended = frozenset(methods)  # type: ignore[attr-defined]
        return view

    return mark


def _read_suspended_people() -> frozenset[int]:
    rows = User.objects.filter(suspended_until__gt=clock.now())
    return frozenset(rows.values_list("pk", flat=True))


_suspended_people = RecentReading(_read_suspended_people)


def suspended_people() -> frozenset[int]:
    """The primary keys of all who are suspended, at most half a second ago.

    For loops that ask at every turn: one query in that time, from a small index.
    """
    return _suspended_people.get()


def forget_suspended_people() -> None:
    """This process has changed a suspension: have it hold here at once."""
    _suspended_people.forget()
