"""The wishes of a brief, as data. Pure.

`read.read_brief` makes it from words, a language model's answer is read into it too, and
`template_plan` makes stages of it. A field that the brief says nothing about stays
empty, and the plan chooses a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tools.declaration.ports import MediaKind

# film: new images that move and are joined. image: stills only. song: music, alone or with a cover.
# audio: a voice, and music beside it, without images. slideshow: one image for each item of a list,
# joined. clip_edit, photo_edit: work on what the person brings.
Kind: TypeAlias = Literal["film", "image", "song", "audio", "slideshow", "clip_edit", "photo_edit"]
AspectRatio: TypeAlias = Literal["", "1:1", "4:3", "3:4", "16:9", "9:16", "21:9"]
EditKind: TypeAlias = Literal[
    "restore",
    "animate",
    "style",
    "edit",
    "upscale",
    "remove_background",
    "replace_segment",
    "extend",
    "subtitles",
    "overlay",
    "loop",
    "crop",
    "trim",
    "analyze",
    "orbit",
    "model",
    "join",
]


@dataclass(frozen=True, slots=True)
class Scene:
    """One shot, in the brief's own words.

    type "title": a card with `text` on it. seconds: None where only the whole length is known.
    ask_before: the person approves what came before it first. media: the name of the
    `GivenMedia` it starts from, "" for a new image.
    """

    text: str
    type: Literal["shot", "title"] = "shot"
    seconds: float | None = None
    ask_before: bool = False
    media: str = ""


@dataclass(frozen=True, slots=True)
class GivenMedia:
    """A file the person brings. name: a template input's. count: how many of it.

    any_number: the brief says "my photos" without a number; count is then a usual one.
    """

    name: str
    kind: MediaKind
    title: str
    count: int = 1
    any_number: bool = False


@dataclass(frozen=True, slots=True)
class OpenText:
    """Words that the brief leaves open, or that a person will want to change.

    name: a template input's. default: the brief's words for it, "" where it has none. marker: its
    placeholder in the scenes' texts, such as `{product}`. stand_in: what is read in its place.
    """

    name: str
    title: str
    default: str = ""
    options: tuple[str, ...] = ()
    marker: str = ""
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of what is made. None: not said. *_words: how the brief describes it.

    spoken: the very words to say. kept: the sound of the person's own clip stays. Where the person
    brings an audio file (`Brief.media`), music or speech True means that file.
    """

    music: bool | None = None
    speech: bool | None = None
    lyrics: bool = False
    subtitles: bool = False
    kept: bool = False
    music_words: str = ""
    voice_words: str = ""
    effect_words: str = ""
    spoken: str = ""

    @property
    def is_silent(self) -> bool:
        return self.music is False and self.speech is False


@dataclass(frozen=True, slots=True)
class Repeat:
    """Do the scenes once for each item. items: those the brief names; count: how many it asks.

    marker: the item's placeholder in the scenes' texts, "" where they are the same for all.
    same_images: the images are made once, only words and sound differ. shows_name: each item's name
    is written on its part, as in "each with a place name".
    """

    item_name: str
    items: tuple[str, ...] = ()
    count: int | None = None
    marker: str = ""
    same_images: bool = False
    shows_name: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The person chooses `pick` of `candidates` images before they are used."""

    candidates: int
    pick: int


@dataclass(frozen=True, slots=True)
class Edit:
    """One operation on what the person brings, in the order asked.

    words: how the brief says it, the prompt of the operation. start, end: seconds in the clip.
    """

    type: EditKind
    words: str = ""
    start: float | None = None
    end: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a brief as they stand there. reader: whose instruction they are, "" for no one's."""

    words: str
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief, read. words: the text without the words in which it is asked for. seconds: of the
    whole result. language: ISO 639-1, "" where it is unclear. is_model: a 3D model is made
    of each image. lacks_subject: it says nothing of
    what to show. impossible: sentences, one for each thing that it asks for and no tool does.
    stretches: all that it says, by who reads it.

    style: words that hold for every scene. transition: as `stitch_video` names it, "" for a cut.
    max_units: the most credits a run may take. topic: what it is about, a short title.
    scene_count: how many shots the brief asks for, where that is more than `scenes` has or where it
    says a number. on_screen: words shown over the film. name: what the person calls the result.
    is_cheap: the brief wants it to cost little, without a figure. approves_images: the person looks
    at the images before they move or are joined. notes: what could not be read or contradicts
    itself, as sentences for the person.

    sells: it is an advertisement: lines that are made for it may praise its subject. unwanted:
    what is to be left out of the picture.

    scenes is empty where nothing new is shown: a song without a cover, edits of the person's own
    files. Where the person brings several images of one name, the scenes with that name take them
    in order. No text begins like a binding of a template (`clean.cleaned`), and none is empty.
    """

    text: str
    words: str = ""
    kind: Kind = "film"
    topic: str = ""
    language: str = ""
    scenes: tuple[Scene, ...] = ()
    seconds: float | None = None
    aspect: AspectRatio = ""
    sound: Sound = Sound()
    style: str = ""
    camera: str = ""
    transition: str = ""
    on_the_beat: bool = False
    media: tuple[GivenMedia, ...] = ()
    open_texts: tuple[OpenText, ...] = ()
    repeat: Repeat | None = None
    choice: Choice | None = None
    edits: tuple[Edit, ...] = ()
    max_units: float | None = None
    scene_count: int | None = None
    on_screen: str = ""
    name: str = ""
    is_cheap: bool = False
    sells: bool = False
    approves_images: bool = False
    notes: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    is_model: bool = False
    lacks_subject: bool = False
    impossible: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
