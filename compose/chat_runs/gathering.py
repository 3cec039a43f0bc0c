"""An answer as its events come. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from compose.chat import events
from compose.chat_runs.rounds import Answer, Call


@dataclass(slots=True)
class Gathered:
    """What the events so far have said."""

    model: str = ""
    text: str = ""
    called: list[events.Called] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ended: events.Ended = field(default_factory=events.Ended)

    def add(self, event: events.ChatEvent) -> None:
        match event:
            case events.Started():
                self.model = event.model
            case events.Text():
                self.text += event.text
            case events.Called():
                self.called.append(event)
            case events.Warned():
                self.warnings.append(event.text)
            case events.Ended():
                self.ended = event

    def answer(self, tool_of: Callable[[str], str], most_calls: int) -> Answer:
        """tool_of: the tool of this server that a name means; "" for one of the caller's own."""
        calls = [
            Call(
                id=one.call_id,
                name=one.name,
                tool=tool_of(one.name),
                arguments=json.loads(one.arguments),
            )
            for one in self.called[:most_calls]
        ]
        return Answer(
            model=self.model,
            text=self.text,
            calls=calls,
            finish_reason=self.ended.finish_reason,
            prompt_tokens=self.ended.prompt_tokens,
            completion_tokens=self.ended.completion_tokens,
            warnings=self.warnings,
        )
