"""The arguments of a step with its media found, as a step keeps them. Pure.

The engine makes them (`runs.engine.resolve`) and hands them to providers; `runs.web` shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from templates_app.graph.types import MediaKind

_MEDIUM = "$medium"
_REF = re.compile(r"artifact:\w{1,60}|input:\d{1,4}")

# "artifact:<public id>" or "input:<position in the run's media>".
Ref: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a completed step made."""

    artifact_id: str
    step_key: str
    step_sequence: int
    item_index: int
    position: int
    kind: MediaKind
    # The batches that the step is in an item of: what the item made, its batch made.
    batch_keys: tuple[str, ...] = ()
    # Batches over templates that give it as another output than their main one, and which.
    others: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> tuple[int, int, int]:
        """Return its place among all media of its run."""
        return (self.step_sequence, self.item_index, self.position)

    @property
    def ref(self) -> Ref:
        return f"artifact:{self.artifact_id}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """arguments: canonical, without media, defaults not filled in. media: by declared argument.

    Each port of the tool appears at most once, with its media in order. names_assets: media are
    in the arguments, by their ids or to be written out, which so tell one run from another.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    media: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)
    names_assets: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the value of `Step.resolved`."""
        shape: dict[str, Any] = {
            "arguments": dict(self.arguments),
            "media": {argument: list(refs) for argument, refs in self.media.items()},
        }
        return {**shape, "names_assets": True} if self.names_assets else shape


def resolved_from_json(document: Mapping[str, Any]) -> Resolved:
    media = {argument: tuple(refs) for argument, refs in document["media"].items()}
    return Resolved(
        arguments=dict(document["arguments"]),
        media=media,
        names_assets=bool(document.get("names_assets")),
    )


def file_marker(ref: Ref, how: str = "url") -> dict[str, str]:
    """A file in a parameter. It is written out for the provider alone: addresses are not stored.

    how: "url" by address, "data" as text of its bytes where they are few.
    """
    return {_MEDIUM: ref, "as": how}


def put_media(value: Any, write: Callable[[Ref, str], Any]) -> Any:
    """A parameter with every file in it, see `file_marker`, written by `write(ref, how)`."""
    if isinstance(value, Mapping):
        # Callers may write such an object themselves; only what looks like ours is taken for it.
        ref = value.get(_MEDIUM)
        if isinstance(ref, str) and _REF.fullmatch(ref):
            return write(ref, str(value.get("as", "url")))
        return {name: put_media(part, write) for name, part in value.items()}
    if isinstance(value, list):
        return [put_media(part, write) for part in value]
    return value


def is_media(value: Any) -> bool:
    """Return whether a parameter is a file, see `file_marker`."""
    return isinstance(value, dict) and _MEDIUM in value
