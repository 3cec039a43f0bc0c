"""Text of services, which may hold what neither a JSON column nor an answer can."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without NUL, and with a replacement character for each half surrogate pair."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
