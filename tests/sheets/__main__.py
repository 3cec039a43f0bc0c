"""Make one piece with every tool of the studio, at full size, and lay them out to be looked at.

`python -m tests.sheets [FOLDER]` writes tools.png, subjects.png and, for guessing, unnamed.png with
its answers in unnamed.txt. It judges nothing. The results themselves stay in FOLDER/made.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.program import ROOT

OUT = ROOT / "contact-sheet"
GUESSED = 24


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sheets", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=OUT, help="where they go")
    parser.add_argument("--subjects", action="store_true", help="only what the studio can draw")
    parser.add_argument("--seed", type=int, default=7, help="of the drawings and of the guessing")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    _set_up()
    _subjects(options.folder, options.seed)
    if not options.subjects:
        _tools(options.folder, options.seed)
    sys.stdout.write(f"Look at {options.folder}\n")
    return 0


def _set_up() -> None:
    """The product's own settings, with nothing kept."""
    os.environ.setdefault("REELGRAPH_HOME", tempfile.mkdtemp(prefix="rg-sheets-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    import django

    django.setup()


def _subjects(folder: Path, seed: int) -> None:
    from studio.artist.scenes.contact_sheet import contact_sheet
    from studio.artist.subjects import SUBJECTS

    names = [subject.words[0] for subject in SUBJECTS.values()]
    contact_sheet(names, seed=seed).save(folder / "subjects.png")
    chosen = random.Random(seed).sample(names, min(GUESSED, len(names)))
    contact_sheet(chosen, seed=seed + 1, captions=False).save(folder / "unnamed.png")
    (folder / "unnamed.txt").write_text("\n".join(chosen) + "\n", encoding="utf-8")


def _tools(folder: Path, seed: int) -> None:
    from core.errors import ProviderError
    from tests.bench.pieces import PIECES
    from tests.sheets.drawing import mesh_of, page_of, picture_of, strip_of, wave_of, words_of

    draw = {"image": picture_of, "video": strip_of, "audio": wave_of, "model": mesh_of}
    made: dict[str, dict[str, Any]] = {}
    rows = []
    for piece in PIECES:
        began = time.monotonic()
        out = folder / "made" / piece.key
        try:
            answer = _make(piece, made, out, seed)
        except (ProviderError, KeyError) as problem:
            # One that fails, or needs one that did, leaves a gap and not the others.
            answer = {"files": [], "values": {"message": f"Failed: {problem}"}, "warnings": []}
        took = time.monotonic() - began
        files = answer["files"]
        if files:
            made[piece.key] = files[0]
            pictures = draw[files[0]["kind"]](Path(files[0]["path"]))
        else:
            pictures = words_of(answer["values"])
        warnings = " ".join(answer["warnings"])
        rows.append((f"{piece.key}  {took:.1f} s  {warnings}"[:200], pictures))
        sys.stdout.write(f"{piece.key}: {took:.1f} s {warnings}\n")
        sys.stdout.flush()
    page_of(rows).save(folder / "tools.png")


def _make(piece: Any, made: Mapping[str, dict[str, Any]], out: Path, seed: int) -> dict[str, Any]:
    from django.conf import settings

    from media.sandbox import Unwatched, run_in_sandbox
    from tools.catalog import catalogue
    from tools.declaration.arguments import fill_defaults

    tool = next(tool for tool in catalogue() if tool.name == piece.tool)
    out.mkdir(parents=True, exist_ok=True)
    arguments = {
        "tool": piece.tool,
        "params": fill_defaults(tool, piece.params),
        "media": {port: [made[name] for name in names] for port, names in piece.media.items()},
        "seed": seed if tool.seeded else None,
        "studio": dict(settings.STUDIO),
    }
    function = f"studio.jobs.{piece.tool}.run"
    media = [
        Path(medium["path"]).resolve() for port in arguments["media"].values() for medium in port
    ]
    return run_in_sandbox(
        function,
        arguments,
        reads=media,
        out=out.resolve(),
        timeout_s=300,
        context=Unwatched(),
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
