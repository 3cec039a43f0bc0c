"""Calls of the composition tools as public clients send them, and what they read of the answers."""

from __future__ import annotations

from typing import Any

# As the clients' own documentation calls them: without arguments that the schema requires, and with
# choices that it does not know.
CALLS: dict[str, dict[str, Any]] = {
    "enhance_prompt": {
        "prompt": "A cinematic portrait of a glass robot",
        "destination_tool": "generate_image",
    },
    "compose_script": {"brief": "A five-second video prompt", "script_type": "creative_brief"},
    "compose_lyrics": {"prompt": "A synth-pop song about rain", "language": "unknown"},
    "compose_instrumental": {"prompt": "Slow piano for a documentary about the sea"},
    "compose_workflow": {"brief": "Plan a 3-shot neon bakery teaser"},
    "compose_workflow_template": {"brief": "A 3-shot neon bakery teaser", "name": "Bakery"},
}
# What a client reads of the result, by tool.
READ = {
    "enhance_prompt": "prompt",
    "compose_script": "script",
    "compose_lyrics": "lyrics",
    "compose_instrumental": "structure",
    "compose_workflow": "steps",
    "compose_workflow_template": "template_draft",
}


def check_answer(tool: str, data: dict[str, Any]) -> None:
    """The `data` of a successful call."""
    result = data["result"]
    assert data["toolCallId"].startswith("call_")
    assert (data["tool"], result["tool"], result["ok"]) == (tool, tool, True), result
    assert result["status"] == "completed"
    assert result[READ[tool]]
    assert isinstance(data["message"], str)
    assert data["message"]
    assert isinstance(result["warnings"], list)
    assert result["metadata"]["planner"] == "rules"
    assert result["metadata"]["draft"] is True
