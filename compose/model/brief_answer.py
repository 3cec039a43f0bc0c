"""The answer asked of a model for a new template: a brief in the terms of `brief.Brief`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from compose.brief.brief import AspectRatio, EditKind, Kind
from compose.model.answer_schema import BadAnswer, Part, Short, Words, Yes, null_is

MOST_SCENES = 20
LONGEST_S = 600.0

Seconds = Annotated[float | None, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)]
Count = Annotated[int, null_is(1), Field(ge=1, le=12)]


Transition = Literal["", "fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown"]


class SceneAnswer(Part):
    """uses: the name of one of `media`."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    type: Annotated[Literal["shot", "title"], null_is("shot")]
    seconds: Seconds
    uses: Short
    ask_before: Yes


class MediaAnswer(Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Literal["image", "video", "audio"]
    title: Short
    count: Count


class OpenTextAnswer(Part):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: Short
    default: Words
    options: Annotated[list[Short], null_is(()), Field(max_length=MOST_SCENES)]


class SoundAnswer(Part):
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


class RepeatAnswer(Part):
    item_name: Annotated[str, Field(min_length=1, max_length=60)]
    items: Annotated[list[Short], null_is(()), Field(max_length=MOST_SCENES)]
    count: Annotated[int | None, Field(ge=1, le=MOST_SCENES)]
    same_images: Yes
    shows_name: Yes


class ChoiceAnswer(Part):
    candidates: Annotated[int, Field(ge=2, le=12)]
    pick: Annotated[int, Field(ge=1, le=12)]


class EditAnswer(Part):
    type: EditKind
    words: Words
    start: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]
    end: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]


class BriefAnswer(Part):
    """A brief, read by a model."""

    title: Short
    kind: Kind
    language: Short
    scenes: Annotated[list[SceneAnswer], null_is(()), Field(max_length=MOST_SCENES)]
    seconds: Seconds
    aspect: Annotated[AspectRatio, null_is("")]
    style: Words
    camera: Words
    transition: Annotated[Transition, null_is("")]
    on_the_beat: Yes
    on_screen: Short
    sound: Annotated[SoundAnswer, null_is({})]
    media: Annotated[list[MediaAnswer], null_is(()), Field(max_length=8)]
    open_texts: Annotated[list[OpenTextAnswer], null_is(()), Field(max_length=8)]
    repeat: RepeatAnswer | None
    choice: ChoiceAnswer | None
    edits: Annotated[list[EditAnswer], null_is(()), Field(max_length=8)]


def read_answer(document: Mapping[str, Any]) -> BriefAnswer:
    """Read a model's answer. Raises BadAnswer."""
    answer = BriefAnswer.read(document)
    if contradictions := list(_contradictions(answer)):
        raise BadAnswer(*contradictions)
    return answer


def _contradictions(answer: BriefAnswer) -> Iterator[str]:
    names = [one.name for one in answer.media]
    for place, scene in enumerate(answer.scenes):
        if scene.uses and scene.uses not in names:
            yield f"scenes.{place}.uses: no item of media is called so. There are: {names}"
    if len(names) != len(set(names)):
        yield "media: each needs a name of its own"
    is_edit = answer.kind in ("clip_edit", "photo_edit")
    if is_edit and not (answer.media and answer.edits):
        yield f"kind {answer.kind} needs an item of media to work on, and edits"
    if not is_edit and not any(scene.type == "shot" for scene in answer.scenes):
        yield f"kind {answer.kind} needs a scene of type shot"
    if answer.choice is not None and answer.choice.pick > answer.choice.candidates:
        yield "choice: pick can't be more than candidates"
    for place, edit in enumerate(answer.edits):
        if edit.start is not None and edit.end is not None and edit.end <= edit.start:
            yield f"edits.{place}: end must be after start"
