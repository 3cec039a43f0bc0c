"""THIRD_PARTY.md names every part that an installation consists of."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.support.patterns import PACKAGES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "THIRD_PARTY.md").read_text()
REMEDY = "Add it to THIRD_PARTY.md, with its license and those of libraries inside it."


def python_packages() -> list[str]:
    locks = ("runtime.txt", "scale.txt", "marks.txt")
    text = "\n".join((ROOT / "requirements" / lock).read_text() for lock in locks)
    return sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==", text, re.M)))


def npm_packages() -> list[str]:
    """Those that are built into the editor; types are not."""
    packages = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]
    return sorted(
        {
            path.split("node_modules/")[-1]
            for path, package in packages.items()
            if path and not package.get("dev") and not package.get("devOptional")
            if "@types/" not in path
        }
    )


def test_every_installed_package_is_named() -> None:
    names = [*python_packages(), *npm_packages()]
    assert names
    assert [name for name in names if f"`{name}`" not in PAGE] == [], REMEDY


def test_every_vendored_folder_with_a_license_is_named() -> None:
    folders = [path.parent.relative_to(ROOT) for path in (ROOT / "static").rglob("LICENSE")]
    assert folders
    assert not [folder for folder in folders if f"`{folder}/`" not in PAGE], REMEDY


def test_every_file_under_the_gpl_is_named() -> None:
    marked = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^# SPDX-License-Identifier: GPL", path.read_text(), re.M)
    ]
    assert marked == ["studio/artist/speech/espeak_program.py"]
    assert marked[0] in PAGE
