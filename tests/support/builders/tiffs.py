"""TIFF files of several pictures, as cameras and scanners write them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

RGB, CFA, LINEAR_RAW = 2, 32803, 34892


@dataclass(frozen=True)
class Page:
    """A picture of one gray, without compression. light: its photometric interpretation. inside:
    pictures that it names as its own. extra: further fields, tag → (type, count, data)."""

    width: int
    height: int
    light: int = RGB
    gray: int = 128
    inside: Sequence[Page] = ()
    maker: str = ""
    is_dng: bool = False


def tiff(pages: Sequence[Page], *, order: str = "<", is_big: bool = False) -> bytes:
    place, count = ("Q", "Q") if is_big else ("I", "H")
    head = b"II" if order == "<" else b"MM"
    data = bytearray(head + struct.pack(f"{order}H", 43 if is_big else 42))
    data += struct.pack(f"{order}HHQ", 8, 0, 0) if is_big else struct.pack(f"{order}I", 0)
    width = struct.calcsize(f"={place}")

    def put(form: str, *values: int | bytes) -> int:
        data.extend(b"\0" * (-len(data) % 8))
        start = len(data)
        data.extend(struct.pack(order + form, *values))
        return start

    def write(page: Page) -> tuple[int, int]:
        """The place of its directory, and that of the place of the next."""
        inside = [write(one)[0] for one in page.inside]
        size = page.width * page.height * 3
        pixels = put(f"{size}s", bytes([page.gray]) * size)
        fields: list[tuple[int, str, Sequence[int]]] = [
            (254, "I", [0]),
            (256, "I", [page.width]),
            (257, "I", [page.height]),
            (258, "H", [8, 8, 8]),
            (259, "H", [1]),
            (262, "H", [page.light]),
            (273, place, [pixels]),
            (277, "H", [3]),
            (278, "I", [page.height]),
            (279, "I", [size]),
        ]
        if page.maker:
            fields.append((271, "B", [*page.maker.encode(), 0]))
        if inside:
            fields.append((330, place, inside))
        if page.is_dng:
            fields.append((50706, "B", [1, 7, 0, 0]))
        kinds = {"B": 1, "H": 3, "I": 4, "Q": 16}
        entries = []
        for tag, form, values in sorted(fields):
            kind = 2 if tag == 271 else kinds[form]
            packed = struct.pack(f"{order}{len(values)}{form}", *values)
            if len(packed) > width:
                packed = struct.pack(order + place, put(f"{len(packed)}s", packed))
            entries.append(
                struct.pack(f"{order}HH{place}", tag, kind, len(values))
                + packed.ljust(width, b"\0")
            )
        start = put(count, len(entries))
        data.extend(b"".join(entries))
        link = len(data)
        data.extend(b"\0" * width)
        return start, link

    link = 8 if is_big else 4
    for page in pages:
        start, following = write(page)
        data[link : link + width] = struct.pack(order + place, start)
        link = following
    return bytes(data)
