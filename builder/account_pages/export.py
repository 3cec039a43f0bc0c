"""What we hold about a person, as they may take it with them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from accounts import ledger, selectors
from accounts.models import User
from core import clock
from notices import selectors as notices
from notices.feed import notice_out
from notices.telling import all_ways
from runs import selectors as runs
from runs.billing.units import units
from templates_app import selectors as templates

API = "/v1/creative-agent/workflows"


def export_of(person: User, *, base_url: str) -> dict[str, Any]:
    """What we keep that is theirs; of a template or run, where the API shows all of it."""
    return {
        "profile": {
            "userId": person.public_id,
            "username": person.username,
            "displayName": person.display_name,
            "email": person.email,
            "joinedAt": clock.iso(person.date_joined),
            "balanceUnits": units(ledger.balance(person)),
        },
        "calls": [
            {
                "id": call.id,
                "tool": call.tool,
                "usedUnits": units(call.milli),
                "createdAt": clock.iso(call.at),
            }
            for call in selectors.paid_calls(person)
        ],
        "templates": [
            {
                "id": row["public_id"],
                "name": row["name"],
                "version": row["head__semver"],
                "visibility": row["visibility"],
                "category": row["category"],
                "clonedFromTemplateId": row["cloned_from_public_id"] or None,
                "createdAt": clock.iso(row["created_at"]),
                "updatedAt": clock.iso(row["updated_at"]),
                "url": f"{base_url}{API}/templates/{row['public_id']}",
            }
            for row in templates.summaries_of(person)
        ],
        "runs": [
            {
                "id": row["public_id"],
                "title": row["title"],
                "status": row["status"],
                "usedUnits": units(row["actual_milli"]),
                "createdAt": clock.iso(row["created_at"]),
                "finishedAt": clock.iso_or_none(row["finished_at"]),
                "url": f"{base_url}{API}/{row['public_id']}",
            }
            for row in runs.summaries_of(person)
        ],
        "notices": [notice_out(row) for row in notices.all_of(person)],
        "noticeChoices": {kind: asdict(ways) for kind, ways in all_ways(person).items()},
    }
