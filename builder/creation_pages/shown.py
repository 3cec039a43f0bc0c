"""What the page of a creation shows, to its owner and to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from core.public_url import base_url
from creations.licenses import LICENSES
from creations.models import PUBLIC, Share, ShareMedia
from creations.selectors import VisibleShare

DESCRIPTION_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ShownMedium:
    """One file of a creation. url, poster: paths that work while the creation is shared."""

    kind: str
    mime: str
    url: str
    poster: str
    stage: str
    filename: str
    width: int
    height: int
    seconds: float | None


def context(request: HttpRequest, visible: VisibleShare) -> dict[str, Any]:
    """Everything `creation_pages/creation.html` needs."""
    share, origin = visible.share, base_url(request)
    media = [shown_medium(share, one) for one in visible.media if one.role == "result"]
    link = origin + reverse("creation", args=[share.public_id])
    main = media[0] if media else None
    return {
        "share": share,
        "author": share.owner.shown_name,
        "media": media,
        "main": main,
        "license": LICENSES[share.license],
        "is_owner": visible.is_owner,
        "is_hidden": not visible.is_open,
        "link": link,
        "embed_code": embed_code(share, origin, main),
        "oembed": f"{origin}{reverse('oembed')}?format=json&url={quote(link, safe='')}",
        "is_listed": share.visibility == PUBLIC,
        "picture": origin + picture_of(main) if main and picture_of(main) else "",
        "description": (share.note or f"By {share.owner.shown_name}")[:DESCRIPTION_LENGTH],
        "origin": origin,
        "sign_in": f"/sign-in?next={quote(request.path)}",
    }


def shown_medium(share: Share, one: ShareMedia) -> ShownMedium:
    return ShownMedium(
        kind=one.kind,
        mime=one.blob.mime,
        url=path_of(share, one.blob_id, one.filename),
        poster=path_of(share, one.poster_id, "poster.webp") if one.poster_id else "",
        stage=one.stage,
        filename=one.filename,
        width=one.blob.width or 0,
        height=one.blob.height or 0,
        seconds=one.blob.duration_s,
    )


def path_of(share: Share, sha256: str | None, filename: str) -> str:
    return f"/media/s/{share.public_id}/{sha256}/{quote(filename, safe='')}"


def picture_of(main: ShownMedium) -> str:
    """A picture of it for cards and other sites, or "" for what cannot be seen."""
    return main.url if main.kind in ("image", "model") else main.poster


def embed_size(main: ShownMedium | None, width: int = 640) -> tuple[int, int]:
    """The size of its frame in pixels, as wide as asked."""
    if main is None or main.kind == "audio" or not main.width or not main.height:
        return width, 120 if main and main.kind == "audio" else width * 9 // 16
    return width, max(1, round(width * main.height / main.width))


def embed_code(share: Share, origin: str, main: ShownMedium | None, width: int = 640) -> str:
    """The `<iframe>` that shows it on another site."""
    wide, high = embed_size(main, width)
    url = origin + reverse("embed", args=[share.public_id])
    return (
        f'<iframe src="{url}" width="{wide}" height="{high}" style="border:0"'
        ' allow="fullscreen" loading="lazy" title="Reelgraph"></iframe>'
    )
