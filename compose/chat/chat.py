"""One chat request with who sent it: what the rules and the language model answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts import scopes
from accounts.auth import Principal, require_api_key
from accounts.suspension import check_may_act
from compose.chat import models, tool_sets
from compose.chat.request import ChatIn
from core import client_disconnect, errors
from core.http import parse


@dataclass(frozen=True, slots=True)
class Chat:
    """body: as it was sent. origin: the server's address as the caller sees it. own_hosts: as for
    `runs.admission.start.start_run`. headers: lower-case names. check: raises when the answer is
    not wanted any more. waits_for_media: whether media are there when the model reads what their
    tool answered, as in a chat run. takes_over: as of `charging.Call`, for an answer
    that only one attempt is at work on."""

    request: ChatIn
    body: Mapping[str, Any]
    principal: Principal
    origin: str
    own_hosts: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[], None] = client_disconnect.check
    waits_for_media: bool = False
    takes_over: bool = False

    @property
    def runs_tools(self) -> bool:
        """Return whether tools of this server are run, instead of handed back as calls."""
        choice = self.request.sogni_tool_execution
        return self.principal.api_key is not None if choice is None else choice


def read_chat(
    body: Mapping[str, Any],
    principal: Principal,
    *,
    origin: str,
    own_hosts: Sequence[str] = ("localhost",),
    headers: Mapping[str, str] | None = None,
) -> Chat:
    """Check a request before anything of it is done.

    Raises InvalidBody naming the field, NotFound for an unknown model, Forbidden for someone
    suspended, and where something would be run for someone without an API key.
    """
    check_may_act(principal.user)
    request = parse(ChatIn, body)
    request.is_of(principal.user.pk)
    models.check_is_known(request.model)
    _check_choice(request)
    chat = Chat(request, body, principal, origin, own_hosts, headers or {})
    if request.sogni_tool_execution:
        scopes.check(require_api_key(principal), scopes.RUN)
    return chat


def _check_choice(request: ChatIn) -> None:
    choice = request.tool_choice
    if choice.mode == "function":
        is_tool = choice.name in request.own_tools() or tool_sets.hosted_name(request, choice.name)
        if not is_tool:
            raise errors.InvalidBody(
                f"`tool_choice` names {choice.name[:100]}, which is neither in `tools` nor a tool"
                " that `sogni_tools` offers."
            )
    elif choice.mode == "required" and not request.tools and not tool_sets.offered(request):
        raise errors.InvalidBody("`tool_choice` is `required`, but no tool is offered.")
