"""Middleware that every request of Django passes through, outermost first as settings list it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import patch_vary_headers

from core import cors, durable, errors, ids
from core.http import error_response
from core.logs import current_request_id, current_work

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# The public API. What it answers is for one person, unless a view says otherwise.
API_ROOTS = ("/v1/", "/v2/", "/v4/", "/api/")
# What apps ask before and while they are connected, from web pages too.
OAUTH_ROOTS = ("/.well-known/", "/oauth/token", "/oauth/register", "/oauth/revoke")
CROSS_ORIGIN_ROOTS = (*API_ROOTS, *OAUTH_ROOTS, "/media/", "/uploads/")

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        # blob: and data: for frames and drawings the page makes itself.
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
PERMISSIONS_POLICY = ", ".join(
    f"{name}=()"
    for name in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
)


class RequestId:
    """Names the request in log lines, in the answer and for the one who maps its failure."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = ids.request_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        token = current_request_id.set(request_id)
        work = current_work.set({})
        try:
            response = self.get_response(request)
        finally:
            current_work.reset(work)
            current_request_id.reset(token)
        response["X-Request-Id"] = request_id
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> None:
        """Lines about a request for a run name the run."""
        if "run_id" in kwargs:
            current_work.set({"run": str(kwargs["run_id"])})


class DurableAnswers:
    """Lets an answer go out when what it acknowledges is on the disk; see `core.durable`.

    A request that changes something and finds it done already, such as one that is sent again,
    writes nothing. It acknowledges what another one may not have flushed yet.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        writes = durable.Writes()
        response = self.get_response(request)
        acknowledges = request.method not in SAFE_METHODS and response.status_code < 400
        if acknowledges or writes.exist():
            durable.flush()
        return response


class Cors:
    """Answers preflights and marks answers under /v1 and /media for other origins."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(CROSS_ORIGIN_ROOTS):
            return self.get_response(request)
        origin = request.headers.get("Origin", "")
        if request.method == "OPTIONS":
            header_names = request.headers.get("Access-Control-Request-Headers", "")
            return HttpResponse(status=204, headers=cors.preflight(origin, header_names))
        response = self.get_response(request)
        for name, value in cors.answer(origin).items():
            if name == "Vary":
                patch_vary_headers(response, [value])
            else:
                response[name] = value
        return response


class BodyLimit:
    """Refuses what no view can read safely: large bodies, NUL in the address.

    The web server has refused most large bodies before (`core.admission`); this holds where
    another one is in front of Django.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        problem = self._problem(request)
        return error_response(request, problem) if problem else self.get_response(request)

    def _problem(self, request: HttpRequest) -> errors.AppError | None:
        if "\x00" in request.path_info:
            return errors.NotFound()
        if "%00" in request.META.get("QUERY_STRING", ""):
            return errors.InvalidBody("The URL contains a NUL character.", code="request.invalid")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return errors.InvalidBody("Invalid Content-Length.", code="request.invalid")
        is_large = len(length) > 18 or int(length) > settings.BODY_LIMIT_BYTES
        if is_large and request.path_info not in settings.LARGE_BODIES:
            return errors.TooLarge()
        return None


class PageSecurity:
    """Maps failures of plain views, and tells browsers how little a page may do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and isinstance(response, HttpResponseNotAllowed):
            # Django's own has no body: a blank page for people, no envelope for programs.
            methods = response["Allow"]
            response = error_response(request, errors.NotAllowed())
            response["Allow"] = methods
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
            response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.path_info.startswith(API_ROOTS):
            response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """AppErrors of plain views; Django's own handlers take the rest."""
        if isinstance(exception, errors.AppError):
            return error_response(request, exception)
        return None
