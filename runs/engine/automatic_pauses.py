"""Providers whose account is out of credit: paused by this server, and resumed once it has some.

Operators hear of it once a day. Steps wait, as for any pause.
"""

from __future__ import annotations

import time
from typing import Final

from core import clock
from core.shared_cache import shared_cache
from notices import create_notice
from runs.dispatch import dispatch
from runs.engine import limits
from runs.models import QueueLimit
from tools import registry
from tools.providers.base import Provider

EVERY_S: Final = 600.0
# After the last balance that was told, in seconds.
_KEPT_S: Final = 3 * EVERY_S


def pause(provider_name: str, reason: str) -> None:
    """Have no step begin there, unless an operator has paused it already. reason: a sentence that
    operators and people whose steps wait read."""
    name = limits.of_provider(provider_name)
    QueueLimit.objects.bulk_create([QueueLimit(name=name)], ignore_conflicts=True)
    rows = QueueLimit.objects.filter(name=name, paused_at=None)
    if not rows.update(paused_at=clock.now(), is_automatic=True, reason=reason[:200]):
        return
    limits.forget_names()
    create_notice.tell_operators(
        about=f"paused:{provider_name}:{clock.now():%Y-%m-%d}",
        text=f"Paused: {reason}",
        url="/admin/providers",
    )


def balance_of(provider_name: str) -> float | None:
    """Return what was left on its account when it was last asked, in US dollars; None: unknown."""
    balance: float | None = shared_cache().get(_key(provider_name))
    return balance


class Balances:
    """Asks the services that tell their balance, one in a turn: a periodic task."""

    def __init__(self) -> None:
        self._asked_at: dict[str, float] = {}

    def __call__(self) -> float:
        providers = [one for one in registry.callable_providers() if one.has_balance]
        now = time.monotonic()
        for provider in providers:
            if now - self._asked_at.get(provider.name, float("-inf")) >= EVERY_S:
                self._asked_at[provider.name] = now
                check(provider)
                return 0.0
        return EVERY_S / 10


def check(provider: Provider) -> None:
    """Ask for a balance: none left pauses the provider, some left ends a pause of that kind."""
    balances = [one.balance_usd for one in provider.visits() if one.balance_usd is not None]
    if not balances:
        return
    balance = sum(balances)
    shared_cache().set(_key(provider.name), balance, _KEPT_S)
    title = provider.title or provider.name
    if balance <= 0:
        pause(provider.name, f"The {title} account is out of credit. Top it up.")
        return
    name = limits.of_provider(provider.name)
    if QueueLimit.objects.filter(name=name, is_automatic=True).update(**RESUMED):
        limits.forget_names()
        dispatch().hint([])


# What a row of limits has when its pause is over.
RESUMED: Final = {"paused_at": None, "paused_by": None, "reason": "", "is_automatic": False}


def _key(provider_name: str) -> str:
    return f"balance:{provider_name}"
