"""Typefaces that have a letter: ours, else those of the machine, by what their files say."""

from __future__ import annotations

import os
import re
import struct
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from mediakit.reading_order import can_draw

_OWN = Path(__file__).parents[1] / "static" / "fonts" / "lettering"
# Ours in the order in which they are asked.
_FILES = (
    *(f"inter-{part}.ttf" for part in ("latin", "latin-ext", "vietnamese")),
    *(f"inter-{part}.ttf" for part in ("cyrillic", "cyrillic-ext", "greek", "greek-ext")),
    *(f"noto-sans-{part}.ttf" for part in ("hebrew", "arabic", "thai", "devanagari")),
)
# Where Linux and macOS have typefaces. Found at import: a sandboxed process has no home.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    *map(os.path.expanduser, ("~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")),
)
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
# Drawn only where no plainer face has the letter.
_FANCY = re.compile(r"mono|italic|oblique|bold|black|heavy|medium|light|thin|condensed|narrow")
_OUTLINES = frozenset({b"glyf", b"CFF ", b"CFF2"})


@dataclass(frozen=True, slots=True)
class Typeface:
    """A typeface in a file. number: its place in there, of a collection."""

    path: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Letters:
    """The characters from each start to the end at the same place."""

    starts: array[int]
    ends: array[int]

    def __contains__(self, character: str) -> bool:
        at = bisect_right(self.starts, ord(character)) - 1
        return at >= 0 and ord(character) <= self.ends[at]


def undrawable(text: str, most: int | None = None) -> str:
    """Return the characters of a text that no typeface here can draw, each once, in order; not more
    than `most`."""
    missing: dict[str, None] = {}
    for cluster in dict.fromkeys(clusters(text)):
        face = _face_of(cluster)
        for character in cluster:
            if _is_seen(character) and not (face and character in _letters(face)):
                missing[character] = None
        if most is not None and len(missing) >= most:
            break
    return "".join(missing)[:most]


def in_typefaces(text: str) -> Iterator[tuple[str, Typeface]]:
    """Yield a text in pieces of one typeface each; what none can draw is left out."""
    for face, pieces in groupby(_drawable(text), key=lambda piece: piece[1]):
        yield "".join(piece for piece, _ in pieces), face


def clusters(text: str) -> list[str]:
    """Split a text into letters with the marks and joiners that belong to them."""
    letters: list[str] = []
    for character in text:
        is_part = unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
        if letters and is_part:
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _drawable(text: str) -> Iterator[tuple[str, Typeface]]:
    before: Typeface | None = None
    for cluster in clusters(text):
        # A space stays with the words around it.
        is_space = before is not None and cluster.isspace() and cluster in _letters(before)
        face = before if is_space else _face_of(cluster)
        if face is not None:
            has = _letters(face)
            yield "".join(c for c in cluster if c in has or not _is_seen(c)), face
            before = face


def _is_seen(character: str) -> bool:
    """Tell whether a character leaves ink, unlike spaces, joiners and selectors of emoji."""
    is_selector = "\ufe00" <= character <= "\ufe0f"
    return not (character.isspace() or is_selector or unicodedata.category(character) == "Cf")


# More than a language has of them, and no list of all.
@lru_cache(maxsize=32_768)
def _face_of(cluster: str) -> Typeface | None:
    """Return the first typeface that has a letter with its marks, else without."""
    letters = [character for character in cluster if _is_seen(character) or character.isspace()]
    if not letters or not all(map(can_draw, letters)):
        return None
    for characters in (letters, letters[:1]):
        for face in _faces():
            if all(character in _letters(face) for character in characters):
                return face
    return None


def _faces() -> Iterator[Typeface]:
    yield from (Typeface(str(_OWN / name)) for name in _FILES)
    yield from _of_machine()


@cache
def _of_machine() -> tuple[Typeface, ...]:
    """Return the machine's typefaces, plain ones without serifs first."""
    paths = [
        os.path.join(folder, name)
        for top in FOLDERS
        for folder, _, names in os.walk(top)
        for name in names
        if name.lower().endswith(_SUFFIXES)
    ]
    paths.sort(key=_plainness)
    return tuple(Typeface(path, number) for path in paths for number in range(_count(path)))


def _plainness(path: str) -> tuple[bool, bool, str]:
    name = os.path.basename(path).lower()
    return _FANCY.search(name) is not None, "sans" not in name, path


def _count(path: str) -> int:
    try:
        with open(path, "rb") as file:
            tag, _version, count = struct.unpack(">4sII", file.read(12))
    except (OSError, struct.error):
        return 0
    return min(count, 64) if tag == b"ttcf" else 1


# -- what a file says it has: its `cmap` ----------------------------------------------------------


@cache
def _letters(face: Typeface) -> _Letters:
    try:
        with open(face.path, "rb") as file:
            ranges = sorted(_ranges(_cmap(file, face.number)))
    except (OSError, struct.error, IndexError):
        ranges = []
    return _Letters(array("I", (one[0] for one in ranges)), array("I", (one[1] for one in ranges)))


def _cmap(file: BinaryIO, number: int) -> bytes:
    """Read the table of characters; empty for a typeface without outlines, as of emoji."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * number)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H6x", file.read(8))
    tables = {
        tag: (offset, length)
        for tag, offset, length in struct.iter_unpack(">4s4xII", file.read(16 * count))
    }
    if b"cmap" not in tables or not _OUTLINES & tables.keys():
        return b""
    offset, length = tables[b"cmap"]
    file.seek(offset)
    return file.read(length)


def _ranges(cmap: bytes) -> Iterator[tuple[int, int]]:
    """Yield the first and last character of each range, of the largest part in Unicode."""
    if not cmap:
        return
    (count,) = struct.unpack_from(">2xH", cmap)
    parts = {}
    for platform, encoding, offset in struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * count]):
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            parts[struct.unpack_from(">H", cmap, offset)[0]] = cmap[offset:]
    if 12 in parts:
        (groups,) = struct.unpack_from(">12xI", parts[12])
        for first, last, _glyph in struct.iter_unpack(">III", parts[12][16 : 16 + 12 * groups]):
            yield first, last
    elif 4 in parts:
        yield from _segments(parts[4])


def _segments(part: bytes) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a part in format 4, in which single characters may be left out."""
    (size,) = struct.unpack_from(">6xH", part)
    words = struct.unpack(f">{len(part) // 2}H", part[: len(part) // 2 * 2])
    count, ends = size // 2, 7
    starts, offsets = ends + count + 1, ends + 3 * count + 1
    for at in range(count):
        first, last, offset = words[starts + at], words[ends + at], words[offsets + at]
        if first == 0xFFFF:
            continue
        if not offset:
            yield first, last
            continue
        glyphs = offsets + at + offset // 2
        for character in range(first, last + 1):
            if words[glyphs + character - first]:
                yield character, character
