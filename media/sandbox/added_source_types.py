"""IPTC's DigitalSourceType added to a file of which all else stays. Child process only.

Nothing is encoded again: XMP goes where each format has its place for it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from media.sandbox.source_types import XMP_BOX, append_box, xmp_of, xmp_with

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_XMP: Final = b"XML:com.adobe.xmp\0"
# Not compressed, of no language.
_PNG_PLAIN: Final = _PNG_XMP + b"\0\0\0\0"
_JPEG_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_APP0, _APP1, _APP11, _APP15 = 0xE0, 0xE1, 0xEB, 0xEF
_JPEG_MOST: Final = 65_533
_WEBP_XMP_FLAG, _WEBP_ALPHA_FLAG = 0x04, 0x10
_C2PA_BOX: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")

# The file with the type of its source, None where it has one or no place for it; and whether it
# holds credentials of a maker, which any change breaks until it is signed again.
_Change: TypeAlias = tuple[bytes | None, bool]


class Damaged(Exception):
    """Parts of the file are not where its format has them."""


def add_source_type(path: str | Path, mime: str, source_type: str) -> tuple[bool, bool]:
    """Add it to this file. Returns whether that was done, and whether the file holds credentials.

    Raises Damaged.
    """
    if mime in _BOX_TYPES:
        return _add_box(path, source_type)
    if mime not in _PICTURES:
        return False, False
    data = Path(path).read_bytes()
    try:
        content, holds_credentials = _PICTURES[mime](data, source_type)
    except (struct.error, IndexError) as problem:
        raise Damaged(str(problem)) from problem
    if content is not None:
        Path(path).write_bytes(content)
    return content is not None, holds_credentials


def _in_png(data: bytes, source_type: str) -> _Change:
    if not data.startswith(_PNG):
        raise Damaged("no PNG")
    place, packet, holds_credentials = None, b"", False
    for name, start, end in _png_chunks(data):
        content = data[start + 8 : end - 4]
        if name == b"IHDR":
            place = place or (end, end)
        elif name == b"iTXt" and content.startswith(_PNG_XMP):
            if not content.startswith(_PNG_PLAIN):
                return None, holds_credentials
            place, packet = (start, end), content[len(_PNG_PLAIN) :]
        holds_credentials = holds_credentials or name == b"caBX"
    xmp = _packet(packet, source_type)
    if place is None or xmp is None:
        return None, holds_credentials
    content = b"iTXt" + _PNG_PLAIN + xmp
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return data[: place[0]] + chunk + data[place[1] :], holds_credentials


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, the start and the end of each."""
    start = len(_PNG)
    while start < len(data):
        size, name = struct.unpack_from(">I4s", data, start)
        end = start + size + 12
        if end > len(data):
            raise Damaged("a chunk is cut off")
        yield name, start, end
        if name == b"IEND":
            return
        start = end


def _in_jpeg(data: bytes, source_type: str) -> _Change:
    if not data.startswith(b"\xff\xd8"):
        raise Damaged("no JPEG")
    # Readers look for JFIF and EXIF first.
    start, place, packet, holds_credentials = 2, (2, 2), b"", False
    while data[start] == 0xFF and _APP0 <= data[start + 1] <= _APP15:
        (size,) = struct.unpack_from(">H", data, start + 2)
        end, marker = start + 2 + size, data[start + 1]
        content = data[start + 4 : end]
        if marker == _APP1 and content.startswith(_JPEG_XMP):
            place, packet = (start, end), content[len(_JPEG_XMP) :]
        elif marker in (_APP0, _APP1) and not packet:
            place = (end, end)
        holds_credentials = holds_credentials or marker == _APP11
        start = end
    xmp = _packet(packet, source_type)
    if xmp is None or len(_JPEG_XMP) + len(xmp) > _JPEG_MOST:
        return None, holds_credentials
    content = _JPEG_XMP + xmp
    segment = struct.pack(">BBH", 0xFF, _APP1, len(content) + 2) + content
    return data[: place[0]] + segment + data[place[1] :], holds_credentials


def _in_webp(data: bytes, source_type: str) -> _Change:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Damaged("no WebP")
    chunks = [[name, data[start + 8 : end]] for name, start, end in _riff_chunks(data)]
    parts = {bytes(name): chunk for name, chunk in reversed(chunks)}
    holds_credentials = b"C2PA" in parts
    if b"VP8X" not in parts:
        chunks.insert(0, [b"VP8X", _webp_header(chunks[0][0], chunks[0][1])])
    header = bytearray(chunks[0][1])
    header[0] |= _WEBP_XMP_FLAG
    chunks[0][1] = bytes(header)
    xmp = _packet(parts.get(b"XMP ", b""), source_type)
    if xmp is None:
        return None, holds_credentials
    chunks = [[name, content] for name, content in chunks if name != b"XMP "] + [[b"XMP ", xmp]]
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, holds_credentials


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, the start and the end of each."""
    (total,) = struct.unpack_from("<I", data, 4)
    start = 12
    while start < min(total + 8, len(data)):
        name, size = struct.unpack_from("<4sI", data, start)
        end = start + 8 + size
        if end > len(data):
            raise Damaged("a chunk is cut off")
        yield name, start, end
        start = end + size % 2


def _webp_header(name: bytes, content: bytes) -> bytes:
    """Return the content of VP8X for a picture that has none."""
    flags = 0
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _WEBP_ALPHA_FLAG if bits >> 28 & 1 else 0
    elif name == b"VP8 ":
        width, height = (size & 0x3FFF for size in struct.unpack_from("<HH", content, 6))
    else:
        raise Damaged("no picture where WebP has it")
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return struct.pack("<I", flags) + sizes


def _packet(existing: bytes, source_type: str) -> bytes | None:
    return xmp_with(existing, source_type) if existing else xmp_of(source_type).encode()


def _add_box(path: str | Path, source_type: str) -> tuple[bool, bool]:
    has_xmp = holds_credentials = False
    with Path(path).open("rb") as file:
        total, start = Path(path).stat().st_size, 0
        while start < total:
            file.seek(start)
            head = file.read(32)
            if len(head) < 8:
                raise Damaged("a box is cut off")
            size, name = struct.unpack_from(">I4s", head)
            if size == 1 and len(head) >= 16:
                (size,) = struct.unpack_from(">Q", head, 8)
            if size == 0:
                # It reaches to the end of the file: nothing can follow it.
                return False, holds_credentials
            if size < 8 or start + size > total:
                raise Damaged("a box is cut off")
            if name == b"uuid":
                has_xmp = has_xmp or head[8:24] == XMP_BOX.bytes
                holds_credentials = holds_credentials or head[8:24] == _C2PA_BOX
            start += size
    if not has_xmp:
        append_box(path, source_type)
    return not has_xmp, holds_credentials


_PICTURES: Final[Mapping[str, Callable[[bytes, str], _Change]]] = {
    "image/png": _in_png,
    "image/jpeg": _in_jpeg,
    "image/webp": _in_webp,
}
_BOX_TYPES: Final = frozenset({"video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"})
