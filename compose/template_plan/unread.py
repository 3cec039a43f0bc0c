"""Wishes of a brief that its draft doesn't meet, and what it may do wrongly. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from compose.brief.brief import Brief, Kind
from compose.brief.nothing import instructions_in, missing
from compose.brief.products import Product
from compose.template_plan.facts import TRANSITION_WORDS, Fact, texts_of
from compose.template_plan.film_shots import without_camera
from core.language.cleaning import fold
from core.language.phrases import Words

# Of a text of 20,000 characters that says nothing, the first tell enough.
MOST_UNREAD: Final = 20
_LONGEST: Final = 200
# They warn of subtitles without words.
_FILMS: Final = ("film", "slideshow")
_LOOP: Final = re.compile(r"\b(?:loop|schleife|boucle|bucle)", re.IGNORECASE)
_SIZE: Final = re.compile(r"\b(?:[248]k|\d{3,4}p|full hd|uhd)\b", re.IGNORECASE)
_DRAWING_TOOLS: Final = frozenset(
    {"animate_photo", "generate_video", "generate_image", "edit_image", "video_to_video"}
)
# What they claim is missing even where its words occur: a song about the sea may well have the word
# that it is not to have.
_SAID_WHOLE: Final = frozenset({"unwanted", "unmet", "remarks", "cards"})
# What they claim is told by a sentence, or is not more than a word for the whole.
_TOLD_ELSEWHERE: Final = frozenset({"impossible", "product", "kind", "own_language"})
_FILM: Final[frozenset[Product]] = frozenset({"film", "loose", "steps", "slideshow"})
_IMAGE: Final[frozenset[Product]] = frozenset({"image"})
# The names of what is made, which no draft repeats: a card may be a video, too.
_MADE_PRODUCTS: Final[Mapping[Kind, frozenset[Product]]] = {
    "film": _FILM | _IMAGE,
    "slideshow": _FILM | _IMAGE,
    "image": _FILM | _IMAGE,
    "song": frozenset({"song", "music", "instrumental"}),
    "audio": frozenset({"speech", "noise"}),
    "clip_edit": _FILM,
    "photo_edit": _FILM | _IMAGE,
}
# A style of more words may be more than a style: "each with different light".
_LONGEST_STYLE: Final = 3


def unread(brief: Brief, body: Mapping[str, Any], facts: Sequence[Fact]) -> tuple[str, ...]:
    """Return what to tell the person: stretches of the brief that led to nothing, words that are
    drawn although they may be instructions, and wishes without a stage that fulfils them."""
    parts = [
        *_silent(brief, body, facts),
        *_drawn_instructions(brief, body),
        *_unkept(brief, body, facts),
    ]
    texts = (" ".join(part.split())[:_LONGEST] for part in parts)
    return tuple(islice(dict.fromkeys(filter(None, texts)), MOST_UNREAD))


def _silent(brief: Brief, body: Mapping[str, Any], facts: Sequence[Fact]) -> Iterator[str]:
    readers = {reader for reader, _ in facts} | _TOLD_ELSEWHERE
    text = fold("\n".join([*texts_of(body), *(fact for _, fact in facts)]))
    for stretch in brief.stretches:
        if stretch.reader in _SAID_WHOLE - readers:
            yield stretch.words
        elif stretch.reader not in readers:
            yield from missing(stretch, brief.language, text, _MADE_PRODUCTS[brief.kind])


def _drawn_instructions(brief: Brief, body: Mapping[str, Any]) -> Iterator[str]:
    prompt_words = frozenset(Words("\n".join(_prompts(body)), brief.language).word)
    for stretch in brief.stretches:
        words = Words(stretch.words, brief.language)
        if not stretch.reader or (stretch.reader == "looks" and len(words) > _LONGEST_STYLE):
            yield from instructions_in(words, prompt_words, brief.kind)


def _prompts(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is drawn: the prompts of images and videos, and what they take from inputs."""
    bindings = set()
    for stage in body["stages"]:
        call = stage.get("itemStage") or stage
        if call.get("tool", "") in _DRAWING_TOOLS:
            prompt = str(call.get("args", {}).get("prompt", ""))
            bindings |= {prompt, str(stage.get("overBinding", ""))}
            yield without_camera(prompt)
    for declaration in body["inputs"]:
        if f"$inputs.{declaration['name']}" in bindings:
            yield from texts_of(declaration.get("default", ""))


def _unkept(brief: Brief, body: Mapping[str, Any], facts: Sequence[Fact]) -> Iterator[str]:
    """Yield wishes that the brief was read to have and no stage fulfils."""
    calls = [stage.get("itemStage") or stage for stage in body["stages"]]
    tools = {call.get("tool") for call in calls}
    fact_texts = {fact for _, fact in facts}
    sound = brief.sound
    brings_audio = any(medium.kind == "audio" for medium in brief.media)
    is_song = brief.kind == "song"
    by_tool = (
        (sound.music and not brings_audio, "generate_music", sound.music_words or "music"),
        (
            sound.speech and not (brings_audio or is_song),
            "generate_speech",
            sound.voice_words or "voice",
        ),
        (sound.subtitles and brief.kind not in _FILMS, "add_subtitles", "subtitles"),
    )
    yield from (words for is_asked, tool, words in by_tool if is_asked and tool not in tools)
    if brief.on_the_beat and "cuts on the beat" not in fact_texts:
        yield "cuts on the beat"
    if brief.transition and not any(call.get("args", {}).get("transition") for call in calls):
        yield TRANSITION_WORDS.get(brief.transition, brief.transition)
    if brief.choice and not any(stage["type"] == "interactive" for stage in body["stages"]):
        yield f"choose {brief.choice.pick} of {brief.choice.candidates}"
    if brief.aspect and brief.aspect not in fact_texts and brief.kind != "song":
        yield brief.aspect
    is_loop = any(
        stretch.reader in ("", "product") and _LOOP.search(stretch.words)
        for stretch in brief.stretches
    )
    if is_loop and not any("loop" in stage["id"] for stage in body["stages"]):
        yield "loop"
    yield from _unused_files(brief, body)
    yield from _sizes(brief, body)


def _unused_files(brief: Brief, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files that a person is asked for and no stage takes."""
    bindings = "\n".join(texts_of(body["stages"]))
    for medium in brief.media:
        ref = f"$inputs.{medium.name}"
        indices = set(re.findall(rf"{re.escape(ref)}\[(\d+)\]", bindings))
        is_whole = re.search(rf"{re.escape(ref)}(?:(?![\w\[])|\[\*\])", bindings)
        if not is_whole and len(indices) < medium.count:
            yield medium.title


def _sizes(brief: Brief, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield sizes such as 4K, which no stage aims at."""
    texts = "\n".join(texts_of(body["stages"])).lower()
    for size in _SIZE.findall(brief.words):
        if size.lower() not in texts:
            yield size
