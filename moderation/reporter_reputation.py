"""The weight of a report. Pure: numbers in, numbers out.

Weights are whole tenths of a point, so that sums are exact on every database.
"""

from __future__ import annotations

TENTHS = 10
# Reports that were never answered count as this many good ones: one dismissal is no verdict.
BENEFIT = 2
# However often someone was wrong, the next report is still read.
LEAST = 0.1
# Points at which the queue shows one, two, three, four bars, as parts of the hiding weight.
_BARS = (0.0, 0.34, 0.67, 1.0)


def reputation(upheld: int, dismissed: int) -> float:
    """The factor that a person's reports are weighted with, from 1 down to LEAST.

    upheld, dismissed: how many of their reports moderators agreed with, and how many they did not.
    """
    good = upheld + BENEFIT
    return max(LEAST, good / (good + dismissed))


def weight(reason_weight: int, reporter_reputation: float) -> int:
    """Tenths of a point of one report; never nothing."""
    return max(1, round(reason_weight * reporter_reputation))


def hides(score: int, hide_weight: int) -> bool:
    """Return whether open reports of `score` tenths hide a thing until a person looks.

    hide_weight: whole points; 0 switches hiding off.
    """
    return hide_weight > 0 and score >= hide_weight * TENTHS


def reopens(answered: int, new: int) -> bool:
    """Return whether a dismissed case is looked at again: its reporters have doubled."""
    return new >= max(1, answered)


def urgency(score: int, hide_weight: int) -> int:
    """1 to 4, for people who scan the queue: 4 is at or above the weight that hides."""
    full = max(1, hide_weight) * TENTHS
    return max(1, sum(score >= part * full for part in _BARS))
