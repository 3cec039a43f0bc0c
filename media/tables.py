"""Tables that people send and get: CSV and XLSX in, CSV out.

Nothing of a file that was sent is decoded in this process.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import mode

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from core.errors import InvalidBody, ProviderError, ProviderTimeout
from media import blobs
from media.presigned_uploads import TABLE
from media.sandbox import Unwatched, run_in_sandbox
from media.sandbox.table_limits import (
    FILE_TOO_LARGE,
    GUARD,
    HEAD_ROWS,
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TEXT_BYTES,
    TOO_LARGE,
    UNREADABLE,
)

TEXT = "text/csv"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {TEXT: "csv", WORKBOOK: "xlsx"}
TIMEOUT_S = 60.0
# JSON has two bytes for a quotation mark, and marks around each cell.
MAX_RESULT_BYTES = 2 * MAX_TEXT_BYTES + 4 * (MAX_ROWS + 1) * MAX_COLUMNS + 1_000_000
TOO_MUCH = "The table takes too much memory or time to read. Save it as .csv, or split it."
BROKEN = "The table couldn't be read. Save it again as .xlsx or .csv, and send that."
# What spreadsheets take for the beginning of a formula, also by their full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_PLAIN_NUMBER = re.compile(r"[+-](?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


class HeadRow(TypedDict):
    """One of a file's first rows: its number from 1, its first cells, and how many it has."""

    row: int
    cells: list[str]
    width: int


@dataclass(frozen=True, slots=True)
class Table:
    """columns: no two names are alike. rows: as many texts each as there are columns. sheet: the
    one that was read, of sheets; empty of a CSV file. notice: what was assumed, for people.

    hidden_rows, hidden_columns: positions of what a workbook doesn't show, totals among them.
    samples: where the encoding is a guess, encoding → a line of the file as it would be read.
    head: the first rows of the file.
    """

    columns: list[str]
    rows: list[list[str]]
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    notice: str = ""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    encoding: str = ""
    samples: dict[str, str] = field(default_factory=dict)
    head: list[HeadRow] = field(default_factory=list)

    @property
    def usual_header(self) -> int:
        """The number of the first row that has as many cells as most."""
        usual_width = mode(row["width"] for row in self.head)
        return next(row["row"] for row in self.head if row["width"] >= usual_width)


_TABLE = TypeAdapter(Table)


def read_table(
    source: Path | bytes,
    name: str,
    *,
    sheet: str = "",
    encoding: str = "",
    header_row: int = 0,
) -> Table:
    """Read a CSV or XLSX file; name: as its owner calls it. sheet: of a workbook, else its first
    that is shown and not empty. encoding: one of `samples`, else a guess where it isn't UTF-8.
    header_row: the row that names the columns, from 1; 0: the first that isn't empty.

    Raises InvalidBody `table.too_large` or `table.unreadable`, which says what to do;
    ProviderError when this machine may read no files; MediaFolderAway.
    """
    folder = blobs.attempt_dir("table")
    try:
        if isinstance(source, bytes):
            if len(source) > MAX_FILE_BYTES:
                raise InvalidBody(FILE_TOO_LARGE, code=TOO_LARGE)
            path = folder / "source"
            path.write_bytes(source)
        else:
            path = source.absolute()
        run_in_sandbox(
            "media.sandbox.table.read_table",
            {
                "path": str(path),
                "name": name,
                "sheet": sheet,
                "encoding": encoding,
                "header_row": header_row,
            },
            reads=[path],
            out=folder,
            timeout_s=TIMEOUT_S,
            context=Unwatched(),
        )
        return _result(folder / "table.json")
    except ProviderError as problem:
        raise _refusal(problem) from problem
    finally:
        blobs.discard(folder)


def facts_of(path: Path, name: str) -> blobs.FileFacts:
    """Return what a file is that was sent as a table. Raises as `read_table`."""
    is_workbook = bool(read_table(path, name).sheets)
    return blobs.FileFacts(kind=TABLE, mime=WORKBOOK if is_workbook else TEXT)


def _refusal(problem: ProviderError) -> InvalidBody | ProviderError:
    if problem.error_type in (UNREADABLE, TOO_LARGE):
        return InvalidBody(problem.message, code=problem.error_type)
    if isinstance(problem, ProviderTimeout) or problem.error_type == "PARAMETER_INVALID":
        return InvalidBody(TOO_MUCH, code=TOO_LARGE)
    # A child that crashed; else this machine cannot confine one.
    return InvalidBody(BROKEN, code=UNREADABLE) if problem.retryable else problem


def _result(path: Path) -> Table:
    """The table that the child wrote. It may have been taken over: no link is followed, no pipe
    waited for, and no more taken than a table may hold."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = file.read(MAX_RESULT_BYTES + 1) if is_file else b""
        table = _TABLE.validate_json(data if len(data) <= MAX_RESULT_BYTES else b"", strict=True)
    except (OSError, ValidationError):
        raise InvalidBody(BROKEN, code=UNREADABLE) from None
    width = len(table.columns)
    is_as_promised = (
        width <= MAX_COLUMNS
        and len(table.rows) <= MAX_ROWS
        and len(table.head) <= HEAD_ROWS
        and _are_as_promised(table.rows, width)
    )
    if not is_as_promised:
        raise InvalidBody(BROKEN, code=UNREADABLE)
    return table


def _are_as_promised(rows: list[list[str]], width: int) -> bool:
    return all(
        len(row) == width and all(len(cell) <= MAX_CELL_CHARACTERS for cell in row) for row in rows
    )


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV file (RFC 4180, UTF-8 with its mark, for Excel) line by line.

    A cell that a spreadsheet would run as a formula gets GUARD in front, which `read_table` leaves
    out again; numbers stay.
    """
    buffer = io.StringIO(newline="")
    # All in quotation marks: where another sign separates, no part of a cell is a formula.
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    mark = "\ufeff"
    for row in chain([columns], rows):
        writer.writerow([_inert(cell) for cell in row])
        yield (mark + buffer.getvalue()).encode()
        mark = ""
        buffer.seek(0)
        buffer.truncate()


def _inert(cell: str) -> str:
    if cell.startswith((GUARD, *_FORMULA)) and not _PLAIN_NUMBER.fullmatch(cell):
        return GUARD + cell
    return cell
