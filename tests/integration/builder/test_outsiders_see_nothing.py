"""What belongs to a person is not there for anyone else, by whatever address they ask.

Routes come from the product's own tables; a route that `TAKES` does not know fails the first test.
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
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.document_plans import keep, open_document, put_plan
from tests.support.builders.editing import apply
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.running import start, work_off
from tests.support.clients.asgi_requests import HOST, Answer, request_app
from tests.support.markup import without_tokens
from tests.support.routes import asgi_routes, django_routes, with_id

pytestmark = [pytest.mark.django_db(transaction=True)]

WORKFLOWS = "/v1/creative-agent/workflows"
TEMPLATES = f"{WORKFLOWS}/templates"
STREAM_OF_SET = "/v1/run-sets/<slug:set_id>/events"
STREAM = WORKFLOWS + "/<str:run_id>/events/stream"
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

# What the variable of a route names; None: it has none.
TAKES: dict[str, str | None] = {
    "/": None,
    "/admin/moderation/": None,
    "/admin/moderation/audit": None,
    # For moderators alone: test_picks.py.
    "/admin/moderation/picks": None,
    "/admin/moderation/bulk": None,
    "/admin/moderation/bulk/decide": None,
    "/admin/moderation/open": None,
    "/admin/moderation/appeals": None,
    "/admin/moderation/appeals/<int:appeal_id>": "case",
    "/admin/moderation/people/": None,
    "/admin/moderation/people/<str:public_id>": "case",
    "/admin/moderation/people/<str:public_id>/case": "case",
    "/admin/moderation/audit.csv": None,
    "/admin/moderation/audit.json": None,
    "/admin": None,
    "/admin/": None,
    "/admin/data": None,
    **dict.fromkeys(django_routes("/admin/data/")),
    "/admin/moderation": None,
    "/admin/runs": None,
    "/admin/runs/": None,
    "/admin/mail": None,
    "/admin/mail/": None,
    "/admin/server": None,
    "/admin/server/health": None,
    "/admin/backups": None,
    "/admin/backups/make": None,
    "/admin/backups/take-over": None,
    "/admin/server/": None,
    "/admin/workers": None,
    "/admin/workers/": None,
    "/admin/runs/workers": None,
    # Who may open these: test_people_and_roles.py.
    "/admin/people": None,
    "/admin/people/": None,
    "/admin/people/new": None,
    "/admin/people/invitations": None,
    **dict.fromkeys(django_routes("/admin/people/<str:public_id>"), "link"),
    "/admin/roles": None,
    "/admin/roles/": None,
    "/admin/providers": None,
    "/admin/providers/": None,
    "/admin/providers/add": None,
    "/admin/providers/models": None,
    "/admin/providers/models/take": None,
    "/admin/providers/try": None,
    "/admin/providers/<str:name>/pause": "key",
    "/admin/providers/<str:name>/resume": "key",
    "/admin/providers/<str:name>/limits": "key",
    "/admin/providers/<str:name>/service": "key",
    "/admin/providers/<str:name>/turn": "key",
    "/admin/providers/<str:name>/delete": "key",
    "/admin/providers/<str:name>/people": "key",
    "/admin/providers/<str:name>/test-image": "key",
    "/admin/providers/<str:name>/test-image/<str:run_id>": "run",
    "/admin/runs/<str:run_id>": "run",
    "/admin/runs/<str:run_id>/look": "run",
    "/admin/runs/<str:run_id>/cancel": "run",
    "/admin/runs/<str:run_id>/resume": "run",
    "/admin/runs/<str:run_id>/retry": "run",
    "/healthz": None,
    "/readyz": None,
    # Whose runs and templates its tools show: tests/integration/mcp.
    "/mcp": None,
    "/admin/moderation/cases/<int:case_id>": "case",
    "/admin/moderation/cases/<int:case_id>/claim": "case",
    "/admin/moderation/cases/<int:case_id>/decide": "case",
    "/admin/moderation/cases/<int:case_id>/look": "case",
    "/admin/moderation/cases/<int:case_id>/notes": "case",
    "/admin/moderation/cases/<int:case_id>/undo": "case",
    # Who sees a creation and its comments: test_who_sees_creations.py.
    "/app/comments/<int:comment_id>/<str:action>": "comment",
    "/app/compose": None,
    "/app/compose/<str:public_id>": "template",
    "/app/creations/<str:share_id>/comments": "share",
    "/app/form-token": None,
    "/app/media": None,
    "/app/documents/<str:public_id>": "template",
    "/app/documents/<str:public_id>/changes": "template",
    "/app/documents/<str:public_id>/comments": "template",
    "/app/documents/<str:public_id>/issues": "template",
    "/app/documents/<str:public_id>/people": "template",
    "/app/documents/<str:public_id>/preview": "template",
    "/app/documents/<str:public_id>/publish": "template",
    "/app/documents/<str:public_id>/quote": "template",
    "/app/documents/<str:public_id>/runs": "template",
    "/app/documents/<str:public_id>/uses": "template",
    "/app/documents/<str:public_id>/uses/bundle": "template",
    "/app/documents/<str:public_id>/uses/choices": "template",
    "/app/documents/<str:public_id>/uses/newer": "template",
    "/app/documents/<str:public_id>/uses/unbundle": "template",
    "/app/documents/<str:public_id>/uses/collapse": "template",
    "/app/documents/<str:public_id>/uses/inside": "template",
    "/app/documents/<str:public_id>/uses/unpack": "template",
    "/app/documents/<str:public_id>/versions": "template",
    "/app/documents/<str:public_id>/versions/<int:number>": "template",
    "/app/replacements": None,
    "/app/runs/<str:run_id>/again": "run",
    "/app/runs/<str:run_id>/answer": "run",
    "/app/runs/<str:run_id>/answer-link": "run",
    "/app/runs/<str:run_id>/cancel": "run",
    "/app/runs/<str:run_id>/comments": "run",
    "/app/runs/<str:run_id>/delete": "run",
    "/app/runs/keep/<str:at>": "link",
    "/app/runs/<str:run_id>/resume": "run",
    "/app/runs/<str:run_id>/cost": "run",
    "/app/runs/<str:run_id>/preview": "run",
    "/app/runs/<str:run_id>/share": "run",
    "/app/runs/<str:run_id>/state": "run",
    "/app/runs/<str:run_id>/unshare": "run",
    "/app/runs/<str:run_id>/final": "run",
    "/app/runs/<str:run_id>/final/quote": "run",
    "/app/runs/<str:run_id>/page": "run",
    "/app/templates/nearest": None,
    "/app/tools": None,
    "/app/uploads": None,
    "/app/uploads/<str:upload_id>": "upload",
    # The same page for every address: test_app_pages.py.
    "/a/<slug:slug>": None,
    "/a/<slug:slug>/embed": None,
    # As with every link: anyone who holds it is who it was made for.
    "/a/<slug:slug>/form": "link",
    "/a/<slug:slug>/runs": "link",
    "/a/<slug:slug>/undrawn": "link",
    "/answer/<str:token>": "link",
    "/comments/<int:comment_id>/report": "comment",
    # Of private files it tells no more than that they were made here: test_check_a_file.py.
    "/check": None,
    "/creations": None,
    "/embed/<str:share_id>": "share",
    "/mail/<str:token>": "link",
    "/mail/stop/<str:token>": "link",
    "/oembed": None,
    "/reset": None,
    "/reset/<str:token>": "link",
    "/s/<str:share_id>": "share",
    "/s/<str:share_id>/comments/<int:comment_id>/report": "comment",
    "/s/<str:share_id>/like": "share",
    "/s/<str:share_id>/qr.svg": "share",
    "/s/<str:share_id>/remix": "share",
    "/s/<str:share_id>/media/<int:position>/report": "share",
    "/s/<str:share_id>/report": "share",
    # Open for those who share something: tests/integration/builder/test_who_sees_creations.py.
    "/u/<str:person_id>": "link",
    # What they do for whom: tests/integration/accounts/test_blocks.py.
    "/u/<str:person_id>/block": "link",
    "/u/<str:person_id>/mute": "link",
    "/u/<str:person_id>/undo": "link",
    "/app/comments/<int:comment_id>/author/block": "comment",
    "/app/comments/<int:comment_id>/author/mute": "comment",
    "/me/people": None,
    "/u/<str:person_id>/report": "link",
    # One's own only: tests/integration/moderation/test_own_decisions.py.
    "/me/decisions": None,
    "/me/decisions/<int:decision_id>": "case",
    "/me/reports": None,
    "/me/runs": None,
    "/me/runs/delete": None,
    "/invitation/<str:token>": "link",
    "/me": None,
    "/me/address": None,
    # One's own only: tests/integration/builder/test_app_settings.py.
    "/me/apps": None,
    "/me/apps/<slug:slug>": "link",
    "/me/apps/<slug:slug>/end": "link",
    "/me/apps/<slug:slug>/links": "link",
    "/me/apps/<slug:slug>/links/<int:link_id>/end": "link",
    "/me/apps/<slug:slug>/look": "link",
    "/me/apps/<slug:slug>/preview": "link",
    "/me/apps/<slug:slug>/runs/<str:run_id>/keep": "link",
    "/me/apps/<slug:slug>/version": "link",
    "/me/delete": None,
    "/me/export": None,
    # One's own only: tests/integration/builder/test_account_export.py.
    "/me/export/<int:part>": "export",
    "/me/invitations": None,
    # What apps are told, and by whom connections are made: tests/integration/accounts/test_oauth*.
    "/.well-known/oauth-authorization-server": None,
    "/.well-known/oauth-authorization-server/mcp": None,
    "/.well-known/oauth-protected-resource": None,
    "/.well-known/oauth-protected-resource/mcp": None,
    # What signed copies are trusted by: tests/integration/builder/test_marks_in_files.py.
    "/.well-known/reelgraph-ca.pem": None,
    "/oauth/authorize": None,
    "/oauth/register": None,
    "/oauth/revoke": None,
    "/oauth/token": None,
    "/me/keys": None,
    "/me/keys/<str:lookup>/budget": "key",
    "/me/keys/<str:lookup>/revoke": "key",
    # Each one's own: tests/integration/builder/test_my_media.py.
    "/me/media": None,
    "/me/media/delete": None,
    "/me/media/download": None,
    "/me/notices": None,
    "/me/notices/latest": None,
    "/me/notices/panel": None,
    "/me/notices/read": None,
    "/me/notices/settings": None,
    "/me/password": None,
    "/me/profile": None,
    "/me/second-factor/change": None,
    "/me/second-factor/confirm": None,
    "/me/second-factor/set-up": None,
    "/me/security": None,
    # One's own only: tests/integration/accounts/test_security_events.py.
    "/me/sessions/<int:session_id>/end": "link",
    "/me/templates": None,
    "/me/templates/change": None,
    # One's own only: tests/integration/templates_app/test_folders.py.
    "/me/templates/folders/<int:folder_id>/delete": "link",
    "/me/templates/folders/<int:folder_id>/rename": "link",
    # The invited person's only: tests/integration/templates_app/test_invitations.py.
    "/me/templates/invitations/<int:invitation_id>/<str:decision>": "link",
    "/me/templates/<str:public_id>/delete": "template",
    # Each leads to one's own: tests/integration/builder/test_short_addresses.py.
    "/apps": None,
    "/docs": None,
    "/help": None,
    "/login": None,
    "/moderation": None,
    "/notices": None,
    "/run-sets": None,
    # One's own only: tests/integration/builder/test_run_set_pages.py.
    "/run-sets/<str:set_id>": "run set",
    "/run-sets/<str:set_id>/answers": "run set",
    "/run-sets/<str:set_id>/do": "run set",
    "/run-sets/<str:set_id>/live": "run set",
    "/run-sets/<str:set_id>/media.zip": "run set",
    "/run-sets/<str:set_id>/rows/<int:position>": "run set",
    "/run-sets/<str:set_id>/table.csv": "run set",
    "/runs": None,
    "/templates": None,
    "/runs/<str:run_id>": "run",
    "/sign-in": None,
    "/sign-in/code": None,
    # Anyone who holds the link is who it was made for; it has tests of its own.
    "/sign-in/<str:token>": "link",
    "/describe": None,
    "/sign-up": None,
    "/terms": None,
    # Last of those that a session reaches: they end it.
    "/me/sessions/end": None,
    "/sign-out": None,
    "/t/<str:public_id>": "template",
    "/t/<str:public_id>/app": "template",
    "/t/<str:public_id>/table": "template",
    "/t/<str:public_id>/delete": "template",
    "/t/<str:public_id>/details": "template",
    "/t/<str:public_id>/edit": "template",
    "/t/<str:public_id>/fork": "template",
    "/t/<str:public_id>/form": "template",
    "/t/<str:public_id>/poster.svg": "template",
    "/t/<str:public_id>/publish": "template",
    "/t/<str:public_id>/quote": "template",
    "/t/<str:public_id>/report": "template",
    "/t/<str:public_id>/share.png": "template",
    "/t/<str:public_id>/unpublish": "template",
    "/t/<str:public_id>/use": "template",
    "/v1/account/me": None,
    "/api/v1/models/list": None,
    "/api/v2/models/tiers": None,
    "/docs/api": None,
    "/v1/account/balance": None,
    # For those who hold a link or started a run: tests/integration/simple_apps.
    "/v1/apps/<slug:slug>": "link",
    "/v1/apps/<slug:slug>/reports": "link",
    "/v1/apps/<slug:slug>/runs": "link",
    "/v1/apps/<slug:slug>/runs/<slug:token>": "link",
    "/v1/apps/<slug:slug>/runs/<slug:token>/answer": "link",
    "/v1/apps/<slug:slug>/runs/<slug:token>/cancel": "link",
    "/v1/apps/<slug:slug>/runs/<slug:token>/events": "link",
    "/v1/apps/<slug:slug>/uploads": "link",
    "/v1/account/login": None,
    "/v1/account/logout": None,
    "/v1/account/nonce": None,
    "/v1/account/refresh-token": None,
    "/v1/announcements/active": None,
    "/v1/chat/completions": None,
    "/v1/chat/runs": None,
    "/v1/chat/runs/<str:chat_id>": "chat",
    "/v1/chat/runs/<str:chat_id>/cancel": "chat",
    "/v1/chat/runs/<str:chat_id>/confirm-cost": "chat",
    "/v1/chat/runs/<str:chat_id>/events": "chat",
    "/v1/chat/runs/<str:chat_id>/events/stream": "chat",
    "/v1/creative-agent/tools/execute": None,
    "/v1/image/downloadUrl": None,
    "/v1/image/uploadUrl": None,
    "/v1/loras/comfy": None,
    "/v1/loras/personal": None,
    "/v1/loras/personal/catalog": None,
    "/v1/media/downloadUrl": None,
    "/v1/media/uploadUrl": None,
    "/v1/model-catalog": None,
    "/v1/models": None,
    "/v1/models/<path:model_id>": "model",
    "/v1/openapi.json": None,
    "/v1/asyncapi.json": None,
    "/v1/realtime/tickets": None,
    "/v1/replay/records": None,
    "/v1/replay/records/<str:record_id>": "record",
    "/v1/run-sets": None,
    "/v1/run-sets/<slug:set_id>": "run set",
    "/v1/run-sets/<slug:set_id>/answers": "run set",
    "/v1/run-sets/<slug:set_id>/cancel": "run set",
    "/v1/run-sets/<slug:set_id>/events": "run set",
    "/v1/run-sets/<slug:set_id>/pause": "run set",
    "/v1/run-sets/<slug:set_id>/questions": "run set",
    "/v1/run-sets/<slug:set_id>/resume": "run set",
    "/v1/run-sets/<slug:set_id>/retry": "run set",
    "/v1/run-sets/<slug:set_id>/rows": "run set",
    "/v1/run-sets/<slug:set_id>/rows/<slug:position>": "run set",
    "/v1/run-sets/<slug:set_id>/start": "run set",
    "/v1/subscriptions/status": None,
    "/v2/image/downloadUrl": None,
    "/v2/image/uploadUrl": None,
    "/v2/media/downloadUrl": None,
    "/v2/media/uploadUrl": None,
    "/v4/account/balance": None,
    # Anyone who holds the ticket may bring a file; it names nothing of anyone's to read.
    "/uploads/<str:ticket>": "link",
    WORKFLOWS: None,
    f"{WORKFLOWS}/<str:run_id>": "run",
    f"{WORKFLOWS}/<str:run_id>/cancel": "run",
    f"{WORKFLOWS}/<str:run_id>/confirm-cost": "run",
    f"{WORKFLOWS}/<str:run_id>/final": "run",
    f"{WORKFLOWS}/<str:run_id>/final/quote": "run",
    f"{WORKFLOWS}/<str:run_id>/events": "run",
    f"{WORKFLOWS}/<str:run_id>/reseed": "run",
    f"{WORKFLOWS}/<str:run_id>/resume": "run",
    TEMPLATES: None,
    f"{TEMPLATES}/<str:public_id>": "template",
    f"{TEMPLATES}/<str:public_id>/fork": "template",
    STREAM: "run",
    "/runs/<str:run_id>/download": "run",
    "/media/": "media",
    # Anyone who holds it is its provider's service: tests/integration/runs/test_webhooks.py.
    "/hooks/<str:provider>/<str:secret>": "link",
    "/hooks/<str:provider>/<str:secret>/<slug:token>": "link",
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
DRAFT_WORDS = "the draft of an open template"

# Who else sends requests. Those that no account is behind ask everything in `make test-all`.
SIGNED_IN = ("bob's key", "bob's session")
SIGNED_OUT = ("no_one", "a made-up key", "alice's revoked key")
each_outsider = pytest.mark.parametrize(
    "who", [*SIGNED_IN, *(pytest.param(who, marks=pytest.mark.slow) for who in SIGNED_OUT)]
)
each_form = pytest.mark.parametrize(
    "is_long", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["short", "long"]
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
    template = Template.objects.get(public_id=private["id"])
    apply(alice, open_document(alice, template), put_plan(WORDS["plan of a draft"]))
    keep(alice, template, WORDS["proposal that waits"])
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
    """Pages take no keys: only the long form asks them with one."""
    for route, takes in TAKES.items():
        if is_long or who != "bob's key" or not route.startswith(("/admin/", "/me/", "/app/")):
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


def test_every_route_is_walked_here() -> None:
    assert sorted(TAKES) == sorted([*django_routes(), *asgi_routes()])


@each_outsider
@each_form
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
@each_form
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


def test_anothers_idempotency_key_opens_nothing(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    headers = {
        **outsiders["bob's key"],
        "content-type": "application/json",
        "idempotency-key": WORDS["idempotency key"],
    }
    body = {"input": {"steps": [{"toolName": "noop"}]}}
    answer = request_app("POST", WORKFLOWS, headers, json.dumps(body).encode())
    assert answer.status == 201
    assert not seen_in(answer, WORDS["idempotency key"], world.secrets)


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


@each_form
def test_a_signed_address_with_any_character_changed_is_not_there(
    world: World, is_long: bool
) -> None:
    """Each place with one other character, in turn; the long form with all of them."""
    public_id, path = signed(world)
    assert request_app("GET", path).status == 200
    refusal = face(request_app("GET", f"/media/{twin(public_id)}/0.png?e=1&s=1"), "")
    fixed = path.index("/0.png")
    places = [*range(len("/media/"), fixed), *range(path.index("?"), len(path))]
    wrong = []
    for place in places:
        others = {*"aZ09-_.~%=&+;/?", path[place].swapcase()} - {path[place]}
        others -= set("%?") if place < fixed else set()
        drawn = sorted(others)[place % len(others)]
        for other in others if is_long else drawn:
            altered = path[:place] + other + path[place + 1 :]
            answer = request_app("GET", altered)
            if answer.status != 404 or face(answer, "") != refusal:
                wrong.append(f"{altered}: {answer.status}")
    assert not wrong, "\n".join(wrong)


def test_a_signed_address_cut_short_or_drawn_out_is_not_there(world: World) -> None:
    public_id, path = signed(world)
    address, _, query = path.partition("?")
    expiry, signature = query.removeprefix("e=").split("&s=")
    altered = [
        *(path[:length] for length in range(len(address), len(path))),
        *(f"{address}?e={expiry}&s={signature}{more}" for more in ("a", "=", "%00", "%20", "+")),
        *(f"{address}?e={more}&s={signature}" for more in (f"0{expiry}", f"{expiry}0", "-1", "")),
        f"{address}?e={int(expiry) + 1}&s={signature}",
        f"{address}?e={expiry}&e={expiry}&s={signature}",
        f"{address}?s={signature}",
        f"{address}?e={expiry}&s={signature.swapcase()}",
        path.replace(public_id, public_id.upper()),
        path.replace(public_id, world.ids["media"][1]),
        path.replace(public_id, world.ids["run"][0]),
    ]
    for one in altered:
        assert request_app("GET", one).status == 404, one


def test_a_signed_address_works_until_it_expires(world: World) -> None:
    now = clock.now()
    _, newest = signed(world, at=now - timedelta(seconds=signing.LIFE_S - 5))
    assert request_app("GET", newest).status == 200
    past = timedelta(seconds=signing.LIFE_S + signing.ROUND_S + 1)
    public_id, expired = signed(world, at=now - past)
    refused, unknown = (
        request_app("GET", expired),
        request_app("GET", expired.replace(public_id, "art_x")),
    )
    assert refused.status == 404
    assert face(refused, public_id) == face(unknown, "art_x")


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


def test_a_public_template_is_read_and_forked_but_not_changed_by_others(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    path, unknown = f"{TEMPLATES}/{world.open_id}", f"{TEMPLATES}/{twin(world.open_id)}"
    for who in ("bob's key", "bob's session"):
        headers = outsiders[who]
        assert request_app("GET", path, headers).status == 200
        for method in ("PATCH", "DELETE"):
            there, nowhere = ask(method, path, headers), ask(method, unknown, headers)
            assert there.status == 404
            assert face(there, world.open_id) == face(nowhere, twin(world.open_id))
    fork = ask("POST", f"{path}/fork", outsiders["bob's key"])
    assert fork.status == 201
    template = fork.json()["data"]["template"]
    assert (template["visibility"], template["version"]) == ("private", "0.0.1")
    assert template["clonedFromTemplateId"] == world.open_id
    assert Template.objects.get(public_id=world.open_id).head.semver == "0.0.1"


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


@pytest.mark.parametrize("how", ["unpublish", "delete"])
def test_what_was_public_is_gone_at_once(
    world: World, outsiders: dict[str, dict[str, str]], how: str
) -> None:
    bob = outsiders["bob's key"]
    path = f"{TEMPLATES}/{world.open_id}"
    shown = request_app("GET", path, bob).json()["data"]["template"]
    medium = urlsplit(shown["previewArtifacts"][0]["url"]).path
    assert request_app("GET", medium).status == 200
    if how == "unpublish":
        assert world.own("PATCH", path, {"visibility": "private"}).status == 200
    else:
        assert world.own("DELETE", path).status == 200
        assert world.own("GET", path).status == 404
    gone = request_app("GET", medium)
    assert gone.status == 404
    assert face(gone, medium) == face(request_app("GET", medium[:-1] + "x"), medium[:-1] + "x")
    unknown = f"{TEMPLATES}/{twin(world.open_id)}"
    for method, tail in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/fork")):
        there, nowhere = ask(method, path + tail, bob), ask(method, unknown + tail, bob)
        assert there.status == 404
        assert face(there, world.open_id) == face(nowhere, twin(world.open_id))
    for listing in (f"{TEMPLATES}?visibility=public", f"{TEMPLATES}?visibility=all", "/"):
        assert world.open_id not in request_app("GET", listing, bob).text
    start_it = json.dumps({"workflow_id": world.open_id, "inputs": {}}).encode()
    kind = {"content-type": "application/json"}
    assert request_app("POST", WORKFLOWS, {**bob, **kind}, start_it).status == 404


def test_drafts_of_a_public_template_stay_with_their_owner(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    path = f"{TEMPLATES}/{world.open_id}"
    world.own("PATCH", path, {"visibility": "private"})
    world.own("PATCH", path, {"description": DRAFT_WORDS})
    for headers in outsiders.values():
        for address in (path, TEMPLATES, "/"):
            assert DRAFT_WORDS not in request_app("GET", address, headers).text


def test_a_default_picture_ends_with_the_publication_and_runs_while_it_lasts(
    world: World, outsiders: dict[str, dict[str, str]]
) -> None:
    _, address = signed(world)
    given = {
        "name": "look",
        "type": "image",
        "description": "Look",
        "default": f"http://{HOST}{address}",
    }
    path = f"{TEMPLATES}/{world.open_id}"
    assert world.own("PATCH", path, {"inputs": [given]}).status == 200
    session = outsiders["bob's session"]
    page = request_app("GET", f"/t/{world.open_id}", session)
    [shown] = re.findall(r'name="input.look"\s+value="([^"]+)"', page.text)
    assert not is_signed(urlsplit(shown).path + "?" + urlsplit(html.unescape(shown)).query)
    assert request_app("GET", urlsplit(shown).path).status == 200
    form = f"key=k&input.look={quote(shown, safe='')}".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert request_app("POST", f"/t/{world.open_id}", {**session, **kind}, form).status == 302
    world.own("PATCH", path, {"visibility": "private"})
    assert request_app("GET", urlsplit(shown).path).status == 404
