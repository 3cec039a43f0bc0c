"""The pictures in a TIFF file: cameras and scanners write a reduced one before the full one.

Adobe's TIFF 6.0, its Technical Note 1 (SubIFDs) and DNG 1.7; BigTIFF as libtiff writes it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mediakit.errors import Refused

_MAX_PAGES: Final = 64
_WIDTH, _HEIGHT, _LIGHT, _MAKER, _SUB_PAGES, _DNG = 256, 257, 262, 271, 330, 50706
_TAGS: Final = (_WIDTH, _HEIGHT, _LIGHT, _MAKER, _SUB_PAGES, _DNG)
# Field type → its format; others hold nothing that is asked for.
_FORMATS: Final = {1: "B", 2: "c", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
# What a sensor saw, which has to be developed: color filter array, and linear raw.
_RAW: Final = (32803, 34892)
# Beginning of the maker's name → the ending of its raw files.
_MAKERS: Final = {
    "NIKON": "NEF",
    "SONY": "ARW",
    "Canon": "CR2",
    "PENTAX": "PEF",
    "OLYMPUS": "ORF",
    "SAMSUNG": "SRW",
    "Hasselblad": "3FR",
}


@dataclass(frozen=True, slots=True)
class _Page:
    """place: of its directory in the file. pixels: width times height. light: the photometric
    interpretation."""

    place: int
    pixels: int
    light: int


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"
        [kind] = self.unpack("H", 2)
        self.is_big = kind == 43
        self.is_dng = False
        self.maker = ""

    @property
    def first(self) -> int:
        """The place of the first directory's place."""
        return 8 if self.is_big else 4

    @property
    def place_format(self) -> str:
        return "Q" if self.is_big else "I"

    def unpack(self, form: str, place: int) -> tuple[Any, ...]:
        return struct.unpack_from(self.order + form, self.data, place)

    def pages(self) -> Iterator[_Page]:
        """Yield the pages, those inside others after these. Raises struct.error for damage."""
        waiting = [self.unpack(self.place_format, self.first)[0]]
        places: set[int] = set()
        while waiting and len(places) < _MAX_PAGES:
            place = waiting.pop(0)
            if not place or place in places:
                continue
            places.add(place)
            fields, following = self.directory(place)
            width, height = (next(iter(fields.get(tag, ())), 0) for tag in (_WIDTH, _HEIGHT))
            yield _Page(place, width * height, next(iter(fields.get(_LIGHT, ())), 0))
            self.is_dng |= _DNG in fields
            maker = b"".join(fields.get(_MAKER, ())).decode("latin-1")
            self.maker = self.maker or maker.strip("\0 ")
            waiting += [following, *fields.get(_SUB_PAGES, ())]

    def directory(self, place: int) -> tuple[dict[int, tuple[Any, ...]], int]:
        """Return the fields asked for, and the place of the next directory, 0 for none."""
        head, entry, inline = ("Q", 20, 8) if self.is_big else ("H", 12, 4)
        [count] = self.unpack(head, place)
        start = place + struct.calcsize(f"={head}")
        fields = {}
        for at in range(start, start + entry * min(count, 4096), entry):
            tag, kind, size = self.unpack(f"HH{self.place_format}", at)
            form = _FORMATS.get(kind)
            if tag not in _TAGS or form is None or size > _MAX_PAGES:
                continue
            values = at + entry - inline
            if struct.calcsize(f"={size}{form}") > inline:
                [values] = self.unpack(self.place_format, values)
            fields[tag] = self.unpack(f"{size}{form}", values)
        return fields, self.unpack(self.place_format, start + entry * count)[0]


def with_largest_first(path: str | Path) -> str | Path | io.BytesIO:
    """Return a TIFF file with its largest picture as its first; the path, where it is. Raises
    Refused for a camera's raw file, whose largest picture no decoder here can develop."""
    data = Path(path).read_bytes()
    reader = _Reader(data)
    try:
        pages = list(reader.pages())
    except struct.error:
        # The decoder says what is wrong with it.
        return path
    largest = max(pages, key=lambda page: page.pixels, default=None)
    if largest is None or largest is pages[0]:
        return path
    if largest.light in _RAW:
        maker = next((key for key in _MAKERS if reader.maker.startswith(key)), "")
        name = _MAKERS.get(maker, "")
        kind = "DNG" if reader.is_dng else name or "raw"
        raise Refused(
            f"This is a camera's raw file ({kind}), which has to be developed. Export it as JPEG or"
            " TIFF."
        )
    place = struct.pack(reader.order + reader.place_format, largest.place)
    return io.BytesIO(data[: reader.first] + place + data[reader.first + len(place) :])
