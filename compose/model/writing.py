"""Prompts, scripts, lyrics and plans of music in the words of the configured language model.

The rules write first: lengths, numbers of scenes and bars, tempo, key and layout are theirs. The
model is given what they wrote and answers with better words for the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from pydantic import Field

from compose.model.answers import BadAnswer, Part, Short, Words, null_is, text_of
from compose.model.instructions import WRITE
from compose.model.structured_request import RULES, answer_of
from compose.model.untrusted import addresses_in, plain_words
from compose.writers.answers import ANSWERS
from compose.writers.script import ScriptScene
from compose.writers.script_answer import compose_script

# Modes of `enhance_prompt` in which the words change.
_REWRITES: Final = frozenset({"auto", "expand", "compress"})
_LONGEST_LYRICS: Final = 5_000
Clean = Callable[[str, int], str]


class PromptAnswer(Part):
    prompt: Annotated[str, Field(min_length=1, max_length=4000)]
    negative_prompt: Words


class SceneWords(Part):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    visual: Annotated[str, Field(min_length=1, max_length=1000)]
    action: Words
    camera: Words
    line: Words
    sound: Words
    music: Words


class ScriptAnswer(Part):
    title: Short
    scenes: Annotated[list[SceneWords], Field(max_length=20)]


class LyricsAnswer(Part):
    title: Short
    lyrics: Annotated[str, Field(min_length=1, max_length=_LONGEST_LYRICS)]
    music_prompt: Words


class InstrumentalAnswer(Part):
    descriptions: Annotated[list[Short], null_is(()), Field(max_length=40)]
    music_prompt: Words


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """How one tool's result gets a model's words. parts: the fields of the result that it sees."""

    answer: type[Part]
    task: str
    parts: tuple[str, ...]
    merge: Callable[[Any, dict[str, Any], Any, Clean], dict[str, Any]]


def answer(tool: str, form: Any) -> dict[str, Any]:
    """Return the body of a writing tool's result, with `metadata.planner`.

    form: the tool's own Params. Raises ClientLeft when the client of this request has left.
    """
    body = ANSWERS[tool](form)
    rewrite = _REWRITES_BY_TOOL.get(tool)
    if rewrite is None or not _needs_rewrite(tool, form):
        return body
    request = form.model_dump(exclude_none=True, exclude=_FILES)
    addresses = addresses_in(value for value in request.values() if isinstance(value, str))
    task = {"request": request, "draft": {name: body.get(name) for name in rewrite.parts}}

    def clean(text: str, longest: int) -> str:
        return plain_words(text, addresses, longest=longest)

    def read(document: Mapping[str, Any]) -> dict[str, Any]:
        return rewrite.merge(form, body, rewrite.answer.read(document), clean)

    result = answer_of(
        lambda: body,
        f"{WRITE}{rewrite.task}",
        lambda model: text_of(task),
        rewrite.answer,
        read,
        rules_note="Rules wrote this.",
    )
    if result.planner != RULES:
        metadata = {**body.get("metadata", {}), "planner": result.planner}
        # What the rules could not do, the model did.
        return result.value | {"warnings": [], "metadata": metadata}
    if not result.warnings:
        return body
    return body | {"warnings": [*body.get("warnings", ()), *result.warnings]}


# Media sent inline, which no words are made of.
_FILES: Final = {"first_frame_data_url": True, "last_frame_data_url": True, "assets": True}


def _needs_rewrite(tool: str, form: Any) -> bool:
    # Limits of the caller's own are kept by the rules, which know how to cut.
    return tool != "enhance_prompt" or (form.prompt_mode in _REWRITES and not form.constraints)


def _prompt(form: Any, body: dict[str, Any], words: PromptAnswer, clean: Clean) -> dict[str, Any]:
    prompt = clean(words.prompt, 4000)
    if not prompt:
        raise BadAnswer("prompt: it is empty without its addresses.")
    negative = clean(words.negative_prompt, 1000)
    result = body | {"prompt": prompt, "notes": ["Written by a language model."]}
    if negative and "negative_prompt" in body:
        result["negative_prompt"] = negative
    return result


def _script(form: Any, body: dict[str, Any], words: ScriptAnswer, clean: Clean) -> dict[str, Any]:
    if len(words.scenes) != len(body["scenes"]):
        raise BadAnswer(f"scenes: write {len(body['scenes'])} of them.")

    def rewrite(title: str, scenes: list[ScriptScene]) -> tuple[str, list[ScriptScene]]:
        better = [
            replace(
                scene,
                title=clean(one.title, 80) or scene.title,
                visual=clean(one.visual, 400) or scene.visual,
                action=clean(one.action, 400) or scene.action,
                camera=clean(one.camera, 200) or scene.camera,
                line=clean(one.line, 400),
                sound=clean(one.sound, 200),
                music=clean(one.music, 200),
            )
            for scene, one in zip(scenes, words.scenes, strict=True)
        ]
        return clean(words.title, 80) or title, better

    return compose_script(form, rewrite)


def _lyrics(form: Any, body: dict[str, Any], words: LyricsAnswer, clean: Clean) -> dict[str, Any]:
    lyrics = clean(words.lyrics, _LONGEST_LYRICS)
    if len(lyrics.splitlines()) < 4:
        raise BadAnswer("lyrics: write at least four lines.")
    title = clean(words.title, 80) or body["title"]
    return body | {"title": title, "lyrics": lyrics} | _music(body, words.music_prompt, clean)


def _instrumental(
    form: Any, body: dict[str, Any], words: InstrumentalAnswer, clean: Clean
) -> dict[str, Any]:
    sections = body["structure"]
    if len(words.descriptions) != len(sections):
        raise BadAnswer(f"descriptions: write {len(sections)} of them, one for each section.")
    structure = [
        {**section, "description": clean(text, 200) or section["description"]}
        for section, text in zip(sections, words.descriptions, strict=True)
    ]
    return body | {"structure": structure} | _music(body, words.music_prompt, clean)


def _music(body: Mapping[str, Any], words: str, clean: Clean) -> dict[str, Any]:
    return {"music_prompt": clean(words, 600) or body["music_prompt"]}


_REWRITES_BY_TOOL: Final[Mapping[str, _Rewrite]] = {
    "enhance_prompt": _Rewrite(
        PromptAnswer,
        "Improve the prompt for the model it is for: keep every wish in it, add what it leaves open"
        " (light, framing, lens, motion), at most 90 words. With prompt_mode compress make it"
        " shorter instead. negative_prompt: what to avoid.",
        ("prompt", "negative_prompt"),
        _prompt,
    ),
    "compose_script": _Rewrite(
        ScriptAnswer,
        "Rewrite the scenes of the draft: the same number, each within its length. visual: what is"
        " seen. action: one action. camera: shot and move. line: what is spoken, at most 2.5 words"
        ' a second, "" for nothing. sound: what is heard. music: its mood.',
        ("title", "scenes"),
        _script,
    ),
    "compose_lyrics": _Rewrite(
        LyricsAnswer,
        "Write lyrics in the language asked for, with as many lines as the draft has and markers"
        " such as [verse] and [chorus] on lines of their own. music_prompt: style, mood,"
        " instruments and voice, at most 40 words.",
        ("title", "lyrics", "music_prompt", "bpm", "keyscale", "duration_seconds"),
        _lyrics,
    ),
    "compose_instrumental": _Rewrite(
        InstrumentalAnswer,
        "descriptions: what is played in each section of the draft's structure, in order."
        " music_prompt: style, mood and instruments, at most 40 words.",
        ("structure", "music_prompt", "bpm", "keyscale", "duration_seconds"),
        _instrumental,
    ),
}
