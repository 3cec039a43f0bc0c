"""No view reads a body but through the parser of this project, and no route of /v1 breaks.

The routes are read from the URL table, so a new one is tested without being named here.
tests/integration/builder/test_hostile_bodies_change_nothing.py sends bodies to things that exist.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from core.http import AlwaysJSON, SafeJSONParser
from tests.support.builders.hostile_bodies import TYPICAL_BODIES, assert_in_the_envelope, fault_of
from tests.support.routes import with_id

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


def _routes(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


VIEWS = dict(_routes(get_resolver("builder.urls").url_patterns))
# A view that answers several addresses is tried at one of them.
ROUTES = sorted(
    {view.view_class: route for route, view in VIEWS.items() if route.startswith("/v1/")}.values()
)
DOCUMENTS = [route for route in ROUTES if route.endswith(".json")]

# What hands out a body, of Django's requests and of Django REST framework's.
BODY_NAMES = re.compile(r"(body|data|stream|FILES|read|readline|readlines)\b")
# The parser's own face; a face beside Django whose requests are read by `jsonsafe` as well; and a
# field of a body that has been read.
READERS = {
    ("core/http.py", "request.data"),
    ("builder/agents/mcp/app.py", "request.read"),
    ("compose/web/chat.py", "chat.request.stream"),
}


def _is_request(node: ast.expr, names: set[str]) -> bool:
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return last in ("request", "_request") or (isinstance(node, ast.Name) and last in names)


def unsafe_reads(source: str) -> list[str]:
    """Where a request's body is read and goes to something else than `jsonsafe.loads_object`.

    To ask whether there is one, or how long, and to read and drop it, is no harm.
    """
    if "equest" not in source or not re.search(rf"\.{BODY_NAMES.pattern}", source):
        return []
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    requests = {
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg)
        and node.annotation is not None
        and ast.unparse(node.annotation).strip("'\"").endswith("Request")
    }
    wrong = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and BODY_NAMES.fullmatch(node.attr)):
            continue
        if not _is_request(node.value, requests):
            continue
        match parents[node]:
            case ast.Call(func=callee, args=[argument]) if argument is node:
                is_safe = ast.unparse(callee) in ("jsonsafe.loads_object", "len")
            case ast.Assign(targets=[ast.Name(id="_")]):
                is_safe = True
            case ast.IfExp(test=test):
                is_safe = test is node
            case _:
                is_safe = False
        if not (is_safe and node.attr == "body"):
            wrong.append(ast.unparse(node))
    return wrong


def test_every_view_of_the_api_reads_by_the_one_parser() -> None:
    wrong = []
    for route, view in VIEWS.items():
        kind = getattr(view, "view_class", None)
        if kind is None:
            wrong += [route] if route.startswith("/v1/") else []
            continue
        is_plain = (
            issubclass(kind, APIView)
            and kind(**view.view_initkwargs).parser_classes == [SafeJSONParser]
            and kind(**view.view_initkwargs).content_negotiation_class is AlwaysJSON
            and kind.get_parsers is APIView.get_parsers
            and kind.initialize_request is APIView.initialize_request
        )
        wrong += [] if is_plain else [route]
    assert wrong == []


def test_no_other_code_reads_a_body_of_a_request() -> None:
    files = [
        path
        for config in settings.INSTALLED_APPS
        for folder in [settings.BASE_DIR / config.partition(".")[0]]
        if folder.is_dir()
        for path in folder.rglob("*.py")
    ]
    reads = {
        (str(path.relative_to(settings.BASE_DIR)), text)
        for path in set(files)
        for text in unsafe_reads(path.read_text(encoding="utf-8"))
    }
    assert reads == READERS


def test_a_view_that_would_parse_on_its_own_is_noticed() -> None:
    for line in (
        "json.loads(request.body)",
        "body = request.body",
        "jsonsafe.loads(request.body)",
        "jsonsafe.loads_object(request.read())",
        "request._request.body.decode()",
        "self.request.data",
        "parse(request.data)",
        "asked.body.decode()",
        "request.FILES['file']",
    ):
        source = f"def view(self, request: HttpRequest, asked: HttpRequest):\n    {line}"
        assert len(unsafe_reads(source)) == 1, line


@pytest.fixture
def client(alice_key: str) -> Client:
    return Client(raise_request_exception=False, headers={"api-key": alice_key})


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_no_body_gets_past_a_route(client: Client, method: str) -> None:
    wrong = []
    for route in ROUTES:
        for name, body in TYPICAL_BODIES.items():
            path = with_id(route, "nothing")
            response = client.generic(method, path, body, "application/json")
            if fault := fault_of(response):
                wrong.append((method, route, name, fault))
            if response.status_code == 405:
                break
    assert not wrong, "\n".join(map(str, wrong))


def _each(check: Callable[[str, str], None], routes: list[str], words: list[str]) -> None:
    """Check every route with every word, and name all that fail."""
    wrong = []
    for route in routes:
        for word in words:
            try:
                check(route, word)
            except (AssertionError, KeyError, ValueError) as error:
                wrong.append(f"{route} {word[:60]}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_no_query_breaks_a_route(client: Client) -> None:
    def check(route: str, query: str) -> None:
        assert_in_the_envelope(client.get(f"{with_id(route, 'nothing')}?{query}"), query)

    readable = [route for route in ROUTES if hasattr(VIEWS[route].view_class, "get")]
    _each(check, [route for route in readable if route not in DOCUMENTS], QUERIES)
    # These look at no query.
    _each(check, [route for route in ROUTES if route not in readable], ["&".join(QUERIES)])


@pytest.mark.django_db
def test_no_query_breaks_a_document(client: Client) -> None:
    for route in DOCUMENTS:
        assert_in_the_envelope(client.get(f"{route}?{'&'.join(QUERIES)}"), route)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_no_id_breaks_a_route(client: Client, method: str) -> None:
    def check(route: str, public_id: str) -> None:
        path = route.partition("<")[0] + public_id + route.rpartition(">")[2]
        response = client.generic(method, path, b"{}", "application/json")
        assert response.status_code >= 400
        assert_in_the_envelope(response, method)

    _each(check, [route for route in ROUTES if "<" in route], IDS)


@pytest.mark.django_db
def test_every_route_wants_credentials() -> None:
    outsider = Client(raise_request_exception=False)

    def check(route: str, method: str) -> None:
        response = outsider.generic(method, with_id(route, "nothing"), b"{}", "application/json")
        assert response.status_code == 401
        assert response.json()["errorCode"] == 101

    # Guests have no credentials of their own: tests/integration/simple_apps.
    rest = [route for route in ROUTES if not route.startswith("/v1/apps/")]
    closed = [route for route in rest if route[len("/v1/") :] not in OPEN]
    _each(check, closed, ["GET", "POST", "PATCH", "DELETE"])
