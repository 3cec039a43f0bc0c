"""Deferred arguments: they refer to results, so they get their values when a step starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import InvalidBody, parameter_invalid
from media import fetch
from runs.log.changes import RunChange
from runs.models import Artifact, Run
from runs.planning.resolved_plan import file_marker
from templates_app.graph.evaluate import Missing, fill
from templates_app.graph.plan_json import late_from_json
from templates_app.graph.port_arguments import find_port, transform_for
from templates_app.graph.result_paths import MISSING, Scope
from templates_app.graph.types import (
    INPUT_MEDIA,
    Binding,
    DeferredArgument,
    MediaValue,
    Pick,
    StepKey,
)
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Port, Tool


def deferred_of(document: Iterable[Mapping[str, Any]] | None) -> tuple[DeferredArgument, ...]:
    """Parse `Step.late`."""
    return tuple(late_from_json(late) for late in document or ())


def deferred_values(lates: Iterable[DeferredArgument], scope: Scope) -> dict[str, Any]:
    """The deferred arguments of a step with their values; media in them are `MediaValue`.

    Raises ProviderError PARAMETER_INVALID, which names the argument.
    """
    values: dict[str, Any] = {}
    for late in lates:
        try:
            value = fill(late, scope)
        except Missing as problem:
            raise parameter_invalid(str(problem)) from None
        if value is not MISSING:
            values[late.argument] = value
    return values


@dataclass(frozen=True, slots=True)
class BoundArguments:
    """A step's arguments after deferred values were resolved.

    arguments: as in a plan. needs: bindings for the media among them, after those it had.
    names_assets: a file is where text was wanted, see `resolve.marked`.
    """

    arguments: Mapping[str, Any]
    needs: tuple[Binding, ...] = ()
    names_assets: bool = False


class MediaChanged(Exception):
    """Another step added to the run's media meanwhile: what was read must be read again."""


class DeferredResolver:
    """Binds the deferred arguments of the steps of one run.

    media: `Run.media`; addresses that results name are added to it, and `keep` stores them.
    """

    def __init__(self, media: Sequence[Mapping[str, Any]]) -> None:
        self.media = [dict(ref) for ref in media]
        self._known = len(self.media)
        self._made_by: dict[str, str] = {}

    @property
    def has_new_media(self) -> bool:
        return len(self.media) > self._known

    def store_media(self, change: RunChange) -> None:
        """Store the media that were added. Raises MediaChanged."""
        if not self.has_new_media:
            return
        # As they are now: another step may have fetched one of them meanwhile.
        run_media = Run.objects.values_list("media", flat=True).get(id=change.run.id)
        if len(run_media) != self._known:
            raise MediaChanged
        change.set(media=[*run_media, *self.media[self._known :]])

    def bind(
        self,
        tool: type[Tool],
        arguments: Mapping[str, Any],
        needs: Sequence[Binding],
        values: Mapping[str, Any],
        *,
        late: Iterable[str] = (),
    ) -> BoundArguments:
        """Add the `deferred_values` to the arguments and needs a step was planned with.

        late: arguments that are read later still. Raises ProviderError PARAMETER_INVALID, which
        names the argument.
        """
        bindings: list[Binding] = []
        words: dict[str, Any] = {}
        asset_names: dict[str, str] = {}
        for argument, value in values.items():
            port, name = find_port(tool, argument)
            if port is not None:
                bindings += self._media(port, name, value)
            else:
                words[name] = _with_names(value, asset_names)
        media_arguments = {
            name: value for name, value in arguments.items() if find_port(tool, name)[0]
        }
        params = {name: value for name, value in arguments.items() if name not in media_arguments}
        targets = {need.target_argument for need in (*needs, *bindings) if need.target_argument}
        reading = read_arguments(
            tool, {**params, **words}, bound=frozenset({*targets, *media_arguments, *late})
        )
        if reading.problems:
            raise parameter_invalid(reading.problems[0].message)
        parameters = _with_media(reading.params, asset_names) if asset_names else reading.params
        return BoundArguments({**media_arguments, **parameters}, tuple(bindings), bool(asset_names))

    def _media(self, port: Port, name: str, value: Any) -> list[Binding]:
        media = value if isinstance(value, list) else [value]
        if len(media) > 1 and not port.many:
            raise parameter_invalid(f"{name} takes one {port.kind}, but {len(media)} were found.")
        if len(media) > 1 and not port.is_list(name):
            name = next((other for other in port.arguments if port.is_list(other)), name)
        return [self._binding(port, name, medium) for medium in media if medium is not None]

    def _binding(self, port: Port, name: str, medium: Any) -> Binding:
        if isinstance(medium, str) and medium.lower().startswith(("https://", "http://")):
            medium = self._foreign(port, name, medium)
        if not isinstance(medium, MediaValue):
            raise parameter_invalid(
                f"{name} takes {port.kind}, but what was found is neither a result of that kind"
                " nor a URL of one."
            )
        if medium.kind != port.kind:
            raise parameter_invalid(
                f"{name} takes {port.kind}, but what was found is {medium.kind}."
            )
        binding = self.binding_of(medium)
        return replace(binding, target_argument=name, transform=transform_for(port, name))

    def binding_of(self, medium: MediaValue) -> Binding:
        """Return what binds one file, to no argument yet."""
        source, _, place = medium.ref.partition(":")
        if source == "artifact":
            pick = Pick(artifact_id=place)
            return Binding(StepKey(self._maker(place)), None, None, pick, medium.kind)
        before = self.media[: int(place)]
        index = sum(1 for ref in before if ref["kind"] == medium.kind)
        return Binding(INPUT_MEDIA, None, None, Pick(index), medium.kind)

    def _maker(self, artifact_id: str) -> str:
        if artifact_id not in self._made_by:
            row = Artifact.objects.filter(public_id=artifact_id)
            self._made_by[artifact_id] = row.values_list("step__key", flat=True).first() or ""
        return self._made_by[artifact_id]

    def _foreign(self, port: Port, name: str, url: str) -> MediaValue:
        """An address that an earlier result names, as a file the run was given."""
        for place, ref in enumerate(self.media):
            if ref.get("url") == url and ref["kind"] == port.kind:
                return MediaValue(f"input:{place}", port.kind)
        try:
            fetch.check_url(url)
        except InvalidBody as problem:
            raise parameter_invalid(f"{name}: {problem.message}") from None
        self.media.append({"kind": port.kind, "url": url, "asset": None, "inline": True})
        return MediaValue(f"input:{len(self.media) - 1}", port.kind)


def _with_names(value: Any, names: dict[str, str]) -> Any:
    """Return a parameter's value with a name for each file in it. names: those names' media."""
    if isinstance(value, MediaValue):
        name = f"medium {value.ref}"
        names[name] = value.ref
        return name
    if isinstance(value, list):
        return [_with_names(part, names) for part in value]
    if isinstance(value, Mapping):
        return {key: _with_names(part, names) for key, part in value.items()}
    return value


def _with_media(value: Any, names: Mapping[str, str]) -> Any:
    """The media back in the places of their names, once the form has read the rest."""
    if isinstance(value, str) and value in names:
        return file_marker(names[value])
    if isinstance(value, list):
        return [_with_media(part, names) for part in value]
    if isinstance(value, Mapping):
        return {key: _with_media(part, names) for key, part in value.items()}
    return value
