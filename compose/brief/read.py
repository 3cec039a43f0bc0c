"""A brief's words → a Brief. Pure; time is linear in the text; never raises on any text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compose.brief.approvals_and_budget import Wishes
from compose.brief.brief import Brief, Edit, OpenText, Repeat, Scene, Sound
from compose.brief.frame import without_frame
from compose.brief.framing import before_and_after
from compose.brief.given_media import is_before_and_after
from compose.brief.nothing import names_nothing, stretches_of
from compose.brief.open_texts import with_markers
from compose.brief.own_requests import moves_a_file
from compose.brief.products import MODELS, comic_style
from compose.brief.readers import Readings, readings_of, worn_outfits
from compose.brief.repeats import is_of_each
from compose.brief.result_type import sells
from compose.brief.scene_files import joined_for_picture, with_files
from compose.brief.scene_text import shortened, without_article
from compose.brief.scenes import MOST_SCENES, Shots, shots_in
from compose.brief.shot_lists import Shot
from compose.brief.sounds import quote_use
from compose.brief.subject import HOLDER
from compose.brief.tags import with_commas
from compose.language import TABLES
from core.language.clauses import quotes_of, sentences
from core.language.cleaning import LONGEST_TEXT, one_of
from core.language.phrases import Words, words_of
from core.language.sentences import capital

__all__ = ["LONGEST_TEXT", "MOST_SCENES", "read_brief"]

_TRANSLATED_SUBTITLES = TABLES.phrase_list("doubt", "translated_subtitles")
_MAKES_NO_NOISE = (
    "No tool here makes sounds alone; speech and music are made, and films with sound."
)


def read_brief(text: str) -> Brief:
    """Read what the words ask for. text: any language; what is behind 20,000 characters is cut."""
    whole = words_of(text)
    marked_text = with_commas(with_markers(without_frame(whole)), whole.language)
    words = Words(marked_text, whole.language)
    readings = readings_of(words)
    shots = shots_in(words, readings.telling, readings.count, readings.lengths.seconds)
    shots = _spoken_shots(readings, shots)
    scenes, open_texts = _scenes(readings, shots)
    seconds, scenes = _seconds(readings, shots, scenes)
    scenes, open_texts = _with_cards(readings, scenes, open_texts)
    sound = _sound(readings)
    return Brief(
        text=whole.text,
        words=words.text,
        kind=readings.kind,
        topic=_topic(readings, shots),
        language=words.language,
        scenes=scenes,
        seconds=seconds,
        aspect=readings.format[0] or ("1:1" if readings.kind == "song" and scenes else ""),
        sound=sound,
        style=readings.looks.style or comic_style(words, readings.product),
        camera=readings.looks.camera,
        transition=readings.looks.transition,
        on_the_beat=readings.looks.on_the_beat,
        media=readings.media,
        open_texts=open_texts,
        repeat=readings.repeat,
        choice=readings.wishes.choice,
        edits=_edits(readings),
        max_units=readings.wishes.max_units,
        scene_count=shots.asked,
        on_screen="" if any(readings.sound[1] == one.text for one in scenes) else readings.sound[1],
        name=_name(words),
        is_cheap=readings.wishes.is_cheap,
        sells=sells(words),
        approves_images="film" in readings.wishes.ask_before,
        notes=(*readings.format[1], *_notes(words, shots)),
        unwanted=readings.unwanted,
        is_model=readings.kind == "image" and any(MODELS.find(words)),
        lacks_subject=_lacks_subject(readings, shots, scenes),
        impossible=_impossible(readings, sound),
        stretches=stretches_of(words, readings.claims),
    )


def _spoken_shots(facts: Readings, shots: Shots) -> Shots:
    """Show what is said, a shot for each sentence, where the brief tells nothing else to show."""
    spoken = Words(facts.sound[0].spoken, facts.words.language)
    if facts.telling.scenes or shots.subject.text:
        return shots
    texts = [spoken.source(part.i, part.j) for part in sentences(spoken)][:MOST_SCENES]
    if not texts:
        return shots
    return replace(shots, shots=tuple(Shot(capital(text)) for text in texts), is_open=False)


def _with_cards(
    facts: Readings, scenes: tuple[Scene, ...], texts: tuple[OpenText, ...]
) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    if facts.kind not in ("film", "slideshow"):
        return scenes, texts
    closing = facts.cards.closing
    if facts.cards.open_closing:
        name = facts.cards.open_closing.lower().replace(" ", "_")
        closing = "{" + name + "}"
        label = capital(facts.cards.open_closing)
        title = OpenText(name, label, _name(facts.words), marker=closing)
        texts = (*(one for one in texts if one.name != name), title)
    opening = [Scene(text, "title") for text in (facts.cards.opening,) if text]
    return (*opening, *scenes, *(Scene(text, "title") for text in (closing,) if text)), texts


def _edits(facts: Readings) -> tuple[Edit, ...]:
    aspect = facts.format[0]
    is_cropped = any(edit.type == "crop" for edit in facts.edits)
    if facts.kind != "clip_edit" or not aspect or is_cropped:
        return facts.edits
    return (*facts.edits, Edit("crop", f"Crop to {aspect}", options={"aspect_ratio": aspect}))


def _sound(facts: Readings) -> Sound:
    """Return the sound that the brief names, and what follows of the rest of it."""
    sound = facts.sound[0]
    if sound.speech is None and (
        any(one.name.endswith("voice") for one in facts.media)
        or (facts.repeat and facts.repeat.item_name == "language" and not sound.subtitles)
    ):
        sound = replace(sound, speech=True)
    if (facts.looks.on_the_beat or _is_music_video(facts.words)) and sound.music is None:
        sound = replace(sound, music=True)
    if facts.kind == "clip_edit" and not sound.is_silent and sound.music is None:
        sound = replace(sound, kept=True)
    if facts.kind == "audio":
        is_spoken = sound.speech is not False and (bool(sound.speech) or _is_spoken(facts))
        sound = replace(sound, speech=is_spoken)
    if facts.kind == "song":
        is_sung = bool(facts.product and facts.product.value == "song")
        sound = replace(sound, music=True, lyrics=sound.lyrics or is_sung)
    return sound


def _is_spoken(facts: Readings) -> bool:
    """Return whether what is heard alone can be told by a voice: a story, not a noise."""
    return facts.product is not None and facts.product.value != "noise"


def _impossible(facts: Readings, sound: Sound) -> tuple[str, ...]:
    """Return what no tool does; a noise alone is neither speech nor music."""
    is_noise = facts.kind == "audio" and not (sound.speech or sound.music)
    return (*facts.impossible, _MAKES_NO_NOISE) if is_noise else facts.impossible


def _lacks_subject(facts: Readings, shots: Shots, scenes: Sequence[Scene]) -> bool:
    """Return whether there is nothing to show: no words, no placeholder and no file of the
    person's."""
    if facts.media or facts.open_texts or names_nothing(facts.words):
        return not (facts.media or facts.open_texts)
    if facts.kind == "song":
        return bool(facts.product and facts.product.value == "song" and not shots.subject.text)
    return bool(scenes) and all(
        HOLDER in one.text or (one.type == "title" and one.text.startswith("{")) for one in scenes
    )


def _scenes(facts: Readings, shots: Shots) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    """Return the scenes of this kind of work, and the texts that a person types for them."""
    scene_shots = shots.shots
    if facts.kind in ("clip_edit", "audio"):
        return (), facts.open_texts
    if facts.kind == "photo_edit":
        return _photo_scenes(facts, shots), facts.open_texts
    if facts.kind == "song":
        return _cover(facts, shots)
    if is_before_and_after(facts.media):
        subject = capital(_plain_subject(shots))
        pair_of_texts = before_and_after(subject, facts.words.language)
        pair = tuple(
            Scene(text, media=one.name)
            for text, one in zip(pair_of_texts, facts.media, strict=True)
        )
        return pair, facts.open_texts
    if outfit_texts := worn_outfits(facts):
        if all(shot.i < 0 for shot in scene_shots):
            scene_shots = tuple(Shot(text) for text in outfit_texts)
        elif facts.words.language in ("", "en"):
            scene_shots = tuple(
                replace(
                    shot, text=f"The same person wearing {shot.text[:1].lower()}{shot.text[1:]}"
                )
                for shot in scene_shots
            )
        return _film_scenes(facts, shots, scene_shots)
    if not facts.telling.is_listed and facts.count is None and moves_a_file(facts.words):
        scene_shots = joined_for_picture(facts.media, scene_shots)
    photos = next((one for one in facts.media if one.kind == "image" and one.count > 1), None)
    if photos and len(facts.telling.scenes) < 2 and facts.count is None:
        subject = shots.subject.text
        is_open = not subject or names_nothing(Words(subject, facts.words.language))
        wording = "{name}, slow camera move" if is_open else capital(subject)
        texts = tuple(
            wording.replace("{name}", f"Photo {at + 1}")
            for at in range(min(photos.count, MOST_SCENES))
        )
        return tuple(Scene(text, media=photos.name) for text in texts), facts.open_texts
    return _film_scenes(facts, shots, scene_shots)


def _film_scenes(
    facts: Readings, shots: Shots, scene_shots: tuple[Shot, ...]
) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    texts = list(facts.open_texts)
    scenes: list[Scene] = []
    titles = [shot for shot in scene_shots if shot.is_title]
    for shot in scene_shots[:MOST_SCENES]:
        text = shot.text
        if shot.is_title and not text:
            name = (
                "closing_title"
                if len(titles) > 1 and shot is titles[-1] and len(scene_shots) > 1
                else "title"
            )
            text = "{" + name + "}"
            title = "Closing title" if name == "closing_title" else "Title"
            if not any(one.name == name for one in texts):
                texts.append(OpenText(name, title, _name(facts.words), marker=text))
            else:
                texts = [replace(one, marker=text) if one.name == name else one for one in texts]
        scenes.append(Scene(text, "title" if shot.is_title else "shot", shot.seconds))
    if facts.repeat and facts.repeat.marker:
        scenes = _with_item(scenes, facts.repeat)
    if not scenes:
        scenes = [Scene(HOLDER)]
    if any(HOLDER in scene.text for scene in scenes):
        images = [one for one in facts.media if one.kind == "image" and one.name != "logo"]
        if images:
            scenes = [
                replace(
                    one, text=capital(one.text.replace(HOLDER, f"the {images[0].title.lower()}"))
                )
                for one in scenes
            ]
        else:
            texts.append(OpenText("subject", "What it is about", marker=HOLDER))
    elif shots.is_open and not facts.media and not _holders(facts.open_texts):
        plain = without_article(shots.subject.text)
        if any(plain in scene.text for scene in scenes) and not facts.repeat:
            texts.append(OpenText("subject", "What it is about", plain[:200], marker=plain[:200]))
    first_shots = scene_shots[: len(scenes)] if scene_shots else (Shot(HOLDER),)
    scenes_with_files = with_files(tuple(scenes), first_shots, facts.media, facts.files[1])
    return _asking(scenes_with_files, facts.wishes), tuple(texts)


def _holders(texts: tuple[OpenText, ...]) -> bool:
    return any(one.marker for one in texts)


def _with_item(scenes: list[Scene], repeat: Repeat) -> list[Scene]:
    """Put the item into the texts of the scenes, unless the brief's own placeholder has it."""
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
    positions = set()
    if "last" in wishes.ask_before:
        positions.add(len(scenes) - 1)
    if "first" in wishes.ask_before:
        positions.add(0)
    if "each" in wishes.ask_before:
        positions.update(range(len(scenes)))
    if wishes.asked_scene and wishes.asked_scene <= len(scenes):
        positions.add(wishes.asked_scene - 1)
    return tuple(
        replace(one, ask_before=True) if at in positions else one for at, one in enumerate(scenes)
    )


def _photo_scenes(facts: Readings, shots: Shots) -> tuple[Scene, ...]:
    """Return the one scene of a photo that is made to move; none where it stays an image."""
    if not any(edit.type == "animate" for edit in facts.edits):
        return ()
    name = next(one.name for one in facts.media if one.kind == "image")
    text = shots.subject.text or "The photo comes to life, gentle natural movement"
    return (Scene(capital(shortened(text, 300)), seconds=facts.lengths.seconds, media=name),)


def _cover(facts: Readings, shots: Shots) -> tuple[tuple[Scene, ...], tuple[OpenText, ...]]:
    """Return a song's cover, and the name that the song is about."""
    texts = list(facts.open_texts)
    subject = shots.subject.text
    if not facts.has_cover:
        return (), tuple(texts)
    first, _, rest = subject.partition(" ")
    if first.lower() in one_of("my our mein meine meinen mon ma mi mio mia meu minha"):
        who = rest.split(",")[0].split(" with ")[0].split(" and ")[0]
        texts.append(OpenText("name", f"Name of the {who}"[:60]))
    count = min(facts.count.number, MOST_SCENES) if facts.count else 1
    cover = (
        capital(f"Cover image: {_plain_subject(shots)}")
        if facts.words.language in ("", "en")
        else capital(subject)
    )
    covers = tuple(Scene(cover or "Cover image") for _ in range(count))
    return covers, tuple(texts)


def _plain_subject(shots: Shots) -> str:
    return shots.subject.text or (shots.shots[0].text if shots.shots else "") or "the subject"


def _seconds(
    facts: Readings, shots: Shots, scenes: tuple[Scene, ...]
) -> tuple[float | None, tuple[Scene, ...]]:
    """Return the whole length, and the lengths of the scenes that have one of their own."""
    seconds, length_mentions = facts.lengths.seconds, facts.lengths.said
    scene_shots = shots.shots[: len(scenes)]
    inside: dict[int, float] = {}
    behind = facts.telling.before.j
    for at, shot in enumerate(scene_shots):
        # From the label on: "scene 1 (5 s): a lake".
        own = [
            value
            for i, value in length_mentions
            if shot.i >= 0 and min(behind, shot.i) <= i < shot.j
        ]
        if own:
            inside[at] = own[0]
        behind = max(behind, shot.j)
    if facts.kind != "song" and len(scenes) == len(scene_shots) and len(inside) > 1:
        scenes = tuple(
            replace(scene, seconds=inside.get(at, scene.seconds)) for at, scene in enumerate(scenes)
        )
        outside = [one for i, one in length_mentions if not facts.telling.before.j <= i < behind]
        seconds = outside[0] if outside else None
    if facts.lengths.each is not None and scenes and facts.kind != "photo_edit":
        each = facts.lengths.each
        scenes = tuple(replace(scene, seconds=scene.seconds or each) for scene in scenes)
    has_cards = facts.cards.opening or facts.cards.closing or facts.cards.open_closing
    if seconds is None and not has_cards and scenes and all(scene.seconds for scene in scenes):
        seconds = sum(scene.seconds or 0 for scene in scenes)
    items = facts.repeat.items if facts.repeat else ()
    if items and seconds and any(is_of_each(facts.words, at) for at, _ in length_mentions):
        scenes = tuple(replace(scene, seconds=scene.seconds or seconds) for scene in scenes)
        seconds = seconds * len(items) if len(scenes) == 1 else None
    return seconds, scenes


def _name(words: Words) -> str:
    """Return what the person calls the result: a quotation behind "called"."""
    return next(
        (q.text.strip()[:80] for q in quotes_of(words) if quote_use(words, q) == "name"), ""
    )


def _topic(facts: Readings, shots: Shots) -> str:
    is_edit = facts.kind in ("clip_edit", "photo_edit")
    if is_edit and len(facts.edits) == 1 and facts.edits[0].options.get("result"):
        # "Turn my selfie into a pop art poster" is called "Pop art poster".
        return shortened(facts.edits[0].words, 60)
    if is_edit or not shots.subject.topic:
        return shortened(facts.words.text.split("\n", 1)[0], 60)
    return shots.subject.topic


def _is_music_video(words: Words) -> bool:
    return any(
        (words.at(at) == "music" and words.at(at + 1) in ("video", "clip"))
        or words.at(at) in ("musikvideo", "videoclip")
        for at in range(len(words))
    )


def _notes(words: Words, shots: Shots) -> tuple[str, ...]:
    for match in MODELS.find(words):
        number = words.number(match.i - 1) or 1
        if number > 1:
            return (f"The brief asks for {number:g} 3D models. A draft makes one.",)
    if any(_TRANSLATED_SUBTITLES.find(words)):
        return ("Subtitles are in the language that the voice speaks.",)
    if shots.unnamed:
        return (
            f"The brief doesn't say which “{shots.unnamed}” to show: name one in the text of each.",
        )
    if shots.asked and shots.asked > MOST_SCENES:
        return (f"The brief asks for {shots.asked} shots. A draft has at most {MOST_SCENES}.",)
    return ()
