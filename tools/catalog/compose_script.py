"""Write a script."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import SnakeForm, Tool, field, tool


@tool(
    "compose_script",
    title="Compose script",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class ComposeScript(Tool):
    """Write a script with scenes that add up to the length: what is seen, done and heard."""

    class Params(SnakeForm):
        brief: str = parameters.prompt("What the film is about.")
        script_type: Literal[
            "video_prompt",
            "screenplay",
            "storyboard",
            "ad_script",
            "trailer",
            "social_short",
            "talking_head",
            "campaign",
            "revision",
        ] = field("video_prompt", "Type of script.", primary=True, stands_in="video_prompt")
        destination_model: str | None = field(None, "Model that gets it.", max_length=200)
        destination_tool: str | None = field(None, "Tool that gets it.", max_length=200)
        duration_seconds: float | None = field(None, "Length in seconds.", ge=1, le=300)
        scene_count: int | None = parameters.scene_count()
        aspect_ratio: str | None = field(None, "Aspect ratio, such as 9:16.", max_length=40)
        platform: str | None = field(None, "Where it is shown, such as TikTok.", max_length=200)
        style: str | None = field(None, "Look of every scene.", max_length=2000)
        first_frame_description: str | None = field(
            None, "What the first frame shows.", max_length=4000
        )
        first_frame_data_url: str | None = parameters.frame_data_url("First")
        last_frame_data_url: str | None = parameters.frame_data_url("Last")
        return_format: Literal["script", "markdown", "json"] = field(
            "script", "Form of the script's text."
        )
