"""A chat run's conversation so far, as the request of one answer: each round is a chat of its own,
whose tools are not run within it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.auth import Principal
from compose.chat.chat import Chat
from compose.chat.model_messages import result_message
from compose.chat.request import ChatIn
from compose.chat.wire import assistant_message, call_body
from compose.chat_runs.request import SAMPLING, ChatRunIn, url_of
from compose.chat_runs.rounds import MOST_ROUNDS, Call, Round, files_of, units_used
from core.http import parse
from runs.models import Run


def request_of(run: Run) -> ChatRunIn:
    """Return the body that the run was started with."""
    return ChatRunIn.model_validate(run.request["chat"])


def principal_of(run: Run) -> Principal:
    """Return for whom it acts: its owner, by the key that started it."""
    return Principal(
        user=run.owner, api_key=run.api_key, via="session" if run.api_key is None else "key"
    )


def chat_of(run: Run, rounds: Sequence[Round], check: Callable[[], None]) -> Chat:
    """Return the next answer's request.

    rounds: those that are over. check: raises when the answer is not wanted any more.

    The same for every attempt at a round, so that its answer is charged once.
    """
    form = request_of(run)
    body = body_of(form, rounds)
    request = parse(ChatIn, body)
    request.is_of(run.owner_id)
    return Chat(
        request,
        body,
        principal_of(run),
        origin=run.request["origin"],
        own_hosts=run.request["own_hosts"],
        headers={"idempotency-key": f"{run.public_id}:{len(rounds) + 1}"},
        check=check,
        waits_for_media=True,
        takes_over=True,
    )


def body_of(form: ChatRunIn, rounds: Sequence[Round]) -> dict[str, Any]:
    """Build the body of a chat completion."""
    names = {"tools", "model", "sogni_tools", "token_type", "billing_mode", "app_source"}
    fields = form.model_dump(mode="json", exclude_unset=True, include=names)
    remaining_units = units_left(form, rounds)
    if remaining_units is not None:
        fields["max_estimated_capacity_units"] = remaining_units
    return {
        **{name: form.sampling[name] for name in SAMPLING if name in form.sampling},
        **fields,
        "messages": transcript(form, rounds),
        "media_references": references(form, rounds),
        "tool_choice": _choice(form, rounds),
        "sogni_tool_execution": False,
        "safe_content_filter": form.runtime_config.safeContentFilter is not False,
    }


def references(form: ChatRunIn, rounds: Sequence[Round]) -> list[Any]:
    """Return all media so far: the caller's, then what was made, in order."""
    files = form.references()
    urls = {url_of(one) for one in files}
    return [*files, *(one for one in files_of(rounds) if one["url"] not in urls)]


def units_left(form: ChatRunIn, rounds: Sequence[Round]) -> float | None:
    """Return what further runs may be estimated to cost, in credits; None without a ceiling."""
    most = form.max_estimated_capacity_units
    return None if most is None else max(most - units_used(rounds), 0)


def transcript(form: ChatRunIn, rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return all messages: those that were sent and those of the rounds."""
    messages = [message.model_dump(mode="json", exclude_none=True) for message in form.messages]
    for one in rounds:
        if one.answer is None:
            continue
        calls = [call_of(call) for call in one.answer.calls]
        messages.append(assistant_message(one.answer.text, calls))
        for call in one.calls:
            outcome = one.outcomes.get(call.id)
            if outcome is not None and outcome.result is not None:
                messages.append({**result_message(call.id, outcome.result), "name": call.name})
    return messages


def call_of(call: Call) -> dict[str, Any]:
    """Return a call as OpenAI's objects have it."""
    return call_body(call.id, call.name, json.dumps(call.arguments, ensure_ascii=False))


def _choice(form: ChatRunIn, rounds: Sequence[Round]) -> Any:
    """Demand a tool once, and the last round has only words."""
    if len(rounds) + 1 >= MOST_ROUNDS:
        return "none"
    if not rounds:
        return form.tool_choice
    is_function = isinstance(form.tool_choice, Mapping)
    return "none" if is_function or form.tool_choice == "none" else "auto"
