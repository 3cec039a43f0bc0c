"""Everyone's pages of moderation: the report form, their own reports, and decisions about their
work with the form of an appeal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts.auth import without_scheme
from accounts.client_address import client_of
from accounts.rate_limits import HOUR_S
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import as_refusal, person_of
from comments import services as comment_services
from core import errors
from core.counters import Counter
from core.http import body_of, parse, success
from core.openapi import operation
from core.paging import read_page
from creations import selectors as creations
from moderation import appeals, notices, own_decisions, reporting, subjects
from moderation.models import COMMENT, NOTE_LENGTH, SHARE, TEMPLATE, USER, Decision
from moderation.reasons import REASONS
from simple_apps import access
from simple_apps.models import SimpleApp
from simple_apps.web import api
from templates_app import selectors as templates

THANKS = "Thanks. We'll let you know what we decide."
APPEALED = "Appeal sent. A different moderator will look at it."
AGAIN = "You already reported this. A moderator will review it."


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form, and what it sends. Template pages show the same form in a dialog."""
    person = person_of(request)
    template = templates.resolve(person, public_id)
    version = templates.runnable_version(person, template)
    subject = subjects.told(TEMPLATE, template)
    send = partial(reporting.report_template, actor=person, public_id=public_id)
    return _report(request, subject, send, name=version.spec["name"])


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_share(request: HttpRequest, share_id: str) -> HttpResponse:
    """The same for a creation."""
    person = person_of(request)
    subject = subjects.told(SHARE, creations.visible_share(person, share_id).share)
    send = partial(reporting.report_share, actor=person, public_id=share_id)
    return _report(request, subject, send, name=subject.name)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: HttpRequest, comment_id: int, share_id: str = "") -> HttpResponse:
    """The same for a comment on a creation, or without `share_id` on a draft."""
    person = person_of(request)
    comment = reporting.comment_of(person, comment_id, share_id)
    subject = subjects.told(COMMENT, comment)
    send = partial(
        reporting.report_comment, actor=person, comment_id=comment_id, public_id=share_id
    )
    back = comment_services.address_of(comment)
    return _report(request, subject, send, name=subject.name, back=back)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_person(request: HttpRequest, person_id: str) -> HttpResponse:
    """The same for someone who has a page."""
    person = reporting.reported_person(person_id)
    subject = subjects.told(USER, person)
    send = partial(reporting.report_person, actor=person_of(request), public_id=person_id)
    return _report(request, subject, send, name=person.shown_name, back=subject.page)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_media(request: HttpRequest, share_id: str, position: int) -> HttpResponse:
    """The same for one file of a creation."""
    person = person_of(request)
    subject = reporting.reported_file(person, share_id, position)
    send = partial(reporting.report_media, actor=person, public_id=share_id, position=position)
    title = creations.visible_share(person, share_id).share.title
    return _report(request, subject, send, name=title, back=reverse("creation", args=[share_id]))


def _report(
    request: HttpRequest,
    subject: subjects.Subject,
    send: Callable[..., reporting.Reported],
    *,
    name: str,
    back: str = "",
) -> HttpResponse:
    """name: as the reporter knows it. back: where they came from, if not its author's page."""
    context: dict[str, Any] = {
        "report_url": request.path,
        "back": back or subject.own_page,
        "noun": subject.noun,
        "name": name,
        "is_own": subject.owner.pk == person_of(request).pk,
    }
    if request.method != "POST":
        return render(request, "moderation/pages/report.html", context)
    try:
        outcome = send(reason=request.POST.get("reason", ""), note=request.POST.get("note", ""))
    except (errors.InvalidInput, errors.QuotaExceeded) as problem:
        context |= {
            "problem": problem.message,
            "chosen": request.POST.get("reason", ""),
            "note": request.POST.get("note", "").replace("\x00", ""),
        }
        return as_refusal(render(request, "moderation/pages/report.html", context), problem)
    messages.success(request, THANKS if outcome.is_new else AGAIN)
    # Not back to it: this report may have been the one that hid it.
    return redirect("my-reports")


@never_cache
@login_required
@require_safe
def my_reports(request: HttpRequest) -> HttpResponse:
    """List what I reported, and what came of it."""
    page = read_page(request.GET)
    page_rows, following = notices.sent_reports(person_of(request), page)
    context = {"sent": page_rows, "next": following, "limit": page.limit}
    return render(request, "moderation/pages/my_reports.html", context)


@never_cache
@login_required
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """All of them, newest first, and what I have of strikes."""
    person, page = person_of(request), read_page(request.GET)
    page_rows, following = own_decisions.listed(person, page)
    context = {
        "listed": page_rows,
        "standing": own_decisions.standing(person),
        "next": following,
        "limit": page.limit,
    }
    return render(request, "moderation/pages/decisions.html", context)


@allowed_while_suspended("POST")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """One of them, with the form of an appeal, and what that sends. Also for suspended people."""
    person = person_of(request)
    row = own_decisions.one(person, decision_id)
    context = {"one": row, "longest": NOTE_LENGTH}
    if request.method != "POST":
        return render(request, "moderation/pages/decision.html", context)
    text = request.POST.get("text", "")
    try:
        appeals.file(person=person, decision=Decision.objects.get(pk=row.id), text=text)
    except (errors.InvalidInput, errors.Conflict) as problem:
        # It may have been answered, undone or too late in the meantime.
        context |= {"problem": problem.person, "text": text.replace("\x00", "")}
        context["one"] = own_decisions.one(person, decision_id)
        page = "moderation/pages/decision.html"
        return render(request, page, context, status=problem.status)
    messages.success(request, APPEALED)
    return redirect("my-decision", decision_id=row.id)


# --- by guests of apps ---------------------------------------------------------------------------

# Of one network address.
REPORTS_PER_HOUR: Final = 5
_reports = Counter("guest_reports", HOUR_S)


class GuestReportIn(BaseModel):
    """A report of an app."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    reason: Annotated[str, Field(json_schema_extra={"enum": list(REASONS)})]
    """One of the reasons that people report things for."""
    note: Annotated[str, Field(json_schema_extra={"maxLength": NOTE_LENGTH})] = ""
    """Details, for moderators alone."""


class GuestReportOut(TypedDict):
    """isNew: False where this guest had reported it before, which changes nothing."""

    isNew: bool


class GuestReportsView(api.GuestView):
    """`/v1/apps/<slug>/reports`"""

    @operation(
        "reportApp",
        "Report an app",
        tag=api.TAG,
        parameters=(api.TOKEN, api.GUEST),
        body=GuestReportIn,
        body_example={"reason": "spam", "note": "It asks for passwords"},
        answers={201: GuestReportOut},
        errors=(401, 404, 422, 429),
        public=True,
        scope="run",
        description="For the server's moderators. The bearer may be a run's token, too.",
    )
    def post(self, request: Request, slug: str) -> Response:
        app, guest = _app_and_guest(request, slug)
        fields = parse(GuestReportIn, body_of(request))
        if wait_s := _reports.wait_s(client_of(request).address, REPORTS_PER_HOUR):
            raise errors.QuotaExceeded(
                f"You've sent {REPORTS_PER_HOUR} reports this hour. Try again later.",
                code="quota.reports",
                retry_after_s=wait_s,
            )
        assert app.version is not None  # noqa: S101  open apps have one
        outcome = reporting.report_app(
            version=app.version,
            app=app.title,
            guest=guest,
            reason=fields.reason,
            note=fields.note,
        )
        data: GuestReportOut = {"isNew": outcome.is_new}
        return success(data, status=201)


def _app_and_guest(request: Request, slug: str) -> tuple[SimpleApp, str]:
    """Return the app of a link or of a run, and who reports it. Raises as `api.caller_of`."""
    try:
        link, payer = api.caller_of(request, slug)
    except errors.NotFound:
        token = without_scheme(request.headers.get("Authorization", ""))
        return access.open_run(slug, token).app, api.guest_of(request)
    return link.app, api.guest_of(request) if payer is None else payer.user.public_id
