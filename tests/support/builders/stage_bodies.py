"""Stages and a template of one as the API takes them. Nothing here needs Django."""

from __future__ import annotations

from typing import Any

SHOT: dict[str, Any] = {
    "name": "Shot",
    "inputs": [{"name": "subject", "type": "text", "required": True}],
    "stages": [
        {
            "id": "still",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.subject"},
            "produces": ["still"],
        }
    ],
}


def stage(tool: str, stage_id: str = "shot", **args: Any) -> dict[str, Any]:
    return {"id": stage_id, "type": "fixed", "tool": tool, "args": args, "produces": [stage_id]}


def batch_stage(
    stage_id: str, over: str, tool: str, args: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """Repeat a call for each element of a list, which is `$item`."""
    item = {"type": "fixed", "tool": tool, "args": args}
    batch = {"id": stage_id, "type": "batch", "overBinding": over, "itemName": "it"}
    return {**batch, "produces": [stage_id], "itemStage": item, **fields}
