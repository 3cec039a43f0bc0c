"""Images alone, and songs with a cover."""

from __future__ import annotations

from typing import Any

from compose.plan import Plan, Shot
from compose.template_plan.film_shots import add_image, scene_texts, shared_results, subjects
from compose.template_plan.open_texts import Placeholders, roles_of
from compose.template_plan.presets import shot_of, with_fields
from compose.template_plan.series import chosen_images
from compose.template_plan.sizes import COVER, size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import music
from compose.template_plan.template_text import capital, clean, literal, one_line
from compose.writers.music import lines_of, sheet_of

_SONG_S = 60.0
_EXAMPLE = "[verse]\nThe lamp turns over the water"


def image(sk: Skeleton, plan: Plan) -> None:
    """Add one image for each scene, or several to choose from."""
    roles = roles_of(plan)
    if plan.choice is not None:
        chosen_images(sk, plan, plan.choice, roles)
        return
    scenes = [s for s in plan.scenes if s.type == "shot"] or [shot_of(plan.title)]
    sk.bring(plan.media)
    photos = sk.files("image")
    texts = scene_texts(plan, scenes)
    bindings = subjects(sk, roles, scenes, texts, each="image")
    shared = shared_results(sk, plan, bindings)
    one = len(scenes) == 1
    size = size_of(plan.aspect or ("1:1" if one else ""))
    placeholders = Placeholders(sk, plan, size)
    for index, text in enumerate(texts):
        key = "image" if one else f"image_{index + 1}"
        photo = photos[index % len(photos)] if photos else None
        if index in shared or placeholders.image(key, text, photo=photo):
            continue
        prompt = bindings[index][0] if index in bindings else literal(text)
        add_image(sk, key, prompt, photo, size if plan.aspect or photo is None else {})


def song(sk: Skeleton, plan: Plan) -> None:
    """Add music, with lyrics where they are asked for, and a cover."""
    roles = roles_of(plan)
    sk.bring(plan.media)
    lines = lines_of(plan.sound.spoken)
    words = clean(sheet_of(lines), 4_000) if lines else ""
    if singer := one_line(plan.sound.voice_words, 100):
        sound_words = ", ".join(filter(None, (plan.sound.music_words, singer)))
        plan = with_fields(plan, sound=with_fields(plan.sound, music_words=sound_words))
    music(sk, plan, roles, plan.seconds or _SONG_S)
    args = sk.stages[-1]["args"]
    topic, prompt = one_line(plan.title, 200), args["prompt"]
    if not prompt.startswith("$") and topic.lower() not in prompt.lower():
        # A model sets the song's subject to music.
        args["prompt"] = f"{prompt}. {capital(topic)}"
    if plan.sound.lyrics:
        binding = roles.bind(sk, "lyrics", words)
        args["lyrics"] = binding or sk.input(
            "lyrics", "text", "Lyrics", default=words or None, example=_EXAMPLE
        )
    sk.stages[-1]["label"] = "Song" if plan.sound.lyrics else "Music"
    scenes = [s for s in plan.scenes if s.type == "shot"]
    photo = next(iter(sk.files("image")), None)
    if subject_texts := roles.of.get("subject"):
        # A name alone draws nothing: the same words say what the cover shows.
        roles.of["subject"] = [
            with_fields(open_text, title=f"{open_text.title}, and what the cover shows")
            for open_text in subject_texts
        ]
    if scenes or photo or subject_texts:
        _cover(sk, plan, roles, scenes[:1] or [shot_of(plan.title)], photo)


def _cover(sk: Skeleton, plan: Plan, roles: Any, scenes: list[Shot], photo: Made | None) -> None:
    texts = scene_texts(plan, scenes)
    bindings = subjects(sk, roles, scenes, texts)
    size = size_of(plan.aspect) if plan.aspect not in ("", "1:1") else COVER
    placeholders = Placeholders(sk, plan, size)
    if not placeholders.image("cover", texts[0], photo=photo):
        add_image(sk, "cover", bindings[0][0] if bindings else literal(texts[0]), photo, size)
