"""Taking stages out: what used them is connected to something else, or goes as well."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from compose.changes.film import JOIN, Film
from compose.changes.stage_view import SAME_KIND, StageView
from compose.changes.working_template import WorkingTemplate
from templates_app.graph.bindings import Ref, find_refs
from templates_app.graph.port_arguments import find_port
from templates_app.graph.rewriting import GONE, rewritten
from tools.declaration.arguments import canonical_argument
from tools.declaration.schema import required_arguments

# What these stages are for: without one of them they do nothing.
_PURPOSE: Final = {"add_subtitles": ("cues", "srt", "auto_transcribe"), "overlay_video": ()}


class NothingLeft(Exception):
    """The removal would leave nothing of the kind that the template is for."""


def remove(
    work: WorkingTemplate, views: list[StageView], *, is_whole: bool = False
) -> list[StageView]:
    """Take stages out, with what only they needed and what can't do without them.

    is_whole: the stages are clips of their own: their sources aren't used in their place. Returns
    all that went, in order. Raises NothingLeft; the template is as it was then.
    """
    trial = WorkingTemplate(work.body, work.tools)
    removals = _Removal(trial, [view.id for view in views], is_whole).run()
    result, remainder = Film(work).result, Film(trial)
    if result is not None and not remainder.making(Film(work).kind(result)):
        raise NothingLeft
    losses = [view for view in work.stages if view.id in removals]
    idle_inputs = work.used_inputs() - trial.used_inputs()
    work.body = trial.body
    work.delete_inputs(idle_inputs)
    work.selection = [view for view in map(work.find, [v.id for v in work.selection]) if view]
    return losses


@dataclass(slots=True)
class _Removal:
    work: WorkingTemplate
    targets: Sequence[str]
    is_whole: bool
    losses: set[str] = field(default_factory=set)

    def run(self) -> set[str]:
        for view in filter(None, map(self.work.find, self.targets)):
            self.take(view)
        self.work.delete(self.losses)
        self.sweep()
        return self.losses

    def take(self, view: StageView) -> None:
        if view.id in self.losses:
            return
        users = self.work.users(view)
        keep_connections(self.work, {user.id for user in users})
        passes_on = bool(view.select) or view.tool_name in SAME_KIND
        can_pass = passes_on and not (self.is_whole and view.id in self.targets)
        instead = self.source_value(view) if can_pass else None
        if instead is None:
            self.losses.add(view.id)
        for user in users:
            if user.id not in self.losses:
                self.release(user, view, instead)
        self.losses.add(view.id)
        if instead is None and view.tool_name != JOIN:
            self.take_sources(view)

    def take_sources(self, view: StageView) -> None:
        """Take what only this stage used: it would run for nothing."""
        for source in self.work.sources(view):
            users = {user.id for user in self.work.users(source)}
            if source.id not in self.losses and users <= self.losses:
                self.losses.add(source.id)
                self.take_sources(source)

    def source_value(self, view: StageView) -> Any:
        """Return what its users can take in a stage's place: what it works on itself."""
        if view.select:
            value = view.select.get("from")
            return f"{value}.items[0].selectedVersion.url" if isinstance(value, str) else None
        value = view.port_value(view.ports[0].name) if view.ports else None
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        return value if isinstance(value, str) and value.startswith("$") else None

    def release(self, user: StageView, view: StageView, instead: Any) -> None:
        """Change what names the stage that goes; a user that can't do without goes too."""
        position = self.work.position(user.id)

        def names_it(binding: Any) -> bool:
            is_artifact = isinstance(binding, Ref) and binding.root == "artifacts"
            if not is_artifact or binding.name not in view.artifacts:
                return False
            source = self.work.producer(binding.name, position)
            return source is not None and source.id == view.id

        def new_value(binding: Any) -> Any:
            if not names_it(binding):
                return binding.text
            return GONE if instead is None else instead

        over = user.raw.get("overBinding")
        selection = user.select.get("from")
        if any(map(names_it, find_refs([over, selection]))):
            self.take(user)
            return
        keys = [key for key, value in user.args.items() if any(map(names_it, find_refs(value)))]
        for key in keys:
            new = rewritten(user.args[key], new_value)
            if new is not GONE:
                user.args[key] = new
            elif self.needs(user, key):
                self.take(user)
                return
            else:
                del user.args[key]
                self.without_overlays(user, key)
                if user.id in self.losses:
                    return

    @staticmethod
    def needs(user: StageView, key: str) -> bool:
        tool = user.tool
        if tool is None:
            return True
        port, name = find_port(tool, key)
        if port is not None:
            return port.required
        if name in _PURPOSE.get(tool.name, ()):
            return True
        return canonical_argument(tool, key) in required_arguments(tool)

    def without_overlays(self, user: StageView, key: str) -> None:
        """Take out an overlay whose image went; the stage too when it has no other."""
        port = user.port_of(key)
        if user.tool_name != "overlay_video" or port is None:
            return
        overlays = user.get("overlays")
        if not isinstance(overlays, list):
            return

        def takes_file(overlay: Any) -> bool:
            is_image = isinstance(overlay, dict) and overlay.get("kind") == "image"
            return is_image and ("overlayVideoIndex" in overlay) == (port.kind == "video")

        remaining = [overlay for overlay in overlays if not takes_file(overlay)]
        if remaining:
            user.set("overlays", remaining)
        else:
            self.take(user)

    def sweep(self) -> None:
        """Order and conditions that name what went."""
        remainder = {name for view in self.work.stages for name in view.artifacts}
        for view in self.work.stages:
            for order in ("requiredArtifactsIn", "optionalArtifactsIn"):
                names = view.raw.get(order)
                if isinstance(names, list) and not all(str(name) in remainder for name in names):
                    view.raw[order] = [name for name in names if str(name) in remainder]
                    if not view.raw[order]:
                        del view.raw[order]
            condition = view.raw.get("condition")
            if isinstance(condition, dict) and self._is_void(condition, remainder):
                del view.raw["condition"]

    def _is_void(self, condition: dict[str, Any], remainder: set[str]) -> bool:
        if condition.get("stageId") in self.losses:
            return True
        name = condition.get("artifactName")
        if isinstance(name, str) and name and name not in remainder:
            return True
        text = condition.get("expression")
        names_in_text = re.findall(r"\$artifacts\.([\w-]+)", text) if isinstance(text, str) else []
        return any(name not in remainder for name in names_in_text)


def keep_connections(work: WorkingTemplate, ids: Collection[str]) -> None:
    """Write down the connections of some stages that compiling adds from the order of stages.

    Otherwise they would mean another stage once one comes or goes before them.
    """
    wiring = work.wiring()
    keys = {node.id: [socket.key for socket in node.inputs] for node in wiring.nodes}
    outputs = {node.id: [socket.key for socket in node.outputs] for node in wiring.nodes}
    for wire in wiring.wires:
        user = work.find(wire.target) if wire.is_implied and wire.target in ids else None
        if user is None:
            continue
        name = keys[wire.target][wire.input]
        port = next((port for port in user.ports if port.name == name), None)
        if port is None:
            continue
        source = work.find(wire.source)
        if source is None:
            value = f"$inputs.{outputs[wire.source][wire.output]}"
        else:
            value = work.reference(source)
        argument = port.url or port.index
        if not port.is_list(argument):
            user.set(argument, value)
        else:
            current = user.get(argument)
            user.set(argument, [*current, value] if isinstance(current, list) else [value])
