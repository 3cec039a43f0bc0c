"""Answers in gzip, for those who take it.

Only text that Django answers to GET and HEAD. Streams, sockets, media and agents are served beside
Django. What is told once, such as a token or a link, answers a POST or says `no-transform`: it is
sent as it is, also by proxies, so that its length says nothing of it (BREACH). All else has random
bytes in its length, as Django's middleware adds them.
"""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

# A smaller body fits one packet as it is.
LEAST: Final = 1024
_TEXT = re.compile(r"text/|application/(json|javascript|xml)\b|image/svg\+xml|\w+/[\w.-]+\+json")
_TAKES = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|,|$)", re.IGNORECASE)


class Compression(GZipMiddleware):
    """Packs what a view has answered."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or "no-transform" in _caching(response):
            return response
        if response.status_code == 304:
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        if not isinstance(response, HttpResponse) or not is_text(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if len(response.content) < LEAST or not takes_gzip(request):
            return response
        return super().process_response(request, response)


def is_text(response: HttpResponseBase) -> bool:
    """Return whether it gets smaller: pictures, fonts and archives are packed already."""
    return bool(_TEXT.match(response.get("Content-Type", "")))


def takes_gzip(request: HttpRequest) -> bool:
    """Return whether a request takes gzip, at any quality but none."""
    return bool(_TAKES.search(request.headers.get("Accept-Encoding", "")))


def has_current(request: HttpRequest, etag: str) -> bool:
    """Return whether `If-None-Match` has this ETag, compared weakly (RFC 9110, 13.1.2): that of a
    packed answer is the same but weak."""
    options = {
        tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))
    }
    return "*" in options or etag.removeprefix("W/") in options


def _caching(response: HttpResponseBase) -> str:
    return str(response.get("Cache-Control", ""))
