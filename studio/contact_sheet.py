"""Everything the studio draws, on one page.

Run it as `python -m studio.contact_sheet OUT.png [PROMPT …]` and look: whether a
outsider would name each subject is nothing a test can tell.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from studio.scenes.contact_sheet import contact_sheet
from studio.scenes.subjects import SUBJECTS


def main(arguments: Sequence[str]) -> int:
    """OUT.png, then any prompts; without prompts, every subject by name."""
    if not arguments:
        sys.stderr.write("Say where the sheet goes: python -m … OUT.png [PROMPT …]\n")
        return 2
    names = [subject.words[0] for subject in SUBJECTS.values()]
    contact_sheet(arguments[1:] or names).save(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
