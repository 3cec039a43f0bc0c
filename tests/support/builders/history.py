"""A server that has worked for a year: what finished runs left, copied many times by the database
itself. 200,000 of them take seconds; one by one they would take an hour."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import DateTimeField, Field, ForeignKey, Max, Model

from accounts.models import LedgerEntry, User
from core import clock
from media.models import Blob
from notices.models import Notice
from runs.models import Artifact, Attempt, Event, Run, Step, StepEdge
from tests.support.builders.running import finish, start, take

# What a run leaves, in the order in which these rows refer to each other.
LEFT: tuple[type[Model], ...] = (
    Run, Step, StepEdge, Attempt, Artifact, Event, LedgerEntry, Notice,
)  # fmt: skip
YEAR, SEASON = timedelta(days=365), timedelta(days=90)
# The other events of a run say no more.
KEPT_EVENTS = ("workflow_created", "step_completed", "workflow_completed")
# One run in so many took its result over from the copy before it.
REUSED = 8
# One run in so many failed.
FAILED = 100
# The last eight characters of a copy's hash.
_HEX = "substr(CAST(100000000 + n AS text), 2)"
# Unique columns besides `id`: each copy has its number at the end.
NUMBERED = ("public_id", "ref", "about")


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows of one finished run: of each table those after an id, up to another one. blob: the
    hash of its result."""

    after: Mapping[type[Model], int]
    until: Mapping[type[Model], int]
    blob: str

    def apart(self, model: type[Model]) -> int:
        """How far the ids of a row and its next copy are apart."""
        return self.until[model] - self.after[model]

    def rows_of(self, model: type[Model]) -> str:
        """A condition of its rows."""
        if model is Blob:
            return f"source.sha256 = '{self.blob}'"
        return f"source.id > {self.after[model]} AND source.id <= {self.until[model]}"


def fill(people: Sequence[User], runs: int) -> None:
    """Finished runs of one step, half of them a year old, half three months, of these people in
    turn, each with bytes of its own.

    people: with successive ids. In a transaction, and nothing is checked: copies of sound rows are
    sound.
    """
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for age, count in ((YEAR, runs // 2), (SEASON, runs - runs // 2)):
            source = _finish_one(people[0], age)
            if is_postgres:
                cursor.execute("SET LOCAL session_replication_role = replica")
            for model in (Blob, *LEFT):
                cursor.execute(_copies(model, source, people, age, count - 1))
            if is_postgres:
                cursor.execute("SET LOCAL session_replication_role = origin")
                for statement in connection.ops.sequence_reset_sql(no_style(), list(LEFT)):
                    cursor.execute(statement)
        if is_postgres:
            # Postgres would do so by itself within minutes; SQLite never does.
            cursor.execute("ANALYZE")


def _finish_one(owner: User, age: timedelta) -> _Source:
    after = _last_ids()
    run = start(owner, [{"toolName": "note", "arguments": {"text": secrets.token_hex()}}])
    finish(take(run))
    Event.objects.filter(run=run).exclude(name__in=KEPT_EVENTS).delete()
    StepEdge.objects.create(step=run.steps.get(), position=0, binding={})
    at = clock.now() - age
    Run.objects.filter(id=run.pk).update(created_at=at, updated_at=at, finished_at=at)
    return _Source(after, _last_ids(), run.artifacts.get().blob_id)


def _last_ids() -> dict[type[Model], int]:
    return {model: model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for model in LEFT}


def _copies(
    model: type[Model], source: _Source, people: Sequence[User], age: timedelta, count: int
) -> str:
    """INSERT … SELECT of a run's rows, for each number from 1 to count."""
    fields: list[Field[Any, Any]] = list(model._meta.concrete_fields)
    if connection.vendor == "postgresql":
        numbers = f"generate_series(1, {count}) AS series(n)"
        # A second lies between two runs.
        moment = f"now() - interval '{age.days} days' - ({count} - n) * interval '1 second'"
    else:
        up = f"SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {count}"
        numbers = f"(WITH RECURSIVE up(n) AS ({up}) SELECT n FROM up) AS series"
        moment = f"datetime('now', '-{age.days} days', '-' || ({count} - n) || ' seconds')"
    values = [_copy(field, source, people, moment) for field in fields]
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(field.column for field in fields)})"
        f" SELECT {', '.join(values)} FROM {numbers}, {model._meta.db_table} AS source"
        f" WHERE {source.rows_of(model)}"
    )


def _copy(field: Field[Any, Any], source: _Source, people: Sequence[User], moment: str) -> str:
    """What a column of a copy has. moment: when its run ended."""
    column = f"source.{field.column}"
    if field.name == "sha256" or field.related_model is Blob:
        # Another beginning each time, so that they are spread as hashes are.
        turned = "(n * 7919) % 10000"
        return f"substr(CAST(10000 + {turned} AS text), 2) || substr({column}, 5, 52) || {_HEX}"
    if field.primary_key:
        return f"{column} + n * {source.apart(field.model)}"
    if field.name == "reused_from":
        return f"CASE WHEN n % {REUSED} = 0 THEN source.id + (n - 1) * {source.apart(Step)} END"
    if field.model is Run and field.name == "status":
        return f"CASE WHEN n % {FAILED} = 0 THEN 'failed' ELSE {column} END"
    if isinstance(field, ForeignKey) and field.related_model in source.after:
        return f"{column} + n * {source.apart(field.related_model)}"
    if isinstance(field, ForeignKey) and field.related_model is User:
        return f"{people[0].pk} + n % {len(people)}"
    if isinstance(field, DateTimeField):
        return f"CASE WHEN {column} IS NOT NULL THEN {moment} END"
    if field.name in NUMBERED:
        return f"{column} || '-' || n"
    return column
