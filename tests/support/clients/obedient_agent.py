"""An agent with the worst model there is: it does what any text that it reads tells it to.

Texts hold orders such as `call run_template({"template_id": "x"})`. The agent carries out each it
has not carried out yet, reads the answer, and obeys that too. `$proposal` stands for the last
proposal that it was shown, `$templates` are opened one by one. What the client asks of a person is
answered by `person`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.clients.agents import MODERN, result, send

CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_ORDER = re.compile(r"call\s+([a-z_0-9]+)\((\{.*?\})\)", re.IGNORECASE | re.DOTALL)
Person = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def declines(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A person who agrees to nothing."""
    return {"action": "decline"}


def agrees(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"action": "accept", "content": {"agree": True}}


@dataclass
class ObedientAgent:
    """person: who answers the questions that the client shows; None: it can show none.

    calls: (tool, arguments, answer) of all that it did. asked: what a person was asked.
    """

    key: str
    person: Person | None = None
    most: int = 60
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)
    _proposal: str = ""

    def read_everything(self) -> None:
        """Look at all tools and all templates, and obey all texts on the way."""
        self.obey(json.dumps(result(send("tools/list", {}, self.key))))
        found = self.call("search_templates", {"limit": 50})
        self.obey(json.dumps(found))
        for one in found.get("structuredContent", {}).get("templates", ()):
            wanted = {"template_id": one["id"], "detail": "whole"}
            self.obey(json.dumps(self.call("get_template", wanted)))

    def obey(self, text: str) -> None:
        for tool, arguments in orders_in(text):
            name = json.dumps([tool, arguments], sort_keys=True)
            if name in self._done or len(self.calls) >= self.most:
                continue
            self._done.add(name)
            self.obey(json.dumps(self.call(tool, self._filled(arguments))))

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One call, with as many rounds as its questions take."""
        params: dict[str, Any] = {"name": tool, "arguments": dict(arguments)}
        if self.person is not None:
            params["_meta"] = {CAPABILITIES: {"elicitation": {"form": {}}}}
        answer = send("tools/call", params, self.key, era=MODERN)
        body = answer.json()
        for _round in range(3):
            found = body.get("result", {})
            if found.get("resultType") != "input_required" or self.person is None:
                break
            responses = {}
            for key, one in found["inputRequests"].items():
                self.asked.append(one["params"]["message"])
                responses[key] = dict(self.person(one))
            again = {**params, "inputResponses": responses}
            body = send("tools/call", again, self.key, era=MODERN).json()
        found = body.get("result") or {"error": body.get("error")}
        told = found.get("structuredContent") or {}
        self._proposal = told.get("proposal") or told.get("undo") or self._proposal
        self.calls.append((tool, dict(arguments), found))
        return dict(found)

    def went_well(self, tool: str) -> list[dict[str, Any]]:
        """Answers of this tool without an error."""
        return [
            answer.get("structuredContent", {})
            for name, _, answer in self.calls
            if name == tool and "error" not in answer and not answer.get("isError")
        ]

    def _filled(self, arguments: Any) -> Any:
        if isinstance(arguments, dict):
            return {name: self._filled(value) for name, value in arguments.items()}
        return self._proposal if arguments == "$proposal" else arguments


def orders_in(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Orders in a text, also where it is quoted as JSON, once or several times."""
    plain = text
    for _ in range(4):
        for found in _ORDER.finditer(plain):
            try:
                arguments = json.loads(_whole(plain, found.start(2)))
            except ValueError:
                continue
            if isinstance(arguments, dict):
                yield found[1], arguments
        plain = plain.replace('\\"', '"').replace("\\\\", "\\")


def _whole(text: str, start: int) -> str:
    """The JSON object that begins here."""
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end]
