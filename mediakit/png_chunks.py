"""PNG files without the notes that are too long for their reader."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path
from typing import Final

import PIL.PngImagePlugin

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Chunks whose content is packed, and may be any length unpacked: color profiles and texts.
NOTES: Final = (b"iCCP", b"zTXt", b"iTXt")
MOST_NOTE_BYTES: Final = PIL.PngImagePlugin.MAX_TEXT_CHUNK


def without_long_notes(path: str | Path) -> str | Path | io.BytesIO:
    """Return what Pillow opens of a picture: the file itself, or a PNG in memory without profiles
    and texts of more than MOST_NOTE_BYTES, for which Pillow refuses the whole picture."""
    with open(path, "rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return path
        starts = []
        while len(header := file.read(8)) == 8 and header[4:] != b"IEND":
            size = struct.unpack(">I", header[:4])[0]
            start = file.tell() - 8
            if header[4:] in NOTES and _is_long(header[4:], file.read(size)):
                starts.append((start, start + size + 12))
            file.seek(start + size + 12)
        if not starts:
            return path
        file.seek(0)
        data = file.read()
    rest, end = bytearray(), 0
    for start, after in starts:
        rest += data[end:start]
        end = after
    return io.BytesIO(bytes(rest + data[end:]))


def _is_long(name: bytes, content: bytes) -> bool:
    """Tell whether a chunk's content is long, as it is or unpacked."""
    if len(content) > MOST_NOTE_BYTES:
        return True
    # Behind its keyword and how it is packed; in iTXt, behind its language and two keywords.
    rest = content.partition(b"\0")[2]
    if name == b"iTXt":
        note = rest[2:].split(b"\0", 2)[-1] if rest[:1] != b"\0" else b""
    else:
        note = rest[1:]
    with contextlib.suppress(zlib.error):
        text = zlib.decompressobj().decompress(note, MOST_NOTE_BYTES + 1)
        return len(text) > MOST_NOTE_BYTES
    return False
