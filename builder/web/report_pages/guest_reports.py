"""`POST /v1/apps/<slug>/reports`: a guest tells the moderators about an app.

The case is that of its template, which the guest learns nothing of.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts.auth import without_scheme
from accounts.client_address import client_of
from accounts.rate_limits import HOUR_S
from core import errors
from core.counters import Counter
from core.http import body_of, parse, success
from core.openapi import operation
from moderation import reporting
from moderation.models import NOTE_LENGTH
from moderation.reasons import REASONS
from simple_apps import access
from simple_apps.models import SimpleApp
from simple_apps.web import api

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
            version=app.version, guest=guest, reason=fields.reason, note=fields.note
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
