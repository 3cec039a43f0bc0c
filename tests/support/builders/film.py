"""A film workflow of eight stages: three pictures, three shots of them, a score, the cut."""

from __future__ import annotations

from typing import Any

from tests.support.builders.stage_bodies import stage

SCENES = {
    "Dusk": "A lighthouse on a rock at sunset, golden light on calm waves, soft clouds",
    "Night": "The lighthouse at night under a full moon, stars, mist over the water",
    "Dawn": "Snowy mountains above a forest at dawn, pink clouds, an old lighthouse",
}
MOTION = "Slow push in, the water moves"
SCORE = "Emotional cinematic piano with warm strings, slow"


def film(motion: str = MOTION, *, name: str = "The Keeper's Light") -> dict[str, Any]:
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


def choosing() -> dict[str, Any]:
    """One that repeats a stage, of which one fails, and then waits for someone to choose."""
    times = {"name": "times", "type": "text", "multiple": {"min": 1, "max": 9}}
    places = {"name": "places", "type": "text", "multiple": {"min": 1, "max": 9}}
    tries = {"type": "fixed", "tool": "fail", "args": {"times": "$item.try", "retryable": False}}
    picture = {"type": "fixed", "tool": "generate_image", "args": {"prompt": "$item.place"}}
    batch = {"type": "batch", "partialExecutionEnabled": True, "itemLabelTemplate": "Take {index}"}
    choice = {"from": "$artifacts.frames", "min": 2, "max": 2}
    return {
        "name": "Six places",
        "inputs": [
            {**places, "default": [*SCENES.values(), *SCENES.values()]},
            {**times, "default": ["0", "9", "0", "0", "0"]},
        ],
        "stages": [
            {
                **batch,
                "id": "frames",
                "label": "Frames",
                "produces": ["frames"],
                "overBinding": "$inputs.places",
                "itemName": "place",
                "itemStage": picture,
            },
            {
                **batch,
                "id": "tries",
                "label": "Tries",
                "produces": ["tries"],
                "overBinding": "$inputs.times",
                "itemName": "try",
                "itemStage": tries,
            },
            {
                "id": "pick",
                "label": "Choose the frames",
                "type": "interactive",
                "produces": ["pick"],
                "select": choice,
                "userMessage": "Which two open and close the film?",
            },
            {
                **_stage("Final cut", "note", {"text": "cut", "source_image_url": made_by("pick")}),
                "checkpointRequired": True,
                "condition": {"type": "if_success_of", "stageId": "frames"},
            },
        ],
    }


def made_by(stage: str) -> str:
    """The binding that takes what a stage made."""
    return f"$artifacts.{stage}.items[0].selectedVersion.url"


def _stage(title: str, tool: str, args: dict[str, Any]) -> dict[str, Any]:
    return {**stage(tool, title.lower().replace(" ", "-"), **args), "label": title}
