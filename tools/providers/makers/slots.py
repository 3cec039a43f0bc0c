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
from tools.providers.makers.slot_tables import (
    ARGUMENTS,
    HANDLED,
    INSTRUCTIONS,
    PORTS,
    USES,
)

# A file, what is known of one, or None where it isn't there yet.
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Slots(Generic[F]):
    """One request. values: of VALUE_SLOTS that are set; media: of MEDIA_SLOTS that have files.
    arguments: the tool's argument of each value; ignored: arguments that were set and change
    nothing; warnings: further ones. problem: why it can't be sent, in a sentence; "" where it can.
    """

    values: Mapping[str, Any]
    media: Mapping[str, tuple[F, ...]]
    arguments: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""

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
    unused_names = ignored_of(tool, params, takes)
    calls = list(_frame_calls(tool, params, Slots(values, files, arguments, unused_names), takes))
    count = int(values.get("count") or 1)
    if "count" in takes:
        return [_with_seed(one, seed, place * count) for place, one in enumerate(calls)]
    calls = [replace(one, values={**one.values, "count": 1}) for one in calls]
    several = [one for _ in range(count) for one in calls]
    return [_with_seed(one, seed, place) for place, one in enumerate(several)]


def ignored_arguments(tool: str, takes: frozenset[str]) -> frozenset[str]:
    """Arguments of a tool that change nothing for a model that takes these slots."""
    slots = ARGUMENTS[tool]
    return frozenset(
        argument
        for argument in _defaults(tool)
        if argument not in HANDLED and not takes & _uses(slots.get(argument, ""))
    )


def ignored_of(tool: str, params: Mapping[str, Any], takes: frozenset[str]) -> tuple[str, ...]:
    """The same of one call: those that aren't as they are by default, in the tool's order."""
    unused_names = ignored_arguments(tool, takes)
    return tuple(
        argument
        for argument, default in _defaults(tool).items()
        if argument in unused_names and params.get(argument) not in (default, None, "", [], -1)
    )


def _uses(slot: str) -> frozenset[str]:
    """The slots of a model by which an argument of this slot changes the result."""
    return USES.get(slot, frozenset((slot,)))


@cache
def _defaults(tool: str) -> Mapping[str, Any]:
    """The arguments of a tool beside its files, with what is filled in where they aren't set."""
    tool_class = next(one for one in catalogue() if one.name == tool)
    fields = tool_class.Params.model_fields
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


def _frame_calls(
    tool: str, params: Mapping[str, Any], call: Slots[F], takes: frozenset[str]
) -> Iterator[Slots[F]]:
    """One request for each photo that is animated; images of a video in the role they have."""
    if tool == "animate_photo":
        yield from _animation_calls(params, call)
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


def _animation_calls(params: Mapping[str, Any], call: Slots[F]) -> Iterator[Slots[F]]:
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


def _with_seed(call: Slots[F], seed: int | None, place: int) -> Slots[F]:
    if seed is None:
        return call
    return replace(call, values={**call.values, "seed": (seed + place) % (SEED_MAX + 1)})
