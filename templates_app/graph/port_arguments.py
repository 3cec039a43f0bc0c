"""Arguments that fill the ports of a tool, in any spelling, and how a binding writes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from core.phrases import Phrase, phrase
from templates_app.graph.types import MediaKind, Transform
from tools.declaration.arguments import places
from tools.declaration.once_per_tool import once_per_tool
from tools.declaration.ports import Port, Tool

# What fills arguments that take no media: ids, addresses of bytes, and texts about a file.
TEXT_TRANSFORMS: Final[tuple[Transform, ...]] = ("subtitle_cues", "subtitle_srt", "overlay_items")
VALUE_TRANSFORMS: Final[tuple[Transform, ...]] = (
    "asset_ref",
    "artifact_data_uri",
    *TEXT_TRANSFORMS,
)
# What a transform says about the kind of its file.
TRANSFORM_KINDS: Final[Mapping[str, MediaKind]] = {
    "image_url": "image",
    "video_url": "video",
    "audio_url": "audio",
    "image_index": "image",
    "video_index": "video",
    "audio_index": "audio",
}
INDEX_TRANSFORMS: Final[Mapping[str, Transform]] = {
    "image": "image_index",
    "video": "video_index",
    "audio": "audio_index",
}


def find_port(tool: type[Tool], argument: str) -> tuple[Port | None, str]:
    """The port an argument fills, whatever its spelling, and the declared spelling."""
    return places(tool).get(argument) or (None, argument)


@once_per_tool
def newest_only(tool: type[Tool]) -> tuple[Port, ...]:
    """The ports that get the newest file when none is named."""
    return tuple(port for port in tool.ports() if port.implied == "latest")


def port_names(tool: type[Tool], arguments: Collection[str]) -> set[str]:
    """The ports that some arguments fill."""
    if not arguments:
        return set()
    ports = (find_port(tool, argument)[0] for argument in arguments)
    return {port.name for port in ports if port is not None}


def kinds_made(tool: type[Tool], params: Mapping[str, Any]) -> frozenset[MediaKind]:
    """The kinds of media a call can add to its run; a result of another kind breaks its promise.

    params: canonical. Anyone who reads the media list waits for the steps that can add to it, so a
    kind that is missing here would make a run depend on which step is quicker.
    """
    kinds: set[MediaKind] = set() if tool.output is None else {tool.output}
    if params.get("returnLastFrame") is True:
        kinds.add("image")
    return frozenset(kinds)


def spelling_for(port: Port, argument: str, count: int) -> str:
    """The argument that takes this many media: several need a list, of the same nature if any."""
    if count < 2 or port.is_list(argument):
        return argument
    lists = [spelling for spelling in port.arguments if port.is_list(spelling)]
    same = [spelling for spelling in lists if port.is_index(spelling) == port.is_index(argument)]
    return (*same, *lists, argument)[0]


def transform_for(port: Port, argument: str) -> Transform:
    """Choose what a binding writes when no one says: a position or an address."""
    if port.is_index(argument) and port.kind in INDEX_TRANSFORMS:
        return INDEX_TRANSFORMS[port.kind]
    return "artifact_url"


def media_arguments(tool: type[Tool]) -> Phrase:
    names = tuple(dict.fromkeys(port.arguments[0] for port in tool.ports()))
    return phrase("use_one_of", arguments=names) if names else phrase("tool_takes_no_media")
