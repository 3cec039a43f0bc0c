"""Every address the product answers, read from its own tables: no list to forget an entry in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from builder import asgi


def django_routes(root: str = "/") -> list[str]:
    """Routes of the URL table under this root, as `/v1/…/<str:run_id>`."""
    return sorted({route for route in django_views() if route.startswith(root)})


def django_views() -> dict[str, Any]:
    """What answers each route of the URL table."""
    return dict(_walk(get_resolver("builder.urls").url_patterns))


def asgi_routes() -> list[str]:
    """Addresses of the apps beside Django."""
    return ["/" + str(route.pattern).lstrip("^") for route in asgi.BESIDE_DJANGO]


def with_id(route: str, public_id: str) -> str:
    """A path of this route, its one variable filled."""
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "<id>", route)
    return re.sub(r"<[^>]+>", quote(public_id, safe=":").replace("\\", r"\\"), route)


def _walk(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback
