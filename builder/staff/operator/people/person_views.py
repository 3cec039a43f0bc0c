"""`/admin/people/<id>`: one person, and what operators do about the account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import one_time_links, roles
from accounts.models import User
from builder.shared import one_time_secret
from builder.shared.forms import answer_form, form_token
from builder.shared.one_time_secret import shown_once
from builder.shared.page_requests import person_of
from builder.shared.security_events import event_row
from builder.shared.storage_bar import storage_bar
from builder.staff.operator.people import changes, person_facts, selectors, services
from builder.staff.operator.people.forms import (
    CreditForm,
    DeleteForm,
    LimitsForm,
    NoteForm,
    RenameForm,
)
from builder.staff.operator.people.views import IN_LOG
from builder.staff.operator.views import form_page, frame, staff_only
from core import errors
from core.public_url import base_url
from notices import mailing
from run_sets.selectors import paused_words, sets_at_work
from runs.billing.units import units

Act = Callable[[User, User, dict[str, Any]], str]


@staff_only
@require_safe
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The account of one person."""
    person = selectors.person_of(public_id)
    return shown_once(request, _path(person), lambda link: _page(request, person, link=link))


@staff_only
@require_POST
def credit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give credits or take them."""

    def act(actor: User, person: User, fields: dict[str, Any]) -> str:
        token = request.POST.get("form", "")
        is_new = services.grant(
            actor=actor, person=person, milli=fields["units"], form=token, note=fields["note"]
        )
        return "Credits changed." if is_new else ""

    return _do(request, public_id, "credit", CreditForm(request.POST), act)


@staff_only
@require_POST
def limits(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set a person's own limits."""
    form = LimitsForm(request.POST)

    def act(actor: User, person: User, fields: dict[str, Any]) -> str:
        is_new = services.set_limits(
            actor=actor, person=person, **form.wanted(), note=fields["note"]
        )
        return "Limits saved." if is_new else ""

    return _do(request, public_id, "limits", form, act)


@staff_only
@require_POST
def rename(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change the name that others see."""

    def act(actor: User, person: User, fields: dict[str, Any]) -> str:
        is_new = services.rename(
            actor=actor, person=person, name=fields["display_name"], note=fields["note"]
        )
        return "Display name changed." if is_new else ""

    return _do(request, public_id, "rename", RenameForm(request.POST), act)


@staff_only
@require_POST
def link(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """Make a link for a new password, or to sign in; shown once, or by mail."""
    target = selectors.person_of(public_id)
    by_mail = "mail" in request.POST
    url = ""

    def act(actor: User, person: User, fields: dict[str, Any]) -> str:
        nonlocal url
        url = services.make_link(
            actor=actor,
            person=person,
            kind=kind,
            by_mail=by_mail,
            base_url=base_url(request),
            note=fields["note"],
        )
        return "Link created." if url else "Link sent."

    response = _do(request, public_id, "link", NoteForm(request.POST), act)
    if url:
        one_time_secret.keep(request, response, url, path=_path(target))
    return response


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, public_id: str, action: str) -> HttpResponse:
    """Ask again, on a page of its own, for what can't be undone or ends what someone is doing."""
    question = CONFIRMED.get(action)
    if question is None:
        raise errors.NotFound
    try:
        person = selectors.person_of(public_id)
    except errors.NotFound:
        if request.method != "POST" or action != "delete":
            raise
        messages.info(request, "The account was already deleted.")
        return redirect("operator-people")
    kind = DeleteForm if action == "delete" else NoteForm
    form = kind(request.POST if request.method == "POST" else None)
    back = "operator-people" if action == "delete" else _path(person)
    if action == "delete":
        form.fields["typed"].help_text = person.username
    who = "<bdi>{}</bdi> <bdi>{}</bdi> <code>{}</code>"
    return form_page(
        request,
        form,
        partial(_act, request, person, question.act, back),
        title=f"{question.title}?",
        says=(
            format_html(who, person.username, person.display_name, person.public_id),
            *question.says,
        ),
        button=question.button,
        look="btn-bad",
        back=_path(person),
    )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An action that is asked once more. says: what happens, a sentence each."""

    title: str
    button: str
    says: Sequence[str]
    act: Act


def _sign_out(actor: User, person: User, fields: dict[str, Any]) -> str:
    return (
        "Signed out everywhere." if services.sign_out(actor=actor, person=person, **fields) else ""
    )


def _revoke_keys(actor: User, person: User, fields: dict[str, Any]) -> str:
    set_count = sum(sets_at_work(person).values())
    count = services.revoke_keys(actor=actor, person=person, **fields)
    if not count:
        return ""
    return f"{count} key{'' if count == 1 else 's'} revoked.{paused_words(set_count)}"


def _second_factor(actor: User, person: User, fields: dict[str, Any]) -> str:
    is_new = services.reset_second_factor(actor=actor, person=person, **fields)
    return "Second factor turned off." if is_new else ""


def _deactivate(actor: User, person: User, fields: dict[str, Any]) -> str:
    return "Deactivated." if services.deactivate(actor=actor, person=person, **fields) else ""


def _activate(actor: User, person: User, fields: dict[str, Any]) -> str:
    return "Activated." if services.activate(actor=actor, person=person, **fields) else ""


def _delete(actor: User, person: User, fields: dict[str, Any]) -> str:
    services.delete(actor=actor, person=person, **fields)
    return (
        f"Account {person.username} deleted. Runs, files and everything else of theirs go within"
        " minutes."
    )


CONFIRMED = {
    "sign-out": Confirmed(
        "Sign out everywhere",
        "Sign out everywhere",
        ("Every session ends, and programs that signed in. API keys keep working.",),
        _sign_out,
    ),
    "revoke-keys": Confirmed(
        "Revoke all API keys",
        "Revoke keys",
        ("Programs with these keys stop working at once.", "This can't be undone."),
        _revoke_keys,
    ),
    "second-factor": Confirmed(
        "Reset the second factor",
        "Reset second factor",
        (
            "They sign in without a code until they set it up again. Every session ends.",
            "Do this only when you're sure who is asking.",
        ),
        _second_factor,
    ),
    "deactivate": Confirmed(
        "Deactivate the account",
        "Deactivate",
        (
            "They can't sign in, and their API keys don't work. Nothing is deleted.",
            "Runs in progress go on; stop them under All runs.",
        ),
        _deactivate,
    ),
    "activate": Confirmed(
        "Activate the account",
        "Activate",
        ("They can sign in again, and their API keys work again.",),
        _activate,
    ),
    "delete": Confirmed(
        "Delete the account",
        "Delete account",
        (
            "Deleted right away: runs and results, uploads, API keys, sessions, private templates"
            " and drafts. Runs in progress are stopped.",
            "Kept: published templates without the name, and other people's remixes.",
            "This can't be undone.",
        ),
        _delete,
    ),
}


def _do(
    request: HttpRequest, public_id: str, name: str, form: forms.Form, act: Act
) -> HttpResponse:
    """act: says what it did; nothing where there was nothing to do. name: of the form."""
    person = selectors.person_of(public_id)
    back = f"{_path(person)}#{name}"
    answer, status = answer_form(request, form, partial(_act, request, person, act, back))
    return answer or _page(request, person, refused=(name, form), status=status)


def _act(
    request: HttpRequest, person: User, act: Act, back: str, fields: dict[str, Any]
) -> HttpResponse:
    if sentence := act(person_of(request), person, fields):
        messages.success(request, sentence + IN_LOG)
    else:
        messages.info(request, "Nothing to change.")
    return redirect(back)


def _path(person: User) -> str:
    return reverse("operator-person", args=[person.public_id])


def _page(
    request: HttpRequest,
    person: User,
    *,
    link: str | None = None,
    refused: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    facts = person_facts.facts_of(person)
    actor = person_of(request)
    page_forms: dict[str, forms.Form] = {
        "credit": CreditForm(),
        "limits": LimitsForm(initial=LimitsForm.kept(facts.own)),
        "rename": RenameForm(initial={"display_name": person.display_name}),
        "link": NoteForm(),
    }
    if refused is not None:
        page_forms[refused[0]] = refused[1]
    for name, form in page_forms.items():
        # Several forms of this page have a field of the same name.
        form.auto_id = f"{name}_%s"
    context = {
        **frame(request, "people"),
        "person": person,
        "facts": facts,
        "storage": storage_bar(person),
        "credits": units(facts.balance_milli),
        "used_today": units(facts.used_today_milli),
        "daily": None if facts.limits.daily_milli is None else units(facts.limits.daily_milli),
        "movements": [(one, f"{units(one.milli):+g}") for one in facts.movements],
        "usual_daily": units(facts.usual.daily_milli or 0),
        "usual_mb": (facts.usual.storage_bytes or 0) // 10**6,
        "events": [event_row(row) for row in facts.events],
        "forms": page_forms,
        "refused": refused[0] if refused else "",
        "token": form_token(),
        "link": link,
        "is_own": actor.pk == person.pk,
        "may_change": roles.may_change(actor, person),
        "staff_stays": changes.STAFF_STAYS,
        "may_pay": roles.is_owner(actor) or actor.pk != person.pk,
        "sends_mail": mailing.is_on() and facts.mail is not None and bool(facts.mail.address),
        "minutes": one_time_links.LINK_LIFE.seconds // 60,
    }
    return render(request, "operator/people/person.html", context, status=status)
