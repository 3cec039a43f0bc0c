"""Parameters that many tools share, so that they mean and accept the same everywhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.declaration.ports import field

SEED_MAX = 2**32 - 1
# Nothing sensible is longer, and a provider would cut it without saying so.
PROMPT_MAX = 20_000

AdapterId = Annotated[str, Field(min_length=1, max_length=200)]


def prompt(description: str, default: Any = ..., *, max_length: int = PROMPT_MAX) -> Any:
    return field(default, description, primary=True, max_length=max_length)


def negative_prompt() -> Any:
    return field(None, "What to avoid.", max_length=PROMPT_MAX)


def variations(what: str) -> Any:
    return field(1, f"Number of {what}, 1–16.", ge=1, le=16)


def seed() -> Any:
    return field(
        None,
        "Same seed and settings, same result. Empty or -1: random.",
        ge=-1,
        le=SEED_MAX,
    )


def pixels(what: str, default: int | None = None, *, default_unless: tuple[str, ...] = ()) -> Any:
    return field(default, f"{what} in pixels.", ge=16, le=8192, default_unless=default_unless)


# A width and a height, neither of them 0; `adaptive` is the shape of what is sent.
_SIDE = r"0*(?:[1-9]\d*(?:\.\d+)?|\.\d*[1-9]\d*)"
SHAPE = rf"^\s*(?:{_SIDE}\s*[:x×/]\s*{_SIDE}|adaptive)?\s*$"


def aspect_ratio() -> Any:
    return field(
        None,
        "Aspect ratio, such as 16:9 or 4:5, or exact pixels, such as 1080x1350.",
        examples=("16:9", "9:16", "1:1", "4:3", "3:4", "4:5", "21:9"),
        open_enum=True,
        max_length=40,
        form="a_shape",
        pattern=SHAPE,
    )


def model(
    *models: str, aliases: tuple[str, ...] = (), default: str | None = None, primary: bool = True
) -> Any:
    """The name of a model. models: those that the tool knows; what providers offer is added."""
    return field(
        default,
        "Model. Default: the provider's choice.",
        aliases=aliases,
        examples=models,
        open_enum=True,
        primary=primary,
        max_length=200,
    )


def video_model(*models: str, default: str | None = None, primary: bool = True) -> Any:
    return model(*models, aliases=("model",), default=default, primary=primary)


def image_model(*models: str) -> Any:
    return model(*models, aliases=("image_model",))


def target_resolution() -> Any:
    return field(
        None,
        "Short side in pixels.",
        ge=16,
        le=4320,
        examples=(480, 720, 1080, 2160),
        open_enum=True,
    )


def generate_audio() -> Any:
    return field(True, "Add sound, if the model can.")


def scale() -> Any:
    return field(1, "Times larger per side.", primary=True, choices=(1, 1.5, 2, 3, 4))


def expand_prompt() -> Any:
    return field(None, "Let the model improve the prompt.")


def skip_prompt_processing() -> Any:
    return field(None, "Don't change the prompt.")


def ratio() -> Any:
    return field(None, "Preset aspect ratio, for models with presets. Adaptive follows the source.")


def watermark() -> Any:
    return field(False, "Add the model's watermark.")


def document_url() -> Any:
    return field(None, "https URL of a document for reference.", max_length=2048)


def page_url() -> Any:
    return field(None, "https URL of a web page for reference.", max_length=2048)


def voice_persona() -> Any:
    return field(None, "Name of a saved persona whose voice to use.", max_length=200)


def container() -> Any:
    return field("mp4", "File format.")


def last_frame() -> Any:
    return field(False, "Also return the last frame as an image.")


def loras() -> Any:
    return field(None, "LoRA ids, in order.", min_length=1, max_length=8)


def lora_strengths() -> Any:
    return field(
        None,
        "Strength per LoRA, in the same order.",
        min_length=1,
        max_length=8,
    )


def scene_count() -> Any:
    return field(None, "Number of scenes. Default: by the brief.", ge=1, le=12)


def music_prompt() -> Any:
    return field(None, "Genre, mood, instruments and pace.", max_length=PROMPT_MAX)


def music_seconds() -> Any:
    return field(None, "Length in seconds. Default: by the prompt.", ge=10, le=600)


def frame_data_url(which: str) -> Any:
    # Inline images are long, and only that there is one is read.
    return field(None, f"{which} frame as a data URL.", max_length=16_000_000)
