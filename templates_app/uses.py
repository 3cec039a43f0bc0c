"""Templates as stages of other templates: whose rows there are, who may add one, and as what.

A run finds what a stage means by the rows of the template that holds the stage, never by the rights
of the person who runs it. So adding a row asks for rights, and nothing after it does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts import blocks
from accounts.models import User
from accounts.suspension import check_may_act, suspended_until
from core import errors
from templates_app import library, search, selectors
from templates_app.document_ops.convert import to_spec
from templates_app.graph.template_stages import references_in
from templates_app.graph.template_tool import TemplateTool
from templates_app.models import (
    EDITOR,
    Collaborator,
    Document,
    Template,
    TemplateUse,
    TemplateVersion,
)
from templates_app.schemas import PUBLIC_ID
from templates_app.used_versions import UsedVersion, reference_to, used_versions
from tools import registry
from tools.declaration.ports import ToolTable
from tools.registry import DraftBy

MAX_USES: Final = 200
# Of a holder, those of its earlier versions among them.
MAX_ROWS: Final = 5_000
MAX_DEPTH: Final = 5
MAX_STAGES: Final = 1_000
CHOICES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A template that may be a stage. version: the one that would be, with `template` and owner."""

    template: Template
    version: TemplateVersion
    tool: type[TemplateTool]
    is_own: bool


def uses_of(template: Template) -> dict[str, TemplateUse]:
    """Return what stages of a template may be, by how they name it: rows with version, its template
    and owner. The stages of the versions are read when they are asked for."""
    rows = TemplateUse.objects.filter(holder=template).order_by("id")
    rows = rows.select_related("version__template__owner").defer("version__spec")
    return {row.reference: row for row in rows}


def versions_named(holder: Template | None, names: Collection[str]) -> dict[str, int]:
    """Return the versions that stages of a template mean by these names, by primary key."""
    if holder is None or not names:
        return {}
    rows = TemplateUse.objects.filter(holder=holder, reference__in=names)
    return dict(rows.values_list("reference", "version"))


def private_names(versions: Mapping[str, int], names_shown: Collection[str] = ()) -> set[str]:
    """Return the names of versions that not everyone may read.

    Everyone may read the published version of a public template. names_shown: what everyone has
    read of a public template before, whose author may have published another since.
    """
    if not versions:
        return set()
    rows = TemplateVersion.objects.select_related("template__owner").defer("spec")
    by_pk = rows.in_bulk(set(versions.values()))
    return {
        name
        for name, pk in versions.items()
        if pk not in by_pk or not is_readable_by_all(by_pk[pk], was_shown=name in names_shown)
    }


def is_readable_by_all(version: TemplateVersion, *, was_shown: bool = False) -> bool:
    """Tell whether everyone may read a version: the published one of a public template.

    was_shown: whether everyone has read it before.
    """
    template = version.template
    return selectors.is_public(template) and (version.pk == template.published_id or was_shown)


def tool_of(version: TemplateVersion) -> type[TemplateTool]:
    """Return a version as a tool, with the templates that it uses itself. Raises NotFound when it
    has gone meanwhile."""
    entry = used_versions([version.pk]).get(version.pk)
    if entry is None:
        raise selectors.missing()
    return entry.tool


def table_for(
    template: Template | None,
    *,
    person: int | None = None,
    draft: DraftBy = "",
    specs: Iterable[Mapping[str, Any]] | None = None,
) -> ToolTable:
    """Return the tools that a template's stages may be: every reader of stages takes them here.

    person, draft: as for `registry.table`. What moderators hid is there for its author alone.
    specs: what is read with it, so that no row is looked for where no stage is a template.
    """
    return _table(None if template is None else template.pk, person, draft, specs)


def table_of(
    version: TemplateVersion, *, person: int | None = None, draft: DraftBy = ""
) -> ToolTable:
    """As `table_for`, for the stages of a version or of the draft that stands for one."""
    return _table(version.template_id, person, draft, [version.spec])


def _table(
    holder: int | None,
    person: int | None,
    draft: DraftBy,
    specs: Iterable[Mapping[str, Any]] | None,
) -> ToolTable:
    tools = registry.table(person=person, draft=draft)
    names = None if specs is None else {name for one in specs for name in references_in(one)}
    if holder is None or names == set():
        return tools
    rows = TemplateUse.objects.filter(holder=holder)
    if names is not None:
        rows = rows.filter(reference__in=names)
    return with_uses(tools, dict(rows.values_list("reference", "version")), person)


def with_uses(tools: ToolTable, uses: Mapping[str, int], person: int | None = None) -> ToolTable:
    """Return the table with versions as tools. uses: how stages name them → their primary keys."""
    if not uses:
        return tools
    entries = used_versions(set(uses.values()))
    there = {name: entries[pk] for name, pk in uses.items() if pk in entries}
    hidden_ids = _hidden(there.values(), person)
    tools_by_name = {
        name: one.tool for name, one in there.items() if hidden_ids.isdisjoint(one.templates)
    }
    return tools.with_uses(tools_by_name, hidden_names=there.keys() - tools_by_name.keys())


def _hidden(entries: Iterable[UsedVersion], person: int | None) -> set[int]:
    """Return the templates inside that a moderator hid, but for this person's own."""
    inside = {pk for one in entries for pk in one.templates}
    rows = Template.objects.filter(pk__in=inside).exclude(moderation="visible")
    own = [] if person is None else [person]
    return set(rows.exclude(owner__in=own).values_list("pk", flat=True))


# -- adding ----------------------------------------------------------------------------------------


def add_use(*, actor: User, holder: Template, public_id: str, version: str = "") -> TemplateUse:
    """Let stages of `holder` be a version of another template, and return the row that says so.

    version: empty for the newest that the actor may read. The row that is there already wins.
    Raises NotFound, with the same words for an unknown template and for one that the actor may not
    read; Forbidden for who may not edit the holder or is kept apart from the other's author;
    InvalidInput for the holder itself and above the limits.
    """
    if not _may_edit(actor, holder):
        raise selectors.missing()
    row = find_version(actor, public_id, version)
    reference = reference_to(row)
    rows = TemplateUse.objects.filter(holder=holder)
    if not rows.filter(reference=reference).exists():
        if row.template_id == holder.pk:
            raise _refusal("A template can't be a stage of itself.")
        entry = used_versions([row.pk]).get(row.pk)
        if entry is None:
            raise selectors.missing()
        check_may_use_more(holder)
        if entry.depth > MAX_DEPTH or len(entry.tool.flat.stages) > MAX_STAGES:
            raise _refusal(
                f"This template is too large to be a stage: {MAX_STAGES:,} stages inside are the"
                f" most, and templates inside templates {MAX_DEPTH} deep."
            )
    with transaction.atomic():
        _lock(holder)
        # Its author's next save may be about to forget it.
        if not TemplateVersion.objects.select_for_update().filter(pk=row.pk).exists():
            raise selectors.missing()
        keep_uses(holder, {reference: row.pk}, actor)
    return rows.select_related("version__template__owner").get(reference=reference)


def check_may_use_more(holder: Template) -> None:
    """Raises InvalidInput for a template that uses as many others as it may."""
    count = TemplateUse.objects.filter(holder=holder).count()
    if len(names_in_draft(holder)) >= MAX_USES or count >= MAX_ROWS:
        raise _refusal(f"A template uses at most {MAX_USES} others.")


def keep_uses(holder: Template, uses: Mapping[str, int], actor: User) -> None:
    """Insert rows; those that are there mean what they meant, and stay as long as new ones. Part of
    the caller's transaction, which has locked the holder."""
    TemplateUse.objects.bulk_create(
        [
            TemplateUse(holder=holder, reference=name, version_id=pk, created_by=actor)
            for name, pk in uses.items()
        ],
        update_conflicts=True,
        unique_fields=["holder", "reference"],
        update_fields=["created_at"],
    )


def _lock(holder: Template) -> None:
    """Lock a template before its rows, as a save does; else each would wait for the other's."""
    if not Template.objects.select_for_update().filter(pk=holder.pk).exists():
        raise selectors.missing()


def take_over(holder: Template, reference: str, actor: User) -> dict[str, TemplateUse]:
    """Allow a template what a version that it uses may be made of, and return these rows by name.

    Only what the version itself names: its template's other versions and draft are not open here.
    """
    rows = TemplateUse.objects.select_related("version__template")
    version = rows.get(holder=holder, reference=reference).version
    names = references_in(version.spec)
    if names:
        with transaction.atomic():
            _lock(holder)
            keep_uses(holder, versions_named(version.template, names), actor)
    return {name: row for name, row in uses_of(holder).items() if name in names}


def find_version(actor: User, public_id: str, version: str = "") -> TemplateVersion:
    """Find what this person may make a stage of: of their own and of what they work on any version,
    of what is public the published one. version: empty for the newest of these.

    Who may do this may remix it. Raises NotFound, Forbidden.
    """
    template, works_on_it = _insertable(actor, public_id)
    rows = TemplateVersion.objects.filter(template=template)
    newest = template.head_id if works_on_it else template.published_id
    if version:
        rows = rows.filter(semver=version)
    if not version or not works_on_it:
        rows = rows.filter(pk=newest or 0)
    row = rows.defer("spec").first()
    if row is None:
        raise selectors.missing()
    row.template = template
    return row


def _insertable(actor: User, public_id: str) -> tuple[Template, bool]:
    """Find the template that an id means to someone, as for a remix, and whether they work on it.

    Unknown ids and those of others cost the same.
    """
    template = None
    if PUBLIC_ID.fullmatch(public_id):
        template = _templates_of_ids(actor, [public_id]).get(public_id)
    if template is None:
        raise selectors.missing()
    if template.owner_id == actor.pk:
        return template, True
    check_may_act(actor)
    if template.is_shared:
        return template, True
    blocks.check_not_apart(actor, {template.owner_id}, "use this")
    return template, False


def newest_versions(actor: User, templates: Collection[Template]) -> dict[int, TemplateVersion]:
    """Find the newest version that this person may make a stage of, as `find_version` does, of each
    of these templates by its primary key; nothing of others. As many queries for one as for many.
    """
    by_id = _templates_of_ids(actor, {template.public_id for template in templates})
    # Another template may have the same id.
    keys = {template.pk for template in templates}
    matches = [one for one in by_id.values() if one.pk in keys]
    owners = User.objects.filter(pk__in={one.owner_id for one in matches} - {actor.pk})
    apart = set(owners.filter(blocks.apart_from("pk", actor.pk)).values_list("pk", flat=True))
    versions = []
    for one in matches:
        if one.owner_id == actor.pk or (one.is_shared and suspended_until(actor) is None):
            versions.append(one.head_id)
        elif suspended_until(actor) is None and one.owner_id not in apart:
            versions.append(one.published_id)
    rows = TemplateVersion.objects.filter(pk__in=[pk for pk in versions if pk is not None])
    return {row.template_id: row for row in rows.defer("spec")}


def as_read_by(person: int, version: TemplateVersion) -> dict[str, Any]:
    """Return a version's spec as someone reads it by way of a template that uses it.

    Its brief may be the words that it was described in: it is for those who work on its template,
    and for all once it is published there. version: with its template and owner.
    """
    template, spec = version.template, dict(version.spec)
    if not spec.get("brief") or template.owner_id == person or is_readable_by_all(version):
        return spec
    if not Collaborator.objects.filter(template=template, user=person).exists():
        del spec["brief"]
    return spec


def _templates_of_ids(actor: User, public_ids: Collection[str]) -> dict[str, Any]:
    """Return the templates that ids mean to someone, with `is_shared`: their own first, then what
    is public."""
    is_shared = Exists(Collaborator.objects.filter(user=actor, template=OuterRef("pk")))
    mine = Q(owner=actor) & ~Q(moderation="removed")
    candidates = (
        Template.objects.filter(
            mine | selectors.OPEN | (Q(moderation="visible") & Q(is_shared)),
            selectors.LIVE,
            public_id__in=public_ids,
            head__isnull=False,
        )
        .annotate(is_shared=is_shared)
        .select_related("owner")
        .order_by("id")
    )
    matches: dict[str, Any] = {}
    for one in candidates:
        rank = (one.owner_id == actor.pk, selectors.is_public(one))
        other = matches.get(one.public_id)
        if other is None or rank >= (other.owner_id == actor.pk, selectors.is_public(other)):
            matches[one.public_id] = one
    return matches


def _may_edit(actor: User, holder: Template) -> bool:
    rows = Collaborator.objects.filter(template=holder, user=actor, role=EDITOR)
    return holder.owner_id == actor.pk or rows.exists()


def names_in_draft(holder: Template) -> set[str]:
    """Return the templates that its stages are now; rows of earlier ones stay for its versions."""
    states = Document.objects.filter(template=holder).values_list("state", flat=True)
    state = states.first()
    if state is not None:
        return references_in(to_spec(state))
    return set() if holder.head is None else references_in(holder.head.spec)


def _refusal(message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, code="template.not_a_stage")


# -- choosing --------------------------------------------------------------------------------------


def choices(actor: User, words: str, *, holder: Template) -> list[Choice]:
    """List what may be made a stage of `holder`: own templates, those that others share with the
    actor, then public ones; the lately changed first, and of public ones those that are used most.

    words: as for `library.matching`.
    """
    entries = library.matching(library.entries_of(actor), words)
    part = library.part(
        entries, sort=library.CHANGED, last_runs={}, after="", limit=CHOICES_SHOWN + 1
    )
    templates = [one for one in library.templates_in(part.entries) if one.moderation != "removed"]
    versions = {one.pk: one.head_id for one in templates}
    own = set(versions)
    if len(templates) <= CHOICES_SHOWN:
        page = search.search_templates(
            query=words, left_out=blocks.left_out(actor), limit=CHOICES_SHOWN + 1
        )
        for one in page.found:
            if one.template.pk not in own:
                templates.append(one.template)
                versions[one.template.pk] = one.template.published_id
    templates = [one for one in templates if one.pk != holder.pk][:CHOICES_SHOWN]
    rows = TemplateVersion.objects.defer("spec").in_bulk(
        [pk for one in templates if (pk := versions[one.pk]) is not None]
    )
    tools = used_versions(rows)
    return [
        Choice(one, rows[pk], entry.tool, one.owner_id == actor.pk)
        for one in templates
        if (pk := versions[one.pk]) is not None
        and (entry := tools.get(pk)) is not None
        and entry.depth <= MAX_DEPTH
        and entry.tool.flat.stages
    ]
