"""Addresses that show how failures are answered: every kind, on REST and on plain views."""

import resource
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import exceptions as drf_errors
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import require_api_key
from accounts.rate_limits import check_start_rate
from core import errors
from core.http import success
from core.paging import read_page

FAILURES: dict[str, Exception] = {
    "app": errors.Conflict("Taken.", details={"n": 1}),
    "quota": errors.QuotaExceeded(retry_after_s=2.4),
    "django404": Http404("secret"),
    "django403": PermissionDenied("secret"),
    "suspicious": SuspiciousOperation("secret"),
    "throttled": drf_errors.Throttled(wait=7),
    "busy": OperationalError("secret"),
    "bug": RuntimeError("secret"),
}


class Echo(APIView):
    def get(self, request: Request) -> Response:
        page = read_page(request.query_params)
        return success({"limit": page.limit, "offset": page.offset})

    def post(self, request: Request) -> Response:
        return success(request.data)


class Start(APIView):
    def post(self, request: Request) -> Response:
        require_api_key(request.auth)
        check_start_rate(request.auth)
        return success({}, status=201)


class Fail(APIView):
    authentication_classes: Any = ()
    permission_classes: Any = ()

    def get(self, request: Request, name: str) -> Response:
        raise FAILURES[name]


def fail(request: HttpRequest, name: str) -> HttpResponse:
    raise FAILURES[name]


def write(request: HttpRequest) -> HttpResponse:
    return HttpResponse("written")


def weigh(request: HttpRequest) -> HttpResponse:
    """The length of a body read part by part, and the most memory this process ever held, in KB."""
    length = 0
    while part := request.read(64 * 1024):
        length += len(part)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return HttpResponse(f"{length} {most}", content_type="text/plain")


weigh.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [
    path("app/uploads", weigh),
    path("v1/", include("accounts.urls")),
    path("v1/echo", Echo.as_view()),
    path("v1/start", Start.as_view()),
    path("v1/fail/<str:name>", Fail.as_view()),
    path("app/fail/<str:name>", fail),
    path("app/write", write),
    path("fail/<str:name>", fail),
    path("", include("builder.web.account_pages.urls")),
    path("", include("builder.web.check_pages.urls")),
]

handler400 = "core.http.bad_request"
handler403 = "core.http.permission_denied"
handler404 = "core.http.page_not_found"
handler500 = "core.http.server_error"
