"""The origin of a template and its remixes, as a moderator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from templates_app.models import Template, TemplateMedia

LINEAGE_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Relative:
    """A template that a case's subject came from, or that was remixed from it."""

    name: str
    author: str
    public_id: str
    is_public: bool
    moderation: str
    same_media: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """source: None when it came from nowhere. private: how many remixes no one else sees."""

    source: Relative | None
    forks: list[Relative]
    more: int
    private: int


def lineage_of(template: Template) -> Lineage:
    """Return where a template comes from and what came of it. Private remixes are only counted."""
    forks = Template.objects.filter(source__template=template, deleted_at=None)
    is_public = Q(visibility="public")
    counts = forks.aggregate(
        public=Count("pk", filter=is_public), private=Count("pk", filter=~is_public)
    )
    public = forks.filter(is_public).select_related("owner").order_by("-published_at")
    first_forks = list(public[:LINEAGE_SHOWN]) if counts["public"] else []
    source = template.source.template if template.source else None
    family = [*first_forks, source] if source else first_forks
    blobs = _blobs_of([template, *family]) if family else {}
    mine = blobs.get(template.pk, set())

    def relative(one: Template) -> Relative:
        shares = bool(mine & blobs.get(one.pk, set()))
        is_public = one.visibility == "public" and one.deleted_at is None
        # What was never public is counted, not named.
        is_named = is_public or one.published_at is not None
        name, author = (one.name, one.owner.shown_name) if is_named else ("Not public", "")
        return Relative(name, author, one.public_id, is_public, one.moderation, shares)

    return Lineage(
        relative(source) if source else None,
        [relative(one) for one in first_forks],
        counts["public"] - len(first_forks),
        counts["private"],
    )


def _blobs_of(templates: Sequence[Template]) -> dict[int, set[str]]:
    hashes: dict[int, set[str]] = {}
    rows = TemplateMedia.objects.filter(version__template__in=templates)
    for template_id, sha256 in rows.values_list("version__template_id", "blob_id"):
        hashes.setdefault(template_id, set()).add(sha256)
    return hashes
