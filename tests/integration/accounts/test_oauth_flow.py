"""An app is connected: found, registered, agreed to, given tokens, used, refreshed and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import ApiKey, AuthorizationCode, User
from core import clock
from tests.support.clients.api import Api
from tests.support.clients.oauth import App, answer_in, make_app, refused, register, who
from tests.support.clients.visitors import signed_in
from tests.support.openapi import misfits

pytestmark = pytest.mark.django_db
WORKFLOWS = "/v1/creative-agent/workflows"
TEMPLATES = f"{WORKFLOWS}/templates"
ORIGIN = "http://testserver"


@pytest.fixture
def app(db: None) -> App:
    return make_app()


def get(path: str) -> dict[str, Any]:
    answer = Client().get(path)
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_connection_from_discovery_to_its_end(alice: User) -> None:
    protected = get("/.well-known/oauth-protected-resource/mcp")
    assert protected["resource"] == f"{ORIGIN}/mcp"
    [issuer] = protected["authorization_servers"]
    server = get("/.well-known/oauth-authorization-server")
    assert server["issuer"] == issuer == ORIGIN
    assert server["code_challenge_methods_supported"] == ["S256"]
    registered = Api().post(
        server["registration_endpoint"].removeprefix(ORIGIN),
        {"client_name": "Claude", "redirect_uris": ["http://localhost/callback"]},
    )
    assert registered.status_code == 201
    said = registered.json()
    app = App(said["client_id"], said["client_secret"], "http://localhost:4711/callback")
    page = signed_in(alice).get(app.address(resource=f"{ORIGIN}/mcp"))
    html = page.content.decode()
    assert page.status_code == 200
    for words in ("Claude", "this computer", "alice", "we can&#x27;t check it"):
        assert words.replace("&#x27;", "'") in html or words in html, words
    answer = app.decided(alice, resource=f"{ORIGIN}/mcp")
    assert (answer["state"], answer["iss"]) == ("s-1", ORIGIN)
    tokens = app.redeem(answer["code"], resource=f"{ORIGIN}/mcp").json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["scope"] == "read run"
    assert who(tokens["access_token"]).json()["data"]["username"] == "alice"
    newer = app.refresh(tokens["refresh_token"]).json()
    assert newer["refresh_token"] != tokens["refresh_token"]
    assert who(newer["access_token"]).status_code == 200
    assert app.revoke(newer["refresh_token"]).status_code == 200
    assert who(newer["access_token"]).status_code == 401
    assert who(tokens["access_token"]).status_code == 401
    refused(app.refresh(newer["refresh_token"]), "invalid_grant")


def test_a_token_is_accepted_wherever_a_key_is(app: App, alice: User) -> None:
    token = app.connect(alice)["access_token"]
    for headers in (
        {"api-key": token},
        {"authorization": token},
        {"authorization": f"bearer {token}"},
        {"cookie": f"authorization={token}"},
    ):
        assert Client().get("/v1/account/me", headers=headers).status_code == 200
    body = {"input": {"steps": [{"toolName": "note"}]}}
    assert Api(token).post(WORKFLOWS, body).status_code == 201
    key = ApiKey.objects.get()
    assert (key.client_id is not None, key.name, key.user) == (True, "Test agent", alice)
    assert key.last_used_at is not None


def test_its_scope_is_the_one_the_person_chose(alice: User) -> None:
    for scope, status in (("read", 403), ("run", 403), ("all", 201)):
        token = make_app().connect(alice, allow={"scope": scope})["access_token"]
        answer = Api(token).post(TEMPLATES, {"name": "One", "stages": []})
        assert answer.status_code == status, scope
        if status == 403:
            assert answer.json()["error"]["code"] == "key_scope"
            assert "Connect the app again" in answer.json()["message"]


def test_its_budget_and_end_are_those_of_a_key(app: App, alice: User) -> None:
    tokens = app.connect(alice, allow={"units": "0.5", "days": "7"})
    key = ApiKey.objects.get()
    assert key.daily_budget_milli == 500
    assert key.expires_at is not None
    assert timedelta(days=6, hours=23) < key.expires_at - clock.now() < timedelta(days=7)
    steps = [{"toolName": "generate_image", "arguments": {"prompt": "a"}}]
    answer = Api(tokens["access_token"]).post(WORKFLOWS, {"input": {"steps": steps}})
    assert answer.status_code == 402
    ApiKey.objects.update(expires_at=clock.now())
    assert who(tokens["access_token"]).status_code == 401
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")


def test_refusing_tells_the_app_and_makes_nothing(app: App, alice: User) -> None:
    response = signed_in(alice).post(app.address(), {"deny": "1"})
    answer = answer_in(response["Location"])
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "s-1", ORIGIN)
    assert AuthorizationCode.objects.count() == ApiKey.objects.count() == 0


def test_someone_who_is_not_signed_in_signs_in_first_and_comes_back(app: App, alice: User) -> None:
    services.change_password(user=alice, password="lamplight-42")
    client = Client()
    asked = client.get(app.address(state="x" * 1000))
    assert asked["Location"].startswith("/sign-in?next=/oauth/authorize%3F")
    form = client.get(asked["Location"]).context["next"]
    back = client.post("/sign-in", {"username": "alice", "password": "lamplight-42", "next": form})
    assert back["Location"] == app.address(state="x" * 1000)
    assert b"Test agent" in client.get(back["Location"]).content


def test_the_keys_page_lists_and_disconnects_it(app: App, alice: User, bob: User) -> None:
    tokens = app.connect(alice)
    client = signed_in(alice)
    html = client.get("/me/keys").content.decode()
    assert "Connected apps" in html
    assert "Test agent" in html
    assert "rg_" not in html
    lookup = ApiKey.objects.get().lookup
    assert signed_in(bob).post(f"/me/keys/{lookup}/revoke").status_code == 404
    assert client.post(f"/me/keys/{lookup}/budget", {"units": "3"}).status_code == 302
    assert ApiKey.objects.get().daily_budget_milli == 3000
    assert client.post(f"/me/keys/{lookup}/revoke").status_code == 302
    assert "Disconnected Test agent." in client.get("/me/keys").content.decode()
    assert who(tokens["access_token"]).status_code == 401
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")
    html = client.get("/me/security").content.decode()
    assert "App connected" in html
    assert "App disconnected" in html


def test_all_that_apps_are_answered_is_in_the_document(app: App, alice: User) -> None:
    tokens = app.redeem(app.code(alice))
    secret = {"token_endpoint_auth_method": "client_secret_basic"}
    answers = [
        ("GET", "/.well-known/oauth-protected-resource", None),
        ("GET", "/.well-known/oauth-authorization-server/mcp", None),
        ("POST", "/oauth/register", register()),
        ("POST", "/oauth/register", register(**secret)),
        ("POST", "/oauth/register", register(redirect_uris=[])),
        ("POST", "/oauth/token", tokens),
        ("POST", "/oauth/token", app.refresh("x")),
        ("POST", "/oauth/token", App("app_x").refresh("x")),
        ("POST", "/oauth/revoke", app.revoke(tokens.json()["access_token"])),
    ]
    for method, path, answer in answers:
        told = answer if answer is not None else Client().get(path)
        assert misfits(method, path, told.status_code, told.json()) == []
