"""The body of a paid request: a call's slots in the words of one place of a model.

A file in a body is a `FileField`: what is stored of the request has its hash alone, so a repeat
after a crash is rebuilt from the same files, byte for byte.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tools.providers.makers import bodies, paths
from tools.providers.makers.sizes import of_ratio, pixels_of
from tools.providers.makers.slots import MEDIA_SLOTS, F, Slots
from tools.providers.makers.table import Encoding, Place, Value

# Makes the field of a file: file, slot, encoding.
FileToField: TypeAlias = Callable[[Any, str, Encoding], Any]


@dataclass(frozen=True, slots=True)
class Body:
    """fields: JSON, with what the caller made of files. warnings: what differs from the wish."""

    fields: dict[str, Any]
    warnings: tuple[str, ...]


class Missing(Exception):
    """The model can't do this call. The message says what it needs, as a sentence."""


def build(place: Place, title: str, call: Slots[F], to_field: FileToField) -> Body:
    """Return the body of one request. title: of the model, for warnings. Raises Missing."""
    for slot in place.needs:
        if not call.has(slot):
            raise Missing(f"{title} needs {WORDS.get(slot, slot)}.")
    if "mask" in call.media and "mask" not in place.slots:
        raise Missing(f"{title} can't use a mask. Choose another model, or remove the mask.")
    writer = _Writer(place, title, call, to_field, [])
    if isinstance(place.body, str):
        fields = bodies.FUNCTIONS[place.body](writer)
    else:
        fields = {}
        for path, value in place.values():
            if (written := writer.value(value)) is not None:
                paths.put(fields, path, written)
    writer.warn_of_files()
    return Body(fields, tuple(dict.fromkeys(writer.warnings)))


# Slots as a sentence names them.
WORDS: Mapping[str, str] = {
    "start": "a first frame",
    "end": "a last frame",
    "references": "a reference image",
    "source_image": "an image",
    "source_video": "a video",
    "reference_video": "a reference video",
    "reference_audio": "reference audio",
    "speech": "an audio file",
    "voice_sample": "a voice sample",
    "mask": "a mask",
    "left": "a view from the left",
    "back": "a view from behind",
    "right": "a view from the right",
    "prompt": "a prompt",
}


@dataclass(slots=True)
class _Writer:
    """What functions of `makers.bodies` write with."""

    place: Place
    title: str
    call: Slots[Any]
    to_field: FileToField
    warnings: list[str]

    def get(self, slot: str) -> Any:
        """Return the value of a slot as it is; None where it isn't set."""
        if slot == "aspect":
            return of_ratio(self.call)
        if slot in ("longest", "shortest"):
            return pixels_of(self.call, slot)
        return self.call.get(slot)

    def files(self, slot: str, encoding: Encoding = "url", most: int = 99) -> list[Any]:
        """Return the fields of a slot's files; a warning names those that are too many."""
        files = self.call.media.get(slot, ())
        if len(files) > most:
            self.warn(f"{self.title} takes {most} of {len(files)} files. The first were used.")
        return [self.to_field(file, slot, encoding) for file in files[:most]]

    def file(self, slot: str, encoding: Encoding = "url") -> Any:
        """Return the field of a slot's first file; None where it has none."""
        return next(iter(self.files(slot, encoding, 1)), None)

    def choice(self, slot: str, choices: Sequence[str | float], **options: Any) -> Any:
        """Return a slot's value as one of these, see `table.Value`."""
        return self.value(Value(slot=slot, choices=tuple(choices), **options))

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
        wish = self.get(value.slot)
        if wish is None:
            return None
        if value.map:
            return value.map.get(_key(wish))
        if value.steps:
            return next((sent for bound, sent in value.steps if wish <= bound), value.steps[-1][1])
        if value.choices:
            wish = self._chosen(value, wish)
        if isinstance(wish, int | float) and not isinstance(wish, bool):
            wish = self._bounded(value, wish)
        return _formatted(wish, value)

    def _chosen(self, value: Value, wish: Any) -> Any:
        if value.slot == "aspect":
            best = min(value.choices, key=lambda one: abs(math.log(_ratio(str(one)) / wish)))
            if abs(_ratio(str(best)) / wish - 1) > SAME_SHAPE:
                self.warn(f"{self.title} made it {best}, the nearest aspect ratio it has.")
            return best
        if not isinstance(wish, int | float):
            return wish if wish in value.choices else None
        numbers = sorted(float(one) for one in value.choices)
        best = next((one for one in numbers if one >= wish), numbers[-1])
        if best != wish and value.slot == "seconds":
            self.warn(f"{self.title} made {best:g} s instead of {wish:g} s.")
        return best

    def _bounded(self, value: Value, wish: float) -> float:
        low = value.least if value.least is not None else wish
        high = value.most if value.most is not None else wish
        number = min(max(wish, low), high)
        if value.slot == "seconds":
            number = math.ceil(number) if value.format in ("int", "text") else number
            if number != wish:
                self.warn(f"{self.title} made {number:g} s instead of {wish:g} s.")
        return number

    def warn_of_files(self) -> None:
        """Name the files that this model has no use for."""
        for slot, files in self.call.media.items():
            if files and slot not in self.place.slots:
                self.warn(f"{self.title} doesn't use {WORDS[slot]}. Ignored.")


# A ratio that differs by less is not worth a word.
SAME_SHAPE = 0.02


def _ratio(text: str) -> float:
    across, _, up = text.replace("x", ":").partition(":")
    return float(across) / float(up)


def _key(wish: Any) -> str:
    return str(wish).lower() if isinstance(wish, bool) else str(wish)


def _formatted(wish: Any, value: Value) -> Any:
    if value.format == "ms":
        return round(wish * 1000)
    if isinstance(wish, float) and (wish.is_integer() or value.format == "int"):
        wish = round(wish)
    return str(wish) if value.format == "text" else wish
