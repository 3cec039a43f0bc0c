"""Keeping and reading replay records: those that clients send, and those of chat runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.suspension import check_may_act
from compose.chat_runs.conversation import call_of, request_of
from compose.chat_runs.record import SCHEMA_VERSION
from compose.chat_runs.rounds import CHAT, Answer, Round, rounds_of
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
# Characters of a chat run's texts in a list of records, which may be of a hundred runs.
MOST_LISTED = 8_000

Record = tuple[Mapping[str, Any], datetime, datetime]


def keep(owner: User, body: Mapping[str, Any]) -> ReplayRecord:
    """Store a record, or replace the one of the same run_id.

    Raises InvalidBody; TooLarge; Conflict for the id of one of the owner's runs.
    """
    check_may_act(owner)
    form = parse(RecordIn, {name: one for name, one in body.items() if one is not None})
    # Of others an id tells nothing, not even whether it is there.
    if Run.objects.filter(owner=owner, public_id=form.run_id).exists():
        raise errors.Conflict(
            "`run_id` names a run of yours, which has a record of its own. Send another id."
        )
    record = redacted(form.model_dump(mode="json", exclude_unset=True))
    # It names the record.
    record["run_id"] = form.run_id
    if len(jsonsafe.dumps(record)) > MOST_BYTES:
        raise errors.TooLarge(f"A replay record may have at most {MOST_BYTES // 1024} KB.")
    with transaction.atomic():
        # Locked first: of two at once, neither exceeds the number of records.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
        row, _ = ReplayRecord.objects.update_or_create(
            owner=owner,
            run_id=form.run_id,
            defaults={"record": as_stored(record), "updated_at": clock.now()},
        )
        mine = ReplayRecord.objects.filter(owner=owner).order_by("-updated_at", "-id")
        beyond = mine.values_list("id", flat=True)[MOST_RECORDS:]
        ReplayRecord.objects.filter(id__in=list(beyond)).delete()
    return row


def newest(owner: User, limit: int) -> list[Record]:
    """Return a person's records with when each was made and changed, the newest first.

    Those of chat runs are outlines.
    """
    rows = ReplayRecord.objects.filter(owner=owner).order_by("-updated_at", "-id")[:limit]
    runs = _chats(owner).order_by("-id")[:limit]
    entries: list[Record] = [(row.record, row.created_at, row.updated_at) for row in rows]
    entries += [(record_of(run, is_outline=True), run.created_at, _changed_at(run)) for run in runs]
    return sorted(entries, key=lambda one: one[2], reverse=True)[:limit]


def find(owner: User, run_id: str) -> Record:
    """Find a record. Raises NotFound, alike for what is another's."""
    row = ReplayRecord.objects.filter(owner=owner, run_id=run_id).first()
    if row is not None:
        return row.record, row.created_at, row.updated_at
    run = _chats(owner).filter(public_id=run_id).first()
    if run is None:
        raise errors.NotFound("Replay record not found.")
    return record_of(run), run.created_at, _changed_at(run)


def _chats(owner: User) -> Any:
    return Run.objects.filter(owner=owner, kind=CHAT, status__in=states.RUN_TERMINAL)


def _changed_at(run: Run) -> datetime:
    return run.finished_at or run.updated_at


def record_of(run: Run, *, is_outline: bool = False) -> dict[str, Any]:
    """Return the record of a chat run, redacted, in the fields of `RecordIn`.

    is_outline: what a list shows of it, with texts cut and rounds only counted.
    """
    request = request_of(run)
    texts = [message.text for message in request.messages if message.role == "user"]
    answers = [(one, one.answer) for one in rounds_of(run) if one.answer is not None]
    answer = answers[-1][1] if answers else None
    cut = _cut if is_outline else str
    facts = {
        "session_id": request.session_id,
        "model_id": answer.model if answer else None,
        "status": run.status,
        "user_request": cut(texts[-1] if texts else ""),
        "final_response": cut(answer.text) if answer else None,
        "rounds": [{} if is_outline else _round(*one) for one in answers],
    }
    head = {"run_id": run.public_id, "schema_version": SCHEMA_VERSION}
    return {**head, **{name: one for name, one in redacted(facts).items() if one is not None}}


def _cut(text: str) -> str:
    """Cut a long text after a whole word: half a secret would not be recognized as one."""
    if len(text) <= MOST_LISTED:
        return text
    beginning = text[:MOST_LISTED]
    end = max(beginning.rfind(space) for space in " \n\t")
    return f"{beginning[: max(end, 0)]}…"


def _round(one: Round, answer: Answer) -> dict[str, Any]:
    return {
        "round": one.number,
        "model_id": answer.model,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "tool_calls": [call_of(call) for call in answer.calls],
        "tool_results": [
            {"tool_call_id": key, "result": outcome.result} for key, outcome in one.outcomes.items()
        ],
    }
