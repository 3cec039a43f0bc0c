"""`/app/documents/<id>`: the document that the editor works on, over HTTP.

The answer to a change is its acknowledgement: it is written after the commit.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.web import licensing
from builder.web.editor.answers import answer, person_of, text_in
from builder.web.editor.schemas import LicenseChoice, Opened, VersionRow
from builder.web.editor.use_schemas import PrivateTemplate
from builder.web.editor.uses import media_out, private_titles, uses_out
from core import clock, durable, errors, jsonsafe, short_text
from core.public_url import base_url
from moderation.notices import notice_for
from runs import selectors as runs
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.schemas import Doc
from templates_app.documents import invitations, selectors, services
from templates_app.documents.rendering import change_out, face
from templates_app.documents.selectors import OpenDocument
from templates_app.lifecycle import services as templates
from templates_app.lifecycle.public_uses import private_uses
from templates_app.models import EDITOR, Document, Template, TemplateVersion
from templates_app.schemas import PUBLIC, validation_out


@never_cache
@require_safe
def document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The whole document, made from the template's head when it is opened for the first time."""
    view = services.open_document(viewer=person_of(request), public_id=public_id)
    return answer(durable.flushed(_opened_out(view, person_of(request), base_url(request))))


@never_cache
@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest, public_id: str) -> HttpResponse:
    """POST: append changes. GET: those after a revision."""
    person = person_of(request)
    reads = request.method == "GET"
    find = selectors.read_document if reads else selectors.document_of
    document = find(person, public_id, with_state=False)
    if reads:
        after = request.GET.get("after", "")
        since = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else -1
        can_edit = selectors.may_edit(person, document.template)
        rows = changes_out(document, since, can_edit=can_edit)
        return answer(durable.flushed({"rev": document.rev, "changes": rows}))
    body = jsonsafe.loads_object(request.body)
    base = body.get("base")
    if isinstance(base, bool) or not isinstance(base, int):
        raise errors.InvalidBody("`base` must be the revision that you have.")
    outcome = services.append_changes(
        actor=person,
        document=document,
        client_id=body.get("clientId", ""),
        changes=body.get("changes"),
    )
    return answer(
        {
            "rev": outcome.document.rev,
            "accepted": [{"id": id_, "rev": rev} for id_, rev in outcome.accepted],
            "rejected": [
                {"id": refusal.id, "code": refusal.code, "message": refusal.message}
                for refusal in outcome.rejected
            ],
            "missed": changes_out(outcome.document, base, can_edit=True),
        }
    )


@never_cache
@require_http_methods(["GET", "POST"])
def versions(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET: all versions, newest first. POST: make one of the document as it is now."""
    person = person_of(request)
    template = selectors.readable(person, public_id)
    if request.method == "GET":
        return answer({"versions": [version_out(row, template) for row in _versions(template)]})
    body = jsonsafe.loads_object(request.body)
    if "label" not in body:
        raise errors.InvalidBody("`label` must say what the version is called; it may be empty.")
    outcome = templates.save_version(
        actor=person,
        public_id=public_id,
        label=short_text.clean(text_in(body, "label"), field="label")[:80],
        version=text_in(body, "version") or None,
    )
    head = outcome.template.head
    assert head is not None  # noqa: S101  a template that was saved has one
    shape = version_out(head, outcome.template)
    return answer({**shape, "validation": validation_out(outcome.warnings)}, status=201)


@never_cache
@require_safe
def version(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """One version as a document, to look at, compare with or go back to."""
    template = selectors.readable(person_of(request), public_id)
    row = _versions(template).filter(number=number).first()
    if row is None:
        raise errors.NotFound("That version doesn't exist.")
    return answer({**version_out(row, template), "state": to_document(row.spec)})


@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show everyone the newest saved version. Only its owner may.

    number: of the version that the person has seen; another one saved meanwhile is a Conflict.
    license: one of `licenses` of the template's facts; without it the license stays. shows: names
    of private templates whose stages are shown with it, of `privateTemplates` of these facts.
    showsBrief: true keeps the template's `brief`, which may be the words that it was described in;
    otherwise it is removed.
    """
    person = person_of(request)
    body = jsonsafe.loads_object(request.body)
    number = body.get("number")
    if isinstance(number, bool) or not isinstance(number, int):
        raise errors.InvalidBody("`number` must be the number of the version to publish.")
    head = selectors.own_template(person, public_id).head
    if head is None or head.number != number:
        raise errors.Conflict(
            "Someone saved a newer version. Review it, then publish.",
            code="template.stale",
        )
    outcome = templates.patch_template(
        actor=person,
        public_id=public_id,
        changes={
            "visibility": "public",
            "showsStagesOf": body.get("shows"),
            **({} if body.get("showsBrief") is True else {"brief": None}),
            **licensing.chosen(head.spec, text_in(body, "license") or None),
        },
        own_hosts=[request.get_host()],
    )
    notice = notice_for(outcome.template)
    if outcome.template.visibility != PUBLIC and notice is not None:
        raise errors.Conflict(notice.message, code="template.in_review")
    version = outcome.template.published
    return answer({"version": version.semver if version else None})


@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
@allowed_while_suspended("DELETE")
def people(request: HttpRequest, public_id: str) -> HttpResponse:
    """List who edits, and for the owner who is invited to; POST invites, DELETE takes it back."""
    person = person_of(request)
    template = selectors.readable(person, public_id)
    if request.method != "GET":
        body = jsonsafe.loads_object(request.body)
        name = text_in(body, "username")
        if request.method == "POST":
            role = text_in(body, "role") or EDITOR
            invitations.invite(actor=person, public_id=public_id, username=name, role=role)
        else:
            invitations.remove(actor=person, public_id=public_id, username=name)
            if selectors.role_of(person, template) is None:
                return HttpResponse(status=204)
    rows = [(template.owner, selectors.OWNER), *selectors.people_of(template)]
    is_owner = template.owner_id == person.pk
    return answer(
        {
            "people": [{**face(one), "username": one.username, "role": role} for one, role in rows],
            "invited": invitations.open_invitations(template) if is_owner else [],
            "opens": private_titles(template, person) if is_owner else [],
        }
    )


def changes_out(document: Document, since: int, *, can_edit: bool) -> list[dict[str, Any]] | None:
    """The changes after a revision; None when the editor must take the document again. can_edit:
    whether who reads them may edit the document."""
    rows = selectors.changes_after(document, since)
    return None if rows is None else [change_out(row, can_edit=can_edit) for row in rows]


def version_out(row: TemplateVersion, template: Template) -> VersionRow:
    return {
        "number": row.number,
        "version": row.semver,
        "label": row.label,
        "cause": row.cause,
        "by": row.created_by.shown_name,
        "createdAt": clock.iso(row.created_at),
        "isHead": template.head_id == row.pk,
        "isPublished": template.published_id == row.pk,
    }


def _versions(template: Template) -> QuerySet[TemplateVersion]:
    return (
        TemplateVersion.objects.filter(template=template)
        .select_related("created_by")
        .order_by("-number")
    )


def _opened_out(document: OpenDocument, viewer: User, origin: str) -> Opened:
    template = document.template
    version = template.published
    mine = runs.runs_of_template(viewer, template.pk, limit=1)
    uses = uses_out(document, viewer)
    return {
        "id": template.public_id,
        "rev": document.rev,
        "savedRev": document.document.saved_rev if document.document else 0,
        "base": {"number": document.version.number, "version": document.version.semver},
        "state": cast(Doc, document.state),
        "media": media_out(document.state, template, origin),
        "uses": uses,
        "template": {
            "name": template.name,
            "visibility": cast(Any, template.visibility),
            "publishedVersion": version.semver if version else None,
            "isOwner": document.is_owner,
            "canEdit": document.can_edit,
            "role": cast(Any, document.role),
            # Those who work together know each other by name.
            "owner": template.owner.shown_name,
            "licenses": _licenses(document),
            # Without template stages, the stages are not read for it.
            "privateTemplates": _private_templates(document, viewer) if uses else [],
        },
        "latestRun": next((run.public_id for run in mine), None),
        "people": [],
    }


def _private_templates(document: OpenDocument, viewer: User) -> list[PrivateTemplate]:
    if not document.is_owner:
        return []
    inside = private_uses(viewer, to_spec(document.state), document.template)
    titles = {use.name: use.title for use in inside if use.is_own}
    return [{"reference": name, "title": title} for name, title in titles.items()]


def _licenses(document: OpenDocument) -> list[LicenseChoice]:
    if not document.is_owner:
        return []
    return [
        {"value": one["value"], "text": one["text"], "isChosen": one["is_chosen"]}
        for one in licensing.choices(document.version.spec)
    ]
