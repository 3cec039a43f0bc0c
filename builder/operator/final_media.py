"""What pages say of services for final media: what was quoted and booked in the last days, what
becomes of a lost answer, and how old their prices are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, Sum

from core import clock
from runs import states
from runs.billing.units import credits_text
from runs.models import Attempt, Wait
from tools import registry
from tools.models import Service
from tools.providers import kinds
from tools.providers.base import Provider
from tools.providers.form import ModelChoice

DAYS = 30
# Prices that were compared longer ago are doubtful.
STALE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last DAYS days, in thousandths of a credit. above: steps that were booked above their
    quote. asked: questions to people whether to send a request again."""

    quoted: int = 0
    booked: int = 0
    above: int = 0
    asked: int = 0

    @property
    def quoted_text(self) -> str:
        return credits_text(self.quoted)

    @property
    def booked_text(self) -> str:
        return credits_text(self.booked)

    @property
    def difference(self) -> str:
        """`+1.5`, in credits."""
        return f"{(self.booked - self.quoted) / 1000:+,.10g}"


def figures_of(names: Sequence[str]) -> dict[str, Figures]:
    """Return the figures of these services. Steps that took over an earlier result don't count."""
    since = clock.now() - timedelta(days=DAYS)
    made = Attempt.objects.filter(provider__in=names, ended_at__gte=since, outcome="done")
    made = made.filter(step__reused_from=None).order_by()
    above = Q(actual_milli__gt=F("step__estimated_milli"))
    rows = made.values("provider").annotate(
        quoted=Sum("step__estimated_milli"),
        booked=Sum("actual_milli"),
        above=Count("id", filter=above),
    )
    waits = Wait.objects.filter(
        reason=states.PERMISSION, created_at__gte=since, step__assigned_provider__in=names
    )
    asked = waits.order_by().values_list("step__assigned_provider").annotate(Count("id"))
    questions: dict[str, int] = dict(asked)
    found = {name: Figures(asked=questions.get(name, 0)) for name in names}
    for row in rows:
        sums = {name: int(row[name]) for name in ("quoted", "booked", "above")}
        found[row["provider"]] = replace(found[row["provider"]], **sums)
    return found


def certainty(provider: Provider) -> str:
    """Return what becomes of a paid request whose answer is lost."""
    if provider.submit == "idempotent":
        hours = provider.key_lifetime_s and round(provider.key_lifetime_s / 3600)
        return f"Repeated requests are recognized{f' for {hours} h' if hours else ''}"
    if provider.submit == "findable":
        return "Lost requests are found by webhook or history"
    return "Can't recognize a repeated request: you are asked"


def stale(catalog: Sequence[ModelChoice]) -> str:
    """Return a sentence about models whose prices were compared long ago; "" for none."""
    old = [one for one in catalog if (clock.now().date() - one.read).days > STALE_DAYS]
    if not old:
        return ""
    last = min(one.read for one in old)
    return (
        f"{len(old)} price{'' if len(old) == 1 else 's'} last compared on {last:%-d %b %Y}. Update"
        " Reelgraph, or write rows of your own into models.d in the data folder."
    )


def facts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what pages say of the services for final media among these, by their names."""
    own = Service.objects.filter(name__in=names).values_list("name", "kind", "options")
    tables = {name: (kind, options) for name, kind, options in own}
    tables |= {
        name: (str(table.get("kind", "")), table)
        for name, table in settings.PROVIDERS.items()
        if name in names
    }
    found: dict[str, dict[str, Any]] = {}
    for name, (kind, options) in tables.items():
        catalog, provider = kinds.form_of(kind).catalog, registry.provider_named(name)
        if catalog is not None and provider is not None:
            found[name] = {"certainty": certainty(provider), "stale": stale(catalog(options))}
    figures = figures_of([*found]) if found else {}
    return {name: {**one, "figures": figures[name]} for name, one in found.items()}
