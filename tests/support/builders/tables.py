"""Workbooks written by hand, whole, odd and hostile."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Of the styles below, in their order: General, dates, date and time, time, hours beyond a day.
DATE, MOMENT, HOUR, SPAN = 1, 2, 3, 4
STYLES = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 21, 46))


def words(*texts: str, row: int = 1) -> str:
    """A row of inline strings."""
    cells = (f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in texts)
    return f'<row r="{row}">{"".join(cells)}</row>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def value(place: str, text: str, *, style: int = 0, kind: str = "n", formula: str = "") -> str:
    formula_part = f"<f>{formula}</f>" if formula else ""
    value_part = f"<v>{text}</v>" if text else ""
    return f'<c r="{place}" s="{style}" t="{kind}">{formula_part}{value_part}</c>'


def parts_of(
    sheets: Mapping[str, str],
    *,
    shared: str = "",
    states: Mapping[str, str] | None = None,
    ahead: str = "",
    behind: str = "",
    prolog: str = "",
) -> dict[str, str]:
    """The parts of a workbook. sheets: rows by the name of the sheet; shared: its strings; states:
    of sheets that are hidden; ahead, behind: XML around the rows; prolog: before a sheet."""
    entries, relations = "", ""
    parts = {}
    for number, (name, rows) in enumerate(sheets.items(), 1):
        state = (states or {}).get(name, "visible")
        entries += f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="r{number}"/>'
        relations += (
            f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet"'
            f' Target="worksheets/sheet{number}.xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{prolog}<worksheet xmlns="{MAIN}">{ahead}<sheetData>{rows}</sheetData>{behind}'
            "</worksheet>"
        )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
            f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{entries}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{STYLES}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        **parts,
    }


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def workbook(rows: str, *, shared: str = "", behind: str = "", prolog: str = "") -> bytes:
    return packed(parts_of({"Sheet1": rows}, shared=shared, behind=behind, prolog=prolog))


SIMPLE = words("name", "age") + row(2, value("A2", "Ann", kind="str"), value("B2", "3"))
BOMB_BYTES = 250_000_000


@cache
def bomb() -> bytes:
    """250 MB of spaces behind the rows."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts_of({"Sheet1": SIMPLE}).items():
            if "sheet1" not in name:
                archive.writestr(name, part)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part_file:
            part_file.write(f'<worksheet xmlns="{MAIN}"><sheetData>{SIMPLE}'.encode())
            for _ in range(BOMB_BYTES // 1_000_000):
                part_file.write(b" " * 1_000_000)
            part_file.write(b"</sheetData></worksheet>")
    return file.getvalue()


def lying_bomb() -> bytes:
    """The same, but its directory and its checksum tell of the first kilobyte alone."""
    data = bytearray(bomb())
    directory = data.rindex(b"PK\x01\x02")
    start = f'<worksheet xmlns="{MAIN}"><sheetData>{SIMPLE}'.encode().ljust(1000)
    data[directory + 16 : directory + 20] = zlib.crc32(start).to_bytes(4, "little")
    data[directory + 24 : directory + 28] = len(start).to_bytes(4, "little")
    return bytes(data)


def laughs() -> str:
    """A billion laughs: 3 bytes that ten entities make 3 GB of."""
    entities = '<!ENTITY a0 "lol">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return f"<!DOCTYPE worksheet [{entities}]>"


FOREIGN_ENTITY = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def laughing_names() -> bytes:
    parts = parts_of({"S": SIMPLE})
    parts["xl/workbook.xml"] = laughs() + parts["xl/workbook.xml"].replace('"S"', '"S&a9;"')
    return packed(parts)


def unseen_area() -> bytes:
    """Two cells far apart, in quotation marks that XML allows and no program writes."""
    return workbook(SIMPLE + "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")


def encrypted_archive() -> bytes:
    data = bytearray(workbook(SIMPLE))
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(mark)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def compound(stream: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(512)
    )


def shared_flood() -> bytes:
    """One string of 30,000 characters that 4,000 cells show: 120 MB."""
    cells = "".join(row(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(1, 4001))
    return workbook(cells, shared=f"<si><t>{'x' * 30_000}</t></si>")
