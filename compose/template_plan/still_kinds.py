"""Images alone, and songs with a cover."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compose.brief.brief import Brief, Scene
from compose.template_plan.choosing import chosen_images
from compose.template_plan.open_texts import roles_of
from compose.template_plan.shots import (
    given_media,
    prompt_of,
    scene_texts,
    shared_images,
    subjects,
)
from compose.template_plan.sizes import COVER, size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import LONGEST_MUSIC_S, SHORTEST_MUSIC_S, music
from compose.template_plan.words import capital, clean, one_line
from compose.writers.lyrics import compose_lyrics
from tools.catalog.compose_lyrics import ComposeLyrics

_SONG_S = 60.0


def image(sk: Skeleton, brief: Brief) -> None:
    """One image for each scene, or several to choose from."""
    roles = roles_of(brief)
    if brief.choice is not None:
        chosen_images(sk, brief, brief.choice, roles, given_media(sk, brief.media))
        return
    scenes = [s for s in brief.scenes if s.type == "shot"] or [Scene(brief.topic)]
    given = given_media(sk, brief.media)
    photos = [made for each in given.values() for made in each if made.kind == "image"]
    texts = scene_texts(brief, scenes)
    bound = subjects(sk, roles, scenes, texts, each="image")
    shared = shared_images(sk, brief, bound)
    for index, text in enumerate(texts):
        if index in shared:
            continue
        one = len(scenes) == 1
        args: dict[str, Any] = {"prompt": bound[index][0] if index in bound else prompt_of(text)}
        tool = "generate_image"
        if photos:
            tool, args["source_image_url"] = "edit_image", photos[index % len(photos)].ref
            args |= size_of(brief.aspect) if brief.aspect else {}
        else:
            args |= size_of(brief.aspect or ("1:1" if one else ""))
        key = "image" if one else f"image_{index + 1}"
        sk.stage(key, "Image" if one else f"Image {index + 1}", tool, args)


def song(sk: Skeleton, brief: Brief) -> None:
    """Music, with lyrics where they are asked for, and a cover."""
    roles = roles_of(brief)
    given = given_media(sk, brief.media)
    words = ""
    if brief.sound.lyrics:
        words, sounds = written_song(brief)
        if not brief.sound.music_words.strip():
            brief = replace(brief, sound=replace(brief.sound, music_words=sounds))
    music(sk, brief, roles, brief.seconds or _SONG_S)
    args = sk.stages[-1]["args"]
    args["prompt"] = _about(args["prompt"], brief)
    if brief.sound.lyrics:
        bound = roles.bound(sk, "lyrics", words)
        args["lyrics"] = bound or sk.input("lyrics", "text", "Lyrics", default=words)
    sk.stages[-1]["label"] = "Song" if brief.sound.lyrics else "Music"
    scenes = [s for s in brief.scenes if s.type == "shot"]
    photo = next((m for each in given.values() for m in each if m.kind == "image"), None)
    if named := roles.of.get("subject"):
        # A name alone draws nothing: the same words say what the cover shows.
        roles.of["subject"] = [
            replace(known, title=f"{known.title}, and what the cover shows") for known in named
        ]
    if scenes or photo or named:
        _cover(sk, brief, roles, scenes[:1] or [Scene(brief.topic)], photo)


def _about(prompt: str, brief: Brief) -> str:
    """The music's words with the song's subject, which a model sets to music."""
    topic = one_line(brief.topic, 200)
    if prompt.startswith("$") or not topic or topic.lower() in prompt.lower():
        return prompt
    return f"{prompt}. {capital(topic)}"


def _cover(sk: Skeleton, brief: Brief, roles: Any, scenes: list[Scene], photo: Made | None) -> None:
    texts = scene_texts(brief, scenes)
    bound = subjects(sk, roles, scenes, texts)
    size = size_of(brief.aspect) if brief.aspect not in ("", "1:1") else None
    args: dict[str, Any] = {"prompt": bound[0][0] if bound else prompt_of(texts[0])}
    args |= size or {"width": COVER[0], "height": COVER[1]}
    if photo is not None:
        args["source_image_url"] = photo.ref
    sk.stage("cover", "Cover", "edit_image" if photo is not None else "generate_image", args)


def written_song(brief: Brief) -> tuple[str, str]:
    """Lyrics to begin with, and the words for their music."""
    form = ComposeLyrics.Params(
        prompt=one_line(brief.text, 2_000) or one_line(brief.topic, 200) or "A song",
        language=brief.language or None,
        duration_seconds=min(
            max(brief.seconds or _SONG_S, SHORTEST_MUSIC_S), float(LONGEST_MUSIC_S)
        ),
    )
    found = compose_lyrics(form)
    return clean(brief.sound.spoken, 4_000) or found["lyrics"], found["music_prompt"]
