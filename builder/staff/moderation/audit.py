"""The audit log: its page, and its export as CSV and JSON. Nothing here changes an entry."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.shared.page_requests import person_of
from builder.staff.moderation.requests import frame, moderators_only, text_of, whole
from core import errors
from moderation import audit_labels, audit_log, audit_log_reads, subjects
from moderation.audit_log_reads import COLUMNS, LogFilter
from moderation.models import AuditEntry

TEXTS = {"action": 40, "actor": 150, "person": 150, "subject": 128}
FILTERS = {**TEXTS, "since": 10, "until": 10}
# What spreadsheets take for a formula, and the sign that is put before it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


@moderators_only
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The log, newest first."""
    problem = ""
    try:
        log_filter = _filter_of(request)
    except errors.InvalidInput as unreadable:
        problem, log_filter = unreadable.message, LogFilter()
    before = whole(request.GET.get("before", "")) or None
    entries, following = audit_log_reads.page(log_filter, before)
    texts = {name: text_of(request.GET, name, most) for name, most in FILTERS.items()}
    query = {name: text for name, text in texts.items() if text}
    context = {
        **frame("audit"),
        "entries": [
            (
                entry,
                audit_labels.action_title(entry.action, _noun(entry.subject_kind)),
                audit_labels.details(entry.data),
            )
            for entry in ([] if problem else entries)
        ],
        "actions": [
            (code, audit_labels.action_title(code, "subject")) for code in audit_log_reads.actions()
        ],
        "wanted": texts,
        "problem": problem,
        "filtered": urlencode(query),
        "older": urlencode({**query, "before": following}) if following else "",
        "is_first_page": before is None,
    }
    status = errors.InvalidInput.status if problem else 200
    return render(request, "moderation/pages/audit.html", context, status=status)


@moderators_only
@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export the entries that the filter lets through, as a table; `data` is JSON."""
    return _file(_csv_lines(_export_rows(request, "csv")), "text/csv; charset=utf-8", "audit.csv")


@moderators_only
@require_safe
def audit_json(request: HttpRequest) -> StreamingHttpResponse:
    """Export the entries that the filter lets through, as a list of objects."""
    return _file(_json_lines(_export_rows(request, "json")), "application/json", "audit.json")


def _file(lines: AsyncIterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _filter_of(request: HttpRequest) -> LogFilter:
    """The filter of a query. Raises InvalidInput for what is no date."""
    texts = {name: text_of(request.GET, name, most) for name, most in TEXTS.items()}
    return LogFilter(**texts, since=_day(request, "since"), until=_day(request, "until"))


def _export_rows(request: HttpRequest, form: str) -> QuerySet[AuditEntry]:
    """Return an export's entries: all that were there before it. It is an entry itself."""
    # Names are looked up here: the parts of the answer are made where the database can't be asked.
    rows = audit_log_reads.entries(_filter_of(request))
    if request.method != "GET":
        return rows
    texts = {name: text_of(request.GET, name, most) for name, most in FILTERS.items()}
    filter_text = ", ".join(f"{name}: {text}" for name, text in texts.items() if text)
    entry = audit_log.enter(
        actor=person_of(request),
        action="audit.export",
        subject_kind="log",
        subject_id=f"audit.{form}",
        data={"filter": filter_text or "everything"},
    )
    return rows.filter(pk__lt=entry.pk)


def _day(request: HttpRequest, name: str) -> date | None:
    text = text_of(request.GET, name, 10)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        label = {"since": "From", "until": "To"}[name]
        problem = f"{label}: write a date as YYYY-MM-DD."
        raise errors.InvalidInput(
            problem, details={"issues": [{"path": name, "message": problem}]}
        ) from None


async def _csv_lines(rows: QuerySet[AuditEntry]) -> AsyncIterator[str]:
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(COLUMNS)
    async for entry in audit_log_reads.exported(rows):
        entry["data"] = json.dumps(entry["data"], ensure_ascii=False)
        table.writerow(_cell(entry[name]) for name in COLUMNS)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    # The header alone, where there is no entry.
    yield buffer.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


async def _json_lines(rows: QuerySet[AuditEntry]) -> AsyncIterator[str]:
    before = "[\n"
    async for entry in audit_log_reads.exported(rows):
        yield before + json.dumps(entry, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _noun(kind: str) -> str:
    kind_entry = subjects.KINDS.get(kind)
    return kind_entry.noun if kind_entry else kind
