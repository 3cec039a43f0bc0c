"""`/v1/run-sets`: runs over the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import Principal, principal_from_headers
from accounts.authentication import principal_of
from accounts.models import User
from accounts.rate_limits import check_start_rate
from core import durable, errors, paging
from core.http import body_of, parse, success
from core.openapi import LIMIT, OFFSET, Operation, Parameter, operation
from core.public_url import base_url
from media.blobs import path_of
from media.models import Upload
from media.presigned_uploads import TABLE
from media.tables import Table, read_table
from run_sets import creation, questions, selectors, services
from run_sets.change_schemas import RowIn, SetIn
from run_sets.models import RowState, RunSet
from run_sets.own_files import file_id
from run_sets.web import reading
from run_sets.web.question_schemas import AnswersAnswer, AnswersIn, QuestionsAnswer
from run_sets.web.schemas import (
    Nothing,
    RepeatAnswer,
    RowsAnswer,
    SetAnswer,
    SetCreateIn,
    SetsAnswer,
    SetStartIn,
)
from runs.live.body_stream import BodyStream, Reading
from runs.web.artifacts import signer
from templates_app import selectors as templates

TAG = "Table runs"
STATUS = Parameter(
    "status",
    "query",
    "Only rows with this status.",
    {"type": "string", "enum": list(RowState.values)},
)

OF = Parameter(
    "of",
    "query",
    "The caller's own, or those that others made of templates which they work on together.",
    {"type": "string", "enum": ["me", "others"], "default": "me"},
)


class SetsView(APIView):
    """`/v1/run-sets`"""

    @operation(
        "listRunSets",
        "List table runs, newest first",
        tag=TAG,
        parameters=(OF, LIMIT, OFFSET),
        answers={200: SetsAnswer},
    )
    def get(self, request: Request) -> Response:
        page = paging.read_page(request.query_params)
        person = principal_of(request).user
        is_of_others = request.query_params.get("of") == "others"
        sets = selectors.sets_of_others(person) if is_of_others else selectors.sets_of(person)
        rows = list(sets[page.window])
        following = paging.next_offset(page, len(rows) > page.limit)
        bodies = [reading.set_body(row) for row in rows[: page.limit]]
        return success({"runSets": bodies, "next": following})

    @operation(
        "createRunSet",
        "Run a template over the rows of a table",
        tag=TAG,
        scope="run",
        body=SetCreateIn,
        body_example={
            "workflowId": "wf_two_shots_1a2b3c4d",
            "rows": [{"brief": "A lighthouse"}, {"brief": "A harbor"}],
        },
        answers={201: SetAnswer},
        errors=(404, 409),
        description="Its rows are checked first, without cost: read it until `status` is `ready`,"
        " then start it.",
    )
    def post(self, request: Request) -> Response:
        run_set = create(principal_of(request), body_of(request))
        return _answer(run_set, status=201)


def create(actor: Principal, raw: Mapping[str, Any]) -> RunSet:
    """Make a run set of a body of the API. Raises what `creation.create_set` does."""
    body = parse(SetCreateIn, raw)
    if bool(body.rows) == bool(body.table):
        raise errors.InvalidBody("rows, table: send one of both, with at least one row.")
    if body.table:
        table = _uploaded_table(body, actor.user)
    else:
        columns = list(dict.fromkeys(name for row in body.rows for name in row))
        table = Table(columns, [[_text(row.get(name)) for name in columns] for row in body.rows])
    fields = ("title", "inputs", "matches", "label_column", "at_once")
    changes = {name: getattr(body, name) for name in fields if getattr(body, name) is not None}
    return creation.create_set(
        actor=actor,
        template=templates.resolve(actor.user, body.workflow_id),
        table=table,
        changes=changes,
        takes_hidden=body.hidden,
        starts=body.start,
    )


def _uploaded_table(body: SetCreateIn, owner: User) -> Table:
    uploads = Upload.objects.filter(owner=owner, blob__kind=TABLE, blob__blocked_at=None)
    upload = uploads.filter(public_id=file_id(body.table)).first()
    if upload is None or upload.blob_id is None:
        raise errors.InvalidBody(
            "table: you have no such table. Get an uploadUrl with type=table, and send the file"
            " there first. It is kept for a day."
        )
    table = read_table(
        path_of(upload.blob_id),
        upload.filename,
        sheet=body.sheet,
        encoding=body.encoding,
        header_row=body.header_row,
    )
    if len(table.sheets) > 1 and not body.sheet:
        raise errors.InvalidBody(f"sheet: send one of {', '.join(table.sheets[:20])}.")
    if table.samples and body.start:
        raise errors.InvalidBody(
            "encoding: the file doesn't say it, and a guess starts nothing. Send one of"
            f" {', '.join(f'{name} ({sample})' for name, sample in table.samples.items())}."
        )
    return table


def _text(cell: str | float | bool | None) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


class SetView(APIView):
    """`/v1/run-sets/<id>`"""

    @operation("getRunSet", "Get a table run", tag=TAG, answers={200: SetAnswer})
    def get(self, request: Request, set_id: str) -> Response:
        return _answer(_visible_set(request, set_id))

    @operation(
        "updateRunSet",
        "Change a table run",
        tag=TAG,
        scope="run",
        body=SetIn,
        body_example={"atOnce": 2},
        answers={200: SetAnswer},
        errors=(409,),
        description="`matches` and `inputs` only before it is started: its rows are checked again.",
    )
    def patch(self, request: Request, set_id: str) -> Response:
        run_set = _own_set(request, set_id)
        services.change_set(run_set=run_set, changes=body_of(request))
        return _answer(_own_set(request, set_id))

    @operation(
        "deleteRunSet",
        "Delete a table run that isn't at work",
        tag=TAG,
        answers={204: None},
        errors=(409,),
        description="The runs of its rows stay.",
    )
    def delete(self, request: Request, set_id: str) -> Response:
        services.delete_set(run_set=_own_set(request, set_id))
        return Response(status=204)


class RowsView(APIView):
    """`/v1/run-sets/<id>/rows`"""

    @operation(
        "listRunSetRows",
        "List the rows of a table run with their results",
        tag=TAG,
        parameters=(STATUS, LIMIT, OFFSET),
        answers={200: RowsAnswer},
    )
    def get(self, request: Request, set_id: str) -> Response:
        run_set = _visible_set(request, set_id)
        page = paging.read_page(request.query_params)
        rows = selectors.rows_of(run_set)
        if status := request.query_params.get("status"):
            rows = rows.filter(state=status)
        following = list(rows[page.window])
        bodies = reading.row_bodies(following[: page.limit], signer(base_url(request)))
        more = paging.next_offset(page, len(following) > page.limit)
        return success(durable.flushed({"rows": bodies, "next": more}))


class RowView(APIView):
    """`/v1/run-sets/<id>/rows/<position>`"""

    @operation(
        "updateRunSetRow",
        "Change a row that was not started, or leave it out",
        tag=TAG,
        scope="run",
        body=RowIn,
        body_example={"cells": ["A lighthouse", "4"]},
        answers={200: SetAnswer},
        errors=(409,),
    )
    def patch(self, request: Request, set_id: str, position: str) -> Response:
        run_set = _own_set(request, set_id)
        if not (position.isascii() and position.isdecimal() and len(position) < 9):
            raise errors.NotFound("Row not found.", code="run_set.row_not_found")
        services.change_row(run_set=run_set, position=int(position), changes=body_of(request))
        return _answer(_own_set(request, set_id))


def _act_view(action: str, name: str, summary: str, **fields: Any) -> type[APIView]:
    """Make the view of a POST without a body that changes a set's state; twice is fine.

    action: of `services.ACTIONS`. name, summary, fields: of its operation.
    """

    class ActView(APIView):
        @operation(name, summary, tag=TAG, scope="run", answers={200: SetAnswer}, **fields)
        def post(self, request: Request, set_id: str) -> Response:
            run_set = _own_set(request, set_id)
            parse(Nothing, body_of(request))
            services.ACTIONS[action](run_set, principal_of(request))
            return _answer(_own_set(request, set_id))

    return ActView


class StartView(APIView):
    """`/v1/run-sets/<id>/start`"""

    @operation(
        "startRunSet",
        "Start a table run that is ready",
        tag=TAG,
        scope="run",
        body=SetStartIn,
        body_example={"acceptedCapacityUnits": 4.2},
        answers={200: SetAnswer},
        errors=(409,),
        description="Its rows may use its estimate and a tenth. Then it is paused.",
    )
    def post(self, request: Request, set_id: str) -> Response:
        run_set = _own_set(request, set_id)
        price = parse(SetStartIn, body_of(request)).acceptedCapacityUnits
        actor = principal_of(request)
        services.start_set(run_set=run_set, actor=actor, accepted_units=price)
        return _answer(_own_set(request, set_id))


PauseView = _act_view(
    "pause", "pauseRunSet", "Start no more rows", description="Runs at work go on."
)
ResumeView = _act_view(
    "resume",
    "resumeRunSet",
    "Go on with a paused table run",
    description="It may use the estimate of the rows that are left, and a tenth.",
)
CancelView = _act_view("stop", "cancelRunSet", "Stop a table run with all its runs at work")


class RetryView(APIView):
    """`/v1/run-sets/<id>/retry`"""

    @operation(
        "retryRunSet",
        "Do again what failed of a table run",
        tag=TAG,
        scope="run",
        answers={200: RepeatAnswer},
        errors=(409,),
        description="What is done of the failed rows is kept: only their failed stages are billed.",
    )
    def post(self, request: Request, set_id: str) -> Response:
        run_set = _own_set(request, set_id)
        parse(Nothing, body_of(request))
        count = services.retry_failed(run_set=run_set, actor=principal_of(request))
        body = reading.set_body(_own_set(request, set_id))
        return success(durable.flushed({"runSet": body, "rowCount": count}))


class QuestionsView(APIView):
    """`/v1/run-sets/<id>/questions`"""

    @operation(
        "listRunSetQuestions",
        "List what rows ask a person",
        tag=TAG,
        answers={200: QuestionsAnswer},
        description="What rows ask in the same step with the same words is one question.",
    )
    def get(self, request: Request, set_id: str) -> Response:
        run_set = _visible_set(request, set_id)
        bodies = [reading.question_body(one) for one in questions.open_questions(run_set)]
        return success(durable.flushed({"questions": bodies}))


class AnswersView(APIView):
    """`/v1/run-sets/<id>/answers`"""

    @operation(
        "answerRunSet",
        "Give one answer to all rows that ask the same",
        tag=TAG,
        scope="run",
        body=AnswersIn,
        body_example={
            "stepId": "season",
            "resumeInput": {"type": "answer", "text": "In winter"},
        },
        answers={200: AnswersAnswer},
        errors=(404,),
        description="Each row's run takes it as its own, with its own checks; those that don't are"
        " told by row. Repeat it after a lost connection: rows that have it stay as they are.",
    )
    def post(self, request: Request, set_id: str) -> Response:
        run_set, principal = _own_set(request, set_id), principal_of(request)
        body = parse(AnswersIn, body_of(request))
        check_start_rate(principal)
        outcome = questions.answer_rows(
            run_set=run_set,
            actor=principal.user,
            step=body.stepId,
            message=body.message,
            positions=body.rows,
            resume_input=body.resume_input,
            own_hosts=[request.get_host()],
        )
        data: AnswersAnswer = {
            "runSet": reading.set_body(_own_set(request, set_id)),
            "answeredCount": outcome.count,
            "failures": [reading.failure_body(one) for one in outcome.failures],
        }
        return success(durable.flushed(data))


class RunSetStream(BodyStream):
    """`GET /v1/run-sets/<id>/events`"""

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamRunSet",
            "Stream the counts of a table run",
            TAG,
            answers={200: {"type": "string", "description": "Server-sent events."}},
            answer_type="text/event-stream",
            flat=True,
            description="`event: run_set` with a `SetOut` as `data` each time it changes, then"
            " `event: end` when it is over.",
        )
    }
    event = "run_set"

    def look(self, names: Mapping[str, str], headers: Mapping[str, str], query: str) -> Reading:
        principal = principal_from_headers(headers, query_string=query, scope="read")
        body = reading.set_body(selectors.visible_set(principal.user, names["set_id"]))
        return Reading(body, body["status"] in ("completed", "stopped"))


def _visible_set(request: Request, set_id: str) -> RunSet:
    return selectors.visible_set(principal_of(request).user, set_id)


def _own_set(request: Request, set_id: str) -> RunSet:
    return selectors.own_set(principal_of(request).user, set_id)


def _answer(run_set: RunSet, status: int = 200) -> Response:
    data: SetAnswer = {"runSet": reading.set_body(run_set)}
    return success(durable.flushed(data), status=status)
