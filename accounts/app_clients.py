"""Apps that ask to be connected: registered by themselves (RFC 7591), or by a document at the https
URL that is their client_id."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accounts import app_redirects
from accounts.auth import hash_secret
from accounts.models import OAuthClient
from accounts.oauth_errors import OAuthError
from core import clock, field_errors, short_text

NAME_LENGTH: Final = 80
# Of a URL that is a client_id.
ID_LENGTH: Final = 512
# A document is read again after the first; while its server is away it holds until the second.
DOCUMENT_FRESH: Final = timedelta(hours=1)
DOCUMENT_KEPT: Final = timedelta(hours=24)
# An app that no one connected is forgotten so long after a person was last asked about it; and one
# about which no one ever was, so long after it registered.
UNUSED_KEPT: Final = timedelta(days=7)
NEVER_USED_KEPT: Final = timedelta(days=1)
# Of all its redirects together, in characters.
REDIRECTS_LENGTH: Final = 4_000
_PUBLIC: Final = "none"


class ClientMetadata(BaseModel):
    """The words of an app about itself, as far as they are read here."""

    model_config = ConfigDict(extra="ignore")

    redirect_uris: list[str] = Field(min_length=1, max_length=20)
    client_name: str | None = Field(None, max_length=1000)
    token_endpoint_auth_method: (
        Literal["none", "client_secret_post", "client_secret_basic"] | None
    ) = None
    grant_types: list[str] = Field(["authorization_code", "refresh_token"], max_length=10)
    response_types: list[str] = Field(["code"], max_length=10)


def register(raw: Any) -> tuple[OAuthClient, str]:
    """Store an app that registers. Returns it and its secret, empty for a public client.

    Raises OAuthError.
    """
    metadata = _metadata_of(raw)
    # The default of RFC 7591.
    method = metadata.token_endpoint_auth_method or "client_secret_basic"
    secret = "" if method == _PUBLIC else secrets.token_urlsafe(32)
    client = OAuthClient.objects.create(
        name=_name(metadata, "An app without a name"),
        redirect_uris=metadata.redirect_uris,
        auth_method=method,
        secret_sha256=hash_secret(secret) if secret else None,
    )
    _forget_oldest()
    return client, secret


def is_document_url(client_id: str) -> bool:
    """Return whether a client_id is the URL of a metadata document that may be fetched."""
    if len(client_id) > ID_LENGTH or not client_id.startswith("https://"):
        return False
    try:
        parts = urlsplit(client_id)
        has_host = bool(parts.hostname)
    except ValueError:
        return False
    dots = {".", ".."} & set(parts.path.split("/"))
    return has_host and len(parts.path) > 1 and not dots and not {"#", "@"} & set(client_id)


def store_document(url: str, document: Any) -> OAuthClient:
    """Store what the document at this URL says now. Raises OAuthError."""
    if not isinstance(document, dict) or document.get("client_id") != url:
        raise OAuthError(
            "invalid_client_metadata", "client_id: the document doesn't name its own URL."
        )
    metadata = _metadata_of(document)
    if metadata.token_endpoint_auth_method not in (None, _PUBLIC):
        raise OAuthError(
            "invalid_client_metadata",
            "token_endpoint_auth_method: a document can't hold a secret. Use none.",
        )
    fields = {
        "name": _name(metadata, str(urlsplit(url).hostname)),
        "redirect_uris": metadata.redirect_uris,
        "is_document": True,
        "read_at": clock.now(),
    }
    client, is_new = OAuthClient.objects.update_or_create(public_id=url, defaults=fields)
    if is_new:
        _forget_oldest()
    return client


def find(client_id: str) -> OAuthClient | None:
    """The app of this client_id, as it is stored."""
    if "\x00" in client_id or len(client_id) > ID_LENGTH:
        return None
    return OAuthClient.objects.filter(public_id=client_id).first()


def read_within(client: OAuthClient | None, age: timedelta) -> bool:
    """Return whether an app's document was read so lately."""
    return client is not None and client.read_at is not None and clock.now() - client.read_at < age


def authenticate(client_id: str, secret: str) -> OAuthClient:
    """The app that asks for tokens. Raises OAuthError (`invalid_client`)."""
    client = find(client_id)
    if client is None:
        raise OAuthError("invalid_client", "client_id: this app isn't registered. Register again.")
    if client.secret_sha256 is None:
        return client
    if not hmac.compare_digest(hash_secret(secret), bytes(client.secret_sha256)):
        raise OAuthError("invalid_client", "client_secret: this isn't the app's secret.")
    return client


def note_use(client: OAuthClient) -> None:
    """A person was asked about this app."""
    OAuthClient.objects.filter(pk=client.pk).update(last_used_at=clock.now())


def forget_unused() -> int:
    """Delete apps that no one connected and that were not used lately. Returns how many."""
    now = clock.now()
    count, _ = (
        _idle_clients()
        .filter(
            Q(last_used_at=None, created_at__lt=now - NEVER_USED_KEPT)
            | Q(last_used_at__lt=now - UNUSED_KEPT)
        )
        .delete()
    )
    return count


def _forget_oldest() -> None:
    """Delete what is over UNUSED_APPS_KEPT of the apps that no one connected.

    Not refused, as others could then keep everyone's apps from registering.
    """
    latest = _idle_clients().order_by(Coalesce("last_used_at", "created_at").desc(), "-pk")
    over = list(latest.values_list("pk", flat=True)[settings.UNUSED_APPS_KEPT :])
    if over:
        _idle_clients().filter(pk__in=over).delete()


def _idle_clients() -> QuerySet[OAuthClient]:
    """Apps that no one connected or is about to."""
    return OAuthClient.objects.filter(connections=None, codes=None)


def _metadata_of(raw: Any) -> ClientMetadata:
    try:
        metadata = ClientMetadata.model_validate(raw)
    except ValidationError as error:
        issue = field_errors.issues_of(error, 1)[0]
        if issue["path"].startswith("redirect_uris"):
            raise OAuthError("invalid_redirect_uri", issue["message"]) from None
        raise OAuthError("invalid_client_metadata", issue["message"]) from None
    for uri in metadata.redirect_uris:
        app_redirects.check(uri)
    if sum(map(len, metadata.redirect_uris)) > REDIRECTS_LENGTH:
        raise OAuthError(
            "invalid_redirect_uri",
            f"redirect_uris: together they're over {REDIRECTS_LENGTH:,} characters. Send fewer.",
        )
    if "authorization_code" not in metadata.grant_types:
        raise OAuthError("invalid_client_metadata", "grant_types: authorization_code is missing.")
    if "code" not in metadata.response_types:
        raise OAuthError("invalid_client_metadata", "response_types: only code works here.")
    return metadata


def _name(metadata: ClientMetadata, otherwise: str) -> str:
    name = short_text.tidy(metadata.client_name or "")
    problem = short_text.problem_of(name)
    if problem:
        raise OAuthError("invalid_client_metadata", f"client_name {problem}")
    return name[:NAME_LENGTH] or otherwise[:NAME_LENGTH]
