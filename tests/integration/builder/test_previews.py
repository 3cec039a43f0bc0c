"""Each sample runs once in the background; its result becomes its preview."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.services import ensure_system_user
from builder import previews
from media.models import Upload
from runs import services as runs
from runs.engine.worker import Worker
from runs.models import Artifact, Run, Wait
from templates_app import services
from templates_app.media_links import resolve_published
from templates_app.models import Template, TemplateMedia, TemplateVersion
from tests.support.running import chain, finish, start, start_template, take, work_off
from tests.support.templates import HOSTS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_fresh_process() -> None:
    previews._useless.clear()
    previews._breakdowns.clear()


def sample(name: str = "still", **fields: Any) -> Template:
    """A sample that a test tool makes a tiny picture for."""
    stages = [{"id": "shot", "type": "fixed", "label": "Shot", "tool": "note", "args": {}}]
    spec = {"id": f"sample-{name}", "name": name, "stages": stages, **fields}
    return services.ensure_sample(spec)


def broken(*, retryable: bool = False) -> list[dict[str, Any]]:
    args = {"retryable": retryable}
    return [{"id": "shot", "type": "fixed", "label": "Shot", "tool": "fail", "args": args}]


def preview_of(template: Template) -> dict[str, Any] | None:
    template.refresh_from_db()
    assert template.published is not None
    return next(iter(template.published.spec.get("previewArtifacts", ())), None)


def tend_to_the_end(most: int = 30) -> None:
    """As an idle worker does: chores, then steps, until there is nothing to do."""
    for _ in range(most):
        if previews.tend() == previews.QUIET_S and not work_off():
            return
        work_off()
    raise AssertionError(f"still busy after {most} rounds")


def test_a_sample_gets_a_preview_with_a_small_poster(db: None) -> None:
    template = sample()
    tend_to_the_end()
    shown = preview_of(template)
    assert shown is not None
    assert (shown["stageId"], shown["label"], shown["mediaType"]) == ("shot", "Shot", "image")
    assert template.head == template.published
    assert template.published is not None
    assert template.published.semver == "0.0.2"
    rights = TemplateMedia.objects.filter(version=template.published).select_related("blob")
    roles = {row.role: row.blob for row in rights}
    assert roles.keys() == {"preview", "poster"}
    assert roles["poster"].mime == "image/webp"
    assert roles["poster"].size < 100_000


def test_everybody_sees_the_preview_until_the_sample_is_unpublished_and_again_after(
    db: None,
) -> None:
    template = sample()
    tend_to_the_end()

    def poster() -> object:
        row = TemplateMedia.objects.filter(version__template=template, role="poster").latest("id")
        return resolve_published(str(row.version_id), row.blob_id)

    house = ensure_system_user()
    assert poster() is not None
    services.patch_template(
        actor=house, public_id=template.public_id, changes={"visibility": "private"}, own_hosts=()
    )
    assert poster() is None
    assert previews.tend() == previews.QUIET_S
    services.patch_template(
        actor=house, public_id=template.public_id, changes={"visibility": "public"}, own_hosts=()
    )
    assert poster() is not None
    assert previews.tend() == previews.QUIET_S


def test_what_is_done_is_not_done_again(db: None) -> None:
    sample("one"), sample("two")
    tend_to_the_end()
    tend_to_the_end()
    assert Run.objects.count() == 2
    assert TemplateVersion.objects.count() == 4
    assert not Upload.objects.exists()


def test_runs_are_the_house_s_of_low_priority_and_one_at_a_time(db: None) -> None:
    sample("one"), sample("two")
    assert previews.tend() == previews.BUSY_S
    assert previews.tend() == previews.BUSY_S
    (run,) = Run.objects.all()
    assert (run.owner.username, run.priority) == ("system", previews.PRIORITY)


def test_two_that_start_at_once_make_one_run(db: None) -> None:
    template = sample()
    house = ensure_system_user()
    assert template.published is not None
    assert previews._start(house, template, template.published, 1)
    assert previews._start(house, template, template.published, 1)
    assert Run.objects.count() == 1


def test_two_that_show_the_same_run_make_one_version(db: None) -> None:
    template = sample()
    previews.tend()
    work_off()
    house, version, run = ensure_system_user(), template.published, Run.objects.get()
    assert version is not None
    assert previews.show(house, template, version, run)
    # The other had looked before the first one wrote.
    assert previews.show(house, template, version, run)
    assert TemplateVersion.objects.filter(template=template).count() == 2


def test_a_failing_sample_is_tried_three_times_and_left_alone(db: None) -> None:
    template = sample(stages=broken())
    tend_to_the_end()
    assert preview_of(template) is None
    assert list(Run.objects.values_list("status", flat=True)) == ["failed"] * previews.TRIES


def test_a_sample_that_shows_nothing_is_tried_three_times_and_does_not_block_the_next(
    db: None,
) -> None:
    mute = sample("mute", stages=[{"id": "shot", "type": "fixed", "tool": "noop", "args": {}}])
    other = sample("other")
    tend_to_the_end()
    assert preview_of(mute) is None
    assert preview_of(other) is not None
    assert Run.objects.filter(template_version__template=mute).count() == previews.TRIES


def test_a_new_release_that_makes_other_things_gets_a_new_preview(db: None) -> None:
    template = sample()
    tend_to_the_end()
    first = preview_of(template)
    stages = [{"id": "take", "type": "fixed", "tool": "note", "args": {"text": "better"}}]
    sample(stages=stages)
    assert preview_of(template) is None
    tend_to_the_end()
    second = preview_of(template)
    assert first is not None
    assert second is not None
    assert (first["stageId"], second["stageId"]) == ("shot", "take")


def test_a_new_release_that_only_says_it_better_keeps_the_preview(db: None) -> None:
    template = sample()
    tend_to_the_end()
    sample(description="Now in better words")
    assert preview_of(template) is not None
    tend_to_the_end()
    assert Run.objects.count() == 1


def test_a_person_s_copy_stays_as_it_is(alice: User) -> None:
    template = sample()
    tend_to_the_end()
    copy = services.fork_template(actor=alice, public_id=template.public_id).template
    assert copy.head is not None
    before = copy.head.spec
    sample(stages=broken(), description="Other")
    tend_to_the_end()
    copy.refresh_from_db()
    assert copy.head is not None
    assert (copy.head.spec, copy.versions.count()) == (before, 1)
    assert TemplateMedia.objects.filter(version=copy.head).count() == 2


def test_a_person_s_run_goes_first_and_previews_pause_between_steps(alice: User) -> None:
    stages = [
        {"id": name, "type": "fixed", "tool": "note", "args": {"text": name}}
        for name in ("one", "two")
    ]
    sample(stages=stages)
    previews.tend()
    background = Run.objects.get()
    first = take(background)
    person = start(alice, chain("noop", 1))
    # The worker that has just done the preview's first step does not go on with the second.
    assert finish(first, go_on=True) is None
    worker = Worker("test-pause")
    claim = worker._claim_one()
    assert claim is not None
    assert claim.step.run_id == person.id
    assert worker._claim_one() is None
    assert previews.tend() == previews.BUSY_S
    finish(claim)
    resumed = worker._claim_one()
    assert resumed is not None
    assert resumed.step.run_id == background.id


def test_steps_side_by_side_of_a_preview_run_one_after_the_other(db: None) -> None:
    stages = [{"id": name, "type": "fixed", "tool": "noop"} for name in ("one", "two")]
    sample(stages=stages)
    previews.tend()
    one, two = Worker("test-one"), Worker("test-two")
    assert one._claim_one() is not None
    assert two._claim_one() is None


def test_a_hidden_or_deleted_sample_costs_nothing(db: None) -> None:
    hidden, deleted = sample("hidden"), sample("deleted")
    Template.objects.filter(pk=hidden.pk).update(moderation="quarantined")
    services.delete_template(actor=ensure_system_user(), public_id=deleted.public_id)
    assert previews.tend() == previews.QUIET_S
    assert not Run.objects.exists()


def test_other_people_s_templates_are_left_alone(alice: User) -> None:
    services.create_template(
        actor=alice,
        body={"name": "Mine", "visibility": "public", "stages": broken()},
        own_hosts=HOSTS,
    )
    ensure_system_user()
    assert previews.tend() == previews.QUIET_S


def asking(**select: Any) -> list[dict[str, Any]]:
    """Two pictures, a choice between them and a checkpoint before the last one."""
    choose = {"from": "$artifacts.looks", **select}
    return [
        {
            "id": "looks",
            "type": "batch",
            "itemName": "look",
            "overBinding": "$inputs.looks",
            "produces": ["looks"],
            "itemStage": {"tool": "note", "args": {"text": "$item"}},
        },
        {"id": "cast", "type": "interactive", "produces": ["cast"], "select": choose},
        {
            "id": "shot",
            "type": "fixed",
            "tool": "note",
            "requiredArtifactsIn": ["cast"],
            "checkpointRequired": True,
        },
    ]


LOOKS = {"name": "looks", "type": "text", "multiple": {"max": 3}, "default": ["a", "b", "c"]}


def test_a_preview_chooses_and_approves_by_itself(db: None) -> None:
    template = sample(inputs=[LOOKS], stages=asking(min=2, max=2))
    tend_to_the_end()
    shown = preview_of(template)
    assert shown is not None
    assert shown["stageId"] == "shot"
    choice, approval = Wait.objects.order_by("id")
    looks = Artifact.objects.filter(step__parent__key="looks").order_by("step__item_index")
    firsts = [row.public_id for row in looks[:2]]
    assert choice.answer == {"type": "select_media", "artifactIds": firsts}
    assert approval.answer == {"type": "approve_checkpoint"}


def test_a_sample_that_only_a_person_can_answer_is_tried_and_left_alone(db: None) -> None:
    stages = [{"id": "talk", "type": "interactive", "userMessage": "What is it about?"}]
    template = sample(stages=stages)
    tend_to_the_end()
    assert preview_of(template) is None
    assert list(Run.objects.values_list("status", flat=True)) == ["cancelled"] * previews.TRIES


def test_a_person_s_run_is_never_answered_for_them(alice: User) -> None:
    template = sample(inputs=[LOOKS], stages=asking())
    run = start_template(alice, template)
    tend_to_the_end()
    run.refresh_from_db()
    assert run.status == "waiting_for_user"


def test_a_cancelled_preview_run_is_one_of_the_tries(db: None) -> None:
    template = sample()
    previews.tend()
    runs.cancel_run(run=Run.objects.get())
    tend_to_the_end()
    assert preview_of(template) is not None
    assert sorted(Run.objects.values_list("status", flat=True)) == ["cancelled", "completed"]
