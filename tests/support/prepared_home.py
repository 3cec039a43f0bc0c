"""A home whose first start is over: the owner, the samples and their previews are there.

Each server of the tests has a copy, and finds what it would make: 1.1 s of CPU. Where another
database or media folder is meant, or starting is the subject, a home has tables alone
(tests.support.template_database).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.template_database import DATABASE, bring_tables, folder_of

# Decide on what a first start makes, beside the tables.
SOURCES = (
    *(f"builder/ops/samples/**/*.{kind}" for kind in ("json", "py", "webp", "mp4", "m4a")),
    "builder/ops/server/prepare.py",
)
# Of processes that have ended.
LEFT_OUT = shutil.ignore_patterns("run", "logs", f"{DATABASE}*")


def bring_home(home: Path, env: Mapping[str, str]) -> None:
    """Put a prepared home into an empty folder, or only its tables; nothing where `env` names a
    database that isn't a file of the home."""
    url = env.get("DATABASE_URL", os.environ.get("DATABASE_URL"))
    is_elsewhere = url or "REELGRAPH_MEDIA_DIR" in env
    if is_elsewhere or (home / DATABASE).exists():
        bring_tables(home, env)
        return
    shutil.copytree(folder_of("home", _make, SOURCES), home, dirs_exist_ok=True)


def _make(folder: Path) -> None:
    from tests.support.server import Site

    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with Site(home, workers=0, env={"DATABASE_URL": ""}, is_forked=False):
            pass
        shutil.copytree(home, folder, ignore=LEFT_OUT)
        with contextlib.closing(sqlite3.connect(home / DATABASE)) as database:
            # The link that the start printed works once.
            database.execute("DELETE FROM accounts_onetimelink")
            database.commit()
            database.execute("VACUUM INTO ?", [str(folder / DATABASE)])
