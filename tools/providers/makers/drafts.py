"""Drafts by a model itself: their jobs are noted with what they made, and make its final while the
service knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tools.providers.base import DRAFT_JOB
from tools.providers.look_times import now_s
from tools.providers.makers.slots import F, Slots
from tools.providers.makers.table import Offered

# Before a draft's job ends, so much of its time is left out.
MARGIN_S = 3600.0


def notes_of(offer: Offered, account: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is noted with a draft. job: of `JobState.jobs`."""
    draft = offer.place.draft
    if draft is None or not job["id"]:
        return {"draft": True}
    facts = {"id": job["id"], "place": offer.place.id, "account": account}
    until = float(job.get("at") or now_s()) + draft.lives_s - MARGIN_S
    return {"draft": True, DRAFT_JOB: {**facts, "until": until}}


def are_usable(
    drafts: Sequence[Mapping[str, Any]], offer: Offered, account: str, count: int
) -> bool:
    """Return whether the service still knows these drafts, one for each of so many results."""
    return (
        offer.place.draft is not None
        and len(drafts) == count > 0
        and all(
            one.get("place") == offer.place.id
            and one.get("account") == account
            and float(one.get("until", 0)) > now_s()
            for one in drafts
        )
    )


def with_drafts(calls: Sequence[Slots[F]], drafts: Sequence[Mapping[str, Any]]) -> list[Slots[F]]:
    """Return the calls that make these drafts final, in the same order."""
    return [
        replace(call, values={**call.values, "draft_job": str(draft["id"])})
        for call, draft in zip(calls, drafts, strict=True)
    ]


def bare(call: Slots[F]) -> Slots[F]:
    """Return a call that is the draft's job alone: no other field may be sent with it."""
    return replace(call, values={"draft_job": call.get("draft_job")}, media={}, ignored=())
