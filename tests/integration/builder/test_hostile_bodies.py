"""Hostile requests at every address of the URL table: each is refused as a client's fault, in the
public shape, and nothing is stored.

The addresses are read from the table, so a new one is tested without being named here. Each gets a
few bodies and forms of each kind; all forms go to one route of each root, and to uploads, which
read forms on their own; all bodies to the parser in tests/unit/core/test_jsonsafe.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from rest_framework.views import APIView

from accounts.auth import Principal
from accounts.models import BrowserSession, User
from comments.models import Comment
from core.http import AlwaysJSON, SafeJSONParser
from media.tables import Table
from run_sets.creation import create_set
from runs.models import Run
from simple_apps import guest_runs
from simple_apps.access import open_link
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.commenting import open_draft
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.hostile_bodies import (
    BODIES,
    MEGABYTE,
    TYPICAL_BODIES,
    assert_in_the_envelope,
    fault_of,
)
from tests.support.builders.running import start
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.chat_runs import started
from tests.support.routes import django_routes, django_views, with_id

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# Sign-in and sign-out take forms of their own and answer with pages.
ROOTS = ("/v1/", "/app/")
STOP = "/app/runs/<str:run_id>/cancel"
# They read no body.
STOPS = (STOP, "/v1/apps/<slug:slug>/runs/<slug:token>/cancel")
# It reads JSON alone, and no field of a form.
RESUME = "/app/runs/<str:run_id>/resume"
# Their fields may all be left out.
EMPTY_IS_FINE = (
    *("/v1/", "/app/runs/", "/app/comments/<int:comment_id>/author/"),
    "/app/documents/<str:public_id>/quote",
)
FORMS: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "NUL": (FORM, b"template=a%00b&key=%00&input.brief=%00"),
    "lone surrogates": (FORM, b"template=%ed%a0%80&key=%ed%b0%80&input.brief=%ed%a0%80"),
    "invalid UTF-8": (FORM, b"template=%ff%fe&input.brief=\xff\xfe&%ff=1"),
    "2,000 fields": (FORM, b"&".join(b"f%d=1" % n for n in range(2000))),
    "a field of 1 MB": (FORM, b"template=" + b"x" * MEGABYTE),
    "a field a byte too long": (FORM, b"template=" + b"x" * 100_001),
    "an unknown encoding": (f"{FORM}; charset=nonsense", b"template=x"),
    "parts without a boundary": ("multipart/form-data", b"--x\r\n\r\nhello"),
    "parts that never begin": (MULTIPART_CONTENT, b"nothing of the kind"),
    "a part cut short": (
        MULTIPART_CONTENT,
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="template"'.encode(),
    ),
    "a file": (
        MULTIPART_CONTENT,
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="template"; filename="/etc/x"'
            f"\r\nContent-Type: text/html\r\n\r\n<script>\r\n--{BOUNDARY}--\r\n"
        ).encode(),
    ),
}
SENT = FORMS | {name: (JSON, body) for name, body in TYPICAL_BODIES.items()}
# JSON is JSON whatever it is called.
SENT |= {
    f"{name} as {kind}": (kind, body)
    for name, body in TYPICAL_BODIES.items()
    for kind in (FORM, "multipart/form-data", "text/plain")
}
TYPICAL = [*TYPICAL_BODIES, "nothing", "NUL", "a field a byte too long", "parts without a boundary"]
QUERIES = [
    "limit=99999999999999999999&offset=99999999999999999999&search=" + "x" * 7000,
    "limit=-1&offset=-1&after=-1&cursor=-1&sequence=-1&%zz=%&&&==;",
    "limit=1e999&offset=NaN&after=1e999",
    "category=%ff%fe&search=%ed%a0%80&tags=%F0%9F&status=%ff&visibility=%ff&sort=%ff",
    "limit=&offset=&category=&tags=&after=&limit[]=1&tags=a&tags=b&a" + "=1&a" * 900,
]
IDS = ["nothing", "wf%20%2F%20one", "%ff%fe", "9" * 300, "%ed%a0%80"]
# Who has no credential yet asks these; `test_tokens` and the reference's tests say how.
OPEN = {
    *("account/login", "account/logout", "account/nonce", "account/refresh-token"),
    *("asyncapi.json", "openapi.json"),
}
VIEWS = django_views()
# A view that answers several addresses is tried at one of them.
ROUTES = sorted(
    {view.view_class: route for route, view in VIEWS.items() if route.startswith("/v1/")}.values()
)


# --- who reads bodies -------------------------------------------------------------------------

# The parser's own face; a face beside Django whose requests are read by `jsonsafe` as well; a
# field of a body that has been read; and a request that this server sends.
READERS = {
    ("core/http.py", "request.data"),
    ("builder/agents/mcp/app.py", "request.read"),
    ("compose/web/chat.py", "chat.request.stream"),
    ("media/pinned_connection.py", "request.stream"),
}
PARTS = re.compile(r"\.(?:body|data|stream|FILES|read|readline|readlines)\b")
REQUESTS = re.compile(r"\b(\w+): [\"']?[\w.]*Request\b")
# To ask whether there is a body, or how long it is, and to read and drop it, is no harm.
HARMLESS = re.compile(
    r"(?:jsonsafe\.loads_object|\blen)\([\w.]+\.body\)|\b_ = [\w.]+\.body$| if [\w.]+\.body else ",
    re.MULTILINE,
)


def unsafe_reads(source: str) -> set[str]:
    """Find where a request's body goes to something else than `jsonsafe.loads_object`."""
    lines = [line for line in source.splitlines() if PARTS.search(line)]
    if not lines or "equest" not in source:
        return set()
    names = "|".join({"_?request", *REQUESTS.findall(source)})
    reads = re.compile(rf"[\w.]*\b(?:{names}){PARTS.pattern}")
    return set(reads.findall(HARMLESS.sub("", "\n".join(lines))))


def test_no_code_reads_a_body_but_by_the_one_parser() -> None:
    folders = {settings.BASE_DIR / app.partition(".")[0] for app in settings.INSTALLED_APPS}
    reads = {
        (str(path.relative_to(settings.BASE_DIR)), text)
        for folder in folders
        for path in folder.rglob("*.py")
        for text in unsafe_reads(path.read_text(encoding="utf-8"))
    }
    assert reads == READERS
    for line in (
        "json.loads(request.body)",
        "body = request.body",
        "jsonsafe.loads(request.body)",
        "jsonsafe.loads_object(request.read())",
        "request._request.body.decode()",
        "self.request.data",
        "asked.body.decode()",
        "request.FILES['file']",
    ):
        source = f"def view(self, request: HttpRequest, asked: HttpRequest):\n    {line}"
        assert len(unsafe_reads(source)) == 1, line


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


# Programs send these without a session, or a view reads the form before it asks for the token.
WITHOUT_TOKEN = {
    *("/a/<slug:slug>/runs", "/a/<slug:slug>/undrawn", "/mail/stop/<str:token>"),
    *("/oauth/register", "/oauth/revoke", "/oauth/token"),
    *("/app/uploads", "/run-sets"),
}


def test_pages_want_the_token_of_their_forms() -> None:
    api = ("/v1/", "/v2/", "/v4/", "/api/", "/.well-known/")
    exempt = {route for route, view in VIEWS.items() if getattr(view, "csrf_exempt", False)}
    assert {route for route in exempt if not route.startswith(api)} == WITHOUT_TOKEN


# --- bodies and forms -------------------------------------------------------------------------


class World:
    """ada's things, and her clients: by key under /v1 and by session under /app."""

    def __init__(self, ada: User, key: str) -> None:
        self.opened = make_public(ada).public_id
        share = make_share(ada)
        comment = Comment.objects.create(share=share, author=ada, text="Fine")
        chat = started(key, "Hello")
        table = create_set(
            actor=Principal(user=ada, api_key=None, via="session"),
            template=make_template(ada),
            table=Table(["brief"], [["x"]]),
            changes={},
        )
        app = make_app(ada)
        link = open_link(app.slug, token := make_link(app))
        self.ids = {
            "run_id": start(ada, [{"toolName": "noop"}]).public_id,
            "public_id": open_draft(ada).public_id,
            "share_id": share.public_id,
            "comment_id": str(comment.pk),
            "chat_id": chat["runId"],
            "record_id": chat["runId"],
            "upload_id": make_upload(ada, make_blob(jpeg_with_place())).public_id,
            "number": "1",
            "action": "edit",
            "model_id": "reelgraph-rules",
            "at": "2026-11-26T02:00:00+00:00",
            "set_id": table.public_id,
            "position": "0",
            "slug": app.slug,
            "token": guest_runs.start(link=link, guest="x", inputs={"brief": "x"}).token,
        }
        self.by_link = _client(authorization=f"Bearer {token}")
        self.by_key = _client(api_key=key)
        self.by_session = _client(sec_fetch_site="same-origin")
        self.by_session.force_login(ada)

    def send(self, method: str, route: str, name: str) -> Any:
        client = self.by_key if route.startswith("/v1/") else self.by_session
        client = self.by_link if route.startswith("/v1/apps/") else client
        # What is there would be deleted, whatever the body.
        ids = {} if method == "DELETE" else self.ids
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: ids.get(match[1], "nothing"), route)
        kind, body = SENT[name]
        return client.generic(method, path, body, kind)


def _client(**headers: str) -> Client:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(raise_request_exception=False, headers=named)


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    ada = make_user("ada")
    return World(ada, make_key(ada))


@cache
def _questions() -> dict[str, str]:
    """What reads a table, by model. Django takes longer to write these than to ask them."""
    questions = {}
    for model in apps.get_models():
        names = [field.column for field in model._meta.concrete_fields]
        kept = ", ".join(f'"{name}"' for name in names if name != "last_used_at")
        table, key = model._meta.db_table, model._meta.pk.column
        questions[model._meta.label] = f'SELECT {kept} FROM "{table}" ORDER BY "{key}"'
    del questions[BrowserSession._meta.label]
    return questions


def stored() -> dict[str, list[Any]]:
    """All rows there are, but for when a key or a session was last used."""
    rows = {}
    with connection.cursor() as cursor:
        for label, question in _questions().items():
            cursor.execute(question)
            rows[label] = cursor.fetchall()
    return rows


def wrongs(world: World, method: str, route: str, names: Iterable[str]) -> list[tuple[str, ...]]:
    """The bodies that this route does not refuse.

    A route that does not know the method has refused it before any body: it gets one.
    """
    wrong = []
    for name in names:
        if name.startswith("nothing") and (
            route.startswith(EMPTY_IS_FINE) or method not in ("POST", "PATCH")
        ):
            continue
        response = world.send(method, route, name)
        if fault := fault_of(response):
            wrong.append((method, route, name, fault))
        if response.status_code == 405:
            break
    return wrong


def changed(before: dict[str, list[Any]]) -> list[str]:
    """The tables in which something is otherwise."""
    return [label for label, rows in stored().items() if rows != before[label]]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("root", ROOTS)
def test_a_hostile_body_is_refused_at_each_route_and_stores_nothing(
    world: World, root: str, method: str
) -> None:
    before = stored()
    wrong = []
    for route in django_routes(root):
        if not (method == "POST" and route in STOPS):
            wrong += wrongs(world, method, route, TYPICAL_BODIES if route == RESUME else TYPICAL)
    assert not wrong, "\n".join(map(str, wrong))
    assert changed(before) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    ["/v1/creative-agent/workflows", "/app/runs/<str:run_id>/answer-link", "/app/uploads"],
)
def test_each_hostile_body_is_refused_at_a_route_of_each_root(world: World, route: str) -> None:
    before = stored()
    assert wrongs(world, "POST", route, SENT) == []
    assert changed(before) == []
    for listing in ("/v1/creative-agent/workflows", "/v1/creative-agent/workflows/templates"):
        assert world.by_key.get(listing).status_code == 200


@pytest.mark.django_db
def test_five_megabytes_are_refused_before_anyone_asks_who_sends_them() -> None:
    for path in ("/v1/creative-agent/workflows", "/v1/account/me", "/v1/nothing", "/app/nothing"):
        response = _client().generic("POST", path, BODIES["5 MB"], JSON)
        assert response.status_code == 413, path
        assert response.json()["error"]["code"] == "body.too_large", path


@pytest.mark.django_db
def test_stopping_by_the_page_reads_no_body_and_breaks_on_none(world: World) -> None:
    wrong = []
    run = Run.objects.get(public_id=world.ids["run_id"])
    for name in SENT:
        with transaction.atomic():
            status = world.send("POST", STOP, name).status_code
            run.refresh_from_db()
            # A script is answered with JSON, a form goes back to its page.
            is_done = status in (200, 302)
            is_right = (is_done or status in (400, 413)) and (run.status == "cancelled") == is_done
            wrong += [] if is_right else [(name, status, run.status)]
            transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.django_db
def test_a_hostile_field_in_the_form_of_a_template_is_refused(world: World) -> None:
    before = stored()
    for field in ("input.brief", "key", "extra"):
        for value in ("%00", "a%00b", "%e2%80%ae%00", "x" * 200_000):
            form = f"input.brief=x&{field}={value}".encode()
            response = world.by_session.generic("POST", f"/t/{world.opened}", form, FORM)
            assert response.status_code == 400, (field, value[:20])
            assert response["Content-Type"].startswith("text/html"), (field, value[:20])
    assert changed(before) == []


@pytest.mark.django_db
def test_an_odd_word_in_the_form_of_a_template_stays_a_word(world: World) -> None:
    for value in ("%ed%a0%80", "%24inputs.brief", "%3Cscript%3E"):
        form = f"input.brief={value}".encode()
        response = world.by_session.generic("POST", f"/t/{world.opened}", form, FORM)
        assert response.status_code == 302, (value, response.content)
        run = Run.objects.order_by("-id")[0]
        assert run.request["inputs"]["brief"] == unquote_plus(value)
        page = world.by_session.get(response["Location"])
        assert page.status_code == 200, value
        assert b"<script>" not in page.content


@pytest.mark.django_db
def test_a_wrong_method_is_explained_to_programs_and_people(world: World) -> None:
    for path, kind in (("/app/uploads", JSON), ("/sign-out", "text/html")):
        response = world.by_session.get(path)
        assert (response.status_code, response["Allow"]) == (405, "POST"), path
        assert response["Content-Type"].partition(";")[0] == kind
        assert b"be opened like this" in response.content


# --- queries, ids and credentials ---------------------------------------------------------------


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
def test_no_query_breaks_a_route(alice_key: str) -> None:
    client = _client(api_key=alice_key)

    def check(route: str, query: str) -> None:
        assert_in_the_envelope(client.get(f"{with_id(route, 'nothing')}?{query}"), query)

    readable = [
        route
        for route in ROUTES
        if hasattr(VIEWS[route].view_class, "get") and not route.endswith(".json")
    ]
    _each(check, readable, QUERIES)
    # These look at no query.
    _each(check, [route for route in ROUTES if route not in readable], ["&".join(QUERIES)])


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_no_id_breaks_a_route(alice_key: str, method: str) -> None:
    client = _client(api_key=alice_key)

    def check(route: str, public_id: str) -> None:
        path = route.partition("<")[0] + public_id + route.rpartition(">")[2]
        response = client.generic(method, path, b"{}", JSON)
        assert response.status_code >= 400
        assert_in_the_envelope(response, method)

    with_ids = [route for route in ROUTES if "<" in route]
    answering = [route for route in with_ids if hasattr(VIEWS[route].view_class, method.lower())]
    _each(check, answering, IDS)
    # These refuse the method before they look at an id.
    _each(check, [route for route in with_ids if route not in answering], IDS[:1])


@pytest.mark.django_db
def test_every_route_wants_credentials() -> None:
    outsider = _client()

    def check(route: str, method: str) -> None:
        response = outsider.generic(method, with_id(route, "nothing"), b"{}", JSON)
        assert response.status_code == 401
        assert response.json()["errorCode"] == 101

    # Guests have no credentials of their own: tests/integration/simple_apps.
    rest = [route for route in ROUTES if not route.startswith("/v1/apps/")]
    closed = [route for route in rest if route[len("/v1/") :] not in OPEN]
    _each(check, closed, ["GET", "POST", "PATCH", "DELETE"])
