"""What a drafted template would make: its scenes, length, shape, sound and inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_URL = re.compile(r"\$artifacts\.(\w+)\.items\[(\d+|\*)\]")
_SHAPES = {"1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "16:9": 16 / 9, "9:16": 9 / 16, "21:9": 21 / 9}
SHOTS = ("animate_photo", "generate_video")


class Facts:
    """Read from the stages, not from what the draft says of itself."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.template = template
        self.stages = {stage["id"]: stage for stage in template["stages"]}
        self.inputs = {one["name"]: one for one in template["inputs"]}

    def tools(self) -> list[str]:
        return [_call(stage).get("tool", stage["type"]) for stage in self.stages.values()]

    def has(self, tool: str) -> bool:
        return tool in self.tools()

    def scenes(self) -> int:
        """Shots and title cards; without video, images."""
        shots = sum(
            self.count(stage)
            for stage in self.stages.values()
            if _call(stage).get("tool") in SHOTS and stage["id"].startswith(("shot", "animated"))
        )
        titles = sum(key.startswith("title") for key in self.stages)
        images = sum(
            self.count(stage)
            for stage in self.stages.values()
            if _call(stage).get("tool") in ("generate_image", "edit_image")
        )
        return shots + titles if shots + titles else images

    def count(self, stage: Mapping[str, Any]) -> int:
        """How many results a stage makes."""
        if stage["type"] == "interactive":
            return int(stage["select"]["max"])
        if stage["type"] != "batch":
            return int(stage["args"].get("numberOfVariations", 1))
        over = stage["overBinding"]
        if over.startswith("$inputs."):
            declared = self.inputs[over.removeprefix("$inputs.")]
            return len(declared.get("default") or ()) or declared["multiple"]["min"]
        return self.count(self.stages[over.split(".")[1]])

    def seconds(self) -> float | None:
        """Of the last video; None where only the person's file tells."""
        last = [s for s in self.stages.values() if _makes_video(s)]
        return self.seconds_of(last[-1]) if last else None

    def seconds_of(self, stage: Mapping[str, Any]) -> float | None:
        args, tool = _call(stage)["args"], _call(stage)["tool"]
        if tool == "stitch_video":
            urls = args["reference_video_urls"]
            parts: list[float | None] = []
            for url in [urls] if isinstance(urls, str) else urls:
                found = _URL.match(url)
                if found is None:
                    return None
                source = self.stages[found[1]]
                times = self.count(source) if found[2] == "*" else 1
                parts += [self.seconds_of(source)] * times
            if any(part is None for part in parts):
                return None
            overlap = args.get("transition", {}).get("durationSeconds", 0) * (len(parts) - 1)
            return sum(part or 0 for part in parts) - overlap
        if "duration" in args and tool != "extend_video":
            return float(args["duration"])
        found = _URL.match(str(args.get("reference_video_url", "")))
        return self.seconds_of(self.stages[found[1]]) if found else None

    def shapes(self) -> set[str]:
        """Aspect ratios that images and videos are made in."""
        found = set()
        for stage in self.stages.values():
            args = _call(stage).get("args", {})
            if "aspectRatio" in args:
                found.add(args["aspectRatio"])
            elif "width" in args:
                ratio = args["width"] / args["height"]
                found.add(min(_SHAPES, key=lambda name: abs(_SHAPES[name] - ratio)))
        return found

    def input_types(self) -> list[str]:
        return [one["type"] for one in self.template["inputs"]]


def _call(stage: Mapping[str, Any]) -> Mapping[str, Any]:
    return stage.get("itemStage") or stage


def _makes_video(stage: Mapping[str, Any]) -> bool:
    tool = _call(stage).get("tool", "")
    return ("video" in tool and "analyze" not in tool) or tool in ("animate_photo", "add_subtitles")
