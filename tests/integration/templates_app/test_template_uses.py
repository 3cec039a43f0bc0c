"""Templates as stages of other templates: who may make one a stage, and of what version."""

import pytest

from accounts import blocks
from core import errors
from templates_app import uses
from templates_app.lifecycle import services
from templates_app.models import Collaborator, Template
from tests.support.builders.templates import HOSTS, make_public, make_template

SHOT = {
    "name": "Shot",
    "inputs": [{"name": "subject", "type": "text", "required": True}],
    "stages": [
        {
            "id": "still",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.subject"},
            "produces": ["still"],
        }
    ],
}


@pytest.fixture
def film(alice):
    return make_template(alice, id="film", name="Film")


def patched(template, **changes):
    return services.patch_template(
        actor=template.owner, public_id=template.public_id, changes=changes, own_hosts=HOSTS
    ).template


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
