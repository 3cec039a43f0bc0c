"""`POST /v1/realtime/tickets`, see `accounts.socket_tickets`."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import scopes, socket_tickets
from accounts.auth import Principal
from accounts.authentication import principal_of
from builder.realtime.schemas import TicketIn, TicketOut
from core import clock
from core.http import body_of, parse, success
from core.openapi import operation
from runs import access
from templates_app.documents import services as documents


class TicketsView(APIView):
    """Tickets are for whom the sockets are: the same selectors decide."""

    @operation(
        "createSocketTicket",
        "Create a ticket for a WebSocket",
        scope="read",
        tag="Realtime",
        body=TicketIn,
        body_example={"run": "wf_8f3b2c"},
        answers={201: TicketOut},
        errors=(404,),
        description="For a browser page on another origin, which can't send headers with a"
        " WebSocket: create the ticket in your backend, hand it to the page, and the page opens"
        " the socket with `?ticket=`. It works once, within 60 s, for this run or template, with"
        " the rights of the credential that created it; the socket closes with 4401 when that"
        " credential ends. Create a new one for each connection.",
    )
    def post(self, request: Request) -> Response:
        principal = principal_of(request)
        path = _socket_path(principal, parse(TicketIn, body_of(request)))
        ticket = socket_tickets.issue(principal, path)
        answer = TicketOut(ticket=ticket.text, expiresAt=clock.iso(ticket.expires_at))
        return success(answer.model_dump(), status=201)


def _socket_path(principal: Principal, ticket: TicketIn) -> str:
    """The path of the socket they want. Raises NotFound or Forbidden as the socket would."""
    if ticket.run is not None:
        return f"/ws/runs/{access.followed_run(principal.user, ticket.run).public_id}"
    if principal.api_key is not None:
        scopes.check(principal.api_key, scopes.ALL)
    document = documents.for_follower(viewer=principal.user, public_id=str(ticket.template))
    return f"/ws/documents/{document.template.public_id}"
