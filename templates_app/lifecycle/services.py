"""Writes of templates: one verb each.

Everything slow (validating, hashing, re-encoding pictures) happens before the transaction; if the
template moved meanwhile, it is done again on what is there now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from accounts import storage
from accounts.models import User
from accounts.suspension import check_may_act
from core import canonical, clock, errors, ids
from templates_app import gallery_index, media_links, schemas, selectors, semver
from templates_app.document_ops.convert import to_spec
from templates_app.documents import hints
from templates_app.documents.edges import EDGES, true_edges
from templates_app.documents.selectors import editable
from templates_app.lifecycle import history, publication_holds
from templates_app.lifecycle.public_uses import issues_of, private_uses, with_public_versions
from templates_app.lifecycle.publishing import Publication
from templates_app.lifecycle.requested_uses import requested_uses
from templates_app.lifecycle.version_writes import (
    MINTING_ATTEMPTS,
    OutdatedVersion,
    SavedTemplate,
    append_version,
    check_quota,
    content_sha256,
    id_taken,
    insert_template,
    is_about_id,
    public_spec,
    warnings_of,
)
from templates_app.models import Document, Template
from templates_app.named_uses import forget_of_deleted
from templates_app.uses import table_for

# How often a change is redone because another one came between, before the caller hears of it.
ATTEMPTS = 8


def create_template(
    *,
    actor: User,
    body: Mapping[str, Any],
    own_hosts: Collection[str],
    references: Collection[str] = (),
    cause: str = "create",
) -> SavedTemplate:
    """Save a new template from the public fields in `body`.

    own_hosts: `host[:port]` of the request, to know our own media links. references: see
    `media_links.intern`. cause: of its first version. Raises InvalidInput with the validation, or
    Conflict when the id is taken or the quota is used up.
    """
    check_quota(actor)
    schemas.check_fields(body)
    storage.check_room(actor, storage.size_of(body))
    consents = schemas.names_to_show(body)
    fields, link_issues = media_links.intern(
        body, actor=actor, hosts=own_hosts, base={}, references=references
    )
    draft = schemas.read_draft(fields)
    uses = requested_uses(actor, draft.spec, None, adds=True)
    draft = replace(draft, spec=uses.spec)
    warnings = warnings_of(draft, (*link_issues, *uses.issues), uses.tools)
    publication = None
    spec, versions = draft.spec, uses.additions
    if draft.visibility == schemas.PUBLIC:
        check_may_act(actor)
        publication = Publication(actor, own_hosts)
        inside = private_uses(actor, spec, None, versions)
        spec = public_spec(publication, spec, issues_of(inside, consents))
        spec, versions = with_public_versions(publication, spec, versions, inside)
        waiting = publication_holds.waiting_copy(actor, spec["name"], content_sha256(spec))
        if waiting is not None and not draft.public_id:
            return SavedTemplate(waiting, warnings)
    for _ in range(MINTING_ATTEMPTS):
        public_id = draft.public_id or ids.template_id(spec["name"])
        try:
            template = insert_template(
                actor=actor,
                public_id=public_id,
                spec=spec,
                version=draft.version,
                cause=cause,
                publication=publication,
                uses=versions,
            )
        except IntegrityError as clash:
            if draft.public_id and is_about_id(clash):
                raise id_taken(actor, public_id) from clash
            continue
        return SavedTemplate(template, warnings)
    raise errors.Unavailable("Couldn't create an id. Retry.", retry_after_s=1)


def patch_template(
    *,
    actor: User,
    public_id: str,
    changes: Mapping[str, Any],
    own_hosts: Collection[str],
    if_match: str = "",
    publish: bool = True,
    references: Collection[str] = (),
) -> SavedTemplate:
    """Change an own template: top-level fields are replaced whole, null removes one.

    if_match: the version the caller has read, or empty for any. Two changes at once both apply, one
    after the other; with `if_match` the later one is Stale. A change that changes nothing writes
    nothing. publish False: a public template keeps its published version, only its owner sees the
    new one. Raises NotFound, Stale, IdTaken, or InvalidInput with the validation.
    """
    schemas.check_fields(changes)
    publication = Publication(actor, own_hosts)
    consents = schemas.names_to_show(changes)
    for _ in range(ATTEMPTS):
        template = selectors.resolve_own(actor, public_id)
        head = selectors.runnable_version(actor, template)
        if if_match and if_match != head.semver:
            raise OutdatedVersion(head.semver)
        fields, link_issues = media_links.intern(
            changes, actor=actor, hosts=own_hosts, base=head.spec, references=references
        )
        draft = schemas.merge(head.spec, template.visibility, fields)
        uses = requested_uses(actor, draft.spec, template, adds=True)
        draft = replace(draft, spec=uses.spec)
        number = semver.next_version(head.semver, changes.get("version"))
        stays_public = draft.visibility == template.visibility == schemas.PUBLIC
        # Asking for what is public to be public publishes a head that only its owner saw.
        is_behind = stays_public and "visibility" in changes and template.published_id != head.pk
        if (
            draft.visibility == template.visibility
            and number != changes.get("version")
            and not is_behind
            and canonical.equal(draft.spec, head.spec)
        ):
            return SavedTemplate(template)
        storage.check_room(template.owner, storage.size_of(draft.spec))
        warnings = warnings_of(draft, (*link_issues, *uses.issues), uses.tools)
        spec, visibility, versions = draft.spec, draft.visibility, uses.versions
        is_quiet = stays_public and not publish
        if visibility == schemas.PUBLIC and not is_quiet:
            check_may_act(actor)
            inside = private_uses(actor, spec, template, versions)
            spec = public_spec(publication, spec, issues_of(inside, consents))
            spec, versions = with_public_versions(publication, spec, versions, inside)
        result = append_version(
            actor=actor,
            template=template,
            head=head,
            spec=spec,
            number=number,
            visibility=visibility,
            publication=None if is_quiet else publication,
            uses=versions,
        )
        if result is not None:
            return SavedTemplate(result, warnings)
    raise errors.Conflict("Too many concurrent changes. Retry.")


def save_version(
    *, actor: User, public_id: str, label: str = "", version: str | None = None
) -> SavedTemplate:
    """Make a version of the document as it is now: the editor's Save. Only `head` moves.

    The actor owns the template or was invited by its owner. version: a greater number than the
    head's, else the next patch is counted. What a version holds already is not made another of,
    unless it is given a label. Raises NotFound, or InvalidInput with the validation: a draft may be
    kept with errors, a version may not.
    """
    for _ in range(ATTEMPTS):
        template = editable(actor, public_id)
        document = Document.objects.select_related("base").filter(template=template).first()
        head = selectors.runnable_version(template.owner, template)
        if document is None:
            return SavedTemplate(template)
        spec = to_spec(document.state)
        uses = requested_uses(actor, spec, template, adds=False)
        both = (document.base.spec, spec)
        edges = true_edges(*both, table_for(template, specs=both))
        if edges is not None:
            spec["graph"] = {**spec["graph"], EDGES: edges}
        draft = schemas.read_draft(schemas.flatten(spec))
        warnings = warnings_of(draft, uses.issues, uses.tools)
        number = semver.next_version(head.semver, version)
        if canonical.equal(draft.spec, head.spec) and not label and number != version:
            return SavedTemplate(template, warnings)
        storage.check_room(template.owner, storage.size_of(draft.spec))
        result = append_version(
            actor=actor,
            template=template,
            head=head,
            spec=draft.spec,
            number=number,
            visibility=template.visibility,
            publication=None,
            cause="save",
            label=label,
            document=document,
            edges=edges,
            uses=uses.versions,
        )
        if result is not None:
            return SavedTemplate(result, warnings)
    raise errors.Conflict("Too many concurrent changes. Retry.")


def delete_template(*, actor: User, public_id: str) -> None:
    """Take an own template away. Its versions stay for the runs and forks that point at them.

    Raises NotFound, also the second time.
    """
    template = selectors.resolve_own(actor, public_id)
    now = clock.now()
    with transaction.atomic():
        count = Template.objects.filter(pk=template.pk, deleted_at=None).update(
            deleted_at=now, updated_at=now, visibility="private", published=None
        )
        if count:
            template.deleted_at = now
            gallery_index.refresh(template.pk)
            history.forget_all(template)
            forget_of_deleted(template)
    if not count:
        raise selectors.missing()
    hints.access_changed(template)


def set_moderation(*, template: Template, state: str, expected: str) -> bool:
    """Hide a template from everyone but its author, or show it again; for moderation only.

    state: "visible", "quarantined" (hidden until decided) or "removed" (its media is gone for its
    author, too). expected: the state it must be in; False when it is not. Nothing else changes, so
    showing it again gives back just what was published. Part of the caller's transaction.
    """
    count = Template.objects.filter(pk=template.pk, moderation=expected).update(moderation=state)
    if count:
        template.moderation = state
        gallery_index.refresh(template.pk)
    return bool(count)
