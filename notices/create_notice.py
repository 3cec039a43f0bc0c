"""Writing a notice: in the transaction of what it tells, so that neither is there alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from accounts import blocks
from accounts.models import MailAddress, User
from core import clock
from notices import hints, mailing
from notices.models import Choice, Mail, Notice
from notices.notice_types import KINDS

TEXT_LENGTH: Final = 300
# Older ones are deleted, read or not.
KEPT_FOR: Final = timedelta(days=90)
# How many rows `forget_old` looks at in one turn, and how long it then waits, in seconds.
AT_ONCE: Final = 500
_BY: Final = ":by:"
PAUSE_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways someone hears of one kind."""

    in_page: bool
    in_browser: bool
    by_mail: bool


def tell(
    person_id: int,
    kind: str,
    *,
    about: str,
    text: str,
    url: str,
    by: User | None = None,
    counts: bool = False,
) -> None:
    """Note that a person should hear of this, in the ways they chose. Harmless to repeat.

    about: names the fact, at most 150 characters. text: one sentence, without anything that the
    person may lose the right to see but names. url: a path of this server, which checks their right
    again. by: who did it; goes with their account, as the text names them, and a person who has
    blocked or muted them, or whom they have blocked, is told nothing. counts: the text says how
    many did so since the person read of it, so this takes the place of what is unread of the kind
    at this url, and is mailed once a day at most.
    """
    if by is not None and blocks.wants_no_notice(person_id, by):
        return
    ways = ways_of(person_id, kind)
    if by is not None:
        about = f"{about}{_mark_of(by)}"
    text = text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"
    if ways.in_page or ways.in_browser:
        if counts:
            mine = Notice.objects.filter(person=person_id)
            if mine.filter(about=about, read_at__isnull=False).exists():
                return
            mine.filter(kind=kind, url=url, read_at=None).delete()
        Notice.objects.bulk_create(
            [
                Notice(
                    person_id=person_id,
                    kind=kind,
                    about=about,
                    text=text,
                    url=url,
                    in_page=ways.in_page,
                    in_browser=ways.in_browser,
                )
            ],
            ignore_conflicts=True,
        )
        hints.moved(person_id)
    if ways.by_mail:
        if counts:
            today = f"{kind}:{url}:{clock.now():%Y-%m-%d}"
            mails = Mail.objects.filter(person=person_id, key__startswith=f"{person_id}:{today}")
            if mails.exists():
                return
            about = f"{today}{_mark_of(by) if by else ''}"
        mailing.queue_notice(person_id, kind, about=about, text=text, url=url)


def take_back(person_id: int, about: str) -> None:
    """Delete notices whose reason no longer holds, such as a withdrawn offer, and their unsent
    mail."""
    key = f"{person_id}:{about}"
    Mail.objects.filter(
        Q(key=key) | Q(key__startswith=f"{key}{_BY}"), person=person_id, sent_at=None
    ).delete()
    which = Q(about=about) | Q(about__startswith=f"{about}{_BY}")
    if Notice.objects.filter(which, person=person_id).delete()[0]:
        hints.moved(person_id)


def tell_of_another(
    person_id: int,
    kind: str,
    *,
    about: str,
    did: str,
    name: str,
    url: str,
    by: User,
    others: Callable[[datetime], int],
) -> None:
    """Tell of one more person who did the same with what is this person's; `tell` with `counts`.

    did: "liked", or what else they did with the thing called name. others: how many more did so
    since the moment up to which they have read.
    """
    count = others(_read_since(person_id, kind, url))
    who = f"{by.shown_name} and {count} other{'s' if count > 1 else ''}" if count else by.shown_name
    text = f"{who} {did} “{name}”."
    tell(person_id, kind, about=about, text=text, url=url, by=by, counts=True)


def _read_since(person_id: int, kind: str, url: str) -> datetime:
    """Until when a person has read of such facts at this address, else KEPT_FOR ago."""
    latest = (
        Notice.objects.filter(person=person_id, kind=kind, url=url, read_at__isnull=False)
        .order_by("-id")
        .values_list("created_at", flat=True)
        .first()
    )
    return latest or clock.now() - KEPT_FOR


def mark_read(person: User, *, up_to: int | None = None, ids: Iterable[int] = ()) -> None:
    """Mark those with these ids as read, and all up to one."""
    which = Q(pk__in=list(ids))
    if up_to is not None:
        which |= Q(pk__lte=up_to)
    unread = Notice.objects.filter(which, person=person, read_at=None)
    if unread.update(read_at=clock.now()):
        hints.moved(person.pk)


def tell_operators(*, about: str, text: str, url: str) -> None:
    """Tell everyone who administers the server, as `tell`."""
    for person in User.objects.filter(is_staff=True, is_active=True).values_list("id", flat=True):
        tell(person, "server", about=about, text=text, url=url)


def forget_old() -> float:
    """Delete some of what is older than KEPT_FOR; for `runs.engine.periodic`.

    Returns in how many seconds to ask again.
    """
    # By id, which has an index and grows with time.
    oldest = Notice.objects.order_by("id").values_list("id", "created_at")[:AT_ONCE]
    long_ago = clock.now() - KEPT_FOR
    old_ids = [pk for pk, created_at in oldest if created_at < long_ago]
    Notice.objects.filter(pk__in=old_ids).delete()
    return 0 if len(old_ids) == AT_ONCE else PAUSE_S


def forget_person(person: User) -> None:
    """Their account is gone: what they were told, and what others were told that names them."""
    for rows in (Notice.objects, Choice.objects, Mail.objects, MailAddress.objects):
        rows.filter(person=person).delete()
    Notice.objects.filter(about__endswith=_mark_of(person)).delete()
    Mail.objects.filter(key__endswith=_mark_of(person)).delete()


def _mark_of(person: User) -> str:
    """The end of the `about` of what a person did, by which it is found."""
    return f"{_BY}{person.pk}"


def ways_of(person_id: int, kind: str) -> Ways:
    """Return the ways that the person chose, else those that `kinds` says."""
    usual = KINDS[kind]
    chosen = Choice.objects.filter(person_id=person_id, kind=kind).first() or usual
    return Ways(chosen.in_page, chosen.in_browser, chosen.by_mail)


def all_ways(person: User) -> dict[str, Ways]:
    """Kind → how this person hears of it, every kind named."""
    chosen = {row.kind: row for row in Choice.objects.filter(person=person)}
    ways = {}
    for key, usual in KINDS.items():
        row = chosen.get(key, usual)
        ways[key] = Ways(row.in_page, row.in_browser, row.by_mail)
    return ways


def choose(person: User, kind: str, ways: Ways) -> None:
    """Have a person hear of a kind so from now on."""
    Choice.objects.update_or_create(
        person=person,
        kind=kind,
        defaults={
            "in_page": ways.in_page,
            "in_browser": ways.in_browser,
            "by_mail": ways.by_mail,
        },
    )
