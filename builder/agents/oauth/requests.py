"""Reads what an app sends a person with to `/oauth/authorize`."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from accounts import app_clients, app_redirects, pkce, rate_limits, scopes
from accounts.connected_apps import Asked
from accounts.models import OAuthClient, User
from accounts.oauth_errors import OAuthError
from builder.agents.oauth.resources import is_here
from core import errors, jsonsafe
from core.public_url import base_url
from media.fetch import fetch_document

STATE_LENGTH = 2000
DOCUMENT_BYTES = 20_000
FETCH_S = 5.0
_ONCE = ("client_id", "redirect_uri", "response_type", "response_mode", "state", "scope")
_PKCE = ("code_challenge", "code_challenge_method")


@dataclass(frozen=True, slots=True)
class Return:
    """An address that a person goes back to, with what: answers go there once it is known."""

    client: OAuthClient
    redirect_uri: str
    state: str
    issuer: str

    def with_answer(self, **answer: str) -> str:
        """The address of an answer: with the app's state, and who answers (RFC 9207)."""
        state = {"state": self.state} if self.state else {}
        return app_redirects.with_answer(self.redirect_uri, {**answer, **state, "iss": self.issuer})


def return_of(request: HttpRequest, person: User) -> Return:
    """Return which app asks and where it waits. Raises OAuthError, which only a page can show."""
    query = request.GET
    for name in (*_ONCE, *_PKCE):
        if len(query.getlist(name)) > 1:
            raise OAuthError("invalid_request", f"{name}: sent more than once.")
    client = _client_of(query.get("client_id", ""), person)
    uri = query.get("redirect_uri", "")
    if not uri and len(client.redirect_uris) == 1:
        uri = client.redirect_uris[0]
    # Once more: apps may have registered before this server refused such addresses.
    app_redirects.check(uri, "redirect_uri")
    if not app_redirects.is_registered(uri, client.redirect_uris):
        raise OAuthError("invalid_redirect_uri", "The app didn't register where it sends you.")
    state = query.get("state", "")
    if len(state) > STATE_LENGTH:
        raise OAuthError("invalid_request", f"state: at most {STATE_LENGTH:,} characters.")
    return Return(client, uri, state, base_url(request))


def asked_of(request: HttpRequest, back: Return) -> Asked:
    """Return what the app asks for. Raises OAuthError, which it is told if the person wants it."""
    query = request.GET
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type: use code.")
    if query.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode: use query.")
    if query.get("code_challenge_method") != pkce.METHOD:
        raise OAuthError("invalid_request", "code_challenge_method: use S256.")
    challenge = query.get("code_challenge", "")
    if not pkce.is_challenge(challenge):
        raise OAuthError("invalid_request", "code_challenge: this isn't one of S256.")
    resources = query.getlist("resource")
    if any(not is_here(one, back.issuer) for one in resources):
        raise OAuthError("invalid_target", "resource: this isn't a URL of this server.")
    # Several are one server here: none of them is meant alone.
    resource = resources[0] if len(resources) == 1 else ""
    return Asked(back.client, back.redirect_uri, challenge, resource)


def suggested_scope(query: QueryDict) -> str:
    """Return the scope chosen first: no more than `run`, and no more than was asked for."""
    names = set(query.get("scope", "").split()) & set(scopes.SCOPES)
    return scopes.READ if names == {scopes.READ} else scopes.RUN


def _client_of(client_id: str, person: User) -> OAuthClient:
    """Raises OAuthError for an app that isn't known or whose document can't be used, and
    QuotaExceeded when this person had too many documents fetched."""
    client = app_clients.find(client_id)
    if not app_clients.is_document_url(client_id):
        if client is None:
            raise OAuthError("invalid_client", "This server doesn't know the app. Start again.")
        return client
    if client is not None and app_clients.read_within(client, app_clients.DOCUMENT_FRESH):
        return client
    rate_limits.check_app_documents(person)
    try:
        text = fetch_document(client_id, max_bytes=DOCUMENT_BYTES, timeout_s=FETCH_S)
        return app_clients.store_document(client_id, jsonsafe.loads_object(text))
    except errors.ProviderError as problem:
        if client is not None and app_clients.read_within(client, app_clients.DOCUMENT_KEPT):
            return client
        raise OAuthError("invalid_client", problem.message) from None
    except errors.InvalidBody as problem:
        raise OAuthError("invalid_client_metadata", problem.message) from None
