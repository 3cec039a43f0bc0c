"""Parameters that many tools share, so that they mean and accept the same everywhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.ports import field

SEED_MAX = 2**32 - 1
# Nothing sensible is longer, and a provider would cut it without saying so.
PROMPT_MAX = 20_000

AdapterId = Annotated[str, Field(min_length=1, max_length=200)]


def prompt(description: str, default: Any = ..., *, max_length: int = PROMPT_MAX) -> Any:
    return field(default, description, pinned=True, max_length=max_length)


def negative_prompt() -> Any:
    return field(None, "What should not appear.", max_length=PROMPT_MAX)


def variations(what: str) -> Any:
    return field(1, f"How many {what} to make from the same arguments, 1 to 16.", ge=1, le=16)


def seed() -> Any:
    return field(
        None,
        "Equal seeds and arguments give equal results. Left out, or -1: a fresh one.",
        ge=-1,
        le=SEED_MAX,
    )


def pixels(what: str, default: int | None = None, *, unless: tuple[str, ...] = ()) -> Any:
    return field(default, f"{what} in pixels.", ge=16, le=8192, unless=unless)


# A width and a height, neither of them 0; `adaptive` is the shape of what is sent.
_SIDE = r"0*(?:[1-9]\d*(?:\.\d+)?|\.\d*[1-9]\d*)"
SHAPE = rf"^\s*(?:{_SIDE}\s*[:x×/]\s*{_SIDE}|adaptive)?\s*$"


def aspect_ratio() -> Any:
    return field(
        None,
        "Shape as width:height, such as 16:9 or 4:5, or exact pixels such as 1080x1350.",
        examples=("16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "21:9"),
        loose=True,
        max_length=40,
        form="a_shape",
        pattern=SHAPE,
    )


def video_model(*known: str, default: str | None = None, pinned: bool = True) -> Any:
    return field(
        default,
        "Model that makes the video; the provider chooses when it is left out.",
        also=("model",),
        examples=known,
        loose=True,
        pinned=pinned,
        max_length=200,
    )


def image_model(*known: str) -> Any:
    return field(
        None,
        "Model that makes the picture; the provider chooses when it is left out.",
        also=("image_model",),
        examples=known,
        loose=True,
        pinned=True,
        max_length=200,
    )


def target_resolution() -> Any:
    return field(
        None,
        "Length of the short side in pixels; the long side follows the shape.",
        ge=16,
        le=4320,
        examples=(480, 720, 1080, 2160),
        loose=True,
    )


def generate_audio() -> Any:
    return field(True, "Whether the video gets sound, where the model can make it.")


def scale() -> Any:
    return field(
        1, "How many times larger each side becomes.", pinned=True, choices=(1, 1.5, 2, 3, 4)
    )


def expand_prompt() -> Any:
    return field(None, "Let the model's own rewriting enrich the prompt before it is used.")


def skip_prompt_processing() -> Any:
    return field(None, "Send the prompt to the model exactly as written.")


def ratio() -> Any:
    return field(
        None, "Shape of the frame for models that take only these; adaptive follows the source."
    )


def watermark() -> Any:
    return field(False, "Draw the model's visible watermark.")


def document_url() -> Any:
    return field(
        None, "https address of a document the model may read as background.", max_length=2048
    )


def page_url() -> Any:
    return field(
        None, "https address of a web page the model may read as background.", max_length=2048
    )


def voice_persona() -> Any:
    return field(None, "Name of a saved persona whose voice speaks.", max_length=200)


def container() -> Any:
    return field("mp4", "File format of the video.")


def last_frame() -> Any:
    return field(False, "Also return the final frame as a picture, to continue from.")


def loras() -> Any:
    return field(
        None, "Style adapters to apply, in order, by their ids.", min_length=1, max_length=8
    )


def lora_strengths() -> Any:
    return field(
        None,
        "Strength of each adapter, in the order of loras and as many.",
        min_length=1,
        max_length=8,
    )
