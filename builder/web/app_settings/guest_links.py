"""Making guest links of apps: of a template, whose app is made with its first link, and of an app.

A link's token can't be read again: the answer that makes it shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared import one_time_secret, qr_codes
from builder.shared.page_requests import check_form, person_of
from builder.web.template_pages.responses import messages_of, own_template
from core import errors
from core.public_url import base_url
from simple_apps import services
from simple_apps.access import apps_of, own_app
from simple_apps.models import GuestLink, SimpleApp
from templates_app import selectors
from templates_app.lifecycle.services import save_version
from templates_app.models import Template

# What a form sends, with the values that it has first.
LIMITS = {"runs": "20", "units": "100", "days": "7", "label": "", "runs_per_guest": ""}
# As fields: what each is called, its bounds as text, and what is there while it is empty.
FIELDS = (
    ("runs", "Runs", "1", "10000", ""),
    ("units", "Credits", "0.001", "1000000", ""),
    ("days", "Days", "1", "365", ""),
    ("runs_per_guest", "Runs per guest", "0", "10000", "No limit"),
    ("label", "Label, only you see it", "", "", "For whom, for what"),
)
# Of the author's own look at the app.
OWN_LOOK = {"runs": 3, "days": 1, "label": "My own look"}

AppLink = tuple[SimpleApp, GuestLink, str]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_template(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a link costs at most; a POST makes it, and the template's app if there is none.

    The app is of the newest version, and of an own draft that is ahead, which is saved first.
    """
    person = person_of(request)
    template_view = own_template(person, public_id)
    template = template_view.template
    app = apps_of(person).filter(template=template, version__isnull=False).first()

    def make(limits: dict[str, str]) -> AppLink:
        if app is None and template_view.draft_rev is not None:
            save_version(actor=person, public_id=public_id)
        return _app_with_link(person, template, limits)

    context = {
        "name": template_view.version.spec["name"],
        "app": app,
        "saves_draft": app is None and template_view.draft_rev is not None,
        "action": reverse("share-app", args=[public_id]),
        "back": reverse("template", args=[public_id]),
    }
    return _ask_or_make(request, make, context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the limits of another link of an app; a POST makes it."""
    person = person_of(request)
    app = own_app(person, slug)

    def make(limits: dict[str, str]) -> AppLink:
        return app, *services.create_link(actor=person, app=app, fields=limits)

    context = {
        "name": app.title,
        "app": app,
        "action": reverse("app-links", args=[slug]),
        "back": reverse("app-settings", args=[slug]),
    }
    return _ask_or_make(request, make, context)


@login_required
@require_POST
def look_as_guest(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the app as a guest sees it, by a short link of its own."""
    person = person_of(request)
    app = own_app(person, slug)
    check_form(request)
    try:
        _, token = services.create_link(actor=person, app=app, fields=OWN_LOOK)
    except errors.Conflict as refusal:
        messages.error(request, refusal.person)
        return redirect("app-settings", slug)
    return redirect(_path_of(app, token))


@login_required
@require_POST
@allowed_while_suspended("POST")
def end_link(request: HttpRequest, slug: str, link_id: int) -> HttpResponse:
    """End one link at once. Runs that go on are finished."""
    app = own_app(person_of(request), slug)
    check_form(request)
    services.end_link(app=app, link_id=link_id)
    messages.success(request, "Link ended.")
    return redirect(f"{reverse('app-settings', args=[slug])}#links")


def shown_link(request: HttpRequest, app: SimpleApp, token: str) -> dict[str, Any]:
    """Return the context of a link that was just made."""
    url = base_url(request) + _path_of(app, token)
    picture = "" if qr_codes.is_only_here(url) else qr_codes.picture(url)
    return {"url": url, "picture": picture}


def _path_of(app: SimpleApp, token: str) -> str:
    return f"/a/{app.slug}#k={token}"


def _app_with_link(person: User, template: Template, limits: dict[str, str]) -> AppLink:
    """Make a link of a template's app, and the app if there is none: both, or neither."""
    with transaction.atomic():
        # Two requests at once find the same app.
        row = Template.objects.select_for_update().get(pk=template.pk)
        app = apps_of(person).filter(template=row, version__isnull=False).first()
        if app is None:
            own = selectors.resolve_own(person, template.public_id)
            app = services.create_app(actor=person, template=own, changes={})
        return app, *services.create_link(actor=person, app=app, fields=limits)


def _ask_or_make(
    request: HttpRequest, make: Callable[[dict[str, str]], AppLink], context: dict[str, Any]
) -> HttpResponse:
    """Show the form of a link; make the link when it was sent."""
    is_part = request.headers.get("HX-Request") == "true"
    page = "app_settings/new_link.html" if is_part else "app_settings/new_link_page.html"
    limits = LIMITS
    if request.method == "POST":
        check_form(request)
        limits = _limits_of(request.POST)
        try:
            app, _, token = make({name: text for name, text in limits.items() if text})
        except (errors.InvalidBody, errors.InvalidInput, errors.Conflict) as refusal:
            problems = _problems_of(refusal)
            context |= _fields(limits, problems)
            # What htmx puts into a page has this status.
            return render(request, page, context, status=422 if is_part else refusal.status)
        path = reverse("app-settings", args=[app.slug])
        if is_part:
            link = {"app": app, "limits": limits, **shown_link(request, app, token)}
            response = render(request, "app_settings/made_link.html", context | link)
            patch_cache_control(response, no_transform=True)
        else:
            response = redirect(path)
            one_time_secret.keep(request, response, token, path=path)
        return response
    return render(request, page, context | _fields(limits))


def _limits_of(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, value)[:200].strip() for name, value in LIMITS.items()}


def _fields(limits: dict[str, str], problems: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the context of the form. problems: as `_problems_of` returns them."""
    problems = problems or {}
    fields = [
        {
            "name": name,
            "label": label,
            "least": least,
            "most": most,
            "step": "any" if name == "units" else "1",
            "placeholder": placeholder,
            "value": limits[name],
            "problem": problems.get(name, ""),
        }
        for name, label, least, most, placeholder in FIELDS
    ]
    is_open = any(field["problem"] for field in fields)
    return {
        "limits": limits,
        "fields": fields,
        "problem": problems.get("", ""),
        "is_open": is_open,
    }


def _problems_of(refusal: errors.AppError) -> dict[str, str]:
    """Return problems by field of the form; of all of it by ""."""
    issues = [one for one in refusal.details.get("issues") or () if one["path"] in LIMITS]
    if not issues:
        sentences = messages_of(refusal)
        return {"": refusal.person if sentences == [refusal.message] else sentences[0]}
    return {one["path"]: one["message"].partition(" ")[2].capitalize() for one in issues}
