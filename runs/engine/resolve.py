"""A step's arguments, resolved once everything before it is done. Pure.

References are artifact ids and positions in the run's own media, never indices: those are a wire
dialect, read here against `(sequence, item_index, position)`. `runs.web` writes them back. The
order in which steps finish changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from core.errors import asset_not_found
from runs.planning.media_scopes import outputs_before, scope_at
from runs.planning.resolved_plan import Output, Ref, Resolved, is_media
from templates_app.graph.port_arguments import find_port
from templates_app.graph.types import INPUT_MEDIA, LATEST, Binding, MediaRef, PlanScope
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Port, Tool

# Transforms that read a step's answer and no media.
_OF_RESULTS = frozenset({"subtitle_cues", "subtitle_srt", "overlay_items"})

# What a binding takes that is no media, given the media it picks; None when there is nothing.
ValueOf: TypeAlias = Callable[[Binding, Sequence[Ref]], Any]


def resolve(
    *,
    tool: type[Tool],
    arguments: Mapping[str, Any],
    sequence: int,
    needs: Sequence[Binding],
    media: Sequence[MediaRef],
    outputs: Sequence[Output],
    scopes: Sequence[PlanScope] = (),
    item_index: int = -1,
    value_of: ValueOf | None = None,
) -> Resolved:
    """Find every file a step works on.

    arguments, needs, sequence: of the plan's step; item_index: of its row. media: `Run.media`,
    whole. outputs: of the run's completed steps, in any order; those of later steps are allowed and
    ignored where order counts. scopes: of the plan.
    value_of: what a binding takes from a result that is no media; None: it has nothing for it.
    Raises ProviderError (ASSET_NOT_FOUND, not retryable) when something asked for is not there.
    """
    shelf = _Shelf(media, outputs, sequence, scopes, item_index)
    params: dict[str, Any] = {}
    literals: dict[str, tuple[str, list[int]]] = {}
    for argument, value in arguments.items():
        port, name = find_port(tool, argument)
        if port is None:
            params[argument] = value
        elif value is not None:
            places = value if isinstance(value, list) else [value]
            literals[port.name] = (name, [int(place) for place in places])
    names_assets = False
    by_port: dict[str, list[Binding]] = {}
    for binding in needs:
        if binding.target_argument is None:
            continue
        port, name = find_port(tool, binding.target_argument)
        if port is not None:
            by_port.setdefault(port.name, []).append(binding)
        elif binding.transform in (None, "asset_ref"):
            asset_refs = shelf.media_of(binding, None)
            names_assets |= bool(asset_refs)
            for asset in map(shelf.asset_id, asset_refs):
                current = params.get(name)
                params[name] = [*current, asset] if isinstance(current, list) else asset
        else:
            value = shelf.value(binding, value_of)
            if value is not None:
                names_assets |= is_media(value)
                current = params.get(name)
                if isinstance(current, list) and isinstance(value, list):
                    value = [*current, *value]
                params[name] = value
    full_params = fill_defaults(tool, params)
    chosen: dict[str, tuple[Ref, ...]] = {}
    for port in tool.ports():
        argument, refs = _fill(
            port,
            literals.get(port.name),
            by_port.get(port.name, ()),
            shelf,
            applies=port.applies(full_params),
        )
        if refs:
            chosen[argument] = refs
    return Resolved(arguments=params, media=chosen, names_assets=names_assets)


def all_media(
    media: Sequence[MediaRef],
    outputs: Sequence[Output],
    sequence: int,
    scopes: Sequence[PlanScope],
    item_index: int,
) -> Sequence[Ref]:
    """Return all that a step may find: what was brought, or given to its template stage; then what
    was made before it. The parameters: as `resolve` has them."""
    return _Shelf(media, outputs, sequence, scopes, item_index).all_refs


class _Shelf:
    """The run's media as one step sees them."""

    def __init__(
        self,
        media: Sequence[MediaRef],
        outputs: Sequence[Output],
        sequence: int,
        scopes: Sequence[PlanScope],
        item_index: int,
    ) -> None:
        self.all_media = media
        self.brought: dict[str, list[Ref]] = {}
        self.default: dict[str, Ref] = {}
        for place, ref in enumerate(media):
            self.brought.setdefault(ref.kind, []).append(f"input:{place}")
            if not ref.inline:
                self.default.setdefault(ref.kind, f"input:{place}")
        self.generated: dict[str, list[Ref]] = {}
        # By its key and, of a batch over a template, the output.
        self.by_step: dict[tuple[str, str], list[Output]] = {}
        in_order = sorted(outputs, key=lambda one: one.place)
        for output in in_order:
            for key in (output.step_key, *output.batch_keys):
                self.by_step.setdefault((key, ""), []).append(output)
            for pair in output.others:
                self.by_step.setdefault(pair, []).append(output)
        self.all_refs = [f"input:{place}" for place in range(len(media))]
        earlier = outputs_before(in_order, sequence, scopes, item_index)
        for output in earlier:
            self.generated.setdefault(output.kind, []).append(output.ref)
        scope = scope_at(scopes, sequence)
        if scope is not None:
            self.default = {}
            self.all_refs = []
            for binding in scope.media:
                refs = self.media_of(replace(binding, required=False), None)
                self.all_refs.extend(refs)
                if refs:
                    self.default.setdefault(binding.media_kind or "", refs[0])
        self.all_refs.extend(output.ref for output in earlier)

    def at(self, port: Port, argument: str, place: int) -> Ref:
        """The file at a literal position."""
        by_kind = self.generated if place >= 0 else self.brought
        items = by_kind.get(port.kind, [])
        index = place if place >= 0 else -place - 1
        if index < len(items):
            return items[index]
        count = f"only {len(items)}" if items else "none"
        there = "exist" if place >= 0 else "were sent"
        raise asset_not_found(f"`{argument}` refers to {port.kind} {place}; {count} {there}.")

    def latest(self, kind: str) -> Ref | None:
        """Return the value of an absent argument: the newest result, else the first one brought."""
        refs = self.generated.get(kind)
        return refs[-1] if refs else self.default.get(kind)

    def media_of(self, binding: Binding, kind: str | None) -> list[Ref]:
        """The media a binding takes. Raises when it takes none and is required."""
        kind = binding.media_kind or kind
        if binding.pick == LATEST:
            newest = self.latest(kind or "")
            refs = [] if newest is None else [newest]
        elif binding.source == INPUT_MEDIA:
            refs = self._pick(binding, self.brought.get(kind or "", []), {})
        else:
            outputs = [
                output
                for output in self.by_step.get((binding.source, binding.output), ())
                if kind is None or output.kind == kind
            ]
            ids = {output.artifact_id: output.ref for output in outputs}
            refs = self._pick(binding, [output.ref for output in outputs], ids)
        if not refs and binding.required:
            raise asset_not_found(
                f"`{binding.target_argument}` needs {_wanted_text(binding, kind)} of"
                f" {_source(binding)}, which doesn't exist."
            )
        return refs

    def value(self, binding: Binding, value_of: ValueOf | None) -> Any:
        """Return a binding's value that is no media. Raises when it has none and is required."""
        refs = () if binding.transform in _OF_RESULTS else self.media_of(binding, None)
        content = None if value_of is None else value_of(binding, refs)
        if content is None and binding.required:
            what = str(binding.transform).replace("_", " ")
            raise asset_not_found(
                f"{binding.target_argument} needs {what} of {_source(binding)}, which has none."
            )
        return content

    @staticmethod
    def _pick(binding: Binding, items: Sequence[Ref], ids: Mapping[str, Ref]) -> list[Ref]:
        pick = binding.pick
        if pick is not None and pick.artifact_id is not None:
            return [ids[pick.artifact_id]] if pick.artifact_id in ids else []
        if pick is not None and pick.path is not None:
            return list(items)
        index = 0 if pick is None or pick.index is None else pick.index
        return [items[index]] if -len(items) <= index < len(items) else []

    def asset_id(self, ref: Ref) -> str:
        """Return what `asset_ref` writes: the artifact's id, or the id the caller gave the file."""
        kind, _, rest = ref.partition(":")
        if kind == "artifact":
            return rest
        return self.all_media[int(rest)].id or f"media_ref_{int(rest) + 1}"


def _fill(
    port: Port,
    literal: tuple[str, list[int]] | None,
    bindings: Sequence[Binding],
    shelf: _Shelf,
    *,
    applies: bool,
) -> tuple[str, tuple[Ref, ...]]:
    """A port's media and the argument to show them under.

    Arguments that take a list are appended to; in others the last medium wins.
    """
    by_argument: dict[str, list[Ref]] = {}
    bound_names = {
        binding.target_argument
        for binding in bindings
        if binding.required and not port.is_list(binding.target_argument or "")
    }
    if literal is not None and not (bound_names if not port.many else literal[0] in bound_names):
        name, places = literal
        by_argument[name] = [shelf.at(port, name, place) for place in places]
    for binding in bindings:
        picks = shelf.media_of(binding, port.kind)
        if not picks:
            continue
        name = str(binding.target_argument)
        if port.is_list(name):
            by_argument.setdefault(name, []).extend(picks)
        else:
            by_argument[name] = picks if binding.pick and binding.pick.path else picks[-1:]
    if by_argument:
        if port.many:
            refs = [ref for group in by_argument.values() for ref in group]
            return next(iter(by_argument)), tuple(refs)
        argument, group = list(by_argument.items())[-1]
        return argument, tuple(group[-1:])
    argument = literal[0] if literal is not None else ""
    argument = argument or port.arguments[0]
    if not applies:
        return argument, ()
    if not bindings and literal is None and port.fallback == "latest":
        latest = shelf.latest(port.kind)
        if latest is not None:
            return argument, (latest,)
    if port.required:
        raise asset_not_found(
            f"`{argument}` needs {port.kind} media; no earlier step made any and none were sent."
        )
    return argument, ()


def _wanted_text(binding: Binding, kind: str | None) -> str:
    pick, what = binding.pick, kind or "medium"
    if pick is None or pick.index is not None:
        index = 0 if pick is None or pick.index is None else pick.index
        return f"the last {what}" if index < 0 else f"{what} {index}"
    if pick.artifact_id is not None:
        return f"the artifact {pick.artifact_id}"
    return f"at least one {what}"


def _source(binding: Binding) -> str:
    return "the request" if binding.source == INPUT_MEDIA else f'step "{binding.source}"'
