"""Reads of templates. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Greatest

from accounts import suspension
from accounts.models import User
from core import errors
from templates_app import media_links
from templates_app.models import Template, TemplateMedia, TemplateVersion
from templates_app.schemas import PUBLIC_ID

LIVE = Q(deleted_at=None)
OPEN = LIVE & Q(visibility="public", moderation="visible") & suspension.shown("owner")
# The cause of a first version that holds nothing but a person's words.
DESCRIBED: Final = "describe"
# Words whose draft no one has accepted, and nothing else was edited: in no list of templates but
# their owner's, while a proposal for it waits there.
WAITING = Q(head__cause=DESCRIBED) & (Q(document=None) | Q(document__rev=0))
# Whether a draft says more than the last version of its template.
IS_AHEAD = Q(document__rev__gt=F("document__saved_rev"))


@dataclass(frozen=True, slots=True)
class VisibleTemplate:
    """A template and the one version of it that this viewer sees.

    draft_rev: the draft's revision where `version` holds the draft, a row that is never saved.
    """

    template: Template
    version: TemplateVersion
    is_owner: bool
    draft_rev: int | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether everyone may follow the links of this version's media."""
        is_published = self.template.published_id == self.version.pk and self.draft_rev is None
        return is_published and is_public(self.template)


def is_public(template: Template) -> bool:
    """Tell whether everyone may see it now: OPEN, of a row with its owner."""
    return (
        template.visibility == "public"
        and template.moderation == "visible"
        and template.deleted_at is None
        and suspension.is_shown(template.owner)
    )


def resolve(viewer: User | None, public_id: str, *, with_specs: bool = True) -> Template:
    """The template an id means to this viewer: their own first, then the public one.

    viewer None: a visitor, who sees only what is public. with_specs: else the graphs of its
    versions, which may be megabytes, are read only when they are asked for. Raises NotFound, with
    the same words for an unknown id and for another person's private template.
    """
    if not PUBLIC_ID.fullmatch(public_id):
        raise missing()
    mine = Q(owner=viewer) & LIVE if viewer is not None else Q(pk__in=[])
    rows = Template.objects.filter(mine | OPEN, public_id=public_id).select_related(
        "owner", "head", "published", "source__template__owner"
    )
    # Where it comes from is shown by name: never by that version's graph.
    unread = ["source__spec"] if with_specs else ["source__spec", "head__spec", "published__spec"]
    matches = list(rows.defer(*unread)[:2])
    if not matches:
        raise missing()
    return min(matches, key=lambda template: not _owns(viewer, template))


def resolve_own(owner: User, public_id: str) -> Template:
    """As `resolve`, for changes: also another person's public template is NotFound."""
    template = resolve(owner, public_id)
    if not _owns(owner, template):
        raise missing()
    return template


def runnable_version(viewer: User | None, template: Template) -> TemplateVersion:
    """Find what this viewer reads, runs and forks: their own's head, else what is published."""
    version = template.head if _owns(viewer, template) else template.published
    if version is None:
        raise missing()
    return version


def runnable_spec(version: TemplateVersion, *, own_hosts: Sequence[str]) -> dict[str, Any]:
    """The spec to compile at a start: as stored, but with its media as links that work now.

    own_hosts: `host[:port]` of the request, as for `media.signing.parse_own_url`, which reads them.
    """
    base_url = settings.PUBLIC_URL or f"http://{own_hosts[0]}"
    # Signed anyone who asks: one kind of link to resolve.
    return media_links.show(version.spec, version_id=version.pk, base_url=base_url, is_open=False)


def shown_to(viewer: User | None, template: Template) -> VisibleTemplate:
    """Choose what to render of a template for this viewer."""
    return VisibleTemplate(template, runnable_version(viewer, template), _owns(viewer, template))


def visible_to(viewer: User, visibility: str) -> QuerySet[Template]:
    """Select what a list of templates is taken from.

    visibility: "own", "public", else own and public together, where a public template whose id the
    viewer uses for one of their own is left out: the id means their own.
    """
    # What is alive comes first and alone, so that the index of the newest ones fits every branch.
    rows = Template.objects.filter(LIVE)
    mine = Q(owner=viewer) & ~WAITING
    if visibility == "own":
        return rows.filter(mine)
    if visibility == "public":
        return rows.filter(OPEN)
    namesake = Template.objects.filter(LIVE, owner=viewer, public_id=OuterRef("public_id"))
    return rows.filter(mine | (OPEN & ~Exists(namesake)))


def public_templates() -> QuerySet[Template]:
    """Everything outsiders see, newest publication first, with author and published version."""
    return (
        Template.objects.filter(OPEN)
        .order_by("-published_at", "-id")
        .select_related("owner", "published")
    )


def public_with(sha256: str) -> QuerySet[Template]:
    """Select public templates with a preview of these bytes, the first one first."""
    media = TemplateMedia.objects.filter(
        blob=sha256, role__in=("preview", "poster"), blob__blocked_at=None
    )
    rows = Template.objects.filter(OPEN, published__in=media.values("version"))
    return rows.select_related("owner").order_by("published_at", "pk")


def with_change(rows: QuerySet[Template]) -> QuerySet[Any]:
    """The rows with `changed_at`: when the template or its draft was last changed, and
    `draft_name`: what its draft calls it, where that is ahead of the last version.

    `updated_at` is when what the API shows changed, which an edit of the draft does not.
    """
    name = KeyTextTransform("name", "document__state__root__rows__template")
    return rows.annotate(
        changed_at=Greatest("updated_at", Coalesce("document__updated_at", "updated_at")),
        draft_name=Case(When(IS_AHEAD, then=name), output_field=TextField()),
    )


def original_moved_on(template: Template) -> TemplateVersion | None:
    """Find what outsiders see by now of the template this was forked from, when it is later than
    the version that was copied. None when it is the same, or not there for outsiders any more.

    Reads `source.template.published` and `source.template.owner`: select them beforehand in lists.
    """
    if template.source is None:
        return None
    original, number = template.source.template, template.source.number
    latest = original.published
    if latest is None or latest.number <= number or not is_public(original):
        return None
    return latest


def summaries_of(owner: User) -> Iterable[Mapping[str, Any]]:
    """A person's templates without their specs, oldest first: there may be thousands."""
    return (
        Template.objects.filter(LIVE, ~WAITING, owner=owner)
        .order_by("id")
        .values(
            "public_id",
            "name",
            "head__semver",
            "visibility",
            "category",
            "cloned_from_public_id",
            "created_at",
            "updated_at",
        )
    )


def count_own(owner: User) -> int:
    """Count the templates against a person's quota."""
    return Template.objects.filter(LIVE, ~WAITING, owner=owner).count()


def missing() -> errors.NotFound:
    """The one answer for unknown, deleted, hidden and foreign templates."""
    return errors.NotFound(
        "Template not found, or you don't have access.", code="template.not_found"
    )


def _owns(viewer: User | None, template: Template) -> bool:
    return viewer is not None and template.owner_id == viewer.pk


def with_versions(viewer: User, templates: Sequence[Template]) -> list[VisibleTemplate]:
    """Pair rows with what the viewer sees: one query, and only the versions that are shown."""
    version_ids = {
        template.pk: template.head_id if _owns(viewer, template) else template.published_id
        for template in templates
    }
    versions = TemplateVersion.objects.in_bulk(
        [pk for pk in version_ids.values() if pk is not None]
    )
    views = []
    for template in templates:
        version_id = version_ids[template.pk]
        if version_id in versions:
            views.append(VisibleTemplate(template, versions[version_id], _owns(viewer, template)))
    return views
