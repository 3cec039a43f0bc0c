"""Copies of files without what rides along in them. Child process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media.sandbox.bare_model import bare
from media.sandbox.credentials import SIGNED, sign
from media.sandbox.probe import probe
from media.sandbox.remux import remux
from media.sandbox.source_types import xmp_of
from mediakit.decode import strip_image


def copy(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, kind, mime, target, source_type, out; to sign it, version, algorithm and
    chain too. Writes the copy, which tells of its source and nothing else.

    Returns facts of a picture, `unsigned` with a reason where it could not be signed. Raises
    Refused.
    """
    path, target, source_type = (arguments[name] for name in ("path", "target", "source_type"))
    mime, answer = arguments["mime"], dict[str, Any]()
    match arguments["kind"]:
        case "image":
            strip_image(path, target, xmp=xmp_of(source_type))
            answer = probe({"path": target}, report)
            mime = answer["mime"]
        case "model":
            bare(path, target, source_type)
        case _:
            remux(path, mime, target, source_type)
    if "chain" in arguments and mime in SIGNED:
        answer |= sign(arguments, mime)
    return answer
