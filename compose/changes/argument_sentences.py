"""A caller's own arguments as sentences, so that they are done as if they had been asked for."""

from __future__ import annotations

from collections.abc import Mapping

_KINDS = {"image": "images", "video": "videos", "music": "music"}


def with_arguments(
    text: str,
    *,
    aspect_ratio: str = "",
    seconds: float | None = None,
    style: str = "",
    include_audio: bool | None = None,
    models: Mapping[str, str] | None = None,
) -> str:
    """Return the text with what the arguments ask and it doesn't say. They come last, so they win.

    seconds: of the whole film. models: by kind of what they make.
    """
    sentences = []
    if aspect_ratio and aspect_ratio not in text:
        sentences.append(f"Make everything {aspect_ratio}")
    if seconds is not None and f"{seconds:g} s" not in text:
        sentences.append(f"Make the whole film {seconds:g} seconds")
    if style.strip() and style.strip().lower() not in text.lower():
        sentences.append(f"Style: {' '.join(style.split())[:200]}")
    if include_audio is False:
        sentences.append("No sound")
    sentences += [
        f"Use model {model} for {_KINDS[kind]}"
        for kind, model in (models or {}).items()
        if kind in _KINDS and model not in text
    ]
    return ".\n".join([text.rstrip(" .\n"), *sentences]) if sentences else text
