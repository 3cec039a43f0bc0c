"""Facts of node types from `/object_info`: which of them save, and their files and values.

An entry: `{"input": {"required": {name: [type, options]}, "optional": {…}}, "output_node": bool}`,
and `"api_node": true` for a partner node, which calls a paid service by an account at Comfy. A
choice is `[["a", "b"], …]`, or `["COMBO", {"options": ["a", "b"]}]` in newer versions. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.declaration.ports import MediaKind
from tools.providers.comfyui.graphs import Graph
from tools.providers.comfyui.placeholders import fill_known

# Where a file goes that an input chooses from, below `models/`.
_FOLDERS: Final[Mapping[str, str]] = {
    "ckpt_name": "checkpoints",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "control_net_name": "controlnet",
    "lora_name": "loras",
    "model_name": "upscale_models",
    "unet_name": "diffusion_models",
    "vae_name": "vae",
}
_MODELS: Final = frozenset({"MESH", "TRIMESH", "GLB", "VOXEL"})
# An output node with frames is a video's, whatever it is called.
_RATES: Final = frozenset({"fps", "frame_rate"})


def saved_kind(name: str, entry: Any) -> MediaKind | None:
    """The kind of media that a node type saves; None: it saves none. name: its class_type."""
    # Previews are output nodes too, and what they make is thrown away.
    if not _dict(entry).get("output_node") or name.startswith("Preview"):
        return None
    inputs = dict(_inputs(entry))
    types = {spec[0] for spec in inputs.values() if isinstance(spec[0], str)}
    if "VIDEO" in types:
        return "video"
    if "IMAGE" in types:
        return "video" if _RATES & inputs.keys() else "image"
    if "AUDIO" in types:
        return "audio"
    return "model" if types & _MODELS else None


def class_types(graph: Graph) -> list[str]:
    """The node types of a graph, each once."""
    return sorted({node["class_type"] for node in graph.nodes.values()})


def partner_nodes(graph: Graph, node_types: Mapping[str, Any]) -> list[str]:
    """Return the partner nodes among a graph's types. node_types: as for `lacking`."""
    return [name for name in class_types(graph) if is_partner(node_types.get(name))]


def is_partner(entry: Any) -> bool:
    return _dict(entry).get("api_node") is True


def lacking(graph: Graph, node_types: Mapping[str, Any]) -> list[str]:
    """List what a server lacks for a graph, in words: node types, then files and other values.

    node_types: every one of the server, as `/object_info` describes it.
    """
    words = [f"the node {name}" for name in class_types(graph) if name not in node_types]
    for node in fill_known(graph.nodes, graph.slots).values():
        inputs = dict(_inputs(node_types.get(node["class_type"])))
        for name, value in node["inputs"].items():
            options = _options(inputs.get(name))
            if not isinstance(value, str) or options is None or value in options:
                continue
            folder = _FOLDERS.get(name)
            phrase = f"models/{folder}/{value}" if folder else f"{name} {value}"
            if phrase not in words:
                words.append(phrase)
    return words


def _inputs(entry: Any) -> Iterator[tuple[str, list[Any]]]:
    inputs = _dict(_dict(entry).get("input"))
    for part in ("required", "optional"):
        for name, spec in _dict(inputs.get(part)).items():
            if isinstance(spec, list) and spec:
                yield name, spec


def _options(spec: list[Any] | None) -> list[Any] | None:
    """The only values of an input; None: it takes others too."""
    if spec is None:
        return None
    if isinstance(spec[0], list):
        return spec[0]
    options = _dict(spec[1]).get("options") if spec[0] == "COMBO" and len(spec) > 1 else None
    return options if isinstance(options, list) else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
