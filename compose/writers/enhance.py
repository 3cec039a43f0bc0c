"""A prompt → the prompt that a model understands best, with what was left open filled in. Pure.

The person's words stay, in their order and language. What is added comes after them, in the English
that models were taught on, and only where they are silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from compose.writers import tables
from compose.writers.dialects import Dialect
from compose.writers.wording import sentence
from core.language.sentences import tidy

_RATIO: Final = re.compile(r"\s*(\d{1,5}(?:\.\d{1,3})?)\s*[:x×/]\s*(\d{1,5}(?:\.\d{1,3})?)\s*")
_PHRASE_ENDS: Final = re.compile(r"[.;!?] |,")
# By the greatest width of a frame to its height.
_SHAPES: Final = (
    (0.7, "tall vertical composition, subject on the center line with room above"),
    (0.95, "upright composition, subject slightly above the middle"),
    (1.05, "balanced square composition, subject centered"),
    (2.0, ""),
    (1e9, "very wide cinematic composition, subject off center with the place on both sides"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A prompt to write. text: the person's words without the request around them. output: image,
    video or edit. roles: asset role → label, "" where it has none. style: words for the look.
    """

    text: str
    output: str
    dialect: Dialect
    style: str = ""
    aspect_ratio: str = ""
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def look(self) -> str:
        return f"{self.text} {self.style}"


@dataclass(frozen=True, slots=True)
class Addition:
    """A part to add. aspect: what it is about, for people. weight: the lightest goes first."""

    aspect: str
    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class Enhancement:
    """wish: whose words come first. additions: what is written after them."""

    wish: Wish
    additions: tuple[Addition, ...] = ()

    def text(self) -> str:
        """Return the whole prompt in the model's form."""
        if self.wish.output == "image" and self.wish.dialect.has_tags:
            return self._tags()
        parts = (self.wish.text, *(one.text for one in self.additions))
        return " ".join(filter(None, map(sentence, parts)))

    def _tags(self) -> str:
        dialect = self.wish.dialect
        own = [re.sub(r"^(?:a|an|the) ", "", tag, flags=re.I) for tag in _tags(self.wish.text)]
        new_tags = [tag for one in self.additions for tag in _tags(one.text)]
        every = (*dialect.first, *own, *new_tags, *dialect.last)
        return ", ".join(dict.fromkeys(filter(None, every)))

    def fit(self, most: int) -> Enhancement:
        """Return it in at most so many characters, and words of the dialect: what was added goes,
        the least important first."""
        fitting = self
        while fitting.additions:
            text = fitting.text()
            if len(text) <= most and len(text.split()) <= self.wish.dialect.most_words:
                break
            lightest = min(fitting.additions, key=lambda one: one.weight)
            rest = tuple(one for one in fitting.additions if one is not lightest)
            fitting = replace(fitting, additions=rest)
        return fitting


def enhancement(wish: Wish) -> Enhancement:
    """Add to the person's words what they leave open."""
    additions = _edit(wish) if wish.output == "edit" else _film(wish)
    return Enhancement(wish, tuple(additions))


def missing(wish: Wish) -> list[str]:
    """Return sentences about what the prompt leaves open, for a person who writes it on."""
    if wish.output == "edit":
        keeps = tables.names("film", "keeps", wish.text)
        return [] if keeps else ["It doesn't say what must stay as it is."]
    if tables.names("film", "graphic", wish.look):
        return []
    present = tables.aspects_in(wish.look)
    if tables.light_of_the_hour(wish.look):
        present |= {"light"}
    if wish.output == "image":
        present |= {"camera", "sound"}
    return [note for aspect, note in tables.FILM.missing.items() if aspect not in present]


def _film(wish: Wish) -> Iterator[Addition]:
    """Yield what an image or a video is without: its look, its light, its frame, and what moves."""
    present = tables.aspects_in(wish.look)
    subject = tables.subject_in(wish.look)
    is_drawn, is_graphic = (
        tables.names("film", "drawn", wish.look),
        tables.names("film", "graphic", wish.look),
    )
    is_video, roles = wish.output == "video", dict(wish.roles)
    if wish.style:
        yield Addition("your style", wish.style, 10)
    yield from _references(wish)
    # The first frame shows subject, place, light and style already: only what moves is news.
    if "first_frame" not in roles and "source_video" not in roles:
        if not is_graphic and "light" not in present:
            light = tables.light_of_the_hour(wish.look)
            soft = "clear light from one side, harmonious colors"
            yield Addition("light", light or (soft if is_drawn else subject.light), 8)
        if not is_graphic and not is_drawn and "framing" not in present:
            lens = "" if is_video or "lens" in present else f", {subject.lens}"
            yield Addition("framing", f"{subject.framing}{lens}", 7)
        if "composition" not in present and (not is_video or wish.aspect_ratio):
            usual = "centered with generous clear space" if is_graphic else subject.composition
            yield Addition("composition", _composition(wish.aspect_ratio, usual), 6)
        if not (is_video or is_drawn or is_graphic or wish.style or "style" in present):
            yield Addition("a photographic look", "natural photographic look", 2)
    if not is_video:
        return
    if is_graphic:
        yield Addition("motion", "The parts come together and settle into their final shape", 9)
        yield Addition("camera move", "Camera: locked off, clean background", 8)
        return
    yield Addition("motion", subject.motion, 5)
    if "camera" not in present and "source_video" not in roles:
        yield Addition("camera move", f"Camera: {subject.camera}", 9)
    if wish.dialect.hears and "sound" not in present and "audio" not in roles:
        yield Addition("sound", f"Sound: {subject.sound}", 4)


def _edit(wish: Wish) -> Iterator[Addition]:
    yield from _references(wish)
    if wish.style:
        yield Addition("your style", f"Work in this look: {wish.style}", 10)
    if tables.names("film", "keeps", wish.text):
        return
    if wish.style or tables.names("film", "restyles", wish.text):
        # Another light or style touches everything but what is where.
        yield Addition("what stays as it is", "Keep people, shapes and composition unchanged", 9)
        return
    yield Addition("what stays as it is", "Keep everything else unchanged", 9)
    if tables.names("film", "removes", wish.text):
        yield Addition("how the change blends in", "Fill the gap with what would be behind it", 8)
    match = "Match the light, perspective and grain of the original"
    yield Addition("how the change blends in", match, 6)


def _references(wish: Wish) -> Iterator[Addition]:
    words = tables.FILM.roles
    for role, label in wish.roles:
        if role in words:
            suffix = f" ({tidy(label)})" if label else ""
            yield Addition("how to use the files", words[role].replace("{label}", suffix), 11)


def _composition(aspect_ratio: str, usual: str) -> str:
    """Say how the subject fills a frame of this shape."""
    match = _RATIO.fullmatch(aspect_ratio)
    if match is None or not float(match[1]) or not float(match[2]):
        return usual
    shape = float(match[1]) / float(match[2])
    return next(words for most, words in _SHAPES if shape <= most) or usual


def _tags(text: str) -> list[str]:
    return [tidy(part).rstrip(".") for part in _PHRASE_ENDS.split(text)]
