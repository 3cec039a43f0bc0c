"""Stages of a template that become a private template of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from accounts import storage
from accounts.models import User
from core import clock, errors, ids, short_text
from templates_app import schemas, semver
from templates_app.document_ops.convert import to_spec
from templates_app.graph.collapsing import Collapsed, NewTemplate, NotCollapsible, collapse
from templates_app.graph.rules.validation import validate
from templates_app.graph.template_names import PREFIX
from templates_app.graph.template_stages import references_in
from templates_app.lifecycle.version_writes import check_quota, insert_template, warnings_of
from templates_app.models import Change, Document, Template, TemplateUse
from templates_app.used_versions import used_versions
from templates_app.uses import (
    MAX_DEPTH,
    check_may_use_more,
    keep_uses,
    table_for,
    uses_of,
    versions_named,
)
from tools.declaration.ports import ToolTable

# So many stages are selected at once at most.
MAX_SELECTED: Final = 1_000
# An editor sends its change at once; after this its template is its own affair.
ON_ITS_WAY: Final = timedelta(seconds=15)


def collapse_stages(
    *, actor: User, document: Document, keys: Collection[str], name: str
) -> tuple[Collapsed, TemplateUse]:
    """Make a private template of some of a document's stages, and allow the document to use it.

    Returns the document as it is with the one stage, which is not written: the editor makes that
    change; and the row of the new use. The template is the actor's, its version the first. Raises
    Conflict for what can't be, where another editor was quicker, and for the quota; InvalidInput
    for the name.
    """
    name = _name_of_template(name)
    if not 0 < len(keys) <= MAX_SELECTED:
        raise errors.InvalidInput(f"`stages` must name 1 to {MAX_SELECTED:,} stages by their keys.")
    check_quota(actor)
    holder = document.template
    check_may_use_more(holder)
    public_id = ids.template_id(name)
    reference = f"{PREFIX}{public_id}@{semver.FIRST}"
    tools = table_for(holder, person=actor.pk)
    try:
        template = NewTemplate(name, ids.slug(name) or "template", reference)
        result = collapse(document.state, keys, tools, template)
    except NotCollapsible as reason:
        raise _refusal(str(reason)) from None
    draft = schemas.read_draft(result.inner)
    try:
        warnings_of(draft, (), tools)
    except errors.InvalidInput:
        raise _refusal("Fix the problems of these stages first.") from None
    if not _error_codes(result.state, result.tools) <= _error_codes(document.state, tools):
        raise _refusal("Others can't take what these stages make from a template.")
    versions = versions_named(holder, references_in(draft.spec))
    entries = used_versions(set(versions.values()))
    if max((entry.depth for entry in entries.values()), default=0) >= MAX_DEPTH:
        raise _refusal(f"Templates inside templates are at most {MAX_DEPTH} deep.")
    storage.check_room(actor, storage.size_of(draft.spec))
    with transaction.atomic():
        Template.objects.select_for_update().only("pk").get(pk=holder.pk)
        _check_not_taken(document, keys, {stage["id"] for stage in draft.spec["stages"]})
        inner = insert_template(
            actor=actor,
            public_id=public_id,
            spec=draft.spec,
            version=semver.FIRST,
            cause="create",
            uses=versions,
        )
        assert inner.head_id is not None  # noqa: S101  it was inserted with its first version
        keep_uses(holder, {reference: inner.head_id}, actor)
    return result, uses_of(holder)[reference]


def _check_not_taken(document: Document, keys: Collection[str], stage_ids: Collection[str]) -> None:
    """Raise Conflict where another editor was quicker with one of these stages: it has changed
    since it was read, or it was just made part of a template and the change that says so is on its
    way. Part of the transaction that holds the template's lock."""
    since = clock.now() - ON_ITS_WAY
    rows = TemplateUse.objects.filter(
        holder=document.template_id, version__number=1, version__created_at__gt=since
    )
    changes = Change.objects.filter(document=document, created_at__gt=since)
    changes = changes.annotate(text=Cast("ops", TextField()))
    for row in rows.select_related("version"):
        is_shared = any(stage["id"] in stage_ids for stage in row.version.spec["stages"])
        if is_shared and not changes.filter(text__contains=f'"{row.reference}"').exists():
            raise _refusal("Someone is making a template of these stages. Try again in a moment.")
    # Last, as such a change doesn't wait for the lock.
    stages_before = document.state["stages"]["rows"]
    stages = Document.objects.get(pk=document.pk).state["stages"]["rows"]
    if any(stages.get(key) != stages_before.get(key) for key in keys):
        raise _refusal("Someone changed these stages. Try again.")


def _name_of_template(text: str) -> str:
    name = short_text.clean(text, field="title")
    if not 0 < len(name) <= schemas.NAME_LENGTH:
        limit = schemas.NAME_LENGTH
        raise errors.InvalidInput(f"`title` must be a name of 1 to {limit} characters.")
    return name


def _error_codes(state: Mapping[str, Any], tools: ToolTable) -> set[str]:
    issues = validate(to_spec(state), tools)
    return {one.code for one in issues if one.severity == "error"}


def _refusal(reason: str) -> errors.Conflict:
    return errors.Conflict(reason, code="template.not_collapsible")
