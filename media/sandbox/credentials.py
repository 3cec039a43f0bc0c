"""C2PA credentials of a copy: ours, over those of its maker. Child process only.

A maker's credentials hold more than who made the file: prompts, thumbnails, places. In a copy for
others stays of them what C2PA lets no one take out, the actions, where these tell no more than what
was done and by what program; all else is redacted.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from media.sandbox.signature import ask_for_signature

# Of the optional packages: requirements/marks.in.
if importlib.util.find_spec("c2pa"):
    import c2pa

# A thumbnail takes a second and shows what may be private. Nothing is asked of other servers.
_SETTINGS: Final = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
# The types of copies that can have them.
SIGNED: Final = frozenset(
    {"image/png", "image/jpeg", "image/webp", "video/mp4", "video/quicktime"}
    | {"audio/mp4", "audio/mpeg", "audio/wav", "audio/flac"}
    | {"image/gif", "image/heic", "image/heif", "image/avif", "image/tiff"}
)
# Assertions that stay: what was done, the hashes that bind them to the file, and what it was made
# from.
_PUBLIC: Final = ("c2pa.actions", "c2pa.hash.", "c2pa.ingredient")
# What may stand in what can't be redacted; anything else may be a person's words.
_CLAIM: Final = frozenset(
    {"alg", "claim_generator", "claim_generator_info", "claim_version", "created_assertions"}
    | {"dc:format", "dc:title", "gathered_assertions", "instanceID", "signature", "assertions"}
    | {"redacted_assertions", "alg_soft"}
)
_MANIFEST: Final = frozenset({"claim", "assertion_store", "signature"})
_ACTION: Final = frozenset(
    {"action", "digitalSourceType", "instanceID", "parameters", "reason", "softwareAgent", "when"}
)
_PARAMETERS: Final = frozenset({"ingredient", "ingredients", "redacted"})
_INGREDIENT: Final = frozenset(
    {"dc:title", "title", "dc:format", "relationship", "instanceID", "documentID", "c2pa_manifest"}
    | {"activeManifest", "claimSignature", "validationResults", "validationStatus", "hash"}
)
_INGREDIENT_ID: Final = "original"
_REASON: Final = "c2pa.PII.present"
_TITLES: Final = frozenset({"", "audio", "file", "image", "output", "untitled", "video"})


def sign(arguments: Mapping[str, Any], mime: str, *, keeps_all: bool = False) -> dict[str, str]:
    """Write credentials into arguments["target"], of this type, with those of arguments["path"].

    keeps_all: nothing is redacted. Nothing is written where nothing is to be said. Returns
    {"unsigned": a reason} where it can't be done, with the file as it was.
    """
    target = Path(arguments["target"])
    scratch = target.with_name(f"{target.name}.signed")
    try:
        if _sign(arguments, mime, target, scratch, keeps_all=keeps_all):
            scratch.replace(target)
    except (c2pa.C2paError, MemoryError) as problem:
        scratch.unlink(missing_ok=True)
        return {"unsigned": f"{type(problem).__name__}: {problem}"[:200]}
    return {}


def _sign(
    arguments: Mapping[str, Any], mime: str, target: Path, scratch: Path, *, keeps_all: bool
) -> bool:
    original, source_type = Path(arguments["path"]), str(arguments["source_type"])
    context = c2pa.Context.from_dict(_SETTINGS)
    with original.open("rb") as file:
        find = _nothing_redacted if keeps_all else _redactions
        redactions = find(file, arguments["mime"], context)
    if redactions is None and not source_type:
        return False
    change = "c2pa.edited.metadata" if keeps_all else "c2pa.converted"
    builder = c2pa.Builder(_manifest(arguments, redactions, change), context)
    if redactions is not None:
        ingredient = {"relationship": "parentOf", "instance_id": _INGREDIENT_ID}
        with original.open("rb") as file:
            builder.add_ingredient(json.dumps(ingredient), arguments["mime"], file)
    algorithm = c2pa.C2paSigningAlg[arguments["algorithm"]]
    signer = c2pa.Signer.from_callback(ask_for_signature, algorithm, arguments["chain"])
    with target.open("rb") as plain, scratch.open("w+b") as signed:
        builder.sign(signer, mime, plain, signed)
    return True


def _manifest(
    arguments: Mapping[str, Any], redactions: Sequence[str] | None, change: str
) -> dict[str, Any]:
    """redactions: None for a file without credentials of its maker. change: the action that made
    the copy."""
    agent = {"name": "Reelgraph", "version": arguments["version"]}
    if redactions is None:
        first = {"action": "c2pa.created", "softwareAgent": agent}
    else:
        first = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_INGREDIENT_ID]}}
    actions: list[dict[str, Any]] = [first]
    if arguments["source_type"]:
        first["digitalSourceType"] = arguments["source_type"]
    if arguments["planner"]:
        first["description"] = f"Planned by {arguments['planner']}"
    if redactions is not None:
        actions.append({"action": change, "softwareAgent": agent})
    for address in redactions or ():
        parameters = {"redacted": address}
        action = {"action": "c2pa.redacted", "reason": _REASON, "parameters": parameters}
        actions.append(action)
    return {
        "claim_generator_info": [agent],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
        **({"redactions": list(redactions)} if redactions else {}),
    }


def _nothing_redacted(file: IO[bytes], mime: str, context: Any) -> list[str] | None:
    """As `_redactions`, of credentials that are kept as they are, sound or not."""
    try:
        c2pa.Reader(mime, file, context=context)
    except c2pa.C2paError:
        return None
    return []


def _redactions(file: IO[bytes], mime: str, context: Any) -> list[str] | None:
    """List the assertions to redact of a file's credentials; None where it has none that are sound
    and can be shown."""
    try:
        store = json.loads(c2pa.Reader(mime, file, context=context).detailed_json())
        manifests = store["manifests"]
        if store["validation_state"] == "Invalid" or any(map(_is_private, manifests.values())):
            return None
    except (c2pa.C2paError, AttributeError, KeyError, TypeError, ValueError):
        # Damaged ones are reported without parts, or with parts of other types.
        return None
    return [
        f"self#jumbf=/c2pa/{label}/c2pa.assertions/{name}"
        for label, manifest in manifests.items()
        for name in manifest["assertion_store"]
        if not name.startswith(_PUBLIC)
    ]


def _is_private(manifest: Mapping[str, Any]) -> bool:
    """Return whether what can't be redacted holds what people may have written."""
    claim, assertions = manifest["claim"], manifest["assertion_store"]
    if not manifest.keys() <= _MANIFEST or not claim.keys() <= _CLAIM or not _is_plain(claim):
        return True
    for name, assertion in assertions.items():
        if name.startswith("c2pa.ingredient"):
            if not assertion.keys() <= _INGREDIENT or not _is_plain(assertion):
                return True
        elif name.startswith("c2pa.actions") and not _tells_acts_only(assertion):
            return True
    return False


def _is_plain(holder: Mapping[str, Any]) -> bool:
    """Return whether its title is no one's words."""
    title = str(holder.get("dc:title") or holder.get("title") or "")
    return title.partition(".")[0].lower() in _TITLES


def _tells_acts_only(assertion: Mapping[str, Any]) -> bool:
    return assertion.keys() <= {"actions", "allActionsIncluded"} and all(
        action.keys() <= _ACTION
        and action.get("parameters", {}).keys() <= _PARAMETERS
        # Own reasons are free text.
        and str(action.get("reason", "c2pa.")).startswith("c2pa.")
        for action in assertion["actions"]
    )
