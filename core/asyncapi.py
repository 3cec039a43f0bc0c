"""Messages that a WebSocket sends and takes, declared once, beside the code that serves it.

    CHANNEL = Channel("run", "/ws/runs/{runId}", sends=(WorkflowEvent, …), receives=(Ping,), …)

`builder.openapi.asyncapi` collects these into `/v1/asyncapi.json` and into the page `/docs/api`. A
message is a Pydantic model; its docstring says when it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from core.openapi import Parameter, Scope


class Ping(RootModel[Literal["ping"]]):
    """The plain text `ping`, not JSON. The server answers with `pong`, so a client that slept
    learns whether its connection still works."""

    model_config = ConfigDict(json_schema_extra={"examples": ["ping"]})


@dataclass(frozen=True, slots=True)
class ChannelDescription:
    """One WebSocket address.

    address: with `{variables}`, each explained in `variables`. sends: the server's messages, whose
    `event` names them; receives: what a client may send. scope: what an API key must be allowed.
    limits: sentences about this socket, beside what holds for all of them.
    """

    name: str
    address: str
    title: str
    description: str
    variables: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    sends: tuple[type[BaseModel], ...]
    receives: tuple[type[BaseModel], ...]
    scope: Scope
    limits: tuple[str, ...] = ()
