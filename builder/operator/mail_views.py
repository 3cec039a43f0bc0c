"""`/admin/mail`: what waits for the mail server, and what was given up."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.operator import mail_status
from builder.operator.views import frame, staff_only
from notices import mailing, sending


@staff_only
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The mail of the last days, without what it says."""
    context = {
        **frame(request, "mail"),
        "is_on": mailing.is_on(),
        "server": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        "sender": settings.DEFAULT_FROM_EMAIL,
        "problem": sending.problem(),
        "counts": mail_status.counts(),
        "sections": [
            ("waiting", "Waiting", mail_status.waiting()),
            ("given-up", "Given up", mail_status.given_up()),
        ],
        "kept_days": sending.KEPT.days,
        "shown": mail_status.SHOWN,
    }
    return render(request, "operator/mail.html", context)
