"""A prompt → the prompt that a model understands best, with what was left open filled in. Pure.

The person's words stay, in their order and language. What is added comes after them and is chosen
by what they show; an aspect they speak about is left to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from compose.writers import film_words
from compose.writers.dialects import Dialect
from compose.writers.shots import composition_of, motion_of
from compose.writers.subjects import Subject, subject_of
from compose.writers.wording import (
    clipped,
    listed,
    sentence,
    tidy,
    uncapital,
    without_request,
    word_set,
    words_of,
)

# A prompt this long was thought about: only what it needs to work is added.
_THOUGHT_ABOUT_WORDS = 60
_PHOTO = "natural photographic look"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to write. output: image, video or edit. seconds: of a video. roles: asset role → label,
    "" where it has none. style: words for the look. full: whether to add all that is missing.
    """

    text: str
    output: str
    dialect: Dialect
    full: bool = True
    style: str = ""
    seconds: float | None = None
    aspect_ratio: str = ""
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """A part that was added. weight: the lightest goes first where a prompt gets too long."""

    aspect: str
    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class Enhanced:
    """core: the person's words. before, additions: what is said around them."""

    core: str
    additions: tuple[Addition, ...]
    subject: Subject

    def without_lightest(self) -> Enhanced:
        """The same without the least important addition. There must be one."""
        lightest = min(self.additions, key=lambda one: one.weight)
        kept = tuple(one for one in self.additions if one is not lightest)
        return replace(self, additions=kept)


def enhanced(wish: Wish) -> Enhanced:
    """The person's words and what is added to them."""
    core = core_of(wish.text, wish.output)
    subject = subject_of(f"{core} {wish.style}")
    if wish.output == "edit":
        additions = _edit_additions(core, wish)
    elif wish.output == "video":
        additions = _video_additions(core, wish, subject)
    else:
        additions = _image_additions(core, wish, subject)
    return Enhanced(core, tuple(additions), subject)


def core_of(text: str, output: str) -> str:
    """The person's words without the request around them. An edit is a request by itself."""
    return tidy(text) if output == "edit" else tidy(without_request(text))


def _image_additions(core: str, wish: Wish, subject: Subject) -> list[Addition]:
    said = film_words.said(f"{core} {wish.style}")
    look = f"{core} {wish.style}"
    found = []
    if wish.style:
        found.append(Addition("style", _as_style(wish.style), 10))
    found += _references(wish)
    if film_words.is_graphic(look):
        if "composition" not in said:
            found.append(Addition("composition", "centered with generous clear space", 5))
        found.append(Addition("edges", "clean edges and few colors", 3))
        return found
    drawn = film_words.is_drawn(look)
    light = _light(look, said, subject, drawn=drawn)
    if light:
        found.append(Addition("light", light, 8))
    if _is_enough(core, wish):
        return found
    if not drawn and "framing" not in said:
        found.append(Addition("framing", subject.framing, 7))
    if not drawn and "lens" not in said:
        found.append(Addition("lens", subject.lens, 4))
    if "composition" not in said:
        found.append(Addition("composition", composition_of(wish.aspect_ratio, subject), 6))
    if not drawn and "style" not in said and not wish.style and wish.dialect.name != "pony":
        found.append(Addition("photo", _PHOTO, 2))
    return found


def _video_additions(core: str, wish: Wish, subject: Subject) -> list[Addition]:
    look = f"{core} {wish.style}"
    said = film_words.said(look)
    roles = dict(wish.roles)
    drawn, graphic = film_words.is_drawn(look), film_words.is_graphic(look)
    # The first frame shows subject, place, light and style already: only what moves is news.
    is_shown = "first_frame" in roles or "source_video" in roles
    found = []
    if wish.style:
        found.append(Addition("style", _as_style(wish.style), 10))
    found += _references(wish)
    if not is_shown:
        light = "" if graphic else _light(look, said, subject, drawn=drawn)
        if light:
            found.append(Addition("light", light, 6))
        if not graphic and "framing" not in said and not _is_enough(core, wish):
            found.append(Addition("framing", subject.framing, 5))
        if wish.aspect_ratio and "composition" not in said and not _is_enough(core, wish):
            found.append(Addition("composition", composition_of(wish.aspect_ratio, subject), 3))
    if graphic:
        return [*found, *_LOGO_FILM]
    for beat in motion_of(core, wish.seconds, subject):
        found.append(Addition("motion", beat, 9))
    if "camera" not in said and "source_video" not in roles:
        found.append(Addition("camera", f"Camera: {subject.camera}", 8))
    if wish.dialect.hears and "sound" not in said and "audio" not in roles:
        found.append(Addition("sound", f"Sound: {subject.sound}", 4))
    return found


_LOGO_FILM = (
    Addition("motion", "The parts come together and settle into their final shape", 9),
    Addition("camera", "Camera: locked off, clean background", 8),
)


def _edit_additions(core: str, wish: Wish) -> list[Addition]:
    found = _references(wish)
    if wish.style:
        found.append(Addition("style", f"Work in this look: {tidy(wish.style)}", 10))
    words = set(words_of(core))
    if words & _KEEPS:
        return found
    # A new style may touch everything but who and what is where.
    restyled = bool(words & _RESTYLES or wish.style)
    wanted = _STRUCTURE if restyled else tuple(_CHANGES)
    kept = [what for what in wanted if not words & _CHANGES[what]]
    what = listed(kept) if len(kept) > 2 else "everything else"
    found.append(Addition("keep", f"Keep {what} unchanged", 9))
    if words & _REMOVES:
        found.append(Addition("blend", "Fill the gap with what would be behind it", 8))
    if not restyled and words & (_LIGHT | _BACKGROUND) and not words & _REMOVES:
        found.append(Addition("blend", "Let the light on everything fit the change", 6))
    elif not restyled:
        found.append(Addition("blend", "Match the light, perspective and grain of the original", 6))
    return found


_KEEPS = word_set(
    """
    keep keeping preserve preserving unchanged maintain maintaining same behalte beibehalten
    garde gardez conserve manten mantener conserva
    """
)
_RESTYLES = word_set(
    """
    style look anime watercolor watercolour painting sketch cartoon comic illustration stil
    aquarell gemalde estilo acuarela aquarelle peinture
    """
)
_PERSON = "person people man woman child boy girl mann frau kind homme femme enfant hombre mujer"
_REMOVES = word_set("remove delete erase entferne enleve supprime quita elimina")
_LIGHT = word_set(
    """
    light lighting night day sunset sunrise brighter darker dark bright exposure shadow shadows
    licht nacht hell dunkel lumiere nuit luz noche
    """
)
_BACKGROUND = word_set(
    """
    background backdrop sky behind scene place room beach hintergrund himmel arriere-plan ciel fondo
    cielo
    """
)
_COLORS = word_set(
    """
    color colors colour colours saturation colorize black-and-white red blue green yellow orange
    purple pink white black brown golden silver farbe farben rot blau grun gelb couleur couleurs
    rouge bleu vert jaune colores rojo azul verde amarillo
    """
)
# What stays, by the words of an edit that would change it.
_CHANGES: Mapping[str, frozenset[str]] = {
    "faces": word_set(
        f"face smile smiling expression eyes older younger gesicht visage cara {_PERSON}"
    ),
    "poses": word_set(f"pose sit sitting standing jump jumping arms dancing {_PERSON}"),
    "clothes": word_set(
        f"clothes shirt dress jacket coat suit outfit hat kleid hemd robe vestido {_PERSON}"
    ),
    "background": _BACKGROUND,
    "composition": word_set("crop zoom wider closer rotate expand extend move verschiebe"),
    "camera angle": word_set(
        """
        angle view perspective wider closer zoom rotate ansicht vue vista
        """
    ),
    # Another background brings its own light and colors.
    "light": _LIGHT | _BACKGROUND,
    "colors": _COLORS | _BACKGROUND | _LIGHT,
}
_STRUCTURE = ("faces", "poses", "composition", "camera angle")


def _as_style(style: str) -> str:
    """`anime` → `anime style`; a description stays as it is."""
    style = tidy(style)
    is_name = len(style.split()) <= 2 and not {"style", "look"} & set(words_of(style))
    return f"{style} style" if is_name else style


def _light(look: str, said: frozenset[str], subject: Subject, *, drawn: bool) -> str:
    if "light" in said:
        return ""
    by_hour = film_words.light_of_the_hour(look)
    if by_hour:
        return by_hour
    # On plain white or black, any other light than a studio's would bring in a place.
    if "composition" in said and "background" in look:
        return "even, soft studio light"
    return "clear light from one side, harmonious colors" if drawn else subject.light


def _is_enough(core: str, wish: Wish) -> bool:
    return not wish.full and len(words_of(core)) >= _THOUGHT_ABOUT_WORDS


_ROLE_WORDS: Mapping[str, str] = {
    "first_frame": "Start exactly from the first frame{label}",
    "last_frame": "End exactly on the last frame{label}",
    "reference": "Use the reference{label} for what it shows",
    "identity": "Keep the same face, hair and build as the person in the identity reference{label}",
    "style": "Take colors, texture and light from the style reference{label}",
    "motion": "Follow the movement and timing of the motion reference{label}",
    "audio": "Move in time with the audio{label}",
    "source_video": "Keep the framing and timing of the source video{label}",
}


def _references(wish: Wish) -> list[Addition]:
    return [
        Addition(
            "reference",
            _ROLE_WORDS[role].format(label=f" ({tidy(label)})" if label else ""),
            11,
        )
        for role, label in wish.roles
        if role in _ROLE_WORDS
    ]


# -- writing it down ------------------------------------------------------------------------------


def written(found: Enhanced, wish: Wish) -> str:
    """The whole prompt in the model's form."""
    if wish.output == "image" and wish.dialect.form == "tags":
        return _tags(found, wish)
    parts = [sentence(found.core)]
    # Light, frame and lens read as one sentence about the picture.
    picture = {one.aspect: one.text for one in found.additions if one.aspect in _PICTURE}
    for addition in found.additions:
        if addition.aspect not in _PICTURE:
            parts.append(sentence(addition.text))
        elif picture:
            shot = [picture[aspect] for aspect in ("framing", "lens") if aspect in picture]
            rest = [picture[aspect] for aspect in ("light", "composition") if aspect in picture]
            joined = [*shot, *rest] if wish.dialect.name == "fast" else []
            groups = [joined] if joined else [shot, *([one] for one in rest)]
            parts += [sentence(", ".join(group)) for group in groups]
            picture = {}
    return " ".join(part for part in parts if part)


_PICTURE = frozenset({"light", "framing", "lens", "composition"})


def _tags(found: Enhanced, wish: Wish) -> str:
    tags = [_as_tag(tag) for tag in _phrases(found.core)]
    if wish.dialect.weighs and tags and len(tags[0].split()) <= 6 and "(" not in found.core:
        tags[0] = f"({tags[0]}:1.1)"
    added = [uncapital(tag) for one in found.additions for tag in _phrases(one.text)]
    every = [*wish.dialect.first, *tags, *added, *wish.dialect.last]
    return ", ".join(dict.fromkeys(tag for tag in every if tag))


def _phrases(text: str) -> Sequence[str]:
    for mark in (". ", "; ", "! ", "? "):
        text = text.replace(mark, ", ")
    return [tidy(part).rstrip(".") for part in text.split(",")]


def _as_tag(text: str) -> str:
    first, _, rest = text.partition(" ")
    if rest and first.lower() in ("a", "an", "the"):
        text = rest
    return uncapital(text)


def fitted(found: Enhanced, wish: Wish, most: int) -> tuple[str, Enhanced]:
    """The prompt in at most so many characters, and what is in it.

    What was added goes first, the least important at once; then the person's own words are cut.
    """
    text = written(found, wish)
    most_words = wish.dialect.most_words
    while found.additions and (len(text) > most or len(text.split()) > most_words):
        found = found.without_lightest()
        text = written(found, wish)
    return clipped(text, most), found


def missing(text: str, wish: Wish) -> list[str]:
    """Sentences about what the prompt leaves open, for a person who writes it on."""
    look = f"{text} {wish.style}"
    said = film_words.said(look)
    graphic = film_words.is_graphic(look)
    if wish.output == "edit":
        words = set(words_of(text))
        return [] if words & _KEEPS else ["It doesn't say what must stay as it is."]
    wanted = {
        "light": "It doesn't say where the light comes from.",
        "framing": "It doesn't say how close the camera is.",
        "style": "It doesn't name a look, such as a photo or a watercolor.",
    }
    if wish.output == "video":
        wanted |= {
            "camera": "It doesn't say how the camera moves, or that it stands still.",
            "sound": "It doesn't say what is heard.",
        }
    if graphic:
        wanted = {}
    if "light" in wanted and film_words.light_of_the_hour(look):
        del wanted["light"]
    return [note for aspect, note in wanted.items() if aspect not in said]
