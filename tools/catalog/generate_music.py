"""Compose and play a piece of music."""

from __future__ import annotations

from typing import Literal

from tools import parameters
from tools.ports import Form, Tool, field, tool


@tool(
    "generate_music",
    title="Generate music",
    group="Audio",
    cost="audio.standard",
    output="audio",
    seeded=True,
    count="numberOfVariations",
)
class GenerateMusic(Tool):
    """Compose a piece of music from a description, with lyrics to sing if there are any."""

    class Params(Form):
        prompt: str = parameters.prompt("Genre, mood, instruments and pace.")
        duration: float = field(60, "Length in seconds.", pinned=True, ge=10, le=600)
        # Tempo, key and metre follow the words: a fixed default would overrule them.
        bpm: float | None = field(
            None,
            "Tempo in beats per minute; as the words suggest when left out.",
            pinned=True,
            ge=30,
            le=300,
        )
        keyscale: str | None = field(
            None,
            "Key and scale, such as A minor or F# minor; as the words suggest when left out.",
            also=("key_scale",),
            max_length=40,
        )
        lyrics: str | None = field(
            None, "Words to sing, line by line; instrumental when left out.", max_length=20_000
        )
        model: (
            Literal[
                "minimax_music3",
                "ace_step_1.5_xl_turbo",
                "ace_step_1.5_xl_sft",
                "ace_step_1.5_turbo",
                "ace_step_1.5_sft",
            ]
            | None
        ) = field(None, "Model that composes; the provider chooses when it is left out.")
        timesig: Literal[2, 3, 4, 6] | None = field(
            None, "Beats in a bar: 2, 3, 4, or 6 for 6/8.", also=("timesignature", "time_signature")
        )
        number_of_variations: int = parameters.variations("pieces")
        seed: int | None = parameters.seed()
        composer_mode: bool | None = field(
            None, "Let the model plan the piece before it plays, where it can."
        )
        prompt_strength: float | None = field(
            None, "How strictly to follow the description.", ge=0, le=20
        )
        creativity: float | None = field(None, "How freely to vary the piece.", ge=0, le=2)
        output_format: str | None = field(
            None,
            "File format of the piece.",
            examples=("mp3", "wav", "flac"),
            loose=True,
            max_length=20,
        )
