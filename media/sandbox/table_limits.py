"""Limits of a table, and the refusals of one. Parent and child import it, so it imports
nothing of either."""

from __future__ import annotations

from mediakit.errors import Refused

MAX_FILE_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 100
# Of a file's first rows, among which people choose the one that names the columns.
HEAD_ROWS = 20
# What Excel allows.
MAX_CELL_CHARACTERS = 32_767
# All cells as UTF-8. One text of a workbook may stand in any number of cells.
MAX_TEXT_BYTES = 32_000_000

# Prefix of a text that a spreadsheet would run as a formula, in tables that we write: an
# apostrophe, and a WORD JOINER that tells it from one that a person typed. Reading removes it.
GUARD = "'\u2060"

# Codes of `core.errors`, which a refusal carries in the place of the contract's error type.
UNREADABLE = "table.unreadable"
TOO_LARGE = "table.too_large"

FILE_TOO_LARGE = "A table may have 20 MB. Split it into several files."


def unreadable(message: str) -> Refused:
    return Refused(message, UNREADABLE)


def too_large(message: str) -> Refused:
    return Refused(message, TOO_LARGE)
