"""`make wheel`: builds the wheel into dist/, with the front end in it, and refuses a broken one."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

from bootstrap import ROOT, ensure_or_exit, run

import frontend

FOLDER = ROOT / "dist"
APP = "reelgraph/_app/"
MOST_BYTES = 15_000_000
NEEDED = (
    f"{APP}static/dist/.vite/manifest.json",
    f"{APP}static/dist/pages/.vite/manifest.json",
    f"{APP}manage.py",
    f"{APP}requirements/runtime.txt",
    f"{APP}docs/examples/",
    f"{APP}static/fonts/lettering/",
    "reelgraph/__main__.py",
    "reelgraph/reelgraph.service",
)
UNWANTED = ("tests", "frontend", "scripts", "__pycache__", "node_modules", ".reelgraph")


def problems(wheel: Path) -> list[str]:
    """Return what is wrong with a built wheel, a line each."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    lines = [f"{name} is missing" for name in NEEDED if not any(n.startswith(name) for n in names)]
    # Of the app folder itself: `tests` is also a word inside the apps.
    tops = {name.removeprefix(APP).partition("/")[0] for name in names}
    lines += [f"{name} is in it" for name in UNWANTED if name in tops]
    if any(name.startswith(f"{APP}studio/tests/") for name in names):
        lines.append("the studio's tests are in it")
    if any("__pycache__" in name for name in names):
        lines.append("__pycache__ is in it")
    if not any(name.endswith("licenses/LICENSE") for name in names):
        lines.append("LICENSE is missing")
    if (size := wheel.stat().st_size) > MOST_BYTES:
        lines.append(f"It has {size:,} bytes, at most {MOST_BYTES:,}.")
    return lines


def build(folder: Path = FOLDER) -> Path:
    """Build the wheel and return its path. Exits where it is broken."""
    python = ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    code = run([python, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)])
    if code:
        sys.exit(code)
    wheel = max(folder.glob("reelgraph-*.whl"), key=lambda path: path.stat().st_mtime)
    if lines := problems(wheel):
        wheel.unlink()
        sys.exit("The wheel is broken: " + "; ".join(lines))
    return wheel


def main() -> int:
    wheel = build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    print(f"{wheel}\n{wheel.stat().st_size:,} bytes, sha256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
