"""`/oauth/authorize`: what is a page, what the app is told, and what a person may decide."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import services
from accounts.models import ApiKey, AuthorizationCode, OAuthClient, User
from core import clock
from tests.support.builders.factories import PASSWORD, make_key, make_user
from tests.support.clients.oauth import ALLOW, App, answer_in, make_app
from tests.support.clients.visitors import csrf_of, signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
ORIGIN = "http://testserver"


@pytest.fixture
def app(db: None) -> App:
    return make_app(redirect_uris=["https://claude.ai/cb?keep=1", "http://127.0.0.1/callback"])


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "app_unknown"},
        {"redirect_uri": None},
        {"redirect_uri": "https://claude.ai/cb"},
        {"redirect_uri": "https://claude.ai/cb?keep=1&more=2"},
        {"redirect_uri": "https://claude.ai/CB?keep=1"},
        {"redirect_uri": "https://evil.example@claude.ai/cb?keep=1"},
        {"redirect_uri": "https://claude.ai/cb?keep=1#x"},
        {"redirect_uri": "http://127.0.0.1:80/other"},
        {"redirect_uri": "http://localhost:8000/callback"},
        {"redirect_uri": "javascript:alert(1)//https://claude.ai/cb?keep=1"},
        {"state": "x" * 2001},
    ],
)
def test_without_a_redirect_that_is_registered_there_is_a_page(
    app: App, client: Client, changes: dict[str, str | None]
) -> None:
    for method in (client.get, client.post):
        answer = method(app.address(**changes))
        assert answer.status_code == 400
        assert b"App not connected" in answer.content
        assert b"evil.example" not in answer.content
        assert "Location" not in answer


@pytest.mark.parametrize("name", ["client_id", "code_challenge"])
def test_a_parameter_sent_twice_is_a_page(app: App, client: Client, name: str) -> None:
    answer = client.get(app.address() + f"&{name}=x")
    assert answer.status_code == 400
    assert f"{name}: sent more than once." in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"response_type": "token"}, "unsupported_response_type", "response_type"),
        ({"response_mode": "fragment"}, "invalid_request", "response_mode"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code_challenge_method"),
        ({"code_challenge": None}, "invalid_request", "code_challenge"),
        ({"code_challenge": "+" * 43}, "invalid_request", "code_challenge"),
        ({"resource": "https://evil.example/mcp"}, "invalid_target", "resource"),
        ({"resource": "https://testserver/mcp"}, "invalid_target", "resource"),
        ({"resource": "http://testserver:8001/mcp"}, "invalid_target", "resource"),
        ({"resource": "http://testserver/mcp#x"}, "invalid_target", "resource"),
        ({"resource": "http://[::1/mcp"}, "invalid_target", "resource"),
    ],
)
def test_after_it_the_app_is_told_by_a_click(
    app: App, client: Client, changes: dict[str, str | None], code: str, field: str
) -> None:
    for method in (client.get, client.post):
        answer = method(app.address(**changes))
        assert (answer.status_code, "Location" in answer) == (400, False)
        assert "no-store" in answer["Cache-Control"]
        html = flat(answer.content)
        assert "https://claude.ai/cb?keep=1</" in html
        target = unescape(re.findall(r'href="([^"]+)"[^>]*>Return to app<', html)[0])
        told = answer_in(target)
        assert (told["error"], told["state"], told["iss"]) == (code, "s-1", ORIGIN)
        assert told["error_description"].startswith(f"{field}:")
        # What the app had in its address stays as it is.
        assert target.startswith("https://claude.ai/cb?keep=1&error=")


@pytest.mark.parametrize(
    "uri", ["ms-msdt:/id", "editor://app/cb", "https://evil.example;script-src/cb"]
)
@pytest.mark.parametrize("changes", [{}, {"response_type": "token"}])
def test_an_app_from_before_the_rule_sends_no_one_to_such_an_address(
    app: App, client: Client, uri: str, changes: dict[str, str | None]
) -> None:
    OAuthClient.objects.update(redirect_uris=[uri])
    address = app.address(redirect_uri=uri, **changes)
    for answer in (client.get(address), client.post(address, ALLOW)):
        assert (answer.status_code, "Location" in answer) == (400, False)
        assert "redirect_uri" in answer.content.decode()
        assert "script-src/cb" not in answer["Content-Security-Policy"]
        assert "Return to app" not in answer.content.decode()


@pytest.mark.parametrize(
    "resource", [ORIGIN, f"{ORIGIN}/", f"{ORIGIN}/mcp", f"{ORIGIN}:80/mcp", "HTTP://TESTSERVER/"]
)
def test_this_server_is_a_resource(app: App, client: Client, resource: str) -> None:
    assert client.get(app.address(resource=resource)).status_code == 200


@pytest.mark.parametrize("port", ["", ":1", ":65535"])
def test_the_port_of_a_loopback_address_is_free(app: App, alice: User, port: str) -> None:
    uri = f"http://127.0.0.1{port}/callback"
    response = signed_in(alice).post(app.address(redirect_uri=uri), ALLOW)
    assert response["Location"].startswith(f"{uri}?code=")


def test_a_scheme_of_the_apps_own_is_led_to(alice: User) -> None:
    app = make_app(redirect_uris=["com.example.app:/cb"])
    page = signed_in(alice).get(app.address())
    assert "form-action 'self' com.example.app:;" in page["Content-Security-Policy"]
    assert b"com.example.app:" in page.content
    response = signed_in(alice).post(app.address(), ALLOW)
    assert response["Location"].startswith("com.example.app:/cb?code=")


def test_the_only_registered_redirect_may_be_left_out(alice: User) -> None:
    app = make_app(redirect_uris=["https://claude.ai/cb"])
    answer = app.decided(alice, redirect_uri=None)
    assert app.redeem(answer["code"], redirect_uri=None).status_code == 200


def test_the_page_names_what_is_asked_and_takes_no_frame(app: App, client: Client) -> None:
    page = client.get(app.address())
    html = page.content.decode()
    for words in ("Test agent", "claude.ai", "alice", "Permissions", "Daily limit", "Expires"):
        assert words in html, words
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://claude.ai;" in policy
    assert (page["X-Frame-Options"], page["Referrer-Policy"]) == ("DENY", "same-origin")
    assert "no-store" in page["Cache-Control"]


def test_the_name_of_an_app_is_text(client: Client) -> None:
    app = make_app(client_name="<script>alert(1)</script>")
    html = client.get(app.address()).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [(None, "run"), ("read", "read"), ("read run all", "run"), ("all", "run"), ("openid x", "run")],
)
def test_no_more_than_run_is_chosen_first(
    app: App, client: Client, asked: str | None, chosen: str
) -> None:
    html = flat(client.get(app.address(scope=asked)).content)
    assert f'name="scope" value="{chosen}" checked>' in html
    assert html.count(" checked>") == 1


def test_a_form_of_another_page_decides_nothing(app: App, alice: User) -> None:
    client = signed_in(alice, enforce_csrf_checks=True)
    assert client.post(app.address(), ALLOW).status_code == 403
    assert AuthorizationCode.objects.count() == 0
    token = csrf_of(client, app.address())
    sent = ALLOW | {"csrfmiddlewaretoken": token}
    assert client.post(app.address(), sent).status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [{"scope": ""}, {"scope": "root"}, {"days": "8"}, {"units": "-1"}, {"units": "x"}],
)
def test_what_is_no_choice_makes_no_code(app: App, client: Client, wrong: dict[str, str]) -> None:
    answer = client.post(app.address(), ALLOW | wrong)
    assert answer.status_code == 422
    assert AuthorizationCode.objects.count() == 0


def test_an_app_that_may_do_all_needs_the_password(app: App) -> None:
    keeper = make_user("keeper", password=PASSWORD)
    client = signed_in(keeper)
    for wrong in ({}, {"proof": "keeper"}, {"proof": "wrong"}):
        answer = client.post(app.address(), ALLOW | {"scope": "all"} | wrong)
        assert answer.status_code == 422
        assert b'name="proof"' in answer.content
    assert not AuthorizationCode.objects.exists()
    # With less it can't take the account over.
    assert client.post(app.address(), ALLOW).status_code == 303
    proved = ALLOW | {"scope": "all", "proof": PASSWORD}
    assert client.post(app.address(), proved).status_code == 303


def test_nothing_is_decided_without_a_button(app: App, client: Client) -> None:
    answer = client.post(app.address(), {"scope": "all"})
    assert answer_in(answer["Location"])["error"] == "access_denied"


def test_suspended_people_are_told(app: App, alice: User) -> None:
    until = clock.now() + timedelta(days=2)
    User.objects.filter(pk=alice.pk).update(suspended_until=until)
    client = signed_in(alice)
    page = client.get(app.address())
    assert page.status_code == 403
    assert b"suspended until" in page.content
    assert client.post(app.address(), ALLOW).status_code == 403
    assert AuthorizationCode.objects.count() == 0


def test_the_limits_of_keys_hold(app: App, alice: User, settings: Settings) -> None:
    settings.KEYS_PER_USER = 1
    make_key(alice)
    answer = signed_in(alice).post(app.address(), ALLOW)
    assert answer.status_code == 409
    assert "limit of 1 keys" in answer.content.decode()
    settings.KEYS_PER_USER = 10
    settings.NEW_KEYS_PER_HOUR = 2
    statuses = [signed_in(alice).post(app.address(), ALLOW).status_code for _ in range(3)]
    assert statuses == [303, 429, 429]


def test_a_place_that_is_gone_when_the_code_is_redeemed_makes_no_connection(
    app: App, alice: User, settings: Settings
) -> None:
    code = app.code(alice)
    settings.KEYS_PER_USER = 1
    make_key(alice)
    answer = app.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert ApiKey.objects.count() == 1
    # Nothing was used up: with a place it goes on.
    services.revoke_api_keys(user=alice)
    assert app.redeem(code).status_code == 200


def test_visitors_sign_in_first_and_nothing_is_looked_at_before(app: App) -> None:
    answer = Client().get(app.address(client_id="app_unknown"))
    assert urlsplit(answer["Location"]).path == "/sign-in"
    assert Client().post(app.address(), ALLOW)["Location"].startswith("/sign-in?next=/oauth/")
    assert OAuthClient.objects.get().last_used_at is None
