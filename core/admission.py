"""The largest request body taken in, decided from the headers before the first byte is kept.

It runs in the web server's event loop (`core.body_guard`), so a signature may be checked here, but
no database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from core import errors
from core.http import error_response
from core.middleware import Cors, PageSecurity, RequestId

# (method, path, lower-case headers, declared length or None) → the largest body, in bytes.
Admission: TypeAlias = Callable[[str, str, Mapping[str, str], int | None], int]


def largest_body(
    method: str, path: str, headers: Mapping[str, str], content_length: int | None
) -> int:
    """Return the most bytes that the body of a request to this path may have.

    headers: lower-case names. content_length: None where the body is sent in chunks.
    Raises TooLarge, or what the addresses of settings.LARGE_BODIES raise for a request without the
    permission to bring more.
    """
    limit: int = settings.BODY_LIMIT_BYTES
    for root, name in settings.LARGE_BODIES.items():
        if path == root or (root.endswith("/") and path.startswith(root)):
            decide: Admission = import_string(name)
            limit = decide(method, path, headers, content_length)
    if content_length is not None and content_length > limit:
        raise errors.TooLarge()
    return limit


def refusal(error: errors.AppError, *, method: str, path: str, origin: str = "") -> HttpResponse:
    """The answer to a request that no view is to see, with all that middleware adds to answers."""
    request = HttpRequest()
    request.method, request.path, request.path_info = method, path, path
    if origin:
        request.META["HTTP_ORIGIN"] = origin

    def answer(request: HttpRequest) -> HttpResponse:
        return error_response(request, error)

    return RequestId(PageSecurity(Cors(answer)))(request)
