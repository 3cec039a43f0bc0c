"""Commands as people type them on this installation: `reelgraph …` of a wheel, or a checkout's."""

from __future__ import annotations

import shlex
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
IS_WHEEL = _ROOT.name == "_app"

START = "reelgraph" if IS_WHEEL else "make run"
# What puts missing or changed files and packages right.
REPAIR = "uv tool install --reinstall FILE" if IS_WHEEL else "make setup"


def command(words: str) -> str:
    """Return what runs one of our commands, such as `worker --labels gpu`."""
    if not IS_WHEEL:
        return f"manage.py {words}"
    return f"reelgraph manage {words}" if words.split()[0] in HIDDEN else f"reelgraph {words}"


def command_in(home: Path, words: str) -> str:
    """Return the same for another data folder than this shell's."""
    folder = shlex.quote(str(home))
    if not IS_WHEEL:
        return f"REELGRAPH_HOME={folder} {command(words)}"
    return command(words).replace("reelgraph", f"reelgraph --home {folder}", 1)


def start_in(home: Path) -> str:
    """Return what starts the server of a data folder."""
    folder = shlex.quote(str(home))
    if IS_WHEEL:
        return f"reelgraph --home {folder}"
    return START if home == _ROOT / ".reelgraph" else f"REELGRAPH_HOME={folder} {START}"


def install_more(extra: str) -> str:
    """Return the sentence that says how packages are added. extra: of the wheel."""
    if IS_WHEEL:
        return f"Run `uv tool install 'FILE[{extra}]'` with the file of this release."
    if extra == "marks":
        return "Install requirements/marks.txt."
    return f"Run `{START}`, or install requirements/scale.txt."


def start_at(port: int) -> str:
    """Return what starts the server at another port."""
    return f"reelgraph --port {port}" if IS_WHEEL else f"PORT={port} make run"


# Not among the commands of packaging/reelgraph/commands.py.
HIDDEN = frozenset(("prepare", "media-folder", "second-factor-reset", "webhooks"))
