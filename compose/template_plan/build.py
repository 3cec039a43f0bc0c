"""A Brief → the body of a new template. Pure."""

from __future__ import annotations

from typing import Any

from compose.brief.brief import Brief

_SIZES = {
    "1:1": (768, 768),
    "4:3": (1024, 768),
    "3:4": (768, 1024),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
    "21:9": (1344, 576),
}
SHORTEST_SHOT_S = 2.0
USUAL_SHOT_S = 4.0


def template_of(brief: Brief, *, name: str) -> dict[str, Any]:
    """A create body without `graph` and `estimatedCapacityUnits`, which come last.

    name: of the template. Ids of stages are made from their place, so equal briefs give equal
    templates.
    """
    width, height = _SIZES[brief.aspect or "16:9"]
    seconds = (brief.seconds or USUAL_SHOT_S * len(brief.scenes)) / len(brief.scenes)
    stages: list[dict[str, Any]] = []
    clips: list[str] = []
    for number, scene in enumerate(brief.scenes, 1):
        still, clip = f"image_{number}", f"shot_{number}"
        stages.append(
            {
                "id": still,
                "type": "fixed",
                "label": f"Image {number}",
                "tool": "generate_image",
                "produces": [still],
                "args": {"prompt": scene.text, "width": width, "height": height},
            }
        )
        stages.append(
            {
                "id": clip,
                "type": "fixed",
                "label": f"Shot {number}",
                "tool": "animate_photo",
                "produces": [clip],
                "args": {
                    "prompt": "Slow push-in",
                    "reference_image_url": f"$artifacts.{still}.items[0].selectedVersion.url",
                    "duration": max(round(seconds, 1), SHORTEST_SHOT_S),
                },
            }
        )
        clips.append(f"$artifacts.{clip}.items[0].selectedVersion.url")
    if len(clips) > 1:
        stages.append(
            {
                "id": "film",
                "type": "fixed",
                "label": "Film",
                "tool": "stitch_video",
                "produces": ["film"],
                "args": {"reference_video_urls": clips},
            }
        )
    return {
        "name": name,
        "description": "",
        "brief": brief.text,
        "category": "video-social",
        "visibility": "private",
        "inputs": [],
        "stages": stages,
        "tags": [],
        "exposeToLLM": False,
    }
