"""Prompts, scripts, lyrics and plans of music in the words of the configured language model.

The rules write first: lengths, numbers of scenes and bars, tempo, key and layout are theirs. The
model is given what they wrote and answers with better words for the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import Field

from compose.model.answer_schema import text_of
from compose.model.instructions import WRITE
from compose.model.structured_request import RULES, answer_of
from compose.model.untrusted import addresses_in, plain_words
from compose.plan.fields import BadAnswer, Part, Short, Words, null_is
from compose.writers.enhance import enhance_prompt
from compose.writers.music import compose_instrumental, compose_lyrics
from compose.writers.script import ScriptScene, compose_script

# Modes of `enhance_prompt` in which the words change.
_REWRITES: Final = frozenset({"auto", "expand", "compress"})
# Media sent inline, which no words are made of.
_FILES: Final = {"first_frame_data_url": True, "last_frame_data_url": True, "assets": True}
_LONGEST_LYRICS: Final = 5_000
Clean = Callable[[str, int], str]


# A model's words for one tool's result. parts: the fields of the result that it is shown. merge:
# returns the result with these words; raises BadAnswer.


class PromptAnswer(Part):
    task: ClassVar = (
        "Improve the prompt for the model it is for: keep every wish in it, add what it leaves open"
        " (light, framing, lens, motion), at most 90 words. With prompt_mode compress make it"
        " shorter instead. negative_prompt: what to avoid."
    )
    parts: ClassVar = ("prompt", "negative_prompt")
    prompt: Annotated[str, Field(min_length=1, max_length=4000)]
    negative_prompt: Words

    def merge(self, form: Any, body: dict[str, Any], clean: Clean) -> dict[str, Any]:
        prompt = clean(self.prompt, 4000)
        if not prompt:
            raise BadAnswer("prompt: it is empty without its addresses.")
        result = body | {"prompt": prompt, "notes": ["Written by a language model."]}
        negative = clean(self.negative_prompt, 1000)
        if negative and "negative_prompt" in body:
            result["negative_prompt"] = negative
        return result


class SceneWords(Part):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    visual: Annotated[str, Field(min_length=1, max_length=1000)]
    action: Words
    camera: Words
    line: Words
    sound: Words
    music: Words

    def scene(self, draft: ScriptScene, clean: Clean) -> ScriptScene:
        """Return a scene of the draft in these words."""
        return replace(
            draft,
            title=clean(self.title, 80) or draft.title,
            visual=clean(self.visual, 400) or draft.visual,
            action=clean(self.action, 400) or draft.action,
            camera=clean(self.camera, 200) or draft.camera,
            line=clean(self.line, 400),
            sound=clean(self.sound, 200),
            music=clean(self.music, 200),
        )


class ScriptAnswer(Part):
    task: ClassVar = (
        "Rewrite the scenes of the draft: the same number, each within its length. visual: what is"
        " seen. action: one action. camera: shot and move. line: what is spoken, at most 2.5 words"
        ' a second, "" for nothing. sound: what is heard. music: its mood.'
    )
    parts: ClassVar = ("title", "scenes")
    title: Short
    scenes: Annotated[list[SceneWords], Field(max_length=20)]

    def merge(self, form: Any, body: dict[str, Any], clean: Clean) -> dict[str, Any]:
        if len(self.scenes) != len(body["scenes"]):
            raise BadAnswer(f"scenes: write {len(body['scenes'])} of them.")

        def rewrite(title: str, scenes: list[ScriptScene]) -> tuple[str, list[ScriptScene]]:
            pairs = zip(self.scenes, scenes, strict=True)
            better = [words.scene(scene, clean) for words, scene in pairs]
            return clean(self.title, 80) or title, better

        return compose_script(form, rewrite)


class LyricsAnswer(Part):
    task: ClassVar = (
        "Write lyrics in the language asked for, else in that of the prompt, with markers such as"
        " [verse] and [chorus] on lines of their own. About one line is sung in 5 seconds of"
        " duration_seconds. Lines of the draft are the person's: keep what they say. music_prompt:"
        " style, mood, instruments and voice, at most 40 words."
    )
    parts: ClassVar = ("title", "lyrics", "music_prompt", "bpm", "keyscale", "duration_seconds")
    title: Short
    lyrics: Annotated[str, Field(min_length=1, max_length=_LONGEST_LYRICS)]
    music_prompt: Words

    def merge(self, form: Any, body: dict[str, Any], clean: Clean) -> dict[str, Any]:
        lyrics = clean(self.lyrics, _LONGEST_LYRICS)
        if len(lyrics.splitlines()) < 4:
            raise BadAnswer("lyrics: write at least four lines.")
        title = clean(self.title, 80) or body["title"]
        music = clean(self.music_prompt, 600) or body["music_prompt"]
        words = {"title": title, "lyrics": lyrics, "music_prompt": music}
        return body | words | {"notes": ["Written by a language model."]}


class InstrumentalAnswer(Part):
    task: ClassVar = (
        "descriptions: what is played in each section of the draft's structure, in order."
        " music_prompt: style, mood and instruments, at most 40 words."
    )
    parts: ClassVar = ("structure", "music_prompt", "bpm", "keyscale", "duration_seconds")
    descriptions: Annotated[list[Short], null_is(()), Field(max_length=40)]
    music_prompt: Words

    def merge(self, form: Any, body: dict[str, Any], clean: Clean) -> dict[str, Any]:
        sections = body["structure"]
        if len(self.descriptions) != len(sections):
            raise BadAnswer(f"descriptions: write {len(sections)} of them, one for each section.")
        structure = [
            {**section, "description": clean(text, 200) or section["description"]}
            for section, text in zip(sections, self.descriptions, strict=True)
        ]
        music = clean(self.music_prompt, 600) or body["music_prompt"]
        return body | {"structure": structure, "music_prompt": music}


_Answer: TypeAlias = PromptAnswer | ScriptAnswer | LyricsAnswer | InstrumentalAnswer
_Rules: TypeAlias = Callable[[Any], dict[str, Any]]
# By tool: what rules write, and a model's words for it. Rules take the tool's own `Params`, and
# return result bodies without `ok`, `tool` and `status`: the same arguments, the same text.
WRITERS: Final[Mapping[str, tuple[_Rules, type[_Answer]]]] = {
    "enhance_prompt": (enhance_prompt, PromptAnswer),
    "compose_script": (compose_script, ScriptAnswer),
    "compose_lyrics": (compose_lyrics, LyricsAnswer),
    "compose_instrumental": (compose_instrumental, InstrumentalAnswer),
}


def answer(tool: str, form: Any) -> dict[str, Any]:
    """Return the body of a writing tool's result, with `metadata.planner`.

    form: the tool's own Params. Raises ClientLeft when the client of this request has left.
    """
    rules, words = WRITERS[tool]
    body = rules(form)
    # Limits of the caller's own are kept by the rules, which know how to cut.
    if tool == "enhance_prompt" and (form.prompt_mode not in _REWRITES or form.constraints):
        return body
    request = form.model_dump(exclude_none=True, exclude=_FILES)
    addresses = addresses_in(value for value in request.values() if isinstance(value, str))
    task = {"request": request, "draft": {name: body.get(name) for name in words.parts}}

    def clean(text: str, longest: int) -> str:
        return plain_words(text, addresses, longest=longest)

    result = answer_of(
        lambda: body,
        f"{WRITE}{words.task}",
        lambda model: text_of(task),
        words,
        lambda document: words.read(document).merge(form, body, clean),
        rules_note="This was written without it.",
    )
    if result.planner != RULES:
        metadata = {**body.get("metadata", {}), "planner": result.planner}
        # What the rules could not do, the model did.
        return result.value | {"warnings": [], "metadata": metadata}
    return body | {"warnings": [*body.get("warnings", ()), *result.warnings]}
