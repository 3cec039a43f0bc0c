"""The HTTP face of failures and of JSON. `envelope` is the one mapper; everything answers by it."""

from __future__ import annotations

import contextlib
import logging
import math
import sys
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.core import exceptions as django_errors
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template import loader
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions as drf_errors
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import errors, field_errors, ids, jsonsafe, outages

logger = logging.getLogger(__name__)
Model = TypeVar("Model", bound=BaseModel)

# Addresses whose answers are JSON whatever happens.
JSON_ROOTS = (
    *("/v1/", "/v2/", "/v4/", "/api/", "/app/", "/uploads/"),
    *("/.well-known/", "/mcp", "/oauth/token", "/oauth/register", "/oauth/revoke"),
)
# Of these, what the editor shows to people.
EDITOR_ROOT = "/app/"
_ISSUES_SHOWN = 50
# How OpenAI's clients and those that follow them name a failure, by its status.
_TYPES = {
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
# How an error page begins; its sentence says the rest.
_TITLES = {
    400: "We couldn't read this request",
    401: "Sign in first",
    403: "You don't have access",
    404: "Page not found, or you don't have access.",
    405: "That link can't be opened like this.",
    408: "That took too long",
    413: "Too large",
    429: "Too many requests",
    503: "Not ready yet",
    507: "Server storage full",
}


# --- the mapper -------------------------------------------------------------------------------


def envelope(
    exc: BaseException, *, request_id: str, for_person: bool = False
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body for any exception, as the public API writes errors.

    for_person: the message is for someone in the browser, not for a program.

    What is not an AppError and not a known complaint of Django or DRF is logged with its traceback
    and answered with the request id alone; a database that was away, with 503 and Retry-After; a
    disk that is full, with 507.
    """
    app_error = _as_app_error(exc)
    if app_error is None:
        logger.error("unhandled, answered as %s", request_id, exc_info=exc)
        app_error = _internal_error(exc, request_id)
    message = app_error.person if for_person else app_error.message
    details, data = app_error.details, app_error.data
    if app_error.status == 422:
        # Some clients lose `data` of an error, the seeds show it there: both hold everything.
        details = data = {**data, **details}
    body: dict[str, Any] = {
        **app_error.top,
        "status": "error",
        "errorCode": app_error.number,
        "message": message,
        "details": details,
        "error": {"code": app_error.code, "type": _type_of(app_error.status), "message": message},
    }
    headers = {"WWW-Authenticate": "Bearer"} if app_error.status == 401 else {}
    if data:
        body["data"] = data
    if app_error.retry_after_s is not None:
        seconds = max(1, math.ceil(app_error.retry_after_s))
        body["retryAfter"] = seconds
        headers["Retry-After"] = str(seconds)
    return app_error.status, headers, body


def _type_of(status: int) -> str:
    return _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")


def _as_app_error(exc: BaseException) -> errors.AppError | None:
    """Translate what Django and DRF raise. None: no one expected this."""
    match exc:
        case errors.AppError():
            return exc
        case drf_errors.NotAuthenticated():
            return errors.Unauthenticated()
        case drf_errors.AuthenticationFailed():
            return errors.Unauthenticated("Invalid credentials.", number=102)
        case drf_errors.PermissionDenied() | django_errors.PermissionDenied():
            return errors.Forbidden()
        case drf_errors.NotFound() | Http404():
            return errors.NotFound()
        case drf_errors.MethodNotAllowed():
            return errors.NotAllowed(str(exc.detail))
        case drf_errors.Throttled():
            return errors.QuotaExceeded(retry_after_s=getattr(exc, "wait", None) or 1)
        case drf_errors.UnsupportedMediaType():
            return errors.UnsupportedMedia()
        case drf_errors.ValidationError():
            return errors.InvalidBody(details={"issues": exc.detail})
        case drf_errors.ParseError():
            return errors.InvalidBody(str(exc.detail))
        case drf_errors.APIException() if exc.status_code < 500:
            return errors.InvalidBody(str(exc.detail))
        case django_errors.RequestDataTooBig():
            return errors.TooLarge()
        case django_errors.DisallowedHost():
            return errors.InvalidBody(
                "Unknown host name. Set REELGRAPH_PUBLIC_URL to this server's public URL.",
                code="host.unknown",
            )
        case (
            django_errors.SuspiciousOperation()
            | django_errors.BadRequest()
            | MultiPartParserError()
            | UnreadablePostError()
        ):
            return errors.InvalidBody("Invalid request.", code="request.invalid")
    return None


def _internal_error(exc: BaseException, request_id: str) -> errors.AppError:
    details = {"requestId": request_id}
    kind = outages.kind_of(exc)
    if kind == outages.DISK:
        return errors.DiskFull(details=details, retry_after_s=30)
    if kind == outages.DATABASE:
        return errors.Unavailable(details=details, retry_after_s=1)
    return errors.AppError(
        f"Internal error. Retry; if it persists, report the reference {request_id}.",
        person=f"{errors.AppError.person} If it keeps happening, report reference {request_id}.",
        details=details,
    )


def _is_script(request: HttpRequest) -> bool:
    """Return whether htmx or our own code asks: browsers accept HTML where they open a page."""
    accept = request.headers.get("Accept", "")
    return "HX-Request" in request.headers or accept == "application/json"


def error_response(request: HttpRequest, exc: BaseException) -> HttpResponse:
    """The answer of a plain Django view or middleware: JSON below JSON_ROOTS and where a script
    asks, which knows it by our envelope; else a page."""
    request_id = getattr(request, "request_id", "") or ids.request_id()
    is_api = request.path_info.startswith(JSON_ROOTS)
    is_json = is_api or _is_script(request)
    for_person = not is_api or request.path_info.startswith(EDITOR_ROOT)
    status, headers, body = envelope(exc, request_id=request_id, for_person=for_person)
    if is_json:
        response = HttpResponse(
            jsonsafe.dumps(body), content_type="application/json", status=status
        )
    else:
        # Here: it has a model, and the server is imported before the apps are ready.
        from core.declared_settings import contact_link
        from core.server_settings import last_value

        broke = "Something went wrong on our side" if status >= 500 else "Something went wrong"
        can_repeat = request.method in ("GET", "HEAD") and (status == 429 or status >= 500)
        context = {
            "status": status,
            "title": _TITLES.get(status, broke),
            "message": body["message"],
            "again": request.get_full_path() if can_repeat else "",
            "contact": contact_link(last_value("CONTACT")),
        }
        response = HttpResponse(_page(request, context), status=status)
    for name, value in {**headers, "Content-Length": str(len(response.content))}.items():
        response[name] = value
    return response


def _page(request: HttpRequest, context: Mapping[str, Any]) -> str:
    """The page of an error: a missing one has the bar of every page, which asks the database who
    looks; the others stand by themselves."""
    if context["status"] == 404 and hasattr(request, "user"):
        page = loader.select_template(["404.html", "core/error.html"])
        with contextlib.suppress(DatabaseError):
            return page.render(dict(context), request)
    return loader.get_template("core/error.html").render(dict(context))


# --- Django's handlers ------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is being handled."""
    return error_response(request, sys.exc_info()[1] or errors.AppError())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A write without the token of the session: most often a page from before another sign-in.

    Scripts recognize it by its header, get a new token at `/app/form-token` and ask again.
    """
    response = error_response(
        request,
        errors.Forbidden(
            "This page is out of date. Reload it and try again.",
            code="csrf.failed",
        ),
    )
    response["X-Stale-Page"] = "1"
    return response


# --- DRF --------------------------------------------------------------------------------------


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: every exception of a view ends here, the unexpected ones too."""
    request = context.get("request")
    request_id = getattr(request, "request_id", "") or ids.request_id()
    status, headers, body = envelope(exc, request_id=request_id)
    return Response(body, status=status, headers=headers)


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object a request brought; SafeJSONParser has refused everything else."""
    return cast(dict[str, Any], request.data)


def success(data: Any, status: int = 200) -> Response:
    """`{"status": "success", "data": …}`."""
    return Response({"status": "success", "data": data}, status=status)


def parse(model: type[Model], raw: Mapping[str, Any]) -> Model:
    """Read a body or a query into a model. A top-level null counts as absent.

    Raises InvalidBody whose `details.issues` name each field: `{path, code, message}`.
    """
    if not isinstance(raw, Mapping):
        raise errors.InvalidBody("The body must be one JSON object.", code="body.not_an_object")
    try:
        return model.model_validate({k: v for k, v in raw.items() if v is not None})
    except ValidationError as error:
        count, issues = error.error_count(), field_errors.issues_of(error, _ISSUES_SHOWN)
    more = f" ({count - 1} more in details.issues)" if count > 1 else ""
    raise errors.InvalidBody(f"{issues[0]['message']}{more}", details={"issues": issues})


class SafeJSONParser(BaseParser):
    """Reads a JSON object whatever the content type claims: plain curl says it is a form."""

    media_type = "*/*"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body: bytes = stream.read()
        kind = (media_type or "").partition(";")[0].strip().lower()
        meant_as_json = "json" in kind or body.lstrip()[:1] in (b"{", b"[", b"")
        if not meant_as_json:
            raise errors.UnsupportedMedia(
                f"The body is not JSON (Content-Type: {kind[:80] or 'none'})."
                " Send one JSON object with Content-Type: application/json."
            )
        return jsonsafe.loads_object(body)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else jsonsafe.dumps(data)


class AlwaysJSON(BaseContentNegotiation):
    """The answer is JSON whatever `Accept` says: clients send wildcards, SDKs event streams."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
