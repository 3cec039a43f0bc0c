"""`/a/<slug>`: the page of an app, for those who hold a link to it. It works without cookies.

The page itself is the same for every address. What an app is, its script asks for with the link's
token, which is in the fragment: no server and no log reads it.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from builder.web.app_pages.guest_form import guest_form
from builder.web.template_pages.forms import (
    FormField,
    fields_of,
    read_inputs,
    texts_of,
    with_undrawn,
)
from core import errors, http, jsonsafe
from core.public_url import base_url
from runs.admission.template_quotes import quote_template
from simple_apps import access
from simple_apps.form import inputs_of, linked_inputs, values_of
from simple_apps.models import GuestLink, SimpleApp
from simple_apps.web import api
from templates_app.uses import table_of

# In a frame on another site it loads nothing but its own files.
POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the same page for every app, and for what is none."""
    return _shell(is_embed=False)


@xframe_options_exempt
@require_safe
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page without its edges, to be framed by the sites that the app's author named."""
    response = _shell(is_embed=True)
    ancestors = " ".join(access.embed_origins(slug)) or "'none'"
    response["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {ancestors}"
    return response


@require_safe
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """Return what a link's holder sees of the app: its words and its form, as HTML.

    Where people run it at their own cost, someone who is signed in gets it with its price.
    """
    link, payer = api.caller_of(request, slug)
    app, allowance = link.app, link.allowance
    assert app.version is not None  # noqa: S101  open apps have one
    context: dict[str, Any] = {
        "app": app,
        "price_milli": _price_milli(request, app) if payer is not None else None,
        "is_own_cost": payer is not None,
        "form": guest_form(_fields(request, link, {}), app.version),
        "runs": allowance.most_runs,
        "runs_left": max(0, allowance.most_runs - allowance.runs),
    }
    response = render(request, "app_pages/form.html", context)
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
@require_POST
def undrawn(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the elements of the form's fields with what of their values isn't drawn."""
    link = api.caller_of(request, slug).link
    spec = {"inputs": _inputs(request, link)}
    fields = _fields(request, link, read_inputs(spec, texts_of(request.POST)))
    sentences = {field.element: field.undrawn for field in fields if field.type == "text"}
    answer = HttpResponse(jsonsafe.dumps(sentences), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a run with what the form sent, and answer as `POST /v1/apps/<slug>/runs` does, with
    refusals in words for people."""
    try:
        caller = api.caller_of(request, slug)
        inputs = read_inputs({"inputs": _inputs(request, caller.link)}, texts_of(request.POST))
        status, body = api.start(request, caller, inputs)
        headers = {"Cache-Control": "no-store"}
        data: dict[str, Any] = {"status": "success", "data": body}
    except errors.AppError as problem:
        request_id = getattr(request, "request_id", "")
        status, headers, data = http.envelope(problem, request_id=request_id, for_person=True)
    return HttpResponse(
        jsonsafe.dumps(data), content_type="application/json", status=status, headers=headers
    )


def _fields(request: HttpRequest, link: GuestLink, values: dict[str, Any]) -> list[FormField]:
    """Return the fields of an app with what isn't drawn of these values and its defaults."""
    app = link.app
    assert app.version is not None  # noqa: S101  open apps have one
    fields = fields_of({"inputs": _inputs(request, link)})
    names = {field.name for field in fields}
    own_values = {name: value for name, value in values.items() if name in names}
    return with_undrawn(
        fields,
        app.version,
        values_of(app, own_values, [request.get_host()]),
        table_of(app.version, person=app.owner_id),
    )


def _inputs(request: HttpRequest, link: Any) -> list[dict[str, Any]]:
    return linked_inputs(link.app, inputs_of(link.app), base_url(request))


def _price_milli(request: HttpRequest, app: SimpleApp) -> int | None:
    """Return what a run takes with the form as it is; None where that can't be told."""
    assert app.version is not None  # noqa: S101  open apps have one
    quote = quote_template(
        app.version,
        values_of(app, {}, [request.get_host()]),
        person=app.owner_id,
        own_hosts=[request.get_host()],
    )
    return None if quote.steps is None else quote.milli


def _shell(*, is_embed: bool) -> HttpResponse:
    # Without the request: nothing on it depends on who asks.
    response = HttpResponse(render_to_string("app_pages/shell.html", {"is_embed": is_embed}))
    response["Cache-Control"] = "no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
