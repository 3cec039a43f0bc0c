"""Runs of a template for each row of a table: bringing the table, checking it, its runs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import by_session, check_form, check_sent, person_of
from builder.web.run_set_pages import downloads, row_notices, row_questions, set_page
from builder.web.template_pages.responses import messages_of
from builder.web.template_pages.viewer import worked_on
from core import errors, ids
from core.database import in_database
from core.public_url import base_url
from media.multipart import FileReceiver
from media.tables import Table, read_table, write_csv
from run_sets import services
from run_sets.creation import create_set
from run_sets.selectors import own_set, sets_of, sets_of_others, visible_set
from templates_app.lifecycle.services import save_version
from templates_app.selectors import VisibleTemplate

SETS: Final = 50
# Fields of the form that say how a file is read.
READING: Final = ("sheet", "encoding", "header_row")
# What of a page's address is kept: the filter and the page.
_HERE: Final = re.compile(r"[a-z0-9=&]{1,40}")


# --- the table -----------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_table(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a table: a file, or pasted cells; a POST has the values of the template's form."""
    template_view = worked_on(request, public_id)
    if request.method == "POST":
        check_form(request)
    return _table_form(request, template_view)


@csrf_exempt
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_sets(request: HttpRequest) -> HttpResponse:
    """List one's own sets, the newest first; a POST makes one of a table.

    CSRF is checked below: the check reads the body, and before that it must be settled where the
    file goes.
    """
    if request.method != "POST":
        return _list(request)
    receiver = FileReceiver()
    request.upload_handlers = [receiver]
    try:
        return _create(request, receiver)
    finally:
        receiver.discard()


@csrf_protect
def _create(request: HttpRequest, receiver: FileReceiver) -> HttpResponse:
    template_view = worked_on(request, request.POST.get("template", "")[:256])
    template, person = template_view.template, person_of(request)
    try:
        _check_cells(request.POST.get("cells", ""))
        check_sent(request.POST)
        table = _table_of(request, receiver)
        question = set_page.reading_question(table, template_view.version.spec, request.POST)
        if question:
            return _table_form(request, template_view, question=question)
        if not table.rows:
            raise errors.InvalidBody("The table has no rows below the names of its columns.")
        if template_view.is_owner and template_view.draft_rev is not None:
            save_version(actor=person, public_id=template.public_id)
            template_view = worked_on(request, template.public_id)
        spec = template_view.version.spec
        inputs = set_page.inputs_of(spec, request.POST, person, request.get_host())
        if request.POST.get("sheet"):
            table = replace(table, notice=f"{table.notice} Sheet: {table.sheet}.".strip())
        run_set = create_set(
            actor=by_session(person),
            template=template_view.template,
            table=table,
            changes={"inputs": inputs},
        )
    except errors.InvalidInput as refusal:
        return _table_form(request, template_view, messages_of(refusal, template_view.version)[0])
    except (errors.InvalidBody, errors.Conflict, errors.StorageFull) as refusal:
        return _table_form(request, template_view, refusal.person)
    path = reverse("run-set", args=[run_set.public_id])
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(path)
    return redirect(path)


def _check_cells(cells: str) -> None:
    """Raise InvalidBody for more than a field may hold; the page's script sends them as a file."""
    if len(cells.encode("utf-8", "replace")) > settings.JSON_STRING_LIMIT:
        raise errors.InvalidBody(
            f"cells: over {settings.JSON_STRING_LIMIT:,} bytes. Send a file.",
            person="These cells are over 100 kB. Save them as a file, and choose that.",
        )


def _table_of(request: HttpRequest, receiver: FileReceiver) -> Table:
    form = request.POST
    cells, row = form.get("cells", ""), form.get("header_row", "")
    reading: dict[str, Any] = {
        "sheet": form.get("sheet", "")[:200],
        "encoding": form.get("encoding", "")[:40],
        "header_row": int(row) if row.isascii() and row.isdecimal() and len(row) < 7 else 0,
    }
    if receiver.path is not None:
        return read_table(receiver.path, receiver.name, **reading)
    if cells.strip():
        return read_table(cells.encode(), "cells.tsv", **reading)
    raise errors.InvalidBody("Choose a file, or paste cells.")


def _table_form(
    request: HttpRequest,
    template_view: VisibleTemplate,
    problem: str = "",
    *,
    question: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "id": template_view.template.public_id,
        "name": template_view.version.spec["name"],
        "problem": problem,
        "question": question,
        # What was answered before, of the same file.
        "answers": [(name, request.POST[name]) for name in READING if request.POST.get(name)]
        if question
        else [],
        "cells": request.POST.get("cells", ""),
        "values": set_page.values_in(request.POST),
    }
    # What htmx puts into a page has this status.
    status = 422 if problem or question else 200
    return render(request, "run_set_pages/table.html", context, status=status)


def _list(request: HttpRequest) -> HttpResponse:
    person, is_of_others = person_of(request), request.GET.get("of") == "others"
    sets = sets_of_others(person) if is_of_others else sets_of(person)
    page = Paginator(sets, SETS).get_page(request.GET.get("page"))
    context = {
        "rows": set_page.listed_sets(list(page)),
        "page": page,
        "is_of_others": is_of_others,
        "chosen": "of=others&" if is_of_others else "",
        "has_others": is_of_others or sets_of_others(person).exists(),
    }
    return render(request, "run_set_pages/sets.html", context)


# --- one set -------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, set_id: str) -> HttpResponse:
    """Show a set; a POST saves which column fills what."""
    if request.method == "POST":
        run_set = own_set(person_of(request), set_id)
        check_form(request)
        try:
            services.change_set(
                run_set=run_set,
                changes=set_page.changes_of(run_set, request.POST, request.get_host()),
            )
        except (errors.InvalidBody, errors.Conflict) as refusal:
            messages.error(request, refusal.person)
        return redirect("run-set", set_id)
    run_set = visible_set(person_of(request), set_id)
    context = set_page.context(run_set, person_of(request), request.GET, base_url(request))
    return render(request, "run_set_pages/set.html", context)


@login_required
@require_POST
@allowed_while_suspended("POST")
def act(request: HttpRequest, set_id: str) -> HttpResponse:
    """Start, pause, resume, stop, retry or delete a set."""
    run_set = own_set(person_of(request), set_id)
    check_form(request)
    action, actor = request.POST.get("do", ""), by_session(person_of(request))
    try:
        if action == "delete":
            services.delete_set(run_set=run_set)
            messages.success(request, f"Deleted “{run_set.title}”. Its runs stay.")
            return redirect("run-sets")
        if action == "start":
            milli = request.POST.get("accepted", "")
            is_number = milli.isascii() and milli.isdecimal() and len(milli) < 18
            price = int(milli) / 1000 if is_number else None
            services.start_set(run_set=run_set, actor=actor, accepted_units=price)
        elif action in services.ACTIONS:
            services.ACTIONS[action](run_set, actor)
        else:
            raise errors.InvalidBody("Choose what to do with this table run.")
    except errors.Conflict as refusal:
        messages.error(request, refusal.person)
    return redirect("run-set", set_id)


@login_required
@require_POST
def answer(request: HttpRequest, set_id: str) -> HttpResponse:
    """Answer one row, or all rows that ask the same."""
    run_set = own_set(person_of(request), set_id)
    check_form(request)
    try:
        row_questions.take_answer(request, run_set)
    except (errors.InvalidBody, errors.NotFound) as refusal:
        messages.error(request, refusal.person)
    return redirect("run-set", set_id)


@login_required
@require_POST
def change_row(request: HttpRequest, set_id: str, position: int) -> HttpResponse:
    """Save the cells of a row, leave it out, or take it in again."""
    run_set = own_set(person_of(request), set_id)
    check_form(request)
    form = request.POST
    changes: dict[str, Any] = {"left_out": form.get("do") == "leave_out"}
    if form.get("do") == "save":
        # Browsers send other ends of lines than they were given.
        changes["cells"] = [str(cell).replace("\r\n", "\n") for cell in form.getlist("cell")]
    try:
        services.change_row(run_set=run_set, position=position, changes=changes)
    except (errors.InvalidBody, errors.Conflict) as refusal:
        messages.error(request, refusal.person)
    here = form.get("here", "")
    place = f"?{here}#rows" if _HERE.fullmatch(here) else "#rows"
    return redirect(reverse("run-set", args=[set_id]) + place)


@never_cache
@login_required
@require_safe
def live(request: HttpRequest, set_id: str) -> HttpResponse:
    """Send what has changed since: the head, and the rows that are in another state now."""
    run_set = visible_set(person_of(request), set_id)
    rows, states_text = set_page.newer_rows(run_set, request.GET.get("rows", ""))
    questions = row_questions.context(run_set, base_url(request))
    entries = set_page.started_rows(run_set, rows, base_url(request))
    context = {
        **set_page.head(run_set, person_of(request)),
        **questions,
        "drafts": row_notices.shared_drafts(entries),
        "has_new_questions": questions["asks"] != request.GET.get("asks", ""),
        "rows": entries,
        "watched": states_text,
        "oob": True,
    }
    return render(request, "run_set_pages/live.html", context)


@login_required
@require_safe
def download_csv(request: HttpRequest, set_id: str) -> StreamingHttpResponse:
    """The table with what came of each row, sent while it is read."""
    run_set = visible_set(person_of(request), set_id)
    lines = write_csv(
        downloads.csv_columns(run_set), downloads.csv_rows(run_set, base_url(request))
    )

    async def chunks() -> AsyncIterator[bytes]:
        while chunk := await in_database(_some, lines):
            yield chunk

    answer = StreamingHttpResponse(chunks(), content_type="text/csv; charset=utf-8")
    name = ids.slug(run_set.title) or "table"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Addresses of files in it are signed for the one who asks.
    answer["Cache-Control"] = "no-store"
    return answer


def _some(lines: Iterator[bytes]) -> bytes:
    return b"".join(islice(lines, downloads.CHUNK))
