"""One decision about several cases: each is decided apart, and none is half decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.shared.page_requests import person_of
from builder.staff.moderation.decision_form import DONE
from builder.staff.moderation.requests import frame, kept, moderators_only, whole
from core import errors
from moderation import case_queue, reasons, services, subjects
from moderation.case_changes import read_note
from moderation.case_queue import CaseRow, QueueFilter
from moderation.decision_measures import Measures
from moderation.models import (
    DISMISS,
    HIDE,
    NOTE_LENGTH,
    RESTORE,
    TAKE_DOWN,
    WARN,
    Case,
)
from moderation.services import ACTIONS_OF

# Each is a transaction of its own, and all are one request.
MOST: Final = 100
# Dismisses what is visible and restores what is hidden.
KEEP: Final = "keep"
CHOICES: Final = {
    KEEP: ("Dismiss or restore", "Stays public, or is public again. Reporters are told."),
    HIDE: ("Hide", "Only the author can see and fix it."),
    TAKE_DOWN: ("Take down", "No one can see it or its media."),
    WARN: ("Warn", "They read why."),
}


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one case. decided: how, or "" where it was refused. problem: why."""

    row: CaseRow
    decided: str = ""
    problem: str = ""


@moderators_only
@require_safe
def chosen(request: HttpRequest) -> HttpResponse:
    """The cases that were checked, and the form that decides about all of them."""
    rows = _rows(_versions(request.GET))
    if not rows:
        return redirect("moderation")
    return _form(request, rows)


@moderators_only
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Decide about each of them; what was done, and what was not, by name."""
    rows = _rows(_versions(request.POST))
    fields = {
        name: request.POST.get(name, "").replace("\x00", "")
        for name in ("action", "reason", "note", "message", "strike")
    }
    try:
        _check(fields)
    except errors.InvalidInput as problem:
        return _form(request, rows, sent=fields, problem=problem.message, status=problem.status)
    results = [_decide(person_of(request), row, version, fields) for row, version in rows]
    context = {
        **frame("cases"),
        "done": [one for one in results if one.decided],
        "refused": [one for one in results if not one.decided],
        "kept": kept(QueueFilter.read(request.GET)),
    }
    return render(request, "moderation/pages/bulk_done.html", context)


def _decide(actor: User, row: CaseRow, version: int, fields: Mapping[str, str]) -> Result:
    action = fields["action"]
    if action == KEEP:
        action = RESTORE if row.is_hidden else DISMISS
    try:
        if row.subject is None:
            raise services.IllegalDecision(f"This {row.noun} was deleted for good. Close the case.")
        if action not in ACTIONS_OF[row.case.subject_kind]:
            title = CHOICES[fields["action"]][0]
            raise services.IllegalDecision(f"“{title}” isn't a decision about a {row.noun}.")
        services.decide(
            actor=actor,
            case=row.case,
            version=version,
            action=action,
            reason=fields["reason"],
            note=fields["note"],
            message=fields["message"],
            measures=Measures(strike=bool(fields["strike"])),
        )
    except services.AlreadyDecided as stale:
        latest = stale.latest
        how = DONE.get(latest.action, latest.action).lower() if latest else "reopened"
        who = latest.actor.username if latest else "Someone"
        return Result(row, problem=f"{who} decided it first: {how}.")
    except (errors.Forbidden, errors.InvalidInput, errors.Conflict) as refused:
        return Result(row, problem=refused.message)
    return Result(row, decided=DONE[action])


def _check(fields: Mapping[str, str]) -> None:
    """Raise InvalidInput for what is wrong for every case alike, before the first is decided."""
    if fields["action"] not in CHOICES:
        raise errors.InvalidInput("Choose a decision.")
    reasons.read(fields["reason"])
    read_note(fields["note"], "note", "Note")
    read_note(fields["message"], "message", "Message")
    if fields["strike"] and fields["action"] == KEEP:
        raise errors.InvalidInput("Strike: only with a decision that finds a problem.")


def _versions(form: QueryDict) -> dict[int, int]:
    """Case → the version of it that was shown, from `case=12:3`."""
    pairs = (text.partition(":") for text in form.getlist("case")[:MOST])
    versions = {whole(number): whole(version) for number, _, version in pairs}
    versions.pop(0, None)
    return versions


def _rows(versions: Mapping[int, int]) -> list[tuple[CaseRow, int]]:
    cases = Case.objects.in_bulk(list(versions))
    in_order = [cases[pk] for pk in versions if pk in cases]
    rows = case_queue.rows_of(in_order)
    return [(row, versions[row.case.pk]) for row in rows]


def _form(
    request: HttpRequest,
    rows: Sequence[tuple[CaseRow, int]],
    *,
    sent: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    kinds = {row.case.subject_kind for row, _ in rows}
    fitting = {action for kind in kinds for action in ACTIONS_OF[kind]}
    viewer = person_of(request)
    context: dict[str, Any] = {
        **frame("cases"),
        "rows": [(row, version, _hint(row, viewer)) for row, version in rows],
        "choices": [
            (action, title, hint, key)
            for key, (action, (title, hint)) in enumerate(
                (one for one in CHOICES.items() if one[0] == KEEP or one[0] in fitting), 1
            )
        ],
        "sent": sent or {},
        "problem": problem,
        "reasons": list(reasons.REASONS.values()),
        "kept": kept(QueueFilter.read(request.GET)),
        "note_length": NOTE_LENGTH,
    }
    return render(request, "moderation/pages/bulk.html", context, status=status)


def _hint(row: CaseRow, viewer: User) -> str:
    """Return why a case will be refused, where that shows before; else ""."""
    if row.subject is not None and row.subject.owner_id == viewer.pk:
        return f"your own {subjects.KINDS[row.case.subject_kind].noun}"
    if row.holder is not None and row.holder.pk != viewer.pk:
        return f"{row.holder.username} is working on it"
    return "you asked for a second opinion" if row.case.opinion_asked_by_id == viewer.pk else ""
