"""The answers of the tools that write text, by tool. Pure: the same arguments, the same text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compose.writers.enhance import enhance_prompt
from compose.writers.music import compose_instrumental, compose_lyrics
from compose.writers.script import compose_script

# Result bodies without `ok`, `tool` and `status`. Each takes the tool's own `Params`.
ANSWERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "enhance_prompt": enhance_prompt,
    "compose_script": compose_script,
    "compose_lyrics": compose_lyrics,
    "compose_instrumental": compose_instrumental,
}
