"""run_again: the same plan once more."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from core import errors
from media import signing
from runs.admission.run_again import run_again
from runs.admission.start import start_run
from runs.engine import cancelling
from runs.models import Artifact, Run
from templates_app.models import Template
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import principal_of, start, status_of, statuses, work_off
from tests.support.builders.templates import make_public

pytestmark = pytest.mark.django_db

STAGES = [
    {"id": "one", "label": "One", "type": "fixed", "tool": "note", "args": {"text": "$inputs.say"}},
    {"id": "two", "label": "Two", "type": "fixed", "tool": "note", "args": {"text": "b"}},
]
INPUTS = [{"name": "say", "type": "text", "required": True}]


def again(run: Run, user: User, **options: Any) -> Run:
    """As a page would: the run comes fresh from the database."""
    run.refresh_from_db()
    return run_again(run=run, actor=principal_of(user), **options).run


def seeds(run: Run) -> list[int | None]:
    return list(run.steps.order_by("sequence").values_list("seed", flat=True))


def made(run: Run) -> list[str]:
    rows = Artifact.objects.filter(run=run).order_by("step__sequence", "position")
    return list(rows.values_list("blob_id", flat=True))


def from_template(user: User, template: Template) -> Run:
    body = {"workflow_id": template.public_id, "inputs": {"say": "herons"}}
    return start_run(actor=principal_of(user), body=body).run


def test_same_seeds_make_the_same_media(alice: User) -> None:
    first = start(alice, [{"toolName": "note", "arguments": {"text": "x", "copies": 2}}])
    work_off()
    second = again(first, alice)
    work_off()
    assert second.public_id != first.public_id
    assert seeds(second) == seeds(first) != [None]
    assert made(second) == made(first) != []
    assert (second.plan, second.title, second.kind) == (first.plan, first.title, first.kind)
    assert second.cloned_from == first


def test_new_seeds_make_other_media_from_the_same_words(alice: User) -> None:
    first = start(alice, [{"toolName": "note", "arguments": {"text": "x", "seed": 7}}])
    work_off()
    second = again(first, alice, new_seeds=True)
    work_off()
    assert seeds(first) == [7]
    assert seeds(second) != [7]
    assert made(second) != made(first)
    [step] = second.steps.all()
    assert step.arguments == {"text": "x", "seed": step.seed}
    # What the API shows as written is what ran; the first request stays as it was.
    assert second.request["input"]["steps"][0]["arguments"]["seed"] == step.seed
    first.refresh_from_db()
    assert first.request["input"]["steps"][0]["arguments"]["seed"] == 7


def test_the_callers_media_come_along(alice: User) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename="tide.jpg")
    address = "http://localhost" + signing.signed_path(upload.public_id, "tide.jpg")
    first = start(
        alice,
        [{"toolName": "note", "arguments": {"sourceImageIndex": -1}}],
        media_references=[{"kind": "image", "url": address}],
    )
    second = again(first, alice)
    assert second.media == first.media != []
    work_off()
    assert made(second) == made(first) != []


def test_a_run_of_a_template_repeats_the_version_it_ran(alice: User, bob: User) -> None:
    template = make_public(bob, stages=STAGES, inputs=INPUTS, name="Birds")
    first = from_template(alice, template)
    Template.objects.filter(pk=template.pk).update(visibility="private", published=None)
    second = again(first, alice)
    assert second.template_version == first.template_version
    assert second.request == first.request
    work_off()
    assert set(statuses(second).values()) == {"completed"}


def test_what_a_moderator_took_away_is_not_made_again(alice: User, bob: User) -> None:
    template = make_public(bob, stages=STAGES, inputs=INPUTS, name="Birds")
    first = from_template(alice, template)
    Template.objects.filter(pk=template.pk).update(moderation="quarantined")
    first = Run.objects.get(pk=first.pk)
    with pytest.raises(errors.Conflict, match="moderator"):
        again(first, alice)
    assert Run.objects.count() == 1


def test_a_failed_or_stopped_run_starts_over_from_its_beginning(alice: User) -> None:
    first = start(alice, [{"toolName": "noop"}, {"toolName": "noop"}])
    cancelling.cancel_run(run=first)
    second = again(first, alice)
    assert set(statuses(second).values()) <= {"ready", "pending"}
    work_off()
    second.refresh_from_db()
    assert (status_of(first), second.status) == ("cancelled", "completed")


def test_it_counts_and_costs_as_a_start_does(alice: User, settings: Any) -> None:
    first = start(alice, [{"toolName": "note", "arguments": {"copies": 2}}])
    second = again(first, alice)
    assert second.estimated_milli == first.estimated_milli > 0
    settings.ACTIVE_RUNS_PER_USER = 2
    with pytest.raises(errors.Conflict, match="unfinished"):
        again(first, alice)


def test_a_tool_that_is_gone_is_named(alice: User) -> None:
    first = start(alice, [{"toolName": "note"}])
    plan = first.plan
    plan["steps"][0]["tool"] = "paint_by_telepathy"
    Run.objects.filter(pk=first.pk).update(plan=plan)
    with pytest.raises(errors.InvalidInput, match="paint_by_telepathy"):
        again(first, alice)
    assert Run.objects.count() == 1
