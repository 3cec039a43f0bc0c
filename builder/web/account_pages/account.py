"""`/me`: who I am, my password, my sessions, what I used, my data, and leaving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import (
    credit,
    ledger,
    person_limits,
    selectors,
    services,
    sessions,
)
from accounts.models import MailAddress, User
from accounts.suspension import allowed_while_suspended
from builder.account_exports import account_export
from builder.shared import proofs
from builder.shared.account_changes import change_profile, delete_account
from builder.shared.forms import (
    NewPasswordForm,
    ProfileForm,
    ProofForm,
    show_refusal,
)
from builder.shared.page_requests import check_form, person_of
from builder.shared.storage_bar import storage_bar
from core import errors, server_settings
from notices import mailing
from runs.billing.units import units
from tools.registry import title_of

PATH = "/me"
DAYS = 30
CALLS_SHOWN = 20
# The drawing of the days, in its own pixels.
BAR_HEIGHT = 56


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@never_cache
@login_required
@require_POST
@allowed_while_suspended("POST")
def save_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST)
    if form.is_valid():
        try:
            change_profile(user=person_of(request), **_profile_of(request, form))
        except errors.InvalidInput as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Profile saved.")
            return redirect(PATH)
    # What was refused is not who they are: the bar still names the person as stored.
    person_of(request).refresh_from_db()
    return _page(request, profile=form, status=422)


def _profile_of(request: HttpRequest, form: ProfileForm) -> dict[str, str]:
    """Return a form's values, with the confirmed address of `/me/address` where mail is sent."""
    values: dict[str, str] = dict(form.cleaned_data)
    return values | {"email": person_of(request).email} if mailing.is_on() else values


@never_cache
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@login_required
@require_POST
@allowed_while_suspended("POST")
def save_password(request: HttpRequest) -> HttpResponse:
    """Set or change the password. Other sessions end; this one stays."""
    person = person_of(request)
    form = NewPasswordForm(person, request.POST)
    status = 422
    try:
        if form.is_valid() and proofs.holds(request, form, "old_password"):
            services.change_password(user=person, password=form.cleaned_data["new_password1"])
            sessions.keep_own(request, person)
            messages.success(request, "Password changed. Other browsers were signed out.")
            return redirect(PATH)
    except errors.AppError as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return _page(request, password=form, status=status)


@never_cache
@login_required
@require_POST
@allowed_while_suspended("POST")
def export(request: HttpRequest) -> HttpResponse:
    """Have everything of mine prepared for download."""
    check_form(request)
    try:
        account_export.ask(person_of(request))
    except errors.Conflict as refusal:
        messages.error(request, refusal.person)
    return redirect(account_export.PAGE)


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def delete(request: HttpRequest) -> HttpResponse:
    """A page that says what is deleted and what stays; its form needs the password, or the name."""
    form = ProofForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _delete_page(request, form, 200)
    try:
        if form.is_valid() and proofs.holds(request, form, name_for_nothing=True):
            return _delete_now(request, form)
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        return _delete_page(request, form, refusal.status)
    return _delete_page(request, form, 422)


def _delete_now(request: HttpRequest, form: ProofForm) -> HttpResponse:
    try:
        delete_account(user=person_of(request))
    except errors.Conflict as refusal:
        show_refusal(form, refusal)
        return _delete_page(request, form, refusal.status)
    logout(request)
    messages.success(
        request, "Your account was deleted. Your runs, files and creations go within minutes."
    )
    return redirect("/")


def _delete_page(request: HttpRequest, form: ProofForm, status: int) -> HttpResponse:
    return render(request, "account_pages/delete.html", {"form": form}, status=status)


def _page(
    request: HttpRequest,
    *,
    profile: ProfileForm | None = None,
    password: NewPasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    initial = {"display_name": person.display_name, "email": person.email}
    days = selectors.used_by_day(person, DAYS)
    most = max(1, *(day.used_milli for day in days))
    context = {
        "profile": profile or ProfileForm(initial=initial),
        "password": password or NewPasswordForm(person),
        "mail": MailAddress.objects.filter(person=person).first(),
        "sends_mail": mailing.is_on(),
        "has_password": person.has_usable_password(),
        **_credits(person),
        "used": units(sum(day.used_milli for day in days)),
        # Oldest left. A day that only gave back has no bar.
        "bars": [
            {
                "x": place * 10,
                "y": BAR_HEIGHT - height,
                "height": height,
                "date": day.date,
                "units": units(day.used_milli),
            }
            for place, day in enumerate(reversed(days))
            for height in [max(1, round(BAR_HEIGHT * max(0, day.used_milli) / most))]
        ],
        "storage": storage_bar(person),
        "export": account_export.shown_to(person),
        "calls": _calls(person),
        "days": [(day.date, units(day.used_milli)) for day in days if day.used_milli],
    }
    return render(request, "account_pages/account.html", context, status=status)


def _credits(person: User) -> dict[str, Any]:
    """Return the balance, where runs are paid from one, and the day's share of a daily limit.

    The balance itself only counts down where no limit is set, so it isn't shown there.
    """
    remainder = (
        units(max(0, ledger.balance(person))) if server_settings.value("LIMIT_CREDIT") else None
    )
    today = ""
    daily = person_limits.limits_of(person).daily_milli
    if daily is not None:
        used_today = ledger.used_since(credit.day_began(), user_id=person.pk)
        today = f"{units(used_today)} of {units(daily)}"
    return {"left": remainder, "today": today}


def _calls(person: User) -> list[dict[str, Any]]:
    """The latest calls of tools outside a run: what each was, when, and what it cost."""
    return [
        {
            "title": title_of(call.tool),
            "id": call.id,
            "at": call.at,
            "units": units(call.milli),
        }
        for call in selectors.paid_calls(person, CALLS_SHOWN)
    ]
