"""Words of a plan and of a proposal are found by those who may read them, and by no one else.

One word is planted in the plan beside a draft, another in a proposal for it. Then the draft is
saved, run, published, shared, remixed, made an app and exported, and everyone asks every address
of it: members who may not edit it, strangers, guests, and its editors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from django.apps import apps

from accounts.models import User
from runs.models import Run
from templates_app.lifecycle.services import patch_template, save_version
from templates_app.models import Template
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.collaborating import let_in
from tests.support.builders.document_plans import keep, open_document, put_plan
from tests.support.builders.drafts import note
from tests.support.builders.editing import apply
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.running import work_off
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import HOSTS, TEMPLATES, make_template
from tests.support.clients.agents import called
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.routes import asgi_routes, django_routes, with_id

pytestmark = [pytest.mark.django_db(transaction=True)]

PLANNED: Final = "kestrel over Wells"
PROPOSED: Final = "bittern in the reeds"
STAGES: Final = [note("sky", "a plain sky")]
MEMBERS: Final = ("editor", "viewer")
# Addresses of operators and of no one's data.
ELSEWHERE: Final = ("/admin", "/api", "/docs", "/oauth", "/sign", "/v1/openapi", "/.well-known")


@dataclass(frozen=True, slots=True)
class World:
    """A published template with both words beside its draft, and all that was made of it.

    ids: by the name of the variable in routes.
    """

    cast: Mapping[str, User]
    template: Template
    ids: Mapping[str, tuple[str, ...]]
    guest_token: str

    def paths(self) -> Iterator[str]:
        """Every address that names one of these things, and those that name nothing."""
        for route in (*django_routes(), *asgi_routes()):
            variable = route.partition("<")[2].partition(">")[0].rpartition(":")[2]
            if route.count("<") > 1 or "stream" in route or route.endswith("/events"):
                continue
            if route.startswith(ELSEWHERE):
                continue
            for one in self.ids.get(variable, ()) if variable else ("",):
                yield with_id(route, one)
        document = f"/app/documents/{self.template.public_id}"
        yield f"{document}/changes?after=0"
        yield from (f"{document}/versions/{number}" for number in (1, 2, 3))
        yield f"{TEMPLATES}/{self.template.public_id}?expand=1"


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


@pytest.fixture
def world() -> World:
    cast = {name: make_user(name) for name in ("owner", *MEMBERS, "outsider")}
    owner = cast["owner"]
    template = make_template(owner, id="sky", name="Sky", stages=STAGES, inputs=[])
    document = open_document(owner, template)
    for name in MEMBERS:
        let_in(owner, template.public_id, cast[name], name)
    apply(owner, document, put_plan(PLANNED))
    keep(owner, template, PROPOSED)
    save_version(actor=owner, public_id=template.public_id, label="Mine")
    begun = signed_in(owner).post(
        f"/app/documents/{template.public_id}/runs", json.dumps({"key": "one"}), "application/json"
    )
    assert begun.status_code == 201, begun.content
    work_off()
    run = Run.objects.get()
    made = patch_template(
        actor=owner, public_id="sky", changes={"visibility": "public"}, own_hosts=HOSTS
    ).template
    share = make_share(owner, run, shows_prompts=True, allows_remix=True)
    app = make_app(owner, template, slug="skies")
    ids = {
        "public_id": (template.public_id,),
        "run_id": (run.public_id,),
        "share_id": (share.public_id,),
        "person_id": (owner.public_id,),
        "slug": (app.slug,),
    }
    return World(cast, made, ids, make_link(app))


def headers_of(person: User) -> dict[str, str]:
    return {"cookie": f"sessionid={signed_in(person).cookies['sessionid'].value}"}


def words_in(text: str) -> set[str]:
    return {word for word in (PLANNED, PROPOSED) if word in text}


def seen_in(answer: Answer) -> set[str]:
    return words_in(answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers))


def shown_to(world: World, headers: Mapping[str, str]) -> dict[str, set[str]]:
    """The addresses that show one of the words, with which."""
    shown = {path: seen_in(request_app("GET", path, headers)) for path in world.paths()}
    return {path: words for path, words in shown.items() if words}


def test_owner_and_editors_find_what_is_theirs_and_no_one_else_a_word(world: World) -> None:
    document = f"/app/documents/{world.template.public_id}"
    plans = {document: {PLANNED}, f"{document}/changes?after=0": {PLANNED}}
    proposal = {f"/app/compose/{world.template.public_id}": {PROPOSED}}
    theirs = {"owner": {**plans, **proposal}, "editor": plans}
    for name, person in world.cast.items():
        assert shown_to(world, headers_of(person)) == theirs.get(name, {}), name
    guest = {"authorization": f"Bearer {world.guest_token}"}
    assert shown_to(world, guest) == {}


def test_keys_and_agents_read_no_word(world: World) -> None:
    """Over the API and the Model Context Protocol a template is what was saved."""
    paths = [path for path in world.paths() if path.startswith("/v1")]
    assert len(paths) > 10
    for person in world.cast.values():
        key = make_key(person)
        for path in paths:
            assert seen_in(request_app("GET", path, {"api-key": key})) == set(), path
        answers = [
            called("search_templates", {"query": "Sky"}, key),
            called("get_template", {"template_id": "sky", "detail": "whole"}, key),
        ]
        assert "a plain sky" in json.dumps(answers)
        assert words_in(json.dumps(answers)) == set()


def test_remixes_bundles_and_exports_of_others_hold_no_word(world: World) -> None:
    outsider = world.cast["outsider"]
    page = signed_in(outsider)
    copy = Api(make_key(outsider)).post(f"{TEMPLATES}/sky/fork").json()["data"]["template"]
    [share_id] = world.ids["share_id"]
    assert page.post(f"/s/{share_id}/remix").status_code == 302
    texts = [json.dumps(copy)]
    own = Template.objects.filter(owner=outsider)
    texts += [page.get(f"/app/documents/{one.public_id}").content.decode() for one in own]
    texts.append(page.get(f"/app/documents/{copy['id']}/uses/bundle").content.decode())
    assert len(texts) == 4
    for name in (*MEMBERS, "outsider"):
        files = export_of(world.cast[name])
        texts += [content.decode("latin-1") for content in files.values()]
    assert words_in("\n".join(texts)) == set()
    mine = export_of(world.cast["owner"])
    assert {name for name, text in mine.items() if PROPOSED.encode() in text} == {"account.json"}


def test_no_other_table_holds_a_word(world: World) -> None:
    assert Run.objects.exists()
    tables: dict[str, set[str]] = {PLANNED: set(), PROPOSED: set()}
    for model in apps.get_models():
        for word in words_in(repr(list(model._default_manager.values_list()))):
            tables[word].add(model._meta.label)
    assert tables == {
        PLANNED: {"templates_app.Document", "templates_app.Change"},
        PROPOSED: {"compose.KeptProposal"},
    }
