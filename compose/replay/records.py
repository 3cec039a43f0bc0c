"""Keeping and reading replay records: those that clients send, and those of chat runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.suspension import check_may_act
from compose.chat_runs.conversation import call_body, request_of
from compose.chat_runs.kinds import CHAT
from compose.chat_runs.record import SCHEMA_VERSION
from compose.chat_runs.rounds import Round, rounds_of
from compose.models import ReplayRecord
from compose.replay.redaction import redacted
from compose.replay.schemas import RecordIn
from core import clock, errors, jsonsafe
from core.http import parse
from core.stored_json import as_stored
from runs import states
from runs.models import Run

# Of one record, redacted; and of one person: the oldest go.
MOST_BYTES = 256 * 1024
MOST_RECORDS = 100

Found = tuple[Mapping[str, Any], datetime, datetime]


def keep(owner: User, body: Mapping[str, Any]) -> ReplayRecord:
    """Store a record, or replace the one of the same run_id.

    Raises InvalidBody; TooLarge; Conflict for the id of a chat run of this server, whose record is
    its own.
    """
    check_may_act(owner)
    wanted = parse(RecordIn, {name: one for name, one in body.items() if one is not None})
    if Run.objects.filter(public_id=wanted.run_id).exists():
        raise errors.Conflict(
            "`run_id` names a run of this server, which has a record of its own. Send another id."
        )
    record = redacted(wanted.model_dump(mode="json", exclude_unset=True))
    # It names the record.
    record["run_id"] = wanted.run_id
    if len(jsonsafe.dumps(record)) > MOST_BYTES:
        raise errors.TooLarge(f"A replay record may have at most {MOST_BYTES // 1024} KB.")
    with transaction.atomic():
        # Locked first: of two at once, neither exceeds the number of records.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
        row, _ = ReplayRecord.objects.update_or_create(
            owner=owner,
            run_id=wanted.run_id,
            defaults={"record": as_stored(record), "updated_at": clock.now()},
        )
        mine = ReplayRecord.objects.filter(owner=owner).order_by("-updated_at", "-id")
        ReplayRecord.objects.filter(
            id__in=list(mine.values_list("id", flat=True)[MOST_RECORDS:])
        ).delete()
    return row


def newest(owner: User, limit: int) -> list[Found]:
    """A person's records with when each was made and changed, the newest first."""
    kept = ReplayRecord.objects.filter(owner=owner).order_by("-updated_at", "-id")[:limit]
    runs = _chats(owner).order_by("-id")[:limit]
    found: list[Found] = [(row.record, row.created_at, row.updated_at) for row in kept]
    found += [_found(run) for run in runs]
    return sorted(found, key=lambda one: one[2], reverse=True)[:limit]


def find(owner: User, run_id: str) -> Found:
    """Raises NotFound, alike for what is another's."""
    row = ReplayRecord.objects.filter(owner=owner, run_id=run_id).first()
    if row is not None:
        return row.record, row.created_at, row.updated_at
    run = _chats(owner).filter(public_id=run_id).first()
    if run is None:
        raise errors.NotFound("Replay record not found.")
    return _found(run)


def _chats(owner: User) -> Any:
    return Run.objects.filter(owner=owner, kind=CHAT, status__in=states.RUN_TERMINAL)


def _found(run: Run) -> Found:
    return record_of(run), run.created_at, run.finished_at or run.updated_at


def record_of(run: Run) -> dict[str, Any]:
    """Redacted, in the fields of `RecordIn`."""
    wanted, rounds = request_of(run), rounds_of(run)
    said = [message.text for message in wanted.messages if message.role == "user"]
    answers = [one.answer for one in rounds if one.answer is not None]
    found: dict[str, Any] = redacted(
        {
            "session_id": wanted.session_id,
            "model_id": answers[-1].model if answers else None,
            "status": run.status,
            "user_request": said[-1] if said else "",
            "rounds": [_round(one) for one in rounds if one.answer is not None],
            "final_response": answers[-1].text if answers else None,
        }
    )
    known = {name: value for name, value in found.items() if value is not None}
    return {"run_id": run.public_id, "schema_version": SCHEMA_VERSION, **known}


def _round(one: Round) -> dict[str, Any]:
    answer = one.answer
    if answer is None:
        return {"round": one.number}
    results = {call_id: outcome.result for call_id, outcome in one.outcomes.items()}
    return {
        "round": one.number,
        "model_id": answer.model,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "tool_calls": [call_body(call) for call in answer.calls],
        "tool_results": [
            {"tool_call_id": call_id, "result": result} for call_id, result in results.items()
        ],
    }
