"""Plan an instrumental piece."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import SnakeForm, Tool, tool


@tool(
    "compose_instrumental",
    title="Compose instrumental",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class ComposeInstrumental(Tool):
    """Plan an instrumental piece: its sections, tempo, key and the prompt for `generate_music`."""

    class Params(SnakeForm):
        prompt: str = parameters.prompt("What the piece is for, or sounds like.")
        music_prompt: str | None = parameters.music_prompt()
        duration_seconds: float | None = parameters.music_seconds()
