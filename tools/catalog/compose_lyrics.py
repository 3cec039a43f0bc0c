"""Write lyrics."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import SnakeForm, Tool, field, tool


@tool(
    "compose_lyrics",
    title="Compose lyrics",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class ComposeLyrics(Tool):
    """Write the lyrics of a song, with the tempo, key and prompt that `generate_music` takes."""

    class Params(SnakeForm):
        prompt: str = parameters.prompt("What the song is about.")
        language: str | None = field(
            None, "Language of the lyrics. Default: that of the prompt.", max_length=60
        )
        music_prompt: str | None = parameters.music_prompt()
        duration_seconds: float | None = parameters.music_seconds()
