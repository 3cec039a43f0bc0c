"""Templates as stages of other templates: who may make one a stage, and of what version."""

import json

import pytest

from accounts import blocks
from core import errors
from templates_app import uses
from templates_app.document_ops.convert import to_document
from templates_app.documents import services as documents
from templates_app.lifecycle import services
from templates_app.models import Collaborator, Document, Template, TemplateUse
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import errors_of, patched, saved
from tests.support.builders.templates import HOSTS, TEMPLATES, make_public, make_template


@pytest.fixture
def film(alice):
    return make_template(alice, id="film", name="Film")


class TestAdding:
    def test_an_own_template_at_its_newest_version(self, alice, film):
        shot = patched(make_template(alice, id="shot", **SHOT), version="0.0.7")
        row = uses.add_use(actor=alice, holder=film, public_id="shot")
        assert row.reference == "template:shot@0.0.7"
        assert row.version == shot.head
        assert uses.uses_of(film) == {row.reference: row}

    def test_an_earlier_version_of_ones_own(self, alice, film):
        patched(make_template(alice, id="shot", **SHOT), version="0.0.7", label="")
        row = uses.add_use(actor=alice, holder=film, public_id="shot", version="0.0.1")
        assert row.version.semver == "0.0.1"

    def test_a_second_time_is_the_same_row(self, alice, film):
        make_template(alice, id="shot", **SHOT)
        first = uses.add_use(actor=alice, holder=film, public_id="shot")
        assert uses.add_use(actor=alice, holder=film, public_id="shot", version="0.0.1") == first

    def test_of_a_public_template_the_published_version_alone(self, alice, bob, film):
        shot = make_public(bob, id="shot", **SHOT)
        services.patch_template(
            actor=bob,
            public_id="shot",
            changes={"brief": "Not public"},
            own_hosts=HOSTS,
            publish=False,
        )
        row = uses.add_use(actor=alice, holder=film, public_id="shot")
        assert row.version_id == shot.published_id
        with pytest.raises(errors.NotFound):
            uses.add_use(actor=alice, holder=film, public_id="shot", version="0.0.2")

    def test_of_a_shared_template_its_newest_version(self, alice, bob, film):
        shot = make_template(bob, id="shot", **SHOT)
        Collaborator.objects.create(template=shot, user=alice, role="viewer")
        assert uses.add_use(actor=alice, holder=film, public_id="shot").version == shot.head

    def test_what_one_may_not_read_is_unknown(self, alice, bob, film):
        make_template(bob, id="shot", **SHOT)
        make_public(bob, id="away", **SHOT)
        Template.objects.filter(public_id="away").update(moderation="quarantined")
        gone = make_template(alice, id="gone", **SHOT)
        services.delete_template(actor=alice, public_id=gone.public_id)
        answers = set()
        for public_id in ("shot", "away", "gone", "nothing", "no id/ at all"):
            with pytest.raises(errors.NotFound) as refusal:
                uses.add_use(actor=alice, holder=film, public_id=public_id)
            answers.add((refusal.value.code, refusal.value.message, refusal.value.person))
        assert len(answers) == 1
        assert not uses.uses_of(film)

    def test_not_across_a_block(self, alice, bob, film):
        make_public(bob, id="shot", **SHOT)
        blocks.block(actor=bob, other=alice)
        with pytest.raises(errors.Forbidden):
            uses.add_use(actor=alice, holder=film, public_id="shot")

    def test_only_by_who_edits_the_holder(self, bob, film):
        make_template(bob, id="shot", **SHOT)
        Collaborator.objects.create(template=film, user=bob, role="commenter")
        with pytest.raises(errors.NotFound):
            uses.add_use(actor=bob, holder=film, public_id="shot")
        Collaborator.objects.update(role="editor")
        assert uses.add_use(actor=bob, holder=film, public_id="shot").created_by == bob

    def test_not_the_holder_itself(self, alice, film):
        with pytest.raises(errors.InvalidInput):
            uses.add_use(actor=alice, holder=film, public_id="film")


def test_the_table_of_a_holder_knows_its_uses_and_no_others(alice, film):
    make_template(alice, id="shot", **SHOT)
    row = uses.add_use(actor=alice, holder=film, public_id="shot")
    tool = uses.table_for(film).get("template:shot@0.0.1")
    assert tool is uses.tool_of(row.version)
    assert tool.title == "Shot"
    assert uses.table_for(None).get("template:shot@0.0.1") is None
    assert uses.table_for(make_template(alice)).get("template:shot@0.0.1") is None


def test_what_moderators_hid_is_in_the_table_of_its_author_alone(alice, bob, film):
    make_public(bob, id="shot", **SHOT)
    uses.add_use(actor=alice, holder=film, public_id="shot")
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    for person in (None, alice.pk):
        table = uses.table_for(film, person=person)
        assert table.get("template:shot@0.0.1") is None
        assert table.hidden_names == {"template:shot@0.0.1"}
    assert uses.table_for(film, person=bob.pk).get("template:shot@0.0.1")


def test_choices_are_own_shared_and_public_templates(alice, bob, film):
    make_template(alice, id="mine", **{**SHOT, "name": "Shot of mine"})
    make_template(bob, id="theirs", **{**SHOT, "name": "Shot of his"})
    make_public(bob, id="open", **{**SHOT, "name": "Shot for all"})
    shared = make_template(bob, id="ours", **{**SHOT, "name": "Shot of ours"})
    Collaborator.objects.create(template=shared, user=alice, role="viewer")
    shown = uses.choices(alice, "shot", holder=film)
    assert {(one.template.public_id, one.is_own) for one in shown} == {
        ("mine", True),
        ("ours", False),
        ("open", False),
    }
    assert {one.template.public_id for one in uses.choices(alice, "", holder=film)} == {
        "mine",
        "ours",
        "open",
    }
    assert shown[0].tool.title in {"Shot of mine", "Shot of ours"}


class TestSaving:
    def test_a_name_without_a_version_is_completed(self, api, alice, alice_key):
        patched(make_template(alice, id="shot", **SHOT), version="0.0.7")
        body = {"name": "Film", "stages": [stage("template:shot", subject="A door")]}
        template = saved(api(alice_key).post(TEMPLATES, body))
        assert template["stages"][0]["tool"] == "template:shot@0.0.7"
        row = TemplateUse.objects.get(holder__public_id=template["id"])
        assert (row.reference, row.created_by) == ("template:shot@0.0.7", alice)
        read = api(alice_key).get(f"{TEMPLATES}/{template['id']}").json()["data"]["template"]
        assert read["stages"] == template["stages"]

    def test_a_batch_repeats_a_template(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        body = {
            "name": "Film",
            "inputs": [{"name": "subjects", "type": "text", "multiple": {"min": 1, "max": 9}}],
            "stages": [
                {
                    "id": "shots",
                    "type": "batch",
                    "overBinding": "$inputs.subjects",
                    "itemName": "subject",
                    "produces": ["shots"],
                    "itemStage": {
                        "type": "fixed",
                        "tool": "template:shot",
                        "args": {"subject": "$item"},
                    },
                }
            ],
        }
        template = saved(api(alice_key).post(TEMPLATES, body))
        assert template["stages"][0]["itemStage"]["tool"] == "template:shot@0.0.1"

    def test_a_patch_adds_rows_for_new_names(self, api, alice, alice_key, film):
        shot = make_template(alice, id="shot", **SHOT)
        path = f"{TEMPLATES}/film"
        saved(api(alice_key).patch(path, {"stages": [stage("template:shot", subject="a")]}))
        patched(shot, version="0.0.2")
        template = saved(
            api(alice_key).patch(
                path,
                {
                    "stages": [
                        stage("template:shot@0.0.1", subject="a"),
                        stage("template:shot", "other", subject="a"),
                    ]
                },
            )
        )
        assert [one["tool"] for one in template["stages"]] == [
            "template:shot@0.0.1",
            "template:shot@0.0.2",
        ]
        assert set(uses.uses_of(film)) == {"template:shot@0.0.1", "template:shot@0.0.2"}

    def test_arguments_are_checked_as_those_of_any_tool(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        body = {"name": "Film", "stages": [stage("template:shot", subject="$inputs.nothing")]}
        assert errors_of(api(alice_key).post(TEMPLATES, body)) == [
            ("unknown_input", "stages/shot/args")
        ]
        body = {"name": "Film", "stages": [stage("template:shot")]}
        response = api(alice_key).post(TEMPLATES, body).json()
        warnings = response["data"]["validation"]["issues"]
        assert [(one["code"], one["severity"]) for one in warnings] == [
            ("missing_argument", "warning")
        ]

    def test_unknown_and_foreign_names_read_the_same(self, api, alice_key, bob, film):
        make_template(bob, id="zebra", **{**SHOT, "name": "zebra-okapi"})
        gone = make_template(film.owner, id="gone", **SHOT)
        services.delete_template(actor=film.owner, public_id=gone.public_id)
        answers = []
        for public_id in ("zebra", "wrong", "gone"):
            for name in (f"template:{public_id}", f"template:{public_id}@0.0.1"):
                for response in (
                    api(alice_key).post(TEMPLATES, {"name": "Film", "stages": [stage(name)]}),
                    api(alice_key).patch(f"{TEMPLATES}/film", {"stages": [stage(name)]}),
                ):
                    assert errors_of(response) == [("template_unavailable", "stages/shot")]
                    text = response.content.decode()
                    assert "okapi" not in text
                    body = json.loads(text.replace(public_id, "some").replace("@0.0.1", ""))
                    answers.append({**body, "requestId": ""})
        assert all(one == answers[0] for one in answers)
        assert not TemplateUse.objects.exists()

    def test_a_refused_template_has_no_row(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        body = {"name": "Film", "stages": [stage("template:shot"), stage("template:no", "b")]}
        assert errors_of(api(alice_key).post(TEMPLATES, body)) == [
            ("template_unavailable", "stages/b")
        ]
        assert not TemplateUse.objects.exists()

    def test_too_deep(self, api, alice, alice_key):
        make_template(alice, id="level-0", **SHOT)
        for level in range(1, 6):
            body = {
                "id": f"level-{level}",
                "name": "Level",
                "stages": [stage(f"template:level-{level - 1}")],
            }
            saved(api(alice_key).post(TEMPLATES, body))
        body = {"name": "Level", "stages": [stage("template:level-5")]}
        assert errors_of(api(alice_key).post(TEMPLATES, body)) == [
            ("template_too_deep", "stages/shot")
        ]

    def test_what_moderators_hid_warns_on_save(self, api, alice_key, bob, film):
        make_public(bob, id="shot", **SHOT)
        path = f"{TEMPLATES}/film"
        stages = [stage("template:shot", subject="a")]
        saved(api(alice_key).patch(path, {"stages": stages}))
        Template.objects.filter(public_id="shot").update(moderation="quarantined")
        response = api(alice_key).patch(path, {"brief": "Changed"})
        saved(response)
        issues = response.json()["data"]["validation"]["issues"]
        assert [(one["code"], one["severity"]) for one in issues] == [
            ("template_hidden", "warning")
        ]


class TestSavingADraft:
    """In a draft only rows count: its editors could name what its owner alone may read."""

    def test_a_name_without_a_row_is_refused(self, alice, film):
        make_template(alice, id="shot", **SHOT)
        opening = documents.open_document(viewer=alice, public_id="film")
        state = to_document({**film.head.spec, "stages": [stage("template:shot@0.0.1")]})
        Document.objects.filter(pk=opening.document.pk).update(state=state, rev=1)
        with pytest.raises(errors.InvalidInput) as refusal:
            services.save_version(actor=alice, public_id="film")
        assert refusal.value.details["validation"]["issues"][0]["code"] == "template_unavailable"
        uses.add_use(actor=alice, holder=film, public_id="shot")
        outcome = services.save_version(actor=alice, public_id="film")
        assert outcome.template.head.spec["stages"][0]["tool"] == "template:shot@0.0.1"


class TestPublishing:
    def test_a_later_publication_of_what_is_inside_asks_for_nothing(
        self, api, alice_key, bob, film
    ):
        shot = make_public(bob, id="shot", **SHOT)
        path = f"{TEMPLATES}/film"
        stages = [stage("template:shot", subject="a")]
        saved(api(alice_key).patch(path, {"visibility": "public", "stages": stages}))
        patched(shot, brief="Another")
        saved(api(alice_key).patch(path, {"brief": "Changed"}))
        Template.objects.filter(public_id="shot").update(moderation="quarantined")
        assert errors_of(api(alice_key).patch(path, {"brief": "Again"})) == [
            ("private_template", "stages/shot")
        ]

    def test_who_remixed_a_template_publishes_nothing_that_was_withdrawn(
        self, api, alice_key, bob, bob_key, mo_key, film
    ):
        make_public(bob, id="shot", **SHOT)
        stages = [stage("template:shot", subject="a")]
        saved(api(alice_key).patch(f"{TEMPLATES}/film", {"visibility": "public", "stages": stages}))
        remix = saved(api(mo_key).post(f"{TEMPLATES}/film/fork", {}))
        changes = {"visibility": "private", "name": "zebra-okapi", "brief": "zebra-okapi"}
        saved(api(bob_key).patch(f"{TEMPLATES}/shot", changes))
        answer = api(mo_key).patch(f"{TEMPLATES}/{remix['id']}", {"visibility": "public"})
        assert errors_of(answer) == [("private_template", "stages/shot")]
        assert "zebra" not in answer.content.decode()
