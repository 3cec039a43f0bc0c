"""`/me/security`: sessions, the second factor, and what happened lately."""

from __future__ import annotations

import base64

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import factor_demand, second_factor, security, services, session_list, sessions
from accounts.factor_demand import allowed_without_factor
from accounts.suspension import allowed_while_suspended
from builder.shared import browser_names, proofs
from builder.shared.forms import CodeForm, ProofForm, show_refusal
from builder.shared.page_requests import person_of
from builder.shared.security_events import event_row
from core import errors, server_settings
from core.redirects import next_address
from sign_on import identities, provider

PATH = "/me/security"


@never_cache
@login_required
@require_safe
@allowed_without_factor
def show(request: HttpRequest) -> HttpResponse:
    return page(request)


@login_required
@require_POST
@allowed_while_suspended("POST")
@allowed_without_factor
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    if session_list.end(user=person_of(request), session_id=session_id):
        messages.success(request, "Session ended.")
    else:
        messages.info(request, "That session had already ended.")
    return redirect(PATH)


@login_required
@require_POST
@allowed_while_suspended("POST")
@allowed_without_factor
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here: someone without a password could not come back."""
    sessions.end_others(request)
    messages.success(request, "Signed out everywhere else.")
    return redirect(PATH)


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_POST
@allowed_while_suspended("POST")
@allowed_without_factor
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the secret of a new app. It asks for a proof first."""
    person = person_of(request)
    form = ProofForm(request.POST)
    try:
        if not form.is_valid() or not proofs.holds(request, form):
            return page(request, proof=form, status=422)
        second_factor.begin(user=person)
    except errors.AppError as refusal:
        show_refusal(form, refusal)
        return page(request, proof=form, status=refusal.status)
    return _secret_page(request, CodeForm())


@never_cache
@sensitive_post_parameters("code")
@login_required
@require_POST
@allowed_while_suspended("POST")
@allowed_without_factor
def confirm(request: HttpRequest) -> HttpResponse:
    """Turn it on with a first code; shows the recovery codes this once."""
    person = person_of(request)
    form = CodeForm(request.POST)
    status = 422
    try:
        if form.is_valid():
            codes = second_factor.confirm(user=person, code=form.cleaned_data["code"])
            if codes is not None:
                # Sessions that never showed a code end, this one has shown it.
                services.end_sessions(user=person)
                sessions.keep_own(request, person)
                second_factor.pass_newest(request)
                return _codes_page(request, codes)
            form.add_error("code", "That code doesn't match. Wait for the next one.")
    except errors.QuotaExceeded as refusal:
        form.add_error("code", refusal.message)
        status = refusal.status
    if second_factor.begun(person) is None:
        return redirect(PATH)
    return _secret_page(request, form, status=status)


@never_cache
@sensitive_post_parameters("code")
@login_required
@require_POST
@allowed_while_suspended("POST")
def change(request: HttpRequest) -> HttpResponse:
    """Turn it off, or make new recovery codes. Either needs a code."""
    person = person_of(request)
    form = CodeForm(request.POST)
    status = 422
    try:
        if form.is_valid():
            if second_factor.check(user=person, code=form.cleaned_data["code"]) is None:
                form.add_error("code", "That code doesn't match.")
            elif "renew" in request.POST:
                return _codes_page(request, second_factor.new_codes(user=person))
            else:
                second_factor.switch_off(user=person)
                messages.success(request, "The second factor is off.")
                return redirect(PATH)
    except errors.QuotaExceeded as refusal:
        form.add_error("code", refusal.message)
        status = refusal.status
    return page(request, code=form, status=status)


def page(
    request: HttpRequest,
    *,
    proof: ProofForm | None = None,
    code: CodeForm | None = None,
    sign_on: ProofForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the page. proof, code, sign_on: forms as they were refused."""
    person = person_of(request)
    is_on = second_factor.is_on(person)
    context = {
        "sessions": [
            {
                "row": row,
                "is_own": row.session_key == request.session.session_key,
                "agent": browser_names.named(row.agent),
            }
            for row in session_list.living(person)
        ],
        "idle_days": server_settings.value("SESSION_IDLE_DAYS"),
        "events": [event_row(row) for row in security.recent(person)],
        "kept_days": security.KEPT_FOR.days,
        "is_on": is_on,
        "is_for_everyone": factor_demand.is_for_everyone(),
        "is_missing": factor_demand.is_demanded(person)
        and not is_on
        and not factor_demand.is_shown_elsewhere(request.session),
        "codes_left": second_factor.codes_left(person) if is_on else 0,
        "proof": proof or ProofForm(),
        "code": code or CodeForm(),
        "provider": provider.current(),
        "identities": identities.of_person(person),
        "sign_on": sign_on or sign_on_form(None),
    }
    return render(request, "account_pages/security.html", context, status=status)


def sign_on_form(fields: QueryDict | None) -> ProofForm:
    """The form of those that connect and disconnect; it has ids of its own on this page."""
    return ProofForm(fields, auto_id="sign-on-%s")


def _secret_page(request: HttpRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    device = second_factor.begun(person_of(request))
    assert device is not None  # noqa: S101  the callers made it or looked
    secret = base64.b32encode(device.bin_key).decode()
    code = segno.make(device.config_url, error="m", micro=False)
    svg = code.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    context = {
        "form": form,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "qr": SafeString(svg),
    }
    return render(request, "account_pages/second_factor.html", context, status=status)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": next_address(request)}
    return render(request, "account_pages/recovery_codes.html", context)
