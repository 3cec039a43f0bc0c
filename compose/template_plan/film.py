"""A film: new images or the person's own that move, title cards, sound, joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from compose.brief.brief import Brief, Scene
from compose.template_plan.film_edits import film_of_stills
from compose.template_plan.film_shots import (
    Camera,
    Scale,
    another_place,
    given_media,
    overlaid_media,
    prompt_of,
    scene_texts,
    shared_images,
    subjects,
    title_text,
)
from compose.template_plan.open_texts import Placeholders, Roles, roles_of, with_values
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import (
    is_recording,
    joined,
    motion_prompt,
    music,
    narration,
    scene_cues,
    subtitled,
    voice,
)
from compose.template_plan.template_text import one_line
from compose.template_plan.timing import (
    LONGEST_SHOT_S,
    SHORTEST_SHOT_S,
    SHORTEST_VIDEO_S,
    TRANSITION_S,
    Timing,
    split,
    spoken_seconds,
    takes_of,
)

_CARD_S = 3.0


def film(sk: Skeleton, brief: Brief, scale: Scale) -> None:
    """Add the stages of a film. Every shot is a stage of its own, so that each can be redone."""
    roles = roles_of(brief)
    media_by_name = given_media(sk, brief.media)
    scene_list = list(brief.scenes) if scale.as_listed and brief.scenes else scenes_of(brief)
    scenes = with_media(brief, scene_list, media_by_name)
    timing = timing_of(brief, scenes, scale)
    if brief.seconds and not 0.8 <= timing.total / brief.seconds <= 1.2:
        shots = "1 shot" if len(scenes) == 1 else f"{len(scenes)} shots"
        sk.warn(
            f"The film lasts {timing.total:g} s instead of {brief.seconds:g} s, with {shots} of"
            f" at least {SHORTEST_SHOT_S:g} s and at most {LONGEST_SHOT_S:g} s."
        )
    audio = [one for each in media_by_name.values() for one in each if one.kind == "audio"]
    placeholders = Placeholders(sk, brief, size_of(brief.aspect))
    if any(placeholders.named_in(scene.text) for scene in scenes if scene.type == "shot"):
        # They are drawn first, for images that are made of them.
        scale = replace(scale, direct=False, stills=False)
    if scale.stills:
        film_of_stills(sk, brief, roles, scene_texts(brief, scenes), timing, audio)
        return
    if any(one[0].kind == "image" for one in media_by_name.values()):
        # A video that names no image would take the person's photo.
        scale = replace(scale, direct=False)
    camera = Camera(sk, replace(brief, scenes=tuple(scenes)), scale)
    clips = _clips(sk, brief, roles, scenes, timing, camera, media_by_name, placeholders)
    plain = [replace(scene, text=with_values(brief, scene.text)) for scene in scenes]
    finished(sk, brief, roles, clips, timing, plain, audio=audio)


def scenes_of(brief: Brief) -> list[Scene]:
    """Return the brief's scenes; a long film of one scene becomes several shots of it."""
    scenes = list(brief.scenes) or [Scene(brief.topic)]
    if len(scenes) == 1 and scenes[0].type == "shot" and not scenes[0].media:
        takes = takes_of(scenes[0].seconds or brief.seconds or 0.0)
        scenes = [replace(scenes[0], seconds=None)] * takes if takes > 1 else scenes
    return scenes


def with_media(
    brief: Brief, scenes: Sequence[Scene], media_by_name: Mapping[str, Sequence[Made]]
) -> list[Scene]:
    """Return scenes, each with the file it starts from; files that no scene names are spread."""
    scene_media = {scene.media for scene in scenes}
    overlays = {name for name in media_by_name if name in overlaid_media(brief)}
    free = [
        name
        for name, media in media_by_name.items()
        if name not in scene_media | overlays | {"logo"} and media[0].kind in ("image", "video")
    ]
    names_to_spread = [name for name in free for _ in media_by_name[name]]
    visual_names = {
        name for name, media in media_by_name.items() if media[0].kind in ("image", "video")
    }
    scenes = [s if s.media in visual_names else replace(s, media="") for s in scenes]
    # One photo and several scenes without a file: it is the subject of them all.
    if len(names_to_spread) == 1 and media_by_name[names_to_spread[0]][0].kind == "image":
        names_to_spread = names_to_spread * sum(s.type == "shot" and not s.media for s in scenes)
    scenes_with_media = []
    for scene in scenes:
        if names_to_spread and scene.type == "shot" and not scene.media:
            scene = replace(scene, media=names_to_spread.pop(0))
        scenes_with_media.append(scene)
    return scenes_with_media + [Scene("", media=name) for name in names_to_spread]


def timing_of(brief: Brief, scenes: Sequence[Scene], scale: Scale) -> Timing:
    """Return each scene's seconds: no voice is cut off where the brief leaves the length open."""
    lengths = [s.seconds or (_CARD_S if s.type == "title" and _some_shots(scenes) else None)
               for s in scenes]  # fmt: skip
    total = brief.seconds
    if total is None and not all(scene.seconds for scene in scenes):
        speech_seconds = spoken_seconds(narration(brief)) + 1.0 if brief.sound.speech else 0.0
        usual = sum(seconds or 4.0 for seconds in lengths) if len(scenes) > 1 else 5.0
        total = max(speech_seconds, usual)
    elif total is not None and total < 2.5 * len(scenes):
        lengths = [scene.seconds for scene in scenes]
    transition = TRANSITION_S if brief.transition and len(scenes) > 1 else 0.0
    least = [
        SHORTEST_VIDEO_S if scale.direct or scene.type == "title" else SHORTEST_SHOT_S
        for scene in scenes
    ]
    return split(lengths, total, transition=transition, on_the_beat=brief.on_the_beat, least=least)


def _some_shots(scenes: Sequence[Scene]) -> bool:
    return any(scene.type == "shot" for scene in scenes)


def _clips(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    scenes: Sequence[Scene],
    timing: Timing,
    camera: Camera,
    media_by_name: Mapping[str, Sequence[Made]],
    placeholders: Placeholders,
) -> list[Made]:
    texts = scene_texts(brief, scenes)
    bindings = subjects(sk, roles, scenes, texts)
    shared = shared_images(sk, brief, bindings) if not camera.scale.direct else {}
    videos = camera.shared_videos(bindings, timing.shots) if camera.scale.direct else {}
    styled_images: dict[str, Made] = {}
    uses = Counter(scene.media for scene in scenes if scene.media)
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
            words = title_text(sk, brief, roles, scene)
            clips.append(camera.card(title, cards[seconds], words, after=after))
            continue
        shot += 1
        source = None
        if scene.media:
            source = media_by_name[scene.media][turn[scene.media] % len(media_by_name[scene.media])]
            turn[scene.media] += 1
        if source is not None and source.kind == "video":
            clips.append(source)
            continue
        plain_text = with_values(brief, text)
        image = placeholders.image(
            f"image_{shot}", f"Image {shot}", text, photo=source, after=after
        )
        if image is not None:
            clips.append(camera.moving(shot, with_values(brief, scene.text), seconds, image))
            continue
        if source is not None and uses[scene.media] > len(media_by_name[scene.media]):
            # One photo in several scenes: each shows its subject in another place.
            source = camera.still(shot, another_place(plain_text), source=source, after=after)
            after = ""
        elif source is not None and brief.style.strip():
            if source.ref not in styled_images:
                styled_images[source.ref] = camera.in_style(source)
            source = styled_images[source.ref]
        if index in videos:
            clips.append(videos[index])
            continue
        if source is None:
            source = shared.get(index)
        prompt = bindings[index][0] if index in bindings else prompt_of(text)
        if source is None and camera.scale.direct:
            motion = prompt if index in bindings else motion_prompt(text, camera.motion(shot))
            clips.append(camera.generated(shot, motion, seconds, after=after))
            continue
        if source is None:
            source, after = camera.still(shot, prompt, after=after), ""
        about = with_values(brief, scene.text)
        binding = _bound_text(*bindings[index], index) if index in bindings else ""
        clips.append(camera.moving(shot, about, seconds, source, after=after, binding=binding))
    return clips


def _bound_text(binding: str, scenes: Sequence[int], index: int) -> str:
    """Return the binding of one scene's text. binding: of a text, or of a list for all scenes."""
    return f"{binding}[{scenes.index(index)}]" if len(scenes) > 1 else binding


def _asked_before(sk: Skeleton, scene: Scene, clips: Sequence[Made]) -> str:
    """Return the artifact to wait for: what came before the scene, once the person approves it."""
    if not scene.ask_before or not clips or not clips[-1].stage:
        return ""
    sk.checkpoint(clips[-1].stage)
    return clips[-1].stage


def finished(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    clips: Sequence[Made] | str,
    timing: Timing,
    scenes: Sequence[Scene],
    *,
    audio: Sequence[Made] = (),
) -> Made:
    """Join the clips with their sound and subtitles. audio: tracks that the person brings."""
    sound = brief.sound
    tracks = list(audio[:1])
    speaks = bool(tracks) and is_recording(tracks[0])
    effect = one_line(sound.effect_words, 200)
    if effect and not sound.music and not tracks:
        sk.warn(f"No tool makes sound effects, so “{effect}” is the prompt of a piece of music.")
        brief = replace(brief, sound=replace(sound, music=True, music_words=effect))
    if brief.sound.music and (speaks or not tracks):
        tracks.insert(0, music(sk, brief, roles, timing.total, bpm=timing.bpm))
    speech = None
    if sound.speech and not speaks:
        speech = voice(sk, brief, roles, timing.total)
        tracks.append(speech)
    look = None
    if not isinstance(clips, str) and any(not clip.stage for clip in clips) and len(clips) > 1:
        # The person's own videos have shapes of their own.
        look = {"aspectRatio": brief.aspect or "16:9", "fit": "blur"}
    sk.seconds = timing.total
    joined_film = joined(sk, brief, clips, timing, audio=tracks, look=look)
    if sound.subtitles and speech is not None:
        joined_film = subtitled(sk, joined_film, f"$artifacts.{speech.stage}.cues")
    elif sound.subtitles and (cues := scene_cues([scene.text for scene in scenes], timing)):
        joined_film = subtitled(sk, joined_film, cues)
    elif sound.subtitles:
        sk.warn("There are no words to show as subtitles: say what a voice reads.")
    return joined_film
