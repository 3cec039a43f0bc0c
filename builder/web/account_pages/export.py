"""The data that we hold about a person, as they may take them along."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from accounts import blocks, connected_apps, ledger, selectors
from accounts.models import MailAddress, User
from comments import services as comments
from comments.models import Comment
from core import clock
from creations import selectors as creations
from moderation import notices as moderation
from moderation import own_decisions
from notices import selectors as notices
from notices.create_notice import all_ways
from notices.feed import notice_out
from runs import selectors as runs
from runs.billing.units import units
from templates_app import selectors as templates

API = "/v1/creative-agent/workflows"


def export_of(person: User, *, base_url: str) -> dict[str, Any]:
    """Return all that we keep of theirs; of a template or run, where the API shows it in full."""
    mail = MailAddress.objects.filter(person=person).first()
    return {
        "profile": {
            "userId": person.public_id,
            "username": person.username,
            "displayName": person.display_name,
            "email": person.email,
            "mailAddress": mail.address if mail else "",
            "joinedAt": clock.iso(person.date_joined),
            "balanceUnits": units(ledger.balance(person)),
        },
        "connectedApps": [
            {
                "name": key.name,
                "clientId": key.client.public_id if key.client else "",
                "redirectUri": key.tokens.redirect_uri,
                "scope": key.scope,
                "dailyLimitUnits": None
                if key.daily_budget_milli is None
                else units(key.daily_budget_milli),
                "connectedAt": clock.iso(key.created_at),
                "lastUsedAt": clock.iso_or_none(key.last_used_at),
                "expiresAt": clock.iso_or_none(key.expires_at),
                "endedAt": clock.iso_or_none(key.revoked_at),
            }
            for key in connected_apps.of_person(person, with_ended=True)
        ],
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
        "creations": [
            {
                "id": row["public_id"],
                "title": row["title"],
                "description": row["note"],
                "runId": row["run__public_id"],
                "visibility": row["visibility"],
                "license": row["license"],
                "showsPrompts": row["shows_prompts"],
                "allowsRemix": row["allows_remix"],
                "likes": row["likes"],
                "remixes": row["remixes"],
                "createdAt": clock.iso(row["created_at"]),
                "endedAt": clock.iso_or_none(row["ended_at"]),
                "url": f"{base_url}/s/{row['public_id']}",
            }
            for row in creations.summaries_of(person)
        ],
        "blockedAndMuted": [
            {
                "userId": row.other.public_id,
                "displayName": row.other.shown_name,
                "kind": row.kind,
                "createdAt": clock.iso(row.created_at),
            }
            for row in blocks.list_of(person)
        ],
        "comments": [
            {
                "text": comment.text,
                "createdAt": clock.iso(comment.created_at),
                "editedAt": clock.iso_or_none(comment.edited_at),
                "url": base_url + comments.address_of(comment),
            }
            for comment in Comment.objects.filter(author=person)
            .select_related("share", "template", "artifact__run", "parent__artifact__run")
            .order_by("-id")
        ],
        "decisions": own_decisions.exported(person),
        "reports": moderation.exported_reports(person),
        "likes": [
            {"url": f"{base_url}/s/{public_id}", "createdAt": clock.iso(at)}
            for public_id, at in creations.liked_by(person)
        ],
    }
