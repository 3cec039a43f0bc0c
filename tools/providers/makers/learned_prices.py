"""Prices that a service itself told, beside those of the tables: an account may have others.

Kept for a day, as the share of the table's price.
"""

from __future__ import annotations

from decimal import Decimal

from core.shared_cache import shared_cache

_KEPT_S = 24 * 3600
# So long a service isn't asked again.
_FRESH_S = 600


def share(provider: str, place: str) -> Decimal:
    """Return a model's price there as a share of its table's; 1 where nothing is known."""
    return Decimal(str(shared_cache().get(_name(provider, place), 1)))


def learn(provider: str, place: str, new_share: Decimal) -> bool:
    """Keep a share. Returns whether it is above the one that quotes were made by."""
    is_above = new_share > share(provider, place) * Decimal("1.001")
    shared_cache().set(_name(provider, place), str(new_share), _KEPT_S)
    return is_above


def is_due(provider: str, place: str) -> bool:
    """Return whether the service is to be asked for this price now; then no one else asks."""
    return bool(shared_cache().add(f"{_name(provider, place)}:asked", True, _FRESH_S))


def _name(provider: str, place: str) -> str:
    return f"price:{provider}:{place}"
