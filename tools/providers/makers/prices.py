"""Costs of requests: by prices of rows in US dollars, in thousandths of a credit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.providers.makers.sizes import (
    PIXELS,
    ROUNDING,
    factor_of,
    is_size_known,
    is_video,
    made_size,
    pixels_of,
    seconds_of,
)
from tools.providers.makers.slots import Slots
from tools.providers.makers.table import Place, Price

# Where nothing says how long or large a file will be.
_LONGEST_S = 60.0
_LONGEST_TEXT = 4.096  # thousands of characters, as generate_speech takes them
_MOST_MEGAPIXELS = 256.0

# A job that costs more than its quote by this factor isn't what was quoted.
DEARER = Decimal("1.1")


def dollars(place: Place, call: Slots[Any]) -> tuple[Decimal, bool]:
    """Return the most that one request costs, and whether it may cost less."""
    price = place.price
    each, is_exact = _each(price, call)
    amount, is_known = _amount(price, call, place)
    count = int(call.get("count") or 1)
    total = each * _decimal(amount)
    if price.first is not None:
        total += _decimal(price.first) - each
    for slot, share in price.inputs.items():
        seconds, is_told = _input_seconds(call, slot, place)
        total, is_known = total + each * _decimal(seconds * share), is_known and is_told
    total = max(total, _decimal(price.least))
    return total * count, price.at_most or not (is_exact and is_known)


def milli(usd: Decimal, credits_per_usd: float) -> int:
    """Return dollars as thousandths of a credit, rounded up."""
    return math.ceil(usd * _decimal(credits_per_usd) * 1000)


def usual_dollars(price: Price) -> Decimal:
    """Return the price of one unit with the usual arguments: sound on, the smallest size."""
    return _decimal(price.usd) + _decimal(price.more.get("sound", 0))


def is_usual_alone(place: Place) -> bool:
    """Return whether a request's price is the usual one for each unit, whatever else it has."""
    price = place.price
    factors = (price.by_value, price.steps, price.times, price.more, price.inputs, price.counted)
    is_flat = not any(factors) and price.first is None and not price.least
    # A request for a length that isn't made is charged for the next one.
    return is_flat and not price.of and not (price.per == "second" and _lengths(place))


def _each(price: Price, call: Slots[Any]) -> tuple[Decimal, bool]:
    """Return the price of one, and whether it's exact or the highest that it can be."""
    is_exact = not (price.steps or price.times) or is_size_known(call)
    usd = price.usd
    for slot, values in price.by_value.items():
        usd = values.get(str(call.get(slot)), usd)
    usd = _step(price.steps, call, usd, is_exact)
    total = _decimal(usd) * _decimal(_step(price.times, call, 1.0, is_exact))
    more = (_decimal(extra) for slot, extra in price.more.items() if _is_set(call, slot))
    return sum(more, total), is_exact


def _step(
    steps: Sequence[tuple[str, float, float]], call: Slots[Any], base: float, is_exact: bool
) -> float:
    """The number of the highest bound that the call is above; of all the largest if unknown."""
    if not is_exact:
        return max((base, *(number for _, _, number in steps)))
    above = (number for slot, limit, number in steps if _measure(call, slot) > limit * ROUNDING)
    return max(above, default=base)


def _measure(call: Slots[Any], slot: str) -> float:
    return float(pixels_of(call, slot) if slot in PIXELS else call.get(slot) or 0)


def _is_set(call: Slots[Any], slot: str) -> bool:
    return bool(call.get(slot) or call.media.get(slot))


def _amount(price: Price, call: Slots[Any], place: Place) -> tuple[float, bool]:
    """Return how much is charged for, and whether that is known or the most it can be."""
    if price.per == "result":
        return 1.0, True
    if price.per == "1000_characters":
        text = call.get("prompt")
        return (len(str(text)) / 1000, True) if text else (price.most or _LONGEST_TEXT, False)
    return (_seconds if price.per == "second" else _megapixels)(price, call, place)


def _seconds(price: Price, call: Slots[Any], place: Place) -> tuple[float, bool]:
    low, high = place.seconds or (1.0, math.inf)
    if price.of in call.media:
        file = next(iter(call.media[price.of]), None)
        seconds = file.duration_s if file is not None else None
    else:
        seconds = seconds_of(call)
    if seconds:
        length = min(max(float(seconds), low), high)
        return math.ceil(next((one for one in _lengths(place) if one >= length), length)), True
    return price.most or (high if high < math.inf else _LONGEST_S), False


def _input_seconds(call: Slots[Any], slot: str, place: Place) -> tuple[float, bool]:
    """Return full seconds of the files of a slot, and whether that is known."""
    limits = place.media.get(slot)
    longest = (limits.most_s if limits else None) or _LONGEST_S
    lengths = [file.duration_s if file is not None else None for file in call.media.get(slot, ())]
    known_lengths = [one for one in lengths if one]
    if len(known_lengths) == len(lengths):
        return float(sum(map(math.ceil, known_lengths))), True
    return longest, False


def _lengths(place: Place) -> list[float]:
    """The only lengths that a model makes; [] where it makes any."""
    values = (value for _, value in place.values() if value.slot == "seconds")
    return sorted(float(one) for value in values for one in value.choices)


def _megapixels(price: Price, call: Slots[Any], place: Place) -> tuple[float, bool]:
    """Full megapixels of the result and of the images that are counted, too."""
    pixels: list[float | None] = []
    for slot in price.counted:
        files: Sequence[Any] = call.media.get(slot, ())
        pixels += [_pixels_of(file) for file in files]
    if price.of:
        factor = factor_of(call)
        file = next(iter(call.media.get(price.of, ())), None)
        source = _pixels_of(file)
        pixels.append(source * factor * factor if source and factor else None)
    else:
        width, height = made_size(call, place.sides)
        pixels.append(float(width * height) if is_size_known(call) or is_video(call) else None)
    unknown, most = price.most or _MOST_MEGAPIXELS, price.most or math.inf
    each = [unknown if one is None else min(most, max(1, math.ceil(one / 1e6))) for one in pixels]
    return float(sum(each)), None not in pixels


def _pixels_of(file: Any) -> float | None:
    has_size = file is not None and file.width and file.height
    return float(file.width * file.height) if has_size else None


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
