"""Improve a prompt."""

from __future__ import annotations

from typing import Any, Literal

from tools.declaration import parameters
from tools.declaration.ports import SnakeForm, Tool, field, tool


class Asset(SnakeForm):
    id: str | None = field(None, "Id.", max_length=200)
    label: str | None = field(None, "What it shows.", max_length=2000)
    media_type: Literal["image", "video", "audio"] = field(..., "Kind of file.")
    role: (
        Literal[
            "first_frame",
            "last_frame",
            "reference",
            "identity",
            "style",
            "motion",
            "audio",
            "source_video",
        ]
        | None
    ) = field(None, "What the model uses it for.")
    url: str | None = field(None, "Address. It isn't fetched.", max_length=4096)


@tool(
    "enhance_prompt",
    title="Enhance prompt",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class EnhancePrompt(Tool):
    """Improve a prompt for a kind of model: what it leaves open is added, its words are kept."""

    class Params(SnakeForm):
        prompt: str = parameters.prompt("Prompt to improve.")
        target_output: Literal["image_prompt", "video_prompt", "edit_prompt", "model_prompt"] = (
            field(
                ...,
                "Kind of prompt. A model prompt is for whatever the model or tool makes.",
                stands_in="model_prompt",
            )
        )
        destination_model: str = field(..., "Model that gets it.", stands_in="auto", max_length=200)
        destination_tool: str | None = field(None, "Tool that gets it.", max_length=200)
        prompting_type: (
            Literal["flux", "sdxl", "sd15", "pony", "fast", "sd3", "editing", "video"] | None
        ) = field(None, "How the model is prompted. Default: by its name.")
        model_title: str | None = field(None, "What people call the model.", max_length=200)
        style_prompt: str | None = field(None, "Look to work in.", max_length=4000)
        prompt_mode: Literal["auto", "preserve", "expand", "compress", "validate", "payload"] = (
            field("auto", "What to do with the prompt.")
        )
        duration_seconds: float | None = field(
            None, "Length of the video in seconds.", ge=1, le=300
        )
        aspect_ratio: str | None = field(None, "Aspect ratio, such as 9:16.", max_length=40)
        assets: list[Asset] | None = field(
            None, "Files that the model gets with the prompt.", max_length=50
        )
        constraints: dict[str, Any] | None = field(
            None, "Limits, such as `max_length` in characters and `avoid`, a list of words."
        )
