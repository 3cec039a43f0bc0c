"""Tables of one person keep no others waiting, and each takes storage of its owner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.models.signals import post_save
from pytest_django import Settings

from accounts import storage
from accounts.models import User
from run_sets import feeding
from run_sets.models import RunSet, RunSetRow
from runs.models import Run
from templates_app.lifecycle import services as templates
from templates_app.models import Template
from tests.support.builders.asking_templates import made_of, stage
from tests.support.builders.factories import make_key
from tests.support.builders.run_sets import TIMES, WORDS, failing_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

URL = "/v1/run-sets"


def create(api: Api, template: Template, count: int, **fields: Any) -> Any:
    rows = [{"words": f"Card {at}", "times": -at} for at in range(count)]
    return api.post(URL, {"workflow_id": template.public_id, "rows": rows, **fields})


def id_of(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    return str(answer.json()["data"]["runSet"]["id"])


def to_check(owner: User) -> list[int]:
    """Count the unchecked rows of each of a person's sets."""
    sets = RunSet.objects.filter(owner=owner).order_by("id")
    return [run_set.rows.filter(state="unchecked").count() for run_set in sets]


def test_a_person_with_many_tables_has_one_turn(
    alice: User, bob: User, api: Callable[[str], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_bob, template = api(make_key(bob)), failing_template(bob)
    for _ in range(3):
        create(by_bob, template, 30)
    by_alice = api(make_key(alice))
    set_id = id_of(create(by_alice, failing_template(alice), 2))
    # So short that it is over with the first row.
    monkeypatch.setattr(feeding, "TURN_S", 0.0)
    for _ in range(3):
        assert feeding.feed() == 0
    assert to_check(alice) == [0]
    assert to_check(bob) == [29, 29, 29]
    feeding.feed()
    answer = by_alice.post(f"{URL}/{set_id}/start", {})
    assert answer.status_code == 200, answer.content
    feeding.feed()
    assert Run.objects.filter(owner=alice).count() == 1
    assert min(to_check(bob)) > 25


def large_template(owner: User) -> Template:
    """Has so many stages that a start takes a third of a turn."""
    cards = (stage(f"card{at}", args={"text": "$inputs.words"}) for at in range(20))
    return made_of(owner, *cards, inputs=[WORDS, TIMES])


def feed_until_checked() -> None:
    while RunSet.objects.filter(state="checking").exists():
        feeding.feed()


def start(api: Api, set_id: str) -> None:
    answer = api.post(f"{URL}/{set_id}/start", {})
    assert answer.status_code == 200, answer.content


@contextmanager
def busy_threads() -> Iterator[None]:
    """Have this thread wait for its turn of the interpreter, which takes none of its CPU time."""
    is_over = threading.Event()

    def be_busy() -> None:
        while not is_over.is_set():
            pass

    threads = [threading.Thread(target=be_busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def test_a_turn_ends_by_its_processor_time_and_the_next_person_has_theirs(
    alice: User, bob: User, api: Callable[[str], Api]
) -> None:
    by_alice, by_bob = api(make_key(alice)), api(make_key(bob))
    large = id_of(create(by_alice, large_template(alice), 12, at_once=8))
    small = id_of(create(by_bob, failing_template(bob), 1))
    feed_until_checked()
    start(by_alice, large)
    start(by_bob, small)
    with busy_threads():
        assert feeding.feed() == 0
    # By the clock a turn would have ended with the first one.
    assert 1 < Run.objects.filter(owner=alice).count() < 8
    assert Run.objects.filter(owner=bob).count() == 1


def test_rows_are_started_before_any_are_checked(
    alice: User, bob: User, api: Callable[[str], Api]
) -> None:
    by_bob = api(make_key(bob))
    small = id_of(create(by_bob, failing_template(bob), 1))
    feed_until_checked()
    create(api(make_key(alice)), failing_template(alice), 60)
    start(by_bob, small)
    unchecked: list[list[int]] = []

    def look(**_: Any) -> None:
        unchecked.append(to_check(alice))

    post_save.connect(look, sender=Run)
    try:
        feeding.feed()
    finally:
        post_save.disconnect(look, sender=Run)
    assert unchecked == [[60]]
    assert to_check(alice) < [60]


def used(person: User) -> int:
    size = storage.used(person.pk)[storage.TABLES]
    assert storage.recount(person) == {}
    return size


def test_tables_take_storage_until_they_are_deleted(
    alice: User, api: Callable[[str], Api], settings: Settings
) -> None:
    by_alice, template = api(make_key(alice)), failing_template(alice)
    ids = [id_of(create(by_alice, template, 20)) for _ in range(3)]
    size = used(alice)
    assert size > 3 * 20 * len('["Card 1","-1"]')
    page = flat(signed_in(alice).get("/me").content.decode())
    assert "tables" in page
    cells = {"cells": ["x" * 500, "1"]}
    assert by_alice.patch(f"{URL}/{ids[0]}/rows/3", cells).status_code == 200
    longer = used(alice)
    assert size + 450 < longer < size + 550
    assert by_alice.delete(f"{URL}/{ids[0]}").status_code == 204
    assert used(alice) == size * 2 // 3
    RunSet.objects.filter(public_id=ids[1]).update(goes_at="2020-01-01T00:00:00Z")
    feeding.tend()
    assert used(alice) == size // 3
    templates.delete_template(actor=alice, public_id=template.public_id)
    feeding.tend()
    assert used(alice) == 0


def test_a_table_above_the_limit_of_storage_is_refused_whole(
    alice: User, api: Callable[[str], Api], settings: Settings
) -> None:
    by_alice, template = api(make_key(alice)), failing_template(alice)
    create(by_alice, template, 200)
    settings.STORAGE_PER_USER_BYTES = sum(storage.used(alice.pk).values()) + 100
    answer = create(by_alice, template, 20)
    assert answer.status_code == 507
    assert "Delete table runs at /run-sets." in answer.content.decode()
    assert RunSet.objects.count() == 1
    assert RunSetRow.objects.count() == 200
