"""Version numbers of a template, and how they move."""

from __future__ import annotations

from semver import Version

FIRST = "0.0.1"
# The column takes 64; a bump may add a digit now and then.
MAX_LENGTH = 60


def is_valid(text: object) -> bool:
    """Tell whether a caller may name a version so."""
    return isinstance(text, str) and len(text) <= MAX_LENGTH and Version.is_valid(text)


def next_version(current: str, choice: object = None) -> str:
    """The version after `current`: `choice` when it is valid and greater, else the next patch.

    The next patch of a pre-release drops the suffix and still raises the number.
    """
    before = Version.parse(current)
    if isinstance(choice, str) and is_valid(choice) and Version.parse(choice) > before:
        return choice
    return str(before.bump_patch())
