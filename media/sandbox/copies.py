"""Copies of files without what rides along in them. Child process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media.sandbox.bare_model import bare
from media.sandbox.probe import probe
from media.sandbox.remux import remux
from media.sandbox.source_types import xmp_of
from mediakit.decode import strip_image


def copy(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, kind, mime, target, source_type, out. Writes the copy, whose only metadata
    is the type of its source. Returns the facts of a picture, {} of other files. Raises Refused."""
    path, target, source_type = (arguments[name] for name in ("path", "target", "source_type"))
    match arguments["kind"]:
        case "image":
            strip_image(path, target, xmp=xmp_of(source_type))
            return probe({"path": target}, report)
        case "model":
            bare(path, target, source_type)
        case _:
            remux(path, arguments["mime"], target, source_type)
    return {}
