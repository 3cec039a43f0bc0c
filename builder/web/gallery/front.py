"""The front of a gallery: its first cards, what is new this week, and its other cards below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from core import clock

WEEK: Final = timedelta(days=7)
NEW_SHOWN: Final = 4

Found = TypeVar("Found")


def parts(
    cards: Sequence[dict[str, Any]],
    *,
    first: int,
    newest: Iterable[tuple[str, datetime, Found]],
    card_of: Callable[[Found], dict[str, Any]],
) -> dict[str, Any]:
    """Build what `gallery/list.html` shows of a front page; {} where nothing else is new.

    first: how many cards are above what is new. newest: id, since when, and what is found of each,
    the newest first.
    """
    since, card_ids = clock.now() - WEEK, {card["id"] for card in cards}
    unseen = (item for name, at, item in newest if at >= since and name not in card_ids)
    new = [card_of(item) for item in islice(unseen, NEW_SHOWN)]
    return {"new": new, "first": cards[:first], "rest": cards[first:]} if new else {}
