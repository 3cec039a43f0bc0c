"""The context of a creation's page, for its owner and for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString

from builder.web.editor.made_by import artifact_line
from core.public_url import base_url
from creations.licenses import ALL_RIGHTS, LICENSES
from creations.models import PUBLIC, Share, ShareMedia
from creations.selectors import VisibleShare
from media import signing
from media.origin import Origin, digital_source_type, line_of, origin_of, origin_of_file
from runs.models import Artifact
from runs.selectors import actual_of

DESCRIPTION_LENGTH = 200
# Of the stages that share a prompt, so many are named.
STAGES_NAMED = 3
EMBED_WIDTH = 640
# Of an embed: the line below its media, and a player of sound.
LINE_HEIGHT = 44
SOUND_HEIGHT = 120
_SCHEMA_TYPES = {
    "video": "VideoObject",
    "image": "ImageObject",
    "audio": "AudioObject",
    "model": "3DModel",
}


@dataclass(frozen=True, slots=True)
class ShownMedium:
    """One file of a creation. url, poster: paths that work while the creation is shared.

    width, height: in pixels, 0 for what has none; of its poster in poster_width, poster_height.
    """

    position: int
    kind: str
    mime: str
    url: str
    poster: str
    stage: str
    filename: str
    width: int
    height: int
    poster_width: int
    poster_height: int
    seconds: float | None
    origin: Origin

    @property
    def line(self) -> str:
        """Return what people read of its origin, or ""."""
        return line_of(self.origin)

    @property
    def source_type(self) -> str:
        return digital_source_type(self.origin)

    @property
    def alt(self) -> str:
        """Return what a screen reader says after its title."""
        parts = ["a 3D model" if self.kind == "model" else "", self.line]
        return ", ".join(filter(None, parts))

    @property
    def picture(self) -> str:
        """A picture of it for cards and other sites, or "" for what cannot be seen."""
        return self.url if self.kind == "image" else self.poster

    @property
    def picture_size(self) -> tuple[int, int]:
        if self.kind == "image":
            return self.width, self.height
        return self.poster_width, self.poster_height


def context(request: HttpRequest, visible: VisibleShare) -> dict[str, Any]:
    """Everything `creation_pages/creation.html` and `embed.html` need but what is listed there."""
    share, origin = visible.share, base_url(request)
    results = [one for one in visible.media if one.role == "result"]
    # While it is hidden, public addresses are dead: its owner sees the files of their run.
    artifacts = _artifacts_of(results)
    media = [
        shown_medium(share, one, artifacts.get(one.source), signed=not visible.is_open)
        for one in results
    ]
    link = origin + reverse("creation", args=[share.public_id])
    main = media[0] if media else None
    is_listed = share.visibility == PUBLIC
    return {
        "share": share,
        "author": share.owner.shown_name,
        # Who shares nothing with everyone has no page.
        "author_url": reverse("author", args=[share.owner.public_id]) if is_listed else "",
        "prompts": by_text(share.prompts),
        "media": media,
        "main": main,
        "made_by": _made_by(artifacts.get(results[0].source), visible) if results else "",
        "license": LICENSES[share.license],
        "is_owner": visible.is_owner,
        "is_hidden": not visible.is_open,
        "offers_files": visible.is_owner or share.license != ALL_RIGHTS,
        "link": link,
        "embed_code": embed_code(share, origin, main),
        "oembed": f"{origin}{reverse('oembed')}?format=json&url={quote(link, safe='')}",
        "is_listed": is_listed,
        "picture": origin + main.picture if main and main.picture else "",
        "linked_data": linked_data(media, share.title, origin) if visible.is_open else "",
        "description": (share.note or f"By {share.owner.shown_name}")[:DESCRIPTION_LENGTH],
        "origin": origin,
    }


def _artifacts_of(media: Sequence[ShareMedia]) -> dict[str, Artifact]:
    """Return the results that files of a creation are copies of, by id."""
    rows = Artifact.objects.select_related("step", "blob")
    rows = rows.filter(public_id__in=[one.source for one in media])
    return {row.public_id: row for row in rows}


def _made_by(row: Artifact | None, visible: VisibleShare) -> str:
    """Return who made a result; what it cost is its owner's alone. Empty once the run is gone."""
    if row is None:
        return ""
    return artifact_line(
        row, actual_of(row.step, row.step.attempts.all()) if visible.is_owner else None
    )


def linked_data(media: Sequence[ShownMedium], title: str, origin: str) -> SafeString:
    """Return what search engines read of the files' origins, as JSON-LD; "" where none is claimed.

    origin: the start of the files' addresses.
    """
    entries = [
        {
            "@type": _SCHEMA_TYPES[one.kind],
            "name": title,
            "contentUrl": origin + one.url,
            "digitalSourceType": one.source_type,
        }
        for one in media
        if one.source_type
    ]
    if not entries:
        return SafeString("")
    block = json_script({"@context": "https://schema.org", "@graph": entries})
    return SafeString(block.replace("application/json", "application/ld+json", 1))


def by_text(prompts: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Prompts as they are read: each text once, after the stages that were told it."""
    stages: dict[str, list[str]] = {}
    for one in prompts:
        stages.setdefault(one["text"], []).append(one["stage"])
    return [{"stage": _name_line(titles), "text": text} for text, titles in stages.items()]


def _name_line(titles: Sequence[str]) -> str:
    """Write stages in a line: `Shot 1, Shot 2`, `Shot × 5`, `A, B, C, and 2 more`."""
    counts = Counter(titles)
    names = [title if count == 1 else f"{title} × {count}" for title, count in counts.items()]
    rest = len(names) - STAGES_NAMED
    return ", ".join(names[:STAGES_NAMED]) + (f", and {rest} more" if rest > 0 else "")


def shown_medium(
    share: Share, one: ShareMedia, artifact: Artifact | None = None, *, signed: bool = False
) -> ShownMedium:
    """artifact: the result that it is a copy of, if it's at hand. signed: by the address of the
    run's file, for its owner alone."""
    url = signing.signed_path(one.source, one.filename) if signed else ""
    return ShownMedium(
        position=one.position,
        kind=one.kind,
        mime=one.blob.mime,
        url=url or path_of(share, one.blob_id, one.filename),
        poster=path_of(share, one.poster_id, "poster.webp") if one.poster_id and not url else "",
        stage=one.stage,
        filename=one.filename,
        width=one.blob.width or 0,
        height=one.blob.height or 0,
        poster_width=one.poster.width or 0 if one.poster else 0,
        poster_height=one.poster.height or 0 if one.poster else 0,
        seconds=one.blob.duration_s,
        origin=origin_of(artifact) if artifact else origin_of_file({}, one.blob),
    )


def picture_of(medium: ShownMedium) -> str:
    return medium.picture


def path_of(share: Share, sha256: str | None, filename: str) -> str:
    return f"/media/s/{share.public_id}/{sha256}/{quote(filename, safe='')}"


def embed_size(main: ShownMedium | None, width: int = EMBED_WIDTH) -> tuple[int, int]:
    """The size of its frame in pixels, as wide as asked: the media and a line below them."""
    if main is not None and main.kind == "audio":
        return width, SOUND_HEIGHT + LINE_HEIGHT
    wide, high = (main.width, main.height) if main else (0, 0)
    if main is not None and main.kind == "model":
        wide, high = main.picture_size
    if not wide or not high:
        wide, high = 16, 9
    return width, max(1, round(width * high / wide)) + LINE_HEIGHT


def embed_code(
    share: Share, origin: str, main: ShownMedium | None, size: tuple[int, int] | None = None
) -> str:
    """The `<iframe>` that shows it on another site. size: width and height, in pixels."""
    wide, high = size or embed_size(main)
    url = origin + reverse("embed", args=[share.public_id])
    return (
        f'<iframe src="{url}" width="{wide}" height="{high}" style="border:0"'
        ' allow="fullscreen" loading="lazy" title="Reelgraph"></iframe>'
    )
