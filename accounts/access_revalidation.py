"""Ends open streams and sockets soon after their credential, or what it opened, is lost.

A few queries each STREAM_RECHECK_S look at everything that is open in this process together. Only
where they find something changed is a stream checked individually, in the way it was admitted; and
each of them now and then, for what these queries do not know.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.auth import Principal
from accounts.models import ApiKey, BrowserSession, TokenFamily, User
from core import clock, errors
from core.database import in_database
from core.per_loop import per_loop

logger = logging.getLogger(__name__)
T = TypeVar("T")

# However little seems to have changed, each stream is checked individually this often.
ALWAYS_AFTER_S = 60.0
# Of (person, object): those who may still listen to it. Blocks on the database.
Access: TypeAlias = Callable[[Collection[tuple[int, Any]]], set[tuple[int, Any]]]


@dataclass(eq=False, slots=True)
class OpenConnection:
    """One open stream or socket.

    thing: what is listened to, by its primary key, and what else must stay as it is; access: who
    may, of many at once. recheck: checks access as when it was opened, and raises AppError
    otherwise; blocks on the database. refuse: told why they may not listen any more, within 5 s of
    when recheck would say so. let_in_again: called when it did not.
    """

    principal: Principal
    thing: Hashable
    access: Access
    recheck: Callable[[], tuple[Principal, Any]]
    refuse: Callable[[errors.AppError], None]
    let_in_again: Callable[[], None] = lambda: None
    checked_at: float = field(default_factory=time.monotonic)


class Recheck:
    """All open connections of one event loop. It polls while there are any."""

    def __init__(self) -> None:
        self._open: set[OpenConnection] = set()
        self._task: asyncio.Task[None] | None = None

    def join(self, connection: OpenConnection) -> None:
        self._open.add(connection)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look())

    def leave(self, connection: OpenConnection) -> None:
        self._open.discard(connection)
        if not self._open and self._task is not None:
            self._task.cancel()

    async def ask(self, connection: OpenConnection) -> None:
        """Check one connection now: its access may have changed."""
        try:
            connection.principal, _ = await in_database(connection.recheck)
            connection.checked_at = time.monotonic()
            connection.let_in_again()
        except errors.AppError as error:
            if connection in self._open:
                self._open.discard(connection)
                connection.refuse(error)

    async def _look(self) -> None:
        while self._open:
            await asyncio.sleep(max(settings.STREAM_RECHECK_S, 0.02))
            try:
                everything = list(self._open)
                for connection in await in_database(in_doubt, everything, time.monotonic()):
                    await self.ask(connection)
            except Exception:
                # A short database outage must not end every open stream.
                logger.exception("looking at who may still listen failed; trying again")


async def while_allowed(
    work: Coroutine[Any, Any, T], principal: Principal, prove: Callable[[], Principal]
) -> T:
    """Return the result of the work, or end it within 5 s of when its person may not go on.

    Raises why it ended.

    prove: who they are, looked up again; blocks on the database.
    """
    refusal: asyncio.Future[errors.AppError] = asyncio.Future()

    def refuse(error: errors.AppError) -> None:
        if not refusal.done():
            refusal.set_result(error)

    # It follows nothing of anyone's: all depends on who they are.
    connection = OpenConnection(principal, None, set, lambda: (prove(), None), refuse)
    working = asyncio.ensure_future(work)
    recheck().join(connection)
    ends: set[asyncio.Future[Any]] = {working, refusal}
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if refusal.done():
            raise refusal.result()
        return working.result()
    finally:
        recheck().leave(connection)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def in_doubt(everything: Iterable[OpenConnection], now_s: float) -> list[OpenConnection]:
    """Those whose credential or access may not hold any more: at most a few queries for all."""
    everything = list(everything)
    principals = [connection.principal for connection in everything]
    people = {
        row[0]: row[1:]
        for row in User.objects.filter(pk__in={one.user.pk for one in principals}).values_list(
            "pk", *_PERSON
        )
    }
    keys = _present(
        ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), revoked_at=None),
        "pk",
        {one.api_key.pk for one in principals if one.api_key},
    )
    sessions = {one.proof for one in principals if one.via == "session"}
    there = Session.objects.filter(expire_date__gt=clock.now())
    sessions = _present(there, "session_key", sessions) & _present(
        BrowserSession.objects.all(), "session_key", sessions
    )
    families = _present(
        TokenFamily.objects.filter(ended_at=None),
        "public_id",
        {one.proof for one in principals if one.via == "jwt"},
    )
    pairs_by_access: dict[Access, set[tuple[int, Any]]] = defaultdict(set)
    for connection in everything:
        pairs_by_access[connection.access].add((connection.principal.user.pk, connection.thing))
    pairs_by_access = {access: access(pairs) for access, pairs in pairs_by_access.items()}

    def holds(connection: OpenConnection) -> bool:
        one = connection.principal
        if people.get(one.user.pk) != tuple(getattr(one.user, name) for name in _PERSON):
            return False
        if one.expires_at is not None and one.expires_at <= clock.now():
            return False
        if one.api_key is not None:
            is_proven = one.api_key.pk in keys
        else:
            is_proven = one.proof in (sessions if one.via == "session" else families)
        return is_proven and (one.user.pk, connection.thing) in pairs_by_access[connection.access]

    return [
        connection
        for connection in everything
        if now_s - connection.checked_at >= ALWAYS_AFTER_S or not holds(connection)
    ]


# What a person's credentials depend on.
_PERSON = ("is_active", "password", "session_epoch", "suspended_until", "is_staff")


def _present(rows: Any, name: str, values: Collection[Any]) -> set[Any]:
    if not values:
        return set()
    return set(rows.filter(**{f"{name}__in": values}).values_list(name, flat=True))


# Of this process: it has one event loop.
recheck = per_loop(Recheck)
