"""Forms of the account pages. The services enforce every rule again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse

from accounts import names, scopes
from builder.shared.page_requests import check_form
from core import errors, short_text
from moderation.moderators import ROLES
from runs.webhook_events import EVENTS
from templates_app.schemas import NAME_LENGTH

# How long a key may work, in days.
KEY_LIVES = {7: "In a week", 30: "In 30 days", 90: "In 90 days", 365: "In a year"}
REFUSALS = (
    errors.InvalidInput,
    errors.Conflict,
    errors.Forbidden,
    errors.QuotaExceeded,
    errors.Unavailable,
)
# Longer ones say nothing more, and each is hashed.
PASSWORD_LENGTH = 1000


class ShortText(forms.CharField):
    """A name or a note: tidy, and of characters that can be seen."""

    def clean(self, value: object) -> str:
        text: str = super().clean(short_text.tidy(value) if isinstance(value, str) else value)
        problem = short_text.problem_of(text)
        if problem is not None:
            raise forms.ValidationError(f"This {problem}")
        return text


def form_token() -> str:
    """Return a random name of a form, by which a form that is sent twice counts once."""
    return secrets.token_hex(12)


class FormToken(forms.CharField):
    """The hidden field with the name of its form."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=form_token)


class JoinForm(forms.Form):
    """The account that someone wants."""

    username = forms.CharField(max_length=30)
    display_name = ShortText(max_length=names.DISPLAY_NAME_LENGTH, required=False)
    password = forms.CharField(max_length=PASSWORD_LENGTH, required=False, strip=False)
    # The digest of the terms that are accepted: the value of the check box.
    terms = forms.CharField(max_length=64, required=False)


class SignUpForm(JoinForm):
    """Without an invitation no one is there to make sign-in links, so a password is needed."""

    password = forms.CharField(max_length=PASSWORD_LENGTH, strip=False)


class ProfileForm(forms.Form):
    display_name = ShortText(max_length=names.DISPLAY_NAME_LENGTH, required=False)
    email = forms.EmailField(max_length=254, required=False)


class NewPasswordForm(SetPasswordForm):
    """A new password, and the proof, such as the one until now.

    The view checks the proof (`builder.shared.proofs`): each try is counted.
    """

    old_password = forms.CharField(max_length=PASSWORD_LENGTH, strip=False, required=False)
    field_order = ("old_password", "new_password1", "new_password2")


class ProofForm(forms.Form):
    """The proof that a change comes from its person, see `builder.shared.proofs`."""

    proof = forms.CharField(max_length=PASSWORD_LENGTH, strip=False, required=False)


class KeyForm(ProofForm):
    """A key as it is asked for. Who leaves scope and end out gets what keys always were."""

    name = ShortText(max_length=80)
    scope = forms.ChoiceField(choices=list(scopes.WORDS.items()), required=False)
    days = forms.TypedChoiceField(
        choices=[("", "Never"), *((days, words) for days, words in KEY_LIVES.items())],
        coerce=int,
        empty_value=None,
        required=False,
    )


class BudgetForm(forms.Form):
    """The most that a key may use in a day, in units; empty: no limit of its own."""

    units = forms.DecimalField(
        required=False, min_value=0, max_value=1_000_000_000, max_digits=13, decimal_places=3
    )


class WebhookForm(forms.Form):
    """An endpoint: its URL, and the events that it hears of."""

    url = forms.CharField(
        max_length=2048, error_messages={"required": "Enter the https:// URL of your program."}
    )
    events = forms.MultipleChoiceField(
        choices=list(EVENTS.items()), error_messages={"required": "Choose at least one."}
    )


class InvitationForm(forms.Form):
    note = ShortText(max_length=80, required=False, label="For (note to yourself)")
    email = forms.EmailField(
        max_length=254,
        required=False,
        label="Send it by mail to",
        error_messages={"invalid": "Enter an email address, such as ana@example.org."},
    )
    form = FormToken()


class RoleForm(forms.Form):
    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(
        choices=[("", "Choose one"), *((one.name, one.title) for one in ROLES.values())],
        widget=forms.Select(attrs={"class": "input"}),
    )


class NewTemplateForm(forms.Form):
    name = ShortText(max_length=NAME_LENGTH, required=False)


class CodeForm(forms.Form):
    """Six digits of an authenticator app, or a recovery code."""

    code = forms.CharField(max_length=40)


def show_refusal(form: forms.Form, refusal: errors.AppError) -> None:
    """Put what a service refused beside the fields it names, else above the form."""
    issues: Iterable[dict[str, str]] = refusal.details.get("issues") or ()
    own_issues = [issue for issue in issues if issue.get("path") in form.fields]
    for issue in own_issues:
        form.add_error(issue["path"], issue["message"])
    if not own_issues:
        form.add_error("username" if refusal.code == "user.taken" else None, refusal.message)


def answer_form(
    request: HttpRequest, form: forms.Form, act: Callable[..., HttpResponse]
) -> tuple[HttpResponse | None, int]:
    """Answer by `act` to a form that was sent; None when it is refused or wasn't sent.

    act: takes what was sent. The number is the status of the page with the form, which then has
    what is wrong.
    """
    if not form.is_bound:
        return None, 200
    check_form(request)
    try:
        return (act(form.cleaned_data), 200) if form.is_valid() else (None, 422)
    except REFUSALS as refusal:
        show_refusal(form, refusal)
        return None, refusal.status
