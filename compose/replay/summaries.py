"""Replay records as lists show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from compose.replay.schemas import RecordSummary
from core import clock


def summary(record: Mapping[str, Any], created_at: datetime, updated_at: datetime) -> RecordSummary:
    """Return a record as a list shows it."""
    optional_fields = {
        "userRequest": record.get("user_request"),
        "finalResponse": record.get("final_response"),
        "modelId": record.get("model_id"),
    }
    fields = {
        "runId": record["run_id"],
        "schemaVersion": version_of(record),
        "createTime": clock.unix(created_at),
        "updateTime": clock.unix(updated_at),
        "rounds": len(record.get("rounds") or ()),
        **{name: value for name, value in optional_fields.items() if value is not None},
    }
    return cast(RecordSummary, fields)


def version_of(record: Mapping[str, Any]) -> int | str:
    """Return the version of the record's form, as its client says."""
    return cast("int | str", record.get("schema_version") or 0)
