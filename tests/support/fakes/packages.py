"""Packages as pip leaves them, for providers that are installed."""

from __future__ import annotations

import tomllib
from pathlib import Path


def install(site: Path, package: str, entry_points: str, **modules: str) -> None:
    """A package as pip leaves it in `site`. entry_points: of pyproject.toml."""
    for name, source in modules.items():
        (site / f"{name}.py").write_text(source)
    info = site / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    groups = tomllib.loads(entry_points)["project"]["entry-points"]
    (info / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
            for group, named in groups.items()
        )
    )
