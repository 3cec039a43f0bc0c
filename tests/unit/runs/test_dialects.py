"""Every tool is understood in the old snake dialect, with the old prefix, and in the new one."""

from typing import Any

import pytest

from templates_app.graph.port_arguments import find_port
from tests.support.builders.planning import (
    AUDIO,
    IMAGE,
    LIMITS,
    TOOLS,
    VIDEO,
    body,
    medium,
    plan_from_steps,
)
from tools.declaration.ports import to_snake
from tools.declaration.schema import parameter_schemas

MEDIA = (medium(), medium("video", VIDEO), medium("audio", AUDIO), medium(url=IMAGE + "?2"))
URLS = {"image": IMAGE, "video": VIDEO, "audio": AUDIO}
# Contract §7.2, by the tools that had a prefix: old argument → port.
OLD_MEDIA = {
    "generate_video": {
        "reference_image_url": "image",
        "reference_image_end_url": "end",
        "reference_image_urls": "image",
        "reference_audio_url": "audio",
        "reference_audio_identity_url": "voice",
        "reference_video_url": "video",
    },
    "edit_image": {
        "source_image_url": "image",
        "reference_image_urls": "image",
        "mask_image_url": "mask",
    },
    "sound_to_video": {
        "reference_audio_url": "audio",
        "reference_image_url": "image",
        "reference_image_end_url": "end",
    },
    "video_to_video": {
        "reference_video_url": "video",
        "reference_image_url": "image",
        "reference_audio_url": "audio",
    },
    "generate_image": {"source_image_url": "image", "starting_image_url": "image"},
}
# Old parameter → new one, with a value, where it isn't the new one's name in snake case.
OLD_PARAMETERS = {
    "generate_video": {"model": ("videoModel", "seedance2")},
    "sound_to_video": {"model": ("videoModel", "wan-s2v")},
    "video_to_video": {"model": ("videoModel", "ltx25-v2v")},
    "generate_music": {"timesignature": ("timesig", 3)},
    "animate_photo": {"model": ("videoModel", "ltx25")},
    "extend_video": {"model": ("videoModel", "auto")},
    "replace_video_segment": {"model": ("videoModel", "auto")},
}


def essence(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a step comes to: its tool, its parameters, and which medium goes where."""
    steps = ({"toolName": tool, "arguments": arguments},)
    planned = plan_from_steps(body(*steps), MEDIA, TOOLS, LIMITS).plan
    assert planned is not None
    assert planned.media == MEDIA
    (step,) = planned.steps
    declared = TOOLS.get(step.tool)
    media = {
        (find_port(declared, need.target_argument)[0].name, need.pick.index)
        for need in step.needs
        if need.target_argument
    }
    return {"tool": step.tool, "arguments": step.arguments, "seed": step.seed, "media": media}


def sample(schema: dict[str, Any]) -> Any:
    """A value that a parameter takes."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
    if kind == "boolean":
        return True
    if kind == "array":
        return [sample(schema.get("items", {}))] * max(schema.get("minItems", 1), 1)
    if kind == "object":
        return {name: sample(part) for name, part in schema.get("properties", {}).items()}
    # Texts with a pattern are shapes.
    return "16:9" if "pattern" in schema else "words"


def snake(value: Any) -> Any:
    """A value with all its names in the old dialect."""
    if isinstance(value, dict):
        return {to_snake(name): snake(part) for name, part in value.items()}
    return [snake(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", sorted(tool.name for tool in TOOLS))
def test_every_tool_is_planned_alike_in_every_dialect(name):
    tool = TOOLS.get(name)
    new = {known: sample(schema) for known, schema in parameter_schemas(tool).items()}
    old = snake(new)
    for port in tool.ports():
        place = -2 if port.name == "end" else -1
        url = IMAGE + "?2" if port.name == "end" else URLS[port.kind]
        index, address = port.index, port.url
        new[index] = [place] if port.is_list(index) else place
        old[address] = [url] if port.is_list(address) else url
    known = essence(name, new)
    assert essence(f"sogni_{name}", new) == known
    assert essence(name, old) == known
    assert essence(f"sogni_{name}", old) == known
    assert {port for port, _ in known["media"]} == {port.name for port in tool.ports()}


@pytest.mark.parametrize(
    ("tool", "argument", "port"),
    [(tool, *row) for tool, rows in OLD_MEDIA.items() for row in rows.items()],
)
def test_old_addresses_go_to_the_medium_they_meant(tool, argument, port):
    kind = next(known.kind for known in TOOLS.get(tool).ports() if known.name == port)
    value = [URLS[kind]] if argument.endswith("s") else URLS[kind]
    found = essence(f"sogni_{tool}", {"prompt": "x", argument: value})
    assert (port, 0) in found["media"]
    assert argument not in found["arguments"]


@pytest.mark.parametrize(
    ("tool", "old", "new", "value"),
    [(tool, old, *row) for tool, rows in OLD_PARAMETERS.items() for old, row in rows.items()],
)
def test_old_parameters_have_their_new_names(tool, old, new, value):
    needed = {"prompt": "x", "duration": 10, "startSeconds": 1, "endSeconds": 2}
    asked = {name: needed[name] for name in needed if name in parameter_schemas(TOOLS.get(tool))}
    before = essence(f"sogni_{tool}", {**asked, old: value})
    assert before == essence(tool, {**asked, new: value})
    assert before["arguments"][new] == value
