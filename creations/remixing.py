"""Remixing a creation: a private template with its words, inputs and seeds."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts import storage
from accounts.models import User
from core import errors, ids
from creations import listing
from creations.models import Remix, Share
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


def remix(*, actor: User, share: Share) -> Template:
    """Copy what a creation shows of its template into one of the actor's own.

    It has its own right to the files, so they stay when the creation ends. Raises Conflict where
    remixing isn't allowed or the quota is used up, StorageFull.
    """
    frozen = share.frozen
    if frozen is None:
        raise errors.Conflict("Its author doesn't allow remixing.", code="share.no_remix")
    spec = {**frozen["spec"], "name": remix_name(actor, share.title)}
    check_quota(actor)
    storage.check_room(actor, storage.size_of(spec))
    template = _insert(actor, share, spec)
    opened = documents.open_document(viewer=actor, public_id=template.public_id)
    assert opened.document is not None  # noqa: S101  the actor owns it
    keep_seeds(actor, opened.document, frozen["seeds"], of=f"creation {share.public_id}")
    return template


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
                )
                Remix.objects.create(template=template, share=share)
                listing.note_remix(share.pk)
            return template
        except IntegrityError:
            continue
    raise errors.Unavailable("Couldn't create an id. Retry.", retry_after_s=1)
