"""Workers say which labels they have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import clock
from runs.engine import worker_registry
from runs.engine.worker import Worker
from runs.engine.worker_registry import Registration
from runs.models import Worker as Row

pytestmark = pytest.mark.django_db


def test_workers_are_seen_with_their_machine_and_labels(settings: Any) -> None:
    settings.WORKER_LABELS = ("remote", "cpu")
    Registration("b", ["gpu", "cpu"]).refresh()
    Registration("a").refresh()
    first, second = worker_registry.workers()
    assert (first.name, first.labels) == ("a", ("cpu", "remote"))
    assert (second.name, second.labels) == ("b", ("cpu", "gpu"))
    assert first.host == worker_registry.short_hostname()
    assert first.started_at <= first.at <= clock.now()
    assert worker_registry.living_labels() == {"cpu", "gpu", "remote"}


def test_a_silent_worker_counts_for_no_label_and_is_forgotten_after_a_day() -> None:
    registration = Registration("b", ["gpu"])
    registration.refresh()
    Row.objects.update(seen_at=clock.now() - timedelta(minutes=1))
    assert worker_registry.living_labels() == frozenset()
    assert [seen.is_alive for seen in worker_registry.workers()] == [False]
    Row.objects.update(seen_at=clock.now() - timedelta(days=2))
    worker_registry.forget_stale()
    assert worker_registry.workers() == []


def test_a_worker_that_was_taken_for_dead_is_back_with_its_first_start() -> None:
    registration = Registration("b", ["gpu"])
    registration.refresh()
    (before,) = worker_registry.workers()
    worker_registry.forget("b")
    registration._due = 0
    registration.refresh()
    (after,) = worker_registry.workers()
    assert (after.labels, after.started_at) == (before.labels, before.started_at)


def test_a_worker_without_labels_of_its_own_has_those_of_the_settings(settings: Any) -> None:
    settings.WORKER_LABELS = ("gpu",)
    assert Worker("one").labels == {"gpu"}
    assert Worker("one", ("cpu", "remote")).labels == {"cpu", "remote"}


@pytest.mark.parametrize("wrong", ["GPU", "gpu,big card", "", "1st"])
def test_labels_that_cannot_be_are_refused_with_the_rule(wrong: str) -> None:
    with pytest.raises(CommandError, match="a label is small letters, digits and hyphens"):
        call_command("worker", f"--labels={wrong}")
