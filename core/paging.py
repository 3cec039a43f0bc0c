"""`limit` and `offset` as the public API reads them: clamped, never refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Deeper pages cost a scan of all before them; people narrow the list instead.
DEEPEST_OFFSET = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. Read `limit + 1` rows to learn whether more follow."""

    limit: int
    offset: int

    @property
    def window(self) -> slice:
        """The rows of this page and one more."""
        return slice(self.offset, self.offset + self.limit + 1)


def read_page(query: Mapping[str, str], *, default: int = 20, cap: int = 100) -> Page:
    """Read `limit` and `offset` from a query string. Anything unreadable becomes the default."""
    limit = _whole(query.get("limit"), default)
    offset = _whole(query.get("offset"), 0)
    return Page(min(limit, cap) if limit > 0 else default, min(offset, DEEPEST_OFFSET))


def next_offset(page: Page, got_more: bool) -> int | None:
    """The `offset` of the following page, or None at the end."""
    following = page.offset + page.limit
    return following if got_more and following <= DEEPEST_OFFSET else None


def _whole(text: str | None, fallback: int) -> int:
    # Longer than any sensible number: int() on megabytes of digits is slow and raises.
    if not text or not text.isascii() or not text.isdigit() or len(text) > 30:
        return fallback
    return int(text)
