"""Media folders that a test makes, with the mark that they are this installation's."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import installation, media_folder

ID = "ins_test"


def mark(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Mark a folder without asking a database, for as long as the patch lasts."""
    patch.setattr(installation, "_id", ID)
    (folder / media_folder.MARK).write_text(f"{ID}\n")
    return folder
