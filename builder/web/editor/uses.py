"""`/app/documents/<id>/uses`: templates as stages of this one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.web.editor.answers import answer, person_of, text_in
from builder.web.editor.given_inputs import given_inputs
from builder.web.editor.use_schemas import (
    Inside,
    ReferencedMedium,
    TemplateChoice,
    Use,
    UsedVersion,
)
from core import errors, jsonsafe
from core.public_url import base_url
from media import signing
from runs.access import visible_run
from templates_app import selectors as templates
from templates_app import uses
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.diff import diff
from templates_app.document_ops.schemas import Doc
from templates_app.documents import selectors, services
from templates_app.documents.selectors import OpenDocument
from templates_app.graph.template_names import read_reference
from templates_app.graph.template_stages import references_in
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.unpacking import NotUnpackable, unpack
from templates_app.graph.wiring import outputs_shown
from templates_app.lifecycle.bundles import all_or_none, bundle_of, unbundle
from templates_app.lifecycle.collapsing import collapse_stages
from templates_app.models import Collaborator, Template, TemplateUse, TemplateVersion
from templates_app.named_uses import names_in_versions, stale_before
from templates_app.open_stage import open_stage
from tools import palette
from tools.declaration.ports import MediaKind, ToolTable

MAX_WORDS = 200


@never_cache
@require_POST
def use(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let stages be a version of another template: `{template, version, asks}`, "" for its newest.

    asks: a Conflict where others come to see a private template by it, so that a person agrees.
    """
    person = person_of(request)
    holder = selectors.editable(person, public_id)
    body = jsonsafe.loads_object(request.body)
    if body.get("asks") is True and _shows_more(holder, person, body):
        raise errors.Conflict(
            "Others on this template would be able to open a private one. Ask, then send it again"
            " without `asks`.",
            person="Others on this template would be able to open a private one.",
            code="template.shown_to_others",
        )
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
    ops = diff(document.state, result.state)
    if f'"{signing.OWN_ORIGIN}/' in json.dumps(ops):
        # A link to it would end within a day.
        raise errors.Conflict(
            "It uses an example file of the template. Give it a file of yours first.",
            code="template.not_unpackable",
        )
    rows = uses.take_over(holder, document.state["stages"]["rows"][key]["tool"], person)
    table = uses.table_for(holder, person=person.pk)
    return answer(
        {
            "rev": document.rev,
            "ops": ops,
            "keys": [*result.keys],
            "uses": _uses_from(rows, table, person),
        }
    )


@never_cache
@require_POST
def collapsing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a private template of stages: `{stages, title}`, their keys and its name.

    The answer has the changes of the document that replace them with one stage, the template.
    """
    person = person_of(request)
    document = selectors.document_of(person, public_id)
    body = jsonsafe.loads_object(request.body)
    keys = body.get("stages")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise errors.InvalidBody("`stages` must be a list of the keys of stages.")
    result, row = collapse_stages(
        actor=person, document=document, keys=keys, name=text_in(body, "title")
    )
    table = uses.table_for(document.template, person=person.pk)
    return answer(
        {
            "rev": document.rev,
            "ops": diff(document.state, result.state),
            "keys": [result.key],
            "uses": _uses_from({row.reference: row}, table, person),
        }
    )


@never_cache
@require_safe
def inside(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what is inside a stage. in: the key of its step in a run. run: the one whose values its
    inputs show; none without it."""
    person = person_of(request)
    document = services.open_document(viewer=person, public_id=public_id)
    stage = open_stage(document.template, document.state, request.GET.get("in", ""), person.pk)
    rows = {name: row for name, row in uses.uses_of(stage.holder).items() if name in stage.names}
    run_id = request.GET.get("run", "")
    origin = base_url(request)
    values = given_inputs(stage, visible_run(person, run_id) if run_id else None, origin)
    state = values.into(stage.state)
    shape: Inside = {
        "path": [
            {"key": key, "title": title, "isElement": is_element}
            for key, title, is_element in stage.path
        ],
        "template": "" if stage.use is None else stage.holder.public_id,
        "mayOpen": stage.use is not None and _newest(stage.holder, person) is not None,
        "state": cast(Doc, state),
        "media": {**media_out(state, stage.holder, origin), **values.media},
        "sources": {**values.sources},
        "uses": _uses_from(rows, uses.table_for(stage.holder, person=person.pk), person),
    }
    return answer(shape)


def media_out(
    state: Mapping[str, Any], template: Template, origin: str
) -> dict[str, ReferencedMedium]:
    """Render the files that a document names, by how it names them."""
    return {
        text: {
            "url": origin + path,
            "kind": cast(MediaKind, blob.kind),
            "width": blob.width,
            "height": blob.height,
            "duration": blob.duration_s,
        }
        for text, (path, blob) in selectors.media_of(state, template).items()
    }


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


@never_cache
@require_safe
def bundle(request: HttpRequest, public_id: str) -> HttpResponse:
    """The templates that stages of this one are, as a file takes them along."""
    person = person_of(request)
    view = services.open_document(viewer=person, public_id=public_id)
    templates_inside = bundle_of(
        view.template, to_spec(view.state), person=person, base_url=base_url(request)
    )
    return answer({"templates": templates_inside})


@never_cache
@require_safe
def newer(request: HttpRequest, public_id: str) -> HttpResponse:
    """The version that stages are and the newer one that is offered, each as a document.

    reference: how the stages name it.
    """
    person = person_of(request)
    holder = selectors.readable(person, public_id)
    reference = request.GET.get("reference", "")
    row = uses.uses_of(holder).get(reference)
    tool = uses.table_for(holder, person=person.pk).get(reference)
    newest = None if row is None else _newest(row.version.template, person)
    if row is None or tool is None or newest is None or not _newer(row.version, newest):
        raise templates.missing()
    versions = [_version_out(version, tool.title, person) for version in (row.version, newest)]
    return answer({"versions": versions})


def _version_out(version: TemplateVersion, title: str, person: User) -> UsedVersion:
    state = cast(Doc, to_document(uses.as_read_by(person.pk, version)))
    return {"title": title, "version": version.semver, "state": state}


@never_cache
@require_POST
def unbundling(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make private templates of a file's, and let stages be them: `{templates, names}`.

    names: what stages in the file name. Answers the new names by those. All or none.
    """
    person = person_of(request)
    holder = selectors.editable(person, public_id)
    body = jsonsafe.loads_object(request.body)
    names = body.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise errors.InvalidBody("`names` must be a list of texts.")
    with all_or_none():
        new_names = unbundle(
            actor=person,
            entries=body.get("templates"),
            names=set(names),
            own_hosts=[request.get_host()],
            holder=holder,
        )
        rows = {}
        for name in new_names.values():
            template, version = read_reference(name) or ("", "")
            rows[name] = uses.add_use(
                actor=person, holder=holder, public_id=template, version=version
            )
    table = uses.table_for(holder, person=person.pk)
    return answer({"names": new_names, "uses": _uses_from(rows, table, person)})


def uses_out(document: OpenDocument, person: User) -> list[Use]:
    """Return what stages of a document may be, without what is taken down.

    Who works on it also goes back to versions, and has what may be theirs to insert again; a row
    alone opens nothing, as a stage may have been taken out before anyone else was invited.
    """
    holder = document.template
    rows = uses.uses_of(holder)
    if not rows:
        return []
    names = references_in(to_spec(document.state))
    if document.role is None:
        rows = {name: row for name, row in rows.items() if name in names}
    shapes = _uses_from(rows, uses.table_for(holder, person=person.pk), person)
    # What is about to be pruned must not be inserted again without asking for it.
    stale = {name for name, row in rows.items() if row.created_at < stale_before()}
    others = stale | {one["reference"] for one in shapes if not one["mayOpen"]}
    others -= names
    others -= names_in_versions(holder, others)
    return [one for one in shapes if one["reference"] not in others]


def private_titles(holder: Template, person: User) -> list[str]:
    """List the private versions that everyone who works on a template may open, by title: those
    that its draft or a version of it names."""
    rows = uses.uses_of(holder)
    if not rows:
        return []
    tools = uses.table_for(holder, person=person.pk).uses
    names = uses.names_in_draft(holder) & tools.keys()
    names |= names_in_versions(holder, tools.keys() - names)
    public = holder.published
    shown_names = set() if public is None else references_in(public.spec)
    private = uses.private_names({name: rows[name].version_id for name in names}, shown_names)
    return [f"{tools[name].title} {rows[name].version.semver}" for name in sorted(private)]


def _uses_from(rows: Mapping[str, TemplateUse], table: ToolTable, person: User) -> list[Use]:
    """Render rows by their references. table: of their holder; what it lacks is left out."""
    templates = {row.version.template_id: row.version.template for row in rows.values()}
    newest = uses.newest_versions(person, [*templates.values()])
    return [
        {
            "reference": reference,
            "template": row.version.template.public_id,
            "version": row.version.semver,
            "title": tool.title,
            "owner": row.version.template.owner.shown_name,
            "stages": len(cast(type[TemplateTool], tool).spec.stages),
            "mayOpen": row.version.template_id in newest,
            "newer": _newer(row.version, newest.get(row.version.template_id)),
            "tool": palette.palette_tool(tool, is_provided=table.is_provided(reference)),
            "outputs": [
                {"name": name, "title": title, "kind": cast(MediaKind | None, kind)}
                for name, title, kind in outputs_shown(tool)
            ],
        }
        for reference, row in rows.items()
        if (tool := table.get(reference)) is not None
    ]


def _newest(template: Template, person: User) -> TemplateVersion | None:
    """Find the version that a person could use now."""
    return uses.newest_versions(person, [template]).get(template.pk)


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


def _shows_more(holder: Template, person: User, body: Mapping[str, Any]) -> bool:
    """Return whether others come to see a private template that a body names."""
    if not _is_shared(holder, person):
        return False
    version = uses.find_version(person, text_in(body, "template"), text_in(body, "version"))
    is_there = TemplateUse.objects.filter(holder=holder, version=version).exists()
    return not is_there and not templates.is_public(version.template)


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
