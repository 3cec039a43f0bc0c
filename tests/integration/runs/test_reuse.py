"""Equal inputs make equal results: a step takes over what an earlier one of its owner made."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import ledger, storage
from accounts.models import User
from core import clock
from media import blobs, signing
from media.models import Blob
from runs import access, selectors
from runs.engine import result_cache, retention
from runs.models import Artifact, Event, Run, Step
from runs.web import serializers
from templates_app.models import Collaborator
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.drafts import Desk, note, ran, reused
from tests.support.builders.running import events_of, finish, start, take, work_off
from tests.support.fakes import tools
from tools.providers.base import Outcome

pytestmark = pytest.mark.django_db(transaction=True)


def made(run: Run) -> list[str]:
    rows = Artifact.objects.filter(run=run).order_by("step__sequence", "position")
    return list(rows.values_list("blob_id", flat=True))


def asked() -> int:
    return len(tools.asked())


@pytest.fixture
def desk(alice: User) -> Desk:
    return Desk(alice, [note("a"), note("b", "b", "a")])


def test_a_second_run_of_the_same_takes_everything_over_for_nothing(desk: Desk) -> None:
    first = desk.run()
    before, balance = asked(), ledger.balance(desk.person)
    second = desk.run()
    assert (ran(first), reused(second)) == ({"a", "b"}, {"a", "b"})
    assert asked() == before
    assert second.status == "completed"
    assert made(second) == made(first)
    ids = {*first.artifacts.values_list("public_id", flat=True)}
    assert not ids & {*second.artifacts.values_list("public_id", flat=True)}
    assert first.actual_milli > 0
    assert (second.estimated_milli, second.actual_milli) == (first.estimated_milli, 0)
    assert ledger.balance(desk.person) == balance
    for run, origin, actual in ((first, None, 1), (second, first.public_id, 0)):
        shown = serializers.record(
            access.visible_run(desk.person, run.public_id), base_url="http://testserver"
        )
        for step in shown["steps"]:
            assert step.get("reusedFrom") == origin
            assert step["cost"] == {"estimated": 1, "actual": actual}
            assert step["artifacts"][0]["url"].startswith("http://testserver/media/")


def test_its_events_are_those_of_any_step_and_name_the_run_that_made_it(desk: Desk) -> None:
    first = desk.run()
    second = desk.run()
    assert events_of(second) == events_of(first)
    for event in Event.objects.filter(run=second, name="step_completed"):
        assert event.payload["reused_from"] == first.public_id
        shown = serializers.render_event(event, second, lambda one, name: f"/{one}/{name}")
        assert shown["data"]["reused_from"] == first.public_id
        assert shown["stepStatus"] == "completed"
        assert "same inputs" in shown["message"]
    for event in Event.objects.filter(run=first, name="step_completed"):
        assert "reused_from" not in event.payload


def test_a_third_run_names_the_first_as_the_one_that_made_it(desk: Desk) -> None:
    first = desk.run()
    desk.run()
    third = desk.run()
    origins = selectors.origins_of(selectors.steps_of(third))
    assert set(origins.values()) == {first.public_id}


def test_going_back_to_earlier_words_finds_the_earlier_results(desk: Desk) -> None:
    first = desk.run()
    desk.stage("a")["args"]["text"] = "another"
    desk.run()
    desk.stage("a")["args"]["text"] = "a"
    third = desk.run()
    assert reused(third) == {"a", "b"}
    assert made(third) == made(first)


def test_titles_and_names_change_nothing(desk: Desk) -> None:
    desk.run()
    desk.stage("a")["label"] = "Something else"
    desk.stages[0]["id"], desk.seeds["z"] = "z", desk.seeds["a"]
    assert reused(desk.run()) == {"z", "b"}


def test_a_default_written_out_changes_nothing(desk: Desk) -> None:
    desk.run()
    desk.stage("a")["args"]["copies"] = 1
    assert reused(desk.run()) == {"a", "b"}


def test_a_seed_written_into_the_arguments_counts_as_one_that_was_kept(desk: Desk) -> None:
    desk.run()
    desk.stage("a")["args"]["seed"] = desk.seeds["a"]
    assert reused(desk.run()) == {"a", "b"}


def test_another_persons_results_are_never_found(desk: Desk, bob: User) -> None:
    desk.run()
    theirs = Desk(bob, desk.stages, seeds=dict(desk.seeds))
    run = theirs.run()
    assert ran(run) == {"a", "b"}
    keys = set(Step.objects.values_list("reuse_key", flat=True))
    assert len(keys) == 2, "the same was asked, by two people"


# -- of those who work on one template -------------------------------------------------------------


def desk_of_a_member(desk: Desk, member: User) -> Desk:
    """The same draft before another person, who works on it from now on."""
    Collaborator.objects.create(template=desk.template, user=member)
    return Desk(member, desk.stages, seeds=dict(desk.seeds), template=desk.template)


def storage_of(person: User) -> int:
    """What is counted for results; the rows have to agree."""
    counted = storage.used(person.pk)[storage.ARTIFACTS]
    assert counted == selectors.stored_bytes(person.pk)
    return counted


def test_a_member_takes_over_what_another_ran_of_the_draft_and_pays_nothing(
    desk: Desk, bob: User
) -> None:
    first = desk.run()
    theirs = desk_of_a_member(desk, bob)
    before, balance = asked(), ledger.balance(bob)
    quoted = theirs.quote()
    run = theirs.run()
    assert {step.will for step in quoted.steps} == {"reuse"}
    assert (quoted.milli, quoted.reused_from) == (0, first.public_id)
    assert reused(run) == {"a", "b"}
    assert (run.actual_milli, ledger.balance(bob)) == (0, balance)
    assert asked() == before
    assert made(run) == made(first)
    # What of the others' is changed by hand is named, too.
    theirs.stage("b")["args"]["text"] = "another"
    assert theirs.why() == {"b": "Text changed"}


def test_what_a_member_took_over_counts_as_theirs_once_and_stays_when_its_maker_deletes(
    desk: Desk, bob: User
) -> None:
    desk.run()
    size = storage_of(desk.person)
    theirs = desk_of_a_member(desk, bob)
    second, third = theirs.run(), theirs.run()
    assert storage_of(bob) == size
    assert set(selectors.origins_of(selectors.steps_of(third)).values()) == {second.public_id}
    retention.delete_runs(owner=desk.person)
    assert (storage_of(desk.person), storage_of(bob)) == (0, size)
    assert all(blobs.path_of(sha256).exists() for sha256 in made(third))
    assert reused(theirs.run()) == {"a", "b"}
    retention.delete_runs(owner=bob)
    assert storage_of(bob) == 0


def test_who_was_removed_takes_nothing_over(desk: Desk, bob: User) -> None:
    desk.run()
    theirs = desk_of_a_member(desk, bob)
    run = theirs.start()
    Collaborator.objects.filter(user=bob).delete()
    assert {step.will for step in theirs.quote().steps} == {"run"}
    work_off()
    run.refresh_from_db()
    assert ran(run) == {"a", "b"}


def test_who_is_removed_between_the_look_and_the_copy_takes_nothing_over(
    desk: Desk, bob: User
) -> None:
    desk.run()
    theirs = desk_of_a_member(desk, bob)
    key = Step.objects.get(key="a").reuse_key
    assert desk.template is not None
    hit = result_cache.lookup_shared(bob.pk, [desk.template.pk], [key])[key]
    assert result_cache.artifacts_to_copy(hit, bob.pk)
    Collaborator.objects.filter(user=bob).delete()
    assert result_cache.artifacts_to_copy(hit, bob.pk) is None
    assert theirs.person == bob


def test_a_member_finds_nothing_of_the_same_made_for_another_template(
    desk: Desk, bob: User
) -> None:
    elsewhere = Desk(desk.person, desk.stages)
    elsewhere.run()
    desk.seeds = dict(elsewhere.seeds)
    theirs = desk_of_a_member(desk, bob)
    assert ran(theirs.run()) == {"a", "b"}


def test_results_of_runs_over_the_api_are_found_too(alice: User) -> None:
    start(alice, [{"toolName": "note", "arguments": {"text": "a", "seed": 7}}])
    work_off()
    desk = Desk(alice, [note("a")], seeds={"a": 7})
    assert reused(desk.run()) == {"a"}


def test_a_start_over_the_api_reuses_nothing(desk: Desk) -> None:
    desk.run()
    steps = [{"toolName": "note", "arguments": {"text": "a", "seed": desk.seeds["a"]}}]
    run = start(desk.person, steps)
    work_off()
    assert reused(run) == set()


def test_a_hidden_result_is_made_again(desk: Desk) -> None:
    first = desk.run()
    Artifact.objects.filter(run=first, step__key="a").update(hidden_at=clock.now())
    second = desk.run()
    assert "a" in ran(second)


def test_a_blocked_result_is_made_again(desk: Desk) -> None:
    first = desk.run()
    Blob.objects.filter(sha256=made(first)[1]).update(blocked_at=clock.now())
    assert "b" not in reused(desk.start())
    found = result_cache.lookup(desk.person.pk, Step.objects.values_list("reuse_key", flat=True))
    assert [earlier.step_id for earlier in found.values()] == [first.steps.get(key="a").id]


def test_a_result_whose_bytes_are_gone_is_made_again(desk: Desk) -> None:
    first = desk.run()
    blobs.path_of(made(first)[1]).unlink()
    second = desk.run()
    assert (ran(second), reused(second)) == ({"b"}, {"a"})
    assert blobs.path_of(made(second)[1]).exists()


def test_an_older_result_stands_in_for_a_newer_one_that_was_hidden(desk: Desk) -> None:
    first = desk.run()
    second = desk.run(fresh=["b"])
    desk.seeds["b"] = first.steps.get(key="b").seed or 0
    third = desk.run()
    assert reused(third) == {"a", "b"}
    Artifact.objects.filter(run__in=[second, third]).update(hidden_at=clock.now())
    assert reused(desk.run()) == {"a", "b"}


def test_a_result_hidden_between_finding_and_copying_is_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run()
    run = desk.start()
    find = result_cache.lookup

    def found_then_hidden(*args: Any, **options: Any) -> Any:
        found = find(*args, **options)
        Artifact.objects.update(hidden_at=clock.now())
        return found

    monkeypatch.setattr(result_cache, "lookup", found_then_hidden)
    finish(take(run))
    step = run.steps.get(key="a")
    assert (step.status, step.reused_from_id) == ("completed", None)
    assert Artifact.objects.filter(step=step, hidden_at=None).count() == 1


def test_a_tool_that_is_not_pure_is_asked_every_time(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.Note, "pure", False)
    desk = Desk(alice, [note("a")])
    first, second = desk.run(), desk.run()
    assert (ran(first), ran(second)) == ({"a"}, {"a"})
    assert set(Step.objects.values_list("reuse_key", flat=True)) == {""}


@pytest.mark.parametrize("whose", [tools.Note, tools.TestProvider])
def test_a_newer_tool_or_provider_makes_it_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, whose: Any
) -> None:
    desk.run()
    monkeypatch.setattr(whose, "version", 2 if whose is tools.Note else "2")
    assert ran(desk.run()) == {"a", "b"}


def test_steps_of_one_run_do_not_take_over_from_each_other(alice: User) -> None:
    desk = Desk(alice, [note("a", "same"), note("b", "same")], seeds={"a": 1, "b": 1})
    assert ran(desk.run()) == {"a", "b"}
    assert reused(desk.run()) == {"a", "b"}


def test_the_callers_own_media_count_by_their_bytes(alice: User) -> None:
    first, again, other = (
        make_upload(alice, make_blob(data), filename="tide.jpg")
        for data in (jpeg_with_place(), jpeg_with_place(), b"\xff\xd8 other")
    )
    taking = note("a", args={"source_image_url": "$inputs.photo"})
    desk = Desk(alice, [taking], inputs=[{"name": "photo", "type": "image", "required": True}])
    outcomes = []
    for upload in (first, again, other):
        path = signing.signed_path(upload.public_id, "tide.jpg")
        desk.values = {"photo": f"http://testserver{path}"}
        outcomes.append(reused(desk.run()))
    assert outcomes == [set(), {"a"}, set()]


def test_what_a_provider_is_told_of_a_medium_counts_too() -> None:
    told = {"source": [result_cache.MediaFingerprint("0" * 64, {"prompt": "herons"})]}
    untold = {"source": [result_cache.MediaFingerprint("0" * 64, {})]}
    common: dict[str, Any] = {"params": {"text": "a"}, "seed": 1, "safe": True}
    provider = tools.PROVIDERS[0]
    keys = {
        result_cache.key_of(tools.Note, provider, media=media, **common)
        for media in (told, untold, {})
    }
    assert len(keys) == 3


def test_a_tool_without_media_gives_its_values_again(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = {"id": "a", "type": "fixed", "tool": "noop", "args": {}}
    desk = Desk(alice, [stage])
    monkeypatch.setattr(
        tools.TestProvider, "run", lambda self, job, context: Outcome(values={"words": "low tide"})
    )
    desk.run()
    run = desk.run()
    assert reused(run) == {"a"}
    assert (run.steps.get().result or {})["words"] == "low tide"


def test_a_step_whose_claim_was_lost_takes_nothing_over(desk: Desk) -> None:
    desk.run()
    run = desk.start()
    claim = take(run)
    Step.objects.filter(id=claim.step.id).update(attempt=claim.attempt + 1)
    finish(claim)
    assert not Artifact.objects.filter(run=run).exists()
    assert "step_completed" not in events_of(run)


def test_times_of_reused_steps_are_no_history(desk: Desk) -> None:
    desk.run()
    Step.objects.update(reused_from=Step.objects.first())
    assert selectors.usual_times(["note"]) == {}
