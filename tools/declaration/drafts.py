"""Parameters that both tools take that draft a workflow or a template."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import SnakeForm, field


class DestinationModels(SnakeForm):
    image: str | None = field(None, "Model of the images.", max_length=200)
    video: str | None = field(None, "Model of the videos.", max_length=200)
    music: str | None = field(None, "Model of the music.", max_length=200)


class DraftForm(SnakeForm):
    """Parameters of a draft; they win over the brief's words."""

    brief: str = parameters.prompt("What to make, in plain words.")
    scene_count: int | None = parameters.scene_count()
    duration_seconds: float | None = field(None, "Length of the result in seconds.", ge=1, le=120)
    # Not a Literal: `typing` takes two of them with equal values in another order for one.
    aspect_ratio: str | None = field(
        None,
        "Aspect ratio of the result.",
        choices=("1:1", "4:3", "3:4", "16:9", "9:16", "21:9"),
    )
    style: str | None = field(None, "Look of every scene.", max_length=2000)
    destination_models: DestinationModels | None = field(None, "Models to use.")
    max_estimated_capacity_units: int | None = field(
        None, "The most credits that a run may be estimated to cost.", ge=1
    )
    include_audio: bool | None = field(None, "Add music or speech. Default: by the brief.")
    return_format: Literal["json"] = field("json", "Form of the answer.")
