"""Hostile bodies at addresses that exist: refused as a client's fault, and nothing is stored.

The routes are read from the URL table. Each gets a few bodies and forms of each kind; all of them
go to one route of each root, to uploads, which read forms on their own, and to the parser in
tests/integration/core/test_hostile_requests.py. That no view reads a body in another way is in
tests/integration/core/test_hostile_bodies_everywhere.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from accounts.auth import Principal
from accounts.models import BrowserSession, User
from comments.models import Comment
from run_sets.services import create_set
from runs.models import Run
from simple_apps import guest_runs
from simple_apps.access import open_link
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.commenting import open_draft
from tests.support.builders.hostile_bodies import BODIES, MEGABYTE, TYPICAL_BODIES, fault_of
from tests.support.builders.running import start
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.chat_runs import started
from tests.support.routes import django_routes

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# Sign-in and sign-out take forms of their own and answer with pages.
ROOTS = ("/v1/", "/app/runs/", "/app/documents/", "/app/")
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
    "one field 2,000 times": (FORM, b"&".join([b"template=x"] * 2000)),
    "5 MB": (FORM, b"template=" + b"x" * 5 * MEGABYTE),
    "a field of 1 MB": (FORM, b"template=" + b"x" * MEGABYTE),
    "a field a byte too long": (FORM, b"template=" + b"x" * 100_001),
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


SENT = FORMS | {name: (JSON, body) for name, body in BODIES.items()}
TYPICAL = [*TYPICAL_BODIES, "nothing", "NUL", "a field a byte too long", "parts without a boundary"]


class World:
    """alice's things, and her clients: by key under /v1 and by session under /app."""

    def __init__(self, alice: User, key: str) -> None:
        self.opened = make_public(alice).public_id
        share = make_share(alice)
        comment = Comment.objects.create(share=share, author=alice, text="Fine")
        run = start(alice, [{"toolName": "noop"}])
        chat = started(key, "Hello")
        self.ids = {
            "run_id": run.public_id,
            "public_id": open_draft(alice).public_id,
            "share_id": share.public_id,
            "comment_id": str(comment.pk),
            "chat_id": chat["runId"],
            "record_id": chat["runId"],
            "upload_id": make_upload(alice, make_blob(jpeg_with_place())).public_id,
            "number": "1",
            "action": "edit",
            "model_id": "reelgraph-rules",
            "at": "2026-11-26T02:00:00+00:00",
        }
        table = create_set(
            actor=Principal(user=alice, api_key=None, via="session"),
            template=make_template(alice),
            columns=["brief"],
            rows=[["x"]],
            changes={},
        )
        self.ids |= {"set_id": table.public_id, "position": "0"}
        app = make_app(alice)
        link = open_link(app.slug, token := make_link(app))
        guest = guest_runs.start(link=link, guest="x", inputs={"brief": "x"})
        self.ids |= {"slug": app.slug, "token": guest.token}
        self.by_link = Client(
            raise_request_exception=False, headers={"authorization": f"Bearer {token}"}
        )
        self.by_key = Client(raise_request_exception=False, headers={"api-key": key})
        self.by_session = Client(
            raise_request_exception=False, headers={"sec-fetch-site": "same-origin"}
        )
        self.by_session.force_login(alice)

    def send(self, method: str, route: str, name: str) -> Any:
        client = self.by_key if route.startswith("/v1/") else self.by_session
        client = self.by_link if route.startswith("/v1/apps/") else client
        path = re.sub(r"<\w+:(\w+)>", lambda found: self.ids[found[1]], route)
        kind, body = SENT[name]
        return client.generic(method, path, body, kind)


@pytest.fixture
def world(alice: User, alice_key: str) -> World:
    return World(alice, alice_key)


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
    """The bodies that this route does not refuse, and the tables in which they changed something.

    A route that does not know the method has refused it before any body: it gets one.
    """
    before = stored()
    found = []
    for name in names:
        if name == "nothing" and route.startswith(EMPTY_IS_FINE):
            continue
        response = world.send(method, route, name)
        if fault := fault_of(response):
            found.append((method, route, name, fault))
        if response.status_code == 405:
            break
    now = stored()
    return found + [
        (method, route, "stored", label) for label in now if now[label] != before[label]
    ]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("root", ROOTS)
def test_a_hostile_body_is_refused_at_each_route_and_stores_nothing(
    world: World, root: str, method: str
) -> None:
    wrong = []
    for route in django_routes(root):
        is_here = root == next(one for one in ROOTS if route.startswith(one))
        if is_here and not (method == "POST" and route in STOPS):
            wrong += wrongs(world, method, route, TYPICAL_BODIES if route == RESUME else TYPICAL)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    "route",
    ["/v1/creative-agent/workflows", "/app/runs/<str:run_id>/answer-link", "/app/uploads"],
)
def test_each_hostile_body_is_refused_at_a_route_of_each_root(world: World, route: str) -> None:
    assert wrongs(world, "POST", route, SENT) == []
    for listing in ("/v1/creative-agent/workflows", "/v1/creative-agent/workflows/templates"):
        assert world.by_key.get(listing).status_code == 200


def test_stopping_by_the_page_reads_no_body_and_breaks_on_none(world: World) -> None:
    wrong = []
    run = Run.objects.get(public_id=world.ids["run_id"])
    for name in SENT:
        with transaction.atomic():
            status = world.send("POST", STOP, name).status_code
            run.refresh_from_db()
            is_right = status in (302, 400, 413) and (run.status == "cancelled") == (status == 302)
            wrong += [] if is_right else [(name, status, run.status)]
            transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.parametrize("field", ["input.brief", "key", "extra"])
def test_a_hostile_field_in_the_form_of_a_template_is_refused(world: World, field: str) -> None:
    before = stored()
    for value in ("%00", "a%00b", "%e2%80%ae%00", "x" * 200_000):
        form = f"input.brief=x&{field}={value}".encode()
        response = world.by_session.generic("POST", f"/t/{world.opened}", form, FORM)
        assert response.status_code == 400, value[:20]
        assert response["Content-Type"].startswith("text/html"), value[:20]
    assert stored() == before


def test_an_odd_word_in_the_form_of_a_template_stays_a_word(world: World) -> None:
    for value in (
        *("%ed%a0%80", "%ff", "%24inputs.brief", "%7B%7B+7+%7D%7D"),
        *("%3Cscript%3E", "%E2%80%AE"),
    ):
        form = f"input.brief={value}".encode()
        response = world.by_session.generic("POST", f"/t/{world.opened}", form, FORM)
        assert response.status_code == 302, (value, response.content)
        run = Run.objects.order_by("-id")[0]
        assert run.request["inputs"]["brief"] == unquote_plus(value)
        page = world.by_session.get(response["Location"])
        assert page.status_code == 200, value
        assert b"<script>" not in page.content


def test_a_wrong_method_is_explained_to_programs_and_people(world: World) -> None:
    for path, kind in (("/app/uploads", JSON), ("/sign-out", "text/html")):
        response = world.by_session.get(path)
        assert (response.status_code, response["Allow"]) == (405, "POST"), path
        assert response["Content-Type"].partition(";")[0] == kind
        assert b"be opened like this" in response.content
