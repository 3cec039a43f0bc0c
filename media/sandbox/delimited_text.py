"""The records of a CSV file of any encoding and delimiter. Child process only."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from media.sandbox.table_limits import MAX_FILE_BYTES, unreadable

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# All but tab and the ends of lines.
CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A, 0x0D})
# A control character, which no text here has any more: each line is one cell.
NO_DELIMITER = "\x1f"
# By which the delimiter is told.
RECORDS_LOOKED_AT = 100
# How Excel is told the delimiter.
STATED_DELIMITER = re.compile(r'"?sep=([,;\t|])"?(?:\r\n|\r|\n)')
MARKUP = ("<!doctype", "<html", "<head", "<table", "<?xml", "<meta", "<style")


def decode_text(data: bytes) -> tuple[str, str]:
    """Return the text without control characters, and what was assumed about its encoding."""
    encoding = next((BYTE_ORDER_MARKS[m] for m in BYTE_ORDER_MARKS if data.startswith(m)), "utf-8")
    notice = ""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise unreadable(
                "The file's text is damaged. Save it as “CSV UTF-8”, or as .xlsx."
            ) from None
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise unreadable(
                "The file's encoding isn't known. Save it as “CSV UTF-8”, or as .xlsx."
            ) from None
        notice = "Read as Windows-1252, because it isn't UTF-8. Check letters such as ä and é."
    if "\0" in text:
        raise unreadable("This file isn't text: it holds NUL. Save the table as .csv or .xlsx.")
    if text.lstrip()[:20].lower().startswith(MARKUP):
        raise unreadable("This is a web page or XML, not a table. Save it as .xlsx or .csv.")
    return text.translate(CONTROLS), notice


def records(text: str) -> Iterator[list[str]]:
    """Yield the cells of each record; none for an empty line. Raises Refused for bad quoting."""
    if match := STATED_DELIMITER.match(text):
        delimiter, text = match[1], text[match.end() :]
    else:
        delimiter = _delimiter(text)
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


def _delimiter(text: str) -> str:
    """The one that divides the most records into as many cells as the first has."""
    best, most = NO_DELIMITER, (0.0, 1)
    for candidate in ",;\t":
        widths = _widths(text, candidate)
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]) / len(widths), widths[0])
            if score > most:
                best, most = candidate, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    csv.field_size_limit(MAX_FILE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):
        return [len(record) for record in islice(filter(any, reader), RECORDS_LOOKED_AT)]
    return []
