"""`/check`: what this server knows of a file, asked by its hash. The file stays where it is."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import rate_limits
from accounts.client_address import client_of
from builder.shared.page_requests import json_success, viewer_of
from builder.web.check_pages import made_files
from core import errors, jsonsafe
from core.http import envelope
from core.public_url import base_url
from media import credentials

_SHA256 = re.compile(r"[0-9a-f]{64}")
# What people paste: the digits, in pairs or not, perhaps with the name of the file after them.
_PASTE_LENGTH = 400


@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Show the page, and with `sha256` what is known of that file: as JSON for programs that accept
    nothing else, as a part of the page for its script."""
    accepts = request.headers.get("Accept", "")
    if "application/json" in accepts and "text/html" not in accepts:
        return _answer_program(request)
    return _answer_person(request)


def _answer_program(request: HttpRequest) -> HttpResponse:
    try:
        return json_success(_file_of(request).to_json(base_url(request)))
    except errors.AppError as problem:
        status, headers, body = envelope(problem, request_id="")
        content = jsonsafe.dumps(body)
        return HttpResponse(
            content, content_type="application/json", status=status, headers=headers
        )


def _answer_person(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {"typed": request.GET.get("sha256", "")[:_PASTE_LENGTH]}
    status = 200
    headers: dict[str, str] = {}
    if "sha256" in request.GET:
        try:
            context["file"] = _file_of(request)
        except errors.AppError as problem:
            status, headers, _ = envelope(problem, request_id="", for_person=True)
            context |= {"problem": problem.person, "is_malformed": status == 422}
    is_part = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if not is_part:
        context["has_authority"] = bool(credentials.public_authority())
    name = "check_pages/answer.html" if is_part else "check_pages/check.html"
    response = render(request, name, context, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


def _file_of(request: HttpRequest) -> made_files.CheckedFile:
    """Look up the hash that a request names. Raises InvalidInput and QuotaExceeded."""
    sha256 = _read_hash(request.GET.get("sha256", "")[:_PASTE_LENGTH])
    viewer = viewer_of(request)
    rate_limits.check_file_checks(viewer, client_of(request).address)
    return made_files.look_up(sha256, viewer)


def _read_hash(text: str) -> str:
    """Return the hash in what was typed or pasted. Raises InvalidInput."""
    words = text.lower().split()
    for candidate in (words[0] if words else "", "".join(words)):
        if _SHA256.fullmatch(candidate):
            return candidate
    message = "Enter the file's SHA-256: 64 digits from 0 to 9 and a to f."
    raise errors.InvalidInput(
        f"sha256: {message}",
        code="check.invalid",
        person=message,
        details={"issues": [{"path": "sha256", "message": message}]},
    )
