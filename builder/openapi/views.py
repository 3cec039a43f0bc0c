"""`/v1/openapi.json` and `/v1/asyncapi.json` for programs, `/docs/api` for people."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.openapi import errors, page
from builder.openapi.asyncapi import asyncapi, servers
from builder.openapi.document import document
from core import jsonsafe
from core.compression import has_current
from core.openapi import operation
from core.public_url import base_url


class OpenapiView(APIView):
    """`GET /v1/openapi.json`. No one needs a credential to read how to get one."""

    authentication_classes: Any = ()
    permission_classes: Any = ()

    @operation(
        "getOpenapi",
        "This API as OpenAPI 3.1",
        tag="Reference",
        answers={200: {"type": "object", "required": ["openapi", "paths", "components"]}},
        flat=True,
        public=True,
    )
    def get(self, request: Request) -> Response:
        return _publish(request, {**document(), "servers": [{"url": base_url(request)}]})


class AsyncapiView(APIView):
    """`GET /v1/asyncapi.json`: the sockets, likewise for everyone."""

    authentication_classes: Any = ()
    permission_classes: Any = ()

    @operation(
        "getAsyncapi",
        "The WebSockets as AsyncAPI 3.0",
        tag="Reference",
        answers={200: {"type": "object", "required": ["asyncapi", "channels", "operations"]}},
        flat=True,
        public=True,
    )
    def get(self, request: Request) -> Response:
        return _publish(request, {**asyncapi(), "servers": servers(base_url(request))})


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The same as a page: groups of operations, then the schemas they use."""
    origin = base_url(request)
    groups = page.groups(origin)
    context = {
        "origin": origin,
        "groups": groups,
        "components": page.components(),
        "errors": sorted(errors.table(), key=lambda one: int(one["status"])),
        "events": document()["x-events"],
        "sockets": page.sockets(),
        "close_codes": page.close_codes(),
        "examples": {
            "browser": page.example("follow_run.js"),
            "python": page.example("follow_run.py"),
        },
        "count": sum(len(one.routes) for group in groups for one in group.operations),
    }
    return render(request, "openapi/reference.html", context)


def _publish(request: Request, whole: dict[str, Any]) -> Response:
    digest = hashlib.sha256(jsonsafe.dumps(whole)).hexdigest()[:32]
    etag = f'"{digest}"'
    response = Response(status=304) if has_current(request, etag) else Response(whole)
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return response
