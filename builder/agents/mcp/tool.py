"""One tool of the protocol: its name, its arguments and its call.

    class ListThings(Tool):
        name, title, scope = "list_things", "List things", "read"
        description = "What there is."
        is_read_only = True

        class Arguments(ToolArguments):
            limit: Annotated[int, Field(ge=1, le=50)] = 10
            "How many at most."

        def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
            ...

A tool is found by being in a module of a package that `catalog` names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from accounts.auth import Principal
from builder.agents.mcp.json_texts import read_texts
from core.http import parse
from core.openapi import Scope

Result = TypeVar("Result")

# Where the handlers of the package find who calls: in the ASGI scope.
CALLER: Final = "reelgraph.caller"
# Who sent the current request, by primary key.
PERSON: ContextVar[int] = ContextVar("mcp_person", default=0)


class ToolArguments(BaseModel):
    """The arguments of a tool, in snake case. A model that makes one up is told so."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Link:
    """A file or a page that a client may open. uri: works without a credential, as signed."""

    uri: str
    name: str
    title: str = ""
    description: str = ""
    mime: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture that a model sees at once."""

    data: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer of a call.

    structured: a JSON object. text: the same in a few lines. run_id: of a run that the call
    started, or found by its key: for a client with tasks the answer is a task of that id.
    """

    structured: Mapping[str, Any]
    text: str
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    is_error: bool = False
    run_id: str | None = None


class Progress(Protocol):
    """Tells a client that waits how far it is. position: of total; it only ever increases."""

    async def __call__(self, position: float, total: float | None, message: str) -> None: ...


async def no_progress(position: float, total: float | None, message: str) -> None:
    """Tell nothing: the client did not ask for it."""


@asynccontextmanager
async def _always() -> AsyncIterator[bool]:
    yield True


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller, and how they are reached.

    base_url: `scheme://host` of this server as they know it. host: as for `own_hosts` of services.
    client: what the program calls itself, for the log. progress: tells how far a wait is.
    waiting: a context for an open wait; it holds True where one more is allowed, and the request
    ends within 5 s when their access does.
    """

    principal: Principal
    base_url: str
    host: str
    client: str = "mcp"
    progress: Progress = no_progress
    waiting: Callable[[], AbstractAsyncContextManager[bool]] = field(default=_always)

    @property
    def own_hosts(self) -> list[str]:
        return [self.host]


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


class InThread(Protocol):
    """Runs a function that uses the database in a thread."""

    def __call__(self, function: Callable[[], Result]) -> Awaitable[Result]: ...


class Tool:
    """One tool. The class is instantiated once; a tool that is made at run time sets the same
    fields on its instance.

    scope: what a key must be allowed. is_read_only: it changes nothing. is_destructive: it may
    take something away or replace it. is_idempotent: the same call again has no further effect.
    """

    name: str = ""
    title: str = ""
    description: str = ""
    scope: Scope = "read"
    is_read_only: bool = False
    is_destructive: bool = False
    is_idempotent: bool = False
    Arguments: type[ToolArguments] = ToolArguments

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments: an object."""
        return _schema_of(self.Arguments)

    def read(self, raw: Mapping[str, Any]) -> Any:
        """The arguments of a call. Raises InvalidBody that names the field and the remedy."""
        return parse(self.Arguments, read_texts(raw, self.input_schema()))

    def question(self, caller: Caller, arguments: Any) -> str:
        """Return what a person must agree to before the call, in a few lines; "" for nothing. It is
        shown to them by clients that can. Reads alone, in a thread; raises as `call`."""
        return ""

    def call(self, caller: Caller, arguments: Any) -> ToolResult:
        """Do it, in a thread, outside a transaction. Raises AppError, which the model reads."""
        raise NotImplementedError

    async def run(self, caller: Caller, arguments: Any, in_thread: InThread) -> ToolResult:
        """The whole call, in the event loop. Overridden by what waits."""
        return await in_thread(lambda: self.call(caller, arguments))
