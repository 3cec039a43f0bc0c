"""`/app/documents/<id>/uses`: templates as stages of this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.web.editor.answers import answer, person_of, text_in
from builder.web.editor.use_schemas import TemplateChoice, Use
from core import errors, jsonsafe
from templates_app import selectors as templates
from templates_app import uses
from templates_app.document_ops.diff import diff
from templates_app.documents import selectors
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.unpacking import NotUnpackable, unpack
from templates_app.models import Collaborator, Template, TemplateUse, TemplateVersion
from tools import palette
from tools.declaration.ports import ToolTable

MAX_WORDS = 200


@never_cache
@require_POST
def use(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let stages be a version of another template: `{template, version}`, "" for its newest."""
    person = person_of(request)
    holder = selectors.editable(person, public_id)
    body = jsonsafe.loads_object(request.body)
    row = uses.add_use(
        actor=person,
        holder=holder,
        public_id=text_in(body, "template"),
        version=text_in(body, "version"),
    )
    shapes = _uses_from({row.reference: row}, uses.table_for(holder, person=person.pk), person)
    if not shapes:
        raise templates.missing()
    return answer({"use": shapes[0]})


@never_cache
@require_POST
def unpacking(request: HttpRequest, public_id: str) -> HttpResponse:
    """Compute what unpacking a template stage changes: `{stage}`, its key. The editor makes it.

    Stages inside may be templates, too: what they are is allowed here from now on.
    """
    person = person_of(request)
    document = selectors.document_of(person, public_id)
    body = jsonsafe.loads_object(request.body)
    holder = document.template
    table = uses.table_for(holder, person=person.pk)
    key = text_in(body, "stage")
    try:
        result = unpack(document.state, key, table)
    except NotUnpackable as reason:
        raise errors.Conflict(str(reason), code="template.not_unpackable") from None
    rows = uses.take_over(holder, document.state["stages"]["rows"][key]["tool"], person)
    table = uses.table_for(holder, person=person.pk)
    return answer(
        {
            "rev": document.rev,
            "ops": diff(document.state, result.state),
            "keys": [*result.keys],
            "uses": _uses_from(rows, table, person),
        }
    )


@never_cache
@require_safe
def choices(request: HttpRequest, public_id: str) -> HttpResponse:
    """Templates that may be inserted. q: words to look for."""
    person = person_of(request)
    holder = selectors.editable(person, public_id)
    words = request.GET.get("q", "")[:MAX_WORDS]
    rows = uses.choices(person, words, holder=holder)
    others = _is_shared(holder, person)
    return answer({"choices": [_choice_out(row, others=others) for row in rows]})


def uses_out(holder: Template, person: User) -> list[Use]:
    """Return what stages of a template may be, without what is taken down."""
    rows = uses.uses_of(holder)
    return _uses_from(rows, uses.table_for(holder, person=person.pk), person) if rows else []


def _uses_from(rows: Mapping[str, TemplateUse], table: ToolTable, person: User) -> list[Use]:
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


def _is_shared(holder: Template, person: User) -> bool:
    """Return whether others than this person work on a template."""
    if holder.owner_id != person.pk:
        return True
    return Collaborator.objects.filter(template=holder).exists()


def _choice_out(row: uses.Choice, *, others: bool) -> TemplateChoice:
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
