"""The plan beside a document: for those who may edit it, and in nothing that is made of it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import connection_limits, storage
from accounts.models import User
from templates_app.document_ops.convert import to_spec
from templates_app.document_ops.schemas import PLAN
from templates_app.lifecycle.services import delete_template
from templates_app.models import Change, Document
from tests.support.builders.collaborating import let_in
from tests.support.builders.document_plans import plan, put_plan
from tests.support.builders.editing import apply, change, make_document, prompt, template_of
from tests.support.builders.templates import TEMPLATES, documented
from tests.support.clients.sockets import Socket, page_headers
from tests.support.clients.streams import close_pool_connections, in_thread
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
EMPTY: dict[str, Any] = {"order": [], "rows": {}}
HELD = {"order": [PLAN], "rows": {PLAN: plan()}}


@pytest.fixture
def _lets_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()
    assert not connection_limits.open_here()


@pytest.fixture
def document(alice: User) -> Document:
    return make_document(alice)


@pytest.fixture
def planned(alice: User, document: Document) -> Document:
    apply(alice, document, put_plan())
    document.refresh_from_db()
    return document


def path_of(document: Document, rest: str = "") -> str:
    return f"/app/documents/{template_of(document).public_id}{rest}"


def opened(person: User, document: Document) -> Any:
    return signed_in(person).get(path_of(document)).json()


def send(client: Client, document: Document, *ops: dict[str, Any]) -> Any:
    body = {"clientId": str(uuid.uuid4()), "base": 0, "changes": [change(*ops)]}
    address = path_of(document, "/changes")
    return client.post(address, json.dumps(body), content_type="application/json").json()


def test_editors_write_and_read_the_plan(alice: User, bob: User, document: Document) -> None:
    let_in(alice, template_of(document).public_id, bob)

    answer = send(signed_in(bob), document, put_plan())

    assert answer["rejected"] == []
    assert opened(alice, document)["state"][PLAN] == HELD
    assert opened(bob, document)["state"][PLAN] == HELD
    since = signed_in(alice).get(path_of(document, "/changes?after=0")).json()
    assert since["changes"][0]["ops"] == [put_plan()]


@pytest.mark.parametrize("role", ["viewer", "commenter"])
def test_members_who_may_not_edit_see_no_plan(
    alice: User, bob: User, planned: Document, role: str
) -> None:
    let_in(alice, template_of(planned).public_id, bob, role)
    apply(alice, planned, prompt("a dark sky"))

    shown = opened(bob, planned)
    since = signed_in(bob).get(path_of(planned, "/changes?after=0")).json()

    assert (shown["rev"], shown["state"][PLAN]) == (2, EMPTY)
    assert [one["rev"] for one in since["changes"]] == [1, 2]
    assert [one["ops"] for one in since["changes"]] == [[], [prompt("a dark sky")]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_lets_go_of_the_database")
@pytest.mark.parametrize("role", ["viewer", "editor"])
@pytest.mark.parametrize("is_late", [False, True], ids=["followed", "caught up"])
def test_a_socket_tells_of_a_plan_only_those_who_may_edit(
    alice: User, bob: User, document: Document, role: str, is_late: bool
) -> None:
    let_in(alice, template_of(document).public_id, bob, role)
    path = f"/ws/documents/{template_of(document).public_id}"
    if is_late:
        apply(alice, document, put_plan())
    socket = Socket("", page_headers(signed_in(bob)), query="after=0", path=path)

    async def scene() -> None:
        async with socket:
            if not is_late:
                await socket.until(lambda one: bool(one.said), "who is there")
                await in_thread(apply, alice, document, put_plan())
            await socket.until(lambda one: bool(changes_in(one)), "the change")

    asyncio.run(scene())
    [told] = changes_in(socket)
    assert told["rev"] == 1
    assert told["ops"] == ([put_plan()] if role == "editor" else [])


def changes_in(socket: Socket) -> list[dict[str, Any]]:
    return [message["change"] for message in socket.said if message["event"] == "change"]


def test_a_plan_alone_leaves_a_draft_as_it_was_saved(planned: Document) -> None:
    assert (planned.rev, planned.saved_rev) == (1, 1)


def test_a_plan_takes_storage_as_any_edit(alice: User, planned: Document) -> None:
    row = Change.objects.get(document=planned)
    assert storage.used(alice.pk)["changes"] == row.bytes > len(json.dumps(plan()["settings"]))
    assert storage.recount(alice) == {}


def test_a_plan_goes_with_its_document(alice: User, planned: Document) -> None:
    public_id = template_of(planned).public_id
    delete_template(actor=alice, public_id=public_id)
    assert signed_in(alice).get(f"/app/documents/{public_id}").status_code == 404


@pytest.mark.parametrize(
    "op",
    [
        {**put_plan(), "key": "other"},
        {**put_plan(), "value": "words"},
        {**put_plan(), "value": {**plan(), "more": 1}},
        {**put_plan(), "value": {"settings": plan()["settings"]}},
        put_plan(brief="x" * 20_001),
        put_plan(by="x" * 201),
        put_plan(settings=[]),
        put_plan(settings={"unknown": 1}),
        put_plan(settings={"kind": "film", "scenes": "three"}),
        put_plan(settings={"kind": "film", "seconds": 1e9}),
    ],
    ids=[
        *("another key", "words", "one field more", "fields missing", "a long brief"),
        *("a long name", "a list", "an unknown setting", "scenes in words", "too long"),
    ],
)
def test_what_is_no_plan_is_refused_and_the_rest_of_its_batch_kept(
    alice: User, planned: Document, op: dict[str, Any]
) -> None:
    body = {
        "clientId": str(uuid.uuid4()),
        "base": 1,
        "changes": [change(op, prompt("lost")), change(prompt("a dark sky"))],
    }
    address = path_of(planned, "/changes")
    answer = signed_in(alice).post(address, json.dumps(body), "application/json").json()

    [refusal] = answer["rejected"]
    assert refusal["code"] == "change.unreadable"
    assert refusal["message"].startswith("`plan`")
    state = opened(alice, planned)["state"]
    assert state[PLAN] == HELD
    assert state["stages"]["rows"]["s0"]["args"]["prompt"] == "a dark sky"


def test_a_field_of_a_plan_that_makes_it_none_is_refused(alice: User, planned: Document) -> None:
    op = {"op": "set", "table": PLAN, "key": PLAN, "path": ["settings", "scenes"], "value": 3}
    [refusal] = send(signed_in(alice), planned, op)["rejected"]
    assert "scenes" in refusal["message"]
    op = {**op, "path": ["settings", "aspect"], "value": "1:1"}
    assert send(signed_in(alice), planned, op)["rejected"] == []
    gone = {"op": "remove", "table": PLAN, "key": PLAN}
    assert send(signed_in(alice), planned, gone)["rejected"] == []
    assert opened(alice, planned)["state"][PLAN] == EMPTY


def test_a_document_of_an_earlier_release_is_read_and_changed(
    alice: User, document: Document
) -> None:
    state = {name: table for name, table in document.state.items() if name != PLAN}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE templates_app_document SET state = %s WHERE id = %s",
            [json.dumps(state), document.pk],
        )
    stored = list(Document.objects.filter(pk=document.pk).values_list("state", flat=True))
    assert [PLAN in one for one in stored] == [False]

    assert opened(alice, document)["state"][PLAN] == EMPTY
    assert send(signed_in(alice), document, prompt("a dark sky"))["rejected"] == []
    assert send(signed_in(alice), document, put_plan())["rejected"] == []
    assert opened(alice, document)["state"][PLAN] == HELD
    fresh = Document.objects.get(pk=document.pk)
    assert to_spec(fresh.state)["stages"][0]["args"]["prompt"] == "a dark sky"


def test_a_body_with_a_plan_is_refused(api: Any, alice_key: str) -> None:
    client = api(alice_key)
    refused = client.post(TEMPLATES, {**documented(), "plan": plan()})
    assert refused.status_code == 400
    assert "`plan`" in refused.json()["message"]
    made = client.post(TEMPLATES, {**documented(), "plan": None}).json()["data"]["template"]
    address = f"{TEMPLATES}/{made['id']}"
    assert client.patch(address, {"plan": {}}).status_code == 400
    assert client.patch(address, {"name": "Other", "plan": None}).status_code == 200
    assert "plan" not in client.get(address).json()["data"]["template"]
