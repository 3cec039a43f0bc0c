"""What the three drawing tools share: reading their arguments, and saying what was not followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.artist.prompt.brief import MOST_NAMED, Brief, read
from studio.artist.scenes.unused_actions import idle_words
from studio.job_io.prompt_branches import choose_branch

# Parameters the studio has no use for, and what to say when someone sets them.
UNUSED: dict[str, str] = {
    "guidance": "Guidance isn't supported by the built-in studio.",
    "gptImageQuality": "The built-in studio has one quality, so “{}” was ignored.",
    "loras": "LoRAs aren't supported by the built-in studio.",
    "expandPrompt": "Your prompt was used as is.",
    "watermark": "Watermarks aren't supported by the built-in studio.",
    "referenceFileUrl": "Documents aren't supported. The reference file was ignored.",
    "referenceLinkUrl": "Web pages aren't supported. The reference link was ignored.",
    "voicePersonaName": "Personas aren't supported, so “{}” was ignored.",
}
UNUSED_MEDIA: dict[str, str] = {
    "videos": "Reference videos aren't supported by the built-in studio. They were ignored.",
    "audios": "Reference audio isn't supported by the built-in studio. It was ignored.",
    "voice": "Speech in videos isn't supported. The voice recording was ignored.",
}
MAX_VARIATIONS = 16


@dataclass(slots=True)
class Order:
    """One job, read: `arguments` as the sandbox hands them over (see `studio/README.md`)."""

    arguments: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, message in UNUSED.items():
            value = self.params.get(name)
            if value not in (None, False, [], ""):
                self.warn(message.format(value))
        for port, message in UNUSED_MEDIA.items():
            if self.media(port):
                self.warn(message)

    @property
    def params(self) -> Mapping[str, Any]:
        return self.arguments["params"]

    @property
    def studio(self) -> Mapping[str, Any]:
        return self.arguments["studio"]

    @property
    def out(self) -> Path:
        return Path(self.arguments["out"])

    @property
    def seed(self) -> int:
        return max(0, int(self.arguments.get("seed") or 0))

    @property
    def variations(self) -> int:
        asked = int(self.params.get("numberOfVariations") or 1)
        return min(MAX_VARIATIONS, max(1, asked))

    @property
    def negative(self) -> str:
        return str(self.params.get("negativePrompt") or "")

    @property
    def seconds(self) -> float:
        """Length of a film: the studio's own setting wins, so that tests stay short."""
        fixed = self.studio.get("duration_s")
        if fixed:
            return float(fixed)
        asked = float(self.params.get("duration") or 5)
        longest = float(self.studio.get("max_duration_s") or 60)
        if asked > longest:
            self.warn(f"Limited to {longest:g} s (you asked for {asked:g} s).")
        return min(longest, max(0.5, asked))

    @property
    def fps(self) -> float:
        return float(self.studio.get("fps") or 24)

    def media(self, *ports: str) -> list[Mapping[str, Any]]:
        """The files on the first of these ports that has any."""
        given: Mapping[str, list[Mapping[str, Any]]] = self.arguments.get("media") or {}
        return next((given[port] for port in ports if given.get(port)), [])

    def prompt(self, index: int = 0) -> str:
        """The prompt of one variation."""
        return choose_branch(str(self.params.get("prompt") or ""), index)

    def brief(self, prompt: str, index: int = 0) -> Brief:
        """What a prompt asks for. Words that change nothing become a warning."""
        found = read(prompt, seed=self.seed + index, negative=self.negative)
        if found.warning:
            self.warn(found.warning)
        if idle := idle_words(found, self.negative):
            self.warn(f"No effect on the drawing: {_listed(idle)}.")
        return found

    def warn(self, message: str) -> None:
        """Once for each message, however many variations meet it."""
        if message not in self.warnings:
            self.warnings.append(message)

    def warn_all(self, messages: Iterable[str]) -> None:
        for message in messages:
            self.warn(message)

    def meta(self, brief: Brief, camera: str | None = None) -> dict[str, Any]:
        """What a result remembers. With it a film can rebuild the picture's layers."""
        return {
            "draft": True,
            "provider": "studio",
            "seed": brief.seed,
            "prompt": brief.prompt,
            "negative_prompt": self.negative,
            "setting": brief.setting,
            "subjects": [role.name for role in brief.roles],
            "camera": camera or brief.move or "static",
        }

    def answer(self, files: list[dict[str, Any]]) -> dict[str, Any]:
        return {"files": files, "values": {}, "warnings": self.warnings}


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
