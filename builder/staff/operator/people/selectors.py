"""Finding people, for operators. Callers have checked that the person is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum

from accounts import names, person_limits, services, storage
from accounts.models import BrowserSession, LedgerEntry, PersonLimits, StorageUse, User
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

_LEFT_OUT: Final = Q(username=services.SYSTEM) | Q(
    is_active=False, display_name=names.DELETED, username__startswith="deleted-"
)


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
    matches = _filter(_search(people(), search), show)
    rows = _page_rows(matches, sort, page, is_all=not show and not search.strip())
    page_rows = rows[: page.limit]
    ids = [person.pk for person in page_rows]
    seen_at = dict(_latest(BrowserSession.objects.filter(user__in=ids)))
    spending = dict(_sums(_spending().filter(user__in=ids)))
    sizes = dict(_stored_bytes(StorageUse.objects.filter(owner__in=ids)))
    entries = [
        ListedPerson(
            person,
            max(filter(None, (seen_at.get(person.pk), person.last_login)), default=None),
            max(-spending.get(person.pk, 0), 0),
            storage.readable(size) if (size := sizes.get(person.pk, 0)) > 0 else "",
        )
        for person in page_rows
    ]
    return entries, next_offset(page, len(rows) > page.limit)


def people() -> QuerySet[User]:
    """Everyone with an account: neither the server's own nor what is left of a deleted one."""
    return User.objects.exclude(_LEFT_OUT)


def person_of(public_id: str) -> User:
    """Raises NotFound."""
    person = None if "\x00" in public_id else people().filter(public_id=public_id).first()
    if person is None:
        raise errors.NotFound("There is no such person, or the account was deleted.")
    return person


def _search(rows: QuerySet[User], search: str) -> QuerySet[User]:
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


def _filter(rows: QuerySet[User], show: str) -> QuerySet[User]:
    now = clock.now()
    if show == "staff":
        return rows.filter(is_staff=True)
    if show == "suspended":
        return rows.filter(suspended_until__gt=now)
    if show == "deactivated":
        return rows.filter(is_active=False)
    if show == "over":
        return _over(rows)
    if show == "away":
        return rows.filter(
            Q(last_login__lt=now - AWAY) | Q(last_login=None, date_joined__lt=now - AWAY)
        )
    return rows


def _page_rows(rows: QuerySet[User], sort: str, page: Page, *, is_all: bool) -> list[User]:
    """The people of a page and one more. is_all: no search and no filter narrow them.

    Sorting by what is summed up elsewhere sums each table once, as a whole, and reads people for
    the rows of the page alone: a sum asked for each person takes several times as long.
    """
    if sort == "seen":
        return _in_order(_by_last_seen(rows, page, is_all=is_all))
    if sort not in _TOTALS:
        return list(rows.order_by("-pk")[page.window])
    whose, sums_of = _TOTALS[sort]
    entries = sums_of()
    # Those few who are left out are looked up faster than all the others.
    mine = {f"{whose}__in": (User.objects.filter(_LEFT_OUT) if is_all else rows).values("pk")}
    with_sum = entries.exclude(**mine) if is_all else entries.filter(**mine)
    others = rows.exclude(pk__in=entries.order_by().values(whose))
    return _in_order(_known_first(with_sum, others, page))


def _in_order(ids: list[int]) -> list[User]:
    people = User.objects.in_bulk(ids)
    return [people[pk] for pk in ids if pk in people]


def _known_first(with_sum: QuerySet[Any], others: QuerySet[User], page: Page) -> list[int]:
    """List the ids of a page and one more: of those with a sum in its order, then those without."""
    ids = [pk for pk, _ in with_sum[page.window]]
    missing = page.limit + 1 - len(ids)
    if missing > 0:
        count = page.offset + len(ids) if ids or not page.offset else with_sum.order_by().count()
        first = max(page.offset - count, 0)
        ids += others.order_by("-pk").values_list("pk", flat=True)[first : first + missing]
    return ids


def _by_last_seen(rows: QuerySet[User], page: Page, *, is_all: bool) -> list[int]:
    """The ids of a page and one more, latest first: by a session or a sign-in, what is later.

    The first so many by the later of the two are among the first so many by either of them, so
    neither list is read further, and nothing is asked for each person.
    """
    end = page.offset + page.limit + 1
    sessions = BrowserSession.objects.all()
    if not is_all:
        # Those who are left out have no session.
        sessions = sessions.filter(user__in=rows.values("pk"))
    by_sign_in = rows.order_by(F("last_login").desc(nulls_last=True), "-pk")
    latest_of: dict[int, datetime | None] = dict(by_sign_in.values_list("pk", "last_login")[:end])
    for pk, at in _latest_sessions(sessions, end).items():
        signed_in_at = latest_of.get(pk)
        latest_of[pk] = at if signed_in_at is None else max(at, signed_in_at)
    newest = sorted(
        latest_of.items(), key=lambda one: (one[1] is not None, one[1] or 0, one[0]), reverse=True
    )
    return [pk for pk, _ in newest[page.offset : end]]


def _latest_sessions(rows: QuerySet[BrowserSession], number: int) -> dict[int, datetime]:
    """Return when this many people, or more, were last seen in a session: the latest of all."""
    # Few have more than two sessions, and the latest rows are found far faster than groups.
    count = 2 * number
    while True:
        latest = list(rows.order_by("-seen_at", "-user").values_list("user", "seen_at")[:count])
        latest_of: dict[int, datetime] = {}
        for pk, at in latest:
            latest_of.setdefault(pk, at)
        if len(latest_of) >= number or len(latest) < count:
            return latest_of
        count *= 4


def _over(rows: QuerySet[User]) -> QuerySet[User]:
    """Select who has more stored than they may: by the usual number, or by one of their own."""
    usual = person_limits.usual_limits().storage_bytes
    sizes = StorageUse.objects.order_by().values("owner").annotate(sum=Sum("bytes"))
    own = PersonLimits.objects.filter(storage_bytes__isnull=False)
    of_them = StorageUse.objects.filter(owner=OuterRef("pk")).order_by().values("owner")
    sums = own.annotate(stored=Subquery(of_them.values_list(Sum("bytes"))))
    is_over = Q(pk__in=sums.filter(stored__gt=F("storage_bytes")).values("pk"))
    if usual is not None:
        over_usual = sizes.filter(sum__gt=usual).values("owner")
        is_over |= Q(pk__in=over_usual) & ~Q(pk__in=own.values("pk"))
    return rows.filter(is_over)


def _by_storage() -> QuerySet[Any]:
    return _stored_bytes(StorageUse.objects.all()).order_by("-sum", "-owner")


def _by_credits() -> QuerySet[Any]:
    # What was used is below zero.
    return _sums(_spending()).order_by("sum", "-user")


def _stored_bytes(rows: QuerySet[StorageUse]) -> QuerySet[Any]:
    return rows.order_by().values_list("owner").annotate(sum=Sum("bytes"))


def _spending() -> QuerySet[LedgerEntry]:
    """Credit used lately: everything but grants."""
    return LedgerEntry.objects.filter(created_at__gte=clock.now() - LATELY).exclude(kind="grant")


def _sums(rows: QuerySet[LedgerEntry]) -> QuerySet[Any, tuple[int, int]]:
    return rows.order_by().values_list("user").annotate(sum=Sum("milli"))


def _latest(rows: QuerySet[BrowserSession]) -> QuerySet[Any, tuple[int, datetime]]:
    return rows.order_by().values_list("user").annotate(at=Max("seen_at"))


# Sort → whose an entry is, and what each person has of it, in the list's order.
_TOTALS: Final[Mapping[str, tuple[str, Callable[[], QuerySet[Any]]]]] = {
    "credits": ("user", _by_credits),
    "storage": ("owner", _by_storage),
}
