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
from typing import Annotated

from django.conf import settings
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from backups import folder_mark, folders, nightly
from backups.folders import BackupProblem

NAME = "deletions.jsonl"


class _Line(BaseModel):
    person: Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]
    at: AwareDatetime


def note(person: str, at: datetime) -> None:
    """Write the id of a person down, once. Without a folder for backups nothing is written.

    Raises OSError, and BackupProblem where the folder isn't that of earlier backups.
    """
    folder = nightly.store()
    if folder is None:
        return
    folder_mark.check(folder)
    path = folder / NAME
    if any(line.person == person for line in _lines(path)):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_cut_off = path.exists() and not path.read_text().endswith("\n")
    with path.open("a") as file:
        file.write("\n" * is_cut_off)
        file.write(json.dumps({"person": person, "at": at.isoformat()}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def keep_after_restore(store: Path, moment: datetime) -> None:
    """Copy the lines since the moment of a backup into this data folder. Raises BackupProblem."""
    try:
        file = folders.open_file(store, NAME)
    except FileNotFoundError:
        return
    later, number = [], 0
    with file:
        while text := file.readline(folders.LONGEST_LINE):
            number += 1
            line = _line(text)
            # A crash may have cut one off; it is written again.
            is_cut_off = text.startswith(b'{"') and b"}" not in text
            if line is None and not is_cut_off and text.strip():
                raise BackupProblem(
                    f"{store / NAME}, line {number} isn't a person's id and a time. Correct the"
                    " line: who left since the backup is deleted from what is restored."
                )
            if line is not None and line.at >= moment:
                later.append(line.model_dump_json())
    if later:
        replay_path().write_text("\n".join([*later, ""]))


def replayed_ids() -> list[str]:
    """Return the ids of people who have left since the backup that this server was made of."""
    return [line.person for line in _lines(replay_path())]


def forget_replayed() -> None:
    replay_path().unlink(missing_ok=True)


def replay_path() -> Path:
    return Path(settings.HOME) / NAME


def _lines(path: Path) -> Iterator[_Line]:
    """Yield what can be read of a file of our own."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    for line in map(_line, text.splitlines()):
        if line is not None:
            yield line


def _line(text: bytes) -> _Line | None:
    try:
        return _Line.model_validate_json(text)
    except ValidationError:
        return None
