"""The ways to prompt models: in sentences, in tags, as an instruction, or as a shot. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from compose.writers.tables import names

Output: TypeAlias = Literal["image", "video", "edit", "music", "speech"]
_FLAWS: Final = (
    "lowres", "blurry", "jpeg artifacts", "watermark", "signature", "deformed", "bad anatomy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """has_tags: image prompts are lists of tags. most_words: what the model reads at once. first,
    last: tags that it was taught as marks of quality. negative: what it is usually told to avoid.
    takes_negative: whether it reads a negative prompt. hears: whether videos get sound from it.
    """

    has_tags: bool = False
    most_words: int = 200
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    takes_negative: bool = True
    hears: bool = True


DIALECTS: Final = {
    "flux": Dialect(takes_negative=False),
    "sd3": Dialect(most_words=150, negative=("blurry", "watermark", "distorted")),
    # Few steps leave little time for detail: one clear idea comes out best.
    "fast": Dialect(most_words=60, takes_negative=False),
    "sdxl": Dialect(True, 120, last=("highly detailed",), negative=_FLAWS),
    # CLIP encoders read 77 tokens, some 55 words; the rest of a prompt is lost on them.
    "sd15": Dialect(
        True, 55, ("best quality",), ("highly detailed", "sharp focus"), ("worst quality", *_FLAWS)
    ),
    "pony": Dialect(
        True, 120, ("score_9", "score_8_up", "score_7_up"),
        negative=("score_4", "score_5", "score_6", *_FLAWS),
    ),
    "editing": Dialect(takes_negative=False),
    "video": Dialect(
        negative=("jitter", "flicker", "warped faces", "extra limbs", "watermark", "subtitles")
    ),
}  # fmt: skip
_FAMILIES: Final = tuple(
    (re.compile(words), family)
    for words, family in (
        (r"pony-v7|pony_v7", "flux"),
        (r"pony", "pony"),
        (r"ltx|wan\d|wan-|seedance|minimax|happyhorse", "video"),
        (r"hunyuan|veo|sora|kling|runway|cogvideo", "video"),
        (r"kontext|edit|gpt-image.*edit", "editing"),
        (r"sd3|stable-diffusion-3", "sd3"),
        (r"turbo|lightning|schnell|fast|8step|klein|hyper|lcm", "fast"),
        (r"sd1[._-]?5|stable-diffusion-v?1|dreamshaper-?8", "sd15"),
        (r"(?:^|[^a-z])xl|sdxl|animagine|anima|obsession|juggernaut|realvis|hyphoria", "sdxl"),
    )
)
# These make no sound whatever the prompt says.
_SILENT_MODELS: Final = re.compile(r"wan2\.?[12]|hunyuan|cogvideo|svd")
_TOOLS: Final[dict[Output, str]] = {
    "music": "generate_music",
    "speech": "generate_speech",
    "edit": "edit_image apply_style restore_photo refine_result change_angle remove_background",
    "video": "generate_video animate_photo video_to_video sound_to_video orbit_video dance_montage"
    " extend_video replace_video_segment",
}
_TARGETS: Final[tuple[Output, ...]] = ("image", "video", "edit")


def dialect_of(prompting_type: str, model: str, output: Output) -> Dialect:
    """Return the dialect: the caller's word first, then the model's name, then what is made."""
    if output == "edit":
        return DIALECTS["editing"]
    if output == "video":
        return replace(DIALECTS["video"], hears=not _SILENT_MODELS.search(model.lower()))
    for name in (prompting_type, family_of(model)):
        if name in DIALECTS and name not in ("editing", "video"):
            return DIALECTS[name]
    return DIALECTS["flux"]


def family_of(model: str) -> str:
    """Return the dialect that a model's name tells of; "" when it tells nothing."""
    name = model.lower()
    return next((family for words, family in _FAMILIES if words.search(name)), "")


def output_of(target: str, tool: str, prompting_type: str, model: str, text: str) -> Output:
    """Return what the prompt is for. `model_prompt` leaves it to the tool, the model, the words."""
    name = tool.removeprefix("sogni_")
    by_tool = next((output for output, tools in _TOOLS.items() if name in tools.split()), None)
    if by_tool in ("music", "speech"):
        return by_tool
    for output in _TARGETS:
        if target == f"{output}_prompt":
            return output
    if by_tool is not None:
        return by_tool
    family = prompting_type or ("" if tool else family_of(model))
    if family in ("editing", "video"):
        return "edit" if family == "editing" else "video"
    if tool or prompting_type or family:
        return "image"
    return "video" if names("film", "moves", text) else "image"
