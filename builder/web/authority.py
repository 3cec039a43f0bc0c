"""The certificate by which programs recognize what this server signed."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core import errors
from core.openapi import Operation, operations
from media import credentials

PEM: Final = "application/x-pem-file"
DESCRIPTION: Final = Operation(
    "getAuthorityCertificate",
    "The certificate that signed copies are trusted by",
    "Uploads",
    {200: {"type": "string", "description": "A certificate as PEM."}},
    public=True,
    flat=True,
    errors=(404,),
    answer_type=PEM,
)


# Nothing is changed here: another method is refused as such, not for a form's missing token.
@operations(get=DESCRIPTION)
@csrf_exempt
@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """Give the certificate of this server's own authority. Raises NotFound without one."""
    pem = credentials.public_authority()
    if not pem:
        raise errors.NotFound("This server has no certificate of its own.")
    return HttpResponse(pem, content_type=PEM)
