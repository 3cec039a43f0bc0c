"""Rows of the tables, and proofs, that are older than their facts may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tools.provider_trials import proofs
from tools.providers.makers import KINDS
from tools.providers.makers.table import STALE_DAYS, offered_at


def old_facts(today: date) -> Iterator[str]:
    """Yield a line for each row that was last compared, and each proof that was made, too long
    ago. Raises Misconfigured."""
    for service in KINDS:
        for one in offered_at(service):
            if (today - one.read).days > STALE_DAYS:
                place = f"{service}: {one.row.name}, {one.place.id}"
                yield f"{place}: compared with the provider's pages on {one.read:%-d %b %Y}"
    for proof in proofs.all_proofs():
        if (today - proof.on).days > STALE_DAYS:
            of = f" of {proof.model}, {proof.id}" if proof.model else ""
            yield f"{proof.service}: {proof.fact}{of}: {proofs.words(proof)}"
