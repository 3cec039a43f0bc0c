"""Reads of documents. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.models import User
from core import durable, errors
from media import resolvers, signing
from media.models import Blob
from templates_app import media_links
from templates_app import selectors as templates
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.graph.issues import Issue, with_refusals
from templates_app.graph.rules.validation import validate, with_fixes
from templates_app.graph.spec_reader import read_spec
from templates_app.media_links import StoredReference
from templates_app.models import (
    COMMENTER,
    EDITOR,
    Change,
    Collaborator,
    Document,
    Template,
    TemplateMedia,
    TemplateVersion,
)
from templates_app.schemas import DEFAULTS, PUBLIC_ID
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_for
from tools.declaration.ports import ToolTable

OWNER: Final = "owner"
EDITING: Final = (OWNER, EDITOR)
# More changes than these are not sent one by one: the reader takes the document again.
CATCH_UP = 2_000
# And more than these not over a socket.
REPLAY = 200


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document as one viewer sees it.

    document None: they don't work on it; `version` is all they see. role: OWNER or
    one of `models.ROLES`; None for the same.
    """

    template: Template
    version: TemplateVersion
    document: Document | None
    state: Mapping[str, Any]
    rev: int
    is_owner: bool
    role: str | None = None

    @property
    def can_edit(self) -> bool:
        return self.role in EDITING


def editable(viewer: User, public_id: str) -> Template:
    """The template that an id means to someone who wants to edit: their own, else a shared one.

    Raises NotFound, with the same words for what is not there and for what is not theirs to see;
    Forbidden for those who may read or comment alone.
    """
    template = readable(viewer, public_id)
    if not may_edit(viewer, template):
        raise errors.Forbidden("You can look at this draft, but not change it.")
    return template


def own_template(viewer: User, public_id: str) -> Template:
    """As `editable`, for what only its owner may do. Raises Forbidden for the others."""
    template = readable(viewer, public_id)
    if template.owner_id != viewer.pk:
        raise errors.Forbidden("Only the owner of this template can do that.")
    return template


def readable(viewer: User, public_id: str) -> Template:
    """As `editable`, for everyone who works on it: also viewers and commenters."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise templates.missing()
    shared = Exists(Collaborator.objects.filter(user=viewer, template=OuterRef("pk")))
    candidates = list(
        Template.objects.filter(
            Q(owner=viewer) | Q(shared), templates.LIVE, public_id=public_id, head__isnull=False
        )
        .select_related("owner", "head", "published")
        # Each holds a whole template, and most who ask want its right or its number.
        .defer("head__spec", "published__spec")
        .order_by("-id")[:8]
    )
    if not candidates:
        raise templates.missing()
    return min(candidates, key=lambda template: template.owner_id != viewer.pk)


def role_of(viewer: User, template: Template) -> str | None:
    """OWNER or one of `models.ROLES`; None for someone who doesn't work on it."""
    if template.owner_id == viewer.pk:
        return OWNER
    rows = Collaborator.objects.filter(template=template, user=viewer)
    return rows.values_list("role", flat=True).first()


def worked_on_together(viewer: User, other: User) -> list[Template]:
    """Drafts of one of the two that the other works on, by name; at most 20."""
    of_either = Q(owner=viewer, collaborators__user=other) | Q(
        owner=other, collaborators__user=viewer
    )
    rows = Template.objects.filter(of_either, templates.LIVE).only("public_id", "name", "owner")
    return list(rows.order_by("name", "pk").distinct()[:20])


def may_edit(viewer: User, template: Template) -> bool:
    return role_of(viewer, template) in EDITING


def may_comment(viewer: User, template: Template) -> bool:
    return role_of(viewer, template) in (*EDITING, COMMENTER)


def is_blank(template: Template) -> bool:
    """Tell whether the draft of a template has no stages."""
    document = Document.objects.filter(template=template).only("state").first()
    if document is None:
        return not templates.runnable_version(template.owner, template).spec["stages"]
    return not document.state["stages"]["order"]


def members_of(template_ids: Collection[int]) -> dict[int, dict[int, datetime]]:
    """Template → person → since when they work on it, of templates that are there, by primary keys.

    An owner does since the template is there.
    """
    members: dict[int, dict[int, datetime]] = defaultdict(dict)
    live = Template.objects.filter(templates.LIVE, pk__in=template_ids)
    rows = Collaborator.objects.filter(template__in=live)
    for template_id, person_id, since in rows.values_list("template_id", "user_id", "created_at"):
        members[template_id][person_id] = since
    for template_id, owner_id, since in live.values_list("pk", "owner_id", "created_at"):
        members[template_id][owner_id] = since
    return members


def document_of(viewer: User, public_id: str, *, with_state: bool = True) -> Document:
    """The document a person may edit; it exists once they opened it. Raises NotFound.

    with_state: else it is read when it is asked for, and may be newer than the rest.
    """
    return _document(editable(viewer, public_id), with_state)


def read_document(viewer: User, public_id: str, *, with_state: bool = True) -> Document:
    """As `document_of`, for everyone who works on it. Raises NotFound."""
    return _document(readable(viewer, public_id), with_state)


def for_follower(viewer: User, public_id: str) -> Document:
    """As `read_document`, without its state, for someone who wants to hear of changes.

    Raises NotFound; Forbidden when they see a published version alone, which never changes.
    """
    try:
        return read_document(viewer, public_id, with_state=False)
    except errors.NotFound:
        templates.resolve(viewer, public_id)
        raise errors.Forbidden("Only those who work on it receive changes.") from None


def roles_held(pairs: Collection[tuple[int, tuple[int, str]]]) -> set[tuple[int, tuple[int, str]]]:
    """Keep of (person, (document, role)), by primary keys, those where the person has that role."""
    live = Template.objects.filter(templates.LIVE, head__isnull=False)
    documents = Document.objects.filter(
        pk__in={document_id for _, (document_id, _) in pairs}, template__in=live
    )
    own_roles = {
        (person, (pk, OWNER)) for person, pk in documents.values_list("template__owner", "pk")
    }
    shared = documents.filter(template__collaborators__isnull=False).values_list(
        "template__collaborators__user_id", "pk", "template__collaborators__role"
    )
    return (own_roles | {(person, (pk, role)) for person, pk, role in shared}) & set(pairs)


def _document(template: Template, with_state: bool) -> Document:
    rows = Document.objects.select_related("base").defer("base__spec")
    if not with_state:
        rows = rows.defer("base__spec", "state")
    document = rows.filter(template=template).first()
    if document is None:
        raise templates.missing()
    document.template = template
    return document


def looked_at(viewer: User | None, public_id: str) -> OpenDocument:
    """Open what someone without the right to edit sees in the editor: a version, unchanging."""
    template = templates.resolve(viewer, public_id)
    version = templates.runnable_version(viewer, template)
    state = to_document(version.spec)
    return OpenDocument(template, version, None, state, 0, is_owner=False)


def with_drafts(viewer: User, views: Iterable[VisibleTemplate]) -> dict[int, VisibleTemplate]:
    """Return what those see who work on these templates, by primary key: the draft where it is
    ahead of the last version, else what was passed. One query, whatever their number."""
    by_id = {one.template.pk: one for one in views}
    for document in _ahead(viewer).filter(template__in=by_id):
        one = by_id[document.template_id]
        by_id[document.template_id] = replace(
            one, version=_as_version(document, one.version), draft_rev=document.rev
        )
    return by_id


def draft_names(viewer: User, template_ids: Collection[int]) -> dict[int, str]:
    """Return what the drafts of `with_drafts` are called, by template."""
    rows = _ahead(viewer).filter(template__in=template_ids)
    names = rows.values_list("template_id", "state__root__rows__template__name")
    return {pk: name for pk, name in names if isinstance(name, str) and name.strip()}


def drafts_called(viewer: User, word: str) -> QuerySet[Document, int]:
    """Select the templates whose draft of `with_drafts` has this part of a word in its name."""
    rows = _ahead(viewer).filter(state__root__rows__template__name__icontains=word)
    return rows.values_list("template_id", flat=True)


def _ahead(viewer: User) -> QuerySet[Document]:
    """Select the documents ahead of the last version, of templates that the viewer works on."""
    shared = Exists(Collaborator.objects.filter(user=viewer, template=OuterRef("template")))
    theirs = Q(template__owner=viewer) | Q(shared)
    return Document.objects.filter(theirs, rev__gt=F("saved_rev"))


def _as_version(document: Document, head: TemplateVersion) -> TemplateVersion:
    """Return the draft as if it were the next version. What can't be read of it is the head's;
    stages can always be drawn."""
    spec: dict[str, Any] = {**DEFAULTS, **to_spec(document.state)}
    for field in {one.at.path.partition("/")[0] for one in read_spec(spec)[1]} - {"stages"}:
        spec.pop(field, None)
        if field in head.spec:
            spec[field] = head.spec[field]
    stages = spec["stages"] if isinstance(spec["stages"], list) else []
    spec["stages"] = [stage for stage in stages if isinstance(stage, dict)]
    version = copy.copy(head)
    version.spec, version.created_at = spec, document.updated_at
    return version


def changes_after(document: Document, rev: int) -> list[Change] | None:
    """The changes after a revision in order; None when the reader must take the document again."""
    if rev >= document.rev:
        return []
    if rev < 0 or document.rev - rev > CATCH_UP:
        return None
    changes = list(
        Change.objects.filter(document=document, rev__gt=rev, rev__lte=document.rev)
        .select_related("actor")
        .order_by("rev")
    )
    # Old changes are pruned after a while.
    return changes if len(changes) == document.rev - rev else None


def recent_changes(document_id: int, rev: int) -> tuple[Document, list[Change]] | None:
    """As `changes_after`, by a document's number and for as many as a socket carries; and where
    the document stands. Raises NotFound."""
    document = standing(document_id)
    if document.rev - rev > REPLAY:
        return None
    changes = changes_after(document, rev)
    return None if changes is None else (document, durable.flushed(changes))


def standing(document_id: int) -> Document:
    """Its newest revision, and the version it rests on; nothing else is read. Raises NotFound."""
    rows = Document.objects.select_related("base").only("rev", "base", "base__semver")
    document = rows.filter(pk=document_id).first()
    if document is None:
        raise templates.missing()
    return document


def issues_of(
    state: Mapping[str, Any],
    template: Template,
    refusals: Sequence[Issue] = (),
    *,
    tools: ToolTable | None = None,
) -> tuple[Issue, ...]:
    """Find what is wrong with a draft, and its fixes. refusals: why it could not be run. tools:
    what its stages may be, else what they may be now."""
    spec = to_spec(state)
    table = tools or table_for(template, specs=[spec])
    # Validation knows addresses, not our references; fixes are written into the draft itself.
    public_spec = media_links.show(
        spec, version_id=0, base_url="https://media.invalid", is_open=True
    )
    issues = with_refusals(validate(public_spec, table), refusals)
    return with_fixes(issues, spec, table, state)


def references_in(value: Any) -> Iterator[StoredReference]:
    """Every reference to a file of ours inside a JSON value."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            reference = media_links.read_reference(part)
            if reference is not None:
                yield reference
        elif isinstance(part, dict):
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)


def media_of(state: Mapping[str, Any], template: Template) -> dict[str, tuple[str, Blob]]:
    """Reference text → (signed path, blob) of every file a document names that is there."""
    references: dict[str, StoredReference] = {}
    # Tried values and input defaults first: a canvas shows those.
    for table in ("values", "inputs", "root"):
        for reference in references_in(state[table]["rows"]):
            references.setdefault(str(reference), reference)
    items = list(references.items())[: media_links.PLACES_LIMIT]
    hashes = {reference.id for _, reference in items if reference.kind == "blob"}
    copies = {
        row.blob_id: row
        for row in TemplateMedia.objects.filter(
            version__template=template, blob_id__in=hashes, blob__blocked_at=None
        )
        .select_related("blob")
        .order_by("version_id")
    }
    media: dict[str, tuple[str, Blob]] = {}
    for text, reference in items:
        if reference.kind == "object":
            blob = resolvers.resolve(reference.id)
            path = signing.signed_path(reference.id, reference.filename)
        else:
            row = copies.get(reference.id)
            blob = row.blob if row else None
            path = signing.signed_path(
                f"tpm_{row.version_id if row else 0}_{reference.id}", reference.filename
            )
        if blob is not None:
            media[text] = (path, blob)
    return media


def people_of(template: Template) -> list[tuple[User, str]]:
    """List who works on it besides the owner, in the order they were invited, and as what."""
    rows: Iterable[Collaborator] = (
        Collaborator.objects.filter(template=template).select_related("user").order_by("id")
    )
    return [(row.user, row.role) for row in rows]


def stored_bytes(owner_id: int) -> int:
    """Sum what the edits of a person's templates take; see `accounts.storage`."""
    rows = Change.objects.filter(document__template__owner=owner_id)
    return rows.aggregate(total=Sum("bytes"))["total"] or 0
