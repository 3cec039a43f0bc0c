"""The parts of an XLSX workbook, found by its relationships. Child process only.

ECMA-376 part 2 prescribes no names for parts, compares them without case, and lets XML be UTF-16.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from media.sandbox.table_limits import MAX_UNPACKED_BYTES, too_large, unreadable
from mediakit.errors import Refused

ENCRYPTION_REFUSAL = "The file is protected by a password. Remove the password and save it again."
DAMAGE_REFUSAL = "The workbook is damaged. Open it, save it again as .xlsx or .csv, and send that."
MAX_PARTS = 10_000
# Where the workbook is by custom, for files that don't say where.
_USUAL_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Kind of a part, by the end of its relationship's type → where python_calamine looks for it.
_SHEETS: Final = ("worksheet", "chartsheet", "dialogsheet", "macrosheet")
_SINGLE: Final = {"sharedStrings": "sharedStrings.xml", "styles": "styles.xml"}
_DECLARATION: Final = re.compile(r"\A\ufeff?(?:<\?xml[^>]*+>)?")
_UTF_16: Final = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """id: as the part that has it names it. kind: the last word of its type. target: a part."""

    id: str
    kind: str
    target: str


class Parts:
    """Parts by name, unpacked when they are asked for: regardless of the sizes in the archive, no
    more than allowed. Pictures and macros stay packed."""

    def __init__(self, data: bytes) -> None:
        self._read: dict[str, bytes] = {}
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            listing = self._archive.infolist()
        except _BROKEN:
            raise unreadable(DAMAGE_REFUSAL) from None
        if sum(part.file_size for part in listing) > MAX_UNPACKED_BYTES:
            raise too_large(
                "The workbook has more than 200 MB unpacked. Save the one sheet as .csv."
            )
        if len(listing) > MAX_PARTS:
            raise too_large("The workbook has more than 10,000 parts. Save the one sheet as .csv.")
        if any(part.flag_bits & 1 for part in listing):
            raise unreadable(ENCRYPTION_REFUSAL)
        self._listing = {_part_name(part.filename): part for part in listing}
        books = (
            relation.target for relation in self.relations("") if relation.kind == "officeDocument"
        )
        self.book = next(books, _USUAL_BOOK)
        if _part_name(self.book) not in self._listing:
            raise unreadable("This is no .xlsx workbook. Save it as .xlsx or .csv.")

    def __contains__(self, name: str) -> bool:
        return _part_name(name) in self._listing

    def __getitem__(self, name: str) -> bytes:
        """Return the XML of a part as UTF-8; b"" where there is none. Raises Refused."""
        name = _part_name(name)
        if name not in self._read:
            part = self._listing.get(name)
            try:
                # Not longer than listed: `zipfile` stops there, and finds the checksum wrong.
                self._read[name] = _as_utf_8(self._archive.read(part)) if part else b""
            except _BROKEN:
                raise unreadable(DAMAGE_REFUSAL) from None
        return self._read[name]

    def relations(self, name: str) -> list[Relation]:
        """Return the relationships of a part, of the whole file for "". Raises Refused."""
        folder, file = posixpath.split(name)
        return [
            Relation(
                element.get("Id", ""),
                element.get("Type", "").rpartition("/")[2],
                posixpath.join("/", folder, element.get("Target", "").replace("\\", "/")),
            )
            for element in elements(self[posixpath.join(folder, "_rels", f"{file}.rels")])
            if element.tag.endswith("}Relationship")
        ]

    def parts_of_kind(self, name: str, kind: str) -> list[bytes]:
        """Return the parts of a kind that a part has relationships to; none where these are
        damaged."""
        try:
            relations = self.relations(name)
            return [self[relation.target] for relation in relations if relation.kind == kind]
        except Refused:
            return []

    def repack(self) -> io.BytesIO:
        """Return the workbook with its parts where python_calamine looks for them."""
        file = io.BytesIO()
        targets: dict[str, Relation] = {}
        for place, relation in enumerate(self.relations(self.book)):
            if relation.kind in _SHEETS:
                targets[f"{relation.kind}s/sheet{place}.xml"] = relation
            elif relation.kind in _SINGLE:
                targets.setdefault(_SINGLE[relation.kind], relation)
        # Some programs write these without a relationship.
        for kind, target in _SINGLE.items():
            targets.setdefault(target, Relation(kind, kind, f"xl/{target}"))
        targets = {
            target: relation for target, relation in targets.items() if relation.target in self
        }
        book = Relation("rId1", "officeDocument", self.book)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("_rels/.rels", _relations_of({_USUAL_BOOK: book}))
            archive.writestr(_USUAL_BOOK, self[self.book])
            archive.writestr("xl/_rels/workbook.xml.rels", _relations_of(targets))
            for target, relation in targets.items():
                archive.writestr(f"xl/{target}", self[relation.target])
        file.seek(0)
        return file


def _relations_of(targets: Mapping[str, Relation]) -> str:
    lines = (
        f"<Relationship Id={quoteattr(relation.id)} Target={quoteattr(target)}"
        f' Type="{_KINDS}/{relation.kind}"/>'
        for target, relation in targets.items()
    )
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'


_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OSError,
    NotImplementedError,
)


def elements(part: bytes) -> Iterator[ElementTree.Element]:
    """Yield the elements of a part, none of an empty one. Raises Refused."""
    if not part:
        return iter(())
    try:
        # Expat stops entities that grow, and this process can reach nothing.
        return ElementTree.fromstring(part).iter()  # noqa: S314
    except ElementTree.ParseError:
        raise unreadable(DAMAGE_REFUSAL) from None


def _part_name(name: str) -> str:
    return posixpath.normpath(posixpath.join("/", name.replace("\\", "/"))).lstrip("/").lower()


def _as_utf_8(part: bytes) -> bytes:
    encoding = _UTF_16.get(part[:2])
    if encoding is None:
        return part
    text = part.decode(encoding)
    return _DECLARATION.sub('<?xml version="1.0" encoding="UTF-8"?>', text, count=1).encode()
