"""Work on what the person brings: a chain of operations on a video or a photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.plan import EditKind, EditPlan, File, Plan
from compose.template_plan.film_shots import silence
from compose.template_plan.open_texts import Placeholders, Roles, declare, roles_of, with_values
from compose.template_plan.presets import edit_of
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import add_subtitles, join, motion_prompt, music, voice
from compose.template_plan.template_text import capital, literal, one_line, sentence
from compose.template_plan.timing import LONGEST_SHOT_S, SHORTEST_VIDEO_S, Timing
from core.names import free_name

_MOVED_S = 5.0
_ADDED_S = 4.0
_MUSIC_S = 60.0
_SRT: Final = "1\n00:00:00,500 --> 00:00:03,000\nHello, and welcome."


def edits(sk: Skeleton, plan: Plan) -> None:
    """Add one stage for each operation, in the order asked, each on what the one before made."""
    wants_video = plan.kind == "clip_edit"
    name, kind = ("clip", "video") if wants_video else ("photo", "image")
    media = list(plan.media)
    if not any(medium.kind == kind for medium in media):
        name = free_name(name, {medium.name for medium in media})
        media.insert(0, File.read({"name": name, "kind": kind, "title": f"Your {kind}"}))
    sk.bring(media)
    head = next(one[0] for one in sk.media.values() if one[0].kind == kind)
    rest = [one for each in sk.media.values() for one in each if one.ref != head.ref]
    chain = Chain(sk, plan, roles_of(plan), head, rest)
    operations = list(plan.edits)
    if wants_video and silence(plan):
        # `stitch_video` drops a clip's sound only where other sound takes over.
        chain.cannot("take the sound out of a video", "it keeps its sound until music replaces it")
        if not operations:
            chain.leave_unchanged()
            return
    if not operations and plan.style:
        operations = [edit_of("style", plan.style)]
    for edit in operations:
        chain.do(edit)
    chain.add_sound()
    if not sk.stages:
        chain.leave_unchanged() if wants_video else chain.do(edit_of("edit"))


@dataclass(slots=True)
class Chain:
    """The result so far, and what else the person brings."""

    sk: Skeleton
    plan: Plan
    roles: Roles
    head: Made
    rest: list[Made]
    ratio_done: bool = False

    def do(self, edit: EditPlan) -> None:
        on_video, on_image = _WORK[edit.type]
        (on_video if self.head.kind == "video" else on_image)(self, edit)

    def stage(
        self,
        key: str,
        tool: str,
        args: Mapping[str, Any],
        label: str = "",
        seconds: float | None = None,
    ) -> None:
        is_first = self.head.kind == "image" and tool != "animate_photo"
        name = "source_image_url" if is_first else f"reference_{self.head.kind}_url"
        whole = {name: self.head.ref, **args}
        self.head = self.sk.stage(key, tool, whole, label, seconds=seconds or self.head.seconds)

    def words(self, edit: EditPlan, fallback: str) -> str:
        words = with_values(self.plan, edit.words)
        text = capital(one_line(words, 600)) or capital(one_line(self.plan.style, 200))
        open_text = self.roles.take("style") if edit.type == "style" else None
        if open_text is not None:
            return declare(self.sk, open_text, open_text.default or text or fallback)
        return literal(text or fallback)

    def stitch(
        self, key: str, clips: Sequence[Made], args: Mapping[str, Any], label: str = ""
    ) -> None:
        whole = {"reference_video_urls": [one.ref for one in clips], **args}
        self.head = self.sk.stage(key, "stitch_video", whole, label)

    def leave_unchanged(self) -> None:
        """Leave the video as it is: nothing that was asked can be done to it."""
        self.stitch("film", [self.head], self._shape())

    def cannot(self, what: str, instead: str) -> None:
        self.sk.warn(f"No tool can {what}, so {instead}.")

    def add_sound(self) -> None:
        """Add music, a voice and subtitles for the whole."""
        sound, seconds = self.plan.sound, self.plan.seconds or self.head.seconds
        if self.head.kind == "image":
            if not (sound.music or sound.speech):
                return
            self.animate(edit_of("animate"))
            seconds = self.head.seconds
        tracks = [medium for medium in self.rest if medium.kind == "audio"][:1]
        if sound.music and not tracks:
            tracks.append(music(self.sk, self.plan, self.roles, seconds or _MUSIC_S))
        speech = voice(self.sk, self.plan, self.roles) if sound.speech else None
        if speech is not None:
            tracks.append(speech)
        if tracks:
            timing = Timing((seconds or 0.0,), 0.0)
            self.head = join(self.sk, self.plan, [self.head], timing, audio=tracks)
        if sound.subtitles and not any(edit.type == "subtitles" for edit in self.plan.edits):
            self.subtitles(edit_of("subtitles"), speech)

    def subtitles(self, _edit: EditPlan, speech: Made | None = None) -> None:
        if speech is not None:
            self.head = add_subtitles(self.sk, self.head, f"$artifacts.{speech.stage}.cues")
            return
        # No tool here listens to a recording: the person brings the lines.
        self.sk.warn("The subtitles are an example: no tool here listens to a recording.")
        ref = self.roles.bind(self.sk, "subtitles", _SRT) or self.sk.input(
            "subtitles", "text", "Subtitles, as the text of an SRT file", default=_SRT
        )
        args = {"srt": ref, "style": {"position": "bottom", "fontSizePct": 6}}
        self.stage("subtitled", "add_subtitles", args, "With subtitles")

    def caption(self, text: str, start: float | None = None, end: float | None = None) -> None:
        """Show words over the video."""
        words = capital(one_line(with_values(self.plan, text), 200))
        ref = self.roles.bind(self.sk, "title", words or "Title")
        ref = ref or self.sk.input("caption", "text", "Caption", default=words)
        over = {"kind": "text", "text": ref, "position": "bottom-center", "fontSizePct": 7}
        over |= {"startSeconds": start or 0.5, **({"endSeconds": end} if end else {})}
        self.stage("captioned", "overlay_video", {"overlays": [over]}, "With caption")

    def overlay(self, edit: EditPlan) -> None:
        images = [medium for medium in self.rest if medium.kind == "image"]
        if not images and self.roles.of.get("title"):
            self.caption(edit.words, edit.start, edit.end)
            return
        ref = images[0].ref if images else self.sk.input("logo", "image", "Your logo")
        if images:
            self.rest.remove(images[0])
        over = {"kind": "image", "position": "bottom-right", "widthPct": 16, "entrance": "none"}
        times = {"startSeconds": edit.start, "endSeconds": edit.end}
        over |= {name: seconds for name, seconds in times.items() if seconds is not None}
        args = {"overlay_image_urls": [ref], "overlays": [over]}
        self.stage("with_logo", "overlay_video", args)

    # -- on a video ---------------------------------------------------------------------------

    def restyle(self, edit: EditPlan) -> None:
        args = {"prompt": self.words(edit, "Watercolor painting"), "controlMode": "seedance-v2v"}
        self.stage("restyled", "video_to_video", args)

    def restored_video(self, _edit: EditPlan) -> None:
        self.cannot("restore a video", "it is enlarged and made sharper")
        args = {"targetResolution": 1080, "detailPreference": "sharper"}
        self.stage("upscaled", "upscale_video", args, "Sharper")

    def segment(self, edit: EditPlan) -> None:
        start = edit.start or 0.0
        end = edit.end if edit.end is not None and edit.end > start else start + 2.0
        if self.head.seconds is not None:
            end = min(end, self.head.seconds)
            start = min(start, max(0.0, end - 1.0))
        # Another video is as long as it is: its part can be moved when a run is started.
        args = {
            "startSeconds": self.sk.input("start", "number", "Start in seconds", default=start),
            "endSeconds": self.sk.input("end", "number", "End in seconds", default=end),
            "prompt": self.words(edit, "The same scene in another light"),
            "keepOriginalAudio": True,
        }
        self.stage("replaced", "replace_video_segment", args, "Part replaced")

    def longer(self, edit: EditPlan) -> None:
        seconds = _clamp(self.plan.seconds or _ADDED_S)
        prompt = self.words(edit, "") if edit.words.strip() else None
        whole = None if self.head.seconds is None else self.head.seconds + seconds
        args = {"duration": seconds, "prompt": prompt}
        self.stage("extended", "extend_video", args, seconds=whole)

    def loop(self, _edit: EditPlan) -> None:
        transition = {"type": "dissolve", "durationSeconds": 0.5}
        args = {"transition": transition, **self._shape()}
        self.stitch("loop", [self.head, self.head], args)

    def cropped_video(self, edit: EditPlan) -> None:
        shape = edit.aspect or self.plan.aspect or "1:1"
        if self.ratio_done and shape == self.plan.aspect:
            return
        self.ratio_done = True
        args = {"aspectRatio": shape, "fit": "cover"}
        self.stitch("cropped", [self.head], args, f"Cropped to {shape}")

    def _shape(self) -> dict[str, Any]:
        """Return the frame's new shape, where the plan asks for one that is not made yet."""
        if not self.plan.aspect or self.ratio_done:
            return {}
        self.ratio_done = True
        return {"aspectRatio": self.plan.aspect, "fit": "cover"}

    def trim(self, edit: EditPlan) -> None:
        start = edit.start or 0.0
        length = edit.end - start if edit.end is not None else self.plan.seconds
        seconds = _clamp(length) if length else None
        self.cannot("cut a video without making it again", "its detail pass keeps that part")
        args = {"prompt": "The same video", "controlMode": "detailer", "detailerStrength": 0}
        args |= {"videoStart": start, "duration": seconds}
        self.stage("trimmed", "video_to_video", args, seconds=seconds)

    def looked_at(self, edit: EditPlan) -> None:
        tool = "analyze_video" if self.head.kind == "video" else "analyze_image"
        name = "reference_video_url" if self.head.kind == "video" else "source_image_url"
        question = one_line(with_values(self.plan, edit.words), 400)
        args = {name: self.head.ref, "prompt": literal(capital(question)) if question else None}
        self.sk.stage("analysis", tool, args)
        # An analysis makes no file: what follows goes on with what it looked at.

    def skipped_on_video(self, edit: EditPlan) -> None:
        if edit.type != "remove_background":
            return
        if len(self.plan.edits) > 1:
            self.cannot("remove the background of a video", "that step is left out")
            return
        self.cannot("remove the background of a video", "it is restyled with a plain one")
        self.restyle(edit_of("style", sentence([edit.words, "plain white background"])))

    # -- on a photo ---------------------------------------------------------------------------

    def animate(self, edit: EditPlan) -> None:
        seconds = _clamp(self.plan.seconds or _MOVED_S)
        scene = next((s.text for s in self.plan.scenes if s.type == "shot"), "")
        # A scene says what is seen; the operation's own words only ask for it.
        words = one_line(with_values(self.plan, scene or edit.words), 600)
        prompt = motion_prompt(self.plan, words)
        args = {"prompt": prompt, "duration": seconds, **silence(self.plan)}
        args["aspectRatio"] = self.plan.aspect or None
        self.stage("animated", "animate_photo", args, "In motion", seconds)

    def in_style(self, edit: EditPlan) -> None:
        args = {"prompt": self.words(edit, "Watercolor painting")}
        self.stage("styled", "apply_style", args, "In another style")

    def redraw(self, edit: EditPlan) -> None:
        size = size_of(self.plan.aspect) if self.plan.aspect else {}
        placeholders = Placeholders(self.sk, self.plan, size)
        if image := placeholders.image("edited", edit.words, photo=self.head):
            self.head = image
            return
        args = {"prompt": self.words(edit, "Keep everything as it is"), **size}
        self.stage("edited", "edit_image", args)

    def cropped_image(self, edit: EditPlan) -> None:
        shape = edit.aspect or self.plan.aspect or "1:1"
        args = {"prompt": "The same picture, the subject in the middle", "aspectRatio": shape}
        self.stage("cropped", "edit_image", args, f"Shaped {shape}")

    def wider(self, edit: EditPlan) -> None:
        prompt = self.words(edit, "Continue the picture beyond its edges")
        args = {"prompt": prompt, "aspectRatio": self.plan.aspect or "16:9"}
        self.stage("wider", "edit_image", args)

    def orbit(self, edit: EditPlan) -> None:
        args = {"prompt": None if len(edit.words.split()) < 4 else self.words(edit, "")}
        self.stage("orbit", "orbit_video", args)

    def add_model(self, _edit: EditPlan) -> None:
        # A model is a result of its own: what follows goes on with the picture.
        self.sk.stage("model", "image_to_3d", {"source_image_url": self.head.ref}, "3D model")

    def join_clips(self, _edit: EditPlan) -> None:
        clips = [self.head, *(one for one in self.rest if one.kind == "video")]
        self.rest = [one for one in self.rest if one.kind != "video"]
        args = self._shape()
        if self.plan.transition:
            args["transition"] = {"type": self.plan.transition, "durationSeconds": 0.5}
        self.stitch("film", clips, args, "Joined")

    def combine(self, edit: EditPlan) -> None:
        """Make one picture of all: the first is edited, the others are its references."""
        pictures = [self.head, *(one for one in self.rest if one.kind == "image")]
        self.rest = [one for one in self.rest if one.kind != "image"]
        inputs = list(dict.fromkeys(one.every or one.ref for one in pictures))
        refs = inputs if len(inputs) == 1 else [one.ref for one in pictures]
        args: dict[str, Any] = size_of(self.plan.aspect) if self.plan.aspect else {}
        args["source_image_url"] = refs[0] if len(refs) == 1 else refs
        args["prompt"] = self.words(edit, "All pictures as one")
        self.head = self.sk.stage("combined", "edit_image", args)

    def only_of_image(self, edit: EditPlan) -> None:
        what = "orbit around a video" if edit.type == "orbit" else "make a 3D model of a video"
        self.cannot(what, "that step is left out")

    def moving_first(self, edit: EditPlan) -> None:
        """Do an operation on videos: the photo moves before it."""
        self.animate(edit_of("animate"))
        self.do(edit)


def _clamp(seconds: float) -> float:
    return round(min(max(seconds, SHORTEST_VIDEO_S), LONGEST_SHOT_S), 2)


_Do = Callable[[Chain, EditPlan], None]


def _plainly(key: str, tool: str, label: str = "", **args: Any) -> _Do:
    """Return an operation that takes nothing of the plan."""
    return lambda chain, _edit: chain.stage(key, tool, args, label)


_RESTORED: Final = "A clean, clear photograph with natural colors"
# On a video, and on an image.
_WORK: Final[Mapping[EditKind, tuple[_Do, _Do]]] = {
    "restore": (Chain.restored_video, _plainly("restored", "restore_photo", prompt=_RESTORED)),
    "animate": (Chain.skipped_on_video, Chain.animate),
    "style": (Chain.restyle, Chain.in_style),
    "edit": (Chain.restyle, Chain.redraw),
    "upscale": (
        _plainly("upscaled", "upscale_video", targetResolution=1080),
        _plainly("upscaled", "upscale_image", scale=2),
    ),
    "remove_background": (
        Chain.skipped_on_video,
        _plainly("cutout", "remove_background", "Cut-out"),
    ),
    "replace_segment": (Chain.segment, Chain.moving_first),
    "extend": (Chain.longer, Chain.wider),
    "subtitles": (Chain.subtitles, Chain.moving_first),
    "overlay": (Chain.overlay, Chain.moving_first),
    "loop": (Chain.loop, Chain.moving_first),
    "crop": (Chain.cropped_video, Chain.cropped_image),
    "trim": (Chain.trim, Chain.moving_first),
    "analyze": (Chain.looked_at, Chain.looked_at),
    "orbit": (Chain.only_of_image, Chain.orbit),
    "model": (Chain.only_of_image, Chain.add_model),
    "join": (Chain.join_clips, Chain.combine),
}
