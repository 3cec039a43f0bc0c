"""Who may call from a browser, and what a page may do."""

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]
ORIGIN = "https://studio.example"


def test_a_preflight_is_answered_without_credentials() -> None:
    response = Client().options(
        "/v1/echo",
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "api-key, content-type",
        },
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in response
    allowed = response["Access-Control-Allow-Headers"].lower().split(", ")
    for name in ("api-key", "authorization", "idempotency-key", "last-event-id", "x-token-type"):
        assert name in allowed
    assert response["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE, PUT, OPTIONS"
    assert "Origin" in response["Vary"]


@pytest.mark.parametrize("path", ["/v1/echo", "/v1/nothing"])
def test_another_website_is_echoed_without_credentials(alice_key: str, path: str) -> None:
    response = Client().get(path, headers={"origin": ORIGIN, "api-key": alice_key})
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert "Retry-After" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_a_listed_website_may_bring_cookies(settings: Settings) -> None:
    settings.CORS_ORIGINS = [ORIGIN]
    for response in (
        Client().get("/v1/echo", headers={"origin": ORIGIN}),
        Client().options("/v1/echo", headers={"origin": ORIGIN}),
    ):
        assert response["Access-Control-Allow-Origin"] == ORIGIN
        assert response["Access-Control-Allow-Credentials"] == "true"


def test_the_star_is_never_sent_and_null_gets_no_credentials(settings: Settings) -> None:
    settings.CORS_ORIGINS = [ORIGIN]
    response = Client().get("/v1/echo", headers={"origin": "null"})
    assert response["Access-Control-Allow-Origin"] == "null"
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize("path", ["/sign-in", "/app/write"])
def test_pages_and_their_own_routes_are_not_for_other_websites(path: str) -> None:
    response = Client().get(path, headers={"origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/fail/app", "/fail/bug"])
def test_every_page_says_how_little_it_may_do(path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_refusals_before_any_view_carry_the_policy_too() -> None:
    client = Client(raise_request_exception=False)
    large = client.generic("POST", "/sign-in", b"x" * 3_000_000, "text/plain")
    foreign = client.get("/sign-in", headers={"host": "evil.example"})
    for response, status in ((large, 413), (foreign, 400)):
        assert response.status_code == status
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_json_carries_nosniff_and_no_page_policy(alice_key: str) -> None:
    response = Client().get("/v1/echo", headers={"api-key": alice_key})
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in response


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/sign-in", {"username": "a", "password": "b"})
    assert (page.status_code, page["Content-Type"]) == (403, "text/html; charset=utf-8")
    own_route = client.post("/app/write")
    assert own_route.json()["error"]["code"] == "csrf.failed"
