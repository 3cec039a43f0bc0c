"""One template as a card: what `gallery/card.html` shows, in the gallery and in other lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest

from media.origin import line_of, origins_of
from templates_app import gallery_index, media_links
from templates_app.blocked_previews import without_blocked
from templates_app.models import Template, TemplateVersion
from templates_app.search import FoundTemplate
from templates_app.uses import table_of

# What a template makes, as its chip says it: the icon and the word.
KINDS: Final = {
    "video": ("clapperboard", "Video"),
    "image": ("image", "Image"),
    "audio": ("music", "Audio"),
    "model": ("box", "3D"),
}
# Of which previews of a list a line tells that they are drawn.
EVERY, SOME = "Previews", "Some previews"


def card_of(row: FoundTemplate) -> dict[str, Any]:
    """The card of a public template."""
    template = row.template
    return _card(
        template,
        row.card,
        version_id=template.published_id or 0,
        is_open=True,
        counts=(row.stats.runs, row.stats.forks),
        published_at=row.stats.published_at,
    ) | {"is_picked": template.listing.picked_at is not None}


def card_of_version(
    template: Template,
    version: TemplateVersion,
    *,
    is_open: bool,
    blocked_files: Collection[str],
    runs: int = 0,
    forks: int = 0,
) -> dict[str, Any]:
    """The card of any version, for lists of one's own and of lineage.

    is_open: whether everyone may follow its media; else the links are signed for a day. blocked:
    of the files, from `blocked_previews.blocked_in`.
    """
    return _card(
        template,
        gallery_index.card_spec(without_blocked(version.spec, blocked_files), table_of(version)),
        version_id=version.pk,
        is_open=is_open,
        counts=(runs, forks),
        published_at=template.published_at,
    )


def add_origins(cards: Sequence[dict[str, Any]]) -> None:
    """Add to each card what people read of its preview's origin. One query for all."""
    origins = origins_of({card["face"] for card in cards if card["face"]})
    for card in cards:
        card["origin"] = line_of(origins.get(card["face"], "unknown"))


def drawn_line_of(request: HttpRequest, cards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Remove "drawn by a program" from all cards, and return the context of one sentence for the
    list that they are in, or continue; "" where no preview is drawn.

    Cards of previews that a model made keep their own line.
    """
    line, htmx = line_of("drawn"), request.htmx  # type: ignore[attr-defined]  # by its middleware
    if line in ("", line_of("ai"), line_of("planned")):
        return {"drawn_line": ""}
    continues = bool(htmx) and htmx.target == "more"
    earlier = request.GET.get("drawn_line", "") if continues else EVERY
    drawings = [card for card in cards if card["origin"] == line]
    is_unsaid = any(card.get("face", True) and not card["origin"] for card in cards)
    for card in drawings:
        card["origin"] = ""
    of = SOME if is_unsaid or not earlier.startswith(EVERY) else EVERY
    has_line = bool(drawings) or (continues and bool(earlier))
    return {"drawn_line": f"{of}: {line}" if has_line else "", "continues": continues}


def _face_of(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the preview that stands for a template: its first video, else its first image."""
    previews = spec.get("previewArtifacts", ())
    kinds = ("video", "image")
    return next((one for kind in kinds for one in previews if one.get("mediaType") == kind), {})


def _card(
    template: Template,
    card_spec: Mapping[str, Any],
    *,
    version_id: int,
    is_open: bool,
    counts: tuple[int, int],
    published_at: datetime | None,
) -> dict[str, Any]:
    # Links without a host: the page's policy allows media of its own origin only.
    spec = media_links.show(card_spec, version_id=version_id, base_url="", is_open=is_open)
    previews = spec.get("previewArtifacts", ())
    film: dict[str, Any] = next((one for one in previews if one.get("mediaType") == "video"), {})
    picture: dict[str, Any] = next((one for one in previews if one.get("mediaType") == "image"), {})
    posters = (film.get("posterUrl"), picture.get("url"), spec.get("thumbnailUrl"))
    # Only our own: another site's address would be blocked, and would tell it who looks.
    own = [url for url in posters if isinstance(url, str) and url.startswith("/media/")]
    preview = str(film.get("url") or "")
    face = media_links.read_reference(_face_of(card_spec).get("url"))
    icon, kind = KINDS.get(spec.get("kind", ""), ("", ""))
    return {
        "id": template.public_id,
        "name": spec["name"],
        "author": template.owner.shown_name,
        "spec": spec,
        # Of the file that it shows, for `add_origins`.
        "face": face.id if face else "",
        "poster_url": own[0] if own else f"/t/{template.public_id}/poster.svg",
        "preview_url": preview if preview.startswith("/media/") else "",
        "runs": counts[0],
        "forks": counts[1],
        "kind_chip": {"icon": icon, "kind": kind, "seconds": spec.get("seconds")} if kind else None,
        "published_at": published_at,
    }
