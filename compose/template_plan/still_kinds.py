"""Images alone, and songs with a cover."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compose.brief.brief import Brief, Scene
from compose.brief.products import PRODUCTS
from compose.template_plan.film_shots import (
    given_media,
    prompt_of,
    scene_texts,
    shared_images,
    subjects,
)
from compose.template_plan.open_texts import Placeholders, roles_of
from compose.template_plan.series import chosen_images
from compose.template_plan.sizes import COVER, size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import LONGEST_MUSIC_S, SHORTEST_MUSIC_S, music
from compose.template_plan.template_text import capital, clean, one_line
from compose.writers.lyrics import compose_lyrics
from compose.writers.music import says_how_it_sounds
from core.errors import InvalidInput
from core.language.phrases import Words
from tools.catalog.compose_lyrics import ComposeLyrics

_SONG_S = 60.0


def image(sk: Skeleton, brief: Brief) -> None:
    """Add one image for each scene, or several to choose from."""
    roles = roles_of(brief)
    if brief.choice is not None:
        chosen_images(sk, brief, brief.choice, roles, given_media(sk, brief.media))
        return
    scenes = [s for s in brief.scenes if s.type == "shot"] or [Scene(brief.topic)]
    media_by_name = given_media(sk, brief.media)
    photos = [
        medium for each in media_by_name.values() for medium in each if medium.kind == "image"
    ]
    texts = scene_texts(brief, scenes)
    bindings = subjects(sk, roles, scenes, texts, each="image")
    shared = shared_images(sk, brief, bindings)
    one = len(scenes) == 1
    size = size_of(brief.aspect or ("1:1" if one else ""))
    placeholders = Placeholders(sk, brief, size)
    for index, text in enumerate(texts):
        label = "Image" if one else f"Image {index + 1}"
        key = label.lower().replace(" ", "_")
        photo = photos[index % len(photos)] if photos else None
        if index in shared or placeholders.image(key, label, text, photo=photo):
            continue
        args: dict[str, Any] = {
            "prompt": bindings[index][0] if index in bindings else prompt_of(text)
        }
        tool = "generate_image"
        if photo:
            tool, args["source_image_url"] = "edit_image", photo.ref
            args |= size_of(brief.aspect) if brief.aspect else {}
        else:
            args |= size
        picture = sk.stage(key, label, tool, args)
        if brief.is_model:
            sk.stage(
                f"model_{index + 1}", "3D model", "image_to_3d", {"source_image_url": picture.ref}
            )


def song(sk: Skeleton, brief: Brief) -> None:
    """Add music, with lyrics where they are asked for, and a cover."""
    roles = roles_of(brief)
    media_by_name = given_media(sk, brief.media)
    words = ""
    if brief.sound.lyrics:
        words, sounds = written_song(brief)
        if not brief.sound.music_words.strip():
            brief = replace(brief, sound=replace(brief.sound, music_words=sounds))
    if singer := one_line(brief.sound.voice_words, 100):
        sound_words = ", ".join(filter(None, (brief.sound.music_words, singer)))
        brief = replace(brief, sound=replace(brief.sound, music_words=sound_words))
    music(sk, brief, roles, brief.seconds or _SONG_S)
    args = sk.stages[-1]["args"]
    args["prompt"] = _about(args["prompt"], brief)
    if brief.sound.lyrics:
        binding = roles.bound(sk, "lyrics", words)
        args["lyrics"] = binding or sk.input("lyrics", "text", "Lyrics", default=words or None)
    sk.stages[-1]["label"] = "Song" if brief.sound.lyrics else "Music"
    scenes = [s for s in brief.scenes if s.type == "shot"]
    photo = next((m for each in media_by_name.values() for m in each if m.kind == "image"), None)
    if subject_texts := roles.of.get("subject"):
        # A name alone draws nothing: the same words say what the cover shows.
        roles.of["subject"] = [
            replace(open_text, title=f"{open_text.title}, and what the cover shows")
            for open_text in subject_texts
        ]
    if scenes or photo or subject_texts:
        _cover(sk, brief, roles, scenes[:1] or [Scene(brief.topic)], photo)


def _about(prompt: str, brief: Brief) -> str:
    """Return the music's words with the song's subject, which a model sets to music."""
    topic = one_line(brief.topic, 200)
    if prompt.startswith("$") or not topic or topic.lower() in prompt.lower():
        return prompt
    return f"{prompt}. {capital(topic)}"


def _cover(sk: Skeleton, brief: Brief, roles: Any, scenes: list[Scene], photo: Made | None) -> None:
    texts = scene_texts(brief, scenes)
    bindings = subjects(sk, roles, scenes, texts)
    size = size_of(brief.aspect) if brief.aspect not in ("", "1:1") else None
    placeholders = Placeholders(sk, brief, size or {"width": COVER[0], "height": COVER[1]})
    if placeholders.image("cover", "Cover", texts[0], photo=photo):
        return
    args: dict[str, Any] = {"prompt": bindings[0][0] if bindings else prompt_of(texts[0])}
    args |= size or {"width": COVER[0], "height": COVER[1]}
    if photo is not None:
        args["source_image_url"] = photo.ref
    sk.stage("cover", "Cover", "edit_image" if photo is not None else "generate_image", args)


def _without_instructions(brief: Brief) -> str:
    """Return the words without "with a cover" and "two minutes", which are no part of what is
    sung."""
    text = brief.words
    for stretch in brief.stretches:
        if stretch.reader not in _TELLING_READERS:
            text = text.replace(stretch.words, " ")
    return text


_TELLING_READERS = frozenset({"", "product", "kind", "counts"})


def _as_song(text: str) -> str:
    """Return the words with "song" for its kind: a hymn about tea is about tea.

    A kind that names a style or an occasion, such as a lullaby, stays: it says how it sounds.
    """
    words = Words(text)
    kind = next((one for one in PRODUCTS.find(words) if one.value == "song"), None)
    if kind is None or says_how_it_sounds(words.source(kind.i, kind.j)):
        return text
    return f"{text[: words.start[kind.i]]}song{text[words.end[kind.j - 1] :]}"


def written_song(brief: Brief) -> tuple[str, str]:
    """Return lyrics to begin with, and the words for their music."""
    form = ComposeLyrics.Params(
        prompt=one_line(_as_song(_without_instructions(brief)), 2_000)
        or one_line(brief.topic, 200)
        or "A song",
        language=brief.language or None,
        duration_seconds=min(
            max(brief.seconds or _SONG_S, SHORTEST_MUSIC_S), float(LONGEST_MUSIC_S)
        ),
    )
    lyrics = clean(brief.sound.spoken, 4_000)
    try:
        song = compose_lyrics(form)
    except InvalidInput:
        # The brief doesn't say what the song is about: its lyrics are for the person to write.
        return lyrics, ""
    return lyrics or song["lyrics"], song["music_prompt"]
