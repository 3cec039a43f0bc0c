"""Templates as stages in answers to the editor: those a template uses, and those to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from accounts.models import User
from builder.web.editor.use_schemas import TemplateChoice, Use
from core import errors
from templates_app import selectors as templates
from templates_app import uses
from templates_app.graph.template_tool import TemplateTool
from templates_app.models import Collaborator, Template, TemplateUse, TemplateVersion
from tools import palette
from tools.declaration.ports import ToolTable


def uses_out(holder: Template, person: User) -> list[Use]:
    """Return what stages of a template may be, without what is taken down."""
    rows = uses.uses_of(holder)
    return uses_from(rows, uses.table_for(holder, person=person.pk), person) if rows else []


def uses_from(rows: Mapping[str, TemplateUse], table: ToolTable, person: User) -> list[Use]:
    """Render rows by their references. table: of their holder; what it lacks is left out."""
    newest: dict[int, TemplateVersion | None] = {}
    for row in rows.values():
        template = row.version.template
        if template.pk not in newest:
            newest[template.pk] = _newest(template, person)
    return [
        {
            "reference": reference,
            "template": row.version.template.public_id,
            "version": row.version.semver,
            "title": tool.title,
            "owner": row.version.template.owner.shown_name,
            "stages": len(cast(type[TemplateTool], tool).spec.stages),
            "mayOpen": newest[row.version.template_id] is not None,
            "newer": _newer(row.version, newest[row.version.template_id]),
            "tool": palette.palette_tool(tool, is_provided=table.is_provided(reference)),
        }
        for reference, row in rows.items()
        if (tool := table.get(reference)) is not None
    ]


def _newest(template: Template, person: User) -> TemplateVersion | None:
    """Find the version that a person could use now. Another template's may have the same id."""
    try:
        row = uses.find_version(person, template.public_id)
    except errors.AppError:
        return None
    return row if row.template_id == template.pk else None


def _newer(version: TemplateVersion, newest: TemplateVersion | None) -> str:
    """Return the version to offer in place of a used one; empty for none that says anything new."""
    if newest is None or newest.number <= version.number:
        return ""
    return newest.semver if newest.content_sha256 != version.content_sha256 else ""


def is_shared(holder: Template, person: User) -> bool:
    """Return whether others than this person work on a template."""
    if holder.owner_id != person.pk:
        return True
    return Collaborator.objects.filter(template=holder).exists()


def choice_out(row: uses.Choice, *, others: bool) -> TemplateChoice:
    """Render a choice. others: whether others work on the template that it would be inserted in."""
    return {
        "template": row.template.public_id,
        "title": row.tool.title,
        "owner": row.template.owner.shown_name,
        "version": row.version.semver,
        "takes": [port.kind for port in row.tool.ports()],
        "gives": row.tool.output,
        "stages": len(row.tool.spec.stages),
        "isOwn": row.is_own,
        "asks": others and not templates.is_public(row.template),
    }
