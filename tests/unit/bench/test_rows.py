"""Choosing what to measure."""

from __future__ import annotations

import pytest

from tests.bench.rows import ROWS, UnknownRow, chosen
from tests.support.program import ROOT


def test_measures_all_but_the_slow_rows_when_none_is_named() -> None:
    names = [row.name for row in chosen([])]
    assert "clone" not in names
    assert names == [row.name for row in ROWS if not row.slow]
    assert [row.name for row in chosen([], everything=True)] == [row.name for row in ROWS]


def test_measures_named_rows_in_the_order_of_the_table() -> None:
    assert [row.name for row in chosen(["clone", "start"])] == ["start", "clone"]


def test_names_the_rows_there_are_when_asked_for_another() -> None:
    with pytest.raises(UnknownRow, match=r"no row speed\. Rows: start, plan, "):
        chosen(["start", "speed"])


def test_measures_rows_about_the_database_on_both() -> None:
    (row,) = chosen(["chain"])
    assert [name for name, _ in row.parts()] == ["chain, SQLite", "chain, Postgres"]


def test_every_row_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "bench.md").read_text()
    for row in ROWS:
        assert row.what, f"{row.name} has no docstring"
        assert f"| `{row.name}`" in page, f"docs/reference/bench.md does not explain {row.name}"
