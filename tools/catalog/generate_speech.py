"""Speak a text."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "generate_speech",
    title="Generate speech",
    group="Audio",
    icon="mic",
    cost="audio.standard",
    output="audio",
    # 2: every result has cues.
    version=2,
    seeded=True,
    count="numberOfVariations",
)
class GenerateSpeech(Tool):
    """Speak a text in a preset voice, a described voice, or one cloned from a recording."""

    class Inputs(Ports):
        voice = port(
            "audio",
            "Voice",
            index="voiceSourceIndex",
            url="voice_source_url",
            aliases=("reference_audio_url", "audioSourceIndex", "reference_audio_identity_url"),
            required=True,
            fallback="latest",
            implied="latest",
            when=("model", ("clone",)),
        )

    class Params(Form):
        prompt: str = parameters.prompt("Text to speak.", max_length=4096)
        model: str = field(
            "voice",
            "Preset voice, cloned voice, or voice from a description.",
            examples=("voice", "clone", "design"),
            open_enum=True,
            primary=True,
            max_length=200,
        )
        voice: Literal[
            "serena",
            "vivian",
            "uncle_fu",
            "ryan",
            "aiden",
            "ono_anna",
            "sohee",
            "eric",
            "dylan",
        ] = field("serena", "Preset voice.", primary=True)
        voice_description: str | None = field(
            None, "How the voice sounds, or how it speaks.", max_length=512
        )
        voice_transcript: str | None = field(
            None,
            "Exact transcript of the recording. Improves the match.",
            max_length=1024,
        )
        language: Literal[
            "auto",
            "english",
            "chinese",
            "japanese",
            "korean",
            "german",
            "french",
            "russian",
            "portuguese",
            "spanish",
            "italian",
        ] = field("auto", "Language. Auto detects it.")
        creativity: float = field(0.9, "Variation, 0.1–2.", ge=0.1, le=2)
        output_format: Literal["wav", "mp3", "flac"] = field("wav", "File format.")
        seed: int | None = parameters.seed()
        number_of_variations: int = parameters.variations("takes")
