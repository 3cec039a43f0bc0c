"""`/admin/people`: finding people, inviting them and making accounts. Parse, call, render."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts import one_time_links, suspension
from builder.shared import one_time_secret
from builder.shared.page_requests import check_sent, person_of
from builder.staff.operator.people import joining, selectors
from builder.staff.operator.people.forms import AccountForm
from builder.staff.operator.views import form_page, frame, staff_only
from core.paging import read_page
from core.public_url import base_url
from runs.billing.units import units

IN_LOG = " It's in the audit log with your name."


@staff_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everyone with an account, 50 a page."""
    check_sent(request.GET)
    search = request.GET.get("q", "").strip()[: selectors.SEARCH_LENGTH]
    show, sort = request.GET.get("show", ""), request.GET.get("sort", "")
    show = show if show in selectors.FILTERS else ""
    sort = sort if sort in selectors.SORTS else ""
    page = read_page(request.GET, default=selectors.PAGE, cap=selectors.PAGE)
    rows, following = selectors.list_people(search=search, show=show, sort=sort, page=page)
    query = {
        name: value for name, value in (("q", search), ("show", show), ("sort", sort)) if value
    }
    context = {
        **frame(request, "people"),
        "rows": [
            {
                "person": row.person,
                "seen_at": row.seen_at,
                "credits": units(row.used_milli),
                "stored": row.stored,
                "suspended_until": suspension.suspended_until(row.person),
            }
            for row in rows
        ],
        "search": search,
        "show": show,
        "sort": sort,
        "sorts": selectors.SORTS.items(),
        "filters": [
            (word, label, urlencode({**query, "show": word} if word else _without(query, "show")))
            for word, label in selectors.FILTERS.items()
        ],
        "lately": selectors.LATELY.days,
        "following": urlencode({**query, "offset": following}) if following else "",
        "first": urlencode(query),
        "is_first": not page.offset,
    }
    return render(request, "operator/people/list.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """An account for someone, with a link that signs them in once, shown on their page."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    minutes = one_time_links.LINK_LIFE.seconds // 60
    says = format_html(
        "You get a link that signs them in once, within {} minutes."
        ' <a href="{}">Invite them</a> instead if they should choose their own username.',
        *(minutes, reverse("admin:accounts_onetimelink_add")),
    )
    words = {"title": "New account", "says": (says,), "button": "Create account"}
    act = partial(_make_account, request)
    return form_page(request, form, act, back=reverse("operator-people"), **words)


def _make_account(request: HttpRequest, fields: dict[str, str]) -> HttpResponse:
    actor, origin = person_of(request), base_url(request)
    person, link = joining.make_account(actor=actor, base_url=origin, **fields)
    messages.success(request, f"Account {person.username} created.")
    path = reverse("operator-person", args=[person.public_id])
    response = redirect(path)
    one_time_secret.keep(request, response, link, path=path)
    return response


def _without(query: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in query.items() if key != name}
