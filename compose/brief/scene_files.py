"""The person's file that each scene starts from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compose.brief.brief import GivenMedia, Scene
from compose.brief.given_media import Mention
from compose.brief.shot_lists import Shot


def with_files(
    scenes: tuple[Scene, ...],
    shots: tuple[Shot, ...],
    media: tuple[GivenMedia, ...],
    mentions: tuple[Mention, ...],
) -> tuple[Scene, ...]:
    """Let a scene start from the image that its words name.

    One image that no scene or only the order names is behind every shot: "the same hero in forest
    and city; hero from a photo".
    """
    images = [one for one in media if one.kind == "image" and one.name != "logo"]
    if not images:
        return scenes
    names = {one.name for one in images}
    file_names = [
        next((m.name for m in mentions if m.name in names and shot.i <= m.i < shot.j), "")
        for shot in shots
    ]
    shot_flags = [scene.type == "shot" for scene in scenes]
    if not any(file_names) or (len(images) == 1 and _is_of_all(shots, file_names)):
        # Several images of several names: one after the other.
        order = [one.name for one in images for _ in range(one.count)]
        if len(images) == 1:
            file_names = [images[0].name] * len(scenes)
        else:
            file_names = [order[at % len(order)] for at in range(len(scenes))]
    return tuple(
        replace(scene, media=name) if name and is_shot else scene
        for scene, name, is_shot in zip(scenes, file_names, shot_flags, strict=True)
    )


def _is_of_all(shots: tuple[Shot, ...], names: list[str]) -> bool:
    """Return whether shots are only counted: none of them is told apart from the others."""
    return all(shot.i < 0 for shot, name in zip(shots, names, strict=True) if not name)


def joined_for_picture(media: Sequence[GivenMedia], shots: tuple[Shot, ...]) -> tuple[Shot, ...]:
    """Return one shot where the person brings one picture: what else is told is how it moves."""
    pictures = [one for one in media if one.kind == "image" and one.name != "logo"]
    if len(pictures) != 1 or pictures[0].count > 1 or any(shot.is_title for shot in shots):
        return shots
    texts = [shot.text for shot in shots if shot.text]
    rest = [f"{text[:1].lower()}{text[1:]}" for text in texts[1:]]
    return (replace(shots[0], text=", ".join(texts[:1] + rest), j=shots[-1].j),) if rest else shots
