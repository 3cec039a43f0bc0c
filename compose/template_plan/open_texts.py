"""Words that a brief leaves open, as inputs: a title, what a voice says, what is shown.

Placeholders such as `{product}` are drawn once, of what the person types. A binding is a whole
argument, so the text can't be put between words; the image of it goes into every picture that names
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from compose.brief.brief import Brief, OpenText
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.template_text import capital, clean, literal, name_of, one_line

Role: TypeAlias = Literal["subject", "voice", "title", "music", "lyrics", "subtitles", "style"]

# By the words of an input's name; the first that fits. The rest is what a film is about.
_ROLES: Final[tuple[tuple[Role, frozenset[str]], ...]] = (
    ("subtitles", frozenset(("subtitles", "subtitle", "srt", "captions"))),
    ("lyrics", frozenset(("lyrics",))),
    (
        "voice",
        frozenset(
            ("voice", "voiceover", "narration", "script", "spoken", "speech", "says", "story")
        ),
    ),
    ("title", frozenset(("title", "titles", "headline", "caption", "slogan"))),
    ("music", frozenset(("music", "score", "tune", "soundtrack"))),
    ("style", frozenset(("style", "look"))),
)


@dataclass(slots=True)
class Roles:
    """The open texts by what they are for. Each is used once, the first of a role first."""

    of: dict[Role, list[OpenText]] = field(default_factory=dict)

    def take(self, role: Role) -> OpenText | None:
        waiting = self.of.get(role, [])
        return waiting.pop(0) if waiting else None

    def bound(self, sk: Skeleton, role: Role, text: str) -> str:
        """Bind the next input of a role, with `text` as its default; "" for none."""
        open_text = self.take(role)
        return "" if open_text is None else declared(sk, open_text, open_text.default or text)


def roles_of(brief: Brief) -> Roles:
    """Return what each open text of a brief is for."""
    roles = Roles()
    shots = " ".join(scene.text for scene in brief.scenes if scene.type == "shot")
    for open_text in brief.open_texts:
        # What is drawn for the shots that name it is no text of its own.
        if not (is_placeholder(open_text) and open_text.marker in shots):
            roles.of.setdefault(_role(open_text, brief), []).append(open_text)
    return roles


def _role(open_text: OpenText, brief: Brief) -> Role:
    # A marker in a scene says where the words belong, whatever they are called.
    for scene in brief.scenes:
        if open_text.marker and open_text.marker in scene.text:
            return "subject" if scene.type == "shot" else "title"
    words = set(name_of(open_text.name).split("_"))
    for role, names in _ROLES:
        if words & names:
            return role
    # "My voice text": a text is spoken where there is a voice, and shown where there is a title.
    if "text" in words:
        if brief.sound.speech:
            return "voice"
        if any(scene.type == "title" for scene in brief.scenes):
            return "title"
    return "subject"


def declared(sk: Skeleton, open_text: OpenText, text: str, *, example: str = "") -> str:
    """Declare the input of an open text. text: its default, "" to ask for it."""
    options = tuple(dict.fromkeys(clean(one, 300) for one in open_text.options if clean(one, 300)))
    if options:
        default = text if text in options else options[0]
        return sk.input(open_text.name, "select", open_text.title, default=default, options=options)
    return sk.input(
        open_text.name, "text", open_text.title, default=clean(text) or None, example=example
    )


def listed(sk: Skeleton, each: str, texts: Sequence[str], *, about: str = "") -> str:
    """Declare the input of several whole texts, exactly as many as results to take by number.

    each: what one of them is for, such as "shot". about: what all of them name.
    """
    number, key = 2, f"{each}s"
    while key in sk.inputs:
        key, number = f"{each}s_{number}", number + 1
    count = len(texts)
    plain = [clean(text, 600) for text in texts]
    title = f"What each {each} with the {about} shows" if about else f"What each {each} shows"
    return sk.input(key, "text", title, default=plain, multiple=(count, count))


def is_placeholder(open_text: OpenText) -> bool:
    """Return whether the person types it into the words around it, such as `{product}`."""
    is_open = open_text.marker and not open_text.default and not open_text.options
    return bool(is_open) and open_text.name not in ("title", "closing_title")


def stand_in(open_text: OpenText) -> str:
    """Return what is read where nothing was typed: the brief's own words, or "the product"."""
    return (
        open_text.default
        or open_text.stand_in
        or f"the {open_text.title.lower() or open_text.name}"
    )


def without_marker(brief: Brief, text: str) -> str:
    """Return a text with the brief's own words for the open ones, or without a card's."""
    for open_text in brief.open_texts:
        if open_text.marker:
            value = stand_in(open_text) if is_placeholder(open_text) else open_text.default
            text = text.replace(open_text.marker, value)
    return text.strip()


def with_values(brief: Brief, text: str) -> str:
    """Return a text with words in place of all markers, for prompts that no input is bound to."""
    for open_text in brief.open_texts:
        text = filled(text, open_text, stand_in(open_text))
    return text


def without_markers(brief: Brief) -> Brief:
    """Return the brief without markers in its topic and sound; its scenes keep theirs."""

    def plain(text: str) -> str:
        return without_marker(brief, text)

    sound = replace(
        brief.sound,
        spoken=plain(brief.sound.spoken),
        music_words=plain(brief.sound.music_words),
        voice_words=plain(brief.sound.voice_words),
    )
    return replace(
        brief,
        topic=plain(brief.topic),
        name=plain(brief.name),
        style=plain(brief.style),
        words=plain(brief.words),
        on_screen=plain(brief.on_screen),
        sound=sound,
    )


def filled(text: str, open_text: OpenText, value: str) -> str:
    """Return a scene's text with `value` in place of the open words."""
    if value.startswith("the ") and open_text.marker in text:
        # Of "in a {mood} mood" and "an {color} car": "in the mood", "the color car".
        noun = value.removeprefix("the ")
        text = re.sub(
            rf"\ban?\s+{re.escape(open_text.marker)}(?:\s+{re.escape(noun)}\b)?",
            open_text.marker,
            text,
            flags=re.IGNORECASE,
        )
    return text.replace(open_text.marker, value) if open_text.marker else text


def concerns(open_text: OpenText, texts: Sequence[str]) -> list[int]:
    """Return the indices of the scenes' texts that have these open words; all where none has."""
    words = open_text.marker or open_text.default
    indices = [i for i, text in enumerate(texts) if words and words.lower() in text.lower()]
    return indices or list(range(len(texts)))


@dataclass(slots=True)
class Placeholders:
    """drawn: what was drawn of each already, by its marker."""

    sk: Skeleton
    brief: Brief
    size: Mapping[str, Any]
    drawn: dict[str, Made] = field(default_factory=dict)

    def named_in(self, text: str) -> list[OpenText]:
        """Return the placeholders that a text names."""
        return [one for one in self.brief.open_texts if is_placeholder(one) and one.marker in text]

    def image(
        self, key: str, label: str, text: str, *, photo: Made | None = None, after: str = ""
    ) -> Made | None:
        """Add the image of a text that names placeholders; None where it names none.

        photo: the person's own picture, which comes first.
        """
        texts = self.named_in(text)
        if not texts:
            return None
        sources = [self._draw(one) for one in texts]
        if photo is None and len(texts) == 1 and one_line(text).lower() == texts[0].marker.lower():
            return sources[0]
        refs = [source.ref for source in ([photo] if photo else []) + sources]
        prompt = literal(capital(with_values(self.brief, text)))
        args = {"prompt": prompt, "source_image_url": refs, **self.size}
        return self.sk.stage(key, label, "edit_image", args, after=after)

    def _draw(self, open_text: OpenText) -> Made:
        if open_text.marker not in self.drawn:
            ref = declared(self.sk, open_text, "")
            args = {"prompt": ref, **self.size}
            label = capital(one_line(open_text.title, 60)) or "Image"
            self.drawn[open_text.marker] = self.sk.stage(
                open_text.name, label, "generate_image", args
            )
        return self.drawn[open_text.marker]


def warn_of_stand_ins(sk: Skeleton, brief: Brief) -> None:
    """Tell which placeholders are written as words somewhere, and are no input there."""
    texts = [brief.sound.spoken, brief.on_screen, brief.sound.music_words, brief.style]
    texts += [edit.words for edit in brief.edits if edit.type != "edit"]
    for open_text in brief.open_texts:
        is_unused = is_placeholder(open_text) and sk.names.get(open_text.name) is None
        if is_placeholder(open_text) and (
            is_unused or any(open_text.marker in text for text in texts)
        ):
            sk.warn(
                f"“{stand_in(open_text)}” stands for the input"
                f" “{open_text.title or open_text.name}” where words are read or shown:"
                " change it there."
            )
