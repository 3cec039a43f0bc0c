"""A sandbox job with a program of its own, which it starts before it is confined."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

_started: list[int] = []


def before_confinement(command: list[str]) -> None:
    _started.append(subprocess.Popen(["/bin/sleep", "600"]).pid)


def hang(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Write the own pid and the program's into arguments["pids"], then never end."""
    path = Path(arguments["pids"])
    path.with_suffix(".new").write_text(f"{os.getpid()} {_started[0]}")
    path.with_suffix(".new").rename(path)
    while True:
        time.sleep(1)
