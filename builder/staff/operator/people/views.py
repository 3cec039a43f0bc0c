"""`/admin/people`: finding people, inviting them and making accounts. Parse, call, render."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import names, one_time_links, suspension
from accounts import selectors as accounts
from builder.shared import one_time_secret
from builder.shared.forms import InvitationForm, show_refusal
from builder.shared.page_requests import check_sent, person_of
from builder.staff.operator.people import joining, selectors
from builder.staff.operator.people.forms import AccountForm
from builder.staff.operator.views import frame, staff_only
from core import errors
from core.paging import read_page
from core.public_url import base_url
from notices import mailing, sending
from runs.billing.units import units

REFUSALS = (
    errors.InvalidInput,
    errors.Conflict,
    errors.Forbidden,
    errors.QuotaExceeded,
    errors.Unavailable,
)


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
    listed, following = selectors.list_people(search=search, show=show, sort=sort, page=page)
    kept = {name: value for name, value in (("q", search), ("show", show), ("sort", sort)) if value}
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
            for row in listed
        ],
        "search": search,
        "show": show,
        "sort": sort,
        "sorts": selectors.SORTS.items(),
        "filters": [
            (word, label, urlencode({**kept, "show": word} if word else _without(kept, "show")))
            for word, label in selectors.FILTERS.items()
        ],
        "lately": selectors.LATELY.days,
        "following": urlencode({**kept, "offset": following}) if following else "",
        "first": urlencode(kept),
        "is_first": not page.offset,
    }
    return render(request, "operator/people/list.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Open invitations and the form for a new one."""
    path = reverse("invitations")
    if request.method != "POST":
        return shown_once(
            request, path, lambda link: _invitations_page(request, InvitationForm(), link=link)
        )
    check_sent(request.POST)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _invitations_page(request, form, status=422)
    try:
        link = joining.invite(
            actor=person_of(request),
            note=form.cleaned_data["note"],
            email=form.cleaned_data["email"],
            form=request.POST.get("form", ""),
            base_url=base_url(request),
        )
    except REFUSALS as refusal:
        show_refusal(form, refusal)
        return _invitations_page(request, form, status=refusal.status)
    if email := form.cleaned_data["email"]:
        _say_where_mail_is(request, email)
    response = redirect(path)
    one_time_secret.keep(request, response, link, path=path)
    return response


def _say_where_mail_is(request: HttpRequest, email: str) -> None:
    if why := sending.problem():
        said = f"The mail server can't be used now, so mail to {email} waits. Send the link: {why}"
        messages.error(request, said)
    else:
        messages.success(request, f"The link is on its way to {email}.")


@staff_only
@require_POST
def revoke_invitation(request: HttpRequest, link_id: int) -> HttpResponse:
    if not joining.revoke(actor=person_of(request), link_id=link_id):
        raise errors.NotFound("This invitation is no longer valid.", code="link.spent")
    messages.success(request, "Invitation revoked.")
    return redirect("invitations")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """An account for someone, with a link that signs them in once, shown on their page."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        check_sent(request.POST)
        status = 422
        try:
            if form.is_valid():
                return _make_account(request, form.cleaned_data)
        except REFUSALS as refusal:
            show_refusal(form, refusal)
            status = refusal.status
    context = {
        **frame(request, "people"),
        "form": form,
        "token": form_token(),
        "rule": names.USERNAME_RULE,
        "minutes": one_time_links.LINK_LIFE.seconds // 60,
    }
    return render(request, "operator/people/new_account.html", context, status=status)


def _make_account(request: HttpRequest, sent: dict[str, str]) -> HttpResponse:
    person, link = joining.make_account(
        actor=person_of(request),
        **sent,
        form=request.POST.get("form", ""),
        base_url=base_url(request),
    )
    messages.success(request, f"Account {person.username} created.")
    path = reverse("operator-person", args=[person.public_id])
    response = redirect(path)
    one_time_secret.keep(request, response, link, path=path)
    return response


def form_token() -> str:
    """What names a form, so that one sent twice counts once."""
    return secrets.token_hex(12)


def shown_once(request: HttpRequest, path: str, page: Any) -> HttpResponse:
    """The page with what was kept for it, which is then forgotten. page: takes the secret."""
    if request.method != "GET":
        return page(None)
    response: HttpResponse = page(one_time_secret.take(request, path=path))
    if one_time_secret.COOKIE in request.COOKIES:
        one_time_secret.forget(response, path=path)
    return response


def _invitations_page(
    request: HttpRequest, form: InvitationForm, *, link: str | None = None, status: int = 200
) -> HttpResponse:
    context = {
        **frame(request, "people"),
        "form": form,
        "token": form_token(),
        "invitations": accounts.open_invitations(),
        "link": link,
        "sends_mail": mailing.is_on(),
        "days": one_time_links.INVITATION_LIFE.days,
    }
    return render(request, "operator/people/invitations.html", context, status=status)


def _without(kept: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in kept.items() if key != name}
