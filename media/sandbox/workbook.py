"""The cells of an XLSX workbook as texts. Formulas count with the values that were stored for them,
and errors with their names. Child process only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import python_calamine

from media.sandbox.delimited_text import CONTROLS
from media.sandbox.table_limits import MAX_COLUMNS, too_large, unreadable
from media.sandbox.workbook_parts import DAMAGE_REFUSAL, ENCRYPTION_REFUSAL, Parts, elements

# Between the first and the last cell: the reader makes room for all of them.
MAX_AREA = 10_000_000
# A cell that isn't an empty element, and its place. Possessive, so that no text takes long.
_CELL = re.compile(rb"<(?:\w++:)?c\s([^<>]*+)(?<!/)>")
_PLACE = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})([0-9]{1,7})"')
_EMPTY_FORMULA = re.compile(
    rb"(?:</(?:\w++:)?f>|<(?:\w++:)?f(?:\s[^<>]*+)?(?<=/)>)\s*+"
    rb"(?:<(?:\w++:)?v\s*+(?:/>|>\s*+</(?:\w++:)?v>)\s*+)?</(?:\w++:)?c>"
)
# A cell with an error, up to the end of its value: the reader has no text for it.
_ERROR = re.compile(
    rb"<(?:\w++:)?c\s(?=[^<>]*\st=\"e\")([^<>]*+)(?<!/)>"
    rb"(?:<(?:\w++:)?f(?:\s[^<>]*+)?>[^<]*+(?:</(?:\w++:)?f>)?)?+"
    rb"<(?:\w++:)?v>\s*+(#[^<]{1,40}+)</"
)
# The beginnings of rows and columns, with their attributes.
_ROW = re.compile(rb"<(?:\w++:)?row(\s[^<>]*+)?+>")
_COLUMN = re.compile(rb"<(?:\w++:)?col\s([^<>]*+)>")
_ROW_NUMBER = re.compile(rb'\sr="([0-9]{1,7})"')
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
_SPAN = re.compile(rb'(?:^|\s)(min|max)="([0-9]{1,5})"')
_TABLE_END = re.compile(rb'\sref="[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}([0-9]{1,7})"')
_TOTALS = re.compile(rb'\stotalsRowCount="[1-9]')
HALF_SECOND = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: from the first on. hidden_rows: their places, also of rows that a filter or a collapsed
    group hides, and of totals; hidden_columns: as in rows. notice: what was assumed."""

    name: str
    rows: Iterator[list[str]]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    notice: str


class Workbook:
    """A workbook in memory. sheets: the names of those that are shown, in their order."""

    def __init__(self, data: bytes) -> None:
        self._parts = Parts(data)
        try:
            self._book = python_calamine.CalamineWorkbook.from_filelike(self._parts.repack())
        except python_calamine.PasswordError:
            raise unreadable(ENCRYPTION_REFUSAL) from None
        except python_calamine.CalamineError:
            raise unreadable(DAMAGE_REFUSAL) from None
        self.sheets = [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            and sheet.visible == python_calamine.SheetVisibleEnum.Visible
        ]

    def sheet(self, sheet_name: str) -> Sheet:
        """Read a sheet. sheet_name: its name, else the first that isn't empty."""
        if sheet_name and sheet_name not in self.sheets:
            raise unreadable(
                f"There is no sheet “{sheet_name[:100]}”."
                f" The file has: {', '.join(self.sheets)[:500]}."
            )
        for name in [sheet_name] if sheet_name else self.sheets:
            place = self._places().get(name, "")
            part = self._parts[place]
            _check_area(name, part)
            try:
                sheet = self._book.get_sheet_by_name(name)
            except python_calamine.CalamineError:
                raise unreadable(DAMAGE_REFUSAL) from None
            if sheet.height:
                # Rows are counted from the first of the sheet, columns from the first that is used.
                start = sheet.start[1] if sheet.start else 0
                cell_errors = _cell_errors(part)
                return Sheet(
                    name,
                    (
                        [
                            _text(cell) or cell_errors.get((row, column), "")
                            for column, cell in enumerate(cells, start)
                        ]
                        for row, cells in enumerate(sheet.iter_rows())
                    ),
                    _hidden_rows(part) | self._totals(place),
                    frozenset(column - start for column in _hidden_columns(part)),
                    _notice(part),
                )
        raise unreadable("The sheet is empty. Its first row names the columns.")

    def _totals(self, place: str) -> frozenset[int]:
        """The rows of a sheet that hold the totals of its tables."""
        heads = [table[:4096] for table in self._parts.parts_of_kind(place, "table")]
        ends = [_TABLE_END.search(head) for head in heads if _TOTALS.search(head)]
        return frozenset(int(end[1]) - 1 for end in ends if end)

    def _places(self) -> dict[str, str]:
        """The part of each sheet by its name."""
        targets = {
            relation.id: relation.target for relation in self._parts.relations(self._parts.book)
        }
        return {
            element.get("name", ""): targets.get(_relation(element), "")
            for element in elements(self._parts[self._parts.book])
            if element.tag.endswith("}sheet")
        }


def _relation(sheet: ElementTree.Element) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


def _check_area(name: str, part: bytes) -> None:
    """Raise Refused when the first and the last cell of a sheet are too far apart."""
    columns, rows, last = set[bytes](), set[int](), b""
    for cell in _CELL.finditer(part):
        if place := _PLACE.search(cell[1]):
            columns.add(place[1])
            rows.add(int(place[2]))
            last = place[1] + place[2]
    if not rows:
        return
    places = [_column_number(column) for column in columns]
    area = (max(places) - min(places) + 1) * (max(rows) - min(rows) + 1)
    if area > MAX_AREA:
        raise too_large(
            f"The cells of the sheet “{name[:100]}” are too far apart: the last is {last.decode()}."
            " Delete what isn't part of the table."
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _cell_errors(part: bytes) -> dict[tuple[int, int], str]:
    """The names of errors, by row and column."""
    cell_errors = {}
    for cell in _ERROR.finditer(part):
        if place := _PLACE.search(cell[1]):
            name = cell[2].decode("utf-8", "replace").strip()
            cell_errors[int(place[2]) - 1, _column_number(place[1]) - 1] = name
    return cell_errors


def _hidden_rows(part: bytes) -> frozenset[int]:
    hidden, number = set(), 0
    for row in _ROW.finditer(part):
        attributes = row[1] or b""
        place = _ROW_NUMBER.search(attributes)
        number = int(place[1]) if place else number + 1
        if _HIDDEN.search(attributes):
            hidden.add(number - 1)
    return frozenset(hidden)


def _hidden_columns(part: bytes) -> frozenset[int]:
    hidden: set[int] = set()
    for column in _COLUMN.finditer(part):
        attributes = b" " + column[1]
        if _HIDDEN.search(attributes):
            span = {name: int(number) for name, number in _SPAN.findall(attributes)}
            first = span.get(b"min", 1)
            # What is hidden to the end of the sheet is no column of the table.
            last = min(span.get(b"max", first), first + MAX_COLUMNS)
            hidden.update(range(first - 1, last))
    return frozenset(hidden)


def _notice(part: bytes) -> str:
    count = sum(1 for _ in _EMPTY_FORMULA.finditer(part))
    if not count:
        return ""
    cells = "A formula has" if count == 1 else f"{count:,} formulas have"
    return (
        f"{cells} no stored value and count as empty. Save the file in Excel, then send it again."
    )


def _text(value: Any) -> str:
    match value:
        case str():
            return value.translate(CONTROLS).replace("\r\n", "\n").replace("\r", "\n")
        case bool():
            return str(value).lower()
        case int() | float():
            return _number(value)
        case datetime():
            return (value + HALF_SECOND).replace(microsecond=0).isoformat()
        case date():
            return value.isoformat()
        case time():
            return (datetime.combine(date.min, value) + HALF_SECOND).time().isoformat("seconds")
        case timedelta():
            seconds = round(value.total_seconds())
            hours, rest = divmod(abs(seconds), 3600)
            sign = "-" if seconds < 0 else ""
            return f"{sign}{hours}:{rest // 60:02}:{rest % 60:02}"
    return ""


def _number(value: float) -> str:
    """As people write it: no exponent, and no more than the 15 digits that Excel keeps."""
    if not math.isfinite(value):
        return ""
    return format(Decimal(format(value, ".15g")), "f") if value % 1 else str(int(value))
