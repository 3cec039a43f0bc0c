"""Changes of a template that are chosen by controls, on all of it or on its selection. Pure.

Each control that is set becomes a `Change`, as those of a language model's answer are, and each is
done on its own: where one can't be done, a warning says so and the others are done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from compose.changes.applier import apply
from compose.changes.change import Change, Refused, Revision, figure
from compose.changes.film import Film, scope
from compose.changes.placing import place_new
from compose.changes.prompting import prompts_of
from compose.changes.words import count_of
from compose.changes.working_template import WorkingTemplate
from compose.plan import LONGEST_S, AspectRatio
from compose.plan.problems import problems_of, refusal
from compose.template_plan.soundtrack import LANGUAGES
from compose.template_plan.template_text import capital, clean
from tools.declaration.ports import ToolTable

_NONE: Final = "none"
_KINDS: Final = {"image": "image", "video": "video", "music": "audio"}
_NO_SELECTION: Final = "What was selected is no longer in the template. Select it again."


def _tidy(value: Any) -> Any:
    return clean(value, len(value)) if isinstance(value, str) else value


Short = Annotated[str, BeforeValidator(_tidy), Field(max_length=200)]
Words = Annotated[str, BeforeValidator(_tidy), Field(max_length=2000)]
Some = Annotated[Short, Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)


class Music(Part):
    """words: how it sounds; "" keeps the words of music that is there."""

    on: bool
    words: Words = ""


class Voice(Part):
    """text: what it says; "" keeps the text of a voice that is there, and makes an input for a new
    one. language: ISO 639-1; "" keeps it."""

    on: bool
    text: Words = ""
    language: Annotated[str, Field(max_length=20)] = ""


class Replacement(Part):
    """Words as they are typed, and those that come in their place."""

    from_: Annotated[Some, Field(alias="from")]
    to: Some


class Controls(Part):
    """Values to change; None and "" leave what is there.

    seconds: of the film, or of each selected shot. look: words behind the prompts of images. sound:
    False is silence, True adds music where there is neither music nor a voice. models: by the kind
    of what they make.
    """

    format: AspectRatio | None = None
    seconds: Annotated[float | None, Field(gt=0, le=LONGEST_S, allow_inf_nan=False)] = None
    look: Words | None = None
    music: Music | None = None
    voice: Voice | None = None
    subtitles: bool | None = None
    sound: bool | None = None
    replace: Replacement | None = None
    models: Mapping[Literal["image", "video", "music"], Short] | None = None


def controls_from_outside(document: Any) -> Controls:
    """Read the controls of a request. Raises InvalidBody, which names each field and its remedy."""
    try:
        return Controls.model_validate(document)
    except ValidationError as error:
        problems = problems_of(error, document)
        why, sentence = "`controls` can't be read.", "This change can't be made."
        raise refusal(why, sentence, problems) from None


def change_by_controls(
    template: Mapping[str, Any], controls: Controls, selection: Sequence[str], tools: ToolTable
) -> Revision:
    """Return a template with what the controls set. Deterministic; never raises on any template.

    template: as `read_template` returns it. selection: ids of the stages that format, length, look,
    words and models are limited to; empty: all.
    """
    work = WorkingTemplate(template, tools, selection)
    target = tuple(view.id for view in work.selection)
    if selection and not target:
        return Revision(work.body, (), (_NO_SELECTION,))
    body = work.body
    changes, warnings = list[str](), list[str]()
    for change in _changes(work, controls, target):
        # A change that is refused half done leaves nothing behind.
        step = WorkingTemplate(body, tools, selection)
        try:
            apply(step, change)
        except Refused as refusal:
            warnings.append(str(refusal))
        else:
            body = step.body
            changes += step.changes
            warnings += step.warnings
    if changes:
        place_new(template, body, tools)
    return Revision(body, tuple(dict.fromkeys(changes)), tuple(dict.fromkeys(warnings)))


def replacements(
    template: Mapping[str, Any], words: str, selection: Sequence[str], tools: ToolTable
) -> int:
    """Count how often the prompts, spoken texts and texts of inputs say words that would be
    replaced."""
    work = WorkingTemplate(template, tools, selection)
    target = tuple(view.id for view in work.selection)
    if selection and not target:
        return 0
    prompts = prompts_of(work, scope(work, Change("replace_words", target)))
    return sum(count_of(words.strip(), text) for prompt in prompts for text in prompt.texts)


def _changes(
    work: WorkingTemplate, controls: Controls, target: tuple[str, ...]
) -> Iterator[Change]:
    """Yield changes in the order in which they are done: what is heard is as long as the film."""
    if controls.format:
        yield Change("format", target, "", controls.format)
    if controls.seconds is not None:
        yield Change("length", target, "", figure(controls.seconds))
    if controls.replace is not None:
        yield Change("replace_words", target, controls.replace.from_, controls.replace.to)
    if controls.look:
        yield Change("look", target, "", controls.look)
    for kind, name in (controls.models or {}).items():
        if name:
            yield Change("model", target, _KINDS[kind], name)
    yield from _sounds(work, controls, target)


def _sounds(work: WorkingTemplate, controls: Controls, target: tuple[str, ...]) -> Iterator[Change]:
    if controls.subtitles is False:
        yield Change("subtitles", value=_NONE)
    if controls.sound is False:
        yield Change("sound", target, "all", _NONE)
    if controls.music is not None:
        yield _music(controls.music)
    elif controls.sound and controls.voice is None and _is_silent(work):
        yield _music(Music(on=True))
    if controls.voice is not None:
        yield from _voice(work, controls.voice)
    if controls.subtitles:
        yield Change("subtitles")


def _music(music: Music) -> Change:
    if not music.on:
        return Change("sound", (), "music", _NONE)
    # Not "music": to that, words such as "softer" would be added.
    return Change("sound", (), "other", music.words)


def _voice(work: WorkingTemplate, voice: Voice) -> Iterator[Change]:
    if not voice.on:
        yield Change("sound", (), "voice", _NONE)
        return
    language = LANGUAGES.get(voice.language[:2].lower(), voice.language)
    if voice.text or not language or not work.with_tool("generate_speech"):
        yield Change("sound", (), "voice", capital(voice.text))
    if language:
        field = "language of its text" if voice.text else "language"
        yield Change("sound", (), field, language)


def _is_silent(work: WorkingTemplate) -> bool:
    """Return whether a film has neither music nor a voice, made or brought."""
    film = Film(work)
    has_track = film.join is not None and film.join.port_key("audio") is not None
    is_made = bool(work.with_tool("generate_music", "generate_speech"))
    return film.last("video") is not None and not (has_track or is_made)
