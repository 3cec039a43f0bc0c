"""REST of replay records. Their answers have no envelope (public contract §8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import principal_of
from compose.replay import records, schemas
from core import clock, durable
from core.http import body_of
from core.openapi import LIMIT, operation
from core.paging import read_page
from runs.web.schemas import present

TAG = "Chat"
USUAL = 50


class ReplayRecordsView(APIView):
    """`/v1/replay/records`."""

    @operation(
        "listReplayRecords",
        "List replay records, newest first",
        tag=TAG,
        parameters=(LIMIT,),
        answers={200: schemas.RecordList},
        flat=True,
        description="Records that clients have sent, and one of each chat run that is over.",
    )
    def get(self, request: Request) -> Response:
        page = read_page(request.query_params, default=USUAL)
        entries = records.newest(principal_of(request).user, page.limit)
        data: schemas.RecordList = {"records": [_summary(*one) for one in durable.flushed(entries)]}
        return Response(data)

    @operation(
        "writeReplayRecord",
        "Keep a replay record",
        scope="run",
        tag=TAG,
        body=schemas.RecordIn,
        body_example={"run_id": "run_1", "rounds": [], "user_request": "Draw a fox"},
        answers={201: schemas.RecordWritten},
        errors=(409,),
        flat=True,
        description="Keys, tokens, signed addresses and inline files are taken out of it. At most"
        " 256 KB; of a person, the latest 100 are kept.",
    )
    def post(self, request: Request) -> Response:
        row = records.keep(principal_of(request).user, body_of(request))
        data: schemas.RecordWritten = {
            "runId": row.run_id,
            "schemaVersion": _version_of(row.record),
            "redacted": True,
            "createTime": clock.unix(row.created_at),
            "updateTime": clock.unix(row.updated_at),
        }
        return Response(data, status=201)


class ReplayRecordView(APIView):
    """`/v1/replay/records/<id>`."""

    @operation(
        "getReplayRecord",
        "Get a replay record",
        tag=TAG,
        answers={200: schemas.RecordRead},
        flat=True,
    )
    def get(self, request: Request, record_id: str) -> Response:
        record, created_at, _ = records.find(principal_of(request).user, record_id)
        data: schemas.RecordRead = {
            "record": durable.flushed(dict(record)),
            "createTime": clock.unix(created_at),
        }
        return Response(data)


def _summary(
    record: Mapping[str, Any], created_at: datetime, updated_at: datetime
) -> schemas.RecordSummary:
    """Return a record as a list shows it."""
    fields = {
        "runId": record["run_id"],
        "schemaVersion": _version_of(record),
        "createTime": clock.unix(created_at),
        "updateTime": clock.unix(updated_at),
        "rounds": len(record.get("rounds") or ()),
        "userRequest": record.get("user_request"),
        "finalResponse": record.get("final_response"),
        "modelId": record.get("model_id"),
    }
    return cast(schemas.RecordSummary, present(fields))


def _version_of(record: Mapping[str, Any]) -> int | str:
    """Return the version of the record's form, as its client says."""
    return cast("int | str", record.get("schema_version") or 0)
