"""What each role may do with a template and with the runs of those who work on it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from runs.models import Artifact, Run
from templates_app.documents import services
from templates_app.models import Invitation, Template
from tests.support.builders.collaborating import let_in
from tests.support.builders.drafts import Desk, note
from tests.support.builders.editing import change
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.running import start_template
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import Answer, request_app

pytestmark = pytest.mark.django_db(transaction=True)

V1 = "/v1/creative-agent/workflows"
PEOPLE = ("owner", "editor", "starter", "commenter", "viewer", "outsider")
STAGES = [note("a", label="Script")]
RENAMED = {"op": "set", "table": "root", "key": "template", "path": ["name"], "value": "Sky high"}


@dataclass
class World:
    """A private template with members of each role; a member who edits has run its draft."""

    cast: dict[str, User]
    template: Template
    done: Run
    live: Run
    headers: dict[tuple[str, bool], dict[str, str]] = field(default_factory=dict)

    def ask(self, person: str, method: str, path: str, body: Any = None) -> Answer:
        """A request of this person's browser, or with their key where the path is of the API."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = {"content-type": "application/json"}
        way = (person, path.startswith("/v1"))
        if way not in self.headers:
            self.headers[way] = headers_of(self.cast[person], path)
        return request_app(method, path, {**kind, **self.headers[way]}, data)


def headers_of(person: User, path: str) -> dict[str, str]:
    if path.startswith("/v1"):
        return {"api-key": make_key(person)}
    client = Client()
    client.force_login(person)
    token = "c" * 32
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    return {"cookie": cookies, "x-csrftoken": token}


@pytest.fixture
def world() -> World:
    cast = {name: make_user(name) for name in PEOPLE}
    template = make_template(cast["owner"], stages=STAGES, inputs=[], name="Sky")
    services.open_document(viewer=cast["owner"], public_id=template.public_id)
    for name in ("editor", "starter", "commenter", "viewer"):
        role = "editor" if name == "starter" else name
        let_in(cast["owner"], template.public_id, cast[name], role)
    desk = Desk(cast["starter"], STAGES, template=template)
    done = desk.run()
    live = desk.start(fresh=["a"])
    return World(cast, template, done, live)


Act = Callable[[World, str], Answer]
ALL = {"owner": 200, "editor": 200, "starter": 200, "commenter": 200, "viewer": 200}
READERS = {**ALL, "outsider": 404}
EDITORS = {**READERS, "commenter": 403, "viewer": 403}
OWNER = {**EDITORS, "editor": 403, "starter": 403}
STARTER = {**OWNER, "owner": 403, "starter": 200}
STOPPERS = {**OWNER, "starter": 200}
# Over the API a template is its owner's, or public.
OWNER_OF_V1 = {**dict.fromkeys(READERS, 404), "owner": 200}
# Refused for another reason than who asks: admitted.
LET_IN = 422


def document(method: str, rest: str = "", **body: Any) -> Act:
    def act(world: World, person: str) -> Answer:
        path = f"/app/documents/{world.template.public_id}{rest}"
        return world.ask(person, method, path, body or None)

    return act


def run(method: str, path: str, body: Any = None, *, live: bool = False) -> Act:
    def act(world: World, person: str) -> Answer:
        which = world.live if live else world.done
        return world.ask(person, method, path.replace("ID", which.public_id), body)

    return act


def edits(world: World, person: str) -> Answer:
    body = {"clientId": str(uuid.uuid4()), "base": 0, "changes": [change(RENAMED)]}
    return document("POST", "/changes", **body)(world, person)


def publishes(world: World, person: str) -> Answer:
    return document("POST", "/publish", number=1)(world, person)


def patches(world: World, person: str) -> Answer:
    body = {"name": "Sky low"}
    return world.ask(person, "PATCH", f"{V1}/templates/{world.template.public_id}", body)


def comments_on_result(world: World, person: str) -> Answer:
    made = Artifact.objects.filter(run=world.done)[0].public_id
    body = {"text": "Darker", "artifact": made}
    return run("POST", "/app/runs/ID/comments", body)(world, person)


def deletes(world: World, person: str) -> Answer:
    return world.ask(person, "DELETE", f"{V1}/templates/{world.template.public_id}")


READ: dict[str, Act] = {
    "the draft": document("GET"),
    "the editor's page": lambda world, person: world.ask(
        person, "GET", f"/t/{world.template.public_id}/edit"
    ),
    "changes": document("GET", "/changes?after=0"),
    "problems": document("GET", "/issues"),
    "versions": document("GET", "/versions"),
    "one version": document("GET", "/versions/1"),
    "people": document("GET", "/people"),
    "list of runs": document("GET", "/runs"),
    "comments": document("GET", "/comments"),
    "another's run on the canvas": run("GET", "/app/runs/ID/state"),
    "another's run page": run("GET", "/runs/ID"),
    "what another's run page reads": run("GET", "/app/runs/ID/page"),
    "another's run over the API": run("GET", f"{V1}/ID"),
    "its events": run("GET", f"{V1}/ID/events"),
    "its stream": run("GET", f"{V1}/ID/events/stream"),
    "its media": run("GET", "/runs/ID/download"),
    "comments on its results": run("GET", "/app/runs/ID/comments"),
}
WRITE: dict[str, tuple[Act, dict[str, int]]] = {
    "publish": (publishes, OWNER),
    "edit": (edits, EDITORS),
    "quote": (document("POST", "/quote"), EDITORS),
    "run": (document("POST", "/runs", key="one"), EDITORS),
    "save a version": (document("POST", "/versions", label="First"), EDITORS),
    "invite": (document("POST", "/people", username="friend"), OWNER),
    "comment on the draft": (
        document("POST", "/comments", text="Darker"),
        {**READERS, "viewer": 403},
    ),
    "comment on a result": (comments_on_result, {**READERS, "viewer": 403}),
    "a ticket for the draft": (
        lambda world, person: world.ask(
            person, "POST", "/v1/realtime/tickets", {"template": world.template.public_id}
        ),
        READERS,
    ),
    "a ticket for another's run": (
        lambda world, person: world.ask(
            person, "POST", "/v1/realtime/tickets", {"run": world.live.public_id}
        ),
        READERS,
    ),
    "resume": (run("POST", f"{V1}/ID/resume", {}, live=True), STARTER),
    "answer": (run("POST", "/app/runs/ID/answer", {}, live=True), {**STARTER, "starter": LET_IN}),
    "a link to answer by": (
        run("POST", "/app/runs/ID/answer-link", {}, live=True),
        {**STARTER, "starter": LET_IN},
    ),
    "retry": (run("POST", "/app/runs/ID/resume", {}), STARTER),
    "decide about its cost": (
        run("POST", "/app/runs/ID/cost", {"decision": "confirm"}),
        {**STARTER, "starter": LET_IN},
    ),
    "confirm its cost over the API": (
        run("POST", f"{V1}/ID/confirm-cost", {"decision": "confirm"}),
        {**STARTER, "starter": LET_IN},
    ),
    "run it again with new seeds": (run("POST", f"{V1}/ID/reseed", {}), STARTER),
    "share it": (run("GET", "/app/runs/ID/share"), STARTER),
    "end its sharing": (run("POST", "/app/runs/ID/unshare"), {**STARTER, "starter": LET_IN}),
    "delete it": (run("POST", "/app/runs/ID/delete"), {**STARTER, "starter": LET_IN}),
    "stop": (run("POST", f"{V1}/ID/cancel", {}, live=True), STOPPERS),
    "stop on its page": (run("POST", "/app/runs/ID/cancel", live=True), STOPPERS),
    "change it over the API": (patches, OWNER_OF_V1),
    "change a role": (document("POST", "/people", username="viewer", role="editor"), OWNER),
    "remove someone": (document("DELETE", "/people", username="starter"), STOPPERS),
    "delete the template": (deletes, OWNER_OF_V1),
}


def status_of(answer: Answer) -> int:
    """As the tables say it: what was done is 200, what was refused for what it holds is LET_IN."""
    status = answer.status
    if status in (200, 201, 202, 204, 302):
        return 200
    return LET_IN if status in (400, 402, 409, 422) else status


@pytest.mark.parametrize("part", [0, 1])
def test_everyone_who_works_on_it_reads(world: World, part: int) -> None:
    acts = list(READ.items())[part::2]
    statuses = {what: {who: status_of(act(world, who)) for who in PEOPLE} for what, act in acts}
    assert {what: found for what, found in statuses.items() if found != READERS} == {}


@pytest.mark.parametrize("part", [slice(0, 1), slice(1, 11), slice(11, None)])
def test_writes(world: World, part: slice) -> None:
    """In the order of the table: what takes something from the others comes last in a world."""
    wrong = {}
    for what, (act, wanted) in list(WRITE.items())[part]:
        # Those who may come last: what they do may leave nothing to the others.
        order = sorted(PEOPLE, key=lambda who: (wanted[who] == 200, who == "owner"))
        answers = {who: act(world, who) for who in order}
        statuses = {who: status_of(answer) for who, answer in answers.items()}
        outsider = answers["outsider"].text
        if statuses != wanted or any(known in outsider for known in ("Sky", "Script")):
            wrong[what] = statuses, outsider
    assert wrong == {}


def seen_by(world: World, person: str) -> list[str]:
    """The runs that a person's editor lists."""
    answer = document("GET", "/runs")(world, person)
    return [row["id"] for row in answer.json()["runs"]]


def publish(world: World) -> None:
    Template.objects.filter(pk=world.template.pk).update(
        visibility="public", published=world.template.head
    )


def test_runs_say_who_started_them(world: World) -> None:
    starter = world.cast["starter"]
    by = {"id": starter.public_id, "name": "starter", "hue": starter_hue(world)}
    [live, done] = document("GET", "/runs")(world, "viewer").json()["runs"]
    assert (live["by"], done["by"]) == (by, by)
    assert run("GET", "/app/runs/ID/state")(world, "viewer").json()["by"] == by
    opened = document("GET")(world, "commenter").json()
    assert opened["latestRun"] == world.live.public_id
    assert opened["template"]["role"] == "commenter"
    assert not opened["template"]["canEdit"]


def starter_hue(world: World) -> int:
    people = document("GET", "/people")(world, "owner").json()["people"]
    return int(next(one["hue"] for one in people if one["username"] == "starter"))


def test_members_see_each_others_runs_of_versions(world: World) -> None:
    mine = start_template(world.cast["owner"], world.template)
    assert seen_by(world, "viewer") == [mine.public_id, world.live.public_id, world.done.public_id]
    assert status_of(world.ask("viewer", "GET", f"/app/runs/{mine.public_id}/state")) == 200
    publish(world)
    theirs = start_template(world.cast["editor"], world.template)
    assert seen_by(world, "commenter")[0] == theirs.public_id
    assert seen_by(world, "owner")[0] == theirs.public_id


def test_what_outsiders_run_stays_theirs_also_when_they_join_later(world: World) -> None:
    publish(world)
    outsider = world.cast["outsider"]
    before = start_template(outsider, world.template)
    everyone = ("owner", "editor", "starter", "commenter", "viewer")
    path = f"/app/runs/{before.public_id}/state"

    def only_theirs() -> bool:
        return all(
            before.public_id not in seen_by(world, who)
            and status_of(world.ask(who, "GET", path)) == 404
            for who in everyone
        )

    assert only_theirs()
    let_in(world.cast["owner"], world.template.public_id, outsider, "viewer")
    assert only_theirs()
    after = start_template(outsider, world.template)
    assert seen_by(world, "owner")[0] == after.public_id
    assert seen_by(world, "outsider")[:2] == [after.public_id, before.public_id]


def test_who_leaves_keeps_their_own_runs_alone(world: World) -> None:
    left = document("DELETE", "/people", username="starter")(world, "starter")
    assert (left.status, left.body) == (204, b"")
    assert status_of(document("GET")(world, "starter")) == 404
    assert status_of(run("GET", "/app/runs/ID/state")(world, "starter")) == 200
    # What was made of the draft stays with the template.
    assert world.done.public_id in seen_by(world, "viewer")


def test_a_run_page_of_another_member_offers_nothing_that_is_not_theirs(world: World) -> None:
    page = run("GET", "/runs/ID")(world, "viewer").text
    assert "starter" in page
    address = f"/app/runs/{world.done.public_id}"
    assert not any(f"{address}/{do}" in page for do in ("again", "resume", "share", "cancel"))
    live = run("GET", "/runs/ID", live=True)
    assert "/cancel" not in live(world, "editor").text
    assert "/cancel" in live(world, "owner").text
    assert "/cancel" in live(world, "starter").text


def test_only_roles_there_are_can_be_offered(world: World) -> None:
    for role in ("owner", "admin", "none", "Editor", "x" * 500):
        answer = document("POST", "/people", username="friend", role=role)(world, "owner")
        assert answer.status == 422, role
        assert "viewer, commenter or editor" in answer.text, role


def test_a_changed_invitation_is_accepted_as_it_is_then(world: World) -> None:
    for role in ("editor", "viewer"):
        document("POST", "/people", username="outsider", role=role)(world, "owner")
    people = document("GET", "/people")(world, "owner").json()
    assert people["invited"] == [{"username": "outsider", "role": "viewer"}]
    assert document("GET", "/people")(world, "editor").json()["invited"] == []
    sent = Invitation.objects.get()
    path = f"/me/templates/invitations/{sent.pk}/accept"
    assert status_of(world.ask("outsider", "POST", path)) == 200
    shown = document("GET")(world, "outsider").json()
    assert shown["template"]["role"] == "viewer"
    assert status_of(edits(world, "outsider")) == 403


def test_roles_change_without_end(world: World, settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = 5
    for turn in range(6):
        role = ("viewer", "commenter")[turn % 2]
        change_role = document("POST", "/people", username="viewer", role=role)
        assert change_role(world, "owner").status == 200
