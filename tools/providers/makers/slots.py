"""A tool's call in the words that rows of models share: one slot for each thing a model may take.

Arguments have other names in other tools; files come by ports. A slot is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

from tools.catalog import catalogue
from tools.declaration.parameters import SEED_MAX

# A file, what is known of one, or None where it isn't there yet.
F = TypeVar("F")

# fmt: off
MEDIA_SLOTS = frozenset(
    [
        "references", "start", "end", "source_image", "mask", "source_video", "reference_video",
        "reference_audio", "speech", "voice_sample", "left", "back", "right"
    ]
)
VALUE_SLOTS = frozenset(
    [
        "prompt", "negative", "seed", "count", "aspect", "width", "height", "longest", "shortest",
        "seconds", "sound", "container", "last_frame", "quality", "transparent", "strength",
        "guidance", "voice", "language", "lyrics", "bpm", "scale", "faces", "target", "detail",
        "cutout"
    ]
)
# Worked out of others, see `makers.sizes`: width and height together, the side of a square and the
# short side of 16:9 with as many pixels, and how many times larger a side becomes.
COMPUTED_SLOTS = frozenset(["size", "side", "tier", "factor"])
# fmt: on
SLOTS = MEDIA_SLOTS | VALUE_SLOTS | COMPUTED_SLOTS

_SIZE = {"aspectRatio": "aspect", "width": "width", "height": "height"}
_COMMON = {
    "prompt": "prompt",
    "negativePrompt": "negative",
    "seed": "seed",
    "numberOfVariations": "count",
    "outputFormat": "container",
    **_SIZE,
}
_IMAGE = {
    **_COMMON,
    "gptImageQuality": "quality",
    "gptImageBackground": "transparent",
    "starting_image_strength": "strength",
    "guidance": "guidance",
}
_VIDEO = {
    **_COMMON,
    "ratio": "aspect",
    "duration": "seconds",
    "targetResolution": "shortest",
    "generateAudio": "sound",
    "returnLastFrame": "last_frame",
}
# By tool, the slot of each argument. What isn't here no model takes, or is handled before.
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "generate_image": _IMAGE,
    "edit_image": _IMAGE,
    "refine_result": {**_COMMON, "scale": "scale"},
    "apply_style": {**_COMMON, "scale": "scale"},
    "restore_photo": {**_COMMON, "scale": "scale"},
    "change_angle": {**_COMMON, "description": "prompt"},
    "upscale_image": {"scale": "scale", "targetLongestEdge": "target"},
    "remove_background": {"applyMask": "cutout"},
    "segment_image": {"text": "prompt", "applyMask": "cutout"},
    "image_to_3d": {"meshTargetFaces": "faces"},
    "generate_video": _VIDEO,
    "animate_photo": _VIDEO,
    "sound_to_video": _VIDEO,
    "video_to_video": _VIDEO,
    "extend_video": {"prompt": "prompt", "duration": "seconds", "seed": "seed"},
    "upscale_video": {"targetResolution": "shortest", "seed": "seed"},
    "generate_speech": {
        "prompt": "prompt",
        "voice": "voice",
        "language": "language",
        "seed": "seed",
        "outputFormat": "container",
        "numberOfVariations": "count",
    },
    "generate_music": {
        "prompt": "prompt",
        "lyrics": "lyrics",
        "duration": "seconds",
        "bpm": "bpm",
        "seed": "seed",
        "outputFormat": "container",
        "numberOfVariations": "count",
    },
}
TOOLS = frozenset(ARGUMENTS)
# Arguments that need no slot: they choose the model, the number of requests or the role of a file,
# or they are said in the prompt; `keepOriginalAudio` has no effect anywhere.
# fmt: off
HANDLED = frozenset(
    [
        "model", "videoModel", "numberOfVariations", "frameRole", "prompts", "bpm", "keyscale",
        "timesig", "keepOriginalAudio"
    ]
)
# fmt: on
_SIZES = frozenset(["size", "side", "tier", "longest", "shortest"])
# By the slot of an argument, the slots that it has a say in, where these are others.
_USES: Mapping[str, frozenset[str]] = {
    "aspect": frozenset(["aspect", "size"]),
    "width": frozenset(["aspect", "width"]) | _SIZES,
    "height": frozenset(["aspect", "height"]) | _SIZES,
    "shortest": _SIZES,
    "scale": frozenset(["scale", "factor"]) | _SIZES,
    "target": frozenset(["target", "factor"]) | _SIZES,
}
# By tool, the slot of each port, in the order of the files.
PORTS: Mapping[str, Mapping[str, str]] = {
    "generate_image": {"image": "references"},
    "edit_image": {"image": "references", "mask": "mask"},
    "refine_result": {"image": "references"},
    "apply_style": {"image": "references"},
    "restore_photo": {"image": "references"},
    "change_angle": {"image": "references"},
    "upscale_image": {"image": "source_image"},
    "remove_background": {"image": "source_image"},
    "segment_image": {"image": "source_image"},
    "image_to_3d": {"image": "source_image", "left": "left", "back": "back", "right": "right"},
    "generate_video": {
        "image": "references",
        "end": "end",
        "video": "reference_video",
        "audio": "reference_audio",
        "voice": "voice_sample",
    },
    "animate_photo": {"image": "start", "end": "end", "voice": "voice_sample"},
    "sound_to_video": {"audio": "speech", "image": "start", "end": "end"},
    "video_to_video": {
        "video": "source_video",
        "image": "references",
        "mask": "mask",
        "audio": "reference_audio",
    },
    "extend_video": {"video": "source_video"},
    "upscale_video": {"video": "source_video"},
    "generate_speech": {"voice": "voice_sample"},
    "generate_music": {},
}
# What is asked for besides the person's words; {} is where these go.
INSTRUCTIONS: Mapping[str, str] = {
    "apply_style": "Redraw this image in this style: {}. Keep its content and composition.",
    "restore_photo": "Restore this photo: remove scratches, dust, stains and fading, and sharpen"
    " it. Keep faces, clothes and composition as they are. {}",
    "refine_result": "Improve this image. Keep its content and composition. {}",
    "change_angle": "Show the same subject and place from another camera angle: {}.",
}


@dataclass(frozen=True, slots=True)
class Slots(Generic[F]):
    """One request. values: of VALUE_SLOTS that are set; media: of MEDIA_SLOTS that have files.
    arguments: the tool's argument of each value; ignored: arguments that were set and change
    nothing."""

    values: Mapping[str, Any]
    media: Mapping[str, tuple[F, ...]]
    arguments: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    def get(self, slot: str) -> Any:
        """The value of a slot; None where it isn't set."""
        return self.values.get(slot)

    def has(self, slot: str) -> bool:
        return slot in self.values or bool(self.media.get(slot))


def requests_of(
    tool: str,
    params: Mapping[str, Any],
    media: Mapping[str, Sequence[F]],
    takes: frozenset[str],
    seed: int | None = None,
) -> list[Slots[F]]:
    """The requests that one call takes, in the order of its results.

    params: under canonical names, with defaults filled in. media: by port. takes: the slots of the
    model: one that takes `count` is asked once for all variations. seed: of the first result; each
    further one has the next.
    """
    files = {PORTS[tool][port]: tuple(ones) for port, ones in media.items() if port in PORTS[tool]}
    values, arguments = _values(tool, params)
    unused = ignored_of(tool, params, takes)
    calls = list(_framed(tool, params, Slots(values, files, arguments, unused), takes))
    count = int(values.get("count") or 1)
    if "count" in takes:
        return [_seeded(one, seed, place * count) for place, one in enumerate(calls)]
    calls = [replace(one, values={**one.values, "count": 1}) for one in calls]
    several = [one for _ in range(count) for one in calls]
    return [_seeded(one, seed, place) for place, one in enumerate(several)]


def ignored(tool: str, takes: frozenset[str]) -> frozenset[str]:
    """Arguments of a tool that change nothing for a model that takes these slots."""
    slots = ARGUMENTS[tool]
    return frozenset(
        argument
        for argument in _defaults(tool)
        if argument not in HANDLED and not takes & _uses(slots.get(argument, ""))
    )


def ignored_of(tool: str, params: Mapping[str, Any], takes: frozenset[str]) -> tuple[str, ...]:
    """The same of one call: those that aren't as they are by default, in the tool's order."""
    unused = ignored(tool, takes)
    return tuple(
        argument
        for argument, default in _defaults(tool).items()
        if argument in unused and params.get(argument) not in (default, None, "", [], -1)
    )


def _uses(slot: str) -> frozenset[str]:
    """The slots of a model by which an argument of this slot changes the result."""
    return _USES.get(slot, frozenset((slot,)))


@cache
def _defaults(tool: str) -> Mapping[str, Any]:
    """The arguments of a tool beside its files, with what is filled in where they aren't set."""
    declared = next(one for one in catalogue() if one.name == tool)
    fields = declared.Params.model_fields
    return {field.alias or name: field.get_default() for name, field in fields.items()}


def _values(tool: str, params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    arguments: dict[str, str] = {}
    for argument, slot in ARGUMENTS[tool].items():
        value = params.get(argument)
        if value in (None, [], "auto", -1, "adaptive") or slot in values:
            continue
        if isinstance(value, str) and not value.strip():
            continue
        values[slot], arguments[slot] = value, argument
    if "transparent" in values:
        values["transparent"] = values["transparent"] == "transparent"
    if tool in INSTRUCTIONS:
        words = str(values.get("prompt", "")).strip().rstrip(".")
        values["prompt"] = INSTRUCTIONS[tool].format(words).strip()
    if tool == "generate_music":
        values["prompt"] = _music_prompt(params)
    return values, arguments


def _music_prompt(params: Mapping[str, Any]) -> str:
    """Tempo, key and time signature in words: no model has fields for all of them."""
    parts = [str(params.get("prompt") or "").strip()]
    if bpm := params.get("bpm"):
        parts.append(f"{bpm:g} bpm")
    if key := params.get("keyscale"):
        parts.append(f"in {key}")
    if beats := params.get("timesig"):
        parts.append(f"{beats}/4 time" if beats != 6 else "6/8 time")
    return ", ".join(part for part in parts if part)


def _framed(
    tool: str, params: Mapping[str, Any], call: Slots[F], takes: frozenset[str]
) -> Iterator[Slots[F]]:
    """One request for each photo that is animated; images of a video in the role they have."""
    if tool == "animate_photo":
        yield from _animated(params, call)
        return
    media = dict(call.media)
    images = media.pop("references", ())
    role = params.get("frameRole")
    has_end = bool(media.get("end"))
    if images and tool == "generate_video" and (role or has_end or "references" not in takes):
        frames, images = _frames("start" if has_end else str(role or "start"), images)
        media |= frames
    if images and tool == "generate_image" and "references" not in takes and "start" in takes:
        media["start"], images = images, ()
    if images:
        media["references"] = images
    yield replace(call, media=media)


def _animated(params: Mapping[str, Any], call: Slots[F]) -> Iterator[Slots[F]]:
    photos, ends = call.media.get("start", ()), call.media.get("end", ())
    prompts = params.get("prompts") or []
    others = {slot: files for slot, files in call.media.items() if slot not in ("start", "end")}
    for place, photo in enumerate(photos):
        frames = {"end": (photo,)} if params.get("frameRole") == "end" else {"start": (photo,)}
        if len(ends) > place:
            frames.setdefault("end", (ends[place],))
        own = prompts[place] if place < len(prompts) else ""
        values = {**call.values, "prompt": own} if own.strip() else call.values
        yield replace(call, values=values, media={**others, **frames})


def _frames(role: str, images: tuple[F, ...]) -> tuple[dict[str, tuple[F, ...]], tuple[F, ...]]:
    """Images as the first or the last frame, "both": the first and the last of them; and the rest.

    The model has a use for those, or a warning names them.
    """
    if role == "end":
        return {"end": images[-1:]}, images[:-1]
    if role == "both":
        return {"start": images[:1], "end": images[-1:]}, images[1:-1]
    return {"start": images[:1]}, images[1:]


def _seeded(call: Slots[F], seed: int | None, place: int) -> Slots[F]:
    if seed is None:
        return call
    return replace(call, values={**call.values, "seed": (seed + place) % (SEED_MAX + 1)})
