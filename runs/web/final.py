"""REST for making a finished run final: `…/<id>/final/quote` and `…/<id>/final`."""

from __future__ import annotations

from typing import Literal, NotRequired

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from accounts.auth import require_api_key
from accounts.authentication import principal_of
from accounts.limits import check_start_rate
from core.http import body_of, success
from core.openapi import operation
from runs import access
from runs.admission import final_run
from runs.admission.final_run import FinalQuote
from runs.billing.units import units
from runs.planning.final_schemas import FinalIn, FinalQuoteIn
from runs.web.api import KEY, TAG, begun
from runs.web.schemas import OrNull, RunOut

EXAMPLE = {"stages": ["keyframe"], "models": {"keyframe": "gpt-image-1"}}


class FinalQuoteOut(TypedDict):
    """Numbers of stages: chosen ones, those made again because their input changes, and those whose
    results stay. `atMost`: it may cost less. `seconds` is null where a tool has no history."""

    final: int
    again: int
    kept: int
    capacityUnits: float
    atMost: bool
    seconds: float | None


class FinalOut(RunOut):
    """A new run. `idempotent`: an earlier request with the same key has started it."""

    idempotent: NotRequired[OrNull[Literal[True]]]


def quote_out(quote: FinalQuote) -> FinalQuoteOut:
    return {
        "final": quote.final,
        "again": quote.again,
        "kept": quote.kept,
        "capacityUnits": units(quote.milli),
        "atMost": quote.at_most,
        "seconds": None if quote.seconds is None else round(quote.seconds, 1),
    }


class RunFinalQuoteView(APIView):
    """`…/<id>/final/quote`: what making these stages final would take."""

    @operation(
        "quoteFinal",
        "Quote a final run",
        tag=TAG,
        body=FinalQuoteIn,
        body_example=EXAMPLE,
        answers={200: FinalQuoteOut},
        errors=(409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Nothing is stored or started."""
        principal = principal_of(request)
        run = access.own_run(principal.user, run_id)
        quote = final_run.quote_final(run=run, actor=principal, body=body_of(request))
        return success(quote_out(quote))


class RunFinalView(APIView):
    """`…/<id>/final`: the same plan, inputs and seeds, with final results for chosen stages."""

    @operation(
        "makeFinal",
        "Make a run's stages final",
        scope="run",
        tag=TAG,
        parameters=(KEY,),
        body=FinalIn,
        body_example=EXAMPLE,
        answers={201: RunOut, 200: FinalOut},
        errors=(402, 409, 422),
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Needs an API key, as a start does."""
        principal = principal_of(request)
        require_api_key(principal)
        run = access.own_run(principal.user, run_id)
        check_start_rate(principal)
        started = final_run.make_final(
            run=run,
            actor=principal,
            body=body_of(request),
            key=request.headers.get("Idempotency-Key"),
        )
        data: FinalOut = {"workflow": begun(request, started)}
        if started.replayed:
            data["idempotent"] = True
            return success(data)
        return success(data, status=201)
