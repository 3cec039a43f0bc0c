"""How models want to be prompted: in sentences, in tags, as an instruction, or as a shot."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from compose.writers.wording import word_set

Output: TypeAlias = Literal["image", "video", "edit", "music", "speech"]
Form: TypeAlias = Literal["sentences", "tags"]

# CLIP encoders read 77 tokens, some 55 words; the rest of a prompt is lost on them.
_CLIP_WORDS = 55


@dataclass(frozen=True, slots=True)
class Dialect:
    """form: of image prompts. most_words: what the model reads at once. first, last: tags that it
    was taught as marks of quality. weighs: whether `(words:1.1)` means something to it. negative:
    what it is usually told to avoid. takes_negative: whether it reads a negative prompt. hears:
    whether videos get sound from the prompt.
    """

    name: str
    form: Form = "sentences"
    most_words: int = 200
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    weighs: bool = False
    negative: tuple[str, ...] = ()
    takes_negative: bool = True
    hears: bool = True


_FLAWS = ("lowres", "blurry", "jpeg artifacts", "watermark", "signature", "deformed", "bad anatomy")
DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect("flux", takes_negative=False),
        Dialect("sd3", most_words=150, negative=("blurry", "watermark", "distorted")),
        # Few steps leave little time for detail: one clear idea comes out best.
        Dialect("fast", most_words=60, takes_negative=False),
        Dialect("sdxl", "tags", 120, last=("highly detailed",), negative=_FLAWS),
        Dialect(
            "sd15",
            "tags",
            _CLIP_WORDS,
            first=("best quality",),
            last=("highly detailed", "sharp focus"),
            weighs=True,
            negative=("worst quality", *_FLAWS, "extra fingers"),
        ),
        Dialect(
            "pony",
            "tags",
            120,
            first=("score_9", "score_8_up", "score_7_up"),
            negative=("score_4", "score_5", "score_6", *_FLAWS),
        ),
        Dialect("editing", takes_negative=False),
        Dialect(
            "video",
            negative=("jitter", "flicker", "warped faces", "extra limbs", "watermark", "subtitles"),
        ),
    )
}

_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    (r"pony-v7|pony_v7", "flux"),
    (r"pony", "pony"),
    (r"ltx|wan\d|wan-|seedance|minimax|happyhorse|hunyuan|veo|sora|kling|runway|cogvideo", "video"),
    (r"kontext|edit|gpt-image.*edit", "editing"),
    (r"sd3|stable-diffusion-3", "sd3"),
    (r"turbo|lightning|schnell|fast|8step|klein|hyper|lcm", "fast"),
    (r"sd1[._-]?5|stable-diffusion-v?1|dreamshaper-?8", "sd15"),
    (r"(?:^|[^a-z])xl|sdxl|animagine|anima|obsession|juggernaut|realvis|hyphoria", "sdxl"),
)
# These make no sound whatever the prompt says.
_SILENT_MODELS = re.compile(r"wan2\.?[12]|hunyuan|cogvideo|svd")

_EDIT_TOOLS = word_set(
    """
    edit_image apply_style restore_photo refine_result change_angle remove_background
    """
)
_VIDEO_TOOLS = word_set(
    """
    generate_video animate_photo video_to_video sound_to_video orbit_video dance_montage
    extend_video replace_video_segment
    """
)


def dialect_of(prompting_type: str, model: str, output: Output) -> Dialect:
    """The caller's word first, then the model's name, then what is made."""
    if output == "edit":
        return DIALECTS["editing"]
    if output == "video":
        video = DIALECTS["video"]
        return replace(video, hears=False) if _SILENT_MODELS.search(model.lower()) else video
    if prompting_type in DIALECTS and prompting_type not in ("editing", "video"):
        return DIALECTS[prompting_type]
    family = family_of(model)
    return DIALECTS[family if family not in ("", "editing", "video") else "flux"]


def family_of(model: str) -> str:
    """The dialect that a model's name tells of; "" when it tells nothing."""
    name = model.lower()
    return next((family for words, family in _FAMILIES if re.search(words, name)), "")


def output_of(target: str, tool: str, prompting_type: str, model: str, text: str) -> Output:
    """What the prompt is for. `model_prompt` leaves it to the tool, the model and the words."""
    tool = tool.removeprefix("sogni_")
    if tool == "generate_music":
        return "music"
    if tool == "generate_speech":
        return "speech"
    for name, output in _BY_TARGET.items():
        if target == name:
            return output
    if tool in _EDIT_TOOLS or prompting_type == "editing":
        return "edit"
    if tool in _VIDEO_TOOLS or prompting_type == "video":
        return "video"
    if tool or prompting_type:
        return "image"
    family = family_of(model)
    if family in ("video", "editing"):
        return "video" if family == "video" else "edit"
    return "video" if _MOVES.search(text) else "image"


_BY_TARGET: Final[dict[str, Output]] = {
    "image_prompt": "image",
    "video_prompt": "video",
    "edit_prompt": "edit",
}
_MOVES = re.compile(r"\b(?:video|clip|film|movie|animation|vídeo|película)\b", re.IGNORECASE)
