"""Notices to those whom a decision concerns: the author, and who reported.

The one place that writes them; `notices` is what pages say of how things are.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from accounts.names import SYSTEM
from moderation.models import (
    COMMENT,
    LIFT,
    MEDIA,
    SHARE,
    TEMPLATE,
    USER,
    WARN,
    Decision,
    Effect,
    Report,
)
from moderation.subjects import KINDS, Subject
from notices import create_notice

_NOW = {
    "visible": "“{name}” is visible again.",
    "quarantined": "“{name}” is hidden.",
    "removed": "“{name}” was taken down.",
}


def tell_author(decision: Decision, subject: Subject, *, before: str) -> None:
    """Tell the author, unless neither the subject nor they changed. before: the subject's state."""
    # What is taken back is told on the page of the decision that it was.
    first = decision.reverses or decision
    touches_author = first.action in (WARN, LIFT) or first.sanctions.exists()
    if subject.moderation != before or touches_author:
        says_why = subject.kind in (TEMPLATE, SHARE) and not touches_author
        create_notice.tell(
            subject.owner.pk,
            "moderation",
            about=f"decision:{decision.pk}",
            text=_text(decision, subject),
            url=subject.own_page if says_why else page_of(first.pk),
        )


def page_of(decision_id: int) -> str:
    """Return where people a decision concerns read about it."""
    return f"/me/decisions/{decision_id}"


def tell_owners(decision: Decision, effects: Sequence[Effect], *, besides: User) -> None:
    """Tell the owners of what else a decision changed: each once, however many are theirs.

    besides: the owner of its subject, who hears of that.
    """
    for person, things in _by_owner(effects, besides).items():
        create_notice.tell(
            person,
            "moderation",
            about=f"decision:{decision.pk}",
            text=_sentence(things, _NOW[effects[0].after]),
            url=page_of(decision.pk),
        )


def tell_reverted(
    taken_back: Decision, subjects: Sequence[Subject], *, besides: User | None
) -> None:
    """Tell the owners of what a decision had changed beside its subject that it is back."""
    by_owner: dict[int, list[str]] = {}
    for one in subjects:
        if besides is None or one.owner.pk != besides.pk:
            by_owner.setdefault(one.owner.pk, []).append(one.name)
    for person, names in sorted(by_owner.items()):
        create_notice.tell(
            person,
            "moderation",
            about=f"decision:{taken_back.pk}",
            text=_sentence(names, _NOW["visible"]),
            url=page_of(taken_back.reverses_id or taken_back.pk),
        )


def _by_owner(effects: Sequence[Effect], besides: User) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for kind in (TEMPLATE, SHARE):
        keys = [int(one.subject_id) for one in effects if one.subject_kind == kind]
        rows = KINDS[kind].rows().filter(pk__in=keys).exclude(owner=besides)
        for row in rows.order_by("owner_id", "pk"):
            names.setdefault(row.owner_id, []).append(KINDS[kind].name(row))
    return names


def _sentence(names: Sequence[str], one: str) -> str:
    """`one`, or how many more. Not str.format: names are foreign text."""
    if len(names) == 1:
        return one.replace("{name}", names[0])
    more = len(names) - 1
    several = one.replace(" is ", " are ").replace(" was ", " were ")
    return several.replace("“{name}”", f"“{names[0]}” and {more} more of yours")


def _text(decision: Decision, subject: Subject) -> str:
    """Say how it is now. The page it leads to says why, but of a comment, which has none."""
    if decision.reverses is not None and subject.kind in (USER, MEDIA):
        return f"A decision about {'you' if subject.kind == USER else 'a file'} was undone."
    if subject.kind in (USER, MEDIA):
        return decision.message
    # Not str.format: the name is foreign text.
    now = _NOW[subject.moderation].replace("{name}", subject.name)
    if not decision.message or (subject.kind != COMMENT and not decision.sanctions.exists()):
        return now
    # The usual message names it already.
    is_named = subject.name in decision.message
    return decision.message if is_named else f"{now} {decision.message}"


def tell_reporters(decision: Decision) -> None:
    """Without a name: what its author calls it since is not theirs to see. Guests have no page to
    read it on."""
    reports = Report.objects.filter(answer=decision, reporter__isnull=False)
    reports = reports.exclude(reporter__username=SYSTEM)
    reports = reports.order_by("reporter_id")
    for reporter_id in reports.values_list("reporter_id", flat=True):
        create_notice.tell(
            reporter_id,
            "moderation",
            about=f"answer:{decision.pk}",
            text="A moderator answered your report.",
            url="/me/reports",
        )
