"""The moderators' console. Parse, call, render."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.gates import staff_page
from core import errors, server_settings
from core.paging import next_offset, read_page
from moderation import (
    audit_labels,
    case_queue,
    case_words,
    evidence_access,
    lineage,
    notifications,
    picks,
    reasons,
    selectors,
    services,
    subjects,
)
from moderation.models import (
    COMMENT,
    DISMISS,
    HIDE,
    NOTE_LENGTH,
    RESTORE,
    TAKE_DOWN,
    TEMPLATE,
    Case,
    Decision,
)
from moderation.report_pages import signed_in

View = Callable[..., HttpResponse]
# What SQLite and Postgres take as a row's id.
LARGEST_ID = 2**63 - 1
# What a moderator does about something that is deleted for good.
CLOSE = "close"

# Button, what it means, and whether the author reads about it.
CHOICES = {
    DISMISS: ("Dismiss", "Stays public. Reporters are told.", False),
    RESTORE: ("Restore", "Public again.", True),
    HIDE: ("Hide", "Only the author can see and fix it.", True),
    TAKE_DOWN: ("Take down", "No one can see it or its media.", True),
}
DONE = {
    DISMISS: "Dismissed",
    RESTORE: "Restored",
    HIDE: "Hidden",
    TAKE_DOWN: "Taken down",
    "auto_hide": "Hidden automatically",
    "undo": "Undone",
}


moderators_only = staff_page(roles.is_moderator)


@moderators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue, beside the case that is first in it."""
    wanted = case_queue.QueueFilter.read(request.GET)
    context = _queue_context(request, wanted)
    if context["rows"]:
        context |= _case_context(context["rows"][0].case, wanted)
    else:
        context["last_decided_at"] = case_queue.last_decided_at()
    return render(request, "moderation/pages/queue.html", context)


@moderators_only
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case, beside the queue it was opened from."""
    return _case_page(request, _case(case_id))


@moderators_only
@require_POST
def look(request: HttpRequest, case_id: int) -> HttpResponse:
    """The same page with its media, after the look is in the log."""
    found = _case(case_id)
    entry = services.log_evidence_access(actor=signed_in(request), case=found)
    shown = [
        {"kind": blob.kind, "url": evidence_access.path_of(entry, blob)}
        for blob in evidence_access.media_of_entry(entry)
    ]
    return _case_page(request, found, media=shown, is_looking=True)


@moderators_only
@require_POST
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Make the decision a form holds, then go on to the next case."""
    found = _case(case_id)
    sent = {name: request.POST.get(name, "") for name in ("action", "reason", "note", "message")}
    try:
        if sent["action"] == CLOSE:
            services.close_gone(actor=signed_in(request), case=found, version=_version(request))
            messages.success(request, "Closed.")
            return redirect(_next_address(request, found))
        decision = services.decide(
            actor=signed_in(request),
            case=found,
            version=_version(request),
            **sent,  # type: ignore[arg-type]
        )
    except services.AlreadyDecided as stale:
        return _stale(request, found, stale)
    except (errors.InvalidInput, services.IllegalDecision, errors.Forbidden) as problem:
        sent = {name: text.replace("\x00", "") for name, text in sent.items()}
        return _case_page(request, found, status=problem.status, problem=problem.message, sent=sent)
    messages.success(request, f"{DONE[decision.action]}. It's in the audit log with your name.")
    return redirect(_next_address(request, found))


@moderators_only
@require_POST
def pick(request: HttpRequest) -> HttpResponse:
    """Make what a form names a staff pick, or with `unpick` none any more; back to its page."""
    sent = request.POST
    is_picked = "unpick" not in sent
    subject = picks.set_picked(
        actor=signed_in(request),
        kind=sent.get("kind", ""),
        public_id=sent.get("id", "").replace("\x00", ""),
        is_picked=is_picked,
    )
    messages.success(
        request, "It's a staff pick now." if is_picked else "It isn't a staff pick any more."
    )
    return redirect(subject.own_page)


@moderators_only
@require_POST
def undo(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take the latest decision back and show the case as it is again."""
    found = _case(case_id)
    try:
        decision = selectors.undoable(found)
        if decision is None:
            raise services.IllegalDecision("No decision to undo.")
        services.undo(
            actor=signed_in(request),
            decision=decision,
            version=_version(request),
            note=request.POST.get("note", ""),
        )
    except services.AlreadyDecided as stale:
        return _stale(request, found, stale)
    except (errors.InvalidInput, services.IllegalDecision, errors.Forbidden) as problem:
        return _case_page(request, found, status=problem.status, problem=problem.message)
    messages.success(request, "Undone.")
    return redirect("moderation-case", case_id=found.pk)


@moderators_only
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The log, newest first. Nothing on this page changes anything."""
    wanted = {
        name: request.GET.get(name, "").replace("\x00", "")[:150]
        for name in ("action", "actor", "subject")
    }
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    entries, following = selectors.audit_entries(**wanted, before=before)
    kept = {name: value for name, value in wanted.items() if value}
    context = {
        "entries": [
            (
                entry,
                audit_labels.action_title(entry.action, _noun(entry.subject_kind)),
                audit_labels.details(entry.data),
            )
            for entry in entries
        ],
        "actions": [
            (code, audit_labels.action_title(code, "subject")) for code in selectors.audit_actions()
        ],
        "wanted": wanted,
        "older": urlencode({**kept, "before": following}) if following else "",
        "is_first_page": before is None,
        "counts": case_queue.counts(),
        "section": "audit",
    }
    return render(request, "moderation/pages/audit.html", context)


def _case_page(
    request: HttpRequest, found: Case, *, status: int = 200, **more: Any
) -> HttpResponse:
    wanted = case_queue.QueueFilter.read(request.GET)
    context = _queue_context(request, wanted) | _case_context(found, wanted, more.get("sent"))
    return render(request, "moderation/pages/case.html", context | more, status=status)


def _queue_context(request: HttpRequest, wanted: case_queue.QueueFilter) -> dict[str, Any]:
    page = read_page(request.GET, default=50)
    found = list(case_queue.queue(wanted)[page.window])
    rows = case_queue.rows_of(found[: page.limit], server_settings.value("HIDE_WEIGHT"))
    following = next_offset(page, len(found) > page.limit)
    return {
        "rows": rows,
        "wanted": wanted,
        "counts": case_queue.counts(),
        "kept": _kept(wanted),
        "next_page": _kept(wanted, offset=following) if following else "",
        "reasons": list(reasons.REASONS.values()),
        "section": "cases",
    }


def _case_context(
    found: Case, wanted: case_queue.QueueFilter, sent: dict[str, str] | None = None
) -> dict[str, Any]:
    subject = subjects.subject_of(found)
    version = selectors.reported_version(found)
    told = case_words.of_subject(subject, version)
    listed = selectors.reports_of(found)
    before, after = case_queue.neighbours(wanted, found)
    [row] = case_queue.rows_of([found], server_settings.value("HIDE_WEIGHT"))
    reason = (sent or {}).get("reason") or selectors.heaviest_reason(found)
    return {
        "case": found,
        "row": row,
        "subject": subject,
        "version": version,
        "name": version.spec["name"] if version else _heading(subject, row.name),
        "reports": listed,
        "reporters": row.reports,
        "told": told,
        "has_media": bool(case_words.media_of(subject, version)),
        "lineage": lineage.lineage_of(subject.row)
        if subject is not None and subject.kind == TEMPLATE
        else None,
        "history": selectors.history_of(found),
        "undoable": selectors.undoable(found),
        "choices": _choices(subject, reason) if subject else [],
        "chosen": (sent or {}).get("action") or "",
        "chosen_reason": reason,
        "previous": before,
        "following": after,
        "note_length": NOTE_LENGTH,
    }


def _choices(subject: subjects.Subject, reason: str) -> list[dict[str, Any]]:
    """The decisions that fit how the subject is, with the key of each."""
    hidden = subject.moderation != "visible"
    actions = [RESTORE if hidden else DISMISS, HIDE, TAKE_DOWN]
    listed = []
    for key, action in enumerate(actions, 1):
        title, hint, tells = CHOICES[action]
        if action == HIDE and subject.kind == COMMENT:
            hint = "No one can read it, with its replies."
        if action == TAKE_DOWN and subject.kind == COMMENT:
            hint = "The same, for what breaks the law."
        if action == HIDE and subject.moderation == "quarantined":
            title = "Keep hidden"
        listed.append(
            {
                "action": action,
                "title": title,
                "hint": hint,
                "tells": tells,
                "key": key,
                # The standard message for each reason; the page fills it in.
                "letters": json.dumps(
                    {
                        code: notifications.author_message(action, subject.name, code, subject.noun)
                        for code in reasons.REASONS
                    }
                )
                if tells
                else "",
                "letter": notifications.author_message(action, subject.name, reason, subject.noun),
            }
        )
    return listed


def _heading(subject: subjects.Subject | None, name: str) -> str:
    if subject is not None and subject.kind == COMMENT and subject.row.share is not None:
        return f"Comment on “{subject.row.share.title}”"
    return name


def _noun(kind: str) -> str:
    known = subjects.KINDS.get(kind)
    return known.noun if known else kind


def _stale(request: HttpRequest, found: Case, stale: services.AlreadyDecided) -> HttpResponse:
    latest: Decision | None = stale.latest
    context = {
        "case": found,
        "latest": latest,
        "done": DONE.get(latest.action, latest.action) if latest else "",
        "kept": _kept(case_queue.QueueFilter.read(request.GET)),
        "counts": case_queue.counts(),
        "section": "cases",
    }
    return render(request, "moderation/pages/stale.html", context, status=stale.status)


def _case(case_id: int) -> Case:
    found = Case.objects.filter(pk=case_id).first() if case_id <= LARGEST_ID else None
    if found is None:
        raise errors.NotFound
    return found


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    # Anything unreadable is no version: stale.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _next_address(request: HttpRequest, decided: Case) -> str:
    wanted = case_queue.QueueFilter.read(request.GET)
    following = request.POST.get("next", "")
    if following.isascii() and following.isdigit() and len(following) < 19:
        waiting = Case.objects.filter(pk=int(following)).exclude(pk=decided.pk)
        if waiting.exists():
            return reverse("moderation-case", args=[int(following)]) + _kept(wanted)
    return reverse("moderation") + _kept(wanted)


def _kept(wanted: case_queue.QueueFilter, **more: Any) -> str:
    """The queue's filter as the end of an address."""
    usual = case_queue.QueueFilter()
    changed = {
        name: getattr(wanted, name)
        for name in ("show", "sort", "reason")
        if getattr(wanted, name) != getattr(usual, name)
    }
    query = urlencode({**changed, **more})
    return f"?{query}" if query else ""
