"""Copies of files without what rides along in them. Child process only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from media.sandbox.added_source_types import Damaged, add_source_type
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


def mark(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """Write a copy of which nothing is left out, and nothing encoded again, that tells its source.

    arguments: as `copy`. Returns `marked`: false where the file can't tell it, with nothing to use
    in the copy then, and `unsigned` as `copy` does.
    """
    mime, target = arguments["mime"], arguments["target"]
    shutil.copyfile(arguments["path"], target)
    try:
        is_told, holds_credentials = add_source_type(target, mime, arguments["source_type"])
    except Damaged:
        return {"marked": False}
    answer, is_signed = dict[str, Any](), False
    if "chain" in arguments and mime in SIGNED:
        answer = sign(arguments, mime, keeps_all=True)
        is_signed = not answer
    # Unsigned, a change would break the credentials of the file's maker.
    return {"marked": is_signed or (is_told and not holds_credentials), **answer}
