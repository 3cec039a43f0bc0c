"""The rows of templates and versions: the one place that inserts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import storage
from accounts.models import User
from core import canonical, clock, errors
from templates_app import gallery_index, media_links, schemas, selectors
from templates_app.documents import services as documents
from templates_app.graph import issues as graph_issues
from templates_app.graph.issues import Issue
from templates_app.graph.rules.validation import validate
from templates_app.lifecycle import history, publication_holds
from templates_app.lifecycle.publishing import Publication
from templates_app.models import Document, PublishedId, Template, TemplateVersion
from templates_app.uses import keep_uses
from tools.declaration.ports import ToolTable

NO_USES: Mapping[str, int] = MappingProxyType({})


class HeadMoved(Exception):
    """The document rests on another version than the one that was read; rolls back."""


def insert_template(
    *,
    actor: User,
    public_id: str,
    spec: Mapping[str, Any],
    version: str,
    cause: str,
    publication: Publication | None = None,
    source: TemplateVersion | None = None,
    cloned_from: str = "",
    uses: Mapping[str, int] = NO_USES,
) -> Template:
    """Insert a template with its first version.

    publication: it is public at once, unless it is held. uses: the versions that its stages are, by
    how they name them. Raises IntegrityError when the actor has
    the id already; IdTaken when someone else has published under it.
    """
    sha256 = content_sha256(spec)
    with transaction.atomic():
        template = Template.objects.create(
            public_id=public_id,
            owner=actor,
            source=source,
            cloned_from_public_id=cloned_from,
            **_listed_fields(spec),
        )
        hold = None
        if publication:
            reserve_id(actor, public_id)
            publication.record()
            hold = publication_holds.hold_of(actor, spec, inside=publication.inside)
        first = _insert_version(template, 1, version, spec, sha256, cause, actor)
        keep_uses(template, uses, actor)
        template.head = first
        is_public = publication is not None and hold is None
        if is_public:
            template.visibility = "public"
            template.published = first
            template.published_at = template.created_at
        template.save(update_fields=["head", "visibility", "published", "published_at"])
        if is_public:
            gallery_index.refresh(template.pk)
        if hold is not None:
            hold(template)
        if source is not None:
            gallery_index.note_fork(source.template_id)
    return template


def append_version(
    *,
    actor: User,
    template: Template,
    head: TemplateVersion,
    spec: Mapping[str, Any],
    number: str,
    visibility: str,
    publication: Publication | None,
    cause: str = "patch",
    label: str = "",
    document: Document | None = None,
    edges: list[Any] | None = None,
    uses: Mapping[str, int] = NO_USES,
) -> Template | None:
    """Add a version and move head with it; published too while public. None: it moved meanwhile.

    publication None: what is published, if anything, stays as it is. document: the one this version
    was made of, as it was read; else an open document hears of the version as of one change. edges:
    the version's `graph.edges` where they differ from the document's. uses: as for a new template;
    rows may have been pruned since they were read.
    """
    sha256 = content_sha256(spec)
    now = clock.now()
    try:
        with transaction.atomic():
            row = Template.objects.select_for_update().get(pk=template.pk)
            if (
                row.deleted_at is not None
                or row.head_id != head.pk
                or row.visibility != template.visibility
            ):
                return None
            hold = None
            if visibility == schemas.PUBLIC and publication:
                reserve_id(row.owner, row.public_id)
                publication.record()
                hold = publication_holds.hold_of(actor, spec, row, inside=publication.inside)
                visibility = schemas.PRIVATE if hold else visibility
            # Programs write field after field: PATCHes that follow at once are one version.
            is_patch = cause == "patch" and visibility == template.visibility
            joins = is_patch and history.is_same_burst(head, actor.pk)
            version = _insert_version(
                row, head.number + 1, number, spec, sha256, cause, actor, label
            )
            keep_uses(row, uses, actor)
            fields: dict[str, Any] = {
                "head": version,
                "visibility": visibility,
                "updated_at": now,
                **_listed_fields(spec),
            }
            if publication:
                fields["published"] = version if visibility == schemas.PUBLIC else None
            if visibility == schemas.PUBLIC and template.visibility != schemas.PUBLIC:
                fields["published_at"] = now
            Template.objects.filter(pk=template.pk).update(**fields)
            if document is None:
                documents.follow(template=row, old=head.spec, version=version, label="API update")
            elif not documents.mark_saved(
                template=row, base=head, rev=document.rev, version=version, edges=edges
            ):
                raise HeadMoved
            if visibility == schemas.PUBLIC or template.visibility == schemas.PUBLIC:
                gallery_index.refresh(template.pk)
            if hold is not None:
                row.refresh_from_db()
                hold(row)
                fields["moderation"] = row.moderation
            if joins and history.replace(row, head):
                version.created_at = head.created_at
                version.save(update_fields=["created_at"])
            else:
                history.forget_old(row)
    except HeadMoved:
        return None
    except IntegrityError as clash:
        if not is_about_id(clash):
            # A run began on a version that was to go: done again, with what is there now.
            return None
        raise id_taken(actor, template.public_id) from clash
    for name, value in fields.items():
        setattr(template, name, value)
    return template


def _insert_version(
    template: Template,
    number: int,
    version: str,
    spec: Mapping[str, Any],
    sha256: str,
    cause: str,
    actor: User,
    label: str = "",
) -> TemplateVersion:
    size = storage.size_of(spec)
    row = TemplateVersion.objects.create(
        template=template,
        number=number,
        semver=version,
        spec=dict(spec),
        content_sha256=sha256,
        cause=cause,
        label=label[:80],
        created_by=actor,
        bytes=size,
    )
    media_links.grant(row)
    storage.add(template.owner_id, storage.VERSIONS, size)
    return row


def warnings_of(
    draft: schemas.RequestedTemplate, other_issues: Iterable[Issue], tools: ToolTable
) -> tuple[Issue, ...]:
    """The warnings, those that were found elsewhere first. Raises InvalidInput for errors.

    tools: what its stages may be.
    """
    # Validation is pure and knows no references of ours, only addresses.
    readable = media_links.show(
        draft.to_validate(), version_id=0, base_url="https://media.invalid", is_open=True
    )
    issues = (*other_issues, *draft.issues(), *validate(readable, tools))
    failures, warnings = graph_issues.split(issues)
    if failures:
        raise schemas.invalid_template(issues)
    return warnings


def public_spec(
    publication: Publication, spec: Mapping[str, Any], other_issues: Iterable[Issue]
) -> dict[str, Any]:
    """Return the spec as everyone may see it. Raises InvalidInput with all that is against that."""
    issues = tuple(other_issues)
    if issues:
        raise schemas.invalid_template((*issues, *publication.problems(spec)))
    public, problems = publication.prepare(spec)
    if problems:
        raise schemas.invalid_template(problems)
    return public


def _listed_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The head's fields that lists and search read from the row."""
    return {
        "name": spec["name"],
        "category": spec["category"],
        "tags_text": "\n".join(spec.get("tags", ())),
        "agent_rank": schemas.agent_rank(spec),
    }


def content_sha256(spec: Mapping[str, Any]) -> str:
    """Equal for templates that do the same under another name or layout."""
    return canonical.sha256_hex(
        {name: value for name, value in spec.items() if name not in ("name", "graph")}
    )


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A template after a write, and the warnings its validation gave."""

    template: Template
    warnings: tuple[Issue, ...] = ()


class OutdatedVersion(errors.Conflict):
    """The template is not at the version the caller means. Carries the current one."""

    code = "template.stale"
    number = 4094

    def __init__(self, current: str) -> None:
        super().__init__(
            f"The template is now at version {current}. Reload it and retry.",
            details={"currentVersion": current},
        )


class IdTaken(errors.Conflict):
    """The id names another template already."""

    code = "template.id_taken"
    number = 4095


def is_about_id(clash: IntegrityError) -> bool:
    """Tell whether a public id is taken: Postgres names the constraint, SQLite the column."""
    return any(name in str(clash) for name in ("tpl_id_per_owner", "tpl_public_id", "public_id"))


def id_taken(actor: User, public_id: str) -> IdTaken:
    # Whether another person has a private template of this id is never told.
    if Template.objects.filter(selectors.LIVE, public_id=public_id, owner=actor).exists():
        mine = f'You have a template "{public_id}" already. Change that one, or choose another id.'
        return IdTaken(mine, details={"id": public_id})
    return _published_elsewhere(public_id)


def reserve_id(owner: User, public_id: str) -> None:
    """Make an id the owner's for good, before something is published under it.

    Part of the caller's transaction. Raises IdTaken when another person has ever published under
    it, even if that template is private or deleted now.
    """
    PublishedId.objects.bulk_create(
        [PublishedId(public_id=public_id, owner=owner)], ignore_conflicts=True
    )
    if not PublishedId.objects.filter(public_id=public_id, owner=owner).exists():
        raise _published_elsewhere(public_id)


def _published_elsewhere(public_id: str) -> IdTaken:
    return IdTaken(
        f'The public id "{public_id}" is taken. It belongs to the person who first published under'
        " it. Keep the template private, or fork it to get a new id.",
        details={"id": public_id},
    )


MINTING_ATTEMPTS = 3


def check_quota(actor: User) -> None:
    limit = settings.TEMPLATES_PER_USER
    count = selectors.count_own(actor)
    if count >= limit:
        raise errors.Conflict(
            f"Limit reached: {count} of {limit} templates. Delete one you no longer need.",
            code="template.quota",
            number=4096,
            details={"count": count, "limit": limit},
        )
