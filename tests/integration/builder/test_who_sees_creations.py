"""Who may open what of creations, comments and the runs behind them: routes by visitors.

Routes come from the product's own tables; one without a row fails the first test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.test import Client

from accounts.models import User
from builder import asgi
from comments import services as comments
from comments.models import Comment
from comments.services import Place
from core import clock
from creations import sharing
from creations.models import Remix, Share
from media import signing
from moderation import moderators
from runs.models import Run
from templates_app.models import Collaborator, Template
from tests.integration.builder.test_outsiders_see_nothing import (
    TAKES,
)
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import forget_the_log, make_moderator
from tests.support.builders.sharing import (
    NOTE_STAGES,
    finished_run,
    make_plain_run,
    make_run,
    make_share,
)
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.visitors import signed_in
from tests.support.markup import without_tokens

pytestmark = [pytest.mark.django_db]

# The run belongs to a private template: its owner, three people with roles, and the one of its
# editors who started it. Beside them, everyone else there is.
WORKERS = {"owner", "starter", "viewer", "commenter", "editor"}
OTHERS = {"stranger", "suspended", "moderator", "operator"}
SESSIONS = WORKERS | OTHERS
# Keys are the starter's. Pages know no keys.
KEYS = {"read key", "run key", "all key"}
NO_ONE = {"anonymous"}
EVERYONE = SESSIONS | KEYS | NO_ONE
SAMPLE = {"anonymous", "stranger", "suspended", "all key"}

STARTER = {"starter"}
WATCHERS = WORKERS
COMMENTERS = WORKERS - {"viewer"}
ACTING = SESSIONS - {"suspended"}

RUN_API = "/v1/creative-agent/workflows/<str:run_id>"
# Method and route → who may. The rest are told to sign in (no session), that they may not (those
# who see the run), or that nothing is there. The creation is shared by its link.
MAY: dict[tuple[str, str], set[str]] = {
    # Creations
    ("GET", "/s/<str:share_id>"): EVERYONE,
    ("GET", "/s/<str:share_id>/qr.svg"): EVERYONE,
    ("GET", "/embed/<str:share_id>"): EVERYONE,
    ("GET", "/app/creations/<str:share_id>/comments"): EVERYONE,
    ("POST", "/app/creations/<str:share_id>/comments"): ACTING,
    ("POST", "/s/<str:share_id>/like"): ACTING,
    # The page says why there is none; what Remix does: test_creation_pages.py.
    ("POST", "/s/<str:share_id>/remix"): ACTING,
    ("GET", "/s/<str:share_id>/report"): SESSIONS,
    ("POST", "/s/<str:share_id>/report"): ACTING - STARTER,
    # Runs
    ("GET", "/runs/<str:run_id>"): WATCHERS,
    ("GET", "/runs/<str:run_id>/download"): WATCHERS | KEYS,
    ("GET", "/app/runs/<str:run_id>/state"): WATCHERS,
    ("GET", "/app/runs/<str:run_id>/page"): WATCHERS,
    ("GET", "/app/runs/<str:run_id>/comments"): WATCHERS,
    ("POST", "/app/runs/<str:run_id>/comments"): COMMENTERS,
    ("GET", "/app/runs/<str:run_id>/share"): STARTER,
    **{
        ("POST", f"/app/runs/<str:run_id>/{act}"): STARTER
        for act in (
            *("share", "unshare", "answer", "answer-link", "again", "resume", "cost"),
            *("final", "final/quote"),
        )
    },
    # For those whose template it is of, and who ran it as well: no one here.
    ("POST", "/app/runs/<str:run_id>/preview"): set(),
    ("POST", "/app/runs/<str:run_id>/cancel"): STARTER | {"owner"},
    ("GET", RUN_API): WATCHERS | KEYS,
    ("GET", f"{RUN_API}/events"): WATCHERS | KEYS,
    ("GET", f"{RUN_API}/events/stream"): WATCHERS | KEYS,
    ("POST", f"{RUN_API}/cancel"): STARTER | {"owner", "run key", "all key"},
    ("POST", f"{RUN_API}/resume"): STARTER | {"run key", "all key"},
    ("POST", f"{RUN_API}/reseed"): {"run key", "all key"},
    ("POST", f"{RUN_API}/confirm-cost"): {"run key", "all key"},
    ("POST", f"{RUN_API}/final"): {"run key", "all key"},
    ("POST", f"{RUN_API}/final/quote"): STARTER | {"run key", "all key"},
    # Operators look into runs of others, and what they look at is in the log.
    **{
        ("GET" if route == "/admin/runs/<str:run_id>" else "POST", route): {"operator"}
        for route in TAKES
        if route.startswith("/admin/runs/<str:run_id>")
    },
}
KINDS = {"share", "run", "comment"}
# Walked by tests of their own below.
ELSEWHERE = {
    # tests/integration/builder/test_delete_own_runs.py
    "/app/runs/<str:run_id>/delete",
    # tests/integration/builder/test_final_media_services.py
    "/admin/providers/<str:name>/test-image/<str:run_id>",
    "/app/comments/<int:comment_id>/<str:action>",
    # tests/integration/accounts/test_blocks.py
    "/app/comments/<int:comment_id>/author/block",
    "/app/comments/<int:comment_id>/author/mute",
    "/comments/<int:comment_id>/report",
    "/s/<str:share_id>/comments/<int:comment_id>/report",
    # tests/integration/moderation/test_report_people_and_files.py
    "/s/<str:share_id>/media/<int:position>/report",
}
SOCKETS = {"/ws/runs/<str:run_id>", "/ws/documents/<str:public_id>", "/ws/notices"}
BODIES: dict[str, dict[str, str]] = {
    "/app/creations/<str:share_id>/comments": {"text": "hello"},
    "/app/runs/<str:run_id>/again": {"seeds": "same", "key": "again-1"},
    "/app/runs/<str:run_id>/comments": {"text": "hello", "artifact": "<artifact>"},
    "/app/runs/<str:run_id>/share": {"visibility": "public", "license": "cc0"},
    "/admin/runs/<str:run_id>/look": {"step": "study"},
    "/admin/runs/<str:run_id>/retry": {"step": "study"},
    "/s/<str:share_id>/report": {"reason": "spam"},
    f"{RUN_API}/reseed": {"key": "again-2"},
    f"{RUN_API}/confirm-cost": {"accept": "true"},
}
# Spending by the API takes a key.
KEYS_ALONE = {f"{RUN_API}/reseed", f"{RUN_API}/confirm-cost", f"{RUN_API}/final"}


@dataclass
class World:
    """One run, shared by a link; who asks, and with what."""

    people: dict[str, User]
    template: Template
    run: Run
    share: Share
    comment: Comment
    clients: dict[str, Client] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)


def make_world() -> World:
    people = {name: make_user(name) for name in sorted(SESSIONS)}
    template = make_template(
        people["owner"],
        name="Harbor",
        stages=NOTE_STAGES,
        inputs=[{"name": "say", "type": "text", "default": "a harbor"}],
    )
    roles = {"starter": "editor", "viewer": "viewer", "commenter": "commenter", "editor": "editor"}
    for name, role in roles.items():
        Collaborator.objects.create(template=template, user=people[name], role=role)
    make_moderator(people["moderator"])
    moderators.give(user=people["operator"], role=moderators.OPERATOR)
    suspend(people["suspended"])
    clients = {name: Client() for name in sorted(SESSIONS | NO_ONE)}
    headers: dict[str, dict[str, str]] = {"anonymous": {}}
    for name, person in people.items():
        clients[name].force_login(person)
        headers[name] = {"cookie": f"sessionid={clients[name].cookies['sessionid'].value}"}
    for name in KEYS:
        key = make_key(people["starter"], name, scope=name.split()[0])  # type: ignore[arg-type]
        headers[name] = {"authorization": f"Bearer {key}"}
        clients[name] = Client(headers=headers[name])
    path = f"/app/documents/{template.public_id}"
    assert clients["starter"].get(path).status_code == 200
    sent = {"inputs": {"say": "a harbor"}, "key": "first"}
    answer = clients["starter"].post(f"{path}/runs", json.dumps(sent), "application/json")
    assert answer.status_code == 201, answer.content
    run = finished_run(Run.objects.get(public_id=answer.json()["id"]))
    # Without Remix: who starts a run of another's template can't allow that.
    share = make_share(people["starter"], run, visibility="unlisted")
    comment = comments.comment_on_share(
        actor=people["starter"], share=share, text="Look", place=Place()
    )
    return World(people, template, run, share, comment, clients, headers)


def suspend(person: User) -> None:
    person.suspended_until = clock.now() + timedelta(days=1)
    person.save(update_fields=["suspended_until"])


def expected(method: str, route: str, visitor: str) -> set[str]:
    """What this visitor may be answered, in the words of `answered`."""
    if visitor in MAY[(method, route)]:
        return {"ok"}
    is_api = route.startswith("/v1/")
    if visitor in NO_ONE or (visitor in KEYS and not is_api):
        return {"sign in"}
    if visitor in KEYS or route in KEYS_ALONE:
        return {"forbidden"}
    if visitor == "suspended" and (method == "POST" or route.endswith("/stream")):
        # Before anything is looked up; what they may send is about their own.
        return {"forbidden", "nothing there"}
    if visitor in SESSIONS and TAKES[route] == "share":
        # Comments are refused beside their field.
        return {"forbidden", "refused"}
    if route.endswith("/comments") and visitor in WATCHERS:
        return {"forbidden", "refused"}
    if route.startswith("/admin/"):
        return {"nothing there"}
    if not MAY[(method, route)]:
        return {"forbidden", "nothing there"}
    return {"forbidden"} if visitor in WATCHERS else {"nothing there"}


def answered(status: int, location: str) -> str:
    if location.startswith("/sign-in") or status == 401:
        return "sign in"
    # What was wrong with the request is told only to those who may send it.
    if status in (403, 404):
        return "forbidden" if status == 403 else "nothing there"
    return "ok" if status < 500 and status != 422 else "refused"


def path_of(world: World, route: str) -> str:
    path = route.replace("<str:share_id>", world.share.public_id)
    return path.replace("<str:run_id>", world.run.public_id)


def beside_django() -> set[str]:
    return {"/" + str(one.pattern).lstrip("^") for one in asgi.BESIDE_DJANGO}


# --- the table ----------------------------------------------------------------------------------


def test_every_route_and_socket_has_a_row() -> None:
    named = {route for route, takes in TAKES.items() if takes in KINDS}
    assert named == {route for _method, route in MAY} | ELSEWHERE
    assert {"/" + str(one.pattern) for one in asgi.SOCKETS} == SOCKETS
    # Media without a signature: of a public template and of a creation, whose tests are below, and
    # of a guest's run, see tests/integration/simple_apps.
    assert {"t", "s", "a"} == signing.PUBLIC_KINDS


@pytest.mark.parametrize(
    "is_whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["short", "whole"]
)
def test_each_visitor_gets_what_the_table_says(is_whole: bool) -> None:
    """In short, what is open to everyone is opened by four."""
    world, wrong = make_world(), []
    for method, route in MAY:
        if route in beside_django():
            continue
        path, artifact = path_of(world, route), world.run.artifacts.get().public_id
        sent = {
            name: text.replace("<artifact>", artifact)
            for name, text in BODIES.get(route, {}).items()
        }
        for visitor, client in world.clients.items():
            if not (is_whole or MAY[(method, route)] != EVERYONE or visitor in SAMPLE):
                continue
            with transaction.atomic():
                if method == "GET":
                    answer = client.get(path)
                elif path.startswith("/v1/"):
                    answer = client.post(path, json.dumps(sent), "application/json")
                else:
                    answer = client.post(path, sent)
                transaction.set_rollback(True)
            got = answered(answer.status_code, answer.headers.get("Location", ""))
            if got not in expected(method, route, visitor):
                wrong.append(f"{method} {route}: {visitor} got {answer.status_code}, {got}")
    assert not wrong, "\n".join(wrong)


# --- what is shared, ended, hidden --------------------------------------------------------------


@pytest.mark.parametrize("state", ["unlisted", "public", "ended", "quarantined", "removed", "left"])
def test_a_creation_is_open_to_all_or_to_its_owner_or_to_no_one(state: str) -> None:
    """left: its owner's account is closed."""
    alice, bob, mo = make_user("alice"), make_user("bob"), make_moderator(make_user("mo"))
    share = make_share(alice, visibility="unlisted" if state == "unlisted" else "public")
    seen_by = {"no one": Client(), "bob": Client(), "mo": Client(), "alice": Client()}
    for name, person in (("bob", bob), ("mo", mo), ("alice", alice)):
        seen_by[name].force_login(person)
    if state == "ended":
        sharing.end_share(actor=alice, share=share)
    elif state in ("quarantined", "removed"):
        assert sharing.set_moderation(share=share, state=state, expected="visible")
    elif state == "left":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    page = f"/s/{share.public_id}"
    is_open = state in ("unlisted", "public")
    own = is_open or state in ("quarantined", "removed")
    unknown = "/s/" + "1" * 16
    for name, client in seen_by.items():
        mine = name == "alice" and state != "left"
        status = 200 if is_open or (mine and own) else 404
        for path in (page, f"{page}/qr.svg", f"/app/creations/{share.public_id}/comments"):
            assert client.get(path).status_code == status, (name, path)
        # A frame on another site shows what everyone sees, also to its owner.
        assert client.get(f"/embed/{share.public_id}").status_code == (200 if is_open else 404)
        oembed = client.get("/oembed", {"url": f"http://testserver{page}"})
        assert oembed.status_code == (200 if is_open else 404)
        if status == 404:
            refused, nowhere = client.get(page), client.get(unknown)
            assert words_of(refused, share.public_id) == words_of(nowhere, "1" * 16)
        for path in ("/creations", "/creations?q=Dawn", f"/u/{alice.public_id}"):
            listed = share.public_id in client.get(path).content.decode()
            assert listed == (state == "public"), (name, path)


def words_of(answer: Any, public_id: str) -> str:
    text = without_tokens(answer.content.decode()).replace(public_id, "<id>")
    request_id = answer.headers.get("X-Request-Id", "")
    return text.replace(request_id, "<request>") if request_id else text


def test_a_copy_of_what_was_taken_down_is_refused_to_its_owner_too(alice: User, bob: User) -> None:
    offered = make_share(alice, make_run(alice), allows_remix=True)
    sharing.set_moderation(share=offered, state="removed", expected="visible")
    assert signed_in(bob).post(f"/s/{offered.public_id}/remix").status_code == 404
    signed_in(alice).post(f"/s/{offered.public_id}/remix")
    assert not Remix.objects.exists()


# --- beside Django ------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Sockets, streams and media are answered beside Django, by connections of their own."""
    yield
    forget_the_log()


@pytest.mark.usefixtures("committed")
def test_streams_and_downloads_are_for_those_who_see_the_run() -> None:
    world, wrong = make_world(), []
    for method, route in MAY:
        if route not in beside_django():
            continue
        for visitor, headers in world.headers.items():
            answer = request_app(method, path_of(world, route), headers)
            got = answered(answer.status, answer.header("location"))
            if visitor in KEYS and visitor in MAY[(method, route)] and got == "ok":
                continue
            if got not in expected(method, route, visitor):
                wrong.append(f"{method} {route}: {visitor} got {answer.status}, {got}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("committed")
def test_sockets_are_for_those_who_work_on_the_template() -> None:
    world, wrong = make_world(), []
    paths = {
        f"/ws/runs/{world.run.public_id}": WATCHERS | KEYS,
        f"/ws/documents/{world.template.public_id}": WATCHERS,
        "/ws/notices": SESSIONS,
    }

    async def opens(path: str, headers: dict[str, str]) -> bool:
        async with Socket("", {"origin": ORIGIN, **headers}, path=path) as socket:
            await socket.until(lambda one: one.said or one.closed is not None, "an answer")
            return bool(socket.said)

    for path, may in paths.items():
        for visitor, headers in world.headers.items():
            if visitor in KEYS and not path.startswith("/ws/runs/"):
                continue
            is_open = async_to_sync(opens)(path, headers)
            if is_open != (visitor in may):
                wrong.append(f"{path}: {visitor} {'got in' if is_open else 'was refused'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("committed")
def test_no_other_file_is_at_an_address_of_a_creation(alice: User) -> None:
    share = make_share(alice)
    medium = share.media.get()
    path = f"/media/s/{share.public_id}/{medium.blob_id}/{medium.filename}"
    assert request_app("GET", path).status == 200
    hidden = make_plain_run(alice, "another harbor").artifacts.get()
    for other in ("0" * 64, hidden.blob_id):
        assert request_app("GET", path.replace(medium.blob_id, other)).status == 404
