"""No request, however broken, gets HTML or a 5xx under /v1, and each failure has one face.

Hostile bodies are in tests/integration/builder/test_hostile_bodies.py.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support.clients.api import Api

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]


def assert_refused(response: HttpResponse, *statuses: int) -> dict[str, Any]:
    assert response["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(response.content)
    assert 400 <= response.status_code < 500, body
    assert not statuses or response.status_code in statuses, body
    assert body["status"] == "error"
    assert isinstance(body["errorCode"], int)
    assert body["message"]
    assert body["error"]["code"]
    return body


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""]
)
def test_json_is_read_whatever_the_content_type_claims(alice_key: str, content_type: str) -> None:
    client = Client(headers={"api-key": alice_key})
    response = client.generic("POST", "/v1/echo", b'{"a": 1}', content_type)
    assert response.json()["data"] == {"a": 1}


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", ""]
)
def test_an_empty_body_is_an_empty_object(alice_key: str, content_type: str) -> None:
    client = Client(headers={"api-key": alice_key})
    response = client.generic("POST", "/v1/echo", b"", content_type)
    assert (response.status_code, response.json()["data"]) == (200, {})


def test_a_body_that_is_no_json_at_all_is_told_how_to_send_it(alice_key: str) -> None:
    client = Client(headers={"api-key": alice_key})
    body = assert_refused(client.post("/v1/echo", {"name": "x"}), 415)
    assert "Content-Type: application/json" in body["message"]


@pytest.mark.parametrize("accept", ["text/html", "junk"])
def test_the_answer_is_json_whatever_the_client_accepts(alice_key: str, accept: str) -> None:
    response = Client().get("/v1/echo", headers={"api-key": alice_key, "accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/account/me/",
        "/v1/%ff%fe",
        "/v1/account/%zz",
        "/v1/fail/a%00b",
        "/v1/%ed%a0%80",
    ],
)
def test_an_unknown_route_is_404_in_the_envelope(api: Callable[..., Api], path: str) -> None:
    assert_refused(api().get(path), 404)


def test_a_foreign_host_is_refused_in_the_envelope() -> None:
    client = Client(raise_request_exception=False)
    assert_refused(client.get("/v1/echo", headers={"host": "evil.example"}), 400)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("app", 409),
        ("quota", 429),
        ("django404", 404),
        ("django403", 403),
        ("suspicious", 400),
        ("throttled", 429),
        ("busy", 503),
        ("bug", 500),
    ],
)
@pytest.mark.parametrize("root", ["/v1", "/app", ""])
def test_every_failure_has_one_face_on_rest_and_on_pages(
    api: Callable[..., Api], root: str, name: str, status: int
) -> None:
    response = api().get(f"{root}/fail/{name}")
    assert response.status_code == status
    assert b"secret" not in response.content
    kind = response["Content-Type"].partition(";")[0]
    assert kind == ("application/json" if root else "text/html")
    if name == "quota":
        assert response["Retry-After"] == "3"
    if name == "bug":
        # The same name in the answer, in its header and in the log.
        assert response["X-Request-Id"] in response.content.decode()
