"""Migrations of runs that find rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> Any:
    """Bring the app's tables there; the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate([("runs", name)])
    loader = MigrationExecutor(connection).loader
    people = loader.graph.leaf_nodes("accounts")
    return loader.project_state([("runs", name), *people]).apps


@pytest.fixture(autouse=True)
def _back_to_the_newest() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_steps_of_an_older_release_know_whose_turn_they_take() -> None:
    apps = migrate("0004_attempt_provider")
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

    wanted, background = step_of(0), step_of(-1)
    steps = migrate("0005_turns").get_model("runs", "Step").objects
    assert steps.get(id=wanted).owner_id == owner.id
    assert steps.get(id=background).owner_id is None
