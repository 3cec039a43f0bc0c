"""A client_id that is the https URL of a document: fetched with care, kept, and read again."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import app_clients
from accounts.models import OAuthClient, User
from core import clock
from tests.support.certificates import make_certificate
from tests.support.clients.oauth import REDIRECT, App, who
from tests.support.clients.visitors import signed_in
from tests.support.fakes.hostile_server import HostileServer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def server(
    certificate: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HostileServer]:
    """The server of an app, allowed by its address and port."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HostileServer(context) as server:
        settings.FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def publish(server: HostileServer, name: str = "app.json", **changes: Any) -> App:
    """An app whose document says this; None leaves a field out."""
    url = server.url(f"/{name}", scheme="https")
    said = {"client_id": url, "client_name": "Paper app", "redirect_uris": [REDIRECT], **changes}
    left = {field: value for field, value in said.items() if value is not None}
    server.files[name] = json.dumps(left).encode()
    return App(url)


def page(app: App, person: User, **changes: Any) -> Any:
    return signed_in(person).get(app.address(**changes))


def refused(app: App, person: User) -> str:
    answer = page(app, person)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "App not connected" in html
    return html


def fetches(server: HostileServer) -> int:
    return len(server.requests)


def test_an_app_with_a_document_is_connected(server: HostileServer, alice: User) -> None:
    app = publish(server)
    answer = page(app, alice)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Paper app" in html
    assert app.client_id in html
    tokens = app.connect(alice)
    assert who(tokens["access_token"]).status_code == 200
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    # Once for all of it, without cookies.
    assert fetches(server) == 1
    assert "cookie" not in server.requests[0][1]
    assert server.requests[0][1]["accept"] == "application/json"


def test_nothing_is_fetched_for_visitors_or_by_the_routes_of_apps(server: HostileServer) -> None:
    app = publish(server)
    assert Client().get(app.address())["Location"].startswith("/sign-in")
    assert app.redeem("x").json()["error"] == "invalid_client"
    assert app.refresh("x").json()["error"] == "invalid_client"
    assert fetches(server) == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": "https://evil.example/app.json"}, "name its own URL"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "hold a secret"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method"),
        ({"client_name": "a\u202eb"}, "client_name"),
    ],
)
def test_a_document_that_cannot_be_used_is_told(
    server: HostileServer, alice: User, changes: dict[str, Any], word: str
) -> None:
    assert word in refused(publish(server, **changes), alice)
    assert OAuthClient.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff\xfe", b'{"client_id": "' + b"x" * 20_000])
def test_a_body_that_is_no_document_is_told(
    server: HostileServer, alice: User, body: bytes
) -> None:
    app = publish(server)
    server.files["app.json"] = body
    refused(app, alice)


@pytest.mark.parametrize("path", ["redirect", "missing", "broken", "endless", "compressed"])
def test_a_server_that_misbehaves_is_told(server: HostileServer, alice: User, path: str) -> None:
    publish(server)
    server.location = "/app.json"
    refused(App(server.url(f"/{path}", scheme="https")), alice)
    assert fetches(server) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/app.json",
        "https://169.254.169.254/latest/meta-data",
    ],
)
def test_addresses_of_private_networks_are_not_asked(alice: User, url: str) -> None:
    assert "private network" in refused(App(url), alice)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/app.json",
        "https://app.example/",
        "https://user@app.example/app.json",
        "https://app.example/app.json#part",
        "https://app.example/../app.json",
        "https://[::1/app.json",
        "https://app.example/" + "x" * 600,
    ],
)
def test_other_urls_are_no_documents(alice: User, url: str) -> None:
    assert "doesn&#x27;t know the app" in refused(App(url), alice)


def test_a_document_is_read_again_after_an_hour(server: HostileServer, alice: User) -> None:
    app = publish(server)
    page(app, alice)
    other = "http://127.0.0.1/other"
    publish(server, redirect_uris=[other], client_name="Newer")
    assert page(app, alice).status_code == 200
    OAuthClient.objects.update(read_at=clock.now() - app_clients.DOCUMENT_FRESH)
    assert page(app, alice).status_code == 400
    assert b"Newer" in page(app, alice, redirect_uri=other).content
    assert fetches(server) == 2


def test_it_holds_for_a_day_while_its_server_is_away(server: HostileServer, alice: User) -> None:
    app = publish(server, "missing")
    page(app, alice)
    server.files.clear()
    OAuthClient.objects.update(read_at=clock.now() - timedelta(hours=2))
    assert page(app, alice).status_code == 200
    OAuthClient.objects.update(read_at=clock.now() - app_clients.DOCUMENT_KEPT)
    refused(app, alice)


def test_fetches_are_limited_for_each_person(
    server: HostileServer, alice: User, bob: User, settings: Settings
) -> None:
    settings.NEW_APPS_PER_HOUR = 2
    apps = [publish(server, f"{place}.json") for place in range(3)]
    assert [page(app, alice).status_code for app in apps] == [200, 200, 429]
    assert page(apps[2], bob).status_code == 200
