"""Words that a brief leaves open, as inputs: a title, what a voice says, what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from compose.brief.brief import Brief, OpenText
from compose.template_plan.skeleton import Skeleton
from compose.template_plan.words import clean, name_of

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
        """The binding of the next input of a role with `text` as its default; "" for none."""
        found = self.take(role)
        return "" if found is None else declared(sk, found, found.default or text)


def roles_of(brief: Brief) -> Roles:
    """What each open text of a brief is for."""
    roles = Roles()
    for known in brief.open_texts:
        roles.of.setdefault(_role(known, brief), []).append(known)
    return roles


def _role(known: OpenText, brief: Brief) -> Role:
    # A marker in a scene says where the words belong, whatever they are called.
    for scene in brief.scenes:
        if known.marker and known.marker in scene.text:
            return "subject" if scene.type == "shot" else "title"
    words = set(name_of(known.name).split("_"))
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


def declared(sk: Skeleton, known: OpenText, text: str, *, example: str = "") -> str:
    """The input of an open text. text: its default, "" to ask for it."""
    options = tuple(dict.fromkeys(clean(one, 300) for one in known.options if clean(one, 300)))
    if options:
        default = text if text in options else options[0]
        return sk.input(known.name, "select", known.title, default=default, options=options)
    return sk.input(known.name, "text", known.title, default=clean(text) or None, example=example)


def listed(sk: Skeleton, each: str, texts: Sequence[str], *, about: str = "") -> str:
    """The input of several whole texts, exactly as many as there are results to take by number.

    each: what one of them is for, such as "shot". about: what all of them name.
    """
    number, key = 2, f"{each}s"
    while key in sk.inputs:
        key, number = f"{each}s_{number}", number + 1
    count = len(texts)
    plain = [clean(text, 600) for text in texts]
    title = f"What each {each} with the {about} shows" if about else f"What each {each} shows"
    return sk.input(key, "text", title, default=plain, multiple=(count, count))


# What stands for open words in an example, by the input's name.
_EXAMPLES: Final = {
    "subject": "a lighthouse by the sea",
    "product": "a jar of honey",
    "place": "an old harbor",
    "person": "an old fisher",
    "name": "a small dog",
}


def value_of(known: OpenText) -> str:
    """The brief's own words, else an example of them."""
    return known.default or _EXAMPLES.get(name_of(known.name)) or known.title.lower() or known.name


def without_marker(brief: Brief, text: str) -> str:
    """A text with the brief's own words in place of the open ones, or without them."""
    for known in brief.open_texts:
        if known.marker:
            text = text.replace(known.marker, known.default)
    return text.strip()


def with_values(brief: Brief, text: str) -> str:
    """A text with words in place of all markers, for prompts that no input is bound to."""
    for known in brief.open_texts:
        text = filled(text, known, value_of(known))
    return text


def without_markers(brief: Brief) -> Brief:
    """The brief whose topic and sound no longer have markers; its scenes keep theirs."""

    def plain(text: str) -> str:
        return without_marker(brief, text)

    sound = replace(
        brief.sound,
        spoken=plain(brief.sound.spoken),
        music_words=plain(brief.sound.music_words),
    )
    return replace(
        brief,
        topic=plain(brief.topic),
        name=plain(brief.name),
        style=plain(brief.style),
        sound=sound,
    )


def filled(text: str, known: OpenText, value: str) -> str:
    """A scene's text with `value` in place of the open words."""
    return text.replace(known.marker, value) if known.marker else text


def concerns(known: OpenText, texts: Sequence[str]) -> list[int]:
    """Which scenes' texts have these open words; all where none names them."""
    named = known.marker or known.default
    found = [i for i, text in enumerate(texts) if named and named.lower() in text.lower()]
    return found or list(range(len(texts)))
