"""A film: new images or the person's own that move, title cards, sound, joined; films of images
that do not move, each shown for its time; and what is done to a film once it is made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final

from compose.plan import Plan, Shot
from compose.template_plan.film_shots import (
    BLACK,
    Camera,
    Scale,
    black_video,
    scene_texts,
    shared_results,
    subjects,
    title_text,
)
from compose.template_plan.media_edit_chain import Chain
from compose.template_plan.open_texts import Placeholders, Roles, roles_of, with_values
from compose.template_plan.presets import shot_of, with_fields
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import (
    add_subtitles,
    is_recording,
    join,
    motion_prompt,
    music,
    narration,
    scene_cues,
    voice,
)
from compose.template_plan.template_text import clean, literal, one_line
from compose.template_plan.timing import (
    LONGEST_SHOT_S,
    SHORTEST_SHOT_S,
    SHORTEST_VIDEO_S,
    TRANSITION_S,
    Timing,
    split,
    spoken_seconds,
)

_CARD_S = 3.0
# What a plan can ask for on a film that is made new.
_ON_A_FILM: Final = ("overlay", "upscale", "loop", "extend", "analyze", "crop")
_STILLS: Final = ("generate_image", "edit_image")
_MOVING_TOOLS: Final = ("animate_photo", "generate_video")


def film(sk: Skeleton, plan: Plan, scale: Scale) -> Made:
    """Add a film. Every shot is a stage of its own, so that each can be redone."""
    roles = roles_of(plan)
    sk.bring(plan.media)
    scenes = with_media(plan.scenes or [shot_of(plan.title)], sk.media)
    timing = timing_of(plan, scenes, scale)
    if plan.seconds and not 0.8 <= timing.total / plan.seconds <= 1.2:
        shots = "1 shot" if len(scenes) == 1 else f"{len(scenes)} shots"
        sk.warn(
            f"The film lasts {timing.total:g} s instead of {plan.seconds:g} s, with {shots} of"
            f" at least {SHORTEST_SHOT_S:g} s and at most {LONGEST_SHOT_S:g} s."
        )
    placeholders = Placeholders(sk, plan, size_of(plan.aspect))
    if any(placeholders.named_in(scene.text) for scene in scenes if scene.type == "shot"):
        # They are drawn first, for images that are made of them.
        scale = replace(scale, direct=False, stills=False)
    if scale.stills:
        clips = [film_of_stills(sk, plan, scene_texts(plan, scenes), timing)]
    else:
        # A video that names no image would take the person's photo.
        scale = replace(scale, direct=scale.direct and not sk.files("image"))
        camera = Camera(sk, with_fields(plan, scenes=scenes), scale)
        clips = _clips(camera, roles, timing, placeholders)
    texts = [with_values(plan, scene.text) for scene in scenes]
    return finish(sk, plan, roles, clips, timing, texts)


def with_media(scenes: Sequence[Shot], media_by_name: Mapping[str, Sequence[Made]]) -> list[Shot]:
    """Return scenes, each with the file it starts from; files that no scene names are spread."""
    visual = {name: media for name, media in media_by_name.items() if media[0].kind != "audio"}
    others = {"logo", *(scene.uses for scene in scenes)}
    names_to_spread = [name for name in visual if name not in others for _ in visual[name]]
    scenes = [s if s.uses in visual else with_fields(s, uses="") for s in scenes]
    # One photo and several scenes without a file: it is the subject of them all.
    if len(names_to_spread) == 1 and visual[names_to_spread[0]][0].kind == "image":
        names_to_spread = names_to_spread * sum(s.type == "shot" and not s.uses for s in scenes)
    scenes_with_media = []
    for scene in scenes:
        if names_to_spread and scene.type == "shot" and not scene.uses:
            scene = with_fields(scene, uses=names_to_spread.pop(0))
        scenes_with_media.append(scene)
    return scenes_with_media + [shot_of("", name) for name in names_to_spread]


def timing_of(plan: Plan, scenes: Sequence[Shot], scale: Scale) -> Timing:
    """Return each scene's seconds: no voice is cut off where the plan leaves the length open."""
    card = _CARD_S if any(scene.type == "shot" for scene in scenes) else None
    lengths = [scene.seconds or (card if scene.type == "title" else None) for scene in scenes]
    total = plan.seconds
    if total is None and not all(scene.seconds for scene in scenes):
        text = narration(plan)
        speech_seconds = spoken_seconds(text) + 1.0 if plan.sound.speech and text else 0.0
        usual = sum(seconds or 4.0 for seconds in lengths) if len(scenes) > 1 else 5.0
        total = max(speech_seconds, usual)
    elif total is not None and total < 2.5 * len(scenes):
        lengths = [scene.seconds for scene in scenes]
    transition = TRANSITION_S if plan.transition and len(scenes) > 1 else 0.0
    least = [
        SHORTEST_VIDEO_S if scale.direct or scene.type == "title" else SHORTEST_SHOT_S
        for scene in scenes
    ]
    return split(lengths, total, transition=transition, on_the_beat=plan.on_the_beat, least=least)


def _clips(camera: Camera, roles: Roles, timing: Timing, placeholders: Placeholders) -> list[Made]:
    sk, plan, scenes = camera.sk, camera.plan, camera.plan.scenes
    texts = scene_texts(plan, scenes)
    bindings = subjects(sk, roles, scenes, texts)
    direct = camera.scale.direct
    shared = shared_results(sk, plan, bindings, timing.shots if direct else None)
    styled_images: dict[str, Made] = {}
    uses = Counter(scene.uses for scene in scenes if scene.uses)
    turn: Counter[str] = Counter()
    clips: list[Made] = []
    cards: dict[float, Made] = {}
    shot = title = 0
    for index, (scene, text, seconds) in enumerate(zip(scenes, texts, timing.shots, strict=True)):
        after = _asked_before(sk, scene, clips)
        if scene.type == "title":
            title += 1
            if seconds not in cards:
                cards[seconds] = camera.black(seconds)
            words = title_text(sk, plan, roles, scene)
            clips.append(camera.card(title, cards[seconds], words, after=after))
            continue
        shot += 1
        source = None
        if scene.uses:
            source = sk.media[scene.uses][turn[scene.uses] % len(sk.media[scene.uses])]
            turn[scene.uses] += 1
        if source is not None and source.kind == "video":
            clips.append(source)
            continue
        about = with_values(plan, scene.text)
        image = placeholders.image(f"image_{shot}", text, photo=source, after=after)
        if image is not None:
            clips.append(camera.moving(shot, about, seconds, image))
            continue
        if source is not None and uses[scene.uses] > len(sk.media[scene.uses]):
            # One photo in several scenes: each shows its subject in another place.
            place = with_values(plan, text)
            place = f"{place[:1].lower()}{place[1:]}"
            prompt = clean(f"Replace the background with {place}, keep the subject")
            source, after = camera.still(shot, prompt, source=source, after=after), ""
        elif source is not None and plan.style.strip():
            if source.ref not in styled_images:
                styled_images[source.ref] = camera.in_style(source)
            source = styled_images[source.ref]
        if direct and index in shared:
            clips.append(shared[index])
            continue
        if source is None:
            source = shared.get(index)
        prompt = bindings[index][0] if index in bindings else literal(text)
        if source is None and direct:
            motion = prompt if index in bindings else motion_prompt(plan, text)
            clips.append(camera.generate(shot, motion, seconds, after=after))
            continue
        if source is None:
            source, after = camera.still(shot, prompt, after=after), ""
        binding, own = bindings.get(index, ("", []))
        if len(own) > 1:
            binding = f"{binding}[{own.index(index)}]"
        clips.append(camera.moving(shot, about, seconds, source, after=after, binding=binding))
    return clips


def _asked_before(sk: Skeleton, scene: Shot, clips: Sequence[Made]) -> str:
    """Return the artifact to wait for: what came before the scene, once the person approves it."""
    if not scene.ask_before or not clips or not clips[-1].stage:
        return ""
    sk.checkpoint(clips[-1].stage)
    return clips[-1].stage


def finish(
    sk: Skeleton,
    plan: Plan,
    roles: Roles,
    clips: Sequence[Made] | str,
    timing: Timing,
    texts: Sequence[str] = (),
) -> Made:
    """Join the clips with their sound and subtitles, and return the film. texts: of the scenes."""
    sound = plan.sound
    tracks = sk.files("audio")[:1]
    speaks = bool(tracks) and is_recording(tracks[0])
    effect = one_line(sound.effect_words, 200)
    if effect and not sound.music and not tracks:
        sk.warn(f"No tool makes sound effects, so “{effect}” is the prompt of a piece of music.")
        plan = with_fields(plan, sound=with_fields(sound, music=True, music_words=effect))
    if plan.sound.music and (speaks or not tracks):
        tracks.insert(0, music(sk, plan, roles, timing.total, bpm=timing.bpm))
    speech = None
    if sound.speech and not speaks:
        speech = voice(sk, plan, roles, timing.total)
        tracks.append(speech)
    look = None
    if not isinstance(clips, str) and any(not clip.stage for clip in clips) and len(clips) > 1:
        # The person's own videos have shapes of their own.
        look = {"aspectRatio": plan.aspect or "16:9", "fit": "blur"}
    sk.seconds = timing.total
    joined_film = join(sk, plan, clips, timing, audio=tracks, look=look)
    if not sound.subtitles:
        return joined_film
    cues = scene_cues(texts, timing) if speech is None else f"$artifacts.{speech.stage}.cues"
    if cues:
        return add_subtitles(sk, joined_film, cues)
    sk.warn("There are no words to show as subtitles: say what a voice reads.")
    return joined_film


def on_the_film(sk: Skeleton, plan: Plan) -> None:
    """Add operations on a film of new shots: a logo, words over it, a larger size."""
    edits = [edit for edit in plan.edits if edit.type in _ON_A_FILM]
    last = sk.stages[-1] if sk.stages else {}
    if not (edits or plan.on_screen.strip()) or last.get("type") != "fixed":
        return
    head = Made("video", f"$artifacts.{last['id']}.items[0].selectedVersion.url", None, last["id"])
    chain = Chain(sk, plan, Roles(), head, [])
    if plan.on_screen.strip():
        chain.caption(plan.on_screen)
    for edit in edits:
        chain.do(edit)


def approve_images(sk: Skeleton) -> None:
    """Let the person look at all images once, before any of them moves."""
    stills = [stage for stage in sk.stages if _call(stage).get("tool") in _STILLS]
    clips = [stage for stage in sk.stages if _call(stage).get("tool") in _MOVING_TOOLS]
    if not stills or not clips:
        return
    last = stills[-1]
    last["checkpointRequired"] = True
    # A black video behind an image would take it as its first frame.
    black = [*takewhile(_is_black_video, sk.stages)]
    others = [stage for stage in sk.stages[len(black) :] if stage not in stills]
    sk.stages[:] = [*black, *stills, *others]
    prerequisites = _taken_from(stills)
    for stage in clips:
        if stage["type"] == "fixed" and "reference_image_url" in stage["args"]:
            image = stage["args"]["reference_image_url"].removeprefix("$artifacts.")
            requirements = stage.setdefault("requiredArtifactsIn", [])
            for name in (last["id"], *prerequisites.get(image.partition(".")[0], ())):
                if name not in requirements:
                    requirements.append(name)


def _is_black_video(stage: dict[str, Any]) -> bool:
    call = _call(stage)
    return call.get("tool") == "generate_video" and call.get("args", {}).get("prompt") == BLACK


def _taken_from(stills: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Take from images what they waited for, by image: they come first now, so their clips wait."""
    own = {stage["id"] for stage in stills}
    prerequisites: dict[str, list[str]] = {}
    for stage in stills:
        names = stage.pop("requiredArtifactsIn", [])
        prerequisites[stage["id"]] = [name for name in names if name not in own]
        if remaining := [name for name in names if name in own]:
            stage["requiredArtifactsIn"] = remaining
    return prerequisites


def _call(stage: dict[str, Any]) -> dict[str, Any]:
    call: dict[str, Any] = stage.get("itemStage") or stage
    return call


def film_of_stills(sk: Skeleton, plan: Plan, texts: Sequence[str], timing: Timing) -> Made:
    """Lay images over one background, each for its time."""
    size = size_of(plan.aspect)
    refs = []
    for number, text in enumerate(texts, 1):
        args = {"prompt": literal(text), **size}
        refs.append(sk.stage(f"image_{number}", "generate_image", args).ref)
    return over_background(sk, plan, refs, timing)


def over_background(sk: Skeleton, plan: Plan, images: Sequence[str], timing: Timing) -> Made:
    """Show the images one after another over a video that is as long as all of them."""
    total = timing.total
    parts = math.ceil(total / LONGEST_SHOT_S)
    seconds = max(2.0, round(total / parts, 2))
    base = black_video(sk, plan, "background", seconds)
    if parts > 1:
        stitch_args = {"reference_video_urls": [base.ref] * parts}
        base = sk.stage("long_background", "stitch_video", stitch_args)
    overlays = [
        {
            "kind": "image",
            "position": "center",
            "widthPct": 100,
            "fit": "cover",
            "startSeconds": start,
            "endSeconds": round(start + seconds, 2),
            "entrance": "fade",
            "fadeSeconds": 0.5,
        }
        for start, seconds in zip(timing.starts(), timing.shots, strict=True)
    ]
    overlay_args = {
        "reference_video_url": base.ref,
        "overlay_image_urls": list(images),
        "overlays": overlays,
    }
    return sk.stage("slideshow", "overlay_video", overlay_args, seconds=total)
