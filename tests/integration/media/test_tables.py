"""Tables that people send: read as texts, or refused with the remedy; and the tables they get."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidBody
from media.sandbox import table
from media.sandbox.table_limits import TOO_LARGE, UNREADABLE
from media.tables import Table, read_table, write_csv
from mediakit.errors import Refused
from tests.support.builders import tables
from tests.support.builders.tables import (
    DATE,
    HOUR,
    MOMENT,
    SIMPLE,
    SPAN,
    packed,
    parts_of,
    row,
    value,
    words,
    workbook,
)
from tests.support.faults.confining import light_children

Rows = list[list[str]]
Make = bytes | str | Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what is read of it; a number of rows where there are too many to write down."""

    name: str
    make: Make
    columns: list[str]
    rows: Rows | int
    notice: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    choice: str = ""

    def answer(self) -> dict[str, Any]:
        sheets = list(self.sheets or ([self.sheet] if self.sheet else []))
        in_a_workbook = {"sheet": self.sheet, "sheets": sheets} if sheets else {}
        return {"columns": self.columns, "rows": self.rows, **in_a_workbook}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, the code of its refusal, and words of it."""

    name: str
    make: Make
    code: str
    says: str
    choice: str = ""


def columns_of(count: int) -> list[str]:
    return [f"c{n}" for n in range(1, count + 1)]


def lines(count: int) -> str:
    return "prompt\n" + "a cat\n" * count


AB = ["a", "b"]
PEOPLE = ["name", "age"]
ANN = [["Ann", "3"]]
TYPES = words("n", "day", "moment", "time", "span", "yes", "no", "error", "large", "small") + row(
    2,
    value("A2", "3.0"),
    value("B2", "45292", style=DATE),
    value("C2", "45292.4375", style=MOMENT),
    value("D2", "0.4375", style=HOUR),
    value("E2", "1.0625", style=SPAN),
    value("F2", "1", kind="b"),
    value("G2", "0", kind="b"),
    value("H2", "#N/A", kind="e"),
    value("I2", "1E+20"),
    value("J2", "1.5E-7"),
)
TYPED = ["3", "2024-01-01", "2024-01-01T10:30:00", "10:30:00", "25:30:00", "true", "false", "#N/A"]
SEVERAL = {"Empty": "", "Secret": words("no"), "One": SIMPLE, "Two": words("other")}

READ = [
    Case("plain.csv", "a,b\n1,2\n", AB, [["1", "2"]]),
    Case("utf-8-mark.csv", b"\xef\xbb\xbfa,b\n1,2\n", AB, [["1", "2"]]),
    Case("utf-16-le.csv", b"\xff\xfe" + "a\tb\n1\tü\n".encode("utf-16-le"), AB, [["1", "ü"]]),
    Case("utf-16-be.csv", b"\xfe\xff" + "a,b\n1,ü\n".encode("utf-16-be"), AB, [["1", "ü"]]),
    Case("cp1252.csv", "a,b\n1,Käse €\n".encode("cp1252"), AB, [["1", "Käse €"]], "Windows-1252"),
    Case("semicolons.csv", "a;b\n1,5;2,5\n3;4\n", AB, [["1,5", "2,5"], ["3", "4"]]),
    Case("tabs.tsv", "a\tb\n1, 2; 3\t4\n", AB, [["1, 2; 3", "4"]]),
    Case("stated.csv", "sep=;\r\na;b\r\n1;2\r\n", AB, [["1", "2"]]),
    Case("quoted-lines.csv", 'a,b\n"one\r\ntwo",2\n', AB, [["one\ntwo", "2"]]),
    Case("quotes.csv", 'a,b\n"say ""hi"", now",5"\n', AB, [['say "hi", now', '5"']]),
    Case("quotes-by-another-sign.csv", 'x;y\n1,"a" b,2\n3,"c" d,4\n', ["x", "y"],
         [['1,"a" b,2', ""], ['3,"c" d,4', ""]]),
    Case("cr.csv", "a,b\r1,2\r", AB, [["1", "2"]]),
    Case("controls.csv", "a,b\n\x011\x1b,2\x7f\n", AB, [["1", "2"]]),
    Case("header-twice.csv", "a,a,,a 2,a\n1,2,3,4,5\n", ["a", "a 2", "Column 3", "a 2 2", "a 3"],
         [["1", "2", "3", "4", "5"]]),
    Case("ragged.csv", "a,b\n1\n1,2,3\n,2\n", [*AB, "Column 3"],
         [["1", "", ""], ["1", "2", "3"], ["", "2", ""]]),
    Case("empty-rows.csv", "\n,\na,b\n1,2\n\n , \n3,4\n,,\n\n", AB, [["1", "2"], ["3", "4"]]),
    Case("empty-columns.csv", "a,b,,\n1,2,,\n", AB, [["1", "2"]]),
    Case("formulas.csv", "a,b\n=1+1,@x\n+1,-2\n", AB, [["=1+1", "@x"], ["+1", "-2"]]),
    Case("one-column.csv", "prompt\nA cat, sitting; alone\nA dog\n", ["prompt"],
         [["A cat, sitting; alone"], ["A dog"]]),
    Case("10000-rows.csv", lambda: lines(10_000).encode(), ["prompt"], 10_000),
    Case("100-columns.csv", ",".join(columns_of(100)), columns_of(100), []),
    Case("32767-characters.csv", lambda: b"a\n" + b"x" * 32_767, ["a"], 1),
    Case("text.xlsx", "a,b\n1,2\n", AB, [["1", "2"]]),
    Case("begins-like-zip.csv", "PK,b\n1,2\n", ["PK", "b"], [["1", "2"]]),
    Case("export.xls", "a\tb\n1\t2\n", AB, [["1", "2"]]),
    Case("workbook.csv", workbook(SIMPLE), PEOPLE, ANN, sheet="Sheet1"),
    Case("macro.xlsm", packed(parts_of({"S": SIMPLE}) | {"xl/vbaProject.bin": b"\xd0\xcf" * 99}),
         PEOPLE, ANN, sheet="S"),
    Case("shared-strings.xlsx",
         workbook(row(1, value("A1", "0", kind="s"), value("B1", "1", kind="s")) +
                  row(2, value("A2", "1", kind="s")),
                  shared="<si><t>a</t></si><si><r><t>b</t></r><r><t>old</t></r></si>"),
         ["a", "bold"], [["bold", ""]], sheet="Sheet1"),
    Case("types.xlsx", workbook(TYPES),
         ["n", "day", "moment", "time", "span", "yes", "no", "error", "large", "small"],
         [[*TYPED, "100000000000000000000", "0.00000015"]], sheet="Sheet1"),
    Case("formulas.xlsx",
         workbook(words("a") + row(2, value("A2", "7", formula="3+4"))), ["a"], [["7"]],
         sheet="Sheet1"),
    Case("uncalculated.xlsx",
         workbook(words("a", "b") + row(2, value("A2", "", formula="3+4"), value("B2", "1"))), AB,
         [["", "1"]], "A formula has no stored value", sheet="Sheet1"),
    Case("merged.xlsx",
         workbook(words("a", "b") + row(2, value("A2", "1")),
                  behind='<mergeCells><mergeCell ref="A2:B2"/></mergeCells>'),
         AB, [["1", ""]], sheet="Sheet1"),
    Case("first-shown.xlsx", packed(parts_of(SEVERAL, states={"Secret": "hidden"})), PEOPLE, ANN,
         sheet="One", sheets=("Empty", "One", "Two")),
    Case("wanted-sheet.xlsx", packed(parts_of(SEVERAL, states={"Secret": "veryHidden"})), ["other"],
         [], sheet="Two", sheets=("Empty", "One", "Two"), choice="Two"),
    Case("begins-in-c3.xlsx",
         workbook(row(3, value("C3", "a", kind="str")) + row(6, value("C6", "1"))), ["a"], [["1"]],
         sheet="Sheet1"),
    Case("nul-in-cell.xlsx", workbook(words("a") + words("x_x0000_y", row=2)), ["a"], [["xy"]],
         sheet="Sheet1"),
    Case("deep.xlsx", workbook(SIMPLE + "<x>" * 50_000 + "</x>" * 50_000), PEOPLE, ANN,
         sheet="Sheet1"),
    Case("styled-to-the-end.xlsx",
         workbook(SIMPLE + row(1_048_576, '<c r="XFD1048576" s="1"/>')), PEOPLE, ANN,
         sheet="Sheet1"),
]  # fmt: skip

REFUSED = [
    Refusal("empty.csv", "", UNREADABLE, "empty"),
    Refusal("nul.csv", b"a,b\n1,\x00\n", UNREADABLE, "NUL"),
    Refusal("cut-utf-16.csv", b"\xff\xfea\0b", UNREADABLE, "CSV UTF-8"),
    Refusal("open-quote.csv", 'a,b\n1,2\n"3,4\n5,6\n', UNREADABLE, "line 3"),
    Refusal("10001-rows.csv", lambda: lines(10_001).encode(), TOO_LARGE, "more than 10,000 rows"),
    Refusal("101-columns.csv", ",".join(columns_of(101)), TOO_LARGE, "101 columns"),
    Refusal("32768-characters.csv", "a\n" + "x" * 32_768, TOO_LARGE, "Row 2, column 1 has 32,768"),
    Refusal("20-mb.csv", lambda: b"a\n" * 10_000_001, TOO_LARGE, "20 MB"),
    Refusal("page.xls", "<html><table><tr><td>a</td></tr></table>", UNREADABLE, "web page"),
    Refusal("picture.png", b"\x89PNG\r\n\x1a\n", UNREADABLE, "end in .png"),
    Refusal("sheet.ods", packed({"mimetype": "x", "content.xml": "<a/>"}), UNREADABLE, ".ods"),
    Refusal("binary.xlsx", packed({"xl/workbook.bin": b"x"}), UNREADABLE, "no .xlsx workbook"),
    Refusal("old.xls", tables.compound("Workbook"), UNREADABLE, "old Excel"),
    Refusal("password.xlsx", tables.compound("EncryptedPackage"), UNREADABLE, "password"),
    Refusal("password-zip.xlsx", tables.encrypted_archive(), UNREADABLE, "password"),
    Refusal("cut.xlsx", workbook(SIMPLE)[:-200], UNREADABLE, "damaged"),
    Refusal("cut-sheet.xlsx", packed(parts_of({"S": "<row><c"})), UNREADABLE, "damaged"),
    Refusal("empty-sheets.xlsx", packed(parts_of({"A": "", "B": ""})), UNREADABLE, "empty"),
    Refusal("no-such-sheet.xlsx", workbook(SIMPLE), UNREADABLE, "The file has: Sheet1", "Sheet9"),
    Refusal("hidden-sheet.xlsx", packed(parts_of(SEVERAL, states={"Secret": "hidden"})),
            UNREADABLE, "no sheet “Secret”", "Secret"),
    Refusal("laughs.xlsx", workbook(words("a&a9;").replace("&amp;", "&"), prolog=tables.laughs()),
            UNREADABLE, "damaged"),
    Refusal("laughs-in-names.xlsx", tables.laughing_names(), UNREADABLE, "damaged"),
    Refusal("foreign-entity.xlsx",
            workbook(words("a&x;").replace("&amp;", "&"), prolog=tables.FOREIGN_ENTITY),
            UNREADABLE, "damaged"),
    # Its patterns may not look at each place again and again.
    Refusal("open-tags.xlsx", workbook("<c " * 300_000), UNREADABLE, "damaged"),
    Refusal("bomb.xlsx", tables.bomb, TOO_LARGE, "200 MB unpacked"),
    Refusal("far-cells.xlsx", workbook(SIMPLE + row(1_048_576, value("XFD1048576", "1"))),
            TOO_LARGE, "the last is XFD1048576"),
    Refusal("text-flood.xlsx", tables.shared_flood, TOO_LARGE, "32 MB of text"),
]  # fmt: skip


def data_of(make: Make) -> bytes:
    data = make() if callable(make) else make
    return data.encode() if isinstance(data, str) else data


def read(case: Case | Refusal, folder: Path) -> dict[str, Any]:
    path = folder / "file"
    path.write_bytes(data_of(case.make))
    arguments = {"path": str(path), "name": case.name, "sheet": case.choice}
    return table.read_table(arguments, lambda *_: None)


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_a_table_is_read_as_texts(case: Case, tmp_path: Path) -> None:
    answer = read(case, tmp_path)
    notice = answer.pop("notice")
    assert (case.notice in notice, bool(notice)) == (True, bool(case.notice))
    # Of a row in the database.
    assert len(notice) <= 200
    if isinstance(case.rows, int):
        answer["rows"] = len(answer["rows"])
    assert {name: answer[name] for name in case.answer()} == case.answer()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_is_no_table_or_too_large_a_one_is_refused_with_the_remedy(
    case: Refusal, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as caught:
        read(case, tmp_path)
    assert (caught.value.error_type, case.says in caught.value.message) == (case.code, True), (
        caught.value.message
    )
    assert str(tmp_path) not in caught.value.message


@pytest.fixture(name="_light_children")
def _light_children_only() -> Iterator[None]:
    yield from light_children()


@pytest.mark.django_db
@pytest.mark.usefixtures("_light_children")
def test_tables_are_read_in_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_bytes(packed(parts_of(SEVERAL)))
    assert read_table(path, "people.xlsx", sheet="Two") == Table(
        ["other"], [], "Two", [*SEVERAL], head=[{"row": 1, "cells": ["other"], "width": 1}]
    )
    # More than a reply of the sandbox may have.
    assert len(read_table(b"x" * 999 + b"\n" + (b"y" * 999 + b"\n") * 9_999, "a.csv").rows) == 9_999


@pytest.mark.django_db
@pytest.mark.usefixtures("_light_children")
def test_refusals_and_crashes_of_the_sandbox_say_what_to_do() -> None:
    for data, code, says in (
        (tables.lying_bomb(), UNREADABLE, "damaged"),
        # Cells that say nowhere where they are can't be seen to be far apart: the child crashes.
        (tables.unseen_area(), UNREADABLE, "couldn't be read"),
        (b"a\n" * 10_000_001, TOO_LARGE, "20 MB"),
    ):
        with pytest.raises(InvalidBody) as caught:
            read_table(data, "table.xlsx")
        assert (caught.value.status, caught.value.code) == (400, code)
        assert says in caught.value.message
        assert says in caught.value.person


def test_a_table_that_is_written_runs_nothing_in_a_spreadsheet() -> None:
    cells = ["=1+1", "+1.5", "-3", "-3.5%", "+1+1", "-x", "@x", "\tx", "\rx", "\uff1dx", "a=b", "é"]
    guarded = [
        cell if cell in ("+1.5", "-3", "-3.5%", "a=b", "é") else f"'\u2060{cell}" for cell in cells
    ]
    # Each in quotation marks: where another sign separates, a cell is one cell all the same.
    cells += ["x;=1+1", "x\t=1+1"]
    guarded += ["x;=1+1", "x\t=1+1"]
    written = b"".join(write_csv(["=a", 'say "b", c'], [cells, ["two\nlines", ""]]))
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == (
        '"\'\u2060=a","say ""b"", c"\r\n'
        + ",".join(f'"{cell}"' for cell in guarded)
        + '\r\n"two\nlines",""\r\n'
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("_light_children")
@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_a_table_that_was_written_is_read_with_the_same_texts(name: str) -> None:
    cells = ["- a lamp", "=sum", "@anna", "+49 30", "-5", "\uff1dwide", "\tx"]
    # Apostrophes of the person's own stay, also where they look like the guard.
    cells += ["'- a lamp", "'quoted' words", "'\u2060=1", "\u2060=1"]
    heads = [f"{cell} {at}" for at, cell in enumerate(cells)]
    if name.endswith("csv"):
        data = b"".join(write_csv(heads, [cells, ["'", *cells[1:]]]))
    else:
        # As a spreadsheet saves what it read of that.
        lines = b"".join(write_csv(heads, [cells])).decode("utf-8-sig").splitlines()
        names, texts = csv.reader(lines)
        data = workbook(words(*names) + words(*texts, row=2))
    table = read_table(data, name)
    assert table.columns == [" ".join(head.split()) for head in heads]
    assert table.rows[0] == cells
    assert len(table.head[0]["cells"]) > 1
    assert not any(cell.startswith("'\u2060-") for cell in table.head[0]["cells"])
