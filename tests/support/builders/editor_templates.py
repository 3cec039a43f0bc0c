"""Templates that a browser opens in the editor: their stages, and the windows they are seen in."""

from __future__ import annotations

from typing import Any, Literal

import httpx

TEMPLATES = "/v1/creative-agent/workflows/templates"
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


def stage(key: str, tool: str, label: str = "", /, **args: Any) -> dict[str, Any]:
    """A stage that makes what it is called. label: its key as a title, where none is given."""
    return {
        "id": key,
        "label": label or key.title(),
        "type": "fixed",
        "tool": tool,
        "args": args,
        "produces": [key],
    }


def in_a_row(*keys: str) -> dict[str, Any]:
    """Where stages lie: beside each other."""
    return {"nodes": [{"stageId": key, "x": 280 * at, "y": 0} for at, key in enumerate(keys)]}


def post(rest: httpx.Client, spec: dict[str, Any], **fields: Any) -> str:
    """Save a template with some fields changed; its id."""
    answer = rest.post(TEMPLATES, json={**spec, **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["template"]["id"])
