"""Briefs as data by seed, with every field in many combinations, also such as no words give."""

from __future__ import annotations

import random
from typing import Any, get_args

from compose.brief.brief import (
    AspectRatio,
    Brief,
    Choice,
    Edit,
    EditKind,
    GivenMedia,
    Kind,
    OpenText,
    Repeat,
    Scene,
    Sound,
)
from tests.support.builders.brief_texts import HOSTILE, SUBJECTS

_MEDIA = (
    GivenMedia("photo", "image", "Your photo"),
    GivenMedia("photos", "image", "Your photos", count=4),
    GivenMedia("clip", "video", "Your clip"),
    GivenMedia("song", "audio", "Your song"),
    GivenMedia("Größe 1", "image", ""),
    GivenMedia("写真", "image", "写真"),
)
_TEXTS = (
    OpenText("subject", "What it is about", "a candle shop"),
    OpenText("product", "Product", marker="{product}"),
    OpenText("voice_text", "What the voice says"),
    OpenText("title", "Title", "Hello"),
    OpenText("style", "Style", options=("oil painting", "pixel art")),
    OpenText("lyrics", "Lyrics"),
    OpenText("mood", "Mood", options=("$one", "", "two")),
    OpenText("music", "Music", "$inputs.music"),
)


def made_brief(seed: int) -> Brief:
    """One brief. Equal seeds, equal briefs."""
    dice = random.Random(seed)
    maybe = lambda value, share=0.4: value if dice.random() < share else None  # noqa: E731
    media = tuple(dice.sample(_MEDIA, dice.choice((0, 0, 1, 1, 2, 3))))
    scenes = tuple(_scene(dice, media) for _ in range(dice.choice((0, 1, 1, 3, 5, 12, 20))))
    return Brief(
        text=_words(dice),
        kind=dice.choice(get_args(Kind)),
        topic=_words(dice),
        language=dice.choice(("", "en", "de", "ja", "xx")),
        scenes=scenes,
        seconds=maybe(dice.choice((0.5, 2.0, 8.0, 30.0, 90.0, 600.0))),
        aspect=dice.choice(get_args(AspectRatio)),
        sound=_sound(dice),
        style=maybe(_words(dice)) or "",
        camera=maybe("Handheld camera", 0.2) or "",
        transition=dice.choice(("", "", "wipeleft", "dissolve", "no-such")),
        on_the_beat=dice.random() < 0.2,
        media=media,
        open_texts=tuple(dice.sample(_TEXTS, dice.choice((0, 0, 1, 2, 4)))),
        repeat=maybe(_repeat(dice), 0.25),
        choice=maybe(Choice(dice.choice((1, 4, 40)), dice.choice((0, 1, 2, 50))), 0.2),
        edits=tuple(_edit(dice, media) for _ in range(dice.choice((0, 0, 1, 2, 4)))),
        max_units=maybe(dice.choice((0.0, 5.0, 40.0)), 0.2),
    )


def _words(dice: random.Random) -> str:
    return dice.choice(dice.choice((SUBJECTS, SUBJECTS, HOSTILE)))


def _scene(dice: random.Random, media: tuple[GivenMedia, ...]) -> Scene:
    names = [one.name for one in media] + ["", "", "unknown"]
    return Scene(
        _words(dice),
        type=dice.choice(("shot", "shot", "shot", "title")),
        seconds=dice.choice((None, None, 0.1, 3.0, 100.0)),
        ask_before=dice.random() < 0.1,
        media=dice.choice(names),
    )


def _sound(dice: random.Random) -> Sound:
    said = lambda: dice.choice((None, True, False))  # noqa: E731
    flag = lambda: dice.random() < 0.3  # noqa: E731
    return Sound(
        music=said(),
        speech=said(),
        lyrics=flag(),
        subtitles=flag(),
        kept=flag(),
        music_words=dice.choice(("", "soft piano", "$artifacts.x")),
        voice_words=dice.choice(("", "calm")),
        effect_words=dice.choice(("", "", "whoosh")),
        spoken=dice.choice(("", "", _words(dice))),
    )


def _repeat(dice: random.Random) -> Repeat:
    return Repeat(
        dice.choice(("place", "language", "Größe", "", "item in a very long list " * 5)),
        items=tuple(_words(dice) for _ in range(dice.choice((0, 2, 5)))),
        count=dice.choice((None, 1, 3, 10, 100)),
        same_images=dice.random() < 0.3,
        shows_name=dice.random() < 0.4,
    )


def _edit(dice: random.Random, media: tuple[GivenMedia, ...]) -> Edit:
    options: dict[str, Any] = {
        "position": dice.choice(("", "top-left", "nowhere")),
        "media": media[-1].name if media else "",
        "seconds": dice.choice((0, 4, 100)),
        "aspect": dice.choice(("", "1:1", "9:16")),
    }
    return Edit(
        dice.choice(get_args(EditKind)),
        _words(dice),
        start=dice.choice((None, 0.0, 2.0)),
        end=dice.choice((None, 1.0, 4.0)),
        options={name: value for name, value in options.items() if dice.random() < 0.5},
    )
