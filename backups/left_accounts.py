"""People who left after a backup was made: the backup holds them, a server made of it must not.

`deletions.jsonl` beside the backups has a line for each, with an id and a time alone. `restore`
puts the lines that the backup doesn't know into the data folder, and the next start deletes those
people again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

NAME = "deletions.jsonl"


def note(person: str, at: datetime) -> None:
    """Write the id of a person down, once. Without a folder for backups nothing is written.

    Raises OSError.
    """
    if not settings.BACKUP_DIR:
        return
    path = Path(settings.BACKUP_DIR).expanduser() / NAME
    if any(line["person"] == person for line in _lines(path)):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_cut_off = path.exists() and not path.read_text().endswith("\n")
    with path.open("a") as file:
        file.write("\n" * is_cut_off)
        file.write(json.dumps({"person": person, "at": at.isoformat()}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def keep_after_restore(store: Path, moment: datetime) -> None:
    """Copy the lines since the moment of a backup into this data folder."""
    later = [
        json.dumps(line)
        for line in _lines(store / NAME)
        if datetime.fromisoformat(line["at"]) >= moment
    ]
    if later:
        _replay_path().write_text("\n".join([*later, ""]))


def replayed_ids() -> list[str]:
    """Return the ids of people who have left since the backup that this server was made of."""
    return [line["person"] for line in _lines(_replay_path())]


def forget_replayed() -> None:
    _replay_path().unlink(missing_ok=True)


def _replay_path() -> Path:
    return Path(settings.HOME) / NAME


def _lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        text = path.read_text()
    except FileNotFoundError:
        return
    # A crash may have cut one off; it is written again.
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue
