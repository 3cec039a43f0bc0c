"""Words that a plan leaves open, as inputs: a title, what a voice says, what is shown.

Placeholders such as `{product}` are drawn once, of what the person types. A binding is a whole
argument, so the text can't be put between words; the image of it goes into every picture that names
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from compose.plan import OpenText, Plan
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.template_text import capital, clean, literal, name_of, one_line
from core.names import free_name

Role: TypeAlias = Literal["subject", "voice", "title", "music", "lyrics", "subtitles", "style"]

# By the words of an input's name; the first that fits. The rest is what a film is about.
_ROLES: Final[Mapping[Role, str]] = {
    "subtitles": "subtitles subtitle srt captions",
    "lyrics": "lyrics",
    "voice": "voice voiceover narration script spoken speech says story",
    "title": "title titles headline caption slogan",
    "music": "music score tune soundtrack",
    "style": "style look",
}


@dataclass(slots=True)
class Roles:
    """The open texts by what they are for. Each is used once, the first of a role first."""

    of: dict[Role, list[OpenText]] = field(default_factory=dict)

    def take(self, role: Role) -> OpenText | None:
        waiting = self.of.get(role, [])
        return waiting.pop(0) if waiting else None

    def bind(self, sk: Skeleton, role: Role, text: str) -> str:
        """Bind the next input of a role, with `text` as its default; "" for none."""
        open_text = self.take(role)
        return "" if open_text is None else declare(sk, open_text, open_text.default or text)


def marker_of(open_text: OpenText) -> str:
    """Return the place of an open text in the texts of shots."""
    return f"{{{open_text.name}}}"


def roles_of(plan: Plan) -> Roles:
    """Return what each open text of a plan is for."""
    roles = Roles()
    shots = " ".join(scene.text for scene in plan.scenes if scene.type == "shot")
    for open_text in plan.open_texts:
        # What is drawn for the shots that name it is no text of its own.
        if not (is_placeholder(open_text) and marker_of(open_text) in shots):
            roles.of.setdefault(_role(open_text, plan), []).append(open_text)
    return roles


def _role(open_text: OpenText, plan: Plan) -> Role:
    # A marker in a scene says where the words belong, whatever they are called.
    for scene in plan.scenes:
        if marker_of(open_text) in scene.text:
            return "subject" if scene.type == "shot" else "title"
    words = set(name_of(open_text.name).split("_"))
    for role, names in _ROLES.items():
        if words.intersection(names.split()):
            return role
    # "My voice text": a text is spoken where there is a voice, and shown where there is a title.
    if "text" in words:
        if plan.sound.speech:
            return "voice"
        if any(scene.type == "title" for scene in plan.scenes):
            return "title"
    return "subject"


def declare(sk: Skeleton, open_text: OpenText, text: str, *, example: str = "") -> str:
    """Declare the input of an open text. text: its default, "" to ask for it."""
    options = tuple(dict.fromkeys(clean(one, 300) for one in open_text.options if clean(one, 300)))
    if options:
        default = text if text in options else options[0]
        return sk.input(open_text.name, "select", open_text.title, default=default, options=options)
    return sk.input(
        open_text.name, "text", open_text.title, default=clean(text) or None, example=example
    )


def declare_list(sk: Skeleton, each: str, texts: Sequence[str], *, about: str = "") -> str:
    """Declare the input of several whole texts, exactly as many as results to take by number.
    each: what one of them is for, such as "shot". about: what all of them name."""
    key, count = free_name(f"{each}s", sk.inputs), len(texts)
    plain = [clean(text, 600) for text in texts]
    title = f"What each {each} with the {about} shows" if about else f"What each {each} shows"
    return sk.input(key, "text", title, default=plain, multiple=(count, count))


def is_placeholder(open_text: OpenText) -> bool:
    """Return whether the person types it into the words around it, such as `{product}`."""
    is_open = not open_text.default and not open_text.options
    return is_open and open_text.name not in ("title", "closing_title")


def stand_in(open_text: OpenText) -> str:
    """Return what is read where nothing was typed: the plan's own words, or its label's."""
    return open_text.default or open_text.title or open_text.name


def without_marker(plan: Plan, text: str) -> str:
    """Return a text with the plan's own words for the open ones, or without a card's."""
    for open_text in plan.open_texts:
        value = stand_in(open_text) if is_placeholder(open_text) else open_text.default
        text = text.replace(marker_of(open_text), value)
    return text.strip()


def with_values(plan: Plan, text: str) -> str:
    """Return a text with words in place of all markers, for prompts that no input is bound to."""
    for open_text in plan.open_texts:
        text = text.replace(marker_of(open_text), stand_in(open_text))
    return text


def concerns(open_text: OpenText, texts: Sequence[str]) -> list[int]:
    """Return the indices of the scenes' texts that have these open words; all where none has."""
    marker = marker_of(open_text).lower()
    indices = [i for i, text in enumerate(texts) if marker in text.lower()]
    return indices or list(range(len(texts)))


@dataclass(slots=True)
class Placeholders:
    """images: of the placeholders that are drawn already, by name."""

    sk: Skeleton
    plan: Plan
    size: Mapping[str, Any]
    images: dict[str, Made] = field(default_factory=dict)

    def named_in(self, text: str) -> list[OpenText]:
        """Return the placeholders that a text names."""
        placeholders = filter(is_placeholder, self.plan.open_texts)
        return [one for one in placeholders if marker_of(one) in text]

    def image(
        self, key: str, text: str, *, photo: Made | None = None, after: str = ""
    ) -> Made | None:
        """Add the image of a text that names placeholders; None where it names none. photo: the
        person's own picture, which comes first."""
        texts = self.named_in(text)
        if not texts:
            return None
        sources = [self._draw(one) for one in texts]
        is_alone = photo is None and len(texts) == 1
        if is_alone and one_line(text).lower() == marker_of(texts[0]).lower():
            return sources[0]
        refs = [source.ref for source in ([photo] if photo else []) + sources]
        prompt = literal(capital(with_values(self.plan, text)))
        args = {"prompt": prompt, "source_image_url": refs, **self.size}
        return self.sk.stage(key, "edit_image", args, after=after)

    def _draw(self, open_text: OpenText) -> Made:
        name = open_text.name
        if name not in self.images:
            args = {"prompt": declare(self.sk, open_text, ""), **self.size}
            label = capital(one_line(open_text.title, 60)) or "Image"
            self.images[name] = self.sk.stage(name, "generate_image", args, label)
        return self.images[name]


def warn_of_stand_ins(sk: Skeleton, plan: Plan) -> None:
    """Tell which placeholders are written as words somewhere, and are no input there."""
    texts = [plan.sound.spoken, plan.on_screen, plan.sound.music_words, plan.style]
    texts += [edit.words for edit in plan.edits if edit.type != "edit"]
    for open_text in filter(is_placeholder, plan.open_texts):
        is_unused = open_text.name not in sk.names
        if is_unused or any(marker_of(open_text) in text for text in texts):
            sk.warn(
                f"“{stand_in(open_text)}” stands for the input"
                f" “{open_text.title or open_text.name}” where words are read or shown:"
                " change it there."
            )
