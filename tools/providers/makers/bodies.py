"""Fields of request bodies that have lists, roles or conditions: a function for each shape.

Each adds to the fields that the place's row wrote. A place of a table names one as `function`, with
the slots that it reads as `takes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from tools.providers.makers.sizes import Size, openai_size
from tools.providers.makers.slots import Slots


class Missing(Exception):
    """The model can't do this call. The message says what it needs, as a sentence."""


class Writer(Protocol):
    """See `makers.body`."""

    title: str
    call: Slots[Any]

    def get(self, slot: str) -> Any: ...
    def files(self, slot: str, encoding: Any = "url", most: int | None = None) -> list[Any]: ...
    def file(self, slot: str, encoding: Any = "url") -> Any: ...
    def has_use_for(self, slot: str) -> bool: ...
    def most(self, slot: str) -> int: ...
    def sides(self) -> Size: ...
    def warn(self, words: str) -> None: ...


Fields: TypeAlias = dict[str, Any]

_HD = 720
# Slots that can't be used together with a first frame.
_REFERENCES = ("references", "reference_video")
_FACES = {"source_video": "video", "start": "image"}


def gemini_parts(write: Writer, fields: Fields) -> None:
    """Google's generateContent: the prompt and its images."""
    images = [
        {"inlineData": {"mimeType": "image/png", "data": data}}
        for data in write.files("references", "base64")
    ]
    fields["contents"] = [{"role": "user", "parts": [{"text": write.get("prompt")}, *images]}]


def gpt_size(write: Writer, fields: Fields) -> None:
    """OpenAI's images: any size in steps, as "1536x1024"."""
    width, height = openai_size(write.call)
    fields["size"] = f"{width}x{height}"


def fal_gpt_size(write: Writer, fields: Fields) -> None:
    """The same as fal takes it."""
    width, height = openai_size(write.call)
    fields["image_size"] = {"width": width, "height": height}


def flux(write: Writer, fields: Fields) -> None:
    """BFL's FLUX 2: a size, and up to nine numbered images."""
    fields["width"], fields["height"] = write.sides()
    for place, image in enumerate(write.files("references", "base64"), start=1):
        fields["input_image" if place == 1 else f"input_image_{place}"] = image


def fal_flux(write: Writer, fields: Fields) -> None:
    """The size of FLUX 2 as fal takes it."""
    width, height = write.sides()
    fields["image_size"] = {"width": width, "height": height}


def size_text(write: Writer, fields: Fields) -> None:
    """A size within bounds, as "1536x1024"."""
    width, height = write.sides()
    fields["size"] = f"{width}x{height}"


def veo_instance(write: Writer, fields: Fields) -> None:
    """Google's predictLongRunning: the prompt with its frames."""
    instance = {"prompt": write.get("prompt")}
    for name, data in _frames(write, "base64", "image", "lastFrame").items():
        instance[name] = {"bytesBase64Encoded": data, "mimeType": "image/png"}
    fields["instances"] = [instance]


def seedance_content(write: Writer, fields: Fields) -> None:
    """ByteDance's list of the prompt and all files, each with its role."""
    content = [{"type": "text", "text": write.get("prompt")}] if write.get("prompt") else []
    sounds = _sounds(write)
    if sounds:
        # Frames don't go with sound.
        images = list(_frame_files(write, "url", "first_frame", "last_frame").values())
        if images:
            words = "can't mix frames with audio. They were used as reference images."
            write.warn(f"{write.title} {words}")
        frames = {}
    else:
        images, frames = [], _frames(write, "url", "first_frame", "last_frame")
    content += [_item("image", image, role) for role, image in frames.items()]
    if not frames:
        images += write.files("references", most=write.most("references") - len(images))
        content += [_item("image", image, "reference_image") for image in images]
        content += [
            _item("video", file, "reference_video")
            for slot in ("source_video", "reference_video")
            for file in write.files(slot)
        ]
    content += [_item("audio", file, "reference_audio") for file in sounds]
    fields["content"] = content


def sync_input(write: Writer, fields: Fields) -> None:
    """Sync's list of one face, in a video or an image, and what it says."""
    slot = next((slot for slot in _FACES if write.has_use_for(slot)), None)
    if slot is None:
        raise Missing(f"{write.title} needs an image or a video of a face.")
    fields["input"] = [
        {"type": _FACES[slot], "url": write.file(slot)},
        *({"type": "audio", "url": sound} for sound in _sounds(write)[:1]),
    ]


def eleven_inputs(write: Writer, fields: Fields) -> None:
    """ElevenLabs' dialogue of one line: what the row wrote as text and voice_id."""
    fields["inputs"] = [{name: fields.pop(name) for name in ("text", "voice_id") if name in fields}]


def minimax_music(write: Writer, fields: Fields) -> None:
    """MiniMax's music: without lyrics it has to be told so."""
    if not write.get("lyrics"):
        fields["is_instrumental"] = True


def fal_veo(write: Writer, fields: Fields) -> None:
    """Veo at fal: other fields for a first frame alone than for both."""
    frames = _frames(write, "url", "first_frame_url", "last_frame_url")
    fields |= {"image_url": frames["first_frame_url"]} if len(frames) == 1 else frames


def runway_image(write: Writer, fields: Fields) -> None:
    """Runway's images: references as a list of objects."""
    if images := write.files("references"):
        fields["referenceImages"] = [{"uri": image} for image in images]


def runway_edit(write: Writer, fields: Fields) -> None:
    """The same of Ideogram 4.5, which keeps composition and size of the first image."""
    runway_image(write, fields)
    if "referenceImages" in fields:
        fields["preciseEdit"] = True
        fields.pop("ratio", None)


def runway_video(write: Writer, fields: Fields) -> None:
    """Runway's videos: frames with a position, or references; sound with either."""
    frames = _frames(write, "url", "first", "last")
    if frames:
        fields["promptImage"] = [{"uri": uri, "position": at} for at, uri in frames.items()]
    else:
        if images := write.files("references"):
            fields["references"] = [{"uri": image} for image in images]
        if videos := write.files("reference_video"):
            fields["referenceVideos"] = [{"type": "video", "uri": video} for video in videos]
    if sounds := _sounds(write):
        fields["referenceAudio"] = [{"type": "audio", "uri": sound} for sound in sounds]


def runway_video_auto(write: Writer, fields: Fields) -> None:
    """The same of models whose videos have the shape of the first frame, or of the video."""
    runway_video(write, fields)
    if "promptImage" in fields or write.has_use_for("source_video"):
        fields["ratio"] = "auto_720p" if write.get("tier") <= _HD else "auto_1080p"


def _frames(write: Writer, encoding: str, first: str, last: str) -> dict[str, Any]:
    """The same, where references don't go with them."""
    frames = _frame_files(write, encoding, first, last)
    if frames and any(map(write.has_use_for, _REFERENCES)):
        write.warn(f"{write.title} can't mix a first frame with references. They were ignored.")
    return frames


def _frame_files(write: Writer, encoding: str, first: str, last: str) -> dict[str, Any]:
    """The first and the last frame under these names. Raises Missing for a last frame alone."""
    if not write.has_use_for("start"):
        if write.has_use_for("end"):
            raise Missing(f"{write.title} needs a first frame to go with the last one.")
        return {}
    frames = {first: write.file("start", encoding), last: write.file("end", encoding)}
    return {name: file for name, file in frames.items() if file is not None}


def _sounds(write: Writer) -> list[Any]:
    return [*write.files("speech"), *write.files("reference_audio")]


def _item(kind: str, url: Any, role: str) -> dict[str, Any]:
    return {"type": f"{kind}_url", f"{kind}_url": {"url": url}, "role": role}


FUNCTIONS: Mapping[str, Callable[[Any, Fields], None]] = {
    function.__name__: function
    for function in (
        gemini_parts,
        gpt_size,
        fal_gpt_size,
        flux,
        fal_flux,
        size_text,
        veo_instance,
        seedance_content,
        sync_input,
        eleven_inputs,
        minimax_music,
        fal_veo,
        runway_image,
        runway_edit,
        runway_video,
        runway_video_auto,
    )
}
