"""A brief's words → a Brief. Pure; time is linear in the text; never raises on any text.

Each reader of a subject looks through the words and claims what it understood as an instruction:
lengths, formats, sounds. What no reader claimed is what the scenes show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compose.brief.brief import Brief, Edit, GivenMedia, Kind, OpenText, Repeat, Scene, Sound
from compose.brief.clauses import quotes_of
from compose.brief.clean import LONGEST_TEXT, one_of
from compose.brief.counts import PRINTED, Count, counts_of, main_count
from compose.brief.edits import claim_cues, edits_of
from compose.brief.formats import format_of
from compose.brief.framing import before_and_after
from compose.brief.given_media import Mention, given_media_of, is_before_and_after
from compose.brief.kinds import claim_cover, kind_of, ordered_product, sells
from compose.brief.lengths import Lengths, lengths_of
from compose.brief.looks import looks_of
from compose.brief.open_texts import open_texts_of
from compose.brief.repeats import repeat_of
from compose.brief.residue import capital, shortened, without_article
from compose.brief.scene_files import with_files
from compose.brief.scene_lists import Telling, told_scenes
from compose.brief.scenes import MOST_SCENES, Shots, shots_in
from compose.brief.shot_lists import Shot
from compose.brief.sounds import quote_use, sound_of
from compose.brief.subject import HOLDER
from compose.brief.wishes import Wishes, wishes_of
from compose.brief.words import Words, words_of

__all__ = ["LONGEST_TEXT", "MOST_SCENES", "read_brief"]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the readers of one subject each found."""

    words: Words
    lengths: Lengths
    wishes: Wishes
    repeat: Repeat | None
    media: tuple[GivenMedia, ...]
    mentions: tuple[Mention, ...]
    sound: Sound
    open_texts: tuple[OpenText, ...]
    edits: tuple[Edit, ...]
    count: Count | None
    telling: Telling
    kind: Kind
    has_cover: bool


def read_brief(text: str) -> Brief:
    """What the words ask for. text: any language, any length; beyond 20,000 characters is cut."""
    words = words_of(text)
    lengths = lengths_of(words)
    aspect, notes = format_of(words)
    wishes = wishes_of(words)
    repeat = repeat_of(words)
    media, mentions = given_media_of(words)
    product = ordered_product(words, mentions)
    counts = counts_of(words)
    # The readers of sound and looks claim words, and edits are told by words that they claim.
    edits = edits_of(words, media, lengths)
    sound, on_screen = sound_of(words)
    looks = looks_of(words)
    open_texts = open_texts_of(words)
    telling = told_scenes(words)
    count = main_count(counts)
    if repeat and count and repeat.count == count.number and not count.is_strong:
        count = None
    kind = kind_of(
        words,
        product.value if product else None,
        media,
        edits,
        tells_scenes=len(telling.scenes) > 1 or bool(count and count.number > 1),
        has_length=lengths.seconds is not None or lengths.each is not None,
        counts_panels=bool(count and count.noun in PRINTED) and not _is_heard(sound),
    )
    if kind in ("clip_edit", "photo_edit"):
        claim_cues(words)
    has_cover = kind == "song" and claim_cover(words)
    if kind not in ("clip_edit", "photo_edit"):
        # A film's shots are themselves the animation and the looks of the person's image.
        edits = tuple(
            edit for edit in edits if edit.type in ("restore", "upscale", "remove_background")
        )
    read = _Read(
        words,
        lengths,
        wishes,
        repeat,
        media,
        mentions,
        sound,
        open_texts,
        edits,
        count,
        telling,
        kind,
        has_cover,
    )
    shots = shots_in(words, telling, count, lengths.seconds)
    scenes, texts = _scenes(read, shots)
    seconds, scenes = _seconds(read, shots, scenes)
    if repeat and repeat.items and seconds and _is_of_each(words, lengths):
        scenes = tuple(replace(scene, seconds=scene.seconds or seconds) for scene in scenes)
        seconds = seconds * len(repeat.items) if len(scenes) == 1 else None
    if kind == "clip_edit" and aspect and not any(edit.type == "crop" for edit in edits):
        edits = (*edits, Edit("crop", f"Crop to {aspect}", options={"aspect_ratio": aspect}))
    if any(one.name.endswith("voice") for one in media) and sound.speech is None:
        sound = replace(sound, speech=True)
    if (looks.on_the_beat or _is_music_video(words)) and sound.music is None:
        sound = replace(sound, music=True)
    if repeat and repeat.item_name == "language" and sound.speech is None and not sound.subtitles:
        sound = replace(sound, speech=True)
    if kind == "clip_edit" and not sound.is_silent and sound.music is None:
        sound = replace(sound, kept=True)
    if kind == "song":
        sound = replace(
            sound, music=True, lyrics=sound.lyrics or bool(product and product.value == "song")
        )
        aspect = aspect or ("1:1" if scenes else "")
    return Brief(
        text=words.text,
        kind=kind,
        topic=_topic(words, kind, shots),
        language=words.language,
        scenes=scenes,
        seconds=seconds,
        aspect=aspect,
        sound=sound,
        style=looks.style,
        camera=looks.camera,
        transition=looks.transition,
        on_the_beat=looks.on_the_beat,
        media=media,
        open_texts=texts,
        repeat=repeat,
        choice=wishes.choice,
        edits=edits,
        max_units=wishes.max_units,
        scene_count=shots.asked,
        on_screen=on_screen if not any(on_screen == scene.text for scene in scenes) else "",
        name=_name(words),
        is_cheap=wishes.is_cheap,
        sells=sells(words),
        approves_images="film" in wishes.ask_before,
        notes=(*notes, *_notes(shots)),
    )


def _scenes(read: _Read, shots: Shots) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    """The scenes of this kind of work, and the texts that a person types for them."""
    made = shots.shots
    if read.kind == "clip_edit":
        return (), read.open_texts
    if read.kind == "photo_edit":
        return _photo_scenes(read, shots), read.open_texts
    if read.kind == "song":
        return _cover(read, shots)
    if is_before_and_after(read.media):
        subject = capital(_plain_subject(shots))
        pair_of_texts = before_and_after(subject, read.words.language)
        pair = tuple(
            Scene(text, media=one.name) for text, one in zip(pair_of_texts, read.media, strict=True)
        )
        return pair, read.open_texts
    photos = next((one for one in read.media if one.kind == "image" and one.count > 1), None)
    if photos and len(read.telling.scenes) < 2 and read.count is None:
        said = capital(shots.subject.text) if shots.subject.text else "{name}, slow camera move"
        texts = tuple(
            said.replace("{name}", f"Photo {at + 1}")
            for at in range(min(photos.count, MOST_SCENES))
        )
        return tuple(Scene(text, media=photos.name) for text in texts), read.open_texts
    return _film_scenes(read, shots, made)


def _film_scenes(
    read: _Read, shots: Shots, made: tuple[Shot, ...]
) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    texts = list(read.open_texts)
    scenes: list[Scene] = []
    titles = [shot for shot in made if shot.is_title]
    for shot in made[:MOST_SCENES]:
        text = shot.text
        if shot.is_title and not text:
            name = (
                "closing_title"
                if len(titles) > 1 and shot is titles[-1] and len(made) > 1
                else "title"
            )
            text = "{" + name + "}"
            title = "Closing title" if name == "closing_title" else "Title"
            if not any(one.name == name for one in texts):
                texts.append(OpenText(name, title, _name(read.words), marker=text))
            else:
                texts = [replace(one, marker=text) if one.name == name else one for one in texts]
        scenes.append(Scene(text, "title" if shot.is_title else "shot", shot.seconds))
    if read.repeat and read.repeat.marker:
        scenes = _with_item(scenes, read.repeat)
    if not scenes:
        scenes = [Scene(HOLDER)]
    if any(HOLDER in scene.text for scene in scenes):
        images = [one for one in read.media if one.kind == "image" and one.name != "logo"]
        if images:
            scenes = [
                replace(
                    one, text=capital(one.text.replace(HOLDER, f"the {images[0].title.lower()}"))
                )
                for one in scenes
            ]
        else:
            texts.append(OpenText("subject", "What it is about", marker=HOLDER))
    elif shots.is_open and not read.media and not _holders(read.open_texts):
        plain = without_article(shots.subject.text)
        if any(plain in scene.text for scene in scenes) and not read.repeat:
            texts.append(OpenText("subject", "What it is about", plain[:200], marker=plain[:200]))
    filed = with_files(
        tuple(scenes), made[: len(scenes)] if made else (Shot(HOLDER),), read.media, read.mentions
    )
    return _asking(filed, read.wishes), tuple(texts)


def _holders(texts: tuple[OpenText, ...]) -> bool:
    return any(one.marker for one in texts)


def _with_item(scenes: list[Scene], repeat: Repeat) -> list[Scene]:
    """The item in the texts of the scenes, unless the brief's own placeholder has it."""
    if any(repeat.marker in scene.text for scene in scenes):
        return scenes
    return [
        replace(
            one,
            text=f"{one.text}: {repeat.marker}"
            if HOLDER not in one.text
            else one.text.replace(HOLDER, repeat.marker),
        )
        if one.type == "shot"
        else one
        for one in scenes
    ]


def _asking(scenes: tuple[Scene, ...], wishes: Wishes) -> tuple[Scene, ...]:
    asked = set()
    if "last" in wishes.ask_before:
        asked.add(len(scenes) - 1)
    if "first" in wishes.ask_before:
        asked.add(0)
    if "each" in wishes.ask_before:
        asked.update(range(len(scenes)))
    if wishes.asked_scene and wishes.asked_scene <= len(scenes):
        asked.add(wishes.asked_scene - 1)
    return tuple(
        replace(one, ask_before=True) if at in asked else one for at, one in enumerate(scenes)
    )


def _photo_scenes(read: _Read, shots: Shots) -> tuple[Scene, ...]:
    """The one scene of a photo that is made to move; none where it stays an image."""
    if not any(edit.type == "animate" for edit in read.edits):
        return ()
    name = next(one.name for one in read.media if one.kind == "image")
    text = shots.subject.text or "The photo comes to life, gentle natural movement"
    return (Scene(capital(shortened(text, 300)), seconds=read.lengths.seconds, media=name),)


def _cover(read: _Read, shots: Shots) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    """A song's cover, and the name that the song is about."""
    texts = list(read.open_texts)
    subject = shots.subject.text
    first, _, rest = subject.partition(" ")
    if first.lower() in one_of("my our mein meine meinen mon ma mi mio mia meu minha"):
        who = rest.split(",")[0].split(" with ")[0].split(" and ")[0]
        texts.append(OpenText("name", f"Name of the {who}"[:60]))
    if not read.has_cover:
        return (), tuple(texts)
    count = min(read.count.number, MOST_SCENES) if read.count else 1
    cover = (
        capital(f"Cover image: {_plain_subject(shots)}")
        if read.words.language in ("", "en")
        else capital(subject)
    )
    made = tuple(Scene(cover or "Cover image") for _ in range(count))
    return made, tuple(texts)


def _plain_subject(shots: Shots) -> str:
    return shots.subject.text or (shots.shots[0].text if shots.shots else "") or "the subject"


def _seconds(
    read: _Read, shots: Shots, scenes: tuple[Scene, ...]
) -> tuple[float | None, tuple[Scene, ...]]:
    """The whole length, and the lengths of the scenes that have one of their own."""
    seconds, said = read.lengths.seconds, read.lengths.said
    made = shots.shots[: len(scenes)]
    inside: dict[int, float] = {}
    behind = read.telling.before.j
    for at, shot in enumerate(made):
        # From the label on: "scene 1 (5 s): a lake".
        own = [value for i, value in said if shot.i >= 0 and min(behind, shot.i) <= i < shot.j]
        if own:
            inside[at] = own[0]
        behind = max(behind, shot.j)
    if read.kind != "song" and len(scenes) == len(made) and len(inside) > 1:
        scenes = tuple(
            replace(scene, seconds=inside.get(at, scene.seconds)) for at, scene in enumerate(scenes)
        )
        outside = [value for i, value in said if not read.telling.before.j <= i < behind]
        seconds = outside[0] if outside else None
    if read.lengths.each is not None and scenes and read.kind != "photo_edit":
        each = read.lengths.each
        scenes = tuple(replace(scene, seconds=scene.seconds or each) for scene in scenes)
    if seconds is None and scenes and all(scene.seconds for scene in scenes):
        seconds = sum(scene.seconds or 0 for scene in scenes)
    return seconds, scenes


def _name(words: Words) -> str:
    """What the person calls the result: a quotation behind "called"."""
    return next(
        (q.text.strip()[:80] for q in quotes_of(words) if quote_use(words, q) == "name"), ""
    )


def _is_of_each(words: Words, lengths: Lengths) -> bool:
    """Whether a length is each item's: "for each of Rome and Oslo make a 5 s teaser"."""
    return words.word[:2] == ["for", "each"] and bool(lengths.said)


def _is_heard(sound: Sound) -> bool:
    return bool(sound.music or sound.speech or sound.effect_words)


def _topic(words: Words, kind: Kind, shots: Shots) -> str:
    if kind in ("clip_edit", "photo_edit") or not shots.subject.topic:
        return shortened(words.text.split("\n", 1)[0], 60)
    return shots.subject.topic


def _is_music_video(words: Words) -> bool:
    return any(
        (words.at(at) == "music" and words.at(at + 1) in ("video", "clip"))
        or words.at(at) in ("musikvideo", "videoclip")
        for at in range(len(words))
    )


def _notes(shots: Shots) -> tuple[str, ...]:
    if shots.asked and shots.asked > MOST_SCENES:
        return (f"The brief asks for {shots.asked} shots. A draft has at most {MOST_SCENES}.",)
    return ()
