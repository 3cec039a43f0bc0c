"""A template's origin, what was made of it, and its versions, for its viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import User
from builder.web.gallery.cards import add_origins, card_of_version
from builder.web.licensing import license_of
from creations.licenses import LICENSES
from creations.models import Remix, Share
from creations.selectors import OPEN as OPEN_SHARE
from creations.selectors import listed
from templates_app import blocked_previews, selectors
from templates_app.graph.template_stages import references_in
from templates_app.models import Template, TemplateVersion
from templates_app.named_uses import holders_naming
from templates_app.selectors import LIVE, OPEN, VisibleTemplate
from templates_app.uses import versions_named

REMIXES = 24
VERSIONS = 50
HOLDERS = 20
HOLDERS_READ = 200


class Link(NamedTuple):
    """A template to go to."""

    public_id: str
    name: str


def lineage(viewer: User | None, template: Template) -> dict[str, Any] | None:
    """Return where it comes from, as far as this viewer may know.

    original: its id, name and author when it is there for them. moved_on: its version when that is
    newer than the one that was copied. creation: what it is a remix of instead, None when that is
    not there for them. license: of either.
    """
    is_mine = viewer is not None and template.owner_id == viewer.pk
    remix = Remix.objects.filter(template=template).first()
    if remix is not None:
        # An unlisted one is for those who have its address: who remixed it had it.
        shares = Share.objects.filter(OPEN_SHARE) if is_mine else listed()
        share = shares.filter(pk=remix.share_id).select_related("owner").first()
        return {"creation": share, "license": LICENSES[share.license] if share else None}
    source = template.source.template if template.source else None
    if not template.cloned_from_public_id:
        return None
    if not is_mine and (source is None or source.published_at is None):
        # The source was never public: that there is one is its owner's business.
        return None
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    original = (
        Template.objects.filter(visible, pk=source.pk).select_related("owner", "published").first()
        if source
        else None
    )
    if original is None:
        return {"original": None, "moved_on": None}
    return {
        "original": {
            "id": original.public_id,
            "name": original.published.spec["name"] if original.published else original.name,
            "author": original.owner.shown_name,
        },
        "license": license_of(original.published.spec) if original.published else None,
        "moved_on": selectors.original_moved_on(template),
    }


def versions(template_view: VisibleTemplate) -> list[dict[str, Any]]:
    """List its versions: for its owner all, newest first; for others the one that is published."""
    template = template_view.template
    rows: Collection[TemplateVersion] = [template_view.version]
    is_saved = template_view.is_owner and template_view.draft_rev is None
    if template_view.is_owner:
        rows = template.versions.order_by("-number").defer("spec")[:VERSIONS]
    causes = {
        "create": "Created",
        selectors.DESCRIBED: "Created",
        "fork": "Remixed",
        "patch": "Changed",
        "restore": "Restored",
    }
    return [
        {
            "number": row.number,
            "semver": row.semver,
            "created_at": row.created_at,
            "what": row.label or causes.get(row.cause, "Saved"),
            "is_published": template.visibility == "public" and row.pk == template.published_id,
            "is_head": is_saved and row.pk == template.head_id,
        }
        for row in rows
    ]


def uses_of(viewer: User | None, template_view: VisibleTemplate) -> list[Link]:
    """List the templates that stages of the shown version are, those that this viewer may read."""
    names = references_in(template_view.version.spec)
    if not names:
        return []
    versions = versions_named(template_view.template, names)
    rows = Template.objects.filter(versions__in=versions.values())
    return _links(viewer, rows.values_list("pk", flat=True))


def used_in(viewer: User | None, template: Template, left_out: Collection[int]) -> dict[str, Any]:
    """List the templates whose stages are this one, that everyone reads or that are the viewer's
    own. others: how many there are beside these. Of very many, the newest are looked at."""
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    rows = Template.objects.filter(visible, uses__version__template=template)
    rows = rows.exclude(owner__in=left_out).order_by("-pk").distinct()
    owners = dict(rows.values_list("pk", "owner")[:HOLDERS_READ])
    if not owners:
        return {}
    own = {pk for pk, owner in owners.items() if viewer and owner == viewer.pk}
    parts = (
        holders_naming([template.pk], "head").filter(holder__in=own),
        holders_naming([template.pk], "published").filter(holder__in=owners.keys() - own),
    )
    pks = {pk for part in parts for pk in part.values_list("holder", flat=True)}
    links = _links(viewer, pks)
    return {"links": links[:HOLDERS], "others": max(0, len(links) - HOLDERS)}


def _links(viewer: User | None, template_ids: Collection[int]) -> list[Link]:
    """List templates by name, as this viewer sees them; without those that they may not read."""
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    rows = Template.objects.filter(visible, pk__in=template_ids).distinct()
    names = rows.values_list("public_id", "name", "owner", "published__spec__name")
    links = [
        Link(public_id, name if viewer and owner == viewer.pk else published_name or name)
        for public_id, name, owner, published_name in names
    ]
    return sorted(links, key=lambda link: (link.name.casefold(), link.public_id))


def remixes_of(viewer: User | None, template: Template) -> Any:
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    rows = Template.objects.filter(visible, source__template=template)
    return rows.select_related("owner", "published", "head", "stats").order_by("-created_at", "-id")


def remix_cards(templates: Sequence[Template], viewer: User | None) -> list[dict[str, Any]]:
    versions = [selectors.shown_to(viewer, one) for one in templates]
    blocked_files = blocked_previews.blocked_in(one.version.spec for one in versions)
    cards = [_remix_card(one, blocked_files) for one in versions]
    add_origins(cards)
    return cards


def _remix_card(template_view: VisibleTemplate, blocked_files: Collection[str]) -> dict[str, Any]:
    template = template_view.template
    stats = getattr(template, "stats", None)
    counts = {"runs": stats.runs, "forks": stats.forks} if stats else {}
    card = card_of_version(
        template,
        template_view.version,
        is_open=template_view.is_open,
        blocked_files=blocked_files,
        **counts,
    )
    return card | {"is_private": template.visibility != "public"}
