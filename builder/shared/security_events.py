"""Security events of an account, as pages list them."""

from __future__ import annotations

from typing import Any

from accounts import security
from accounts.models import SecurityEvent
from builder.shared import browser_names


def event_row(row: SecurityEvent) -> dict[str, Any]:
    """Write an event in words."""
    details = row.details
    return {
        "what": security.WORDS.get(row.kind, row.kind),
        "more": details.get("name") or (f"by {details['by']}" if details.get("by") else ""),
        "count": details.get("count", 1),
        "is_bad": row.kind in (security.SIGN_IN_FAILED, security.SECOND_FACTOR_FAILED),
        "at": row.created_at,
        "address": row.address or "this server",
        "agent": browser_names.named(row.agent) if row.address else "a command",
    }
