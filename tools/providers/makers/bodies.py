"""Request bodies that have lists, roles or conditions: a function for each shape of a provider's.

Each returns the whole body. A place of a table names one, with the slots that it reads as `takes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

GEMINI_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")


class Writer(Protocol):
    """See `makers.body`."""

    def get(self, slot: str) -> Any: ...
    def files(self, slot: str, encoding: Any = "url", most: int = 99) -> list[Any]: ...
    def file(self, slot: str, encoding: Any = "url") -> Any: ...
    def choice(self, slot: str, choices: Sequence[str | float], **options: Any) -> Any: ...


def gemini_image(write: Writer) -> dict[str, Any]:
    """Google's generateContent, as Comfy Router takes it."""
    longest = write.get("longest")
    images = [
        {"inlineData": {"mimeType": "image/png", "data": data}}
        for data in write.files("references", "base64", 14)
    ]
    config: dict[str, Any] = {
        "responseModalities": ["IMAGE"],
        "imageConfig": {
            "aspectRatio": write.choice("aspect", GEMINI_RATIOS),
            "imageSize": "1K" if longest <= 1024 else "2K" if longest <= 2048 else "4K",
        },
    }
    if (seed := write.get("seed")) is not None:
        config["seed"] = seed
    parts = [{"text": write.get("prompt")}, *images]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


FUNCTIONS: Mapping[str, Callable[[Any], dict[str, Any]]] = {"gemini_image": gemini_image}
