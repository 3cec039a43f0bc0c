"""A template in one file with the templates that its stages are."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from templates_app.document_ops.convert import to_spec
from templates_app.documents import services as documents
from templates_app.graph.compile import compile_template
from templates_app.models import Collaborator, Template, TemplateUse
from templates_app.uses import table_of
from tests.support.builders.planning import LIMITS
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import errors_of, patched, saved
from tests.support.builders.templates import TEMPLATES, make_public, make_template

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def film(api: Any, alice: User, alice_key: str) -> Template:
    """Three deep, one template twice."""
    make_template(alice, id="shot", **SHOT)
    given = {"subject": "$inputs.subject"}
    bodies = {
        "scene": [stage("template:shot", **given), stage("template:shot", "second", **given)],
        "act": [stage("template:scene", "scene", **given), stage("template:shot", **given)],
        "film": [stage("template:act", "act", **given)],
    }
    for name, stages in bodies.items():
        body = {"id": name, "name": name.title(), "inputs": SHOT["inputs"], "stages": stages}
        saved(api(alice_key).post(TEMPLATES, body))
    return Template.objects.get(public_id="film")


def browser(person: User) -> Client:
    client = Client(headers={"sec-fetch-site": "same-origin"})
    client.force_login(person)
    return client


def downloaded(person: User, template: Template) -> dict[str, Any]:
    """The file of a template, as My templates downloads it."""
    body = {"do": "download", "pick": [template.pk]}
    answer = browser(person).post("/me/templates/change", body)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        [name] = archive.namelist()
        record: dict[str, Any] = json.loads(archive.read(name))
    return record


def plan_of(template: Template) -> Any:
    assert template.head is not None
    spec = template.head.spec
    result = compile_template(spec, {"subject": "fox"}, (), table_of(template.head), LIMITS)
    assert result.plan is not None, result.errors
    # What a group was called is all that may differ: the copies have ids of their own.
    steps = tuple(
        step
        if step.group is None
        else replace(step, wire_tool="", group=replace(step.group, template=""))
        for step in result.plan.steps
    )
    return replace(result.plan, steps=steps)


def test_what_is_exported_and_imported_does_the_same(
    api: Any, alice: User, bob: User, bob_key: str, film: Template
) -> None:
    record = downloaded(alice, film)
    assert record["templates"].keys() == {"act@0.0.1", "scene@0.0.1", "shot@0.0.1"}
    template = saved(api(bob_key).post(TEMPLATES, {**record, "id": None}))
    own = Template.objects.filter(owner=bob)
    assert sorted(own.values_list("name", flat=True)) == ["Act", "Film", "Scene", "Shot"]
    assert set(own.values_list("visibility", flat=True)) == {"private"}
    copied = own.get(public_id=template["id"])
    assert plan_of(copied) == plan_of(film)
    assert set(
        TemplateUse.objects.filter(holder__owner=bob).values_list(
            "version__template__owner", flat=True
        )
    ) == {bob.pk}
    again = downloaded(bob, copied)
    assert len(again["templates"]) == 3
    third = saved(api(bob_key).post(TEMPLATES, {**again, "id": None}))
    assert plan_of(own.get(public_id=third["id"])) == plan_of(film)


def test_five_deep_is_the_same_after_each_load_and_save(
    api: Any, alice: User, alice_key: str, bob: User, bob_key: str
) -> None:
    """Each level passes on an input, bypasses a stage and declares an output of the one below."""
    make_template(alice, id="level-0", **SHOT)
    for level in range(1, 6):
        result = "poster" if level > 2 else "result"
        body = {
            "id": f"level-{level}",
            "name": f"Level {level}",
            "inputs": SHOT["inputs"],
            "stages": [
                stage(f"template:level-{level - 1}", "inner", subject="$inputs.subject"),
                {**stage("edit_image", "late", prompt="Warmer"), "bypass": True},
            ],
            "outputs": {"poster": {"from": f"$artifacts.inner.{result}"}} if level > 1 else {},
        }
        saved(api(alice_key).post(TEMPLATES, body))
    top = Template.objects.get(public_id="level-5")
    before = top.head.spec
    plan = plan_of(top)
    assert [step.key for step in plan.steps if step.group is None] == [
        "inner.inner.inner.inner.inner.still"
    ]
    # By the editor, which opens a document and saves it with something that changes nothing.
    opening = documents.open_document(viewer=alice, public_id="level-5")
    assert to_spec(opening.document.state)["stages"] == before["stages"]
    # And by a program, which sends what it got.
    url = f"{TEMPLATES}/level-5"
    loaded = saved(api(alice_key).get(url))
    stages = {"stages": loaded["stages"], "outputs": loaded["outputs"], "brief": "Again"}
    saved(api(alice_key).patch(url, stages))
    top.refresh_from_db()
    assert {**top.head.spec, "brief": None} == {**before, "brief": None}
    assert plan_of(top) == plan
    copied = saved(api(bob_key).post(TEMPLATES, {**downloaded(alice, top), "id": None}))
    copy = Template.objects.get(public_id=copied["id"], owner=bob)
    assert plan_of(copy) == plan
    assert copied["outputs"] == loaded["outputs"]
    assert saved(api(bob_key).get(f"{TEMPLATES}/{copied['id']}"))["stages"] == copied["stages"]


def test_what_is_there_already_is_not_made_again(
    api: Any, alice: User, alice_key: str, bob: User, bob_key: str, film: Template
) -> None:
    record = {**downloaded(alice, film), "id": None}

    def names(key: str) -> set[str]:
        template = saved(api(key).post(TEMPLATES, record))
        rows = TemplateUse.objects.filter(holder__public_id=template["id"])
        return set(rows.values_list("reference", flat=True))

    # The very versions, of one's own; and of what others copied, what was made the first time.
    assert names(alice_key) == {"template:act@0.0.1"}
    own = Template.objects.filter(owner=bob)
    first = names(bob_key)
    assert (names(bob_key), own.count()) == (first, 5)
    assert first != {"template:act@0.0.1"}
    # Another title or another content is another template, also below one that is the same.
    patched(own.get(name="Shot"), name="Close-up", tags=["near"])
    own.get(name="Scene").versions.get()
    record["templates"]["shot@0.0.1"]["brief"] = "Slower"
    assert names(bob_key) != first
    counts = [own.filter(name=name).count() for name in ("Shot", "Close-up", "Scene", "Act")]
    assert counts == [1, 1, 2, 2]
    # A public one is used as it is by who may read it.
    record["templates"].clear()
    saved(api(alice_key).patch(f"{TEMPLATES}/shot", {"visibility": "public"}))
    shot = Template.objects.get(public_id="shot", owner=alice)
    holder = make_template(alice, name="Mine", stages=[stage("template:shot", subject="a")])
    record = {**downloaded(alice, holder), "id": None}
    assert names(bob_key) == {f"template:shot@{shot.head.semver}"}
    # Who may not read it gets a copy, of the same words for all that is not theirs to see.
    saved(api(alice_key).patch(f"{TEMPLATES}/shot", {"visibility": "private", "brief": "Mine"}))
    assert names(bob_key).isdisjoint({f"template:shot@{shot.head.semver}"})


def test_a_template_is_no_stage_of_itself_by_a_file(alice: User, film: Template) -> None:
    templates = downloaded(alice, film)["templates"]
    client = browser(alice)
    client.get("/app/documents/shot")
    body = {"templates": templates, "names": ["template:shot@0.0.1"]}
    answer = client.post("/app/documents/shot/uses/unbundle", body, "application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["names"]["template:shot@0.0.1"] != "template:shot@0.0.1"
    assert Template.objects.filter(owner=alice, name="Shot").count() == 2


def test_the_editor_takes_them_along_for_who_may_open_it(
    alice: User, bob: User, film: Template
) -> None:
    path = "/app/documents/film"
    assert browser(bob).get(f"{path}/uses/bundle").status_code == 404
    Collaborator.objects.create(template=film, user=bob, role="viewer")
    browser(alice).get(path)
    answers = [browser(one).get(f"{path}/uses/bundle") for one in (alice, bob)]
    assert [len(answer.json()["templates"]) for answer in answers] == [3, 3]
    body = {"templates": {}, "names": []}
    sent = browser(bob).post(f"{path}/uses/unbundle", body, "application/json")
    assert sent.status_code == 403


def test_the_editor_imports_them(alice: User, bob: User, film: Template) -> None:
    templates = downloaded(alice, film)["templates"]
    make_template(bob, id="own", name="Own")
    client = browser(bob)
    client.get("/app/documents/own")
    body = {"templates": templates, "names": ["template:act@0.0.1", "template:other@0.0.1"]}
    path = "/app/documents/own/uses/unbundle"
    answer = client.post(path, body, "application/json").json()
    [(old, new)] = answer["names"].items()
    assert old == "template:act@0.0.1"
    assert [(use["reference"], use["title"]) for use in answer["uses"]] == [(new, "Act")]
    assert [use["reference"] for use in client.get("/app/documents/own").json()["uses"]] == [new]
    for body in ({"templates": templates}, {"templates": 5, "names": ["x"]}, {"names": [5]}):
        assert client.post(path, body, "application/json").status_code in (400, 422)


def test_two_templates_of_one_name_stay_two(
    api: Any, alice: User, alice_key: str, bob: User, bob_key: str
) -> None:
    """An id is one of each owner's."""
    make_template(bob, id="shot", **{**SHOT, "name": "His shot"})
    scene = {"id": "scene", "name": "Scene", "stages": [stage("template:shot", subject="a")]}
    saved(api(bob_key).post(TEMPLATES, scene))
    shared = Template.objects.get(public_id="scene")
    Collaborator.objects.create(template=shared, user=alice, role="viewer")
    make_template(alice, id="shot", **SHOT)
    stages = [stage("template:scene", "scene"), stage("template:shot", subject="a")]
    film = saved(api(alice_key).post(TEMPLATES, {"name": "Film", "stages": stages}))
    record = downloaded(alice, Template.objects.get(public_id=film["id"]))
    named = {name: one["name"] for name, one in record["templates"].items()}
    assert named == {"shot@0.0.1": "Shot", "scene@0.0.1": "Scene", "shot@0.0.1+2": "His shot"}
    copied = saved(api(alice_key).post(TEMPLATES, {**record, "id": None}))
    first, second = (plan_of(Template.objects.get(public_id=one["id"])) for one in (film, copied))
    assert first == second


def test_what_is_hidden_is_left_out(api: Any, alice: User, alice_key: str, bob: User) -> None:
    make_public(bob, id="shot", **SHOT)
    make_template(alice, id="own", **SHOT)
    stages = [stage("template:shot", subject="a"), stage("template:own", "own", subject="a")]
    saved(api(alice_key).post(TEMPLATES, {"id": "film", "name": "Film", "stages": stages}))
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    record = downloaded(alice, Template.objects.get(public_id="film"))
    assert record["templates"].keys() == {"own@0.0.1"}


INNER = {"name": "Inner", "stages": SHOT["stages"], "inputs": SHOT["inputs"]}


def with_inside(inner: dict[str, Any]) -> dict[str, Any]:
    """A file whose one stage is a template that it brings."""
    stages = [stage("template:own@0.0.1", subject="a")]
    return {"name": "Film", "stages": stages, "templates": {"own@0.0.1": inner}}


def _chain(length: int) -> dict[str, Any]:
    return {
        f"t{place}@0.0.1": {"name": "T", "stages": [stage(f"template:t{place + 1}@0.0.1")]}
        for place in range(length)
    }


@pytest.mark.parametrize(
    ("templates", "words"),
    [
        (["t0@0.0.1"], "must be an object"),
        ({"t0@0.0.1": "a"}, "must be an object: the fields"),
        ({"../x@1": INNER}, "must have names"),
        (
            {
                "t0@0.0.1": {"name": "T", "stages": [stage("template:t1@0.0.1")]},
                "t1@0.0.1": {"name": "T", "stages": [stage("template:t0@0.0.1")]},
            },
            "names itself",
        ),
        (_chain(7), "5 templates deep"),
        ({f"t{place}@0.0.1": INNER for place in range(201)}, "at most 200"),
        ({"t0@0.0.1": {"name": "T", "stages": [stage("template:gone@0.0.1")]}}, "t0@0.0.1"),
        ({"t0@0.0.1": {"name": 5, "inputs": {"a": []}, "stages": [[]]}}, "t0@0.0.1"),
    ],
)
def test_hostile_files_say_what_is_wrong_and_make_nothing(
    api: Any, alice: User, alice_key: str, templates: Any, words: str
) -> None:
    stages = [stage("template:own@0.0.1", "own"), stage("template:t0@0.0.1")]
    if isinstance(templates, dict):
        templates = {"own@0.0.1": INNER, **templates}
    body = {"name": "Film", "stages": stages, "templates": templates}
    answer = api(alice_key).post(TEMPLATES, body)
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]["code"] == "template.invalid_bundle"
    assert words in answer.json()["message"]
    assert not Template.objects.filter(owner=alice).exists()


def test_what_the_file_lacks_is_looked_for_as_ever(api: Any, alice: User, alice_key: str) -> None:
    body = {"name": "Film", "stages": [stage("template:gone@0.0.1")], "templates": {}}
    assert errors_of(api(alice_key).post(TEMPLATES, body)) == [
        ("template_unavailable", "stages/shot")
    ]


def test_the_quota_holds_for_all_of_them(
    api: Any, alice: User, alice_key: str, settings: Any
) -> None:
    settings.TEMPLATES_PER_USER = 1
    assert api(alice_key).post(TEMPLATES, with_inside(INNER)).status_code == 409
    assert not Template.objects.filter(owner=alice).exists()
    settings.TEMPLATES_PER_USER = 3
    # What was taken back is nothing that a later template is mistaken for.
    other = with_inside({**INNER, "name": "Other"})
    template = saved(api(alice_key).post(TEMPLATES, other))
    [use] = TemplateUse.objects.filter(holder__public_id=template["id"])
    assert use.version.template.name == "Other"
    patch = api(alice_key).patch(f"{TEMPLATES}/{template['id']}", {"templates": {}})
    assert patch.status_code == 400


def test_ids_and_visibility_in_a_file_count_for_nothing(
    api: Any, alice: User, alice_key: str
) -> None:
    inner = {**INNER, "id": "taken", "visibility": "public", "version": "9.0.0", "templates": {}}
    saved(api(alice_key).post(TEMPLATES, with_inside(inner)))
    made = Template.objects.get(name="Inner")
    assert (made.visibility, made.head.semver, made.public_id != "taken") == (
        "private",
        "0.0.1",
        True,
    )
    assert "extra" not in patched(made, brief="x").head.spec
