"""The body of a paid request: a call's slots in the words of one place of a model.

A file in a body is a `FileField`: what is stored of the request has its hash alone, so a repeat
after a crash is rebuilt from the same files, byte for byte.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from tools.providers.argument_nouns import noun_of
from tools.providers.makers import bodies, paths, sizes
from tools.providers.makers.bodies import Missing
from tools.providers.makers.slot_tables import MEDIA_SLOTS
from tools.providers.makers.slots import F, Slots
from tools.providers.makers.table import Encoding, Limits, Place, Value

__all__ = ["WORDS", "Body", "FileToField", "Missing", "build", "values_sent"]

# Makes the field of a file: file, slot, encoding.
FileToField: TypeAlias = Callable[[Any, str, Encoding], Any]


@dataclass(frozen=True, slots=True)
class Body:
    """fields: JSON, with what the caller made of files. warnings: what differs from the wish."""

    fields: dict[str, Any]
    warnings: tuple[str, ...]


def build(place: Place, title: str, call: Slots[F], to_field: FileToField) -> Body:
    """Return the body of one request. title: of the model, for warnings. Raises Missing."""
    _check(place, title, call)
    writer = _Writer(place, title, call, to_field, [])
    fields: dict[str, Any] = {}
    for path, value in place.values():
        if (field_value := writer.value(value)) is not None:
            paths.put(fields, path, field_value)
    if place.function:
        bodies.FUNCTIONS[place.function](writer, fields)
    writer.warn_of_files()
    writer.warnings.extend(call.warnings)
    if call.ignored:
        writer.warn(f"{title} ignores {_join_words([noun_of(name) for name in call.ignored])}.")
    return Body(fields, tuple(dict.fromkeys(writer.warnings)))


def values_sent(value: Value, slot: str = "") -> tuple[Any, ...] | None:
    """Return everything that calls with a slot may send for a field; None where it isn't one of a
    few."""
    if slot in value.when:
        return (value.when[slot],)
    if value.const is not None:
        return (value.const,)
    if value.map or value.steps:
        values = (*value.map.values(), *(choice for _, choice in value.steps), value.default)
        return tuple(one for one in values if one is not None)
    return tuple(_format(one, value) for one in value.choices) or None


def _check(place: Place, title: str, call: Slots[Any]) -> None:
    """Raise Missing for a call whose result would be paid for and wrong."""
    if call.problem:
        raise Missing(f"{title} wasn't asked: {call.problem}")
    for slot in place.needs:
        if not call.has(slot):
            raise Missing(f"{title} needs {WORDS.get(slot, slot)}.")
    if call.media.get("mask") and "mask" not in place.slots:
        raise Missing(f"{title} can't use a mask. Choose another model, or remove the mask.")
    if call.get("cutout") is False and "cutout" not in place.slots:
        raise Missing(f"{title} makes a cut-out, not a mask. Choose another model.")
    for slot, others in place.companions.items():
        if call.media.get(slot) and not any(map(call.has, others)):
            choices = _join_words([WORDS[other] for other in others], "or")
            raise Missing(f"{title} needs {choices} to go with {WORDS[slot]}.")
    for slot, limits in place.media.items():
        files = [file for file in call.media.get(slot, ())[: limits.count] if file is not None]
        for file in files:
            _check_file(title, slot, limits, file)
        seconds = sum(file.duration_s or 0 for file in files)
        if limits.most_s is not None and seconds > limits.most_s:
            raise Missing(
                f"{title} takes at most {limits.most_s:g} s of {WORDS[slot]}, and this is"
                f" {seconds:.1f} s long. Shorten it, or choose another model."
            )
    # Services count UTF-16 units: an emoji is two.
    length = len(str(call.get("prompt") or "").encode("utf-16-le", "surrogatepass")) // 2
    if place.prompt_most is not None and length > place.prompt_most:
        raise Missing(
            f"{title} takes prompts of at most {place.prompt_most:,} characters, and this one has"
            f" {length:,}. Shorten it, or choose another model."
        )


def _check_file(title: str, slot: str, limits: Limits, file: Any) -> None:
    """Raise Missing for a file that the model doesn't take, as far as its facts are known."""
    width, height = getattr(file, "width", None), getattr(file, "height", None)
    if width and height and min(width, height) < limits.least_px:
        raise Missing(
            f"{title} takes {WORDS[slot]} with sides of at least {limits.least_px} pixels, and this"
            f" is {width} × {height}. Enlarge it, or choose another model."
        )
    low, high = limits.ratios or (0.0, math.inf)
    if width and height and not low <= width / height <= high:
        raise Missing(
            f"{title} takes {WORDS[slot]} whose width is {low:.3g} to {high:.3g} times its height,"
            f" and this is {width} × {height}. Crop it, or choose another model."
        )
    seconds = getattr(file, "duration_s", None)
    if seconds and seconds < limits.least_s:
        raise Missing(
            f"{title} takes {WORDS[slot]} of at least {limits.least_s:g} s, and this is"
            f" {seconds:.1f} s long. Use a longer file, or choose another model."
        )


# Slots as a sentence names them.
WORDS: Mapping[str, str] = {
    "start": "a first frame",
    "end": "a last frame",
    "references": "a reference image",
    "source_image": "an image",
    "source_video": "a video",
    "reference_video": "a reference video",
    "reference_audio": "reference audio",
    "speech": "audio",
    "voice_sample": "a voice sample",
    "mask": "a mask",
    "left": "a view from the left",
    "back": "a view from behind",
    "right": "a view from the right",
    "prompt": "a prompt",
}


@dataclass(slots=True)
class _Writer:
    """The writer that functions of `makers.bodies` are given."""

    place: Place
    title: str
    call: Slots[Any]
    to_field: FileToField
    warnings: list[str]

    def get(self, slot: str) -> Any:
        """Return the value of a slot, or what follows from others; None where it isn't set."""
        if slot in _FORMULAS:
            return _FORMULAS[slot](self.call)
        return self.call.get(slot)

    def files(self, slot: str, encoding: Encoding = "url", most: int | None = None) -> list[Any]:
        """Return the fields of a slot's files; a warning names those that are too many."""
        if slot not in self.place.slots:
            return []
        count = most or self.most(slot)
        files = self.call.media.get(slot, ())
        if len(files) > count:
            self.warn(f"{self.title} takes {count} of {len(files)} files. The first were used.")
        return [self.to_field(file, slot, encoding) for file in files[:count]]

    def file(self, slot: str, encoding: Encoding = "url") -> Any:
        """Return the field of a slot's first file; None where it has none."""
        return next(iter(self.files(slot, encoding, 1)), None)

    def most(self, slot: str) -> int:
        """Return how many files of a slot the model takes."""
        limits = self.place.media.get(slot)
        return limits.count if limits else 99

    def has_use_for(self, slot: str) -> bool:
        """Return whether there are files of a slot that the model takes."""
        return slot in self.place.slots and bool(self.call.media.get(slot))

    def warn(self, words: str) -> None:
        self.warnings.append(words)

    def value(self, value: Value) -> Any:
        """Return what is sent for one field; None: the field is left out."""
        if value.const is not None:
            return value.const
        if value.slot in MEDIA_SLOTS:
            if value.most is not None and value.most > 1:
                return self.files(value.slot, value.encoding, int(value.most)) or None
            return self.file(value.slot, value.encoding)
        for slot in filter(self.call.has, value.when):
            if argument := self.call.arguments.get(value.slot):
                self.warn(f"{self.title} ignores {noun_of(argument)} with {WORDS[slot]}.")
            return value.when[slot]
        if value.slot == "size":
            return self._size(value)
        wish = self.get(value.slot)
        if wish is None:
            return value.default
        if value.map:
            return value.map.get(_key(wish), value.default)
        if value.steps:
            return self._step(value, wish)
        if value.choices:
            wish = self._chosen(value, wish)
        if isinstance(wish, int | float) and not isinstance(wish, bool):
            wish = self._clamp(value, wish)
        return _format(wish, value)

    def _size(self, value: Value) -> str:
        best, size = sizes.nearest_size(self.call, value.choices)
        self._warn_of_size(size)
        return best

    def sides(self) -> sizes.Size:
        """Return the size that the model makes of any that is asked for."""
        size = sizes.made_size(self.call, self.place.sides)
        self._warn_of_size(size)
        return size

    def _warn_of_size(self, size: sizes.Size) -> None:
        width, height = size
        target = sizes.size_of(self.call)
        shape = abs(math.log(width / height * target[1] / target[0]))
        is_asked = sizes.wish(self.call).size is not None or self.call.has("shortest")
        is_smaller = is_asked and width * height < _SMALLER * target[0] * target[1]
        if shape > sizes.SAME_SHAPE or is_smaller:
            self.warn(f"{self.title} made it {width} × {height}, the nearest size it has.")

    def _step(self, value: Value, wish: float) -> Any:
        """The first step that is large enough, of the largest where none is."""
        for limit, choice in value.steps:
            if wish <= limit * sizes.ROUNDING:
                return choice
        largest = value.steps[-1][1]
        self.warn(f"{self.title} made it at {largest}, the largest it has.")
        return largest

    def _chosen(self, value: Value, wish: Any) -> Any:
        if value.slot == "aspect":
            best = min(value.choices, key=lambda one: abs(math.log(_ratio(str(one)) / wish)))
            if abs(_ratio(str(best)) / wish - 1) > sizes.SAME_SHAPE:
                self.warn(f"{self.title} made it {best}, the nearest aspect ratio it has.")
            return best
        if not isinstance(wish, int | float):
            return wish if wish in value.choices else None
        numbers = sorted(float(one) for one in value.choices)
        best = next((one for one in numbers if one >= wish), numbers[-1])
        if best != wish and value.slot == "seconds":
            self._warn_of_length(best, wish)
        return best

    def _clamp(self, value: Value, wish: float) -> float:
        """A number within bounds; a seed goes around, so that each gives a result of its own."""
        if value.slot == "seed" and value.most is not None:
            return wish % (int(value.most) + 1)
        bounds = self.place.seconds if value.slot == "seconds" and not value.choices else None
        low, high = bounds or (-math.inf, math.inf)
        low = value.least if value.least is not None else low
        high = value.most if value.most is not None else high
        number = min(max(wish, low), high)
        if value.slot == "seconds":
            number = math.ceil(number) if value.format in ("int", "text", "Ns") else number
            if number != wish:
                self._warn_of_length(number, wish)
        return number

    def _warn_of_length(self, length: float, wish: float) -> None:
        # The length of a video that is changed was not asked for: it's in full seconds or so.
        if self.call.has("seconds") or abs(length - wish) >= 1:
            self.warn(f"{self.title} made {length:g} s instead of {round(wish, 1):g} s.")

    def warn_of_files(self) -> None:
        """Name the files that this model has no use for."""
        for slot, files in self.call.media.items():
            if files and slot not in self.place.slots:
                self.warn(f"{self.title} doesn't use {WORDS[slot]}. Ignored.")


# A result with a smaller share of the pixels that were asked for is worth a word.
_SMALLER = 0.9
_FORMULAS: Mapping[str, Callable[[Slots[Any]], Any]] = {
    "aspect": sizes.of_ratio,
    **{slot: partial(sizes.pixels_of, slot=slot) for slot in sizes.PIXELS},
    "factor": sizes.factor_of,
    "seconds": sizes.seconds_of,
}


def _ratio(text: str) -> float:
    across, _, up = text.replace("x", ":").partition(":")
    return float(across) / float(up)


def _key(wish: Any) -> str:
    return str(wish).lower() if isinstance(wish, bool) else str(wish)


def _format(wish: Any, value: Value) -> Any:
    if value.format == "ms":
        return round(wish * 1000)
    if isinstance(wish, float) and (wish.is_integer() or value.format == "int"):
        wish = round(wish)
    if value.format == "Ns":
        return f"{wish}s"
    return str(wish) if value.format == "text" else wish


def _join_words(words: list[str], link: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {link} {words[-1]}"
