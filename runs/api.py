"""REST for runs: parse, call, render. The rules live in services, privacy in selectors."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import require_api_key
from accounts.authentication import principal_of
from accounts.limits import check_start_rate
from core.asgi import cursor
from core.http import body_of, parse, success
from core.paging import next_offset, read_page
from core.public_url import base_url
from runs import records, selectors, services
from runs.schemas import CancelIn
from templates_app.graph.issues import issue_to_json


class RunsView(APIView):
    """`/v1/creative-agent/workflows`: start one, list mine."""

    def post(self, request: Request) -> Response:
        """Start a run. Needs an API key: a browser session may read here, not spend."""
        principal = principal_of(request)
        require_api_key(principal)
        check_start_rate(principal)
        headers = request.headers
        started = services.start_run(
            actor=principal,
            body=body_of(request),
            key=headers.get("Idempotency-Key"),
            token_type=headers.get("X-Token-Type"),
            app_source=headers.get("X-App-Source"),
            own_hosts=[request.get_host()],
        )
        run = selectors.visible_run(principal.user, started.run.public_id)
        data: dict[str, Any] = {"workflow": records.record(run, base_url=base_url(request))}
        if started.replayed:
            return success(data | {"idempotent": True})
        if started.warnings:
            data["compileWarnings"] = [issue_to_json(issue) for issue in started.warnings]
        return success(data, status=201)

    def get(self, request: Request) -> Response:
        """My runs, newest first. `status` and `kind` filter; both may repeat or hold commas."""
        page = read_page(request.query_params)
        found = selectors.runs_of(
            principal_of(request).user,
            statuses=_listed(request, "status"),
            kinds=_listed(request, "kind"),
        )
        rows = list(found[page.offset : page.offset + page.limit + 1])
        return success(
            {
                "workflows": records.summaries(rows[: page.limit], base_url=base_url(request)),
                "next": next_offset(page, len(rows) > page.limit),
            }
        )


class RunView(APIView):
    """`/v1/creative-agent/workflows/<id>`: its snapshot."""

    def get(self, request: Request, run_id: str) -> Response:
        run = selectors.visible_run(principal_of(request).user, run_id)
        return success({"workflow": records.record(run, base_url=base_url(request))})


class RunEventsView(APIView):
    """`…/<id>/events?after=N&limit=M`: the log after a sequence number."""

    def get(self, request: Request, run_id: str) -> Response:
        run = selectors.visible_run(principal_of(request).user, run_id)
        page = read_page(request.query_params, default=1000, cap=1000)
        after = cursor(request.query_params.get("after"))
        url_of = records.signer(base_url(request))
        rows = selectors.events_after(run.id, after, page.limit + 1)
        shown = [records.render_event(event, run, url_of) for event in rows[: page.limit]]
        more = rows[page.limit - 1].seq if len(rows) > page.limit else None
        return success({"events": shown, "workflowId": run.public_id, "next": more})


class RunCancelView(APIView):
    """`…/<id>/cancel`: stop it. Twice is fine: the second answer says `transitioned: false`."""

    def post(self, request: Request, run_id: str) -> Response:
        run = selectors.visible_run(principal_of(request).user, run_id)
        wanted = parse(CancelIn, {k: v for k, v in body_of(request).items() if v is not None})
        transitioned = services.cancel_run(run=run, reason=wanted.reason or "")
        run = selectors.visible_run(principal_of(request).user, run_id)
        return success(
            {
                "workflow": records.record(run, base_url=base_url(request)),
                "transitioned": transitioned,
                "cancelled": transitioned,
            }
        )


def _listed(request: Request, name: str) -> set[str]:
    values = ",".join(request.query_params.getlist(name)).split(",")
    return {value.strip() for value in values if value.strip()}
