"""A private template that is a stage of others: no one outside them reads a word of it.

What outsiders may see of the same owner is walked by the product's own table of routes.
"""

from __future__ import annotations

import html
import io
import itertools
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from accounts.models import MailAddress, User
from core import clock
from media import signing
from moderation import moderators, services
from moderation.models import Case
from notices.sending import Outbox
from runs.models import Artifact, Run, Step
from templates_app import uses
from templates_app.lifecycle import forking
from templates_app.models import VIEWER, Template
from tests.integration.builder.test_outsiders_see_nothing import (
    TAKES,
    TEMPLATES,
    WORKFLOWS,
    addresses_in,
    ask,
    session_of,
)
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.collaborating import let_in
from tests.support.builders.creations import shared
from tests.support.builders.drafts import note
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import forget_the_log, make_moderator, report
from tests.support.builders.running import start_template, work_off
from tests.support.builders.stage_bodies import stage
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import HOSTS, make_public, make_template
from tests.support.clients.agents import send
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.fakes.smtp_server import SmtpServer, send_mail_to
from tests.support.markup import without_tokens
from tests.support.routes import with_id

pytestmark = [pytest.mark.django_db(transaction=True)]

WORD = "zebra-7f3"
ID = "stripes-51c2e0"
# The word also as names of inputs and titles made of them write it.
USES = "/app/documents/film-completed/uses"
USED = rf"zebra.{{0,3}}7f3|{ID}"
# What no template uses of it, and of one that everyone could read before.
UNUSED = "okapi-7f3"
TAKEN_DOWN = "quagga-7f3"
LINES = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}
USUAL = ("outsider", "member")
PEOPLE = (
    *("no one", "outsider", "outsider's key", "member", "forker", "viewer"),
    *("moderator", "operator"),
)
# Who may read a template may read the version that it uses; staff read what was reported.
UNREADABLE = {
    "viewer": f"{UNUSED}|{TAKEN_DOWN}",
    "moderator": f"{USED}|{UNUSED}",
    "operator": f"{USED}|{UNUSED}",
}


@dataclass
class World:
    """alice's private template, what holds it, and what others may see of hers.

    headers: by who asks. seen: ids of what someone may see, by the kind that routes take. hidden:
    the same of what is alice's alone.
    """

    alice: User
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)


def said(text: str, asked: str = "", who: str = "") -> list[str]:
    """List where a text says what a person may not read. asked: an id in it may be repeated."""
    unreadable = UNREADABLE.get(who, f"{USED}|{UNUSED}|{TAKEN_DOWN}")
    text = unquote(html.unescape(text))
    if ID in asked:
        text = text.replace(ID, "")
    return [
        text[max(0, match.start() - 40) : match.end() + 20]
        for match in re.finditer(unreadable, text, re.I)
    ]


def said_by(answer: Answer, asked: str = "", who: str = "") -> list[str]:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return said(answer.text + headers, asked, who)


def zebra(alice: User) -> dict[str, Template]:
    """alice's private template; a template of hers by what happens inside: it holds that version
    once, and once more for each line."""
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename=f"{WORD}.jpg")
    look = f"http://{HOSTS[0]}{signing.signed_path(upload.public_id, upload.filename)}"
    make_public(alice, id="lamp", name="Lamp", inputs=[], stages=[note("glow")])
    still = note("still", f"{WORD} prompt", label=f"{WORD} still", produces=["zebra_7f3_still"])
    words = note("words", "$inputs.zebra_7f3", label=f"{WORD} words")
    inner = make_template(
        alice,
        id=ID,
        name=f"{WORD} shot",
        description=f"{WORD} description",
        brief=f"{WORD} brief",
        tags=[WORD],
        inputs=[
            {
                "name": "zebra_7f3",
                "type": "text",
                "description": f"{WORD} label",
                "default": f"{WORD} default",
            },
            {"name": "look", "type": "image", "description": WORD, "default": look},
        ],
        stages=[still, words, stage("template:lamp", "lamp")],
    )
    refuse = {"id": "bad", "label": f"{WORD} bad", "type": "fixed", "tool": "fail"}
    ask = {"id": "ask", "label": f"{WORD} ask", "type": "interactive", "userMessage": f"{WORD}?"}
    insides = {
        "completed": [still, words, stage("template:lamp", "lamp")],
        "failed": [still, {**refuse, "args": {"retryable": False}}],
        "question": [still, ask],
        "checkpoint": [{**still, "checkpointRequired": True}, words],
    }
    films = {}
    for name, stages in insides.items():
        version = patched(inner, stages=stages).head
        assert version is not None
        tool = f"template:{ID}@{version.semver}"
        each = {
            "id": "shots",
            "label": "Shots",
            "type": "batch",
            "overBinding": "$inputs.lines",
            "itemName": "line",
            "itemStage": {"type": "fixed", "tool": tool, "args": {"zebra_7f3": "$item.value"}},
            "produces": ["shots"],
        }
        films[name] = make_template(
            alice, id=f"film-{name}", name="Film", inputs=[LINES], stages=[stage(tool, "one"), each]
        )
    patched(inner, name=UNUSED, brief=UNUSED, stages=[note("still", UNUSED, label=UNUSED)])
    return films


def holder_of(alice: User, inner: Template) -> str:
    """A public template of a public one of alice's; its id."""
    holder = make_public(
        alice,
        id=f"open-{inner.public_id}",
        name="Open",
        inputs=[],
        stages=[stage(f"template:{inner.public_id}@0.0.1", "inside")],
    )
    return holder.public_id


def withdrawn(alice: User) -> str:
    """Make a holder of a template that was public; its author went on with it alone."""
    veil = make_public(alice, id="veil", name="Veil", inputs=[], stages=[note("v")])
    holder = holder_of(alice, veil)
    patched(veil, visibility="private", name=UNUSED, stages=[note("v", UNUSED, label=UNUSED)])
    return holder


def taken_down(alice: User, moderator: User) -> str:
    """Make a holder of a public template that is taken down."""
    stages = [note("banned", f"{TAKEN_DOWN} prompt", label=TAKEN_DOWN)]
    banned = make_public(alice, id="banned", name=TAKEN_DOWN, inputs=[], stages=stages)
    holder = holder_of(alice, banned)
    case = report(banned, make_user("rita"), reason="copyright")
    services.decide(
        actor=moderator, case=case, version=case.version, action="take_down", reason="copyright"
    )
    return holder


def hidden_and_back(lamp: Template, reporter: User, moderator: User) -> None:
    """A public template is hidden with all that hold it, private ones among them, and shown."""
    name = f"{WORD} street"
    street = make_template(lamp.owner, name=name, inputs=[], stages=[stage("template:lamp")])
    case = report(lamp, reporter, reason="copyright")
    decision = services.decide(
        actor=moderator,
        case=case,
        version=case.version,
        action="hide",
        reason="copyright",
        measures=services.Measures(holders=True),
    )
    # One by what is inside its stages.
    hidden = Template.objects.filter(moderation="quarantined").exclude(pk=lamp.pk)
    assert {*hidden.values_list("public_id", flat=True)} == {street.public_id, "film-completed"}
    case.refresh_from_db()
    services.undo(actor=moderator, decision=decision, version=case.version)


@pytest.fixture
def committed() -> Iterator[None]:
    yield
    close_pool_connections()
    forget_the_log()


@pytest.fixture
def world(committed: None) -> World:
    alice, bob, carol, dora, vera, mo, op = (
        make_user(name) for name in ("alice", "bob", "carol", "dora", "vera", "mo", "op")
    )
    for person in (bob, carol, dora):
        address = f"{person.username}@example.org"
        MailAddress.objects.create(person=person, address=address, verified_at=clock.now())
    make_moderator(mo)
    moderators.give(user=op, role=moderators.OPERATOR)
    films = zebra(alice)
    runs = {name: start_template(alice, film) for name, film in films.items()}
    work_off()
    statuses = {
        name: Run.objects.values_list("status", flat=True).get(pk=run.pk)
        for name, run in runs.items()
    }
    assert statuses == {
        "completed": "completed",
        "failed": "failed",
        "question": "waiting_for_user",
        "checkpoint": "waiting_for_user",
    }
    runs["completed"].refresh_from_db()
    # Providers say in their own words what went wrong.
    for row in Step.objects.filter(status="failed"):
        Step.objects.filter(pk=row.pk).update(
            error={**(row.error or {}), "message": f"{WORD} refused"}
        )
    Artifact.objects.update(meta={"caption": WORD, "saw": []})
    # Its draft and newest version hold the private one; what is published doesn't.
    opened = make_public(alice, id="open-marsh", name="Open marsh", inputs=[], stages=[note("a")])
    fork = forking.fork_template(actor=carol, public_id="open-marsh", own_hosts=HOSTS).template
    stages = [note("a"), stage(f"template:{ID}", "shot")]
    patched(opened, stages=stages, publish=False)
    # It was inserted here once and taken out again before anyone else was let in.
    other = make_template(alice, id="other", name="Other", inputs=[], stages=[note("a")])
    uses.add_use(actor=alice, holder=other, public_id=ID)
    let_in(alice, "other", dora)
    let_in(alice, "film-completed", vera, VIEWER)
    holders = [withdrawn(alice), taken_down(alice, mo)]
    hidden_and_back(Template.objects.get(public_id="lamp"), bob, mo)
    creation = shared(runs["completed"], remix="on", visibility="public")
    client = signed_in(dora)
    client.get("/app/documents/other")
    sent = {"inputs": {}, "key": "first"}
    answer = client.post("/app/documents/other/runs", json.dumps(sent), "application/json")
    assert answer.status_code == 201, answer.content
    work_off()
    report(opened, bob, carol, reason="copyright", note="Mine")
    keys = {"outsider": make_key(bob), "member": make_key(dora), "viewer": make_key(vera)}
    return World(
        alice,
        headers={
            "no one": {},
            "outsider": session_of(bob),
            "outsider's key": {"authorization": f"Bearer {keys['outsider']}"},
            "member": session_of(dora),
            "forker": session_of(carol),
            "viewer": session_of(vera),
            "moderator": session_of(mo),
            "operator": session_of(op),
        },
        keys=keys,
        seen={
            "template": ["open-marsh", "lamp", "other", fork.public_id, *holders],
            "run": [answer.json()["id"]],
            "share": [creation.public_id],
            "case": [str(case.pk) for case in Case.objects.all()],
        },
        hidden={
            "template": [ID, "film-completed"],
            "run": [one.public_id for one in runs.values()],
            "media": [Artifact.objects.filter(run=runs["completed"])[0].public_id],
        },
        people={"outsider": bob, "member": dora, "forker": carol, "viewer": vera, "moderator": mo},
    )


def is_asked(route: str, who: str) -> bool:
    """Operators look into runs of others, and that is in the log: test_operator_pages.py."""
    if who == "operator" and route.startswith("/admin/runs"):
        return False
    return "sign-out" not in route and "sessions/end" not in route


def walked(world: World, who: str) -> Iterator[tuple[str, Answer]]:
    """Each route for someone, with all that it may name, and what the answers lead on to."""
    paths = [
        path
        for route, takes in TAKES.items()
        if is_asked(route, who)
        for path in (
            [route]
            if takes is None
            else [
                with_id(route, one)
                for one in [*world.seen.get(takes, []), *world.hidden.get(takes, [])]
            ]
        )
    ]
    paths += [f"/u/{world.alice.public_id}", f"{TEMPLATES}?visibility=all&limit=100"]
    paths += [f"{TEMPLATES}/{one}?expand=1" for one in world.seen["template"]]
    use = Template.objects.get(public_id="film-completed").uses.get().reference
    paths += [f"{USES}/inside?in=one", f"{USES}/inside?in=one.lamp"]
    paths += [f"{USES}/newer?reference={use}", f"{USES}/bundle", f"{USES}/choices"]
    done: set[str] = set()
    more: set[str] = set()
    for path in paths:
        done.add(path)
        answer = request_app("GET", path, world.headers[who])
        more |= addresses_in(answer)
        yield path, answer
    for path in sorted(more - done):
        if not path.startswith(("/static/", "/docs/", "/sign-", "/admin/")):
            yield path, request_app("GET", path, world.headers[who])


@pytest.mark.slow
@pytest.mark.parametrize(
    "who",
    [who if who in USUAL else pytest.param(who, marks=pytest.mark.thorough) for who in PEOPLE],
)
def test_no_route_says_a_word_of_it(world: World, who: str) -> None:
    wrong = []
    for path, answer in walked(world, who):
        assert answer.status < 500 or answer.status in (501, 503), path
        wrong += [f"{path}: {text}" for text in said_by(answer, path, who)]
    for route, takes in TAKES.items():
        if not is_asked(route, who):
            continue
        for one in [*world.seen.get(takes or "", []), *world.hidden.get(takes or "", [])]:
            path = with_id(route, one)
            answer = ask("POST", path, world.headers[who])
            assert answer.status < 500 or answer.status in (501, 503), path
            wrong += [f"POST {path}: {text}" for text in said_by(answer, path, who)]
    assert not wrong, "\n".join(wrong)
    # It is there to be said, to who may read the template that uses it.
    inside = request_app("GET", f"{USES}/inside?in=one", world.headers[who])
    assert (f"{WORD} prompt" in inside.text) == (who == "viewer")


@pytest.mark.slow
def test_no_socket_says_a_word_of_it(world: World) -> None:
    paths = [
        "/ws/notices",
        *(f"/ws/runs/{one}" for one in [*world.seen["run"], *world.hidden["run"]]),
        *(f"/ws/documents/{one}" for one in [*world.seen["template"], *world.hidden["template"]]),
    ]

    async def heard(path: str, headers: Mapping[str, str]) -> Socket:
        async with Socket("", {"origin": ORIGIN, **headers}, path=path) as socket:
            await socket.until(lambda one: one.said or one.closed is not None, "an answer")
        return socket

    said_something = 0
    for path in paths:
        for who in ("outsider", "member", "forker", "operator"):
            socket = async_to_sync(heard)(path, world.headers[who])
            assert not said(json.dumps(socket.said), path), (path, who)
            said_something += bool(socket.said)
            assert not socket.said or not path.endswith(tuple(world.hidden["run"])), (path, who)
    assert said_something


# What an agent may send to each tool, of all that could name it.
AGENT_ASKS: dict[str, list[dict[str, Any]]] = {
    "search_templates": [{"query": "zebra"}, {"visibility": "all", "limit": 50}],
    "get_template": [
        {"template_id": one, "detail": "whole"} for one in (ID, "open-marsh", "film-failed")
    ],
    "list_tools": [{}, {"group": "Templates"}, {"tool": f"template:{ID}@0.0.1"}],
    "quote": [{"template_id": one} for one in (ID, "open-marsh", "film-completed")],
    "run_template": [
        {"template_id": one, "idempotency_key": one} for one in (ID, "open-marsh", "film-failed")
    ],
    "run_table": [
        {"template_id": one, "rows": [{"brief": "x"}]} for one in (ID, "open-marsh", "film-failed")
    ],
    "compose_template": [{"brief": "Repeat my template zebra for each line"}],
    "edit_template": [
        {"template_id": one, "include_draft": True} for one in (ID, "open-marsh", "film-failed")
    ],
    "get_run": [{"run_id": "<run>", "after": 0}],
    "answer": [{"run_id": "<run>", "text": "yes"}],
    "cancel": [{"run_id": "<run>"}],
    "resume": [{"run_id": "<run>"}],
    "upload_asset": [{"kind": "image", "filename": "a.png"}],
}


OWN_ASK = {"name": "get_template", "arguments": {"template_id": ID, "detail": "whole"}}


def test_no_tool_of_agents_says_a_word_of_it(world: World) -> None:
    # It is there to be said: its owner reads it.
    assert said(send("tools/call", OWN_ASK, make_key(world.alice)).text)
    for who, key in world.keys.items():
        tools = send("tools/list", {}, key)
        assert not said(tools.text, who=who), who
        names = {one["name"] for one in tools.json()["result"]["tools"]}
        assert names - AGENT_ASKS.keys() == set(), who
        for name, bodies in AGENT_ASKS.items():
            for body, run in itertools.product(bodies, world.hidden["run"]):
                sent = json.dumps(body).replace("<run>", run)
                params = {"name": name, "arguments": json.loads(sent)}
                answer = send("tools/call", params, key)
                assert not said_by(answer, sent, who), (who, name, body)
                if sent == json.dumps(body):
                    break


@pytest.mark.slow
def test_no_mail_file_or_line_of_the_log_says_a_word_of_it(
    request: pytest.FixtureRequest, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.PUBLIC_URL = "https://studio.example.org"
    with SmtpServer() as server:
        send_mail_to(settings, server.address)
        world: World = request.getfixturevalue("world")
        outbox = Outbox()
        while outbox() == 0:
            pass
        messages = [str(mail.message) for mail in server.received]
    assert messages
    assert not [text for message in messages for text in said(message)]
    lines = [record.getMessage() for record in caplog.records]
    assert not [line for line in lines if said(line)]
    for who, person in world.people.items():
        client = signed_in(person)
        picks = [one.pk for one in Template.objects.filter(owner=person)]
        for path, body in (
            ("/me/templates/change", {"do": "download", "pick": picks}),
            ("/me/media/download", {}),
        ):
            answer = client.post(path, body)
            assert not said(text_of(b"".join(answer)), who=who), (who, path)
        for name, content in export_of(person).items():
            assert not said(text_of(content), who=who), (who, name)


def text_of(body: bytes) -> str:
    """A body, or what an archive holds."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
        return "\n".join([*archive.namelist(), *(text_of(part) for part in parts)])


# --- naming it in a stage of one's own ----------------------------------------------------------


NOTHING = "stripes-51c2e1"


def alike(text: str, name: str) -> str:
    """An answer without what two requests of one kind differ in."""
    text = text.replace(name, "<id>").replace(f"zebra-{name[-3:]}", "<word>")
    text = re.sub(r"req_[0-9a-z]{26}|wf_[\w-]+|own-[01]", "<made>", text)
    text = re.sub(r"(proposal\W+)[\w-]{16,}", r"\1<made>", text)
    text = re.sub(r'"(rev|draftRev|after)": ?\d+', "<rev>", text)
    return without_tokens(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "<time>", text))


def stages_naming(name: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Ways to name a template in stages."""
    for reference in (f"template:{name}", f"template:{name}@0.0.1", f"template:{name}@0.0.4"):
        yield reference, [stage(reference, "a")]
    each = {"id": "a", "type": "batch", "overBinding": "$inputs.lines", "itemName": "it"}
    yield "batch", [{**each, "itemStage": {"type": "fixed", "tool": f"template:{name}@0.0.1"}}]
    inside = {"id": "a", "type": "fixed", "subStages": [stage(f"template:{name}@0.0.1", "b")]}
    yield "inside", [inside]


def answers_to(world: World, name: str) -> Iterator[tuple[str, str]]:
    """Collect the answers to another person who names a template, on every channel."""
    bob, key = world.people["outsider"], world.headers["outsider's key"]
    editor, inputs = signed_in(bob), [LINES]
    own = make_template(bob, name="Own", inputs=[LINES], stages=[note("n")], id=f"own-{name[-1]}")
    editor.get(f"/app/documents/{own.public_id}")
    kind = {"content-type": "application/json"}

    def api(method: str, path: str, body: Any = None) -> str:
        data = b"" if body is None else json.dumps(body).encode()
        answer = request_app(method, path, {**key, **kind}, data)
        return f"{answer.status} {answer.text}"

    def page(path: str, body: Any = None) -> str:
        path = f"/app/documents/{own.public_id}{path}"
        sent = json.dumps(body)
        answer = editor.get(path) if body is None else editor.post(path, sent, kind["content-type"])
        return f"{answer.status_code} {answer.content.decode()}"

    def agent(called: str, **arguments: Any) -> str:
        params = {"name": called, "arguments": arguments}
        return send("tools/call", params, world.keys["outsider"]).text

    for way, stages in stages_naming(name):
        body = {"name": "Mine", "inputs": inputs, "stages": stages}
        yield f"create {way}", api("POST", TEMPLATES, body)
        yield f"import {way}", api("POST", TEMPLATES, {**body, "templates": {}})
        inner = {"templates": {"in@0.0.1": body}, "names": ["template:in@0.0.1"]}
        holder = {"name": "Mine", "stages": [stage("template:in@0.0.1")]}
        yield f"import inside {way}", api("POST", TEMPLATES, {**holder, **inner})
        yield f"bring inside {way}", page("/uses/unbundle", inner)
        yield f"patch {way}", api("PATCH", f"{TEMPLATES}/{own.public_id}", {"stages": stages})
        yield f"propose {way}", api("POST", WORKFLOWS, {"input": {"steps": steps_of(stages)}})
        put = {"op": "put", "table": "stages", "key": "a", "value": stages[0]}
        yield f"agent {way}", agent("edit_template", template_id=own.public_id, ops=[put])
        change = {"id": str(uuid4()), "label": "Type", "ops": [put]}
        sent = {"base": 0, "clientId": str(uuid4()), "changes": [change]}
        page("/changes", sent)
        yield f"open {way}", str(json.loads(page("")[4:])["uses"])
        yield f"problems {way}", page("/issues", {})
        yield f"price {way}", page("/quote", {"inputs": {}})
        yield f"run {way}", page("/runs", {"inputs": {}, "key": str(uuid4())})
        yield f"save {way}", page("/versions", {"label": "x"})
        yield f"look {way}", page("/uses/inside?in=a")
        yield f"look deeper {way}", page("/uses/inside?in=a.still")
        yield f"unpack {way}", page("/uses/unpack", {"stage": "a"})
        yield f"make one {way}", page("/uses/collapse", {"stages": ["a"], "title": "Mine"})
        yield f"along {way}", page("/uses/bundle")
    for version in ("", "0.0.1", "0.0.4", "9.9.9", "x"):
        reference = f"template:{name}@{version}" if version else f"template:{name}"
        for asks in (True, False):
            wish = {"template": name, "version": version, "asks": asks}
            yield f"insert {version} {asks}", page("/uses", wish)
        yield f"bring {version}", page("/uses/unbundle", {"templates": {}, "names": [reference]})
        yield f"newer {version}", page(f"/uses/newer?reference={reference}")
        yield f"tool {version}", agent("list_tools", tool=reference)
    for tool in ("get_template", "quote", "edit_template"):
        yield tool, agent(tool, template_id=name)
    yield "run_template", agent("run_template", template_id=name, idempotency_key=name)
    yield "run_table", agent("run_table", template_id=name, rows=[{"brief": "x"}])
    yield "start table", api("POST", "/v1/run-sets", {"workflow_id": name, "rows": [{"a": "x"}]})
    yield "expand", api("GET", f"{TEMPLATES}/{name}?expand=1")
    yield "start", api("POST", WORKFLOWS, {"workflow_id": name, "inputs": {}})
    for words in (name, f"zebra-{name[-3:]}"):
        yield f"choices {words[:3]}", page(f"/uses/choices?q={words}")
        yield f"search {words[:3]}", api("GET", f"{TEMPLATES}?search={words}&visibility=public")
        yield f"agent's search {words[:3]}", agent("search_templates", query=words)
        for path in ("/", "/creations"):
            yield f"{path} {words[:3]}", api("GET", f"{path}?q={words}")


def steps_of(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": "a", "toolName": stages[0].get("tool", "template")}]


@pytest.mark.slow
def test_naming_it_is_answered_as_naming_nothing(world: World) -> None:
    there, nowhere = (
        {alike(channel, name): alike(answer, name) for channel, answer in answers_to(world, name)}
        for name in (ID, NOTHING)
    )
    wrong = [
        f"{channel}:\n  {answer}\n  {nowhere[channel]}"
        for channel, answer in there.items()
        if answer != nowhere[channel]
    ]
    assert not wrong, "\n".join(wrong)
    assert not [channel for channel, answer in there.items() if said(answer)]
    assert not uses.TemplateUse.objects.filter(holder__owner=world.people["outsider"]).exists()
