"""The cells of a CSV or XLSX file as texts. Child process only."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any

from media.sandbox import delimited_text, workbook
from media.sandbox.table_limits import (
    FILE_TOO_LARGE,
    GUARD,
    HEAD_ROWS,
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TEXT_BYTES,
    too_large,
    unreadable,
)
from media.sandbox.workbook_parts import ENCRYPTION_REFUSAL
from mediakit.errors import Refused

# Many programs export text under the name .xls: the content decides between text and workbook.
ENDINGS = ("", ".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls")
# The Compound File Binary format, of old Excel and of encrypted workbooks.
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of zip, with and without a file in it.
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
NOTICE = "Read as {}, because it isn't UTF-8. Check letters such as ä and é."
# What is shown of a row among the first.
HEAD_CELLS, HEAD_CELL = 6, 40
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def read_table(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; name, as its owner calls the file; sheet, encoding, header_row, as
    `media.tables.read_table` takes them; out, a folder for the answer.

    Returns the fields of `media.tables.Table`; into `table.json` where there is a folder, for a
    reply may be shorter than a table. Raises Refused with an error code as its error_type.
    """
    table = _table(Path(arguments["path"]), arguments["name"], arguments)
    if "out" not in arguments:
        return table
    target = Path(arguments["out"]) / "table.json"
    target.write_text(json.dumps(table, ensure_ascii=False), "utf-8")
    return {"file": target.name}


def _table(path: Path, name: str, reading: Mapping[str, Any]) -> dict[str, Any]:
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise unreadable(f"Files that end in {ending[:20]} aren't read. Save it as .xlsx or .csv.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise too_large(FILE_TOO_LARGE)
    data, header_row = path.read_bytes(), reading.get("header_row") or 0
    if data.startswith(COMPOUND_FILE):
        if ENCRYPTED_STREAM in data:
            raise unreadable(ENCRYPTION_REFUSAL)
        raise unreadable("This is a file of an old Excel (.xls). Save it as .xlsx or .csv.")
    if not data.startswith(ARCHIVES):
        file = delimited_text.read_text(data, reading.get("encoding") or "")
        head = list[dict[str, Any]]()
        # By another delimiter than the header's, quotation marks may be wrong that are right.
        with contextlib.suppress(Refused):
            head = _head(islice(delimited_text.records(file.text, None), HEAD_ROWS))
        return {
            **_shape(delimited_text.records(file.text, header_row), header_row),
            "head": head,
            "encoding": file.encoding,
            "samples": file.samples,
            "notice": NOTICE.format(file.encoding) if file.samples else "",
        }
    book = workbook.Workbook(data)
    sheet = book.sheet(reading.get("sheet") or "")
    first_rows = list(islice(sheet.rows, HEAD_ROWS))
    rows = chain(first_rows, sheet.rows)
    return {
        **_shape(rows, header_row, sheet.hidden_rows, sheet.hidden_columns),
        "head": _head(first_rows),
        "sheet": sheet.name,
        "sheets": book.sheets,
        "notice": sheet.notice,
    }


def _shape(
    records: Iterable[list[str]],
    header_row: int,
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
) -> dict[str, Any]:
    """Return the names of the columns and the rows, all as long as these. Empty rows are left out,
    and so are columns at the end that have neither a name nor a cell, and what is above the row of
    the names: header_row, from 1; 0: the first that isn't empty."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    text_bytes = 0
    for number, record in enumerate(records, 1):
        row = _cells(record)
        if not row or number < header_row:
            continue
        if len(row) > MAX_COLUMNS:
            raise too_large(
                f"Row {number} has {len(row)} columns; a table may have {MAX_COLUMNS}. Leave some"
                " out."
            )
        for position, cell in enumerate(row, 1):
            if len(cell) > MAX_CELL_CHARACTERS:
                raise too_large(
                    f"Row {number}, column {position} has {len(cell):,} characters; a cell may have"
                    f" {MAX_CELL_CHARACTERS:,}. Shorten it."
                )
            text_bytes += len(cell.encode())
        rows.append(row)
        numbers.append(number)
        # The first names the columns.
        if len(rows) > MAX_ROWS + 1:
            raise too_large(
                f"The table has more than {MAX_ROWS:,} rows. Split it into several files."
            )
        if text_bytes > MAX_TEXT_BYTES:
            raise too_large(
                "The table's cells hold more than 32 MB of text. Split it into several files."
            )
    if not rows:
        raise unreadable("The table is empty. Its first row names the columns.")
    width = max(len(row) for row in rows)
    equal_rows = [[*row, *[""] * (width - len(row))] for row in rows]
    return {
        "columns": _names(equal_rows[0]),
        "rows": equal_rows[1:],
        "hidden_rows": [at for at, number in enumerate(numbers[1:]) if number - 1 in hidden_rows],
        "hidden_columns": [place for place in range(width) if place in hidden_columns],
    }


def _head(rows: Iterable[list[str]]) -> list[dict[str, Any]]:
    """The first rows that aren't empty, by their number in the file."""
    return [
        {"row": number, "cells": [cell[:HEAD_CELL] for cell in row[:HEAD_CELLS]], "width": len(row)}
        for number, row in enumerate(map(_cells, rows), 1)
        if row
    ]


def _cells(record: list[str]) -> list[str]:
    """Return the texts of a record's cells, without blank ones at the end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return [cell.removeprefix(GUARD) for cell in record[:end]]


def _names(header: list[str]) -> list[str]:
    """The names of the columns: none empty, and no two alike."""
    names: dict[str, None] = {}
    for position, cell in enumerate(header, 1):
        plain = " ".join(cell.split()) or f"Column {position}"
        name, count = plain, 1
        while name in names:
            count += 1
            name = f"{plain} {count}"
        names[name] = None
    return list(names)
