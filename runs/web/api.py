"""REST for runs: parse, call, render. The rules live below, privacy in selectors."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import require_api_key
from accounts.authentication import principal_of
from accounts.rate_limits import check_start_rate
from accounts.suspension import allowed_while_suspended
from core import durable
from core.asgi import cursor
from core.http import body_of, parse, success
from core.openapi import LIMIT, OFFSET, Parameter, operation, whole_number
from core.paging import next_offset, read_page
from core.public_url import base_url
from runs import access, selectors
from runs.admission import final_quotes, final_run
from runs.admission.new_run import StartResult
from runs.admission.start import start_run
from runs.engine import cancelling, retention
from runs.interaction import approval, retry, run_with_new_seeds
from runs.planning.final_schemas import FinalIn, FinalQuoteIn, FinalQuoteOut
from runs.planning.schemas import CancelIn, CostDecisionIn, ReseedIn, ResumeIn, StartIn
from runs.web import reseed_schemas, schemas, serializers
from runs.web.artifacts import signer
from templates_app.graph.rules.issue_texts import issue_to_json
from templates_app.web.schemas import IssueOut

TAG = "Workflows"
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Repeating a request with the same key has no further effect. The same key with another body"
    " returns 409.",
    {"type": "string", "maxLength": 255},
)
STEPS_EXAMPLE = {
    "input": {
        "title": "A lighthouse",
        "steps": [
            {
                "id": "keyframe",
                "toolName": "generate_image",
                "arguments": {"prompt": "A lighthouse"},
            }
        ],
    }
}
FINAL_EXAMPLE = {"stages": ["keyframe"], "models": {"keyframe": "gpt-image-1"}}


class RunsView(APIView):
    """`/v1/creative-agent/workflows`: start one, list mine."""

    @operation(
        "startWorkflow",
        "Start a run",
        scope="run",
        tag=TAG,
        parameters=(
            KEY,
            Parameter("X-Token-Type", "header", "As `token_type`, which wins."),
            Parameter("X-App-Source", "header", "As `app_source`, which wins."),
        ),
        body=StartIn,
        body_example=STEPS_EXAMPLE,
        answers={201: schemas.Started, 200: schemas.StartedBefore},
        errors=(402, 404, 409, 422),
        description="Exactly one of `input` (with or without `kind`) and `workflow_id` says what to"
        " run. Needs an API key: a session or a token is a 403.",
    )
    def post(self, request: Request) -> Response:
        """Start a run. Needs an API key: a browser session may read here, not spend."""
        principal = principal_of(request)
        require_api_key(principal)
        check_start_rate(principal)
        headers = request.headers
        start = start_run(
            actor=principal,
            body=body_of(request),
            key=headers.get("Idempotency-Key"),
            token_type=headers.get("X-Token-Type"),
            app_source=headers.get("X-App-Source"),
            own_hosts=[request.get_host()],
        )
        workflow = _record_at_start(request, start)
        if start.replayed:
            before: schemas.StartedBefore = {"workflow": workflow, "idempotent": True}
            return success(before)
        data: schemas.Started = {"workflow": workflow}
        if start.warnings:
            warnings = [issue_to_json(issue) for issue in start.warnings]
            data["compileWarnings"] = cast("list[IssueOut]", warnings)
        return success(data, status=201)

    @operation(
        "listWorkflows",
        "List runs, newest first",
        tag=TAG,
        parameters=(
            Parameter("status", "query", "Only these; may repeat or hold commas."),
            Parameter("kind", "query", "Only these; may repeat or hold commas."),
            LIMIT,
            OFFSET,
        ),
        answers={200: schemas.RunsOut},
    )
    def get(self, request: Request) -> Response:
        """My runs, newest first. `status` and `kind` filter; both may repeat or hold commas."""
        page = read_page(request.query_params)
        runs = selectors.runs_of(
            principal_of(request).user,
            statuses=_values(request, "status"),
            kinds=_values(request, "kind"),
        )
        rows = list(runs[page.offset : page.offset + page.limit + 1])
        data: schemas.RunsOut = {
            "workflows": serializers.summaries(rows[: page.limit], base_url=base_url(request)),
            "next": next_offset(page, len(rows) > page.limit),
        }
        return success(data)


class RunView(APIView):
    """`/v1/creative-agent/workflows/<id>`: its snapshot."""

    @operation("getWorkflow", "Get a run", tag=TAG, answers={200: schemas.RunOut})
    def get(self, request: Request, run_id: str) -> Response:
        # It tells of steps and of the run's end, as events do.
        data: schemas.RunOut = {
            "workflow": durable.flushed(_current_record(request, run_id, is_read=True))
        }
        return success(data)

    @operation(
        "deleteWorkflow",
        "Delete a run that is over",
        scope="run",
        tag=TAG,
        answers={200: schemas.DeletedOut},
        errors=(409,),
    )
    def delete(self, request: Request, run_id: str) -> Response:
        """With its results, for good. What it cost stays in the ledger."""
        person = principal_of(request).user
        run = access.own_run(person, run_id)
        retention.delete_one(person, run, can_undo=False)
        data: schemas.DeletedOut = {"workflowId": run.public_id, "deleted": True}
        return success(data)


class RunEventsView(APIView):
    """`…/<id>/events?after=N&limit=M`: the log after a sequence number."""

    @operation(
        "listEvents",
        "List a run's events",
        tag=TAG,
        parameters=(
            Parameter(
                "after",
                "query",
                "The sequence number to begin after; anything unreadable is 0.",
                whole_number("0 and up"),
            ),
            Parameter(
                "limit",
                "query",
                "How many at most. Larger numbers are clamped; anything unreadable is 1,000.",
                whole_number("1 to 1000", 1000),
            ),
        ),
        answers={200: schemas.EventsOut},
    )
    def get(self, request: Request, run_id: str) -> Response:
        run = access.visible_run(principal_of(request).user, run_id)
        page = read_page(request.query_params, default=1000, cap=1000)
        after = cursor(request.query_params.get("after"))
        url_of = signer(base_url(request))
        rows = durable.flushed(selectors.events_after(run.id, after, page.limit + 1))
        bodies = [serializers.render_event(event, run, url_of) for event in rows[: page.limit]]
        more = rows[page.limit - 1].seq if len(rows) > page.limit else None
        data: schemas.EventsOut = {"events": bodies, "workflowId": run.public_id, "next": more}
        return success(data)


class RunCancelView(APIView):
    """`…/<id>/cancel`: stop it. Twice is fine: the second answer says `transitioned: false`."""

    @operation(
        "cancelWorkflow",
        "Stop a run",
        scope="run",
        tag=TAG,
        body=CancelIn,
        answers={200: schemas.CancelOut},
    )
    @allowed_while_suspended("POST")
    def post(self, request: Request, run_id: str) -> Response:
        run = access.stoppable_run(principal_of(request).user, run_id)
        body = parse(CancelIn, body_of(request))
        has_moved = cancelling.cancel_run(run=run, reason=body.reason or "")
        data: schemas.CancelOut = {
            "workflow": _current_record(request, run_id),
            "transitioned": has_moved,
            "cancelled": has_moved,
        }
        return success(data)


class RunResumeView(APIView):
    """`…/<id>/resume`: try again what failed, or answer what it asks."""

    @operation(
        "resumeWorkflow",
        "Resume a run, or answer its question",
        scope="run",
        tag=TAG,
        body=ResumeIn,
        answers={202: schemas.ResumeOut},
        errors=(402, 409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        principal = principal_of(request)
        run = access.own_run(principal.user, run_id)
        check_start_rate(principal)
        is_resumed = retry.retry_or_answer(
            run=run, actor=principal, body=body_of(request), own_hosts=[request.get_host()]
        )
        data: schemas.ResumeOut = {
            "resumed": is_resumed,
            "workflow": _current_record(request, run_id),
        }
        return success(data, status=202)


class RunConfirmCostView(APIView):
    """`…/<id>/confirm-cost`: accept or decline what the run will cost, or have it quoted again."""

    @operation(
        "confirmCost",
        "Confirm or decline a run's cost",
        scope="run",
        tag=TAG,
        parameters=(KEY,),
        body=CostDecisionIn,
        answers={200: schemas.ConfirmOut},
        errors=(402, 409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Needs an API key, as a start does: accepting is spending."""
        principal = principal_of(request)
        require_api_key(principal)
        run = access.own_run(principal.user, run_id)
        check_start_rate(principal)
        is_decided = approval.decide_cost(
            run=run,
            actor=principal,
            body=body_of(request),
            key=request.headers.get("Idempotency-Key"),
        )
        data: schemas.ConfirmOut = {"workflow": _current_record(request, run_id)}
        if not is_decided:
            data["idempotent"] = True
        return success(data)


class RunReseedView(APIView):
    """`…/<id>/reseed`: the same plan with other seeds, as a run of its own."""

    @operation(
        "reseedWorkflow",
        "Run again with new seeds",
        scope="run",
        tag=TAG,
        parameters=(KEY,),
        body=ReseedIn,
        body_example={"seed_overrides": {"keyframe": 7}},
        answers={201: reseed_schemas.ReseedOut, 200: reseed_schemas.ReseedOutBefore},
        errors=(402, 409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Needs an API key, as a start does."""
        principal = principal_of(request)
        require_api_key(principal)
        run = access.own_run(principal.user, run_id)
        check_start_rate(principal)
        outcome = run_with_new_seeds.reseed_run(
            run=run,
            actor=principal,
            body=body_of(request),
            key=request.headers.get("Idempotency-Key"),
        )
        data: reseed_schemas.ReseedOut = {
            "workflow": _record_at_start(request, outcome.started),
            "reseed": {
                "cloned_from_run_id": run.public_id,
                "steps": cast("list[reseed_schemas.ReseededStep]", outcome.steps),
            },
        }
        if outcome.started.replayed:
            before: reseed_schemas.ReseedOutBefore = {**data, "idempotent": True}
            return success(before)
        return success(data, status=201)


class RunFinalQuoteView(APIView):
    """`…/<id>/final/quote`: what making these stages final would take."""

    @operation(
        "quoteFinal",
        "Quote a final run",
        scope="run",
        tag=TAG,
        body=FinalQuoteIn,
        body_example=FINAL_EXAMPLE,
        answers={200: FinalQuoteOut},
        errors=(409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Nothing is stored or started."""
        principal = principal_of(request)
        run = access.own_run(principal.user, run_id)
        quote = final_quotes.quote_final(run=run, actor=principal, body=body_of(request))
        return success(serializers.final_quote(quote))


class RunFinalView(APIView):
    """`…/<id>/final`: the same plan, inputs and seeds, with final results for chosen stages."""

    @operation(
        "makeFinal",
        "Make a run's stages final",
        scope="run",
        tag=TAG,
        parameters=(KEY,),
        body=FinalIn,
        body_example=FINAL_EXAMPLE,
        answers={201: schemas.RunOut, 200: schemas.ConfirmOut},
        errors=(402, 409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Needs an API key, as a start does."""
        principal = principal_of(request)
        require_api_key(principal)
        run = access.own_run(principal.user, run_id)
        check_start_rate(principal)
        start = final_run.make_final(
            run=run,
            actor=principal,
            body=body_of(request),
            key=request.headers.get("Idempotency-Key"),
        )
        data: schemas.ConfirmOut = {"workflow": _record_at_start(request, start)}
        if start.replayed:
            data["idempotent"] = True
            return success(data)
        return success(data, status=201)


def _record_at_start(request: Request, start: StartResult) -> schemas.RunRecord:
    """The run as it began; read only where an earlier request has started it, or where it has moved
    on since."""
    if start.rows is None:
        return _current_record(request, start.run.public_id)
    return serializers.record(start.run, base_url=base_url(request), rows=start.rows)


def _current_record(request: Request, run_id: str, *, is_read: bool = False) -> schemas.RunRecord:
    """The run as it is now. Raises NotFound for one the caller may not see.

    is_read: nothing was done to it, so why its steps wait is worth telling.
    """
    run = access.visible_run(principal_of(request).user, run_id)
    return serializers.record(run, base_url=base_url(request), why_steps_wait=is_read)


def _values(request: Request, name: str) -> set[str]:
    values = ",".join(request.query_params.getlist(name)).split(",")
    return {value.strip() for value in values if value.strip()}
