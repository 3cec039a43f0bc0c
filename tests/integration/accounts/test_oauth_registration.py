"""Discovery (RFC 8414, RFC 9728) and registration (RFC 7591): what apps are told and may say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from mcp.shared.auth import OAuthClientInformationFull, OAuthMetadata, ProtectedResourceMetadata
from pytest_django import Settings

from accounts import app_clients, sessions
from accounts.models import ApiKey, AuthorizationCode, OAuthClient, User
from core import clock
from tests.support.clients.api import Api
from tests.support.clients.oauth import REGISTER, make_app, refused, register
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
PROTECTED = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"
DAY = timedelta(days=1)


@pytest.mark.parametrize("path", [PROTECTED, f"{PROTECTED}/mcp"])
def test_the_official_package_reads_what_is_protected(path: str, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://reels.example.org"
    said = ProtectedResourceMetadata.model_validate(Client().get(path).json())
    wanted = "https://reels.example.org" + path.removeprefix(PROTECTED)
    assert str(said.resource) == wanted
    assert list(map(str, said.authorization_servers)) == ["https://reels.example.org"]
    assert said.scopes_supported == ["read", "run", "all"]


@pytest.mark.parametrize("path", [SERVER, f"{SERVER}/mcp"])
def test_the_official_package_reads_the_server(path: str, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://reels.example.org"
    said = OAuthMetadata.model_validate(Client().get(path).json())
    assert str(said.issuer) == "https://reels.example.org"
    assert str(said.token_endpoint) == "https://reels.example.org/oauth/token"
    assert said.code_challenge_methods_supported == ["S256"]
    assert said.authorization_response_iss_parameter_supported
    assert said.client_id_metadata_document_supported
    assert "none" in (said.token_endpoint_auth_methods_supported or [])


@pytest.mark.parametrize("path", [PROTECTED, SERVER, REGISTER, "/oauth/token", "/oauth/revoke"])
def test_apps_in_web_pages_may_ask(path: str) -> None:
    origin = "https://inspector.example.org"
    asked = Client().options(path, headers={"origin": origin})
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Origin"] == origin
    allowed = asked["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "mcp-protocol-version" in allowed
    assert "Access-Control-Allow-Credentials" not in asked
    send = Client().get if path.startswith("/.well-known/") else Client().post
    answer = send(path, headers={"origin": origin})
    assert answer["Access-Control-Allow-Origin"] == origin
    assert answer["Content-Type"] == "application/json"


def test_the_page_of_consent_is_not_for_other_origins() -> None:
    answer = Client().get("/oauth/authorize", headers={"origin": "https://a.example.org"})
    assert "Access-Control-Allow-Origin" not in answer


def test_a_public_app_gets_no_secret_and_one_with_a_secret_sees_it_once() -> None:
    public = register()
    said = OAuthClientInformationFull.model_validate(public.json())
    assert (public.status_code, public["Cache-Control"]) == (201, "no-store")
    assert (said.token_endpoint_auth_method, said.client_secret) == ("none", None)
    assert "client_secret" not in public.json()
    for method in ("client_secret_post", "client_secret_basic"):
        answer = register(token_endpoint_auth_method=method).json()
        assert (answer["token_endpoint_auth_method"], answer["client_secret_expires_at"]) == (
            method,
            0,
        )
        stored = OAuthClient.objects.get(public_id=answer["client_id"])
        assert answer["client_secret"].encode() not in bytes(stored.secret_sha256 or b"")
    assert register(token_endpoint_auth_method=None).json()["client_secret"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.org:8443/cb?keep=1",
        "http://127.0.0.1:6274/oauth/callback",
        "http://[::1]:1234/cb",
        "http://localhost:33418",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://192.0.2.7/cb",
        "https://[2001:db8::7]:8443/cb",
        "com.example.app:/cb",
        "com.googleusercontent.apps.123-abc:/cb",
    ],
)
def test_redirects_that_apps_may_have(uri: str) -> None:
    assert register(redirect_uris=[uri]).json()["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/cb",
        "//claude.ai/cb",
        "http://claude.ai/cb",
        "http://127.1/cb",
        "http://localhost.evil.example/cb",
        "https:///cb",
        "https://user:pw@claude.ai/cb",
        "https://claude.ai/cb#",
        "https://claude.ai\\@evil.example/cb",
        "https://claude.ai/cb\r\nSet-Cookie: a=b",
        "https://claude.ai:99999/cb",
        "https://[::1/cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "com.example.app:",
        "https://clаude.ai/cb",
        "https://evil.example;script-src/cb",
        "https://*.claude.ai/cb",
        "https://claude%2eai/cb",
        "https://claude..ai/cb",
        "https://-claude.ai/cb",
        "https://claude_ai/cb",
        "https://claude.ai:/cb",
        "https://2130706433/cb",
        "https://192.0.2.07/cb",
        "https://[v1.a:b]/cb",
        "com.example.app://evil;x/cb",
        "com.example.app://user@host/cb",
        # Systems open these with programs of their own.
        "ms-msdt:/id",
        "cursor:",
        ".app:/cb",
        "com.:/cb",
        "https://claude.ai/" + "x" * 2000,
    ],
)
def test_redirects_that_no_app_may_have(uri: str) -> None:
    answer = register(redirect_uris=["https://claude.ai/fine", uri])
    assert "redirect_uris" in refused(answer, "invalid_redirect_uri")
    assert OAuthClient.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": "https://a.example/cb"}, "redirect_uris"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"redirect_uris": [f"https://a.example/{n}" for n in range(21)]}, "redirect_uris"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method"),
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"response_types": ["token"]}, "response_types"),
        ({"client_name": "a\u202eb"}, "client_name"),
        ({"client_name": "x" * 1001}, "client_name"),
    ],
)
def test_what_cannot_be_registered_names_the_field(said: dict[str, Any], field: str) -> None:
    code = "invalid_redirect_uri" if field == "redirect_uris" else "invalid_client_metadata"
    assert field in refused(register(**said), code)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"a": "\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    refused(Api().post(REGISTER, body), "invalid_request")


def test_a_body_that_is_too_long_is_refused() -> None:
    refused(register(contacts=["x" * 70_000]), "invalid_client_metadata")


def test_names_are_tidied_and_cut() -> None:
    assert register(client_name="  Claude \n Desktop ").json()["client_name"] == "Claude Desktop"
    assert len(register(client_name="x" * 500).json()["client_name"]) == 80
    assert register(client_name=None).json()["client_name"] == "An app without a name"


def test_registering_is_limited_for_each_address(settings: Settings) -> None:
    settings.NEW_APPS_PER_HOUR = 3
    assert [register().status_code for _ in range(4)] == [201, 201, 201, 429]
    answer = register()
    assert answer.json()["error"] == "temporarily_unavailable"
    assert int(answer["Retry-After"]) > 0


def test_registering_is_limited_for_each_address_and_day(settings: Settings) -> None:
    settings.NEW_APPS_PER_HOUR = 1000
    settings.NEW_APPS_PER_DAY = 2
    assert [register().status_code for _ in range(3)] == [201, 201, 429]
    assert int(register()["Retry-After"]) > 3600


def test_the_addresses_of_an_app_have_a_size_together() -> None:
    long = "https://a.example/" + "x" * 1900
    assert register(redirect_uris=[f"{long}1", f"{long}2"]).status_code == 201
    answer = register(redirect_uris=[f"{long}{place}" for place in range(3)])
    assert "4,000 characters" in refused(answer, "invalid_redirect_uri")
    assert OAuthClient.objects.count() == 1


def test_of_apps_that_no_one_connected_only_the_latest_are_kept(
    alice: User, settings: Settings
) -> None:
    connected, agreed, asked, unused = (make_app() for _ in range(4))
    settings.UNUSED_APPS_KEPT = 3
    connected.connect(alice)
    agreed.code(alice)
    OAuthClient.objects.update(created_at=clock.now() - timedelta(hours=1))
    signed_in(alice).get(asked.address())
    apps = [make_app(), make_app()]
    kept = set(OAuthClient.objects.values_list("public_id", flat=True))
    assert kept == {app.client_id for app in (connected, agreed, asked, *apps)}
    assert unused.client_id not in kept


def test_apps_that_no_one_connected_are_forgotten(alice: User) -> None:
    connected, agreed, unused, asked = (make_app() for _ in range(4))
    connected.connect(alice)
    agreed.code(alice)
    long_ago = clock.now() - app_clients.UNUSED_KEPT - DAY
    OAuthClient.objects.update(created_at=long_ago, last_used_at=long_ago)
    yesterday = clock.now() - DAY - timedelta(minutes=1)
    OAuthClient.objects.filter(public_id=asked.client_id).update(last_used_at=yesterday)
    never_used, fresh = make_app(), make_app()
    OAuthClient.objects.filter(public_id=never_used.client_id).update(created_at=yesterday)
    sessions.forget_expired()
    kept = set(OAuthClient.objects.values_list("public_id", flat=True))
    assert kept == {app.client_id for app in (connected, agreed, asked, fresh)}
    assert unused.client_id not in kept
    AuthorizationCode.objects.update(expires_at=long_ago)
    sessions.forget_expired()
    assert AuthorizationCode.objects.count() == 0
    assert not OAuthClient.objects.filter(public_id=agreed.client_id).exists()
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("path", [REGISTER, "/oauth/token", "/oauth/revoke"])
def test_other_methods_are_405_in_json(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer["Content-Type"] == "application/json"
