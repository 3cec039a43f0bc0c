"""The records of a CSV file with any delimiter. Child process only."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from statistics import mode

from media.sandbox import text_encoding
from media.sandbox.table_limits import MAX_FILE_BYTES, unreadable

# All but tab and the ends of lines.
CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A, 0x0D})
# A control character, which no text here has any more: each line is one cell.
NO_DELIMITER = "\x1f"
# By which the delimiter is told.
RECORDS_LOOKED_AT = 100
# How Excel is told the delimiter.
STATED_DELIMITER = re.compile(r'"?sep=([,;\t|])"?(?:\r\n|\r|\n)')
MARKUP = ("<!doctype", "<html", "<head", "<table", "<?xml", "<meta", "<style")


def read_text(data: bytes, encoding: str = "") -> text_encoding.TextFile:
    """Decode a file without its control characters; encoding: as of `text_encoding.decode`. Raises
    Refused also for what is no table."""
    file = text_encoding.decode(data, encoding)
    if "\0" in file.text:
        raise unreadable("This file isn't text: it holds NUL. Save the table as .csv or .xlsx.")
    if file.text.lstrip()[:20].lower().startswith(MARKUP):
        raise unreadable("This is a web page or XML, not a table. Save it as .xlsx or .csv.")
    return replace(file, text=file.text.translate(CONTROLS))


def records(text: str, header_row: int | None = 0) -> Iterator[list[str]]:
    """Yield the cells of each record; none for an empty line. Raises Refused for bad quoting.

    header_row: the record, from 1, that names the columns: the delimiter is told by it; 0: the
    first that isn't empty; None: not known, so most records tell it.
    """
    if match := STATED_DELIMITER.match(text):
        delimiter, text = match[1], text[match.end() :]
    else:
        delimiter = _delimiter(text, header_row)
    csv.field_size_limit(MAX_FILE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    beginning = 1
    try:
        for record in reader:
            yield [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in record]
            beginning = reader.line_num + 1
    except csv.Error:
        raise unreadable(
            f"The row in line {beginning} has a quotation mark that isn't closed, or text after a"
            " closing one. Inside a quoted cell, write quotation marks twice."
        ) from None


def _delimiter(text: str, header_row: int | None) -> str:
    """The one that divides the most records into as many cells as the header has."""
    best, most = NO_DELIMITER, (0.0, 1)
    for candidate in ",;\t":
        widths = _widths(text, candidate)
        text_widths = [width for width in widths if width]
        if header_row is None:
            width = mode(text_widths or [0])
        else:
            width = next(iter(widths[header_row - 1 :] if header_row else text_widths), 0)
        if width > 1:
            score = (text_widths.count(width) / len(text_widths), width)
            if score > most:
                best, most = candidate, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    """Count the cells of each record; 0 for one without text."""
    csv.field_size_limit(MAX_FILE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):
        return [len(record) * any(record) for record in islice(reader, RECORDS_LOOKED_AT)]
    return []
