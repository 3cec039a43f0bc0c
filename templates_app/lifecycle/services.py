"""Writes of templates: one verb each.

Everything slow (validating, hashing, re-encoding pictures) happens before the transaction; if the
template moved meanwhile, it is done again on what is there now.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import storage
from accounts.models import User
from accounts.services import ensure_system_user
from accounts.suspension import check_may_act
from core import canonical, clock, errors, ids, short_text
from core.phrases import phrase
from templates_app import gallery_index, media_links, schemas, selectors, semver
from templates_app.document_ops.convert import to_spec
from templates_app.documents import hints
from templates_app.documents import services as documents
from templates_app.documents.edges import EDGES, true_edges
from templates_app.documents.selectors import editable
from templates_app.graph import issues as graph_issues
from templates_app.graph.issues import Issue
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.values import check_declaration
from templates_app.lifecycle import history
from templates_app.lifecycle.publishing import Publication
from templates_app.models import Document, Template, TemplateVersion
from tools import registry

# How often a change is redone because another one came between, before the caller hears of it.
ATTEMPTS = 8
MINTING_ATTEMPTS = 3
# What names of remixes end in, once or, from before there were numbers, several times.
_REMIX = re.compile(r"( \(remix( \d+)?\))+$")


@dataclass(frozen=True, slots=True)
class Saved:
    """A template after a write, and the warnings its validation gave."""

    template: Template
    warnings: tuple[Issue, ...] = ()


class Stale(errors.Conflict):
    """The template is not at the version the caller means. Carries the current one."""

    code = "template.stale"
    number = 4094

    def __init__(self, current: str) -> None:
        super().__init__(
            f"The template is now at version {current}. Reload it and retry.",
            details={"currentVersion": current},
        )


class _Moved(Exception):
    """The document rests on another version than the one that was read; rolls back."""


class IdTaken(errors.Conflict):
    """The id names another template already."""

    code = "template.id_taken"
    number = 4095


def create_template(
    *,
    actor: User,
    body: Mapping[str, Any],
    own_hosts: Collection[str],
    references: Collection[str] = (),
) -> Saved:
    """Save a new template from the public fields in `body`.

    own_hosts: `host[:port]` of the request, to know our own media links. references: see
    `media_links.intern`. Raises InvalidInput with the validation, or Conflict when the id is taken
    or the quota is used up.
    """
    _check_quota(actor)
    storage.check_room(actor, storage.size_of(body))
    fields, link_issues = media_links.intern(
        body, actor=actor, hosts=own_hosts, known={}, references=references
    )
    draft = schemas.read_draft(fields)
    warnings = _check(draft, link_issues)
    publication = None
    spec = draft.spec
    if draft.visibility == schemas.PUBLIC:
        check_may_act(actor)
        publication = Publication(actor, own_hosts)
        spec = _prepared(publication, spec)
    for _ in range(MINTING_ATTEMPTS):
        public_id = draft.public_id or ids.template_id(spec["name"])
        try:
            template = _insert(
                actor=actor,
                public_id=public_id,
                spec=spec,
                version=draft.version,
                cause="create",
                publication=publication,
            )
        except IntegrityError as clash:
            if draft.public_id:
                raise _taken(actor, public_id) from clash
            continue
        return Saved(template, warnings)
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
) -> Saved:
    """Change an own template: top-level fields are replaced whole, null removes one.

    if_match: the version the caller has read, or empty for any. Two changes at once both apply, one
    after the other; with `if_match` the later one is Stale. A change that changes nothing writes
    nothing. publish False: a public template keeps its published version, only its owner sees the
    new one. Raises NotFound, Stale, IdTaken, or InvalidInput with the validation.
    """
    publication = Publication(actor, own_hosts)
    for _ in range(ATTEMPTS):
        template = selectors.resolve_own(actor, public_id)
        head = selectors.runnable_version(actor, template)
        if if_match and if_match != head.semver:
            raise Stale(head.semver)
        fields, link_issues = media_links.intern(
            changes, actor=actor, hosts=own_hosts, known=head.spec, references=references
        )
        draft = schemas.merge(head.spec, template.visibility, fields)
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
            return Saved(template)
        storage.check_room(template.owner, storage.size_of(draft.spec))
        warnings = _check(draft, link_issues)
        spec, visibility = draft.spec, draft.visibility
        is_quiet = stays_public and not publish
        if visibility == schemas.PUBLIC and not is_quiet:
            check_may_act(actor)
            spec = _prepared(publication, spec)
        changed = _append(
            actor=actor,
            seen=template,
            head=head,
            spec=spec,
            number=number,
            visibility=visibility,
            publication=None if is_quiet else publication,
        )
        if changed is not None:
            return Saved(changed, warnings)
    raise errors.Conflict("Too many concurrent changes. Retry.")


def save_version(
    *, actor: User, public_id: str, label: str = "", version: str | None = None
) -> Saved:
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
            return Saved(template)
        spec = to_spec(document.state)
        edges = true_edges(document.base.spec, spec, registry.table())
        if edges is not None:
            spec["graph"] = {**spec["graph"], EDGES: edges}
        draft = schemas.read_draft(schemas.flatten(spec))
        warnings = _check(draft, ())
        number = semver.next_version(head.semver, version)
        if canonical.equal(draft.spec, head.spec) and not label and number != version:
            return Saved(template, warnings)
        storage.check_room(template.owner, storage.size_of(draft.spec))
        changed = _append(
            actor=actor,
            seen=template,
            head=head,
            spec=draft.spec,
            number=number,
            visibility=template.visibility,
            publication=None,
            cause="save",
            label=label,
            document=document,
            edges=edges,
        )
        if changed is not None:
            return Saved(changed, warnings)
    raise errors.Conflict("Too many concurrent changes. Retry.")


def delete_template(*, actor: User, public_id: str) -> None:
    """Take an own template away. Its versions stay for the runs and forks that point at them.

    Raises NotFound, also the second time.
    """
    template = selectors.resolve_own(actor, public_id)
    now = clock.now()
    with transaction.atomic():
        deleted = Template.objects.filter(pk=template.pk, deleted_at=None).update(
            deleted_at=now, updated_at=now, visibility="private", published=None
        )
        if deleted:
            gallery_index.refresh(template.pk)
            history.forget_all(template)
    if not deleted:
        raise selectors.missing()
    hints.access_changed(template)


def fork_template(
    *,
    actor: User,
    public_id: str,
    name: str = "",
    defaults: Mapping[str, Any] = MappingProxyType({}),
    own_hosts: Collection[str] = (),
) -> Saved:
    """Copy what the actor sees of a template into a private one of their own, at version 0.0.1.

    name: empty for "<name> (remix)", or "<name> (remix 2)" where the actor has that already; a
    remix of a remix is not called so twice. defaults: values that take the place of the inputs' own
    defaults; one that does not fit its input, or names none, is left out. own_hosts: as for
    `create_template`. The fork gets its own right to the source's previews, so they stay when the
    source is withdrawn. Raises NotFound, Conflict for the quota, InvalidInput.
    """
    source = selectors.resolve(actor, public_id)
    if source.moderation == "removed":
        # Only its author gets here. A copy would be a way around the decision.
        raise errors.Forbidden("Taken down; it can't be copied.", code="template.taken_down")
    version = selectors.runnable_version(actor, source)
    _check_quota(actor)
    spec = _with_defaults(version.spec, defaults, actor, own_hosts)
    storage.check_room(actor, version.bytes if spec is version.spec else storage.size_of(spec))
    # A name from before there were rules stays the source's; a new one keeps them.
    problem = short_text.problem_of(name)
    name = name or _remix_name(actor, spec["name"])
    if len(name) > schemas.NAME_LENGTH:
        problem = f"has more than {schemas.NAME_LENGTH} characters."
    if problem is not None:
        raise schemas.invalid_template(
            [
                graph_issues.issue(
                    "invalid_field",
                    path="name",
                    field="name",
                    problem=phrase("said", text=problem),
                )
            ]
        )
    for _ in range(MINTING_ATTEMPTS):
        try:
            return Saved(
                _insert(
                    actor=actor,
                    public_id=ids.template_id(name),
                    spec={**spec, "name": name},
                    version=semver.FIRST,
                    cause="fork",
                    source=version,
                    cloned_from=source.public_id,
                )
            )
        except IntegrityError:
            continue
    raise errors.Unavailable("Couldn't create an id. Retry.", retry_after_s=1)


def _remix_name(actor: User, name: str) -> str:
    """`<name> (remix)`, or with the first number that no template of the actor's has."""
    stem = _REMIX.sub("", name) or name
    own = Template.objects.filter(selectors.LIVE, owner=actor)
    taken = set(own.filter(name__contains=" (remix").values_list("name", flat=True))
    suffixes = (" (remix)", *(f" (remix {number})" for number in range(2, len(taken) + 3)))
    names = (stem[: schemas.NAME_LENGTH - len(suffix)].rstrip() + suffix for suffix in suffixes)
    return next(name for name in names if name not in taken)


def _with_defaults(
    spec: dict[str, Any], defaults: Mapping[str, Any], actor: User, own_hosts: Collection[str]
) -> dict[str, Any]:
    """The spec with these defaults, where they fit; the same object where none does."""
    inputs = [
        _with_default(declared, defaults.get(declared["name"]), actor, own_hosts)
        for declared in spec.get("inputs") or ()
    ]
    return {**spec, "inputs": inputs} if inputs != spec.get("inputs", []) else spec


def _with_default(
    declared: dict[str, Any], value: Any, actor: User, own_hosts: Collection[str]
) -> dict[str, Any]:
    if value is None or declared.get("internal"):
        return declared
    changed = {**declared, "default": value}
    found = read_spec({"inputs": [changed]})[0].inputs
    if len(found) != 1 or check_declaration(found[0]):
        return declared
    # The examples of the source are references already.
    stored = {place.value for place in media_links.places({"inputs": [declared]})}
    kept, problems = media_links.intern(
        {"inputs": [changed]}, actor=actor, hosts=own_hosts, known={}, references=stored
    )
    borrowed = any(
        place.reference is None and media_links.is_own_link(place.value, own_hosts)
        for place in media_links.places(kept)
    )
    return declared if problems or borrowed else kept["inputs"][0]


def set_moderation(*, template: Template, state: str, expected: str) -> bool:
    """Hide a template from everyone but its author, or show it again; for moderation only.

    state: "visible", "quarantined" (hidden until decided) or "removed" (its media is gone for its
    author, too). expected: the state it must be in; False when it is not. Nothing else changes, so
    showing it again gives back just what was published. Part of the caller's transaction.
    """
    moved = Template.objects.filter(pk=template.pk, moderation=expected).update(moderation=state)
    if moved:
        template.moderation = state
        gallery_index.refresh(template.pk)
    return bool(moved)


def ensure_sample(spec: Mapping[str, Any], *, references: Collection[str] = ()) -> Template:
    """Publish one of the server's own templates, or bring it up to date. Harmless to repeat.

    spec: public fields with an `id`. Fields it does not name stay. references: the stored media
    that it names. A sample that was deleted stays deleted.
    """
    house = ensure_system_user()
    rows = Template.objects.filter(owner=house, public_id=spec["id"])
    existing = rows.filter(selectors.LIVE).first() or rows.first()
    if existing is None:
        body = {**spec, "visibility": "public"}
        try:
            return create_template(
                actor=house, body=body, own_hosts=(), references=references
            ).template
        except IdTaken:
            # Two processes start at once: the other has made it, or someone holds the id.
            made = rows.filter(selectors.LIVE).first()
            if made is None:
                raise
            return made
    if existing.deleted_at is not None:
        return existing
    changes = {name: value for name, value in spec.items() if name not in ("id", "visibility")}
    saved = patch_template(
        actor=house, public_id=spec["id"], changes=changes, own_hosts=(), references=references
    )
    return saved.template


def _insert(
    *,
    actor: User,
    public_id: str,
    spec: Mapping[str, Any],
    version: str,
    cause: str,
    publication: Publication | None = None,
    source: TemplateVersion | None = None,
    cloned_from: str = "",
) -> Template:
    """One new template with its first version. Raises IntegrityError when the id is taken."""
    sha256 = _content_sha256(spec)
    with transaction.atomic():
        template = Template.objects.create(
            public_id=public_id,
            owner=actor,
            source=source,
            cloned_from_public_id=cloned_from,
            **_listed_fields(spec),
        )
        if publication:
            publication.record()
        first = _insert_version(template, 1, version, spec, sha256, cause, actor)
        template.head = first
        if publication:
            template.visibility = "public"
            template.published = first
            template.published_at = template.created_at
        template.save(update_fields=["head", "visibility", "published", "published_at"])
        if publication:
            gallery_index.refresh(template.pk)
        if source is not None:
            gallery_index.note_fork(source.template_id)
    return template


def _append(
    *,
    actor: User,
    seen: Template,
    head: TemplateVersion,
    spec: Mapping[str, Any],
    number: str,
    visibility: str,
    publication: Publication | None,
    cause: str = "patch",
    label: str = "",
    document: Document | None = None,
    edges: list[Any] | None = None,
) -> Template | None:
    """Add a version and move head with it; published too while public. None: it moved meanwhile.

    publication None: what is published, if anything, stays as it is. document: the one this version
    was made of, as it was read; else an open document hears of the version as of one change. edges:
    the version's `graph.edges` where they differ from the document's.
    """
    sha256 = _content_sha256(spec)
    now = clock.now()
    try:
        with transaction.atomic():
            locked = Template.objects.select_for_update().get(pk=seen.pk)
            if (
                locked.deleted_at is not None
                or locked.head_id != head.pk
                or locked.visibility != seen.visibility
            ):
                return None
            if visibility == schemas.PUBLIC and publication:
                publication.record()
            # Programs write field after field: PATCHes that follow at once are one version.
            is_patch = cause == "patch" and visibility == seen.visibility
            joins = is_patch and history.is_same_burst(head, actor.pk)
            version = _insert_version(
                locked, head.number + 1, number, spec, sha256, cause, actor, label
            )
            moved: dict[str, Any] = {
                "head": version,
                "visibility": visibility,
                "updated_at": now,
                **_listed_fields(spec),
            }
            if publication:
                moved["published"] = version if visibility == schemas.PUBLIC else None
            if visibility == schemas.PUBLIC and seen.visibility != schemas.PUBLIC:
                moved["published_at"] = now
            Template.objects.filter(pk=seen.pk).update(**moved)
            if document is None:
                documents.follow(
                    template=locked, old=head.spec, version=version, label="API update"
                )
            elif not documents.mark_saved(
                template=locked, base=head, rev=document.rev, made=version, edges=edges
            ):
                raise _Moved
            if visibility == schemas.PUBLIC or seen.visibility == schemas.PUBLIC:
                gallery_index.refresh(seen.pk)
            if joins and history.replace(locked, head):
                version.created_at = head.created_at
                version.save(update_fields=["created_at"])
            else:
                history.forget_old(locked)
    except _Moved:
        return None
    except IntegrityError as clash:
        if not _is_about_id(clash):
            # A run began on a version that was to go: done again, with what is there now.
            return None
        raise _taken(actor, seen.public_id) from clash
    for name, value in moved.items():
        setattr(seen, name, value)
    return seen


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


def _check(draft: schemas.Draft, link_issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The warnings. Raises InvalidInput when there are errors."""
    # Validation is pure and knows no references of ours, only addresses.
    readable = media_links.show(
        draft.to_validate(), version_id=0, base_url="https://media.invalid", is_open=True
    )
    found = (*link_issues, *draft.issues(), *validate(readable, registry.table()))
    failures, warnings = graph_issues.split(found)
    if failures:
        raise schemas.invalid_template(found)
    return warnings


def _prepared(publication: Publication, spec: Mapping[str, Any]) -> dict[str, Any]:
    public, problems = publication.prepare(spec)
    if problems:
        raise schemas.invalid_template(problems)
    return public


def _check_quota(actor: User) -> None:
    limit = settings.TEMPLATES_PER_USER
    count = selectors.count_own(actor)
    if count >= limit:
        raise errors.Conflict(
            f"Limit reached: {count} of {limit} templates. Delete one you no longer need.",
            code="template.quota",
            number=4096,
            details={"count": count, "limit": limit},
        )


def _is_about_id(clash: IntegrityError) -> bool:
    """Whether a public id is taken: Postgres names the constraint, SQLite the column."""
    return any(name in str(clash) for name in ("tpl_id_per_owner", "tpl_public_id", "public_id"))


def _taken(actor: User, public_id: str) -> IdTaken:
    # Whether another person has a private template of this id is never told.
    rows = Template.objects.filter(selectors.LIVE, public_id=public_id)
    is_public_elsewhere = rows.filter(visibility="public").exclude(owner=actor).exists()
    if rows.filter(owner=actor).exists() and not is_public_elsewhere:
        mine = f'You have a template "{public_id}" already. Change that one, or choose another id.'
        return IdTaken(mine, details={"id": public_id})
    return IdTaken(
        f'The public id "{public_id}" is taken. Keep the template private, or fork it to get a new'
        " id.",
        details={"id": public_id},
    )


def _listed_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The head's fields that lists and search read from the row."""
    return {
        "name": spec["name"],
        "category": spec["category"],
        "tags_text": "\n".join(spec.get("tags", ())),
    }


def _content_sha256(spec: Mapping[str, Any]) -> str:
    """Equal for templates that do the same under another name or layout."""
    return canonical.sha256_hex(
        {name: value for name, value in spec.items() if name not in ("name", "graph")}
    )
