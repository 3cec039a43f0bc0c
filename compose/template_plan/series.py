"""One thing for each item of a list: a slideshow of places, a film in several languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from compose.brief.brief import Brief, Choice, Repeat, Scene
from compose.brief.nothing import names_nothing
from compose.template_plan.film import film, finished
from compose.template_plan.film_edits import over_background
from compose.template_plan.film_shots import (
    Scale,
    given_media,
    prompt_of,
    scene_texts,
    shots_of_list,
    subjects,
)
from compose.template_plan.open_texts import Roles, listed, roles_of, with_values
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.template_text import (
    capital,
    clean,
    has_letters,
    literal,
    number_word,
    one_line,
)
from compose.template_plan.timing import TRANSITION_S, Timing, split
from core.language.phrases import Words

MOST_ITEMS: Final = 16
_USUAL_ITEMS = 3
_USUAL_ITEM_S = 3.0
_LANGUAGE_WORDS = ("language", "languages", "lang", "sprache", "idioma", "langue", "lingua")
_USUAL_LANGUAGES = ("English", "German", "Spanish", "French", "Italian", "Portuguese")
_LINES: Final = {
    "english": "Look closely. It was made for you. Discover it today.",
    "german": "Sehen Sie genau hin. Das ist für Sie gemacht. Entdecken Sie es heute.",
    "spanish": "Mira de cerca. Está hecho para ti. Descúbrelo hoy.",
    "french": "Regardez de plus près. C'est fait pour vous. Découvrez-le aujourd'hui.",
    "italian": "Guarda da vicino. È fatto per te. Scoprilo oggi.",
    "portuguese": "Veja de perto. Foi feito para si. Descubra hoje.",
}
# Something to see at once where the brief names no items.
_USUAL: Final = {
    "place": (
        "Lisbon, a yellow tram on a steep street",
        "Paris, the Eiffel Tower at dusk",
        "Venice, a gondola on a canal",
        "Kyoto, a temple among red maples",
        "New York, the skyline at night",
        "Cairo, the pyramids in golden light",
        "Cape Town, the mountain above the bay",
        "Sydney, the harbor in the morning",
        "Reykjavik, northern lights over the houses",
        "Rio de Janeiro, the beach at sunset",
        "London, the river in the rain",
        "Istanbul, mosques above the water",
    )
}


def _is_spoken_in_languages(repeat: Repeat) -> bool:
    """Return whether the pictures stay the same, with a voice for each item."""
    return repeat.same_images or repeat.item_name.lower() in _LANGUAGE_WORDS


def series(sk: Skeleton, brief: Brief, repeat: Repeat, scale: Scale) -> None:
    """Add stages that do their work once for each item."""
    if _is_spoken_in_languages(repeat):
        _in_languages(sk, brief, repeat, scale)
    else:
        _items(sk, brief, repeat, scale)


def count_of(repeat: Repeat) -> int:
    count = repeat.count or len(repeat.items) or _USUAL_ITEMS
    return min(max(count, 1), MOST_ITEMS)


def _with_names(repeat: Repeat, brief: Brief) -> Repeat:
    """Show the items' names where subtitles are asked for that no voice speaks."""
    has_silent_subtitles = brief.sound.subtitles and not brief.sound.speech
    return replace(repeat, shows_name=repeat.shows_name or has_silent_subtitles)


def _items(sk: Skeleton, brief: Brief, repeat: Repeat, scale: Scale) -> None:
    repeat = _with_names(repeat, brief)
    quiet = replace(brief.sound, subtitles=brief.sound.subtitles and bool(brief.sound.speech))
    brief = replace(brief, sound=quiet)
    roles = roles_of(brief)
    media_by_name = given_media(sk, brief.media)
    count = count_of(repeat)
    if (repeat.count or len(repeat.items)) > MOST_ITEMS:
        sk.warn(f"A list has at most {MOST_ITEMS} items here.")
    photos = next((each for each in media_by_name.values() if each[0].kind == "image"), None)
    name = one_line(repeat.item_name, 40).lower() or "item"
    if photos and len(photos) > 1:
        over = items = photos[0].every
    else:
        over = items = _list_input(sk, brief, repeat, name, count)
    timing = _timing(brief, len(photos or ()) or count)
    images = None
    if not (photos and len(photos) > 1):
        images = _images(sk, brief, over, name, count)
        over = f"$artifacts.{images.stage}.items"
    if brief.kind == "image":
        if images is None:
            _changed_photos(sk, brief, over, count)
        return
    audio = [medium for each in media_by_name.values() for medium in each if medium.kind == "audio"]
    if scale.stills and images is not None:
        refs = [images.every.replace("[*]", f"[{index}]") for index in range(count)]
        base = over_background(sk, brief, refs, timing)
        finished(sk, brief, roles, [base], Timing((timing.total,), 0.0), (), audio=audio)
        return
    clips = _moving(sk, brief, over, timing, is_file=images is None)
    finished(sk, brief, roles, clips.every, timing, (), audio=audio)
    if repeat.shows_name and images is not None:
        _show_names(sk, items, timing, count)


def _list_input(sk: Skeleton, brief: Brief, repeat: Repeat, name: str, count: int) -> str:
    items = [clean(item, 600) for item in repeat.items if clean(item, 600)][:count]
    [text, *others] = [scene.text for scene in brief.scenes if scene.type == "shot"] or [""]
    words = Words(
        text.replace(repeat.marker, "") if repeat.marker and repeat.marker in text else "",
        brief.language,
    )
    if len(words) and not names_nothing(words) and not (others or repeat.shows_name):
        # What is seen of each: "A door opens: Berlin".
        items = [clean(text.replace(repeat.marker, item), 600) for item in items]
    usual_items = list(_USUAL.get(name.rstrip("s"), ()))
    if not items:
        topic = one_line(brief.topic, 200) or one_line(brief.words, 200) or "A view"
        items = [usual_items[i] if i < len(usual_items) else f"{capital(topic)}, {name} {i + 1}"
                 for i in range(count)]  # fmt: skip
    items += [f"{items[i % len(items)]}, {i + 1}" for i in range(len(items), count)]
    if repeat.shows_name and not repeat.items:
        # What is written on an image is the name alone.
        items = [item.split(",")[0] for item in items]
    plural = _plural(name)
    # A name is shown at its own time, so the list is as long as it was planned.
    bounds = (count, count) if repeat.shows_name else (1, max(MOST_ITEMS, count))
    title = f"{capital(plural)}, in order"
    return sk.input(plural, "text", title, default=items, multiple=bounds)


def _plural(name: str) -> str:
    if name.endswith("s"):
        return name
    is_like_city = name.endswith("y") and name[-2:-1] not in "aeiou"
    return f"{name[:-1]}ies" if is_like_city else f"{name}s"


def _images(sk: Skeleton, brief: Brief, over: str, name: str, count: int) -> Made:
    args: dict[str, Any] = {"prompt": "$item", **size_of(brief.aspect)}
    images = sk.batch(
        "images",
        "Images",
        "generate_image",
        args,
        over=over,
        item_name=_item(name),
        item_label=capital(name),
        count=count,
    )
    if style := one_line(brief.style, 200):
        style_args = {"prompt": literal(capital(style)), "source_image_url": "$item.url"}
        images = sk.batch(
            "styled",
            "In one style",
            "apply_style",
            style_args,
            over=f"$artifacts.{images.stage}.items",
            item_name="image",
            item_label=capital(name),
            count=count,
        )
    return images


def _changed_photos(sk: Skeleton, brief: Brief, over: str, count: int) -> None:
    words = one_line(brief.style, 200) or one_line(brief.topic, 200) or "Clearer, natural colors"
    args = {"prompt": literal(capital(words)), "source_image_url": "$item"}
    sk.batch(
        "images",
        "Images",
        "edit_image",
        args,
        over=over,
        item_name="photo",
        item_label="Photo",
        count=count,
    )


def _moving(sk: Skeleton, brief: Brief, over: str, timing: Timing, *, is_file: bool) -> Made:
    shape: dict[str, Any] = {}
    if brief.aspect:
        shape = {"aspectRatio": brief.aspect} if is_file else dict(size_of(brief.aspect))
    return shots_of_list(
        sk,
        brief,
        over,
        "$item" if is_file else "$item.url",
        count=len(timing.shots),
        seconds=timing.shots[0],
        shape=shape,
    )


def _show_names(sk: Skeleton, items: str, timing: Timing, count: int) -> None:
    """Show each item's name over its part of the film. items: the binding of their list."""
    stage = sk.stages[-1]
    overlays = [
        {
            "kind": "text",
            "text": f"{items}[{index}]",
            "position": "bottom-center",
            "fontSizePct": 6,
            "startSeconds": round(start + 0.4, 2),
            "endSeconds": round(start + timing.shots[index] - timing.transition, 2),
        }
        for index, start in enumerate(timing.starts()[:count])
    ]
    args = {
        "reference_video_url": f"$artifacts.{stage['id']}.items[0].selectedVersion.url",
        "overlays": overlays,
    }
    sk.stage("with_names", "With names", "overlay_video", args, kind="video", seconds=timing.total)


def _timing(brief: Brief, over_time: int) -> Timing:
    each = next((scene.seconds for scene in brief.scenes if scene.seconds), None)
    total = brief.seconds or (each or _USUAL_ITEM_S) * over_time
    transition = TRANSITION_S if over_time > 1 else 0.0
    timing = split([None] * over_time, total, transition=transition)
    # Every item has the same length: a batch is one call repeated.
    same = round(sum(timing.shots) / over_time, 2)
    return Timing((same,) * over_time, timing.transition)


def _item(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name) or "item"


def chosen_film(sk: Skeleton, brief: Brief, choice: Choice) -> None:
    """Let the person choose images, and make a film of them."""
    roles = roles_of(brief)
    media_by_name = given_media(sk, brief.media)
    selection = chosen_images(sk, brief, choice, roles, media_by_name)
    timing = _timing(brief, selection.count)
    clips = takes(sk, brief, selection, timing.shots[0])
    audio = [medium for each in media_by_name.values() for medium in each if medium.kind == "audio"]
    finished(sk, brief, roles, clips.every, timing, (), audio=audio)


def _in_languages(sk: Skeleton, brief: Brief, repeat: Repeat, scale: Scale) -> None:
    """Add one film without a voice, then a voice and a film for each language."""
    count = count_of(repeat)
    quiet = replace(brief.sound, speech=None, subtitles=False)
    film(sk, replace(brief, sound=quiet, repeat=None), scale)
    pictures = sk.stages[-1]
    roles: Roles = roles_of(brief)
    languages = [one_line(item, 40) for item in repeat.items] or list(_USUAL_LANGUAGES)
    film_languages = (languages + [x for x in _USUAL_LANGUAGES if x not in languages])[:count]
    lines = _lines(brief, film_languages)
    open_text = roles.take("voice")
    title = f"What the voice says, one text for each language: {', '.join(film_languages)}"
    texts = sk.input(
        open_text.name if open_text else "narrations",
        "text",
        open_text.title if open_text else title,
        default=lines,
        multiple=(1, max(6, count)),
    )
    args: dict[str, Any] = {"prompt": "$item"}
    if words := one_line(brief.sound.voice_words, 400):
        args["voiceDescription"] = words
    voices = sk.batch(
        "voices",
        "Voices",
        "generate_speech",
        args,
        over=texts,
        item_name="text",
        item_label="Language",
        count=count,
        kind="audio",
    )
    stitch_args = {
        "reference_video_urls": [f"$artifacts.{pictures['id']}.items[0].selectedVersion.url"],
        "reference_audio_url": "$item.url",
    }
    if brief.sound.music or brief.sound.kept:
        stitch_args["keepSourceAudio"] = True  # type: ignore[assignment]
    sk.batch(
        "films",
        "Films",
        "stitch_video",
        stitch_args,
        over=f"$artifacts.{voices.stage}.items",
        item_name="voice",
        item_label="Language",
        count=count,
        kind="video",
    )


def _lines(brief: Brief, languages: Sequence[str]) -> list[str]:
    text = clean(brief.sound.spoken, 2_000) if has_letters(brief.sound.spoken) else ""
    return [text or _LINES.get(language.lower(), _LINES["english"]) for language in languages]


LOOKS: Final = (
    "as a watercolor painting",
    "as a comic book drawing",
    "as a black and white film noir photograph",
    "as an oil painting with thick brush strokes",
    "as a woodblock print",
    "as pixel art",
    "as a pencil drawing",
    "as a stained glass window",
)


def chosen_images(
    sk: Skeleton, brief: Brief, choice: Choice, roles: Roles, media_by_name: dict[str, list[Made]]
) -> Made:
    """Add the candidates and the choice among them: `pick` images."""
    count = min(max(choice.candidates, 2), 16)
    pick = min(max(choice.pick, 1), count)
    scenes = list(brief.scenes) or [Scene(brief.topic)]
    photo = next((media[0] for media in media_by_name.values() if media[0].kind == "image"), None)
    differ = len(scenes) == count == len({scene.text for scene in scenes})
    # Candidates of one thing: the first text says what all of them show.
    scenes = scenes if differ else scenes[:1]
    texts = scene_texts(brief, scenes)
    if differ:
        texts = [capital(with_values(brief, text)) for text in texts]
    if photo is not None:
        size = size_of(brief.aspect) if brief.aspect else {}
        args = {"prompt": "$item", "source_image_url": photo.ref, **size}
        media = _one_for_each(sk, "look", "edit_image", args, texts if differ else _looks(count))
    elif differ:
        args = {"prompt": "$item", **size_of(brief.aspect)}
        media = _one_for_each(sk, "candidate", "generate_image", args, texts)
    else:
        bindings = subjects(sk, roles, scenes, texts)
        prompt = bindings[0][0] if bindings else prompt_of(with_values(brief, texts[0]))
        args = {"prompt": prompt, "numberOfVariations": count, **size_of(brief.aspect)}
        media = sk.stage("candidates", "Candidates", "generate_image", args, count=count)
    return sk.select("choice", "Your choice", f"Choose {number_word(pick)}.", media, pick)


def takes(sk: Skeleton, brief: Brief, chosen: Made, seconds: float) -> Made:
    """Return what was chosen, in motion."""
    over = f"$artifacts.{chosen.stage}.items"
    return shots_of_list(sk, brief, over, "$item.url", count=chosen.count, seconds=seconds)


def _one_for_each(
    sk: Skeleton, each: str, tool: str, args: dict[str, Any], texts: Sequence[str]
) -> Made:
    """Add one image for each text, which the person can change. each: what an image is."""
    return sk.batch(
        f"{each}s",
        f"{capital(each)}s",
        tool,
        args,
        over=listed(sk, each, texts),
        item_name="text",
        item_label=capital(each),
        count=len(texts),
    )


def _looks(count: int) -> list[str]:
    return [f"The same person {LOOKS[index % len(LOOKS)]}" for index in range(count)]
