"""One thing for each item of a list: a slideshow of places, a film in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from compose.plan import ChoicePlan, Plan, RepeatPlan
from compose.template_plan.film import film, finish, over_background
from compose.template_plan.film_shots import Scale, scene_texts, silence, subjects
from compose.template_plan.open_texts import Roles, declare_list, roles_of, with_values
from compose.template_plan.presets import shot_of, with_fields
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import EXAMPLE_LINE, motion_prompt, narration
from compose.template_plan.template_text import (
    capital,
    clean,
    has_letters,
    literal,
    number_word,
    one_line,
)
from compose.template_plan.timing import TRANSITION_S, Timing, split

MOST_ITEMS: Final = 16
_USUAL_ITEMS = 3
_USUAL_ITEM_S = 3.0
_LANGUAGE_WORDS = ("language", "languages", "lang", "sprache", "idioma", "langue", "lingua")
_USUAL_LANGUAGES = ("English", "German", "Spanish", "French", "Italian", "Portuguese")


def series(sk: Skeleton, plan: Plan, repeat: RepeatPlan, scale: Scale) -> None:
    """Add stages that do their work once for each item."""
    if repeat.same_images or repeat.item_name.lower() in _LANGUAGE_WORDS:
        _in_languages(sk, plan, repeat, scale)
    else:
        _items(sk, plan, repeat, scale)


def count_of(repeat: RepeatPlan) -> int:
    count = repeat.count or len(repeat.items) or _USUAL_ITEMS
    return min(max(count, 1), MOST_ITEMS)


def _items(sk: Skeleton, plan: Plan, repeat: RepeatPlan, scale: Scale) -> None:
    if plan.sound.subtitles and not plan.sound.speech:
        # Subtitles that no voice speaks are the items' names.
        repeat = with_fields(repeat, shows_name=True)
        plan = with_fields(plan, sound=with_fields(plan.sound, subtitles=False))
    roles = roles_of(plan)
    sk.bring(plan.media)
    count = count_of(repeat)
    if (repeat.count or len(repeat.items)) > MOST_ITEMS:
        sk.warn(f"A list has at most {MOST_ITEMS} items here.")
    photos = next((each for each in sk.media.values() if each[0].kind == "image"), None)
    name = one_line(repeat.item_name, 40).lower() or "item"
    timing = _timing(plan, len(photos or ()) or count)
    images = None
    if photos and len(photos) > 1:
        over = items = photos[0].every
    else:
        items = _list_input(sk, plan, repeat, name, count)
        images = _images(sk, plan, items, name)
        over = f"$artifacts.{images.stage}.items"
    if plan.kind == "image":
        if images is None:
            words = one_line(plan.style, 200) or one_line(plan.title, 200)
            prompt = literal(capital(words or "Clearer, natural colors"))
            args = {"prompt": prompt, "source_image_url": "$item"}
            sk.batch("images", "edit_image", args, over, item=("photo", "Photo"))
        return
    if scale.stills and images is not None:
        refs = [images.every.replace("[*]", f"[{index}]") for index in range(count)]
        base = over_background(sk, plan, refs, timing)
        finish(sk, plan, roles, [base], timing)
        return
    shape = {"aspectRatio": plan.aspect} if images is None else size_of(plan.aspect)
    image = "$item" if images is None else "$item.url"
    clips = _moving(sk, plan, over, timing, shape if plan.aspect else {}, image)
    whole = finish(sk, plan, roles, clips.every, timing)
    if repeat.shows_name and images is not None:
        _show_names(sk, whole, items, timing, count)


def _list_input(sk: Skeleton, plan: Plan, repeat: RepeatPlan, name: str, count: int) -> str:
    items = [clean(item, 600) for item in repeat.items if clean(item, 600)][:count]
    [text, *others] = [scene.text for scene in plan.scenes if scene.type == "shot"] or [""]
    marker = f"{{{repeat.item_name}}}"
    around = text.replace(marker, "") if marker in text else ""
    if has_letters(around) and not (others or repeat.shows_name):
        # What is seen of each: "A door opens: Berlin".
        items = [clean(text.replace(marker, item), 600) for item in items]
    if not items:
        # What is written on an image is the name alone.
        topic = "" if repeat.shows_name else f"{one_line(plan.title, 200) or 'A view'}, "
        items = [capital(f"{topic}{name} {number}") for number in range(1, count + 1)]
    items += [f"{items[i % len(items)]}, {i + 1}" for i in range(len(items), count)]
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


def _images(sk: Skeleton, plan: Plan, over: str, name: str) -> Made:
    args: dict[str, Any] = {"prompt": "$item", **size_of(plan.aspect)}
    item = "".join(c if c.isalnum() and c.isascii() else "_" for c in name) or "item"
    images = sk.batch("images", "generate_image", args, over, item=(item, capital(name)))
    if style := one_line(plan.style, 200):
        args = {"prompt": literal(capital(style)), "source_image_url": "$item.url"}
        item_names, over = ("image", capital(name)), f"$artifacts.{images.stage}.items"
        label = "In one style"
        return sk.batch("styled", "apply_style", args, over, item=item_names, label=label)
    return images


def _moving(
    sk: Skeleton,
    plan: Plan,
    over: str,
    timing: Timing,
    shape: Mapping[str, Any],
    image: str = "$item.url",
) -> Made:
    """Move every image of a list, as one batch. over: the binding of the list; image: that of
    one item's image. shape: the arguments for the videos' size."""
    seconds = timing.shots[0]
    args = {"prompt": motion_prompt(plan), "reference_image_url": image, "duration": seconds}
    args |= {**shape, **silence(plan)}
    item = ("image", "Shot")
    return sk.batch("shots", "animate_photo", args, over, item=item, seconds=seconds)


def _show_names(sk: Skeleton, whole: Made, items: str, timing: Timing, count: int) -> None:
    """Show each item's name over its part of the film. items: the binding of their list."""
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
    args = {"reference_video_url": whole.ref, "overlays": overlays}
    sk.stage("with_names", "overlay_video", args, seconds=timing.total)


def _timing(plan: Plan, over_time: int) -> Timing:
    each = next((scene.seconds for scene in plan.scenes if scene.seconds), None)
    total = plan.seconds or (each or _USUAL_ITEM_S) * over_time
    transition = TRANSITION_S if over_time > 1 else 0.0
    timing = split([None] * over_time, total, transition=transition)
    # Every item has the same length: a batch is one call repeated.
    same = round(sum(timing.shots) / over_time, 2)
    return Timing((same,) * over_time, timing.transition)


def chosen_film(sk: Skeleton, plan: Plan, choice: ChoicePlan) -> None:
    """Let the person choose images, and make a film of them."""
    roles = roles_of(plan)
    selection = chosen_images(sk, plan, choice, roles)
    timing = _timing(plan, choice.pick)
    clips = _moving(sk, plan, f"$artifacts.{selection.stage}.items", timing, {})
    finish(sk, plan, roles, clips.every, timing)


def _in_languages(sk: Skeleton, plan: Plan, repeat: RepeatPlan, scale: Scale) -> None:
    """Add one film without a voice, then a voice and a film for each language."""
    count = count_of(repeat)
    quiet = with_fields(plan.sound, speech=None, subtitles=False)
    pictures = film(sk, with_fields(plan, sound=quiet, repeat=None), scale)
    roles = roles_of(plan)
    languages = [one_line(item, 40) for item in repeat.items] or list(_USUAL_LANGUAGES)
    film_languages = (languages + [x for x in _USUAL_LANGUAGES if x not in languages])[:count]
    lines = [narration(plan) or EXAMPLE_LINE] * count
    open_text = roles.take("voice")
    title = f"What the voice says, one text for each language: {', '.join(film_languages)}"
    texts = sk.input(
        open_text.name if open_text else "narrations",
        "text",
        open_text.title if open_text else title,
        default=lines,
        multiple=(1, max(6, count)),
    )
    args = {"prompt": "$item", "voiceDescription": one_line(plan.sound.voice_words, 400) or None}
    voices = sk.batch("voices", "generate_speech", args, texts, item=("text", "Language"))
    stitch_args = {
        "reference_video_urls": [pictures.ref],
        "reference_audio_url": "$item.url",
        "keepSourceAudio": plan.sound.music or plan.sound.keep_original or None,
    }
    over = f"$artifacts.{voices.stage}.items"
    sk.batch("films", "stitch_video", stitch_args, over, item=("voice", "Language"))


def chosen_images(sk: Skeleton, plan: Plan, choice: ChoicePlan, roles: Roles) -> Made:
    """Add the candidates and the choice among them: `pick` images."""
    sk.bring(plan.media)
    count, pick = choice.candidates, choice.pick
    scenes = list(plan.scenes) or [shot_of(plan.title)]
    photo = next(iter(sk.files("image")), None)
    differ = len(scenes) == count == len({scene.text for scene in scenes})
    # Candidates of one thing: the first text says what all of them show.
    scenes = scenes if differ else scenes[:1]
    texts = scene_texts(plan, scenes)
    args: dict[str, Any] = {}
    if photo is not None:
        args["source_image_url"] = photo.ref
    if plan.aspect or photo is None:
        args |= size_of(plan.aspect)
    tool = "generate_image" if photo is None else "edit_image"
    if differ:
        over = declare_list(sk, "candidate", [capital(with_values(plan, one)) for one in texts])
        args, item = {"prompt": "$item", **args}, ("text", "Candidate")
        media = sk.batch("candidates", tool, args, over, item=item)
    else:
        bindings = subjects(sk, roles, scenes, texts)
        prompt = bindings[0][0] if bindings else literal(with_values(plan, texts[0]))
        args = {"prompt": prompt, "numberOfVariations": count, **args}
        media = sk.stage("candidates", tool, args)
    return sk.select("choice", "Your choice", f"Choose {number_word(pick)}.", media, pick)
