"""What belongs to a person is not there for anyone else, by whatever address they ask.

Routes come from the product's own tables; one whose variable `NAMED_BY` doesn't know fails.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.apps import apps
from django.test import Client

from accounts import one_time_links
from accounts import services as accounts
from accounts.auth import Principal
from accounts.models import User
from core import clock
from media import signing
from runs.admission.start import start_run
from runs.models import Artifact, Event, Run, Step
from templates_app.models import Template, TemplateVersion
from tests.support.builders.blobs import SECRET, jpeg_with_place, make_blob, make_upload
from tests.support.builders.document_plans import keep, open_document, put_plan
from tests.support.builders.editing import apply
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.running import start, work_off
from tests.support.builders.sharing import make_share
from tests.support.clients.asgi_requests import HOST, Answer, request_app
from tests.support.markup import without_tokens
from tests.support.routes import asgi_routes, django_routes, with_id

pytestmark = [pytest.mark.django_db(transaction=True)]

WORKFLOWS = "/v1/creative-agent/workflows"
TEMPLATES = f"{WORKFLOWS}/templates"
STREAM_OF_SET = "/v1/run-sets/<slug:set_id>/events"
STREAM = WORKFLOWS + "/<str:run_id>/events/stream"
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

# What a variable of a route names: the first of those that a route has. "link": anyone who holds it
# is who it was made for, or it is looked for among one's own alone; each has tests of its own.
NAMED_BY: dict[str, str | None] = {
    **dict.fromkeys(("slug", "token", "ticket", "secret", "at", "person_id"), "link"),
    **dict.fromkeys(("link_id", "session_id", "folder_id", "invitation_id", "identity_id"), "link"),
    "comment_id": "comment",
    "run_id": "run",
    "share_id": "share",
    "set_id": "run set",
    "chat_id": "chat",
    "record_id": "record",
    "public_id": "template",
    "upload_id": "upload",
    "part": "export",
    "model_id": "model",
    **dict.fromkeys(("case_id", "appeal_id", "decision_id"), "case"),
    **dict.fromkeys(("name", "lookup"), "key"),
    **dict.fromkeys(("app_label", "object_id")),
}
# They end the session that asks, so they are asked last.
ENDING = ("/me/sessions/end", "/sign-out")


def named_by(route: str) -> str | None:
    """Return what the variable of a route names; None: it has none."""
    variables = re.findall(r"<(?:\w+:)?(\w+)>", route)
    if not variables:
        return "media" if route == "/media/" else None
    if route.startswith("/admin/") and "public_id" in variables:
        return "person"
    kinds = [kind for name, kind in NAMED_BY.items() if name in variables]
    assert kinds, f"NAMED_BY doesn't know what {route} names"
    return kinds[0]


TAKES = {
    route: named_by(route)
    for route in sorted((*django_routes(), *asgi_routes()), key=lambda one: (one in ENDING, one))
}

# Words of alice's that no one else may read anywhere.
WORDS = {
    "user name": "alice.unlisted",
    "e-mail": "alice@unlisted.example",
    "prompt of a run": "a heron in the fog at Lindisfarne",
    "prompt of a live run": "an otter under the weir",
    "title of a step": "Heron at dawn",
    "chat": "Tell me of seals at Budle Bay",
    "replay record": "which geese winter here",
    "run set": "a cormorant drying its wings",
    "seed": "735182937",
    "private template's name": "Quiet marsh study",
    "private template's brief": "never show this to anyone",
    "plan of a draft": "a bittern booming in the reeds",
    "proposal that waits": "an avocet on its nest",
    "file name": "tide-table-of-home.jpg",
    "idempotency key": "alice-start-0001",
}

# Who else sends requests. Those that no account is behind ask in `make test-all`; one place refuses
# them, so the long form is for who is signed in.
SIGNED_IN = ("bob's key", "bob's session")
SIGNED_OUT = ("no_one", "a made-up key", "alice's revoked key")
each_outsider = pytest.mark.parametrize(
    ("who", "is_long"),
    [
        *((who, False) for who in SIGNED_IN),
        *(pytest.param(who, False, marks=pytest.mark.slow) for who in SIGNED_OUT),
        pytest.param("bob's session", True, marks=pytest.mark.thorough),
    ],
)


@dataclass
class World:
    """alice's things. ids: what is private, by kind. Both templates were made by REST."""

    alice: User
    owner: dict[str, str]
    session: dict[str, str]
    ids: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    open_id: str = "open-marsh"

    def own(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """alice asks with her key."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = {"content-type": "application/json"}
        return request_app(method, path, {**self.owner, **kind, **headers}, data)


def session_of(user: User) -> dict[str, str]:
    """The headers of a signed-in browser that has a page open."""
    client = Client()
    client.force_login(user)
    token = "c" * 32
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    return {"cookie": cookies, "x-csrftoken": token}


def stages(text: str) -> list[dict[str, Any]]:
    return [{"id": "study", "type": "fixed", "tool": "note", "args": {"text": text}}]


def plan_beside(public_id: str) -> None:
    """A template's draft has a plan beside it, and a proposal waits for its owner's answer."""
    template = Template.objects.select_related("owner").get(public_id=public_id)
    document = open_document(template.owner, template)
    apply(template.owner, document, put_plan(WORDS["plan of a draft"]))
    keep(template.owner, template, WORDS["proposal that waits"])


@pytest.fixture
def world() -> World:
    """alice has a finished run, one under way, an upload, a private and a public template."""
    alice = accounts.create_user(
        username=WORDS["user name"], email=WORDS["e-mail"], display_name="Ada"
    )
    key = make_key(alice)
    world = World(alice, {"api-key": key}, session_of(alice))
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename=WORDS["file name"])

    private = world.own(
        "POST",
        TEMPLATES,
        {
            "name": WORDS["private template's name"],
            "brief": WORDS["private template's brief"],
            "inputs": [{"name": "subject", "type": "text", "required": True}],
            "stages": stages("$inputs.subject"),
        },
    ).json()["data"]["template"]
    plan_beside(private["id"])
    done = start(
        alice,
        [
            {
                "id": "heron",
                "title": WORDS["title of a step"],
                "toolName": "note",
                "arguments": {
                    "text": WORDS["prompt of a run"],
                    "seed": int(WORDS["seed"]),
                    "copies": 2,
                },
            }
        ],
    )
    work_off()
    live = start_run(
        actor=Principal(user=alice, api_key=None, via="session"),
        body={
            "workflow_id": private["id"],
            "inputs": {"subject": WORDS["prompt of a live run"]},
        },
        key=WORDS["idempotency key"],
    ).run
    artifacts = Artifact.objects.filter(run=done).order_by("position")
    address = f"http://{HOST}" + signing.signed_path(artifacts[0].public_id, "0.png")
    look = {"stageId": "study", "label": "A look", "mediaType": "image", "url": address}
    opened = world.own(
        "POST",
        TEMPLATES,
        {
            "id": world.open_id,
            "name": "Open marsh",
            "visibility": "public",
            "stages": stages("A marsh"),
            "previewArtifacts": [look],
        },
    )
    assert opened.status == 201, opened.text
    plan_beside(world.open_id)
    chat = world.own(
        "POST", "/v1/chat/runs", {"messages": [{"role": "user", "content": WORDS["chat"]}]}
    )
    assert chat.status == 202, chat.text
    record = {"run_id": "marsh-talk-1", "user_request": WORDS["replay record"]}
    assert world.own("POST", "/v1/replay/records", record).status == 201
    table = {"workflow_id": private["id"], "rows": [{"brief": WORDS["run set"]}]}
    run_set = world.own("POST", "/v1/run-sets", table)
    assert run_set.status == 201, run_set.text
    world.ids = {
        "run set": [run_set.json()["data"]["runSet"]["id"]],
        "run": [done.public_id, live.public_id],
        "record": [record["run_id"]],
        "chat": [chat.json()["data"]["run"]["runId"]],
        "template": [private["id"]],
        "media": [*(row.public_id for row in artifacts), upload.public_id],
    }
    link = one_time_links.create_signin_link(user=alice, base_url="").rpartition("/")[2]
    world.secrets = {
        **WORDS,
        "key": key,
        "session": world.session["cookie"].split("=")[1].split(";")[0],
        "sign-in link": link,
        **{f"{kind} {n}": one for kind, ids in world.ids.items() for n, one in enumerate(ids)},
    }
    return world


@pytest.fixture
def outsiders(world: World) -> dict[str, dict[str, str]]:
    """Everyone who is not alice, by the headers they send."""
    bob = make_user("bob")
    revoked, text = accounts.create_api_key(user=world.alice, name="old")
    accounts.revoke_api_key(key=revoked)
    found = {
        "no_one": {},
        "bob's key": {"authorization": f"Bearer {make_key(bob)}"},
        "bob's session": session_of(bob),
        "a made-up key": {"api-key": f"rg_{'a' * 10}_{'b' * 43}"},
        "alice's revoked key": {"api-key": text},
    }
    assert sorted(found) == sorted((*SIGNED_IN, *SIGNED_OUT))
    return found


def twin(public_id: str) -> str:
    """An id of the same form that names nothing."""
    last = public_id[-1]
    return public_id[:-1] + ("7" if last != "7" else "8")


def body_for(path: str) -> tuple[dict[str, str], bytes]:
    if path.startswith("/v1"):
        return {"content-type": "application/json"}, b'{"name": "Mine", "reason": "why not"}'
    return {"content-type": "application/x-www-form-urlencoded"}, b"next=/&name=Mine"


def methods_for(route: str, *, is_long: bool) -> tuple[str, ...]:
    """Pages know two methods; the long form sends them all others too. A HEAD repeats a GET."""
    if is_long:
        return METHODS
    if route.startswith("/v1"):
        return tuple(method for method in METHODS if method != "HEAD")
    return ("GET", "POST")


def routes_for(who: str, *, is_long: bool) -> Iterator[tuple[str, str | None]]:
    """Pages take no keys, and one place refuses all of `/admin/data/`: the long form asks these."""
    for route, takes in TAKES.items():
        is_page = route.startswith(("/admin/", "/me/", "/app/"))
        is_refused = route.startswith("/admin/data/") or (is_page and who == "bob's key")
        if is_long or not is_refused:
            yield route, takes


def ask(method: str, path: str, headers: Mapping[str, str]) -> Answer:
    kind, body = body_for(path) if method in ("POST", "PATCH", "PUT") else ({}, b"")
    return request_app(method, path, {**headers, **kind}, body)


def face(answer: Answer, public_id: str) -> tuple[Any, ...]:
    """An answer without what differs between two requests of the same kind."""

    def plain(text: str) -> str:
        for spelled in {public_id, quote(public_id, safe=""), html.escape(public_id)}:
            text = text.replace(spelled, "<id>")
        text = re.sub(r"req_[0-9a-z]{26}", "<request>", text)
        text = without_tokens(text)
        return re.sub(r"(csrftoken|signed_in)=[\w:-]+; expires=[^;]+", r"\1=…", text)

    headers = [(name, plain(value)) for name, value in answer.headers if name != "expires"]
    return answer.status, headers, plain(answer.text)


def seen_in(answer: Answer, asked: str, secrets: Mapping[str, str]) -> list[str]:
    """Which secrets an answer shows; what was asked for may be repeated."""
    text = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers)
    said = [known for known in secrets.values() if known in asked]
    for known in said:
        text = text.replace(known, "").replace(quote(known, safe=""), "")
    return [name for name, secret in secrets.items() if secret in text]


def alices_rows(world: World) -> list[Any]:
    """All there is of alice's templates and runs."""
    mine = {"owner": world.alice}
    return [
        list(Template.objects.filter(**mine).order_by("pk").values()),
        list(TemplateVersion.objects.filter(template__owner=world.alice).order_by("pk").values()),
        list(Run.objects.filter(**mine).order_by("pk").values()),
        list(Step.objects.filter(run__owner=world.alice).order_by("pk").values()),
        list(Event.objects.filter(run__owner=world.alice).order_by("pk").values()),
    ]


# --- every route --------------------------------------------------------------------------------


@each_outsider
def test_private_and_unknown_answer_alike_on_every_route(
    world: World, outsiders: dict[str, dict[str, str]], who: str, is_long: bool
) -> None:
    """With ids of the kind that a route takes; the long form also with ids of any other kind."""
    before, headers, wrong = alices_rows(world), outsiders[who], []
    private_ids = {
        "run": world.ids["run"][1],
        "run set": world.ids["run set"][0],
        "chat": world.ids["chat"][0],
        "record": world.ids["record"][0],
        "template": world.ids["template"][0],
        "media": world.ids["media"][0],
    }
    for route, takes in routes_for(who, is_long=is_long):
        if takes in (None, "link"):
            continue
        own = [private_ids.get(takes, private_ids["media"])]
        ids = list(private_ids.values()) if is_long else own
        if takes == "media":
            paths = [(f"/media/{one}/0.png", f"/media/{twin(one)}/0.png", one) for one in ids]
        else:
            paths = [(with_id(route, one), with_id(route, twin(one)), one) for one in ids]
        methods = methods_for(route, is_long=is_long)
        for (private, unknown, one), method in itertools.product(paths, methods):
            what = f"{method} {private}"
            there, nowhere = ask(method, private, headers), ask(method, unknown, headers)
            if face(there, one) != face(nowhere, twin(one)):
                wrong.append(f"{what} is told from an unknown id: {there.status}, {nowhere.status}")
            wrong += [f"{what} shows {name}" for name in seen_in(there, private, world.secrets)]
            if method not in ("OPTIONS", "HEAD") and route.startswith("/v1"):
                wrong += [f"{what}: {there.status}"] * (there.status not in (401, 403, 404, 405))
    assert not wrong, "\n".join(wrong)
    assert alices_rows(world) == before


@each_outsider
def test_routes_without_an_id_show_outsiders_nothing_private(
    world: World, outsiders: dict[str, dict[str, str]], who: str, is_long: bool
) -> None:
    """Queries are those of the lists of the API; the long form adds them to all else too."""
    before, headers, wrong = alices_rows(world), outsiders[who], []
    queries = ["?visibility=own&limit=100", "?visibility=all", "?status=running"]
    for route, takes in routes_for(who, is_long=is_long):
        if takes is not None:
            continue
        sent = [(method, "") for method in methods_for(route, is_long=is_long)]
        if is_long or route.startswith("/v1") or route == "/":
            sent = [*(("GET", query) for query in queries), *sent]
        for method, query in sent:
            what = f"{method} {route}{query}"
            answer = ask(method, route + query, headers)
            if answer.status >= 500 and answer.status not in (501, 503):
                wrong.append(f"{what}: {answer.status}")
            wrong += [f"{what} shows {name}" for name in seen_in(answer, route, world.secrets)]
    assert not wrong, "\n".join(wrong)
    assert alices_rows(world) == before


def test_a_private_template_cannot_be_started_by_others(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    [private] = world.ids["template"]
    for who, headers in outsiders.items():
        answers = []
        for one in (private, twin(private)):
            body = json.dumps({"workflow_id": one, "inputs": {"subject": "x"}}).encode()
            kind = {"content-type": "application/json"}
            rest = request_app("POST", WORKFLOWS, {**headers, **kind}, body)
            kind = {"content-type": "application/x-www-form-urlencoded"}
            page = request_app("POST", f"/t/{quote(one)}", {**headers, **kind}, b"input.subject=x")
            answers.append((face(rest, one), face(page, one)))
            assert rest.status in (401, 403, 404)
        assert answers[0] == answers[1], who
    assert Run.objects.exclude(owner=world.alice).count() == 0


def test_anothers_artifact_cannot_be_bound_by_its_id(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    binding = {
        "sourceStepId": "a",
        "sourceArtifactId": world.ids["media"][0],
        "targetArgument": "sourceImageIndex",
        "transform": "image_index",
    }
    steps = [
        {"id": "a", "toolName": "note"},
        {"id": "b", "toolName": "note", "dependsOn": [binding]},
    ]
    headers = {**outsiders["bob's key"], "content-type": "application/json"}
    body = json.dumps({"input": {"steps": steps}}).encode()
    answer = request_app("POST", WORKFLOWS, headers, body)
    assert answer.status == 201, answer.text
    work_off()
    run = answer.json()["data"]["workflow"]["id"]
    shown = request_app("GET", f"{WORKFLOWS}/{run}", outsiders["bob's key"]).json()["data"][
        "workflow"
    ]
    assert shown["status"] == "failed"
    assert shown["steps"][1]["error"]["errorType"] == "ASSET_NOT_FOUND"


# --- every URL ----------------------------------------------------------------------------------


class Addresses(HTMLParser):
    """Every address an HTML page holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("href", "src", "action", "poster", "srcset", "data", "formaction")
        self.found |= {value for name, value in attrs if name in names and value}


def strings_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)


def addresses_in(answer: Answer) -> set[str]:
    """Our own addresses in a body or a redirect, as path and query."""
    kind = answer.header("content-type")
    found = {answer.header("location")}
    if "html" in kind:
        found |= Addresses(answer.text).found
    else:
        parts = (
            re.findall(r"^data: (.*)$", answer.text, re.MULTILINE)
            if "event-stream" in kind
            else [answer.text] * ("json" in kind)
        )
        for text in strings_of([json.loads(part) for part in parts]):
            found |= set(re.findall(rf"https?://{HOST}[^\s\"'<>]*", text))
            found |= {text} if re.match(r"/[a-z]", text) else set()
    paths = set()
    for address in found:
        url = urlsplit(address)
        if url.netloc in ("", HOST) and url.path.startswith("/"):
            paths.add(url.path + (f"?{url.query}" if url.query else ""))
    return paths


def is_signed(path: str) -> bool:
    names = [name for name, _value in parse_qsl(urlsplit(path).query)]
    return path.startswith("/media/") and names in (["e", "s"], ["e", "s", "download"])


def owners_answers(world: World) -> list[Answer]:
    """What alice is shown on every route, after reading and after writing."""
    [private] = world.ids["template"]
    done, live = world.ids["run"]
    answers = []
    for route, takes in TAKES.items():
        ids: list[str] = {
            "run": [done, live],
            "run set": world.ids["run set"],
            "template": [private, world.open_id],
        }.get(takes or "", [])
        paths = [with_id(route, one) for one in ids] if takes else [route]
        for path in paths:
            # The stream of a live run has no end; that of the finished one says the same things.
            if path == with_id(STREAM, live) or route == STREAM_OF_SET:
                continue
            answers += [request_app("GET", path, who) for who in (world.owner, world.session)]
    steps = [{"id": "a", "toolName": "note", "arguments": {"text": "more"}}]
    return [
        *answers,
        world.own("POST", WORKFLOWS, {"input": {"steps": steps}}),
        world.own("POST", f"{TEMPLATES}/{world.open_id}/fork"),
        world.own("PATCH", f"{TEMPLATES}/{private}", {"tags": ["marsh"]}),
        world.own("POST", f"{WORKFLOWS}/{live}/cancel"),
    ]


@pytest.mark.slow
def test_every_address_in_the_owners_bodies_shows_outsiders_nothing(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    answers = owners_answers(world)
    todo = set().union(*map(addresses_in, answers))
    walked: set[str] = set()
    while todo - walked:
        path = min(todo - walked)
        walked.add(path)
        own = request_app("GET", path, world.session)
        todo |= addresses_in(own)
        for who, headers in outsiders.items():
            answer = request_app("GET", path, headers)
            if is_signed(path):
                # The signature is the right to see: it needs no one's credentials.
                assert (answer.status, answer.body) == (own.status, own.body) == (200, own.body)
            else:
                assert not seen_in(answer, path, world.secrets), f"{who}: {path}"
    # What outsiders must not see is really there to be seen.
    shown = {name for answer in answers for name in seen_in(answer, "", world.secrets)}
    unshown = {"key", "session", "sign-in link", "idempotency key"}
    assert set(world.secrets) - shown == unshown
    kinds = {path.split("/")[1].partition("?")[0] for path in walked}
    assert {"media", "runs", "app", "static"} <= kinds, walked
    assert sum(is_signed(path) for path in walked) >= 3
    assert any(path.startswith("/media/t/") for path in walked)


# --- signed media -------------------------------------------------------------------------------


def signed(world: World, **more: Any) -> tuple[str, str]:
    public_id = world.ids["media"][0]
    return public_id, signing.signed_path(public_id, "0.png", **more)


def test_an_expired_or_forged_address_of_ours_is_not_fetched_for_a_run(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    past = clock.now() - timedelta(days=3)
    headers = {**outsiders["bob's key"], "content-type": "application/json"}
    for address in (signed(world, at=past)[1], signed(world)[1] + "x"):
        body = {
            "input": {"steps": [{"toolName": "note"}]},
            "media_references": [{"kind": "image", "url": f"http://{HOST}{address}"}],
        }
        answer = request_app("POST", WORKFLOWS, headers, json.dumps(body).encode())
        assert answer.status == 400, answer.text


# --- what is public -----------------------------------------------------------------------------


def test_the_public_record_tells_nothing_of_the_run_it_shows(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    kept = world.secrets
    for path in (f"{TEMPLATES}/{world.open_id}", f"{TEMPLATES}?visibility=public", "/"):
        answer = request_app("GET", path, outsiders["bob's key"])
        assert "Open marsh" in answer.text
        assert "Ada" in answer.text
        assert not seen_in(answer, path, kept), path
    shown = request_app("GET", f"{TEMPLATES}/{world.open_id}", outsiders["bob's key"]).json()
    url = urlsplit(shown["data"]["template"]["previewArtifacts"][0]["url"])
    medium = request_app("GET", url.path)
    assert (medium.status, medium.header("content-type")[:6]) == (200, "image/")
    assert not seen_in(medium, url.path, kept)
    for path in (with_id(route, world.open_id) for route in TAKES if TAKES[route] == "template"):
        assert not seen_in(request_app("GET", path, outsiders["bob's session"]), path, kept), path


def test_a_plan_and_a_proposal_are_in_no_other_table(world: World) -> None:
    work_off()
    tables: dict[str, set[str]] = {"plan of a draft": set(), "proposal that waits": set()}
    for model in apps.get_models():
        rows = repr(list(model._default_manager.values_list()))
        for name, found in tables.items():
            if WORDS[name] in rows:
                found.add(model._meta.label)
    assert tables == {
        "plan of a draft": {"templates_app.Document", "templates_app.Change"},
        "proposal that waits": {"compose.KeptProposal"},
    }


def test_a_creation_of_a_private_run_tells_nothing_else_of_it(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    """Its pages, all that they lead on to, and what search finds by the words of the run."""
    work_off()
    run = Run.objects.get(public_id=world.ids["run"][1])
    blob = make_blob(jpeg_with_place("olive"))
    run.artifacts.update(blob=blob, kind="image")
    share = make_share(world.alice, run, keeps_details=False)
    page, secrets = f"/s/{share.public_id}", {**world.secrets, "file as it was made": blob.pk}
    starts = {
        *(with_id(route, share.public_id) for route, takes in TAKES.items() if takes == "share"),
        *(f"/oembed?url=http://{HOST}{page}", f"/u/{world.alice.public_id}", "/creations"),
    }
    for who in SIGNED_IN:
        found, todo, walked = [], sorted(starts), set()
        while todo:
            path = todo.pop()
            walked.add(path)
            answer = request_app("GET", path, outsiders[who])
            found += [f"{path}: {name}" for name in seen_in(answer, path, secrets)]
            found += [path] * (SECRET.encode() in answer.body)
            if path in starts:
                todo += {one for one in addresses_in(answer) if share.public_id in one} - walked
        assert not found, "\n".join(found)
        assert any(path.startswith("/media/s/") for path in walked)
        for words in (WORDS["prompt of a live run"], WORDS["private template's name"]):
            for path in ("/", "/creations"):
                answer = request_app("GET", f"{path}?q={quote(words)}", outsiders[who])
                assert share.public_id not in answer.text
                assert not seen_in(answer, words, secrets)
