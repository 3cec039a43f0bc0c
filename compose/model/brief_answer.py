"""The answer that a model is asked for: what a brief asks for, in the terms of `brief.Brief`.

One declaration is the schema sent to the service, the check of what comes back and the messages
about it. The schema's limits are few, because services support few; the check has them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from compose.brief.brief import AspectRatio, EditKind, Kind
from compose.model.asking import Problems

MOST_SCENES = 20
LONGEST_S = 600.0
MOST_ISSUES = 8
# Of JSON Schema, what services with structured outputs support.
_SUPPORTED = frozenset(
    {"type", "properties", "items", "enum", "anyOf", "description", "required", "$ref", "$defs"}
)


def _or(fallback: Any) -> BeforeValidator:
    """null is how a model leaves a field out."""
    return BeforeValidator(lambda given: fallback if given is None else given)


Words = Annotated[str, _or(""), Field(max_length=2000)]
Short = Annotated[str, _or(""), Field(max_length=200)]
Yes = Annotated[bool, _or(False)]
Seconds = Annotated[float | None, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)]
Count = Annotated[int, _or(1), Field(ge=1, le=12)]


class _Part(BaseModel):
    """Unknown fields are dropped: none of them can mean anything here."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """What is missing is null: services without schemas leave fields out."""
        if not isinstance(given, Mapping):
            return given
        return dict.fromkeys(cls.model_fields) | dict(given)


class SceneAnswer(_Part):
    """uses: the name of one of `media`."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    type: Annotated[Literal["shot", "title"], _or("shot")]
    seconds: Seconds
    uses: Short
    ask_before: Yes


class MediaAnswer(_Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Literal["image", "video", "audio"]
    title: Short
    count: Count


class OpenTextAnswer(_Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: Short
    default: Words
    options: Annotated[list[Short], _or(()), Field(max_length=MOST_SCENES)]


class SoundAnswer(_Part):
    """None: the brief says nothing about it."""

    music: bool | None
    speech: bool | None
    lyrics: Yes
    subtitles: Yes
    keep_original: Yes
    music_words: Words
    voice_words: Words
    effect_words: Words
    spoken: Words


class RepeatAnswer(_Part):
    item_name: Annotated[str, Field(min_length=1, max_length=60)]
    items: Annotated[list[Short], _or(()), Field(max_length=MOST_SCENES)]
    count: Annotated[int | None, Field(ge=1, le=MOST_SCENES)]
    same_images: Yes
    shows_name: Yes


class ChoiceAnswer(_Part):
    candidates: Annotated[int, Field(ge=2, le=12)]
    pick: Annotated[int, Field(ge=1, le=12)]


class EditAnswer(_Part):
    type: EditKind
    words: Words
    start: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]
    end: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]


class BriefAnswer(_Part):
    """A brief, read by a model."""

    title: Short
    kind: Kind
    language: Short
    scenes: Annotated[list[SceneAnswer], _or(()), Field(max_length=MOST_SCENES)]
    seconds: Seconds
    aspect: Annotated[AspectRatio, _or("")]
    style: Words
    camera: Words
    transition: Annotated[
        Literal["", "fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown"], _or("")
    ]
    on_the_beat: Yes
    on_screen: Short
    sound: Annotated[SoundAnswer, _or({})]
    media: Annotated[list[MediaAnswer], _or(()), Field(max_length=8)]
    open_texts: Annotated[list[OpenTextAnswer], _or(()), Field(max_length=8)]
    repeat: RepeatAnswer | None
    choice: ChoiceAnswer | None
    edits: Annotated[list[EditAnswer], _or(()), Field(max_length=8)]


def read_answer(given: Mapping[str, Any]) -> BriefAnswer | Problems:
    """The answer in an object of a model, or what is wrong with it."""
    try:
        answer = BriefAnswer.model_validate(given)
    except ValidationError as error:
        return Problems(
            tuple(
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors(include_url=False, include_input=False)[:MOST_ISSUES]
            )
        )
    found = tuple(_contradictions(answer))[:MOST_ISSUES]
    return Problems(found) if found else answer


def response_schema() -> dict[str, Any]:
    """The JSON Schema of an answer, as structured outputs want it: closed, and nothing optional."""
    return _strict(BriefAnswer.model_json_schema())


def _contradictions(answer: BriefAnswer) -> Iterator[str]:
    names = [one.name for one in answer.media]
    for place, scene in enumerate(answer.scenes):
        if scene.uses and scene.uses not in names:
            yield f"scenes.{place}.uses: no item of media is called so. There are: {names}"
    if len(names) != len(set(names)):
        yield "media: each needs a name of its own"
    on_given = answer.kind in ("clip_edit", "photo_edit")
    if on_given and not (answer.media and answer.edits):
        yield f"kind {answer.kind} needs an item of media to work on, and edits"
    if not on_given and not any(scene.type == "shot" for scene in answer.scenes):
        yield f"kind {answer.kind} needs a scene of type shot"
    if answer.choice is not None and answer.choice.pick > answer.choice.candidates:
        yield "choice: pick can't be more than candidates"
    for place, edit in enumerate(answer.edits):
        if edit.start is not None and edit.end is not None and edit.end <= edit.start:
            yield f"edits.{place}: end must be after start"


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name in _SUPPORTED}
    for name in ("items", "anyOf"):
        if name in kept:
            kept[name] = _strict(kept[name])
    for name in ("properties", "$defs"):
        if name in kept:
            kept[name] = {key: _strict(one) for key, one in kept[name].items()}
    if "properties" in kept:
        kept.pop("description", None)
        kept |= {"additionalProperties": False, "required": list(kept["properties"])}
    return kept
