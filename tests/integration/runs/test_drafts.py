"""drafts.start_draft: a run of a template's document as it is."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from core import errors
from runs import access
from runs.admission.run_again import run_again
from runs.models import Run, StepEdge
from runs.planning.seeds import DRAWN_BELOW
from runs.web import serializers
from templates_app.media_links import blob_reference
from templates_app.models import Template, TemplateMedia
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.drafts import Desk, note, ran, reused
from tests.support.builders.running import principal_of, work_off

pytestmark = pytest.mark.django_db(transaction=True)

PHOTO = [{"name": "photo", "type": "image", "required": True}]
TAKES_PHOTO = {"source_image_url": "$inputs.photo"}


@pytest.fixture
def desk(alice: User) -> Desk:
    return Desk(alice, [note("a"), note("b", "b", "a"), note("c", "c", "a"), note("d", "d", "b")])


def test_a_run_of_a_draft_knows_what_it_ran(desk: Desk) -> None:
    desk.rev = 12
    run = desk.run()
    assert run.status == "completed"
    assert (run.draft_of, run.template_version) == (desk.template, None)
    assert run.title == "Birds"
    assert run.public_id.startswith("birds_") or "birds" in run.public_id
    assert run.options["reuse"] is True
    assert run.options["document_rev"] == 12
    assert (run.options["fresh"], run.options["to"]) == ([], None)


def test_new_seeds_come_back_and_known_ones_are_kept(desk: Desk) -> None:
    desk.seeds = {"a": 42, "gone": 1}
    run = desk.start()
    assert dict(run.steps.values_list("key", "seed")) == {
        key: desk.seeds[key] for key in ("a", "b", "c", "d")
    }
    assert desk.seeds["a"] == 42


def test_a_seed_in_the_arguments_wins_and_is_not_kept(desk: Desk) -> None:
    desk.stage("a")["args"]["seed"] = 9
    desk.seeds = {"a": 42}
    run = desk.start()
    assert run.steps.get(key="a").seed == 9
    assert desk.seeds["a"] == 42


def test_a_seed_that_is_none_is_replaced(desk: Desk) -> None:
    desk.seeds = {"a": -5, "b": True, "c": "7", "d": 2**64}  # type: ignore[dict-item]
    desk.start()
    assert all(type(seed) is int and 0 <= seed < DRAWN_BELOW for seed in desk.seeds.values())


def test_run_to_here_takes_what_the_stage_needs_and_no_more(desk: Desk) -> None:
    run = desk.run(to="b")
    assert list(run.steps.order_by("sequence").values_list("key", "sequence")) == [
        ("a", 0),
        ("b", 1),
    ]
    assert run.status == "completed"
    assert set(run.plan["artifact_names"]) == {"a", "b"}
    assert reused(desk.run()) == {"a", "b"}


def test_run_to_here_bears_what_is_broken_further_on(desk: Desk) -> None:
    desk.stages.append({"id": "half", "type": "fixed", "tool": "no_such_tool", "args": {}})
    assert ran(desk.run(to="d")) == {"a", "b", "d"}
    with pytest.raises(errors.InvalidInput):
        desk.start()


def test_run_to_here_keeps_what_positions_count(alice: User) -> None:
    """A position among all pictures means the same picture in a shorter plan."""
    desk = Desk(
        alice,
        [
            note("a", args={"copies": 2}),
            note("b", "b", "a"),
            note("c", args={"sourceImageIndex": 1}),
            note("d", "d", "c"),
        ],
    )
    whole, part = desk.run(), desk.run(to="c", fresh=["c"])
    saw = [run.artifacts.get(step__key="c").meta["saw"] for run in (whole, part)]
    assert saw[0] == saw[1]
    assert StepEdge.objects.filter(step__run=part, is_barrier=True).exists()


def test_values_are_tried_and_blank_ones_are_not_given(alice: User) -> None:
    inputs = [
        {"name": "say", "type": "text", "required": True},
        {"name": "more", "type": "text", "default": "reeds"},
        {"name": "count", "type": "number", "default": 2},
    ]
    args = {"text": "$inputs.say", "copies": "$inputs.count", "extra": "$inputs.more"}
    desk = Desk(alice, [note("a", args=args)], inputs=inputs)
    with pytest.raises(errors.InvalidInput):
        desk.start()
    desk.values = {"say": "", "count": ""}
    with pytest.raises(errors.InvalidInput):
        desk.start()
    desk.values = {"say": "herons", "count": "", "more": "", "forgotten": 1}
    step = desk.start().steps.get()
    assert step.arguments == {"text": "herons", "copies": 2, "extra": ""}


def test_tried_media_are_references_of_the_document(alice: User) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename="tide.jpg")
    desk = Desk(alice, [note("a", args=TAKES_PHOTO)], inputs=PHOTO)
    desk.values = {"photo": f"reelgraph:object/{upload.public_id}/tide.jpg"}
    run = desk.run()
    assert run.media[0]["asset"] == f"blob:{upload.blob_id}"
    assert run.artifacts.get().meta["saw"] == [upload.blob_id]
    assert reused(desk.run()) == {"a"}


def test_a_default_that_a_fork_brought_along_runs(alice: User) -> None:
    blob = make_blob(jpeg_with_place())
    photo = [{**PHOTO[0], "default": str(blob_reference(blob))}]
    desk = Desk(alice, [note("a", args=TAKES_PHOTO)], inputs=photo)
    assert desk.template is not None
    with pytest.raises(errors.InvalidInput):
        desk.start()
    TemplateMedia.objects.create(version=desk.template.head, blob=blob, role="default")
    assert desk.run().artifacts.get().meta["saw"] == [blob.sha256]


def test_one_key_starts_one_run_whatever_changes_meanwhile(desk: Desk) -> None:
    first = desk.start(key="k")
    seeds = dict(desk.seeds)
    desk.stage("a")["args"]["text"] = "another"
    desk.seeds = {}
    assert desk.start(key="k") == first
    assert desk.seeds == seeds
    with pytest.raises(errors.Conflict):
        desk.start(key="k", to="a")
    assert desk.start(key="other") != first


def test_a_draft_makes_no_template_popular(desk: Desk) -> None:
    desk.run()
    assert desk.template is not None
    assert not hasattr(desk.template, "stats") or desk.template.stats.runs == 0


def test_the_record_shows_what_was_given_and_which_template_it_was(desk: Desk) -> None:
    run = access.visible_run(desk.person, desk.run().public_id)
    assert desk.template is not None
    shown = serializers.record(run, base_url="http://testserver")
    assert shown["templateId"] == desk.template.public_id
    assert "templateVersion" not in shown
    assert [step["id"] for step in shown["input"]["steps"]] == ["a", "b", "c", "d"]
    assert shown["input"]["inputs"] == {}
    assert serializers.summaries([run], base_url="http://testserver")[0]["status"] == "completed"


def test_a_draft_run_again_is_a_draft_and_takes_over(desk: Desk) -> None:
    first = desk.run()
    again = run_again(run=first, actor=principal_of(desk.person)).run
    assert again.draft_of == first.draft_of
    # Each is quoted again, for the price may have changed.
    asked = [{**run.options, "quotes": None} for run in (first, again)]
    assert asked[0] == asked[1]
    work_off()
    assert reused(again) == {"a", "b", "c", "d"}
    other = run_again(run=first, actor=principal_of(desk.person), new_seeds=True).run
    work_off()
    assert ran(other) == {"a", "b", "c", "d"}


def test_a_failed_run_goes_on_where_it_failed(alice: User) -> None:
    failing = {"id": "b", "type": "fixed", "tool": "fail", "args": {"retryable": False}}
    desk = Desk(alice, [note("a"), failing, note("c", "c", "a")])
    first = desk.run()
    assert first.status == "failed"
    desk.stages[1]["args"]["times"] = 0
    second = desk.run()
    assert second.status == "completed"
    assert "a" in reused(second)


def test_a_run_outlives_the_template_it_was_a_draft_of(desk: Desk) -> None:
    run = desk.run()
    Template.objects.filter(pk=desk.template.pk if desk.template else 0).update(head=None)
    assert desk.template is not None
    desk.template.versions.all().delete()
    Template.objects.filter(pk=desk.template.pk).delete()
    run = access.visible_run(desk.person, run.public_id)
    assert run.draft_of is None
    assert serializers.record(run, base_url="http://testserver")["status"] == "completed"


def test_what_a_moderator_took_away_is_not_made_again_by_those_who_helped(
    desk: Desk, bob: User
) -> None:
    helped = Desk(bob, desk.stages, template=desk.template).run()
    assert desk.template is not None
    Template.objects.filter(pk=desk.template.pk).update(moderation="quarantined")
    run: Any = Run.objects.get(pk=helped.pk)
    with pytest.raises(errors.Conflict, match="moderator"):
        run_again(run=run, actor=principal_of(bob))
