"""What a request costs: by its row's price in US dollars, in thousandths of a credit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tools.providers.makers.sizes import of_ratio, pixels_of
from tools.providers.makers.slots import Slots
from tools.providers.makers.table import Place, Price

# Where nothing says how long or large a file will be.
_LONGEST_S = 60.0
_MOST_MEGAPIXELS = 16.0


def dollars(place: Place, call: Slots[Any]) -> tuple[Decimal, bool]:
    """Return the most that one request costs, and whether it may cost less."""
    price = place.price
    each = Decimal(str(_each(price, call)))
    amount, is_known = _amount(price, call, place)
    count = int(call.get("count") or 1)
    return each * Decimal(str(amount)) * count, price.at_most or not is_known


def milli(usd: Decimal, credits_per_usd: float) -> int:
    """Return dollars as thousandths of a credit, rounded up."""
    return math.ceil(usd * Decimal(str(credits_per_usd)) * 1000)


def _each(price: Price, call: Slots[Any]) -> float:
    for slot, usd in price.extra.items():
        if call.get(slot):
            return usd
    sizes: Mapping[str, Any] = {side: pixels_of(call, side) for side in ("longest", "shortest")}
    for slot, bound, usd in reversed(price.steps):
        value = sizes.get(slot, call.get(slot))
        if value is not None and float(value) > bound:
            return usd
    return price.usd


def _amount(price: Price, call: Slots[Any], place: Place) -> tuple[float, bool]:
    """Return how much is charged for, and whether that is known or the most it can be."""
    if price.per == "result":
        return 1.0, True
    if price.per == "1000_characters":
        return max(1, len(str(call.get("prompt") or ""))) / 1000, True
    file = next(iter(call.media.get(price.of, ())), None) if price.of else None
    if price.per == "second":
        seconds = call.get("seconds") if not price.of else file and file.duration_s
        if seconds:
            low, high = place.seconds or (0.0, math.inf)
            return math.ceil(min(max(float(seconds), low), high)), True
        return price.most or _LONGEST_S, False
    scale = float(call.get("scale") or 1)
    if file is not None and file.width and file.height:
        return max(1.0, file.width * file.height * scale * scale / 1e6), True
    if not price.of:
        short, ratio = pixels_of(call, "shortest"), of_ratio(call)
        return max(1.0, short * short * max(ratio, 1 / ratio) / 1e6), True
    return price.most or _MOST_MEGAPIXELS, False


def usual_dollars(price: Price) -> Decimal:
    """Return the price of one unit with the usual arguments: sound on, the smallest size."""
    return Decimal(str(price.extra.get("sound", price.usd)))
