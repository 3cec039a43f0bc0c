"""The storage that cells of tables take of their owner's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Func, IntegerField, QuerySet, Sum, TextField
from django.db.models.functions import Cast

from accounts import storage
from run_sets.models import RunSet, RunSetRow


class _Bytes(Func):
    """The length of a text in bytes. On SQLite JSON is stored in ASCII, so they are its letters."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="LENGTH", **context)


def stored_bytes(owner_id: int) -> int:
    """Return what a person's tables take."""
    return _size_of(RunSetRow.objects.filter(run_set__owner=owner_id))


def take(run_set: RunSet) -> None:
    """Note the rows of a new set, in its transaction. Raises StorageFull, DiskFull."""
    size = _size_of(RunSetRow.objects.filter(run_set=run_set))
    storage.check_room(run_set.owner, size)
    storage.add(run_set.owner_id, storage.TABLES, size)


@contextmanager
def change_of(row: RunSetRow) -> Iterator[None]:
    """Note what a row takes more, or less, once it is saved."""
    rows = RunSetRow.objects.filter(pk=row.pk)
    before = _size_of(rows)
    yield
    storage.add(row.run_set.owner_id, storage.TABLES, _size_of(rows) - before)


def give_back(instance: RunSet, **_: Any) -> None:
    """Note that a set's rows take no storage any more: before it is deleted, also with its template
    or its owner (`pre_delete`)."""
    size = _size_of(RunSetRow.objects.filter(run_set=instance))
    storage.add(instance.owner_id, storage.TABLES, -size)


def _size_of(rows: QuerySet[RunSetRow]) -> int:
    return rows.aggregate(sum=Sum(_Bytes(Cast("cells", TextField()))))["sum"] or 0
