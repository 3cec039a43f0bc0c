"""The encoding of a text file: stated by its mark, UTF-8, or a guess with others to choose from.
Child process only."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import charset_normalizer

from media.sandbox.table_limits import unreadable

MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Python's name of an encoding → the one that people know; the likelier ones first.
NAMES: Final = {
    "cp1252": "Windows-1252",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "cp1258": "Windows-1258",
    "cp874": "Windows-874",
    "mac_roman": "Mac Roman",
}
# Preferred where it reads a text as the likeliest does.
USUAL: Final = "cp1252"
# A guess is made by the beginning: more makes it no better, and slow.
GUESS_BYTES: Final = 100_000
SAMPLE: Final = 80
ASCII: Final = 0x7F


@dataclass(frozen=True, slots=True)
class TextFile:
    """samples: where the encoding is a guess, encoding → the first line with letters beyond ASCII
    as it would be read; that of the guess first."""

    text: str
    encoding: str
    samples: dict[str, str]


def decode(data: bytes, encoding: str = "") -> TextFile:
    """Decode a text. encoding: a value of NAMES that a person chose. Raises Refused where it can't
    be, with those that can."""
    for mark, name in MARKS.items():
        if data.startswith(mark):
            try:
                return TextFile(data.decode(name), "UTF-8" if name != "utf-16" else "UTF-16", {})
            except UnicodeDecodeError:
                raise unreadable(
                    "The file's text is damaged. Save it as “CSV UTF-8”, or as .xlsx."
                ) from None
    if not encoding or encoding == "UTF-8":
        try:
            return TextFile(data.decode(), "UTF-8", {})
        except UnicodeDecodeError:
            pass
    names = _possible_encodings(data)
    if encoding and encoding not in names:
        raise unreadable(
            f"The file can't be read as {encoding[:40]}. Choose one of {', '.join(names)}."
        )
    text = data.decode(names[encoding or next(iter(names))])
    return TextFile(text, encoding or next(iter(names)), {} if encoding else _samples(data, names))


def _possible_encodings(data: bytes) -> dict[str, str]:
    """Return name → Python's of each encoding that the text may have; the likeliest first."""
    # Cut after a line, so that no character is cut.
    end = data.rfind(b"\n", 0, GUESS_BYTES) + 1 if len(data) > GUESS_BYTES else len(data)
    matches = charset_normalizer.from_bytes(
        data[: end or GUESS_BYTES], cp_isolation=list(NAMES), enable_fallback=False
    )
    names = {}
    for codec in dict.fromkeys([*(match.encoding for match in matches), *NAMES]):
        with contextlib.suppress(UnicodeDecodeError):
            data.decode(codec)
            names[NAMES[codec]] = codec
    # Mac Roman gives any byte a letter, so there is one.
    likeliest, usual = next(iter(names.values())), NAMES[USUAL]
    if usual in names and data.decode(USUAL) == data.decode(likeliest):
        return {usual: USUAL, **names}
    return names


def _samples(data: bytes, names: Mapping[str, str]) -> dict[str, str]:
    """Return name → the first line with letters beyond ASCII, from shortly before them; without
    encodings that read the whole text as a likelier one does."""
    line = next(line for line in data.splitlines() if not line.isascii())
    first = next(place for place, byte in enumerate(line) if byte > ASCII)
    cut = line[max(0, first - SAMPLE // 2) :][:SAMPLE]
    samples, texts = dict[str, str](), set[int]()
    for name, codec in names.items():
        text = hash(data.decode(codec))
        if text not in texts:
            texts.add(text)
            samples[name] = "".join(filter(str.isprintable, cut.decode(codec, "ignore")))
    return samples
