"""The plan of a new template: the settings that a person sees beside a draft and changes. Pure.

The plain words of a brief (`plain_settings`), a language model (`model.planner`) and a person's
controls all fill in this one model, and `template_plan` makes stages of it. A field that says
nothing is empty. A model's answer drops unknown fields; `plan_from_outside` refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

import orjson
from pydantic import Field, ValidationError

from compose.plan.fields import BadAnswer, Part, Short, Words, Yes, null_is
from compose.plan.problems import Problem, problems_of, refusal, row_name
from core.language.cleaning import LONGEST_TEXT as LONGEST_TEXT

# film: new images that move and are joined. image: stills only. song: music, alone or with a cover.
# audio: a voice, and music beside it, without images. slideshow: one image for each item of a list,
# joined. clip_edit, photo_edit: work on what the person brings.
Kind: TypeAlias = Literal["film", "image", "song", "audio", "slideshow", "clip_edit", "photo_edit"]
AspectRatio: TypeAlias = Literal["", "1:1", "4:3", "3:4", "16:9", "9:16", "21:9"]
_Redrawing: TypeAlias = Literal[
    "restore", "animate", "style", "edit", "upscale", "remove_background", "replace_segment"
]
_Cutting: TypeAlias = Literal["extend", "subtitles", "overlay", "loop", "crop", "trim"]
EditKind: TypeAlias = Literal[_Redrawing, _Cutting, "analyze", "orbit", "model", "join"]


MOST_SHOTS: Final = 20
LONGEST_S: Final = 600.0
# Of a plan from outside without its texts, as JSON.
MOST_BYTES: Final = 8_192
# What music is like where no words say it; to a dance on the beat.
USUAL_MUSIC: Final = "Emotional cinematic piano with warm strings"
USUAL_BEAT: Final = "Energetic electronic dance music with a clear beat"
_NOT_DRAFTED: Final = "These settings can't be drafted."

Seconds = Annotated[float | None, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Transition = Literal["", "fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown"]


class Shot(Part):
    """One row of the film, or one image.

    text: what is seen. type "title": a card, whose text is the words on it. framing: "close-up",
    written behind the text. seconds: its own length. uses: the name of an item of `media`.
    """

    text: Words
    type: Annotated[Literal["shot", "title"], null_is("shot")]
    framing: Short
    seconds: Seconds
    uses: Short
    ask_before: Yes


class File(Part):
    """A file that people bring. name: the input's."""

    name: Name
    kind: Literal["image", "video", "audio"]
    title: Short
    count: Annotated[int, null_is(1), Field(ge=1, le=12)]


class OpenText(Part):
    """A text that people type. It takes the place of `{name}` in the texts of shots."""

    name: Name
    title: Short
    default: Words
    options: Annotated[list[Short], null_is(()), Field(max_length=MOST_SHOTS)]


class SoundPlan(Part):
    """music, speech: None leaves it to the preset: music for a film, no voice. spoken: what the
    voice says. *_words: how it sounds. lyrics: the music is sung."""

    music: bool | None
    speech: bool | None
    lyrics: Yes
    subtitles: Yes
    keep_original: Yes
    music_words: Words
    voice_words: Words
    effect_words: Words
    spoken: Words


class RepeatPlan(Part):
    """The same shots once for each item of a list."""

    item_name: Name
    items: Annotated[list[Short], null_is(()), Field(max_length=MOST_SHOTS)]
    count: Annotated[int | None, Field(ge=1, le=MOST_SHOTS)]
    same_images: Yes
    shows_name: Yes


class ChoicePlan(Part):
    """People choose `pick` of `candidates` images before they are used."""

    candidates: Annotated[int, Field(ge=2, le=12)]
    pick: Annotated[int, null_is(1), Field(ge=1, le=12)]


class EditPlan(Part):
    """One operation on the person's file. words: its prompt. start, end: seconds of the clip."""

    type: EditKind
    words: Words
    start: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]
    end: Annotated[float | None, Field(ge=0, le=36_000, allow_inf_nan=False)]
    aspect: Annotated[AspectRatio, null_is("")]


class Plan(Part):
    """All settings of a new template.

    shows: the person's words without those that became settings. language: of the voice, ISO
    639-1. style: the look, written behind the text of each shot. approves_images: people look at
    the images before the film is made of them.
    """

    title: Short
    kind: Annotated[Kind, null_is("film")]
    shows: Annotated[str, null_is(""), Field(max_length=LONGEST_TEXT)]
    language: Short
    scenes: Annotated[list[Shot], null_is(()), Field(max_length=MOST_SHOTS)]
    seconds: Seconds
    aspect: Annotated[AspectRatio, null_is("")]
    style: Words
    camera: Words
    transition: Annotated[Transition, null_is("")]
    on_the_beat: Yes
    on_screen: Short
    sound: Annotated[SoundPlan, null_is({})]
    media: Annotated[list[File], null_is(()), Field(max_length=8)]
    open_texts: Annotated[list[OpenText], null_is(()), Field(max_length=8)]
    repeat: RepeatPlan | None
    choice: ChoicePlan | None
    approves_images: Yes
    edits: Annotated[list[EditPlan], null_is(()), Field(max_length=8)]

    @property
    def is_own_file(self) -> bool:
        """Return whether it works on a file that people bring."""
        return self.kind in ("clip_edit", "photo_edit")


def plan_of_answer(document: Mapping[str, Any]) -> Plan:
    """Read a model's answer. Raises BadAnswer with sentences for the model."""
    plan = Plan.read(document)
    contradictions = list(map(str, contradictions_in(plan)))
    if plan.is_own_file and not (plan.media and plan.edits):
        contradictions.append(f"kind {plan.kind} needs an item of media to work on, and edits")
    if contradictions:
        raise BadAnswer(*contradictions)
    return plan


def plan_from_outside(document: Any) -> Plan:
    """Read the plan of a request. Raises InvalidBody, which names each field and its remedy."""
    if isinstance(document, Mapping):
        # Answers name the nearest templates beside a plan, and it may be sent back as it came.
        document = {name: value for name, value in document.items() if name != "nearest"}
    try:
        plan = Plan.model_validate(document, extra="forbid")
    except ValidationError as error:
        problems = problems_of(error, document)
        raise refusal("`settings` isn't a plan.", _NOT_DRAFTED, problems) from None
    if problems := list(contradictions_in(plan)):
        raise refusal("`settings` contradicts itself.", _NOT_DRAFTED, problems)
    if len(orjson.dumps(_without_texts(plan.model_dump()))) > MOST_BYTES:
        why = f"`settings` is too large. Without its texts it has over {MOST_BYTES:,} bytes."
        raise refusal(why, _NOT_DRAFTED, (), remedy="Remove some rows or options.")
    return plan


def _without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_texts(one) for one in value]
    return None if isinstance(value, str) and len(value) > 60 else value


def contradictions_in(plan: Plan) -> Iterator[Problem]:
    """Yield what in a plan can't be true together."""
    names, row = [one.name for one in plan.media], row_name(plan.kind)
    for place, shot in enumerate(plan.scenes):
        if shot.uses and shot.uses not in names:
            message = f"no item of media is called so. There are: {names}"
            person = f"{row} {place + 1}: Choose one of your files."
            yield Problem(f"scenes.{place}.uses", message, person)
        if not shot.text.strip() and not shot.uses:
            person = f"{row} {place + 1}: Write its words."
            yield Problem(f"scenes.{place}.text", "say what is seen", person)
    if len(names) != len(set(names)):
        message = "each needs a name of its own"
        yield Problem("media", message, "Inputs: Give each file another name.")
    needs_shot = plan.kind in ("film", "image", "slideshow")
    if needs_shot and not any(shot.type == "shot" for shot in plan.scenes):
        person = f"Add {'an' if row == 'Image' else 'a'} {row.lower()}."
        yield Problem("scenes", f"kind {plan.kind} needs a scene of type shot", person)
    choice = plan.choice
    if choice is not None and choice.pick > choice.candidates:
        person = f"Ask first: Pick at most {choice.candidates} of {choice.candidates}."
        yield Problem("choice.pick", "can't be more than candidates", person)
    for place, edit in enumerate(plan.edits):
        if edit.start is not None and edit.end is not None and edit.end <= edit.start:
            person = f"Step {place + 1}: Set an end after the start."
            yield Problem(f"edits.{place}.end", "must be after start", person)
