"""Bodies that apps send and are answered, as OpenAPI tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from core.openapi import Operation, Schema

TAG = "Connected apps"


class ProtectedResource(BaseModel):
    """The protected resource, and who gives tokens for it (RFC 9728)."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    resource_name: str
    resource_documentation: str


class AuthorizationServer(BaseModel):
    """The routes by which an app is connected, and what they support (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    registration_endpoint: str
    revocation_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    client_id_metadata_document_supported: bool
    service_documentation: str


class RegisterIn(BaseModel):
    """An app's facts about itself. Other fields of RFC 7591 are ignored."""

    redirect_uris: list[str] = Field(
        min_length=1,
        max_length=20,
        description="Where people are sent back to: https, http on loopback, or a scheme of the"
        " app's own.",
    )
    client_name: str | None = Field(None, description="What people are shown. At most 80 are kept.")
    token_endpoint_auth_method: Literal["none", "client_secret_post", "client_secret_basic"] = (
        Field("client_secret_basic", description="`none` for an app that can't keep a secret.")
    )
    grant_types: list[str] | None = Field(
        None, description="Must have `authorization_code` where it is sent."
    )
    response_types: list[str] | None = Field(None, description="Must have `code` where it is sent.")


class RegisteredApp(BaseModel):
    """The app, with its id. A secret is told this once."""

    client_id: str
    client_id_issued_at: int
    client_name: str
    redirect_uris: list[str]
    grant_types: list[str]
    response_types: list[str]
    token_endpoint_auth_method: str
    scope: str
    client_secret: str | None = None
    client_secret_expires_at: int | None = None


class TokenIn(BaseModel):
    """A form. With a secret, the app sends it here or by HTTP Basic."""

    grant_type: Literal["authorization_code", "refresh_token"] = Field(
        description="What is exchanged."
    )
    client_id: str | None = Field(None, description="The app, if it isn't in the header.")
    client_secret: str | None = Field(None, description="The app's secret, if it has one.")
    code: str | None = Field(None, description="The code, once, within 60 seconds.")
    code_verifier: str | None = Field(None, description="Of which the challenge was made.")
    redirect_uri: str | None = Field(None, description="If sent, the one the code was sent to.")
    refresh_token: str | None = Field(None, description="The newest one.")
    scope: str | None = Field(None, description="No more than the connection has.")
    resource: str | None = Field(None, description="If sent, the one that was agreed to.")


class AppTokens(BaseModel):
    """An access token and the next refresh token. scope: what the person gave."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str


class RevokeIn(BaseModel):
    """A form."""

    token: str = Field(description="An access or a refresh token of the app.")
    token_type_hint: str | None = Field(None, description="Isn't needed.")
    client_id: str | None = Field(None, description="The app, if it isn't in the header.")
    client_secret: str | None = Field(None, description="The app's secret, if it has one.")


class OAuthRefusal(BaseModel):
    """A failure in the words of RFC 6749."""

    error: str
    error_description: str


_FORM = "application/x-www-form-urlencoded"
_EMPTY: Schema = {"type": "object", "description": "Empty: the token opens nothing any more."}

PROTECTED_RESOURCE = Operation(
    "getProtectedResource",
    "Who gives tokens for this server",
    TAG,
    {200: ProtectedResource},
    public=True,
    flat=True,
)
AUTHORIZATION_SERVER = Operation(
    "getAuthorizationServer",
    "How an app is connected",
    TAG,
    {200: AuthorizationServer},
    public=True,
    flat=True,
)
REGISTER = Operation(
    "registerApp",
    "Register an app",
    TAG,
    {201: RegisteredApp, 400: OAuthRefusal, 429: OAuthRefusal},
    body=RegisterIn,
    body_example={
        "client_name": "My app",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    },
    public=True,
    flat=True,
    description="Needs no credential and gives nothing: a person decides at `/oauth/authorize`."
    " 60 an hour from one address.",
)
TOKEN = Operation(
    "getAppTokens",
    "Exchange a code or a refresh token",
    TAG,
    {200: AppTokens, 400: OAuthRefusal, 401: OAuthRefusal},
    body=TokenIn,
    body_type=_FORM,
    public=True,
    flat=True,
    description="A code or refresh token that is shown again ends the connection.",
)
REVOKE = Operation(
    "revokeAppToken",
    "End a connection",
    TAG,
    {200: _EMPTY, 400: OAuthRefusal, 401: OAuthRefusal},
    body=RevokeIn,
    body_type=_FORM,
    public=True,
    flat=True,
    description="With a token of either kind. Unknown tokens are fine.",
)
