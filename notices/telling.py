"""Writing a notice: in the transaction of what it tells, so that neither is there alone."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from notices import mailing
from notices.kinds import KINDS
from notices.models import Choice, Notice

TEXT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Ways:
    """How someone hears of one kind."""

    in_page: bool
    in_browser: bool
    by_mail: bool


def tell(person_id: int, kind: str, *, about: str, text: str, url: str) -> None:
    """Note that a person should hear of this, in the ways they chose. Harmless to repeat.

    about: names the fact, at most 200 characters. text: one sentence. url: a path of this server.
    """
    ways = ways_of(person_id, kind)
    if not (ways.in_page or ways.in_browser or ways.by_mail):
        return
    text = text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"
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
    if ways.by_mail:
        mailing.queue_notice(person_id, kind, about=about, text=text, url=url)


def ways_of(person_id: int, kind: str) -> Ways:
    """As the person chose, else as `kinds` says."""
    usual = KINDS[kind]
    chosen = Choice.objects.filter(person_id=person_id, kind=kind).first() or usual
    return Ways(chosen.in_page, chosen.in_browser, chosen.by_mail)


def all_ways(person: User) -> dict[str, Ways]:
    """Kind → how this person hears of it, every kind named."""
    chosen = {row.kind: row for row in Choice.objects.filter(person=person)}
    found = {}
    for key, usual in KINDS.items():
        row = chosen.get(key, usual)
        found[key] = Ways(row.in_page, row.in_browser, row.by_mail)
    return found


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
