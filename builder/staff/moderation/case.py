"""The pages of a case: what it is about, the decision, and who works on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.shared.page_requests import person_of
from builder.staff.moderation.decision_form import DONE, form_context, read_form, read_measures
from builder.staff.moderation.requests import (
    case_of,
    frame,
    kept,
    moderators_only,
    queue_context,
    undo_address,
    version_of,
    whole,
)
from core import errors
from moderation import (
    case_queue,
    case_words,
    case_work,
    evidence_access,
    lineage,
    person_history,
    selectors,
    services,
    subjects,
)
from moderation.case_queue import QueueFilter
from moderation.models import COMMENT, MEDIA, NOTE_LENGTH, TEMPLATE, USER, Case, Decision

# What a moderator does about something that is deleted for good.
CLOSE = "close"
REFUSED = (errors.InvalidInput, services.IllegalDecision, errors.Forbidden, case_work.CaseTaken)


@moderators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, beside the case that is first in it."""
    queue_filter = QueueFilter.read(request.GET)
    context = queue_context(request, queue_filter)
    if context["rows"]:
        context |= _case_context(context["rows"][0].case, queue_filter, person_of(request), context)
    else:
        context["last_decided_at"] = case_queue.last_decided_at()
    return render(request, "moderation/pages/queue.html", context)


@moderators_only
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case, beside the queue it was opened from."""
    return _case_page(request, case_of(case_id))


@moderators_only
@require_POST
def look(request: HttpRequest, case_id: int) -> HttpResponse:
    """The same page with its media, after the look is in the log."""
    case = case_of(case_id)
    entry = case_work.log_evidence_access(actor=person_of(request), case=case)
    media = [
        {"kind": blob.kind, "url": evidence_access.path_of(entry, blob)}
        for blob in evidence_access.media_of_entry(entry)
    ]
    return _case_page(request, case, media=media, is_looking=True)


@moderators_only
@require_POST
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Make the decision a form holds, then go on to the next case."""
    case, fields = case_of(case_id), read_form(request.POST)
    try:
        if fields["action"] == CLOSE:
            version = version_of(request, case)
            services.close_gone(actor=person_of(request), case=case, version=version)
            messages.success(request, "Closed.")
            return redirect(_next_address(request, case))
        decision = services.decide(
            actor=person_of(request),
            case=case,
            version=version_of(request, case),
            action=fields["action"],
            reason=fields["reason"],
            note=fields["note"],
            message=fields["message"],
            measures=read_measures(fields),
        )
    except services.AlreadyDecided as stale:
        return _stale(request, case, stale, fields)
    except REFUSED as problem:
        return _refusal_page(request, case, problem, fields)
    undoing = undo_address(decision, QueueFilter.read(request.GET))
    messages.success(request, f"{DONE[decision.action]}.", extra_tags=undoing)
    return redirect(_next_address(request, case))


@moderators_only
@require_POST
def undo(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take the latest decision back and show the case as it is again. The address says for which
    version of the case it was made, so that a toast can hold it."""
    case = case_of(case_id)
    try:
        decision = selectors.undoable(case)
        if decision is None:
            raise services.IllegalDecision("No decision to undo.")
        services.undo(
            actor=person_of(request),
            decision=decision,
            version=whole(request.GET.get("version", "")),
            note=request.POST.get("note", ""),
        )
    except services.AlreadyDecided as stale:
        return _stale(request, case, stale)
    except REFUSED as problem:
        return _refusal_page(request, case, problem)
    messages.success(request, "Undone.")
    return _back_to(request, case)


@moderators_only
@require_POST
def claim(request: HttpRequest, case_id: int) -> HttpResponse:
    """Work on a case, take it over from another moderator, or release it."""
    case, do = case_of(case_id), request.POST.get("do", "")
    actor, fields = person_of(request), read_form(request.POST)
    try:
        if do == "release":
            case_work.release(actor=actor, case=case)
        else:
            case_work.claim(actor=actor, case=case, takes_over=do == "take_over")
    except REFUSED as problem:
        return _refusal_page(request, case_of(case_id), problem, fields)
    if any(fields.values()):
        # A decision was typed before the case was free: its words stay.
        return _case_page(request, case_of(case_id), sent=fields)
    return _back_to(request, case)


@moderators_only
@require_POST
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write to the other moderators, ask one of them to decide, or take that back."""
    case, do = case_of(case_id), request.POST.get("do", "")
    actor, text = person_of(request), request.POST.get("note", "")
    try:
        if do == "ask":
            case_work.ask_opinion(actor=actor, case=case, text=text)
        elif do == "withdraw":
            case_work.withdraw_opinion(actor=actor, case=case)
        else:
            case_work.add_note(actor=actor, case=case, text=text)
    except REFUSED as problem:
        shown_text = text.replace("\x00", "")
        status = problem.status
        return _case_page(
            request, case, status=status, note_problem=problem.message, note_typed=shown_text
        )
    return _back_to(request, case)


@moderators_only
@require_POST
def open_case(request: HttpRequest) -> HttpResponse:
    """Open a case about what a form names, or find the one that is open."""
    kind, name = request.POST.get("kind", ""), request.POST.get("id", "").replace("\x00", "")
    subject = subjects.named(kind, name)
    if subject is None:
        raise errors.NotFound
    new_case = case_work.open_case(actor=person_of(request), kind=kind, key=subject.key)
    return redirect("moderation-case", case_id=new_case.pk)


def _back_to(request: HttpRequest, case: Case) -> HttpResponse:
    address = reverse("moderation-case", args=[case.pk])
    return redirect(address + kept(QueueFilter.read(request.GET)))


def _refusal_page(
    request: HttpRequest,
    case: Case,
    problem: errors.AppError,
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page again, saying why, with what was typed."""
    # Who tried to decide is at work on it.
    case_work.renew(actor=person_of(request), case=case)
    texts = {name: text.replace("\x00", "") for name, text in (fields or {}).items()}
    more = {"problem": problem.message, **({"sent": texts} if texts else {})}
    return _case_page(request, case, status=problem.status, **more)


def _case_page(request: HttpRequest, case: Case, *, status: int = 200, **more: Any) -> HttpResponse:
    queue_filter = QueueFilter.read(request.GET)
    context = queue_context(request, queue_filter)
    context |= _case_context(case, queue_filter, person_of(request), context, more.get("sent"))
    return render(request, "moderation/pages/case.html", context | more, status=status)


def _case_context(
    case: Case,
    queue_filter: QueueFilter,
    viewer: User,
    beside: Mapping[str, Any],
    fields: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """beside: the context of the queue beside it, which may know its row and the way on."""
    subject = subjects.subject_of(case)
    version = selectors.reported_version(case, subject)
    before, after = _ways(queue_filter, case, viewer, beside["around"])
    listed_here = [row for row in beside["rows"] if row.case == case]
    [row] = listed_here or case_queue.rows_of([case])
    kind = subject.kind if subject else ""
    reports = selectors.reports_of(case)
    reason = (fields or {}).get("reason") or selectors.heaviest_reason(reports)
    words = case_words.of_subject(subject, version)
    now = subject.name if subject is not None and kind == USER else words.text
    return {
        "case": case,
        "row": row,
        "subject": subject,
        "version": version,
        "name": version.spec["name"] if version else _heading(subject, row.name),
        "reports": reports,
        "reporters": row.reports,
        # What it said when it was reported, where its author wrote something else since.
        "earlier": [] if subject is None else case_words.earlier_texts(reports, now),
        "told": words,
        "has_media": bool(case_words.media_of(subject, version)),
        "lineage": lineage.lineage_of(subject.row) if subject and kind == TEMPLATE else None,
        "shown_in": case_words.shown_in(subject.row) if subject and kind == MEDIA else None,
        "person": person_history.in_short(subject.row, besides=case)
        if subject and kind == USER
        else None,
        "notes": selectors.notes_of(case),
        "history": selectors.history_of(case),
        "appeals": selectors.appeals_of(case),
        "undoable": selectors.undoable(case),
        "previous": before,
        "following": after,
        "note_length": NOTE_LENGTH,
        "viewer": viewer,
        **form_context(case, subject, viewer, reason, fields),
    }


def _ways(
    queue_filter: QueueFilter, case: Case, viewer: User, around: Sequence[int | None]
) -> tuple[int | None, int | None]:
    """The cases before and after this one: as listed beside it, or by the queue's order."""
    place = around.index(case.pk) if case.pk in around else 0
    if 0 < place < len(around) - 1:
        return around[place - 1], around[place + 1]
    return case_queue.neighbors(queue_filter, case, viewer)


def _heading(subject: subjects.Subject | None, name: str) -> str:
    if subject is not None and subject.kind == COMMENT and subject.row.share is not None:
        return f"Comment on “{subject.row.share.title}”"
    return name


def _stale(
    request: HttpRequest,
    case: Case,
    stale: services.AlreadyDecided,
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    latest: Decision | None = stale.latest
    context = {
        **frame("cases"),
        "case": case,
        "latest": latest,
        "done": DONE.get(latest.action, latest.action) if latest else "",
        "sent": fields or {},
        "kept": kept(QueueFilter.read(request.GET)),
    }
    return render(request, "moderation/pages/stale.html", context, status=stale.status)


def _next_address(request: HttpRequest, case: Case) -> str:
    queue_filter = QueueFilter.read(request.GET)
    following = whole(request.POST.get("next", ""))
    # A case that someone else has decided since is no longer next.
    waiting = case_queue.queue(queue_filter, person_of(request)).filter(pk=following)
    if waiting.exclude(pk=case.pk).exists():
        return reverse("moderation-case", args=[following]) + kept(queue_filter)
    return reverse("moderation") + kept(queue_filter)
