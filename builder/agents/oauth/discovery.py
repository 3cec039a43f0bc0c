"""Documents that apps read first: what is protected, how to connect (RFC 9728, RFC 8414)."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts import scopes
from builder.agents.oauth import schemas
from core.openapi import operations
from core.public_url import base_url

AUTHORIZE: Final = "/oauth/authorize"
TOKEN: Final = "/oauth/token"  # noqa: S105  an address
REGISTER: Final = "/oauth/register"
REVOKE: Final = "/oauth/revoke"
MCP: Final = "/mcp"
_AUTH_METHODS: Final = ["none", "client_secret_post", "client_secret_basic"]


@operations(get=schemas.PROTECTED_RESOURCE)
@csrf_exempt
@require_safe
def protected_resource(request: HttpRequest, path: str = "") -> HttpResponse:
    """RFC 9728, of the whole server or of what agents talk to."""
    issuer = base_url(request)
    return _public(
        {
            "resource": f"{issuer}{path}",
            "authorization_servers": [issuer],
            "scopes_supported": list(scopes.SCOPES),
            "bearer_methods_supported": ["header"],
            "resource_name": "Reelgraph",
            "resource_documentation": f"{issuer}/docs/api",
        }
    )


@operations(get=schemas.AUTHORIZATION_SERVER)
@csrf_exempt
@require_safe
def authorization_server(request: HttpRequest) -> HttpResponse:
    """RFC 8414."""
    issuer = base_url(request)
    return _public(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}{AUTHORIZE}",
            "token_endpoint": f"{issuer}{TOKEN}",
            "registration_endpoint": f"{issuer}{REGISTER}",
            "revocation_endpoint": f"{issuer}{REVOKE}",
            "scopes_supported": list(scopes.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": _AUTH_METHODS,
            "revocation_endpoint_auth_methods_supported": _AUTH_METHODS,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
            "service_documentation": f"{issuer}/docs/api",
        }
    )


def _public(data: dict[str, Any]) -> HttpResponse:
    return JsonResponse(data, headers={"Cache-Control": "public, max-age=300"})
