"""Migrations of runs that find rows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps as today
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(name: str) -> Any:
    """Bring the app's tables there; the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate([("runs", name)])
    loader = MigrationExecutor(connection).loader
    people = loader.graph.leaf_nodes("accounts")
    return loader.project_state([("runs", name), *people]).apps


@pytest.fixture
def _back_to_the_newest(transactional_db: None) -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def two_steps(apps: Any) -> tuple[int, tuple[int, int]]:
    """A person, and steps of a run that they wait for and of one that has time."""
    owner = apps.get_model("accounts", "User").objects.create(username="alice")

    def step_of(priority: int) -> int:
        run = apps.get_model("runs", "Run").objects.create(
            public_id=f"wf_{priority}",
            owner=owner,
            kind="tool_sequence",
            request={},
            plan={},
            priority=priority,
        )
        step = apps.get_model("runs", "Step").objects.create(
            run=run, key="a", sequence=0, tool="noop", wire_tool="noop", status="ready"
        )
        return int(step.id)

    return owner.id, (step_of(0), step_of(-1))


@pytest.mark.django_db
def test_steps_of_an_older_release_know_whose_turn_they_take() -> None:
    owner, steps = two_steps(today)
    import_module("runs.migrations.0005_turns").steps_know_their_owner(today, None)
    check(today, owner, steps)


# To migrate there and back takes ten times as long as what the migration does to rows.
@pytest.mark.thorough
@pytest.mark.usefixtures("_back_to_the_newest")
def test_the_tables_of_an_older_release_become_those_of_this_one() -> None:
    owner, steps = two_steps(migrate("0004_attempt_provider"))
    check(migrate("0005_turns"), owner, steps)


def check(apps: Any, owner: int, steps: tuple[int, int]) -> None:
    rows = apps.get_model("runs", "Step").objects
    assert [rows.get(id=step).owner_id for step in steps] == [owner, None]
