"""Every route under /v1, with every hostile body and query: refused in the envelope, never a 5xx.

The routes are read from the URL table, so a new one is tested without being named here.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.hostile import BODIES, assert_in_the_envelope

pytestmark = pytest.mark.django_db

QUERIES = [
    "limit=99999999999999999999&offset=99999999999999999999",
    "limit=-1&offset=-1&after=-1&cursor=-1&sequence=-1",
    "limit=1e999&offset=NaN&after=1e999",
    "category=%ff%fe&search=%ed%a0%80&tags=%F0%9F&status=%ff&visibility=%ff&sort=%ff",
    "limit=&offset=&category=&tags=&after=",
    "limit[]=1&limit=2&limit=3&tags=a&tags=b&a" + "=1&a" * 900,
    "search=" + "x" * 7000,
    "%zz=%&&&==;",
]
IDS = ["nothing", "wf%20%2F%20one", "%ff%fe", "-1", "9" * 300, "' OR 1=1 --", "%ed%a0%80"]


# Who has no credential yet asks these; `test_tokens` and the reference's tests say how.
OPEN = {
    "account/login",
    "account/logout",
    "account/nonce",
    "account/refresh-token",
    "asyncapi.json",
    "openapi.json",
}


def _v1_routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[Any, str]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _v1_routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and route.startswith("/v1/"):
            yield entry.callback.view_class, route


def with_id(route: str, public_id: str) -> str:
    return re.sub(r"<[^>]+>", public_id, route)


# A view that answers several addresses is tried at one of them.
ROUTES = sorted(dict(_v1_routes(get_resolver("builder.urls").url_patterns)).values())


@pytest.fixture
def client(alice_key: str) -> Client:
    return Client(raise_request_exception=False, headers={"api-key": alice_key})


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("route", ROUTES)
def test_no_body_gets_past_a_route(client: Client, route: str, method: str) -> None:
    for name, body in BODIES.items():
        path = with_id(route, "nothing")
        response = client.generic(method, path, body, "application/json")
        assert response.status_code >= 400 or method == "DELETE", (name, response.content)
        assert_in_the_envelope(response, name)


@pytest.mark.parametrize("route", ROUTES)
def test_no_query_breaks_a_route(client: Client, route: str) -> None:
    for query in QUERIES:
        response = client.get(f"{with_id(route, 'nothing')}?{query}")
        assert_in_the_envelope(response, query)


@pytest.mark.parametrize("route", [route for route in ROUTES if "<" in route])
def test_no_id_breaks_a_route(client: Client, route: str) -> None:
    for public_id in IDS:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            response = client.generic(method, with_id(route, public_id), b"{}", "application/json")
            assert response.status_code >= 400, public_id
            assert_in_the_envelope(response, f"{method} {public_id}")


@pytest.mark.parametrize("route", [one for one in ROUTES if one[len("/v1/") :] not in OPEN])
def test_every_route_wants_credentials(route: str) -> None:
    outsider = Client(raise_request_exception=False)
    for method in ("GET", "POST", "PATCH", "DELETE"):
        response = outsider.generic(method, with_id(route, "nothing"), b"{}", "application/json")
        assert response.status_code == 401, method
        assert response.json()["errorCode"] == 101
