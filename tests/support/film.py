"""A film workflow of eight stages: three pictures, three shots of them, a score, the cut."""

from __future__ import annotations

from typing import Any

SCENES = {
    "Dusk": "A lighthouse on a rock at sunset, golden light on calm waves, soft clouds",
    "Night": "The lighthouse at night under a full moon, stars, mist over the water",
    "Dawn": "Snowy mountains above a forest at dawn, pink clouds, an old lighthouse",
}
MOTION = "Slow push in, the water moves"
SCORE = "Emotional cinematic piano with warm strings, slow"


def film(motion: str = MOTION, *, name: str = "The Keeper’s Light") -> dict[str, Any]:
    """Its body. motion: how the camera moves in the first shot."""
    stages: list[dict[str, Any]] = [
        _stage(title, "generate_image", {"prompt": words, "width": 1024, "height": 576})
        for title, words in SCENES.items()
    ]
    stages[0]["args"]["prompt"] = "$inputs.place"
    for title in SCENES:
        args = {"prompt": MOTION, "reference_image_url": made_by(title.lower()), "duration": 4}
        stages.append(_stage(f"{title} shot", "animate_photo", args))
    stages[3]["args"]["prompt"] = motion
    stages.append(_stage("Score", "generate_music", {"prompt": SCORE, "duration": 12}))
    shots = [made_by(f"{title.lower()}-shot") for title in SCENES]
    cut = {"reference_video_urls": shots, "reference_audio_url": made_by("score")}
    stages.append(_stage("Final cut", "stitch_video", cut))
    place = {"name": "place", "type": "text", "required": True, "default": SCENES["Dusk"]}
    return {
        "name": name,
        "description": "Three pictures of one place become shots, with a score.",
        "inputs": [place],
        "stages": stages,
    }


def unfinished() -> dict[str, Any]:
    """A small one whose shots take an hour, to look at while it runs."""
    slow = {"text": "The storm", "seconds": 3000, "source_image_url": made_by("keyframe")}
    cut = {"text": "The cut", "source_image_url": made_by("shots")}
    return {
        "name": "Storm over the rock",
        "inputs": [],
        "stages": [
            _stage("Keyframe", "generate_image", {"prompt": SCENES["Night"]}),
            _stage("Score", "generate_music", {"prompt": SCORE}),
            _stage("Shots", "note", slow),
            _stage("Final cut", "note", cut),
        ],
    }


def made_by(stage: str) -> str:
    """The binding that takes what a stage made."""
    return f"$artifacts.{stage}.items[0].selectedVersion.url"


def _stage(title: str, tool: str, args: dict[str, Any]) -> dict[str, Any]:
    key = title.lower().replace(" ", "-")
    return {
        "id": key,
        "label": title,
        "type": "fixed",
        "tool": tool,
        "args": args,
        "produces": [key],
    }
