"""The routes that apps call: `POST /oauth/register`, `/oauth/token`, `/oauth/revoke`.

They take no cookies. Failures are RFC 6749's objects, and nothing may keep an answer: it may hold a
secret.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import app_clients, connected_apps, rate_limits
from accounts.client_address import client_of as client_info_of
from accounts.models import OAuthClient
from accounts.oauth_errors import OAuthError
from builder.agents.oauth import schemas
from builder.agents.oauth.resources import is_here
from builder.shared.page_requests import check_sent
from core import clock, errors, jsonsafe
from core.openapi import operations
from core.public_url import base_url

# Of an app that registers.
LONGEST = 64 * 1024
View = Callable[[HttpRequest], HttpResponse]


def _for_apps(view: View) -> View:
    """A route without cookies: every failure it names is one of RFC 6749's objects."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except OAuthError as refusal:
            return _refusal(refusal.code, refusal.description, refusal.status, request)
        except errors.QuotaExceeded as refusal:
            response = _refusal("temporarily_unavailable", refusal.message, 429, request)
            response["Retry-After"] = str(math.ceil(refusal.retry_after_s or 1))
            return response
        except errors.InvalidBody as refusal:
            return _refusal("invalid_request", refusal.message, 400, request)

    return answered


@operations(post=schemas.REGISTER)
@_for_apps
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Store the app. It may do nothing until a person connects it."""
    rate_limits.check_new_apps(client_info_of(request).address)
    if len(request.body) > min(LONGEST, settings.BODY_LIMIT_BYTES):
        raise OAuthError("invalid_client_metadata", f"The body is over {LONGEST // 1024} KB.")
    client, secret = app_clients.register(jsonsafe.loads_object(request.body))
    answer: dict[str, Any] = {
        "client_id": client.public_id,
        "client_id_issued_at": clock.unix(client.created_at),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": client.auth_method,
        "scope": "read run all",
    }
    if secret:
        answer |= {"client_secret": secret, "client_secret_expires_at": 0}
    return _json(answer, 201)


@operations(post=schemas.TOKEN)
@_for_apps
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """RFC 6749 §4.1.3 and §6, with PKCE (RFC 7636) and resources (RFC 8707)."""
    form = _form_of(request)
    client = _client_of(request, form)
    if any(not is_here(one, base_url(request)) for one in request.POST.getlist("resource")):
        raise OAuthError("invalid_target", "resource: this isn't a URL of this server.")
    grant = _required_field(form, "grant_type")
    if grant == "authorization_code":
        pair = _redeem(client, form)
    elif grant == "refresh_token":
        text = _required_field(form, "refresh_token")
        pair = connected_apps.refresh(client=client, text=text, scope=form.get("scope", ""))
    else:
        raise OAuthError(
            "unsupported_grant_type", "grant_type: use authorization_code or refresh_token."
        )
    return _json(
        {
            "access_token": pair.access,
            "token_type": "Bearer",
            "expires_in": pair.expires_in_s,
            "refresh_token": pair.refresh,
            "scope": pair.scope,
        }
    )


@operations(post=schemas.REVOKE)
@_for_apps
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009: ends the whole connection. An unknown token is as good as an ended one."""
    form = _form_of(request)
    client = _client_of(request, form)
    connected_apps.end_by_token(client=client, text=_required_field(form, "token"))
    return _json({})


def _json(data: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """An answer that nothing keeps: it may hold a secret."""
    return JsonResponse(
        dict(data), status=status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"}
    )


def _form_of(request: HttpRequest) -> dict[str, str]:
    """The fields of a form, each of them sent once. Raises OAuthError."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise OAuthError(
            "invalid_request", "Send a form: Content-Type: application/x-www-form-urlencoded."
        )
    check_sent(request.POST)
    for name in request.POST:
        if len(request.POST.getlist(name)) > 1 and name != "resource":
            raise OAuthError("invalid_request", f"{name}: sent more than once.")
    return {name: str(request.POST[name]) for name in request.POST}


def _client_of(request: HttpRequest, form: Mapping[str, str]) -> OAuthClient:
    """The app that asks, by its id and secret in the header or the form. Raises OAuthError."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return app_clients.authenticate(form.get("client_id", ""), form.get("client_secret", ""))
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise OAuthError("invalid_client", "Authorization: this isn't HTTP Basic.") from None
    client_id, _, secret = map(unquote_plus, text.partition(":"))
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_client", "client_id: the header names another app.")
    return app_clients.authenticate(client_id, secret)


def _refusal(code: str, description: str, status: int, request: HttpRequest) -> HttpResponse:
    response = _json({"error": code, "error_description": description}, status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="oauth"'
    return response


def _redeem(client: OAuthClient, form: Mapping[str, str]) -> connected_apps.TokenPair:
    return connected_apps.redeem(
        client=client,
        code=_required_field(form, "code"),
        redirect_uri=form.get("redirect_uri", ""),
        verifier=_required_field(form, "code_verifier"),
        resource=form.get("resource", ""),
    )


def _required_field(form: Mapping[str, str], name: str) -> str:
    text = form.get(name, "")
    if not text:
        raise OAuthError("invalid_request", f"{name}: this is required.")
    return text
