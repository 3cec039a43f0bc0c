"""A template's origin, what was made of it, and its versions, for its viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q

from accounts.models import User
from builder.web.gallery.cards import card_of_version
from builder.web.licensing import license_of
from creations.licenses import LICENSES
from creations.models import Remix, Share
from creations.selectors import OPEN as OPEN_SHARE
from creations.selectors import listed
from templates_app import blocked_previews, selectors
from templates_app.models import Template, TemplateVersion
from templates_app.selectors import LIVE, OPEN, VisibleTemplate

REMIXES = 24
VERSIONS = 50


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


def remixes_of(viewer: User | None, template: Template) -> Any:
    visible = OPEN | (LIVE & Q(owner=viewer)) if viewer else OPEN
    rows = Template.objects.filter(visible, source__template=template)
    return rows.select_related("owner", "published", "head", "stats").order_by("-created_at", "-id")


def remix_cards(templates: Sequence[Template], viewer: User | None) -> list[dict[str, Any]]:
    versions = [selectors.shown_to(viewer, one) for one in templates]
    blocked_files = blocked_previews.blocked_in(one.version.spec for one in versions)
    return [_remix_card(one, blocked_files) for one in versions]


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
