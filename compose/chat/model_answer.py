"""Answers by a language model: it may call tools, whose results go back to it, until it has words.

Each call of the model costs the person one credit, held before it is asked. What it says in each
round is kept with the request's Idempotency-Key.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from compose import charging
from compose.chat import events, intent, model_messages, tool_arguments, tool_sets
from compose.chat.chat import Chat
from compose.chat.running import CallOutcome, call_id_of, run_call
from compose.chat.untrusted_calls import BUDGET, addresses_of, trusted_arguments
from compose.model.answer_schema import object_in
from compose.model.model_client import Model, ModelFailed
from compose.model.reply import Reply, ToolCall, Usage
from core import canonical, errors

MOST_ROUNDS = 5
OVERALL_S = 300.0
# The id of a call that the caller demands: the model did not write it.
_FORCED_ID: Final = "call_forced"
# Of one answer: what a model that was talked into it could start.
MOST_CALLS = 8
MOST_TOKENS = 8_000
TOOL = "chat_completion"


@dataclass(slots=True)
class _Turn:
    """The model's words and calls in one round."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)

    def recall(self, record: Mapping[str, Any]) -> None:
        """Say again what was said before; record: as `asdict` made it."""
        self.text, self.finish_reason = record["text"], record["finish_reason"]
        self.calls = tuple(ToolCall(**call) for call in record["calls"])
        self.usage = Usage(**record["usage"])


class ModelAnswer:
    """One answer. Iterate over `stream` once.

    Raises ModelFailed only while nothing was sent and no tool was run; then rules can answer.
    """

    def __init__(self, chat: Chat, model: Model) -> None:
        self._chat = chat
        self._model = model
        self._request = chat.request
        self._offered = tool_sets.offered(chat.request)
        # What is run here: the offered tools, and the one that is forced, offered or not.
        only = tool_sets.hosted_name(chat.request, chat.request.tool_choice.name)
        self._hosted = tuple(filter(None, dict.fromkeys((*self._offered, only))))
        own = chat.request.own_tools()
        self._own = {
            name: one for name, one in own.items() if self._canonical(name) not in self._hosted
        }
        self._addresses = addresses_of(chat.request, chat.body)
        self._ends_at = time.monotonic() + OVERALL_S
        self._outcomes: list[CallOutcome] = []
        self._calls = 0
        self._is_begun = False
        self._tokens = Usage()
        self._left = _budget(chat.body)

    def stream(self) -> Iterator[events.ChatEvent]:
        instructions = model_messages.instructions(waits=self._chat.waits_for_media)
        messages = model_messages.messages_of(
            self._request, instructions=instructions if self._offered else ""
        )
        for number in range(MOST_ROUNDS):
            choice = self._choice(number)
            turn = _Turn()
            try:
                yield from self._round(messages, choice, number, turn)
            except ModelFailed as failure:
                if not self._is_begun and not self._outcomes:
                    raise
                yield from self._broken_off(failure)
                return
            calls = turn.calls or self._forced_call(choice)
            if not calls:
                yield from self._end("length" if turn.finish_reason == "length" else "stop")
                return
            if own := [call for call in calls if self._is_callers(call)]:
                yield from self._handed_back(own)
                return
            messages.append(model_messages.call_message(turn.text, calls))
            for call in calls:
                result = yield from self._ran(call)
                messages.append(model_messages.result_message(call.id, result))
        yield from self._broken_off(None)

    def _round(
        self, messages: list[dict[str, Any]], choice: str, number: int, turn: _Turn
    ) -> Iterator[events.ChatEvent]:
        """Ask the model once; its words pass through as they come.

        choice: as `tool_choice`, or a function's name.
        """
        # A model may ignore what it must call, and what it says instead is not for the caller.
        is_held = choice not in ("auto", "none")
        with charging.held(self._paid_call(number)) as hold:
            if hold.answer is not None:
                turn.recall(hold.answer)
                if turn.text and not is_held:
                    yield from self._begin()
                    yield events.Text(turn.text)
            else:
                yield from self._ask(messages, choice, turn, hold, is_held=is_held)
        self._tokens = Usage(
            self._tokens.prompt_tokens + turn.usage.prompt_tokens,
            self._tokens.completion_tokens + turn.usage.completion_tokens,
        )

    def _ask(
        self,
        messages: list[dict[str, Any]],
        choice: str,
        turn: _Turn,
        hold: charging.Hold,
        *,
        is_held: bool,
    ) -> Iterator[events.ChatEvent]:
        """Ask the model, keep its words with the request's key. is_held: not told the caller."""
        try:
            for delta in self._deltas(messages, choice):
                turn.text += delta.content
                turn.calls = turn.calls or delta.tool_calls[:MOST_CALLS]
                turn.finish_reason = delta.finish_reason or turn.finish_reason
                turn.usage = delta.usage or turn.usage
                if delta.content and not is_held:
                    yield from self._begin()
                    yield events.Text(delta.content)
        except (GeneratorExit, errors.ClientLeft):
            # What someone leaves before its end was answered all the same.
            if turn.text:
                hold.charge()
            raise
        if choice not in ("auto", "required"):
            turn.calls = tuple(one for one in turn.calls if self._canonical(one.name) == choice)
        if not is_held and not turn.text and not turn.calls:
            raise ModelFailed(f"{self._model.name} gave an empty answer.", retryable=True)
        hold.settle(asdict(turn))

    def _deltas(self, messages: list[dict[str, Any]], choice: str) -> Iterator[Reply]:
        tools: list[dict[str, Any]] = []
        if choice != "none":
            tools += tool_sets.of_caller(self._own)
            tools += tool_sets.of_server(self._hosted, has_media=bool(self._addresses))
        options = model_messages.options_of(self._chat.body)
        if tools and choice == "required":
            options["tool_choice"] = choice
        elif tools and choice != "auto":
            options["tool_choice"] = {"type": "function", "function": {"name": choice}}
        request = self._request
        most = request.max_completion_tokens or request.max_tokens or MOST_TOKENS
        settings = {
            "tools": tools,
            "max_tokens": min(most, MOST_TOKENS),
            "deadline_s": max(self._ends_at - time.monotonic(), 0.1),
            "check": self._chat.check,
            **options,
        }
        form = request.response_format
        if form.type == "text":
            yield from self._model.stream(messages, **settings)
            return
        schema = (form.json_schema or {}).get("schema") or {"type": "object"}
        yield self._model.complete(messages, response_schema=schema, **settings)

    def _choice(self, number: int) -> str:
        """Return what the model may call now: as `tool_choice`, or a function's name."""
        choice = self._request.tool_choice
        if choice.mode == "none" or number == MOST_ROUNDS - 1:
            return "none"
        if choice.mode == "function":
            # Once it was called, words are all that is left to ask for.
            return "none" if number else self._canonical(choice.name)
        if number or (choice.mode == "required" and self._request.results_of_caller()):
            return "auto"
        return choice.mode

    def _forced_call(self, choice: str) -> tuple[ToolCall, ...]:
        """Return the call that the caller demands where the model made none."""
        if choice in ("auto", "none"):
            return ()
        own, name = self._own, choice
        if choice == "required":
            text = self._request.last_user_text()
            tool = intent.tool_for(text)
            ours = tool if tool in self._offered else "enhance_prompt"
            name = intent.best_match(text, own) if own else ours
        values = tool_arguments.arguments_of(self._request, name, "" if name in own else name)
        return (ToolCall(_FORCED_ID, name, json.dumps(values, ensure_ascii=False)),)

    def _ran(self, call: ToolCall) -> Generator[events.ChatEvent, None, Mapping[str, Any]]:
        """Tells the caller of a call. Returns its result for the model."""
        tool = self._canonical(call.name)
        if tool not in self._hosted:
            return _failure(f"There is no tool {call.name[:60]} here.")
        values = object_in(call.arguments)
        if values is None:
            return _failure("The arguments aren't one JSON object.")
        if self._calls >= MOST_CALLS:
            return _failure("No more tools may be called in this answer.")
        safe_values = self._safe_arguments(tool, values)
        call_id = call_id_of(self._chat, self._calls)
        self._calls += 1
        try:
            outcome = yield from run_call(
                self._chat,
                call_id,
                tool,
                safe_values,
                max_units=self._left,
                planned_by="" if call.id == _FORCED_ID else self._model.name,
            )
        except errors.AppError as error:
            if error.status >= 500:
                raise
            return _failure(error.message)
        self._outcomes.append(outcome)
        if self._left is not None:
            self._left = max(self._left - outcome.units, 0)
        event = events.Called(call_id, tool, json.dumps(safe_values, ensure_ascii=False))
        yield from (*self._begin(), event, outcome.event)
        return outcome.data

    def _safe_arguments(self, tool: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return trusted_arguments(tool, values, addresses=self._addresses, max_units=self._left)

    def _is_callers(self, call: ToolCall) -> bool:
        """Return whether the caller runs it: its own function, or any if none is to run here."""
        if self._canonical(call.name) in self._hosted:
            return not self._chat.runs_tools
        return call.name in self._own

    def _handed_back(self, calls: list[ToolCall]) -> Iterator[events.ChatEvent]:
        yield from self._begin()
        for place, call in enumerate(calls):
            values = object_in(call.arguments) or {}
            if call.name not in self._own:
                values = self._safe_arguments(self._canonical(call.name), values)
            call_id = call_id_of(self._chat, self._calls + place)
            text = json.dumps(values, ensure_ascii=False)
            yield events.Called(call_id, call.name, text)
        yield from self._end("tool_calls")

    def _broken_off(self, failure: ModelFailed | None) -> Iterator[events.ChatEvent]:
        """Say in our words what was done, where the model has none.

        failure: None when it called tools until its rounds were over.
        """
        why = failure.reason if failure else "The model went on calling tools."
        if self._is_begun and not self._outcomes:
            raise errors.ProviderError(why)
        yield from self._begin()
        yield events.Warned(why)
        yield events.Text("\n\n".join(outcome.text for outcome in self._outcomes) or why)
        yield from self._end("stop")

    def _begin(self) -> Iterator[events.ChatEvent]:
        if not self._is_begun:
            self._is_begun = True
            yield events.Started(self._model.name)

    def _end(self, reason: str) -> Iterator[events.ChatEvent]:
        yield from self._begin()
        is_counted = self._tokens != Usage()
        yield events.Ended(reason, **(asdict(self._tokens) if is_counted else {}))

    def _canonical(self, name: str) -> str:
        """Return the name of a tool that is run here, by any spelling; any other name as it is."""
        tool = tool_sets.hosted_name(self._request, name)
        return tool if tool in self._hosted else name

    def _paid_call(self, number: int) -> charging.Call:
        key = self._chat.headers.get("idempotency-key")
        identity = {"body": canonical.sha256_hex(self._chat.body), "round": number}
        return charging.keyed_call(
            self._chat.principal,
            TOOL,
            identity,
            f"chat:{key}:{number}" if key else None,
            takes_over=self._chat.takes_over,
        )


def _budget(body: Mapping[str, Any]) -> float | None:
    """Return the most that the runs of one answer may be estimated to cost together, in credits."""
    for name in (BUDGET, "maxEstimatedCapacityUnits"):
        limit = body.get(name)
        if isinstance(limit, (int, float)) and not isinstance(limit, bool):
            return float(limit)
    return None


def _failure(message: str) -> dict[str, Any]:
    return {"ok": False, "message": message}
