"""The size and the length that a call asks for, and the nearest size that a model has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tools.providers.makers.slots import Slots
from tools.providers.openai.dialects import picture_size
from tools.providers.wish import Size, Wish, wish_of

# What a video has where nothing says it, its short side, and the sides of an image.
_WIDE = 16 / 9
_SHORT_PX = 720
_IMAGE_PX = 1024
# No model makes larger images, nor narrower ones.
_LARGEST_PX = 4096
_NARROWEST = 8.0
PIXELS = ("longest", "shortest", "side", "tier")
_FRAMES = ("start", "source_image", "source_video", "references", "end")
_IMAGES = ("source_image", "references")
# Shapes and sizes that differ by less are taken as equal: services round theirs to 8 or 16 pixels.
SAME_SHAPE = 0.03
_OTHER_SHAPE = 0.05
_SAME_PIXELS = 0.94
# What services call 1080p may have 1,088 lines.
ROUNDING = 1.03


class Sides(BaseModel):
    """Sides of a result, in pixels: multiples of `step` from `least` to `most`, neither more than
    `ratio` times the other, with so many pixels in all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: int = Field(1, ge=1)
    least: int = 1
    most: int = 16_384
    ratio: float = Field(64.0, ge=1)
    least_pixels: int = 1
    most_pixels: int = 16_384**2

    def in_steps(self, size: tuple[float, float], to_whole: Callable[[float], int]) -> Size:
        """Return a size in whole steps, with each side within its bounds."""
        width, height = (
            min(max(to_whole(side / self.step) * self.step, self.least), self.most) for side in size
        )
        return max(width, self.step), max(height, self.step)


def of_ratio(call: Slots[Any]) -> float:
    """Return width / height as asked for, else as the first file has it, else 16:9."""
    shape = wish(call).shape
    if shape is None:
        files = (file for slot in _FRAMES for file in call.media.get(slot, ()))
        with_size = (file for file in files if file is not None and file.width and file.height)
        shape = next((file.width / file.height for file in with_size), _WIDE)
    return float(min(max(shape, 1 / _NARROWEST), _NARROWEST))


def pixels_of(call: Slots[Any], slot: str) -> int:
    """Return the pixels of the size: along the "longest" or the "shortest" side; along the "side"
    of a square that has as many (1K is 1024); as its "tier", the short side of as many at 16:9
    (720p is 960 × 960, too)."""
    width, height = size_of(call)
    sides = {
        "longest": max(width, height),
        "shortest": min(width, height),
        "side": math.sqrt(width * height),
        "tier": math.sqrt(width * height / _WIDE),
    }
    return round(sides[slot])


def size_of(call: Slots[Any]) -> Size:
    """Return width and height as asked for; where nothing says it, what is usual."""
    size, ratio = wish(call).size, of_ratio(call)
    if size is not None:
        return size
    if is_video(call):
        return _size_of_shape(ratio, int(call.get("shortest") or _SHORT_PX) * math.sqrt(_WIDE))
    if target := call.get("target"):
        return _size_of_shape(ratio, target / math.sqrt(max(ratio, 1 / ratio)))
    return _size_of_shape(ratio, _source_side(call) or _IMAGE_PX)


def is_video(call: Slots[Any]) -> bool:
    return bool(call.get("seconds") or call.get("shortest") or "source_video" in call.media)


def is_size_known(call: Slots[Any]) -> bool:
    """Return whether the size follows from the call, or from an image that isn't there yet."""
    if is_video(call) or wish(call).size is not None or call.get("target"):
        return True
    images = [file for slot in _IMAGES for file in call.media.get(slot, ())[:1]]
    return all(file is not None and file.width and file.height for file in images)


def seconds_of(call: Slots[Any]) -> float | None:
    """Return the length asked for, else that of the video that is changed; None: unknown."""
    if (seconds := call.get("seconds")) is not None:
        return float(seconds)
    video = next(iter(call.media.get("source_video", ())), None)
    return float(video.duration_s) if video is not None and video.duration_s else None


def factor_of(call: Slots[Any]) -> float | None:
    """Return how many times larger a side becomes; None: it isn't known yet."""
    target = call.get("target")
    if not target:
        return float(call.get("scale") or 1)
    image = next(iter(call.media.get("source_image", ())), None)
    if image is None or not (image.width and image.height):
        return None
    return max(1.0, round(float(target) / max(image.width, image.height), 2))


def nearest_size(call: Slots[Any], choices: Sequence[str | float]) -> tuple[str, Size]:
    """Return one of sizes such as "1280:720": of the nearest shape, and not smaller than asked for
    where there is one."""
    width, height = size_of(call)
    ratio = width / height
    sizes = {str(choice): read_size(str(choice)) for choice in choices}
    distance = {name: abs(math.log(w / h / ratio)) for name, (w, h) in sizes.items()}
    closest = min(distance.values())
    alike = [name for name, far in distance.items() if far <= closest + _OTHER_SHAPE]
    pixels = {name: sizes[name][0] * sizes[name][1] for name in alike}
    enough = [name for name in alike if pixels[name] >= _SAME_PIXELS * width * height]
    # Of several shapes with about as many pixels the closest one.
    target = min(map(pixels.__getitem__, enough), default=max(pixels.values()))
    near = [name for name in alike if abs(math.log(pixels[name] / target)) <= _OTHER_SHAPE]
    best = min(near, key=distance.__getitem__)
    return best, sizes[best]


def made_size(call: Slots[Any], sides: Sides) -> Size:
    """Return the size asked for as a model has it: made larger or smaller in its shape, which
    differs where a side is at a bound."""
    width, height = size_of(call)
    ratio = min(max(width / height, 1 / sides.ratio), sides.ratio)
    fewest = max(sides.least_pixels, sides.least**2 * max(ratio, 1 / ratio))
    most = min(sides.most_pixels, sides.most**2 / max(ratio, 1 / ratio))
    pixels = min(max(width * height, fewest), most)
    exact = math.sqrt(pixels * ratio), math.sqrt(pixels / ratio)
    size = sides.in_steps(exact, math.floor)
    return size if size[0] * size[1] >= sides.least_pixels else sides.in_steps(exact, math.ceil)


def wish(call: Slots[Any]) -> Wish:
    """Return the size that the call's arguments ask for."""
    slot_of = {"aspectRatio": "aspect", "width": "width", "height": "height"}
    return wish_of({argument: call.get(slot) for argument, slot in slot_of.items()})[0]


def _source_side(call: Slots[Any]) -> float | None:
    """The side of a square with the pixels of the image that is edited, times the scale."""
    images = [file for slot in _IMAGES for file in call.media.get(slot, ())[:1]]
    if not images:
        return None
    has_size = images[0] is not None and images[0].width and images[0].height
    side = math.sqrt(images[0].width * images[0].height) if has_size else _IMAGE_PX
    return min(_LARGEST_PX, side * float(call.get("scale") or 1))


def _size_of_shape(ratio: float, side: float) -> Size:
    """The size of that shape with the pixels of a square."""
    return max(1, round(side * math.sqrt(ratio))), max(1, round(side / math.sqrt(ratio)))


def read_size(size: str) -> Size:
    """Return width and height of a size such as "1280:720" or "1280x720"."""
    width, _, height = size.replace("x", ":").partition(":")
    return int(width), int(height)


def openai_size(call: Slots[Any]) -> tuple[int, int]:
    """Return the size in pixels that OpenAI's newest image models take for this call."""
    width, height = size_of(call)
    return picture_size("gpt-image-2", Wish((width, height), width / height)) or (1024, 1024)
