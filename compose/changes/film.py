"""A template as people see it: its shots in order, what joins them, what is heard; and
which of its stages a change is limited to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from compose.changes.change import Change, Refused, figure, listing
from compose.changes.stage_view import StageView
from compose.changes.working_template import WorkingTemplate, input_title
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
        """Return whether one stage makes several clips here, so that no single one can be moved."""
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
        """Return the kind of media a stage makes, "" for none."""
        return self._kinds.get(view.id) or ""

    def making(self, kind: str) -> list[StageView]:
        return [view for view in self.work.stages if self.kind(view) == kind]

    def ends(self, kind: str) -> list[StageView]:
        """Return the results of a kind that no later stage of that kind works on."""
        makers = self.making(kind)
        ids = {view.id for view in makers}
        return [v for v in makers if not ids.intersection(self.feeds.get(v.id, ()))]

    def last(self, kind: str) -> StageView | None:
        views = [*self.making(kind)[-1:], *self.ends(kind)]
        return views[-1] if views else None

    @property
    def result(self) -> StageView | None:
        """Return what the run is for: its last video, else its last image."""
        return self.last("video") or self.last("image")

    @property
    def join(self) -> StageView | None:
        """Return the stage that joins the shots of the film that is the result."""
        for view in self.back(self.last("video")):
            before = self._before(view)
            if view.tool_name == JOIN:
                # A join of one film adds sound; the shots are joined below it.
                adds_sound = len(self.clips_of(view)) == 1
                if not adds_sound or all(one.tool_name != JOIN for one in self.back(before)):
                    return view
        return None

    def back(self, view: StageView | None) -> Iterator[StageView]:
        """Yield a video and those that it goes on with, the last first."""
        visits: set[str] = set()
        while view is not None and view.id not in visits:
            yield view
            visits.add(view.id)
            view = self._before(view)

    def _before(self, view: StageView) -> StageView | None:
        stages = [self.work.find(one) for one in self.fed_by.get(view.id, ())]
        return next((v for v in stages if v is not None and self.kind(v) == "video"), None)

    def clips_of(self, join: StageView) -> list[Shot]:
        """Return what a stage joins, in order."""
        value: Any = join.port_value("video")
        if value is None:
            # In the order of the stages.
            videos = [v for v in self.making("video") if v.id in self.fed_by.get(join.id, ())]
            return [Shot(view, self.work.reference(view)) for view in videos]
        texts = value if isinstance(value, list) else [value]
        before = self.work.position(join.id)
        pairs = [(self.work.source(text, before), text) for text in texts]
        return [Shot(stage, text) for stage, text in pairs if stage is not None]

    @property
    def shots(self) -> list[Shot]:
        """The clips that are joined; else the one clip there is; else the images."""
        if self.join is not None and (clips := self.clips_of(self.join)):
            return clips
        last = self.last("video")
        for view in self.back(last):
            if view.tool_name not in FINISHING:
                return [Shot(view)]
            if self._before(view) is None and last is not None:
                # People bring the clip: all that is done to it makes the one shot.
                return [Shot(last)]
        return [Shot(view) for view in self.ends("image")]

    def behind(self, shot: StageView) -> list[StageView]:
        """Return a shot and what only it needs, in the template's order."""
        result = {shot.id}
        grew = True
        while grew:
            grew = False
            for view in self.work.stages:
                users = self.feeds.get(view.id, [])
                if view.id not in result and users and result.issuperset(users):
                    result.add(view.id)
                    grew = True
        return [view for view in self.work.stages if view.id in result]

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


def stages_of(work: WorkingTemplate, change: Change) -> list[StageView]:
    """Return the stages that a change is limited to; none: the whole template. Raises Refused."""
    views = [(stage_id, work.find(stage_id)) for stage_id in change.target]
    missing = [stage_id for stage_id, view in views if view is None]
    if missing:
        ids = [one.id for one in work.stages]
        raise Refused(f"There is no stage “{missing[0]}”. There are: {', '.join(ids)}.")
    return [view for _, view in views if view is not None]


def scope(work: WorkingTemplate, change: Change) -> list[StageView]:
    """Return the stages that may change: selected ones, named shots with what only they need, and
    all without either."""
    views = stages_of(work, change)
    if not views:
        return work.stages
    film = Film(work)
    shots = {shot.stage.id for shot in film.shots} - {view.id for view in work.selection}
    ids = {one.id for view in views for one in (film.behind(view) if view.id in shots else [view])}
    return [view for view in work.stages if view.id in ids]


def titles(views: Iterable[StageView]) -> str:
    return listing([view.title for view in views])


def say_values(work: WorkingTemplate, owners: Mapping[str, list[str]]) -> None:
    """Say `Shot 1 and Shot 2: 16:9.`: one sentence for all that got the same value."""
    for value, names in owners.items():
        work.say(f"{listing(names)}: {value}.")


def set_value(work: WorkingTemplate, view: StageView, name: str, value: float | str | bool) -> str:
    """Give an argument a value, or the input that it is bound to a default.

    Returns the title of what changed, "" when it has that value already. A number is kept within
    what the input or the tool allows; a warning says so.
    """
    entry = work.bound_input(view.get(name))
    limits = view.schema(name) if entry is None else entry.get("jsonSchema") or {}
    owner = view.title if entry is None else input_title(entry)
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = _within(work, owner, value, limits if isinstance(limits, dict) else {})
    if (view.get(name) if entry is None else entry.get("default")) == value:
        return ""
    if entry is None:
        view.set(name, value)
    else:
        entry["default"] = value
    return owner


def _within(work: WorkingTemplate, owner: str, value: float, limits: Mapping[str, object]) -> float:
    low, high = limits.get("minimum"), limits.get("maximum")
    if isinstance(low, int | float) and value < low:
        work.warn(f"{owner}: at least {figure(float(low))}.")
        value = low
    if isinstance(high, int | float) and value > high:
        work.warn(f"{owner}: at most {figure(float(high))}.")
        value = high
    return int(value) if float(value).is_integer() else round(value, 2)
