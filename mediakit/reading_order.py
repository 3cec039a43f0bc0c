"""The order of a line's letters on a picture, where some are read from right to left.

By FriBidi, which Pillow loads by the same names to join and to stack letters: without it neither
can be done.
"""

from __future__ import annotations

import contextlib
import ctypes
import unicodedata
from functools import cache
from itertools import groupby

_NAMES = (
    "libfribidi.so.0",
    "libfribidi.so",
    "libfribidi.dylib",
    "/usr/local/lib/libfribidi.dylib",
)
_BY_FIRST_LETTER = 0x40  # FRIBIDI_PAR_ON
_RIGHT_TO_LEFT = 0x01  # FRIBIDI_MASK_RTL
# From Hebrew to Myanmar and from Khmer to Vedic letters: joined, stacked or put in another order.
_SCRIPTS_TO_SHAPE = (range(0x0590, 0x10A0), range(0x1780, 0x1D00))


def can_draw(character: str) -> bool:
    """Tell whether a character is one, and comes out right here, given a typeface that has it."""
    if unicodedata.category(character) in ("Cn", "Cs"):
        return False
    if _library() is not None:
        return True
    is_shaped = any(ord(character) in letters for letters in _SCRIPTS_TO_SHAPE)
    return not is_shaped and unicodedata.bidirectional(character) not in ("R", "AL")


def direction(is_right_to_left: bool) -> str | None:
    """Return a run's direction as Pillow takes it; None: it can draw but one."""
    if _library() is None:
        return None
    return "rtl" if is_right_to_left else "ltr"


def is_right_to_left(text: str) -> bool:
    """Tell how a paragraph runs: as its first letter does."""
    return _levels(text)[0]


def from_left(line: str) -> list[tuple[str, bool]]:
    """Split a line into runs of one direction, in their order from left to right.

    The letters of a run keep their order; with each run, whether it is read from right to left.
    """
    levels = iter(_levels(line)[1])
    runs = [("".join(run), level) for level, run in groupby(line, lambda _letter: next(levels))]
    for lowest in range(max((level for _, level in runs), default=0), 0, -1):
        runs = _turn(runs, lowest)
    return [(run, level % 2 == 1) for run, level in runs]


def _turn(runs: list[tuple[str, int]], lowest: int) -> list[tuple[str, int]]:
    """Return the runs with each stretch turned around that has this level or a higher one."""
    result: list[tuple[str, int]] = []
    for is_within, group in groupby(runs, lambda run: run[1] >= lowest):
        stretch = list(group)
        result += stretch[::-1] if is_within else stretch
    return result


def _levels(text: str) -> tuple[bool, list[int]]:
    """Return whether a text runs from right to left, and the level of each letter: odd ones do."""
    library, length = _library(), len(text)
    if library is None or not length:
        return False, [0] * length
    letters = (ctypes.c_uint32 * length)(*map(ord, text))
    base = ctypes.c_uint32(_BY_FIRST_LETTER)
    levels = (ctypes.c_int8 * length)()
    if not library.fribidi_log2vis(letters, length, ctypes.byref(base), None, None, None, levels):
        raise MemoryError
    return bool(base.value & _RIGHT_TO_LEFT), list(levels)


@cache
def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        with contextlib.suppress(OSError):
            return ctypes.CDLL(name)
    return None
