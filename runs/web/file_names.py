"""Names of a run's files when a person saves them: `Harbor - Stitch video.mp4`.

Valid on Linux, macOS and Windows alike, and in a zip that is unpacked on any of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from mediakit.file_type import EXTENSIONS
from runs.models import Artifact
from runs.stage_titles import stage_title

# In characters; a name of both parts, a number and an ending stays far below 255 bytes.
TITLE_LENGTH = 60
STAGE_LENGTH = 40
# In bytes of UTF-8, without number and ending: some scripts take three or four for a character.
STEM_BYTES = 200

# Windows refuses these, and a separator would make a folder.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_SPACES = re.compile(r"\s+")
# Windows takes these for devices, whatever follows the first dot.
_DEVICES = {
    *("CON", "PRN", "AUX", "NUL"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10)),
}


def file_names(title: str, artifacts: Sequence[Artifact]) -> list[str]:
    """One name for each of a run's artifacts, see `names_of`.

    artifacts: with their steps and blobs.
    """
    return names_of(title, [(stage_title(row.step), row.blob.mime) for row in artifacts])


def names_of(title: str, files: Sequence[tuple[str, str]]) -> list[str]:
    """One name for each file: the run's title, the stage's, a number where a name would be twice.

    files: title of the stage and MIME type of each.
    """
    return distinct([(stem(title, stage), ending(mime)) for stage, mime in files])


def distinct(parts: Sequence[tuple[str, str]]) -> list[str]:
    """`<stem>.<ending>` of each, with a number where a name would be twice: no two are equal, not
    even where case does not count."""
    counts = Counter(name.casefold() for name, _ in parts)
    uses: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name, end in parts:
        while True:
            uses[name.casefold()] += 1
            number = f" {uses[name.casefold()]}" if counts[name.casefold()] > 1 else ""
            chosen = f"{name}{number}.{end}"
            if chosen.casefold() not in names:
                break
            # A stage may be called “Shots 2”, beside the second result of “Shots”.
            counts[name.casefold()] += 1
        names[chosen.casefold()] = chosen
    return list(names.values())


def stem(title: str, stage: str = "") -> str:
    """`<title> - <stage>` as it may be before the dot of a file's name; never empty."""
    parts = [part for part in (clean(title, TITLE_LENGTH), clean(stage, STAGE_LENGTH)) if part]
    name = " - ".join(dict.fromkeys(parts)) or "run"
    name = name.encode()[:STEM_BYTES].decode(errors="ignore").strip(" .")
    return f"_{name}" if name.partition(".")[0].rstrip().upper() in _DEVICES else name


def split_name(filename: str) -> tuple[str, str]:
    """Return the stem and the ending, as `distinct` takes them, of a file that a person named."""
    name, _, end = filename.rpartition(".")
    return stem(name or filename), clean(end, 8) or "bin"


def clean(text: str, length: int) -> str:
    """The text without what file systems refuse, in at most so many characters; maybe empty."""
    whole = unicodedata.normalize("NFC", text)
    # Control and invisible characters, and halves of characters that no file system can store.
    visible_text = "".join(
        " " if one.isspace() else one for one in whole if one.isspace() or is_visible(one)
    )
    plain = _SPACES.sub(" ", _FORBIDDEN.sub("-", visible_text)).strip(" .")
    return plain[:length].strip(" .")


def is_visible(one: str) -> bool:
    return not unicodedata.category(one).startswith("C")


def ending(mime: str) -> str:
    """`mp4`, `jpg`: what follows the dot."""
    return EXTENSIONS.get(mime, "bin")
