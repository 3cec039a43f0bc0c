"""The cells of a CSV or XLSX file as texts. Child process only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any

from media.sandbox import delimited_text, workbook
from media.sandbox.table_limits import (
    FILE_TOO_LARGE,
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TEXT_BYTES,
    too_large,
    unreadable,
)

# Many programs export text under the name .xls: the content decides between text and workbook.
ENDINGS = ("", ".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls")
# The Compound File Binary format, of old Excel and of encrypted workbooks.
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Of zip, with and without a file in it.
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def read_table(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; name, as its owner calls the file; sheet, else the first that is shown and
    not empty; out, a folder for the answer.

    Returns columns, rows, sheet, sheets and notice; into `table.json` where there is a folder, for
    a reply may be shorter than a table. Raises Refused with an error code as its error_type.
    """
    table = _table(Path(arguments["path"]), arguments["name"], arguments.get("sheet") or "")
    if "out" not in arguments:
        return table
    target = Path(arguments["out"]) / "table.json"
    target.write_text(json.dumps(table, ensure_ascii=False), "utf-8")
    return {"file": target.name}


def _table(path: Path, name: str, sheet_name: str) -> dict[str, Any]:
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise unreadable(f"Files that end in {ending[:20]} aren't read. Save it as .xlsx or .csv.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise too_large(FILE_TOO_LARGE)
    data = path.read_bytes()
    if data.startswith(COMPOUND_FILE):
        if ENCRYPTED_STREAM in data:
            raise unreadable(workbook.ENCRYPTION_REFUSAL)
        raise unreadable("This is a file of an old Excel (.xls). Save it as .xlsx or .csv.")
    if not data.startswith(ARCHIVES):
        text, notice = delimited_text.decode_text(data)
        columns, rows = _shape(delimited_text.records(text))
        sheet, sheets = "", []
    else:
        book = workbook.Workbook(data)
        sheets = book.sheets
        sheet, cells, notice = book.rows_of(sheet_name)
        columns, rows = _shape(cells)
    return {"columns": columns, "rows": rows, "sheet": sheet, "sheets": sheets, "notice": notice}


def _shape(records: Iterable[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and the rows, all as long as these. Empty rows are left out,
    and so are columns at the end that have neither a name nor a cell."""
    rows: list[list[str]] = []
    text_bytes = 0
    for number, record in enumerate(records, 1):
        row = _trim(record)
        if not row:
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
    return _names(equal_rows[0]), equal_rows[1:]


def _trim(record: list[str]) -> list[str]:
    """The cells without blank ones at the end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return record[:end]


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
