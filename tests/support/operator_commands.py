"""Management commands as an operator types them, each in a process of its own.

The processes are forked from one that has imported the product, see tests.support.forked_commands.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support import forked_commands
from tests.support.commands import Commands

# What manage.py adds to a command: a mask for new files, and one sentence for some errors.
AS_TYPED = """
import sys
import manage

sys.argv = ["manage.py", *{words!r}]
try:
    manage.main()
except SystemExit as end:
    if isinstance(end.code, str):
        print(end.code, file=sys.stderr)
    sys.exit(1 if end.code else 0)
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Name what differs from our own environment in a process for this data folder."""
    return {
        "REELGRAPH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tests.support.settings",
        "DATABASE_URL": "",
        "REELGRAPH_DIRECT_DATABASE_URL": "",
        "REELGRAPH_SECRET_KEY": "",
        **more,
    }


def manage(home: Path, *words: str, code: int | None = 0, **more: str) -> str:
    """Carry out a command, which must end with this code, or with any. Returns all that it
    says."""
    with Commands(environment(home, **more), forked_commands.start) as commands:
        try:
            printed = commands.run("shell", "-v", "0", "-c", AS_TYPED.format(words=words))
            end, said = 0, printed
        except subprocess.CalledProcessError as problem:
            end, said = problem.returncode, f"{problem.stdout}{problem.stderr}"
    assert code in (end, None), said
    return said
