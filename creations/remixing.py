"""Remixing a creation: a private template with its words, inputs and seeds; and who did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts import blocks, storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import errors, ids
from creations import frozen_templates, listing, selectors
from creations.models import Remix, Share
from notices import create_notice
from runs.models import Run
from templates_app import selectors as templates
from templates_app import semver
from templates_app.documents import services as documents
from templates_app.documents.seeds import keep_seeds
from templates_app.lifecycle.forking import remix_name
from templates_app.lifecycle.version_writes import (
    MINTING_ATTEMPTS,
    check_quota,
    insert_template,
)
from templates_app.models import Template

BRANCHES = 24


def remix(*, actor: User, share: Share) -> Template:
    """Copy what a creation shows of its template into one of the actor's own.

    It has its own right to the files, so they stay when the creation ends. Its author hears of it.
    Raises Conflict where remixing isn't allowed or the quota is used up, StorageFull, Forbidden for
    someone suspended, for what was taken down, and where a block keeps the two apart.
    """
    check_may_act(actor)
    blocks.check_not_apart(actor, {share.owner_id}, "remix this")
    if share.moderation == "removed":
        # Only its author gets here. A copy would be a way around the decision.
        raise errors.Forbidden("Taken down; it can't be remixed.", code="share.taken_down")
    frozen = frozen_templates.spec_of(share)
    if share.frozen is None or frozen is None:
        raise errors.Conflict("Its author doesn't allow remixing.", code="share.no_remix")
    spec = {**frozen, "name": remix_name(actor, share.title)}
    check_quota(actor)
    storage.check_room(actor, storage.size_of(spec))
    template = _insert(actor, share, spec)
    opening = documents.open_document(viewer=actor, public_id=template.public_id)
    assert opening.document is not None  # noqa: S101  the actor owns it
    keep_seeds(actor, opening.document, share.frozen["seeds"], of=f"creation {share.public_id}")
    return template


def own_copy(*, actor: User, share: Share) -> Template:
    """The actor's remix of a creation to run with other words: the one they have and never
    changed, else a new one. Raises as `remix`."""
    if share.frozen is None:
        raise errors.Conflict("Its author doesn't allow remixing.", code="share.no_remix")
    there = Template.objects.filter(
        templates.LIVE, owner=actor, remix_of__share=share, head__number=1
    )
    return there.order_by("-id").first() or remix(actor=actor, share=share)


def _insert(actor: User, share: Share, spec: dict[str, object]) -> Template:
    source = share.version
    # A private template stays private: not even its id is told.
    is_open = source is not None and source.template.visibility == "public"
    for _ in range(MINTING_ATTEMPTS):
        try:
            with transaction.atomic():
                template = insert_template(
                    actor=actor,
                    public_id=ids.template_id(str(spec["name"])),
                    spec=spec,
                    version=semver.FIRST,
                    cause="fork",
                    source=source,
                    cloned_from=source.template.public_id if source and is_open else "",
                    uses=frozen_templates.uses_of(share, spec),
                )
                Remix.objects.create(template=template, share=share)
                listing.note_remix(share.pk)
                if share.owner_id != actor.pk:
                    _tell(share, actor)
            return template
        except IntegrityError:
            continue
    raise errors.Unavailable("Couldn't create an id. Retry.", retry_after_s=1)


def _tell(share: Share, actor: User) -> None:
    remixes = Remix.objects.filter(share=share).exclude(
        template__owner__in=[actor.pk, share.owner_id]
    )
    create_notice.tell_of_another(
        share.owner_id,
        "remix",
        about=f"remix:{share.pk}",
        did="remixed",
        name=share.title,
        url=f"/s/{share.public_id}#remixes",
        by=actor,
        others=lambda since: (
            remixes.filter(created_at__gt=since).values("template__owner").distinct().count()
        ),
    )


# -- the tree --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Branches:
    """The remixes of a creation, the newest first. shares: those that everyone may see. templates:
    remixes that were published. kept: those that their makers keep to themselves."""

    shares: Sequence[Share]
    templates: Sequence[Template]
    kept: Sequence[Template]


def branches_of(share: Share, *, left_out: Collection[int] = ()) -> Branches:
    """Return what was made of it, of its newest BRANCHES remixes.

    left_out: of people with these ids, none.
    """
    rows = Template.objects.filter(templates.LIVE, remix_of__share=share)
    rows = rows.exclude(owner__in=left_out)
    remixes = list(rows.select_related("owner", "published", "stats").order_by("-pk")[:BRANCHES])
    public_shares = selectors.listed().select_related("run", "version")
    public_shares = public_shares.defer(
        "frozen", "prompts", "run__plan", "run__request", "version__spec"
    )
    # A run knows its template by its version or, in the editor, by its draft.
    by_version = public_shares.filter(version__template__in=remixes)
    by_draft = public_shares.filter(run__draft_of__in=remixes)
    shares = {one.pk: one for one in (*by_version[:BRANCHES], *by_draft[:BRANCHES])}
    ids_shown = {_template_id(one) for one in shares.values()}
    public = [one for one in remixes if templates.is_public(one)]
    visible_ids = {one.pk for one in public} | ids_shown
    return Branches(
        tuple(sorted(shares.values(), key=lambda one: one.pk, reverse=True)),
        tuple(public),
        tuple(one for one in remixes if one.pk not in visible_ids),
    )


def _template_id(share: Share) -> int | None:
    if share.run.draft_of_id is not None:
        return share.run.draft_of_id
    return share.version.template_id if share.version else None


def root_of(viewer: User | None, share: Share) -> Share | None:
    """The creation that this one was made of by a remix, where the viewer may be told of it: one
    that everyone may find, or one's own or that one remixed oneself."""
    run = Run.objects.filter(pk=share.run_id).values_list(
        "draft_of_id", "template_version__template_id"
    )
    draft_of, version_of = run.first() or (None, None)
    row = Remix.objects.filter(template=draft_of or version_of).only("share_id").first()
    if row is None:
        return None
    rows = Share.objects.filter(selectors.OPEN)
    root = rows.select_related("owner").defer("frozen", "prompts").filter(pk=row.share_id)
    original = root.first()
    if original is None:
        return None
    is_known = viewer is not None and viewer.pk in (share.owner_id, original.owner_id)
    return original if is_known or selectors.listed().filter(pk=original.pk).exists() else None
