"""Origins of files: what made them, as it is told to people and to programs.

The provider that makes a file tells its origin, which is kept with the bytes. What is made of other
files inherits theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, cast, get_args

from django.conf import settings

if TYPE_CHECKING:
    # Declarations of tools name origins, and are read before there are models.
    from media.models import Blob

# "ai": a trained model generated it. "edited_ai": it holds a part of such a file. "drawn": a
# program without a trained model made it; "planned": by a plan that a language model wrote.
# "captured": a camera or a microphone recorded it. "unknown": nothing is claimed.
Origin: TypeAlias = Literal["ai", "edited_ai", "planned", "drawn", "captured", "unknown"]
# Of two that are told of the same bytes, the first of these holds.
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
# Where a provider tells it of a file, and the metadata of a result have it.
KEY: Final = "origin"

_AI: Final = frozenset({"ai", "edited_ai"})
_PROGRAMS: Final[tuple[Origin, ...]] = ("planned", "drawn")
# https://cv.iptc.org/newscodes/digitalsourcetype/
_SOURCE_TYPES: Final[Mapping[Origin, str]] = {
    "ai": "trainedAlgorithmicMedia",
    "edited_ai": "compositeWithTrainedAlgorithmicMedia",
    "planned": "algorithmicMedia",
    "drawn": "algorithmicMedia",
    "captured": "digitalCapture",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """The way a file was made. planner: the language model that wrote the plan; "" for none."""

    origin: Origin
    planner: str = ""

    @property
    def source_type(self) -> str:
        """The IPTC's address of its origin; "" where nothing is claimed."""
        return digital_source_type(self.origin)


UNKNOWN: Final = Provenance("unknown")


class Made(Protocol):
    """A result with its file."""

    @property
    def meta(self) -> Mapping[str, Any]: ...

    @property
    def blob(self) -> Blob: ...


def origin_of(artifact: Made) -> Origin:
    """Return the origin of a result. One that was made before origins were kept is told by its
    provider."""
    return origin_of_file(artifact.meta, artifact.blob)


def provenance_of(artifact: Made) -> Provenance:
    """Return how a result was made."""
    return Provenance(origin_of(artifact), str(artifact.meta.get("plannedBy") or ""))


def provenance_of_file(blob: Blob) -> Provenance:
    """Return how a file was made of which only the bytes are known."""
    return Provenance(origin_of_file({}, blob))


def origin_of_file(meta: Mapping[str, Any], blob: Blob) -> Origin:
    """Return the origin of a file with this metadata of its maker; {} for an upload."""
    if KEY in meta or blob.origin is not None:
        return origin_named(meta, cast(Origin, blob.origin or "unknown"))
    provider = meta.get("provider")
    if not provider:
        return "unknown"
    if provider != "studio":
        return "ai"
    # Of what the studio only cut or joined, its files are not known any more.
    return "drawn" if meta.get("draft") else "unknown"


def origin_named(meta: Mapping[str, Any], default: Origin) -> Origin:
    """Return the origin that metadata of a file name."""
    name = meta.get(KEY)
    return cast(Origin, name) if name in ORIGINS else default


def combined_origin(base: Origin, materials: Iterable[Origin]) -> Origin:
    """Return the origin of a file that was made of others. base: by its provider; "unknown" of a
    tool that only changes or joins what it is given."""
    parts = {base, *materials}
    if base == "ai":
        return "ai"
    if parts & _AI:
        return "edited_ai"
    return next((one for one in _PROGRAMS if one in parts), base)


def origins_of(hashes: Collection[str]) -> dict[str, Origin]:
    """Return what is known of stored bytes, by their hash."""
    from media.models import Blob

    rows = Blob.objects.filter(sha256__in=hashes, origin__isnull=False)
    return {row.sha256: origin_of_file({}, row) for row in rows.only("origin")}


def digital_source_type(origin: Origin) -> str:
    """Return the IPTC's address of an origin; "" where nothing is claimed."""
    name = _SOURCE_TYPES.get(origin)
    return f"http://cv.iptc.org/newscodes/digitalsourcetype/{name}" if name else ""


def line_of(origin: Origin) -> str:
    """Return the line that people read beside a file; "" for none."""
    match origin:
        case "ai" | "edited_ai":
            return str(settings.ORIGIN_LINE_AI)
        case "planned":
            return "Planned with AI"
        case "drawn":
            return str(settings.ORIGIN_LINE_DRAWN)
    return ""
