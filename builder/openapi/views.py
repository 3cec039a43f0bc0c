"""`/v1/openapi.json` for programs, `/docs/api` for people."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.openapi import errors, page
from builder.openapi.document import document
from core import jsonsafe
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
        origin = base_url(request)
        etag = _etag(origin)
        if etag in request.headers.get("If-None-Match", ""):
            response = Response(status=304)
        else:
            response = Response({**document(), "servers": [{"url": origin}]})
        response["ETag"] = etag
        response["Cache-Control"] = "public, no-cache"
        return response


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The same as a page: groups of operations, then the shapes they speak of."""
    origin = base_url(request)
    groups = page.groups(origin)
    context = {
        "origin": origin,
        "groups": groups,
        "components": page.components(),
        "errors": sorted(errors.table(), key=lambda one: int(one["status"])),
        "events": document()["x-events"],
        "count": sum(len(one.routes) for group in groups for one in group.operations),
    }
    return render(request, "openapi/reference.html", context)


@cache
def _etag(origin: str) -> str:
    digest = hashlib.sha256(origin.encode() + jsonsafe.dumps(document()))
    return f'"{digest.hexdigest()[:32]}"'
