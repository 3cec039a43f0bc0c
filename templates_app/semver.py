"""How the version number of a template moves."""

from __future__ import annotations

from semver import Version

FIRST = "0.0.1"
# The column takes 64; a bump may add a digit now and then.
MAX_LENGTH = 60


def is_valid(text: object) -> bool:
    """Whether a caller may name a version so."""
    return isinstance(text, str) and len(text) <= MAX_LENGTH and Version.is_valid(text)


def next_version(current: str, asked: object = None) -> str:
    """The version after `current`: `asked` when it is valid and greater, else the next patch.

    The next patch of a pre-release drops the suffix and still raises the number.
    """
    before = Version.parse(current)
    if isinstance(asked, str) and is_valid(asked) and Version.parse(asked) > before:
        return asked
    return str(before.bump_patch())
