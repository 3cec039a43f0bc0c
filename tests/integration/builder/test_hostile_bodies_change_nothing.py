"""Hostile bodies at addresses that exist: refused as a client's fault, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from accounts.models import BrowserSession, User
from runs.models import Run
from tests.support.hostile import BODIES, MEGABYTE, assert_in_the_envelope
from tests.support.routes import django_routes, with_id
from tests.support.running import start
from tests.support.templates import make_public, make_template

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# Well-formed JSON whose numbers become floats: no harm where the field is not read.
TAMED = {"an integer beyond 64 bit", "an integer beyond signed 64 bit"}
WRITES = ("POST", "PATCH")
# Sign-in and sign-out take forms of their own and answer with pages.
ROOTS = ("/v1/", "/app/")
# These answer 501 and read no body.
LEFT_OUT = ("/v1/account/nonce", "/v1/chat/", "/v1/replay/")
ROUTES = [
    route for root in ROOTS for route in django_routes(root) if not route.startswith(LEFT_OUT)
]

FORMS: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "NUL": (FORM, b"template=a%00b&key=%00&input.brief=%00"),
    "lone surrogates": (FORM, b"template=%ed%a0%80&key=%ed%b0%80&input.brief=%ed%a0%80"),
    "invalid UTF-8": (FORM, b"template=%ff%fe&input.brief=\xff\xfe&%ff=1"),
    "2,000 fields": (FORM, b"&".join(b"f%d=1" % n for n in range(2000))),
    "one field 2,000 times": (FORM, b"&".join([b"template=x"] * 2000)),
    "5 MB": (FORM, b"template=" + b"x" * 5 * MEGABYTE),
    "a field of 1 MB": (FORM, b"template=" + b"x" * MEGABYTE),
    "broken escapes": (FORM, b"template=%&key=%zz&%=%&&&=="),
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


class Asked:
    """alice, her templates and her run, asked by key under /v1 and by session under /app."""

    def __init__(self, alice: User, key: str) -> None:
        self.template = make_template(alice).public_id
        self.opened = make_public(alice).public_id
        self.run = start(alice, [{"toolName": "noop"}]).public_id
        self.by_key = Client(raise_request_exception=False, headers={"api-key": key})
        self.by_session = Client(
            raise_request_exception=False, headers={"sec-fetch-site": "same-origin"}
        )
        self.by_session.force_login(alice)

    def send(self, method: str, route: str, kind: str, body: bytes) -> Any:
        client = self.by_key if route.startswith("/v1/") else self.by_session
        path = with_id(route, self.run if "run_id" in route else self.template)
        return client.generic(method, path, body, kind)


@pytest.fixture
def asked(alice: User, alice_key: str) -> Asked:
    return Asked(alice, alice_key)


@pytest.fixture
def stored() -> Callable[[], dict[str, list[Any]]]:
    """All rows there are, but for when a key or a session was last used."""
    # Written once: Django takes longer to write these questions than to ask them.
    questions: dict[str, str] = {}
    for model in apps.get_models():
        if model is BrowserSession:
            continue
        names = [field.column for field in model._meta.concrete_fields]
        kept = ", ".join(f'"{name}"' for name in names if name != "last_used_at")
        table, key = model._meta.db_table, model._meta.pk.column
        questions[model._meta.label] = f'SELECT {kept} FROM "{table}" ORDER BY "{key}"'

    def look() -> dict[str, list[Any]]:
        rows = {}
        with connection.cursor() as cursor:
            for label, question in questions.items():
                cursor.execute(question)
                rows[label] = cursor.fetchall()
        return rows

    return look


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_hostile_body_is_refused_and_stores_nothing(
    asked: Asked, stored: Callable[[], dict[str, list[Any]]], route: str, method: str
) -> None:
    before = stored()
    for name, body in BODIES.items():
        if name in TAMED or (route.startswith("/app/") and route.endswith("/cancel")):
            continue
        response = asked.send(method, route, JSON, body)
        assert 400 <= response.status_code < 500, (name, response.content)
        assert_in_the_envelope(response, name)
        assert stored() == before, name


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("/v1/")])
def test_numbers_too_large_for_a_database_do_no_harm(asked: Asked, route: str, method: str) -> None:
    for name in TAMED:
        assert_in_the_envelope(asked.send(method, route, JSON, BODIES[name]), name)
    for listing in ("/v1/creative-agent/workflows", "/v1/creative-agent/workflows/templates"):
        assert asked.by_key.get(listing).status_code == 200


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_hostile_form_is_refused_and_starts_nothing(
    asked: Asked, stored: Callable[[], dict[str, list[Any]]], route: str, method: str
) -> None:
    before = stored()
    for name, (kind, body) in FORMS.items():
        # An empty body is an empty object, and stopping a run takes no fields.
        if (name == "nothing" and route.startswith("/v1/")) or route.startswith("/app/runs/"):
            continue
        response = asked.send(method, route, kind, body)
        assert 400 <= response.status_code < 500, (name, response.content)
        assert_in_the_envelope(response, name)
        assert stored() == before, name


@pytest.mark.parametrize("name", [*BODIES, *FORMS])
def test_stopping_by_the_page_reads_no_body_and_breaks_on_none(asked: Asked, name: str) -> None:
    kind, body = FORMS.get(name) or (JSON, BODIES[name])
    response = asked.send("POST", "/app/runs/<str:run_id>/cancel", kind, body)
    assert response.status_code in (302, 400, 413), name
    assert (Run.objects.get().status == "cancelled") == (response.status_code == 302)


@pytest.mark.parametrize("field", ["input.brief", "key", "extra"])
@pytest.mark.parametrize("value", ["%00", "a%00b", "%e2%80%ae%00", "x" * 200_000])
def test_a_hostile_field_in_the_form_of_a_template_is_refused(
    asked: Asked, stored: Callable[[], dict[str, list[Any]]], field: str, value: str
) -> None:
    before = stored()
    form = f"input.brief=x&{field}={value}".encode()
    response = asked.by_session.generic("POST", f"/t/{asked.opened}", form, FORM)
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
    assert stored() == before


@pytest.mark.parametrize(
    "value", ["%ed%a0%80", "%ff", "%24inputs.brief", "%7B%7B+7+%7D%7D", "%3Cscript%3E", "%E2%80%AE"]
)
def test_an_odd_word_in_the_form_of_a_template_stays_a_word(asked: Asked, value: str) -> None:
    form = f"input.brief={value}".encode()
    response = asked.by_session.generic("POST", f"/t/{asked.opened}", form, FORM)
    assert response.status_code == 302, response.content
    run = Run.objects.order_by("-id")[0]
    assert run.request["inputs"]["brief"] == unquote_plus(value)
    page = asked.by_session.get(response["Location"])
    assert page.status_code == 200
    assert b"<script>" not in page.content


@pytest.mark.parametrize(("path", "kind"), [("/app/uploads", JSON), ("/sign-out", "text/html")])
def test_a_wrong_method_is_explained_to_programs_and_people(
    asked: Asked, path: str, kind: str
) -> None:
    response = asked.by_session.get(path)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response["Content-Type"].partition(";")[0] == kind
    assert b"be opened like this" in response.content
