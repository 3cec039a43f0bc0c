"""What people type on this installation: `reelgraph …` of a wheel, or a checkout's own commands."""

from __future__ import annotations

from pathlib import Path

IS_WHEEL = Path(__file__).resolve().parents[1].name == "_app"

START = "reelgraph" if IS_WHEEL else "make run"
# What puts missing or changed files and packages right.
REPAIR = "uv tool install --reinstall FILE" if IS_WHEEL else "make setup"


def command(words: str) -> str:
    """Return what runs one of our commands, such as `worker --labels gpu`."""
    if not IS_WHEEL:
        return f"manage.py {words}"
    return f"reelgraph manage {words}" if words.split()[0] in HIDDEN else f"reelgraph {words}"


def start_at(port: int) -> str:
    """Return what starts the server at another port."""
    return f"reelgraph --port {port}" if IS_WHEEL else f"PORT={port} make run"


# Not among the commands of packaging/reelgraph/commands.py.
HIDDEN = frozenset(("prepare", "media-folder", "second-factor-reset", "webhooks"))
