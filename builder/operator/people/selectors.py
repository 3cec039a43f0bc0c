"""Finding people, for operators. Callers have checked that the person is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts import names, person_limits, services, storage
from accounts.models import BrowserSession, LedgerEntry, StorageUse, User
from core import clock, errors
from core.paging import Page, next_offset

PAGE: Final = 50
SEARCH_LENGTH: Final = 254
# Without a sign-in for so long, someone is in the filter of that name.
AWAY: Final = timedelta(days=90)
# Credit counts as used lately for so long.
LATELY: Final = timedelta(days=30)
# Word in the address → what the filter is called.
FILTERS: Final[Mapping[str, str]] = {
    "": "All",
    "staff": "Staff",
    "suspended": "Suspended",
    "deactivated": "Deactivated",
    "over": "Over quota",
    "away": f"No sign-in for {AWAY.days} days",
}
SORTS: Final[Mapping[str, str]] = {
    "": "Newest",
    "seen": "Last seen",
    "credits": f"Credits used in {LATELY.days} days",
    "storage": "Storage used",
}


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person in the list. used_milli: thousandths of a unit of credit in LATELY."""

    person: User
    seen_at: datetime | None
    used_milli: int
    stored: str


def list_people(
    *, search: str, show: str, sort: str, page: Page
) -> tuple[Sequence[ListedPerson], int | None]:
    """A page of people, and the offset of the next one or None.

    search: of a username, display name, email address or id. show: a word of FILTERS. sort: one of
    SORTS. Nothing is counted in full: each page reads its own rows and one more.
    """
    found = _sorted(_filtered(_searched(people(), search), show), sort)
    rows = list(found[page.window])
    shown = rows[: page.limit]
    ids = [person.pk for person in shown]
    seen = dict(_latest(BrowserSession.objects.filter(user__in=ids)))
    spent = dict(_summed(_spent().filter(user__in=ids)))
    stored = dict(
        StorageUse.objects.filter(owner__in=ids).values_list("owner").annotate(sum=Sum("bytes"))
    )
    listed = [
        ListedPerson(
            person,
            max(filter(None, (seen.get(person.pk), person.last_login)), default=None),
            max(-spent.get(person.pk, 0), 0),
            storage.readable(size) if (size := stored.get(person.pk, 0)) > 0 else "",
        )
        for person in shown
    ]
    return listed, next_offset(page, len(rows) > page.limit)


def people() -> QuerySet[User]:
    """Everyone with an account: neither the server's own nor what is left of a deleted one."""
    return User.objects.exclude(username=services.SYSTEM).exclude(
        is_active=False, display_name=names.DELETED, username__startswith="deleted-"
    )


def person_of(public_id: str) -> User:
    """Raises NotFound."""
    found = None if "\x00" in public_id else people().filter(public_id=public_id).first()
    if found is None:
        raise errors.NotFound("There is no such person, or the account was deleted.")
    return found


def _searched(rows: QuerySet[User], search: str) -> QuerySet[User]:
    search = search.replace("\x00", "").strip()[:SEARCH_LENGTH]
    if not search:
        return rows
    # A confirmed address is also the person's `email`.
    return rows.filter(
        Q(public_id=search)
        | Q(username__icontains=search)
        | Q(display_name__icontains=search)
        | Q(email__icontains=search)
    )


def _filtered(rows: QuerySet[User], show: str) -> QuerySet[User]:
    now = clock.now()
    if show == "staff":
        return rows.filter(is_staff=True)
    if show == "suspended":
        return rows.filter(suspended_until__gt=now)
    if show == "deactivated":
        return rows.filter(is_active=False)
    if show == "over":
        usual = person_limits.usual_limits().storage_bytes
        return rows.annotate(
            stored=_stored(), most=Coalesce(F("limits__storage_bytes"), usual)
        ).filter(stored__gt=F("most"))
    if show == "away":
        return rows.filter(
            Q(last_login__lt=now - AWAY) | Q(last_login=None, date_joined__lt=now - AWAY)
        )
    return rows


def _sorted(rows: QuerySet[User], sort: str) -> QuerySet[User]:
    if sort == "seen":
        seen = BrowserSession.objects.filter(user=OuterRef("pk")).order_by().values("user")
        seen_at = Subquery(seen.values_list(Max("seen_at")))
        rows = rows.annotate(at=Coalesce(seen_at, "last_login"))
        return rows.order_by(F("at").desc(nulls_last=True), "-pk")
    if sort == "credits":
        spent = _spent().filter(user=OuterRef("pk")).order_by().values("user")
        rows = rows.annotate(spent=Subquery(spent.values_list(Sum("milli"))))
        # What was used is below zero.
        return rows.order_by(F("spent").asc(nulls_last=True), "-pk")
    if sort == "storage":
        return rows.annotate(size=_stored()).order_by(F("size").desc(nulls_last=True), "-pk")
    return rows.order_by("-pk")


def _stored() -> Subquery:
    rows = StorageUse.objects.filter(owner=OuterRef("pk")).order_by().values("owner")
    return Subquery(rows.values_list(Sum("bytes")))


def _spent() -> QuerySet[LedgerEntry]:
    """Credit used lately: everything but grants."""
    return LedgerEntry.objects.filter(created_at__gte=clock.now() - LATELY).exclude(kind="grant")


def _summed(rows: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry, tuple[int, int]]:
    return rows.order_by().values_list("user").annotate(sum=Sum("milli"))


def _latest(rows: QuerySet[BrowserSession]) -> QuerySet[BrowserSession, tuple[int, datetime]]:
    return rows.order_by().values_list("user").annotate(at=Max("seen_at"))
