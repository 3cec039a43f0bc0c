"""What a template makes, as people see it: its shots in order, what joins them, what is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.working_template import WorkingTemplate
from templates_app.graph.references import kinds_made_by, producers_of
from templates_app.graph.spec_reader import read_spec

JOIN: Final = "stitch_video"
# What is put on a finished film; the film goes on behind it.
FINISHING: Final = frozenset({"add_subtitles", "overlay_video", "upscale_video"})


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip of the film. reference: how the join names it; "" where nothing joins."""

    stage: StageView
    reference: str = ""

    @property
    def is_several(self) -> bool:
        """Whether one stage makes several clips here, so that no single one can be moved."""
        return "[*]" in self.reference or self.stage.is_batch


class Film:
    """Reads a template once; make a new one after a change."""

    def __init__(self, work: WorkingTemplate) -> None:
        self.work = work
        spec = read_spec(work.body)[0]
        kinds = kinds_made_by(spec.stages, producers_of(spec.stages), work.tools)
        self._kinds = {stage.id: kind for stage, kind in zip(spec.stages, kinds, strict=True)}
        # Connections that compiling adds count as the person sees them: as connections.
        self.feeds: dict[str, list[str]] = {}
        self.fed_by: dict[str, list[str]] = {}
        for wire in work.wiring().wires:
            self.feeds.setdefault(wire.source, []).append(wire.target)
            self.fed_by.setdefault(wire.target, []).append(wire.source)

    def kind(self, view: StageView) -> str:
        """The kind of media a stage makes, "" for none."""
        return self._kinds.get(view.id) or ""

    def making(self, kind: str) -> list[StageView]:
        return [view for view in self.work.stages if self.kind(view) == kind]

    def last(self, kind: str) -> StageView | None:
        """The result of a kind that no later stage of that kind works on."""
        makers = self.making(kind)
        ids = {view.id for view in makers}
        ends = [v for v in makers if not ids.intersection(self.feeds.get(v.id, ()))]
        return (ends or makers)[-1] if makers else None

    @property
    def result(self) -> StageView | None:
        """What the run is for: its last video, else its last image."""
        return self.last("video") or self.last("image")

    @property
    def join(self) -> StageView | None:
        """The stage that joins the shots of the film that is the result."""
        at = self.last("video")
        seen: set[str] = set()
        while at is not None and at.id not in seen:
            if at.tool_name == JOIN:
                before = self._before(at)
                # A join of one film adds sound; the shots are joined below it.
                if before is not None and len(self.clips_of(at)) == 1 and self._has_join(before):
                    seen.add(at.id)
                    at = before
                    continue
                return at
            seen.add(at.id)
            at = self._before(at)
        return None

    def _has_join(self, view: StageView) -> bool:
        seen: set[str] = set()
        at: StageView | None = view
        while at is not None and at.id not in seen:
            if at.tool_name == JOIN:
                return True
            seen.add(at.id)
            at = self._before(at)
        return False

    def _before(self, view: StageView) -> StageView | None:
        """The video that a stage goes on with."""
        found = [self.work.find(one) for one in self.fed_by.get(view.id, ())]
        videos = [one for one in found if one is not None and self.kind(one) == "video"]
        return videos[0] if videos else None

    def clips_of(self, join: StageView) -> list[Shot]:
        """What a stage joins, in order."""
        key = join.port_key("video")
        given: Any = join.args.get(key) if key else None
        before = self.work.position(join.id)
        if given is None:
            found = [self.work.find(one) for one in self.fed_by.get(join.id, ())]
            return [
                Shot(one, self.work.reference(one))
                for one in sorted(
                    (one for one in found if one is not None and self.kind(one) == "video"),
                    key=lambda view: self.work.position(view.id),
                )
            ]
        texts = given if isinstance(given, list) else [given]
        pairs = [(self.work.source(text, before), text) for text in texts]
        return [Shot(stage, text) for stage, text in pairs if stage is not None]

    @property
    def shots(self) -> list[Shot]:
        """The clips that are joined; else the one clip there is; else the images."""
        join = self.join
        if join is not None:
            clips = self.clips_of(join)
            if clips:
                return clips
        last = self.last("video")
        at, seen = last, set[str]()
        while at is not None and at.id not in seen:
            seen.add(at.id)
            before = self._before(at)
            if at.tool_name not in FINISHING:
                return [Shot(at)]
            if before is None and last is not None:
                # People bring the clip: all that is done to it makes the one shot.
                return [Shot(last)]
            at = before
        images = self.making("image")
        ids = {view.id for view in images}
        ends = [v for v in images if not ids.intersection(self.feeds.get(v.id, ()))]
        return [Shot(view) for view in ends]

    def behind(self, shot: StageView) -> list[StageView]:
        """A shot and what only it needs, in the template's order."""
        found = {shot.id}
        grew = True
        while grew:
            grew = False
            for view in self.work.stages:
                users = self.feeds.get(view.id, [])
                if view.id not in found and users and found.issuperset(users):
                    found.add(view.id)
                    grew = True
        return [view for view in self.work.stages if view.id in found]

    @property
    def seconds(self) -> float | None:
        """The length of the film by its shots; None where a shot's length is not given."""
        total, clips = 0.0, 0
        for shot in self.shots:
            one = self.work.number(shot.stage, "duration")
            count = self.work.count(shot.stage) if "[*]" in shot.reference else 1
            if one is None or not count:
                return None
            total, clips = total + one * count, clips + count
        return max(total - self.overlap * max(clips - 1, 0), 0) if clips else None

    @property
    def overlap(self) -> float:
        """Seconds that two joined clips share: the length of the transition."""
        join = self.join
        transition = join.get("transition") if join is not None else None
        if not isinstance(transition, dict):
            return 0.0
        length = transition.get("durationSeconds", transition.get("duration", 0.5))
        return float(length) if isinstance(length, (int, float)) else 0.5
