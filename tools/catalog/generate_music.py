"""Generate music from a prompt."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "generate_music",
    title="Generate music",
    group="Audio",
    icon="music",
    cost="audio.standard",
    output="audio",
    seeded=True,
    count="numberOfVariations",
)
class GenerateMusic(Tool):
    """Generate music from a prompt, with or without lyrics."""

    class Params(Form):
        prompt: str = parameters.prompt("Genre, mood, instruments and pace.")
        duration: float = field(60, "Length in seconds.", primary=True, ge=10, le=600)
        # Tempo, key and metre follow the words: a fixed default would overrule them.
        bpm: float | None = field(
            None,
            "Tempo in BPM. Default: from the prompt.",
            primary=True,
            ge=30,
            le=300,
        )
        keyscale: str | None = field(
            None,
            "Key and scale, such as A minor or F# minor. Default: from the prompt.",
            aliases=("key_scale",),
            max_length=40,
        )
        lyrics: str | None = field(
            None, "Lyrics, one line per row. Leave empty for instrumental.", max_length=20_000
        )
        model: str | None = parameters.model(
            "minimax_music3",
            "ace_step_1.5_xl_turbo",
            "ace_step_1.5_xl_sft",
            "ace_step_1.5_turbo",
            "ace_step_1.5_sft",
            primary=False,
        )
        timesig: Literal[2, 3, 4, 6] | None = field(
            None,
            "Beats per bar: 2, 3, 4, or 6 for 6/8.",
            aliases=("timesignature", "time_signature"),
        )
        number_of_variations: int = parameters.variations("tracks")
        seed: int | None = parameters.seed()
        composer_mode: bool | None = field(None, "Let the model plan first, if it can.")
        prompt_strength: float | None = field(
            None, "How strictly to follow the prompt.", ge=0, le=20
        )
        creativity: float | None = field(None, "Variation.", ge=0, le=2)
        output_format: str | None = field(
            None,
            "File format.",
            examples=("mp3", "wav", "flac"),
            open_enum=True,
            max_length=20,
        )
