"""Rows of a table that have a step in common make it once, and the quote counts it once."""

from __future__ import annotations

from collections import defaultdict
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import ledger
from accounts.models import User
from media.tables import Table
from run_sets import feeding, services, shared_steps
from run_sets.creation import create_set
from run_sets.models import RunSet
from run_sets.selectors import actor_of
from runs.engine import retention
from runs.models import Allowance, IdempotencyKey, Step
from templates_app.models import Template
from tests.support.builders.asking_templates import made_of, stage
from tests.support.builders.run_sets import TIMES, WORDS, work_through
from tests.support.builders.running import make_due, principal_of, status_of, work_off
from tests.support.clients.visitors import signed_in
from tests.support.fakes.makers.configured import serving
from tests.support.fakes.makers.jobs import Script

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = {"name": "look", "type": "text", "default": "plain"}


def scene(owner: User) -> Template:
    """Words and a backdrop of them, which rows of one look share, a card on it, and a poster with
    a drawn seed."""
    card = {"text": "$inputs.words", "source_image_url": "$artifacts.backdrop", "seed": 3}
    return made_of(
        owner,
        stage("words", "say", args={"values": {"prompt": "$inputs.look"}}),
        stage("backdrop", args={"text": "$artifacts.words.content", "seed": 7}),
        stage("card", args=card),
        stage("poster", args={"source_image_url": "$artifacts.card"}),
        inputs=[LOOK, WORDS],
    )


def table_of(owner: User, template: Template, *rows: list[str], **changes: Any) -> RunSet:
    """A checked table of two columns, the inputs of the template."""
    columns = [one["name"] for one in template.head.spec["inputs"]]
    run_set = create_set(
        actor=principal_of(owner),
        template=template,
        table=Table(columns, rows),
        changes=changes,
    )
    return work_through(run_set.public_id)


def at_work(run_set: RunSet) -> list[int]:
    """Start what may start. Returns the positions of the rows that are at work."""
    feeding.feed()
    rows = run_set.rows.filter(state="running").order_by("position")
    return list(rows.values_list("position", flat=True))


@pytest.mark.slow
def test_a_step_that_rows_share_is_made_and_billed_once(alice: User, settings: Any) -> None:
    rows = [["plain", "a"], ["plain", "b"], ["dark", "c"]]
    run_set = table_of(alice, scene(alice), *rows, at_once=3)
    alone = [row.estimated_milli for row in run_set.rows.order_by("position")]
    price = alone[0] // 4
    assert (alone, run_set.quoted_milli) == ([4 * price] * 3, 10 * price)
    # Credit for just the quote is enough: what is stored already is reserved no more.
    settings.LIMIT_CREDIT = True
    ledger.grant(user=alice, milli=run_set.quoted_milli - ledger.balance(alice), ref="test")
    before = ledger.balance(alice)

    services.start_set(run_set=run_set, actor=actor_of(run_set))
    # One of each look; others wait for what is being made.
    assert at_work(run_set) == [0, 2]
    assert at_work(run_set) == [0, 2]
    run_set = work_through(run_set.public_id)
    assert run_set.state == "done"
    assert set(run_set.rows.values_list("state", flat=True)) == {"completed"}
    new = Step.objects.filter(reused_from=None)
    counts = {key: new.filter(key=key).count() for key in ("words", "backdrop", "card", "poster")}
    assert counts == {"words": 2, "backdrop": 2, "card": 3, "poster": 3}
    assert before - ledger.balance(alice) == run_set.quoted_milli
    assert Allowance.objects.get().milli == run_set.quoted_milli

    # The identity of the check is the key that the engine reuses results by.
    keys = defaultdict(set)
    for row in run_set.rows.all():
        steps = {step.sequence: step for step in row.run.steps.all()}
        assert len(row.identities) == 3
        for identity, milli, sequence in row.identities:
            keys[identity].add(steps[sequence].reuse_key)
            assert milli == price
            if steps[sequence].key == "words":
                assert steps[sequence].reuse_key.startswith(identity)
    assert [len(keys_of_one) for keys_of_one in keys.values()] == [1] * 7


@pytest.mark.slow
def test_a_shared_result_that_is_gone_meanwhile_is_made_and_billed_again(alice: User) -> None:
    run_set = table_of(alice, scene(alice), ["plain", "a"], ["plain", "b"], at_once=1)
    price, before = run_set.quoted_milli // 6, ledger.balance(alice)
    services.start_set(run_set=run_set, actor=actor_of(run_set))
    assert at_work(run_set) == [0]
    work_off()
    assert at_work(run_set) == [1]
    first, second = (row.run for row in run_set.rows.order_by("position"))
    assert second.estimated_milli == 2 * price
    # As a day later, when its key is forgotten.
    IdempotencyKey.objects.filter(run=first).delete()
    retention.delete_one(alice, first, can_undo=False)
    retention.delete_wanted()
    run_set = work_through(run_set.public_id)
    assert (status_of(second), second.estimated_milli) == ("completed", 4 * price)
    assert before - ledger.balance(alice) == Allowance.objects.get().milli == 8 * price


@pytest.mark.slow
def test_what_was_left_out_or_mended_counts_no_more(alice: User) -> None:
    run_set = table_of(alice, scene(alice), ["plain", "a"], ["plain", "b"], ["plain", "c"])
    price = run_set.quoted_milli // 8
    for position, changes, count in (
        (0, {"left_out": True}, 6),
        (1, {"cells": ["dark", "b"]}, 8),
        (0, {"left_out": False}, 10),
        (2, {"cells": ["plain", "a"]}, 9),
    ):
        services.change_row(run_set=run_set, position=position, changes=changes)
        assert work_through(run_set.public_id).quoted_milli == count * price


def trial_template(owner: User) -> Template:
    """A stage that fails as often as `times` says, which rows share, and a card of each row."""
    trial = {"times": "$inputs.times", "retryable": False}
    return made_of(
        owner,
        {"id": "trial", "type": "fixed", "tool": "fail", "args": trial},
        stage("card", args={"text": "$inputs.words"}),
        inputs=[TIMES, WORDS],
    )


def fox_template(owner: User) -> Template:
    """A card of each row, and a fox of a service, which rows share."""
    fox = {"prompt": "$inputs.look", "seed": 3}
    return made_of(
        owner,
        stage("card", args={"text": "$inputs.words"}),
        {"id": "fox", "type": "fixed", "tool": "generate_image", "args": fox, "produces": ["fox"]},
        stage("poster", args={"source_image_url": "$artifacts.fox"}),
        inputs=[LOOK, WORDS],
    )


def work_through_with_looks(run_set: RunSet) -> RunSet:
    """Feed a set and work its runs off until no job is at a service any more."""
    run_set = work_through(run_set.public_id)
    while make_due(Step.objects.filter(run__run_set_row__run_set=run_set)):
        run_set = work_through(run_set.public_id)
    return run_set


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("comfy-router", "provider_error",
         "Comfy Router couldn't make it (provider_error). It may charge this attempt."),
        ("fal", "value_error", "fal doesn't accept this: It failed. It may charge this attempt."),
        ("runway", "SAFETY.INPUT.TEXT", "Runway refused the prompt (its content policy). Change the"
         " words and run again. It was charged 5 credits."),
    ],
)  # fmt: skip
def test_a_shared_stage_that_is_charged_and_fails_pauses_its_table_and_is_tried_once_a_resume(
    alice: User, settings: Any, kind: str, error: str, message: str
) -> None:
    client, before = signed_in(alice), ledger.balance(alice)
    with serving(settings, kind) as server:
        server.script = Script(looks=1, error=error, cost=5)
        rows = [["a fox", str(at)] for at in range(40)]
        run_set = table_of(alice, fox_template(alice), *rows, at_once=4)
        path = f"/run-sets/{run_set.public_id}"
        # Rows that failed are retried one by one, too; their own cards are there.
        for count, (action, failures, units) in enumerate(
            [("start", 1, 1), ("resume", 2, 2), ("retry", 1, 2)], 1
        ):
            assert client.post(f"{path}/do", {"do": action}).status_code == 302
            run_set = work_through_with_looks(run_set)
            assert (run_set.state, run_set.reason) == ("paused", "stage")
            assert len(server.submissions()) == count
            assert server.accounts[server.KEY].spent == 5 * count
            assert feeding.counts_of(run_set) == {"failed": failures, "pending": 40 - failures}
            assert (
                f"“Fox” failed, and {40 - failures} more rows need it. {message}"
                f" Spent so far: {units} credit{'s' * (units > 1)}. Resume tries it once more."
            ) in unescape(client.get(path).content.decode())
            assert before - ledger.balance(alice) == 1000 * units


@pytest.mark.slow
def test_rows_that_need_another_stage_go_on_beside_it(alice: User) -> None:
    rows = [["1", "a"], ["0", "b"], ["0", "c"]]
    run_set = table_of(alice, trial_template(alice), *rows, at_once=2)
    services.start_set(run_set=run_set, actor=actor_of(run_set))
    assert at_work(run_set) == [0, 1]
    run_set = work_through(run_set.public_id)
    counts = feeding.counts_of(run_set)
    assert (run_set.state, counts) == ("done", {"failed": 1, "completed": 2})


@pytest.mark.slow
def test_a_resume_makes_no_room_for_what_is_made_already(alice: User) -> None:
    run_set = table_of(alice, scene(alice), *[["plain", name] for name in "abc"], at_once=1)
    services.start_set(run_set=run_set, actor=actor_of(run_set))
    assert at_work(run_set) == [0]
    work_off()
    most = Allowance.objects.get().most_milli
    services.pause_set(run_set=run_set)
    services.resume_set(run_set=run_set, actor=actor_of(run_set))
    assert Allowance.objects.get().most_milli == most
    assert work_through(run_set.public_id).state == "done"


def test_rows_that_share_nothing_cost_no_more_queries(alice: User) -> None:
    template = made_of(alice, stage("card", args={"text": "$inputs.words"}), inputs=[LOOK, WORDS])
    run_set = table_of(alice, template, *[["", str(at)] for at in range(3)])
    assert set(map(len, run_set.rows.values_list("identities", flat=True))) == {0}
    queue = run_set.rows.filter(state="pending").order_by("position")
    with CaptureQueriesContext(connection) as queries:
        assert len(shared_steps.startable(run_set, queue, 2)) == 2
    assert len(queries) == 1
