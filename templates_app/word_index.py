"""Finding rows by words in an order of theirs, on both databases.

A table of words is indexed by FTS5 on SQLite (`<table>_fts`) and as a tsvector `vector` on
Postgres; see `templates_app.tokenizer` for what a word is. Neither database knows how many rows
hold a word that many do: matches are counted up to a limit, and then either the few that match are
sorted, or the order is walked until enough do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.raw_sql import Statement

# More matches than this are not sorted.
FEW = 3_000


@dataclass(frozen=True, slots=True)
class Source:
    """What to select from. conditions: of WHERE. values: of the parameters in both."""

    tables: str
    conditions: tuple[str, ...]
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WordIndex:
    """listing: the table of words. key: its primary key, the id of the row that it is about."""

    listing: str
    key: str

    def source(self, table: str, row_id: str, words: Sequence[str]) -> Source:
        """The rows of a table whose words match all of these.

        table: `name alias`, with the order's columns. row_id: the column of it that `key` refers
        to. words: each with the sign that may follow it: a space for the whole word, nothing for
        the beginning of one.
        """
        if not words:
            return Source(table, (), {})
        return (
            self._few(table, row_id, words)
            if self._is_few(words)
            else self._walk(table, row_id, words)
        )

    def _is_few(self, words: Sequence[str]) -> bool:
        statement = Statement(
            f"SELECT count(*) FROM (SELECT 1 FROM {self._matching()} LIMIT %(limit)s) some"  # noqa: S608
        )
        return int(statement.rows(match=_query(words), limit=FEW + 1)[0][0]) <= FEW

    def _matching(self) -> str:
        if connection.vendor == "postgresql":
            return f"{self.listing} WHERE vector @@ %(match)s::tsquery"
        return f"{self.listing}_fts(%(match)s)"

    def _few(self, table: str, row_id: str, words: Sequence[str]) -> Source:
        values = {"match": _query(words)}
        if connection.vendor == "postgresql":
            found = f"(SELECT {self.key} AS found FROM {self._matching()}) fts"  # noqa: S608
            return Source(f"{found} JOIN {table} ON {row_id} = fts.found", (), values)
        return Source(
            f"{self.listing}_fts(%(match)s) fts CROSS JOIN {table} ON {row_id} = fts.rowid",
            (),
            values,
        )

    def _walk(self, table: str, row_id: str, words: Sequence[str]) -> Source:
        if connection.vendor == "postgresql":
            # A subquery of each row: a join would be answered from the index of words, all of it.
            held = f"(SELECT vector FROM {self.listing} WHERE {self.key} = {row_id})"  # noqa: S608
            return Source(table, (f"{held} @@ %(match)s::tsquery",), {"match": _query(words)})
        tables = f"{table} CROSS JOIN {self.listing} listing ON listing.{self.key} = {row_id}"
        values = {f"word{place}": f" {word}" for place, word in enumerate(words)}
        conditions = tuple(f"instr(listing.words, %({name})s) > 0" for name in values)
        return Source(tables, conditions, values)


def _query(words: Sequence[str]) -> str:
    return tsquery(words) if connection.vendor == "postgresql" else fts_query(words)


def fts_query(words: Sequence[str]) -> str:
    """Words as FTS5 reads them. They hold no quotes: see `tokenizer.words_of`."""
    return " AND ".join(f'"{word.strip()}"{"" if word.endswith(" ") else "*"}' for word in words)


def tsquery(words: Sequence[str]) -> str:
    """Words as a `tsquery` literal. They hold neither quotes nor backslashes."""
    return " & ".join(f"'{word.strip()}'{'' if word.endswith(' ') else ':*'}" for word in words)
