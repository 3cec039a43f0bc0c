"""The form that decides about a case: its choices, and what goes with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict

from accounts.models import User
from accounts.names import SYSTEM
from core import errors
from moderation import case_work, decision_scope, moderators, notifications, reasons, sanctions
from moderation.decision_measures import Measures
from moderation.models import (
    COMMENT,
    DISMISS,
    HIDE,
    LIFT,
    MEDIA,
    OPEN,
    RESTORE,
    STRIKE,
    SUSPENSION,
    TAKE_DOWN,
    UPHELD,
    USER,
    WARN,
    Case,
)
from moderation.services import MOVES
from moderation.subjects import Subject

# Button, what it means, and whether the author reads about it.
CHOICES: Final = {
    DISMISS: ("Dismiss", "Stays public. Reporters are told.", False),
    RESTORE: ("Restore", "Public again.", True),
    HIDE: ("Hide", "Only the author can see and fix it.", True),
    TAKE_DOWN: ("Take down", "No one can see it or its media.", True),
    WARN: ("Warn", "They read why, with a strike or suspension if you add one.", True),
    LIFT: ("Lift the suspension", "They can act again at once.", True),
}
# Where a kind needs other words.
_HINTS: Final = {
    (DISMISS, USER): "Nothing changes. Reporters are told.",
    (HIDE, COMMENT): "No one can read it, with its replies.",
    (TAKE_DOWN, COMMENT): "The same, for what breaks the law.",
    (TAKE_DOWN, MEDIA): "No one can see it or upload it again.",
    (RESTORE, MEDIA): "It can be seen and uploaded again.",
}
DONE: Final = {
    DISMISS: "Dismissed",
    RESTORE: "Restored",
    HIDE: "Hidden",
    TAKE_DOWN: "Taken down",
    WARN: "Warned",
    LIFT: "Suspension lifted",
    "auto_hide": "Hidden automatically",
    "undo": "Undone",
    "overturn": "Overturned",
}
FIELDS: Final = (
    "action",
    "reason",
    "note",
    "message",
    "strike",
    "suspend_days",
    "remixes",
    "holders",
    "same_media",
)


def read_form(form: QueryDict) -> dict[str, str]:
    """Return the values of a form, as they were typed."""
    return {name: form.get(name, "") for name in FIELDS}


def read_measures(fields: Mapping[str, str]) -> Measures:
    """Read the measures that go with the decision. Raises InvalidInput."""
    return Measures(
        strike=bool(fields["strike"]),
        suspend_days=_read_days(fields["suspend_days"]),
        remixes=bool(fields["remixes"]),
        holders=bool(fields["holders"]),
        same_media=bool(fields["same_media"]),
    )


def form_context(
    case: Case, subject: Subject | None, viewer: User, reason: str, fields: Mapping[str, str] | None
) -> dict[str, Any]:
    """Build the context of the form. fields: the values of a refused one."""
    if subject is None:
        return {"choices": [], "lock": ""}
    holder = case_work.claimed_by(case)
    lock = ""
    if subject.owner.pk == viewer.pk:
        lock = "own"
    elif case.opinion_asked_by_id == viewer.pk:
        lock = "asked"
    elif holder is not None and holder.pk != viewer.pk:
        lock = "taken"
    reach = decision_scope.count(case, subject)
    return {
        "choices": _choices(subject, reason, reach.files),
        "chosen": (fields or {}).get("action", ""),
        "chosen_reason": reason,
        "lock": lock,
        "holder": holder,
        "can_claim": case.state == OPEN and lock in ("", "taken"),
        "reach": reach,
        "measures": _person_measures(subject),
        "others": _others(case, subject) if case.opinion_asked_by_id == viewer.pk else [],
    }


def _choices(subject: Subject, reason: str, files: int) -> list[dict[str, Any]]:
    """The decisions that fit how the subject is, with the key of each. files: how many taking it
    down would block."""
    choices = []
    for key, action in enumerate(_fitting(subject), 1):
        title, hint, tells = CHOICES[action]
        if action == HIDE and subject.moderation == "quarantined":
            title = "Keep hidden"
        hint = _HINTS.get((action, subject.kind), hint)
        if action == TAKE_DOWN and subject.kind == MEDIA:
            title = "Block"
            if files > 1:
                hint = (
                    f"Blocks {files} files: its copies and posters too. No one can see them or"
                    " upload them again."
                )
        letters = {
            code: notifications.author_message(action, subject.name, code, subject.noun)
            for code in reasons.REASONS
        }
        choices.append(
            {
                "action": action,
                "title": title,
                "hint": hint,
                "upholds": MOVES[action].state == UPHELD,
                "key": key,
                # The standard message for each reason; the page fills it in.
                "letters": json.dumps(letters) if tells else "",
                "letter": letters.get(reason, ""),
            }
        )
    return choices


def _fitting(subject: Subject) -> list[str]:
    keep = DISMISS if subject.moderation == "visible" else RESTORE
    if subject.kind == USER:
        is_suspended = sanctions.holding(subject.row, SUSPENSION).exists()
        return [DISMISS, WARN, *([LIFT] if is_suspended else [])]
    return [keep, TAKE_DOWN] if subject.kind == MEDIA else [keep, HIDE, TAKE_DOWN]


def _person_measures(subject: Subject) -> dict[str, Any] | None:
    """Return the measures against its owner; None for the server's account and no one's file."""
    if subject.owner.pk is None or subject.owner.username == SYSTEM:
        return None
    strike = sanctions.holding(subject.owner, STRIKE).count() + 1
    return {
        "exempt": sanctions.EXEMPT if sanctions.is_exempt(subject.owner) else "",
        "strike": strike,
        "of": sanctions.STRIKES_SUSPEND,
        "expires_days": sanctions.STRIKE_LIFE.days,
        "suspends_days": sanctions.STRIKES_SUSPEND_DAYS
        if strike >= sanctions.STRIKES_SUSPEND
        else 0,
        "choices": sanctions.SUSPENSIONS,
    }


def _others(case: Case, subject: Subject) -> list[User]:
    """List who may decide when a second opinion is asked for."""
    not_they = [case.opinion_asked_by_id or 0, subject.owner.pk]
    return list(moderators.all_of_them().exclude(pk__in=not_they))


def _read_days(text: str) -> int:
    """Days of a suspension as a form holds them; 0 where it is empty. Raises InvalidInput."""
    if not text:
        return 0
    if text not in {str(days) for days in sanctions.SUSPENSIONS}:
        lengths = ", ".join(str(days) for days in sanctions.SUSPENSIONS)
        problem = f"Choose how long, in days: one of {lengths}."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": "suspend_days", "message": problem}]}
        )
    return int(text)
