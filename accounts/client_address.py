"""The other end: network address and program, as a request shows them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

AGENT_LENGTH = 200
ADDRESS_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """address: of the network, empty for a command on the server itself. agent: User-Agent."""

    address: str = ""
    agent: str = ""


# Outside requests, in commands and workers, there is none.
current_client: ContextVar[ClientInfo] = ContextVar("current_client", default=ClientInfo())  # noqa: B039


def client_of(request: HttpRequest) -> ClientInfo:
    """The client of a request."""
    agent = "".join(filter(str.isprintable, request.headers.get("User-Agent", "")))
    return ClientInfo(
        address=request.META.get("REMOTE_ADDR", "")[:ADDRESS_LENGTH], agent=agent[:AGENT_LENGTH]
    )


class ClientMiddleware:
    """Lets services say who did something without being handed the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = current_client.set(client_of(request))
        try:
            return self.get_response(request)
        finally:
            current_client.reset(token)
