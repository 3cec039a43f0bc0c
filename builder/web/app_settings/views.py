"""`/me/apps`: a person's apps, and the settings, links and guests' runs of each."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.conf import settings as server
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared import one_time_secret, run_display
from builder.shared.page_requests import check_form, person_of
from builder.web.app_settings import form, guest_links
from builder.web.run_looks import looks_of
from builder.web.template_pages.run_outcomes import results_of
from core import clock, errors
from core.public_url import base_url
from media import signing
from runs.billing.units import units
from runs.selectors import last_runs
from simple_apps import form as app_form
from simple_apps import services
from simple_apps.access import apps_of, own_app
from simple_apps.guest_view import REFERENCE_LENGTH
from simple_apps.models import GuestLink, GuestRun, SimpleApp

RUNS = 20


@never_cache
@login_required
@require_safe
def my_apps(request: HttpRequest) -> HttpResponse:
    """List the apps, the newest first."""
    is_open = Q(
        links__person=None,
        links__allowance__ended_at=None,
        links__allowance__ends_at__gt=clock.now(),
    )
    person = person_of(request)
    apps = apps_of(person).annotate(
        link_count=Count("links", filter=is_open, distinct=True),
        run_count=Count("runs", distinct=True),
    )
    looks = looks_of(last_runs(person, {app.template_id for app in apps}))
    rows = [(app, looks.get(app.template_id)) for app in apps]
    return render(request, "app_settings/apps.html", {"apps": rows})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an app as its author sees it; a POST saves its settings."""
    person = person_of(request)
    app = own_app(person, slug)
    if request.method == "POST":
        check_form(request)
        changes: dict[str, Any] = {}
        try:
            changes, problems = form.changes_of(app, request.POST, request.get_host())
            if not problems:
                services.change_app(actor=person, app=app, changes=changes)
        except (errors.InvalidBody, errors.Conflict) as refusal:
            problems = form.problems_of(refusal)
        if problems:
            # As it was typed, beside what is wrong with it.
            app = own_app(person, slug)
            app.outputs = changes.get("outputs", app.outputs)
            rows = changes.get("inputs", app.inputs)
            app.inputs = form.shown_again(app, rows, base_url(request))
            return _page(request, person, app, {"sent": request.POST, "problems": problems}, 422)
        place = "#inputs" if "move" in request.POST else ""
        if not place:
            messages.success(request, "Saved.")
        return redirect(reverse("app-settings", args=[app.slug]) + place)
    path = reverse("app-settings", args=[slug])

    def page(token: str | None) -> HttpResponse:
        link = guest_links.shown_link(request, app, token) if token else {}
        return _page(request, person, app, link)

    return one_time_secret.shown_once(request, path, page)


@never_cache
@login_required
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an app as guests would see it with what its form says. Nothing is saved."""
    app = own_app(person_of(request), slug)
    check_form(request)
    if "title" not in request.POST:
        raise errors.InvalidBody("Send the form of the app's settings.")
    try:
        changes, _ = form.changes_of(app, request.POST, request.get_host())
    except errors.InvalidBody:
        # An upload has expired: saving says so.
        return HttpResponse(status=204)
    context = {"preview": form.preview_after(app, changes, base_url(request))}
    return render(request, "app_settings/preview.html", context)


@login_required
@require_POST
def use_newest(request: HttpRequest, slug: str) -> HttpResponse:
    """Have guests run the newest version of the template."""
    person = person_of(request)
    app = own_app(person, slug)
    check_form(request)
    app = services.use_newest(actor=person, app=app)
    assert app.version is not None  # noqa: S101  it was just set
    messages.success(request, f"Guests run v{app.version.semver} now.")
    return redirect("app-settings", slug)


@login_required
@require_POST
@allowed_while_suspended("POST")
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """End an app with its links."""
    app = own_app(person_of(request), slug)
    check_form(request)
    services.end_app(app=app)
    messages.success(request, f"Ended “{app.title}”. Its links no longer work.")
    return redirect("my-apps")


@login_required
@require_POST
def keep_run(request: HttpRequest, slug: str, run_id: str) -> HttpResponse:
    """Keep a guest's run, which is deleted after a while otherwise."""
    app = own_app(person_of(request), slug)
    check_form(request)
    if not GuestRun.objects.filter(app=app, run__public_id=run_id).update(goes_at=None):
        raise errors.NotFound("Run not found.", code="workflow.not_found")
    messages.success(request, "Run kept.")
    return redirect(f"{reverse('app-settings', args=[slug])}#runs")


def _page(
    request: HttpRequest, person: User, app: SimpleApp, extra: dict[str, Any], status: int = 200
) -> HttpResponse:
    form_data, problems = extra.get("sent"), extra.get("problems", {})
    address = f"{base_url(request)}/a/{app.slug}"
    outputs, results = form.output_rows(app), _results(person, app)
    inputs = form.input_rows(app, problems, base_url(request), results)
    values: dict[str, Any] = {name: getattr(app, name) for name in form.WORDS}
    values |= {"accent": app.accent, "embed_origins": "\n".join(app.embed_origins)}
    values |= {name: getattr(app, name) for name in form.SWITCHES}
    if form_data is not None:
        values = {name: form_data.get(name, "") for name in values}
        values |= {name: form_data.get(name) == "1" for name in form.SWITCHES}
        values["accent"] = values["accent"] if "has_accent" in form_data else ""
    context = {
        "app": app,
        "values": values,
        "inputs": inputs,
        "outputs": outputs,
        "links": [
            {
                "row": link,
                "used": f"{link.allowance.milli / 1000:,.10g}",
                "most": f"{link.allowance.most_milli / 1000:,.10g}",
            }
            for link in services.open_links(app)
        ],
        "runs": _runs(app),
        "pictures": [one for one in results if one["kind"] == "image"][: form.CHOICES],
        "upload": form.UPLOAD,
        "newest": _newest(app),
        "gone": app_form.gone_of(app),
        "address": address,
        "embed_code": f'<iframe src="{address}/embed#k=TOKEN" width="100%" height="720"'
        f' title="{escape(app.title)}" style="border: 0"></iframe>',
        "curl": _curl(request, app),
        "upload_form": {"is_signed_in": True, "upload_mb": server.UPLOAD_LIMIT_BYTES // 1_000_000},
        "preview": form.preview_after(
            app, {name: values[name] for name in ("title", "intro")}, base_url(request)
        ),
        "problem": problems.get("", ""),
        **extra,
    }
    return render(request, "app_settings/settings.html", context, status=status)


def _runs(app: SimpleApp) -> list[dict[str, Any]]:
    rows = GuestRun.objects.filter(app=app, run__deleting_at=None)
    return [
        {
            "row": row,
            "link": _link_words(row.link),
            "pill": run_display.pill(row.run.status, run_display.RUN_WORDS),
            "reference": row.token_sha256[:REFERENCE_LENGTH],
            "used": run_display.units_text(units(row.run.actual_milli)),
        }
        for row in rows.select_related("run", "link").order_by("-run_id")[:RUNS]
    ]


def _link_words(link: GuestLink | None) -> str:
    if link is not None and link.person_id is not None:
        return "At their own cost"
    return (link.label if link is not None else "") or "Guest link"


def _results(person: User, app: SimpleApp) -> list[dict[str, str]]:
    """Return files that the author's runs of the template made, to choose one from."""
    return [
        {
            "id": one["id"],
            "kind": one["kind"],
            "label": one["label"],
            "url": signing.signed_path(one["id"], one["kind"]),
        }
        for one in results_of(person, app.template)
        if one["artifact"].blob_id != app.picture_id
    ]


def _newest(app: SimpleApp) -> dict[str, Any] | None:
    """Return the version that the app could run instead, with what its form gains and loses."""
    head = app.template.head
    if head is None or head.pk == app.version_id:
        return None
    later = copy(app)
    later.version = head
    before, after = (
        [row.own.label for row in form.input_rows(one)]
        + [row["own"] for row in form.output_rows(one)]
        for one in (app, later)
    )
    return {
        "semver": head.semver,
        "gone": [name for name in before if name not in after],
        "fresh": [name for name in after if name not in before],
    }


def _curl(request: HttpRequest, app: SimpleApp) -> str:
    names = [row.name for row in form.input_rows(app) if not row.is_hidden][:3]
    inputs = ", ".join(f'"{name}": "…"' for name in names)
    return (
        f"curl {base_url(request)}/v1/apps/{app.slug}/runs \\\n"
        "  -H 'Authorization: Bearer TOKEN' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{{\"inputs\": {{{inputs}}}}}'"
    )
