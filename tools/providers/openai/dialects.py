"""Arguments that OpenAI's image and video models take, which differ from model to model. Pure.

Source: OpenAI's API reference (images, videos), August 2026. Models of other names are taken to be
those of a compatible server: they get what was asked for, in OpenAI's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from tools.providers.wish import Size, Wish
from tools.providers.wish import wish_of as wish_of

Family: TypeAlias = Literal["gpt", "gpt-any-size", "dall-e-3", "dall-e-2", "other"]

GPT_SIZES: tuple[Size, ...] = ((1024, 1024), (1536, 1024), (1024, 1536))
DALL_E_3_SIZES: tuple[Size, ...] = ((1024, 1024), (1792, 1024), (1024, 1792))
DALL_E_2_SIZES: tuple[Size, ...] = ((256, 256), (512, 512), (1024, 1024))
SORA_SIZES: tuple[Size, ...] = ((1280, 720), (720, 1280), (1792, 1024), (1024, 1792))
SORA_SECONDS = (4, 8, 12)
# Of models that take any size: both sides in steps, neither longer, the shape no narrower, and the
# pixels between these. The largest is OpenAI's largest known; the smallest is ours.
STEP, LONGEST, NARROWEST = 16, 3840, 3.0
FEWEST_PIXELS, MOST_PIXELS = 655_360, 3840 * 2160
PROMPT_LIMITS: Mapping[Family, int] = {
    "gpt": 32_000,
    "gpt-any-size": 32_000,
    "dall-e-3": 4000,
    "dall-e-2": 1000,
}
# A shape that differs by less is not worth a word.
SAME_SHAPE = 0.02


def family_of(model: str) -> Family:
    """Return the dialect of a model, by its name."""
    name = model.lower().rpartition("/")[2]
    if name.startswith("dall-e-3"):
        return "dall-e-3"
    if name.startswith("dall-e"):
        return "dall-e-2"
    version = re.match(r"gpt-image-(\d+)", name)
    if version:
        return "gpt-any-size" if int(version[1]) >= 2 else "gpt"
    return "gpt" if name.startswith("chatgpt-image") else "other"


def picture_size(model: str, wish: Wish) -> Size | None:
    """The size to ask the model for; None: leave it to the model."""
    family = family_of(model)
    if wish.shape is None:
        return None
    if family == "gpt":
        return nearest(wish, GPT_SIZES)
    if family == "dall-e-3":
        return nearest(wish, DALL_E_3_SIZES)
    if family == "dall-e-2":
        return _square(wish)
    if family == "gpt-any-size":
        return _round_to_steps(wish)
    return wish.size or _of_shape(wish.shape, 1024 * 1024, 8)


def nearest(wish: Wish, sizes: Sequence[Size]) -> Size:
    """Return the size whose shape is closest, and of equal shapes the closest in size."""
    shape, pixels = wish.shape or 1.0, _pixels(wish.size) if wish.size else 0

    def distance(size: Size) -> tuple[float, int]:
        own = size[0] / size[1]
        return (max(own, shape) / min(own, shape), abs(_pixels(size) - pixels))

    return min(sizes, key=distance)


def said_of_size(model: str, wish: Wish, got: Size | None) -> list[str]:
    """A warning when an image isn't the size that was asked for. got: its real size."""
    if got is None or wish.shape is None:
        return []
    if wish.size is not None:
        if wish.size == got:
            return []
        return [f"{_times(wish.size)} isn't supported by {model}. Made at {_times(got)}."]
    if abs(got[0] / got[1] / wish.shape - 1) <= SAME_SHAPE:
        return []
    return [f"That aspect ratio isn't supported by {model}. Made at {_times(got)}."]


def most_at_once(model: str) -> int:
    """Return how many pictures one call may ask for."""
    return 1 if family_of(model) == "dall-e-3" else 10


def quality_of(model: str, quality: str | None) -> tuple[str | None, list[str]]:
    """`gptImageQuality` in the model's words."""
    family = family_of(model)
    if not quality or family == "other":
        return None, [f"{model} doesn't support quality settings. Ignored."] if quality else []
    if family == "dall-e-3":
        return ("hd" if quality in ("high", "xhigh", "max") else "standard"), []
    if family == "dall-e-2":
        return None, [f"{model} doesn't support quality settings. Ignored."]
    if quality in ("xhigh", "max"):
        return "high", [f"The highest quality of {model} is high, so that was used."]
    return quality, []


def seconds_of(model: str, wish_s: float) -> tuple[str, list[str]]:
    """The length to ask a video model for, as the API writes it."""
    if not model.lower().startswith("sora"):
        return f"{wish_s:g}", []
    seconds = min(SORA_SECONDS, key=lambda there: (abs(there - wish_s), -there))
    if seconds == wish_s:
        return str(seconds), []
    return str(seconds), [f"{model} makes 4, 8 or 12 s. Made {seconds} s instead of {wish_s:g} s."]


def film_size(model: str, wish: Wish, target: int | None) -> Size | None:
    """The size to ask a video model for; None: leave it to the model. target: its short side."""
    if model.lower().startswith("sora"):
        sizes = SORA_SIZES if "pro" in model.lower() else SORA_SIZES[:2]
        return nearest(wish, sizes) if wish.shape else sizes[0]
    if wish.size or not wish.shape:
        return wish.size
    side = target or 720
    shape = wish.shape
    size = (side * shape, side) if shape >= 1 else (side, side / shape)
    return (_even(size[0]), _even(size[1]))


def _square(wish: Wish) -> Size:
    side = max(wish.size) if wish.size else 1024
    return min(DALL_E_2_SIZES, key=lambda size: (abs(size[0] - side), -size[0]))


def _round_to_steps(wish: Wish) -> Size:
    shape = min(max(wish.shape or 1.0, 1 / NARROWEST), NARROWEST)
    pixels = _pixels(wish.size) if wish.size else 1024 * 1024
    short, long = sorted(_of_shape(shape, min(max(pixels, FEWEST_PIXELS), MOST_PIXELS), STEP))
    # Steps may have carried it over an edge.
    while short * long > MOST_PIXELS or long > LONGEST:
        long -= STEP
    while short * long < FEWEST_PIXELS or long > NARROWEST * short:
        short += STEP
    return (long, short) if shape >= 1 else (short, long)


def _of_shape(shape: float, pixels: float, step: int) -> Size:
    """The size of about that many pixels and that shape whose sides are multiples of the step."""
    width = min((pixels * shape) ** 0.5, LONGEST)
    height = min(width / shape, LONGEST)
    width = height * shape
    return _step(width, step), _step(height, step)


def _step(pixels: float, step: int) -> int:
    return max(step, round(pixels / step) * step)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


def _pixels(size: Size) -> int:
    return size[0] * size[1]


def _times(size: Size) -> str:
    return f"{size[0]}×{size[1]}"
