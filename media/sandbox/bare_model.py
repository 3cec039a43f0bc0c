"""Copies of 3D models without what rides along in the file. Child process only."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mediakit.errors import Refused

_MAGIC: Final = b"glTF"
_JSON: Final = 0x4E4F534A
# What tools write about how something was made, and of whom.
_NOTES: Final = frozenset({"extras", "name"})
_XMP: Final = "KHR_xmp_json_ld"


def bare(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, target, out. Writes the same shapes and textures into a new GLB.

    Left out: names, extras, XMP, and all of `asset` but its version. Returns an empty dict. Raises
    Refused for what is no GLB.
    """
    data = Path(arguments["path"]).read_bytes()
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
    text = json.dumps(_without_notes(document) | {"asset": {"version": asset_version}}).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + size : length]
    head = struct.pack("<4sII", _MAGIC, version, 20 + len(text) + len(rest))
    with Path(arguments["target"]).open("wb") as target:
        target.write(head + struct.pack("<II", len(text), _JSON) + text + rest)
    return {}


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
