"""Creations on other sites: a bare player, and what tells those sites of it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from builder.creation_pages import shown
from core import errors
from core.public_url import base_url
from creations import selectors

# Any site may frame it; it loads nothing but its own media and one style sheet.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    ]
)
WIDEST = 1920
_PAGE = re.compile(r"/(?:s|embed)/([^/]+)/?")


@xframe_options_exempt
@require_safe
def embed(request: HttpRequest, share_id: str) -> HttpResponse:
    """The media and a line that says whose they are. Signed in or not, it shows the same."""
    visible = selectors.visible_share(None, share_id)
    response = render(request, "creation_pages/embed.html", shown.context(request, visible))
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed 1.0 (oembed.com) of a creation's address, as JSON."""
    if request.GET.get("format", "json") != "json":
        response = HttpResponse("Only JSON is here: use format=json.", content_type="text/plain")
        response.status_code = 501
        return response
    origin = base_url(request)
    url = request.GET.get("url", "")[:2_000]
    try:
        parts = urlsplit(url)
    except ValueError:
        raise selectors.missing() from None
    match = _PAGE.fullmatch(parts.path)
    if f"{parts.scheme}://{parts.netloc}" != origin or match is None:
        raise selectors.missing()
    visible = selectors.visible_share(None, match[1])
    context = shown.context(request, visible)
    main = context["main"]
    wide, high = shown.embed_size(main, _at_most(request.GET.get("maxwidth"), 640))
    limit = _at_most(request.GET.get("maxheight"), high)
    if high > limit:
        wide, high = max(1, wide * limit // high), limit
    body: dict[str, Any] = {
        "version": "1.0",
        "type": "video" if main and main.kind == "video" else "rich",
        "title": visible.share.title,
        "author_name": context["author"],
        "provider_name": "Reelgraph",
        "provider_url": origin,
        "cache_age": 0,
        "width": wide,
        "height": high,
        "html": shown.embed_code(visible.share, origin, main, wide),
    }
    if context["picture"]:
        body |= {
            "thumbnail_url": context["picture"],
            "thumbnail_width": main.width or wide,
            "thumbnail_height": main.height or high,
        }
    response = JsonResponse(body)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-cache"
    return response


def _at_most(text: str | None, usual: int) -> int:
    """A length that was asked for, in pixels. Raises InvalidBody for what is none."""
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0):
        raise errors.InvalidBody("maxwidth and maxheight are whole numbers of pixels above 0.")
    return min(int(text), usual, WIDEST)
