"""Copies of 3D models without what rides along in the file. Child process only."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Final

from media.sandbox.source_types import gltf_of
from mediakit.errors import Refused

_MAGIC: Final = b"glTF"
_JSON: Final = 0x4E4F534A
# What tools write about how something was made, and of whom.
_NOTES: Final = frozenset({"extras", "name"})
_XMP: Final = "KHR_xmp_json_ld"


def bare(path: str, target: str, source_type: str) -> None:
    """Write the same shapes and textures into a new GLB, with the type of its source if it has one.

    Left out: names, extras, XMP, and all of `asset` but its version. Raises Refused for what is no
    GLB.
    """
    data = Path(path).read_bytes()
    try:
        magic, version, length = struct.unpack_from("<4sII", data)
        size, kind = struct.unpack_from("<II", data, 12)
        document = json.loads(data[20 : 20 + size])
    except (struct.error, ValueError, RecursionError) as error:
        raise Refused("This 3D model is damaged.") from error
    if magic != _MAGIC or kind != _JSON or not isinstance(document, dict):
        raise Refused("This 3D model is damaged.")
    asset = document.get("asset")
    asset_version = asset.get("version", "2.0") if isinstance(asset, dict) else "2.0"
    clean = _without_notes(document) | {"asset": {"version": asset_version}}
    if source_type:
        _add_source_type(clean, source_type)
    text = json.dumps(clean).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + size : length]
    head = struct.pack("<4sII", _MAGIC, version, 20 + len(text) + len(rest))
    with Path(target).open("wb") as file:
        file.write(head + struct.pack("<II", len(text), _JSON) + text + rest)


def _add_source_type(document: dict[str, Any], source_type: str) -> None:
    names, extensions = document.get("extensionsUsed"), document.get("extensions")
    document["extensionsUsed"] = [*(names if isinstance(names, list) else ()), _XMP]
    document["extensions"] = {
        **(extensions if isinstance(extensions, dict) else {}),
        _XMP: gltf_of(source_type),
    }
    document["asset"]["extensions"] = {_XMP: {"packet": 0}}


def _without_notes(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_notes(one)
            for key, one in value.items()
            if key not in _NOTES and key != _XMP
        }
    if isinstance(value, list):
        return [_without_notes(one) for one in value if one != _XMP]
    return value
