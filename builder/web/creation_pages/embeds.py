"""Creations on other sites: a bare player, and what tells those sites of it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from builder.web.creation_pages import creation_view
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
    context: dict[str, Any] = {"main": None}
    status = 200
    try:
        context = creation_view.context(request, selectors.visible_share(None, share_id))
    except errors.NotFound as missing:
        # A page of ours: one that may not be framed would be a browser's error on other sites.
        context["missing"], status = missing.person, 404
    response = render(request, "creation_pages/embed.html", context, status=status)
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed 1.0 (oembed.com) of a creation's address, as JSON. What can't be seen is a 404."""
    try:
        response: HttpResponse = JsonResponse(_describe(request))
    except errors.AppError as problem:
        response = JsonResponse({"error": problem.message}, status=problem.status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-cache"
    return response


def _describe(request: HttpRequest) -> dict[str, Any]:
    if request.GET.get("format", "json") != "json":
        raise errors.NotOffered("Only JSON is offered: use format=json.")
    origin = base_url(request)
    visible = selectors.visible_share(None, _share_id(request.GET.get("url", ""), origin))
    context = creation_view.context(request, visible)
    main: creation_view.ShownMedium | None = context["main"]
    widest = _at_most(request.GET.get("maxwidth"), WIDEST)
    highest = _at_most(request.GET.get("maxheight"), WIDEST)
    wide, high = creation_view.embed_size(main, min(widest, creation_view.EMBED_WIDTH))
    if high > highest:
        # Narrower, so that the media keep their shape.
        rest = high - creation_view.LINE_HEIGHT
        wide = max(1, wide * max(1, highest - creation_view.LINE_HEIGHT) // rest)
        high = highest
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
        "html": creation_view.embed_code(visible.share, origin, main, (wide, high)),
    }
    if context["author_url"]:
        body["author_url"] = origin + context["author_url"]
    if main and main.line:
        body |= {"origin": main.line, "digital_source_type": main.source_type}
    if main and main.picture:
        across, down = main.picture_size
        if 0 < across <= widest and 0 < down <= highest:
            body |= {
                "thumbnail_url": context["picture"],
                "thumbnail_width": across,
                "thumbnail_height": down,
            }
    return body


def _share_id(url: str, origin: str) -> str:
    """The creation that an address of ours names. Raises InvalidBody, NotFound."""
    if not url:
        raise errors.InvalidBody("url is missing: the address of a creation, such as …/s/<id>.")
    try:
        parts = urlsplit(url[:2_000])
    except ValueError:
        raise selectors.missing() from None
    match = _PAGE.fullmatch(parts.path)
    if f"{parts.scheme}://{parts.netloc}" != origin or match is None:
        raise selectors.missing()
    return match[1]


def _at_most(text: str | None, usual: int) -> int:
    """A length that was asked for, in pixels. Raises InvalidBody for what is none."""
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0):
        raise errors.InvalidBody("maxwidth and maxheight are whole numbers of pixels above 0.")
    return min(int(text), usual)
