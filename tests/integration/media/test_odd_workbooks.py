"""Workbooks whose parts have other names than Excel gives them, read as any other."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from media.sandbox.table import read_table
from tests.support.program import ROOT

FILES = ROOT / "tests" / "fixtures"
# Written by a program, as others that aren't Excel write them.
ODD = sorted((FILES / "odd_workbooks").iterdir())
USUAL = sorted((FILES / "odd_tables").glob("*.xlsx"))
Parts: TypeAlias = dict[str, bytes]


def renamed(change: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Name the parts otherwise, in the archive alone."""
    return lambda parts: {change(name): data for name, data in parts.items()}


def in_a_folder(parts: Parts) -> Parts:
    moved = {re.sub("^xl/", "book/", name): data for name, data in parts.items()}
    root = moved["_rels/.rels"].replace(b'Target="xl/', b'Target="book/')
    return {
        name: data.replace(b'Target="/xl/', b'Target="/book/')
        for name, data in {**moved, "_rels/.rels": root}.items()
    }


def by_another_name(parts: Parts) -> Parts:
    names = {
        "xl/workbook.xml": "xl/Book 2.xml",
        "xl/_rels/workbook.xml.rels": "xl/_rels/Book 2.xml.rels",
        "xl/sharedStrings.xml": "xl/texts/all.xml",
        "xl/styles.xml": "xl/looks.xml",
    }
    targets = {b"sharedStrings.xml": b"texts/all.xml", b"styles.xml": b"looks.xml"}
    moved = {names.get(name, name): data for name, data in parts.items()}
    for name in (name for name in moved if name.endswith(".rels")):
        moved[name] = moved[name].replace(b'xl/workbook.xml"', b'xl/Book 2.xml"')
        for old, new in targets.items():
            moved[name] = moved[name].replace(old + b'"', new + b'"')
    return moved


def as_utf_16(parts: Parts) -> Parts:
    declaration = re.compile(r"^<\?xml[^>]*\?>")
    text = '<?xml version="1.0" encoding="UTF-16"?>'
    return {
        name: (text + declaration.sub("", data.decode("utf-8-sig"))).encode("utf-16")
        if name.startswith("xl/")
        else data
        for name, data in parts.items()
    }


CHANGES: dict[str, Callable[[Parts], Parts]] = {
    "backslashes": renamed(lambda name: name.replace("/", "\\")),
    "a leading slash": renamed(lambda name: f"/{name}"),
    "a leading dot": renamed(lambda name: f"./{name}"),
    "capitals": renamed(str.upper),
    "another folder": in_a_folder,
    "other names": by_another_name,
    "UTF-16": as_utf_16,
}


def read(path: Path) -> dict[str, Any]:
    return read_table({"path": str(path), "name": "table.xlsx"}, lambda *_: None)


@pytest.mark.parametrize("path", ODD, ids=lambda path: path.name)
def test_a_workbook_with_odd_parts_is_read(path: Path) -> None:
    table = read(path)
    assert table["columns"] == ["Brief", "n"]
    if path.name.startswith("ss_"):
        assert table["rows"] == [["a lamp", "7"]]
    else:
        assert len(table["rows"]) == 17
        assert table["rows"][0][0].endswith("line two")
        assert table["rows"][1:3] == [["2026-03-29", "2"], ["0.5", "3"]]


@pytest.mark.parametrize("change", CHANGES)
def test_other_names_of_its_parts_change_nothing(change: str, tmp_path: Path) -> None:
    for path in USUAL:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        odd = io.BytesIO()
        with zipfile.ZipFile(odd, "w") as archive:
            for name, data in CHANGES[change](parts).items():
                archive.writestr(name, data)
        copy = tmp_path / path.name
        copy.write_bytes(odd.getvalue())
        assert read(copy) == read(path), path.name
