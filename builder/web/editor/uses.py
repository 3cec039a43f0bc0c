"""`/app/documents/<id>/uses`: templates as stages of this one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from builder.web.editor.documents import answer, person_of, text_in
from builder.web.editor.use_answers import choice_out, is_shared, uses_from
from core import errors, jsonsafe
from templates_app import selectors as templates
from templates_app import uses
from templates_app.document_ops.convert import to_spec
from templates_app.document_ops.diff import diff
from templates_app.documents import selectors
from templates_app.graph.template_stages import references_in
from templates_app.graph.unpacking import NotUnpackable, unpack

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
    shapes = uses_from({row.reference: row}, uses.table_for(holder, person=person.pk), person)
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
    try:
        result = unpack(document.state, text_in(body, "stage"), table)
    except NotUnpackable as reason:
        raise errors.Conflict(str(reason), code="template.not_unpackable") from None
    rows = uses.take_over(holder, references_in(to_spec(result.state)), person)
    table = uses.table_for(holder, person=person.pk)
    return answer(
        {
            "rev": document.rev,
            "ops": diff(document.state, result.state),
            "keys": [*result.keys],
            "uses": uses_from(rows, table, person),
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
    others = is_shared(holder, person)
    return answer({"choices": [choice_out(row, others=others) for row in rows]})
