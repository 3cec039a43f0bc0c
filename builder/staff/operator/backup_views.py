"""`/admin/backups`: what was backed up, one more now, and a restored copy that takes over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import is_owner
from accounts.staff_permissions import staff_page
from backups import folder_mark, folders, nightly, pruning
from backups.folders import BackupProblem
from builder.shared import proofs
from builder.shared.forms import ProofForm, show_refusal
from builder.shared.page_requests import check_form, person_of
from builder.staff.operator import server_services
from builder.staff.operator.views import frame, staff_only
from core import clock, errors, installation
from core.models import BackupAttempt
from moderation import audit_log

MADE = "backup.make"
owners_only = staff_page(is_owner)


@staff_only
@require_safe
def backups(request: HttpRequest) -> HttpResponse:
    """List the backups of REELGRAPH_BACKUP_DIR. While one is made, htmx asks for the list again."""
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/backup_list.html", _list())
    return _page(request, ProofForm())


@staff_only
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Have a backup made now."""
    check_form(request)
    with transaction.atomic():
        is_new = bool(settings.BACKUP_DIR) and nightly.ask()
        if is_new:
            audit_log.enter(
                actor=person_of(request),
                action=MADE,
                subject_kind="server",
                subject_id="backup",
                data={},
            )
    if not is_new:
        messages.info(request, "A backup is being made already.")
    return redirect("operator-backups")


@sensitive_post_parameters("proof")
@owners_only
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Make this restored copy the server."""
    check_form(request)
    form = ProofForm(request.POST)
    try:
        if not form.is_valid() or not proofs.holds(request, form, name_for_nothing=True):
            return _page(request, form, status=422)
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        return _page(request, form, status=refusal.status)
    if server_services.take_over(actor=person_of(request)):
        messages.success(request, "This is the server now. It's in the audit log.")
    return redirect("operator-backups")


def _page(request: HttpRequest, form: ProofForm, *, status: int = 200) -> HttpResponse:
    context = {
        **frame(request, "backups"),
        **_list(),
        "form": form,
        "restored": installation.ensure_installation(),
        "has_secret": settings.SECRET_KEY_FILE is not None,
    }
    return render(request, "operator/backups.html", context, status=status)


def _list() -> dict[str, Any]:
    store = refusal = None
    backups: list[folders.Backup] = []
    try:
        store, backups = nightly.store_and_backups()
        if store is not None:
            folder_mark.check(store)
    except (BackupProblem, OSError) as error:
        refusal = str(error)
    last = BackupAttempt.objects.order_by("-id").first()
    is_quiet = installation.is_quiet()
    return {
        "store": store or settings.BACKUP_DIR,
        "refusal": refusal,
        "elsewhere": "" if refusal else nightly.last_elsewhere(backups),
        "next_at": nightly.next_at(clock.now()),
        "kept": (pruning.DAYS, pruning.WEEKS, pruning.MONTHS),
        "rows": [_row(one) for one in reversed(backups)],
        "is_quiet": is_quiet,
        "is_making": last is not None and last.is_open and not is_quiet,
        "failure": last if last is not None and last.problem else None,
    }


def _row(backup: folders.Backup) -> dict[str, Any]:
    facts = backup.manifest
    return {
        "backup": backup,
        "facts": facts,
        "check": backup.check,
        "runs": facts.database.rows.get("runs_run", 0),
        "seconds": sum(facts.seconds.values()),
    }
