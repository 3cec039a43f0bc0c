"""Finding rows by words in an order of theirs, on both databases.

A table of words is indexed by FTS5 on SQLite (`<table>_fts`) and as a tsvector `vector` on
Postgres; see `templates_app.tokenizer` for what a word is. Neither database knows how many rows
hold a word, and where in the order they are. So the order is walked first, for a while: words that
many rows hold are found at its beginning. Where it is over too soon, all rows that hold the words
are taken from the index and sorted: they are few, or far from the beginning.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from core.raw_sql import Statement

# So many rows of an order are looked at before the index is asked. One in 40 of them fills a page.
WINDOW = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """The rows of one table in an order, the greatest first.

    table: `name alias`. id, key: columns of it with their alias; the key gives the order, and the
    id that among equals. where: conditions on these rows, as the order's index has them, with
    parameters such as `%(author)s` of `values`. others: conditions by `holds`. No joins.
    """

    table: str
    id: str
    key: str
    where: Sequence[str]
    others: Sequence[str]
    values: dict[str, Any]


def holds(condition: str, table: str, on: str) -> str:
    """A condition on the one row of another table that belongs to a row; where none does, no.

    Not a join: SQLite would prepare that by reading the other table as a whole, and Postgres might
    begin with it.
    """
    return f"(SELECT {condition} FROM {table} WHERE {on})"  # noqa: S608


def none_of(column: str, ids: Collection[int]) -> str:
    """A condition: the column has none of these ids, which are some."""
    return f"{column} NOT IN ({', '.join(str(int(one)) for one in sorted(ids))})"


@dataclass(frozen=True, slots=True)
class WordIndex:
    """listing: the table of words. key: its primary key, the id of the row that it is about."""

    listing: str
    key: str

    def first(self, order: Order, words: Sequence[str], limit: int) -> list[tuple[Any, ...]]:
        """The first rows of an order that hold all words: id and key of each.

        words: each with the sign that may follow it: a space for the whole word, nothing for the
        beginning of one.
        """
        if not words:
            return _select(order, order.table, order.others, limit=limit)
        end = _select(order, order.table, (), limit=1, offset=WINDOW)
        if end:
            rows = self._walk(order, words, end[0], limit)
            if len(rows) == limit:
                return rows
        return self._sort(order, words, limit)

    def _walk(
        self, order: Order, words: Sequence[str], end: tuple[Any, ...], limit: int
    ) -> list[tuple[Any, ...]]:
        pk, key = end
        until = f"({order.key}, {order.id}) >= (%(end_key)s, %(end_id)s)"
        values: dict[str, Any]
        if connection.vendor == "postgresql":
            # A subquery of each row: a join would be answered from the index of words, all of it.
            condition = "vector @@ %(match)s::tsquery"
            values = {"match": tsquery(words)}
        else:
            values = {f"word{place}": f" {word}" for place, word in enumerate(words)}
            condition = " AND ".join(f"instr(words, %({name})s) > 0" for name in values)
        matches = holds(condition, self.listing, f"{self.key} = {order.id}")
        return _select(
            order,
            order.table,
            (until, matches, *order.others),
            limit=limit,
            end_key=key,
            end_id=pk,
            **values,
        )

    def _sort(self, order: Order, words: Sequence[str], limit: int) -> list[tuple[Any, ...]]:
        if connection.vendor == "postgresql":
            # The offset keeps it apart from its sorting, for which the order might be walked to its
            # end and all matches be looked through at each row.
            table = f"""(SELECT {order.id} AS id, {order.key} AS key
                FROM (SELECT {self.key} AS id FROM {self.listing}
                    WHERE vector @@ %(match)s::tsquery) held
                JOIN {order.table} ON {order.id} = held.id
                WHERE {" AND ".join((*order.where, *order.others))} OFFSET 0) found"""  # noqa: S608
            inner_order = replace(order, table=table, id="found.id", key="found.key", where=())
            return _select(inner_order, table, (), limit=limit, match=tsquery(words))
        # Joined in the order written.
        table = f"""{self.listing}_fts(%(match)s) held
            CROSS JOIN {order.table} ON {order.id} = held.rowid"""
        return _select(order, table, order.others, limit=limit, match=fts_query(words))


def _select(
    order: Order, tables: str, more: Sequence[str], *, limit: int, offset: int = 0, **values: Any
) -> list[tuple[Any, ...]]:
    """Ids and keys in order. more: conditions besides those of the order's own rows."""
    # Put together from parts of our own; what people write is among the values.
    statement = Statement(
        f"""SELECT {order.id}, {order.key} FROM {tables}
        WHERE {" AND ".join(("TRUE", *order.where, *more))}
        ORDER BY {order.key} DESC, {order.id} DESC
        LIMIT %(limit)s OFFSET %(offset)s"""  # noqa: S608
    )
    return statement.rows(**{**order.values, **values, "limit": limit, "offset": offset})


def fts_query(words: Sequence[str]) -> str:
    """Words as FTS5 reads them. They hold no quotes: see `tokenizer.words_of`."""
    return " AND ".join(f'"{word.strip()}"{"" if word.endswith(" ") else "*"}' for word in words)


def tsquery(words: Sequence[str]) -> str:
    """Words as a `tsquery` literal. They hold neither quotes nor backslashes."""
    return " & ".join(f"'{word.strip()}'{'' if word.endswith(' ') else ':*'}" for word in words)
