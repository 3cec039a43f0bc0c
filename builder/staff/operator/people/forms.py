"""Forms of the pages for people. The services enforce every rule again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts import names, person_limits
from accounts.models import PersonLimits
from builder.shared.forms import FormToken, ShortText
from moderation.models import NOTE_LENGTH

MB = 10**6
_MOST_UNITS = person_limits.MOST_DAILY_MILLI // 1000


class NoteForm(forms.Form):
    """Every change may say why."""

    note = forms.CharField(
        max_length=NOTE_LENGTH, required=False, label="Reason (for the audit log)"
    )


class CreditForm(NoteForm):
    """Credits to give, or below zero to take."""

    units = forms.DecimalField(
        min_value=-_MOST_UNITS,
        max_value=_MOST_UNITS,
        max_digits=13,
        decimal_places=3,
        error_messages={"invalid": "Enter a number, such as 100, or -5 to take five away."},
    )

    def clean_units(self) -> int:
        """Return the credits in thousandths."""
        units: Decimal = self.cleaned_data["units"]
        if not units:
            raise forms.ValidationError("Enter a number other than 0.")
        return int(units * 1000)


class LimitsForm(NoteForm):
    """A person's own limits; an empty field: as for everyone."""

    daily = forms.DecimalField(
        required=False, min_value=0, max_value=_MOST_UNITS, max_digits=13, decimal_places=3
    )
    storage = forms.IntegerField(
        required=False, min_value=0, max_value=person_limits.MOST_STORAGE_BYTES // MB
    )
    runs = forms.IntegerField(required=False, min_value=0, max_value=person_limits.MOST_ACTIVE_RUNS)

    @staticmethod
    def kept(own: PersonLimits) -> dict[str, Any]:
        """Return the initial values of the fields."""
        daily, limit_bytes = own.daily_milli, own.storage_bytes
        return {
            "daily": None if daily is None else (Decimal(daily) / 1000).normalize().__format__("f"),
            "storage": None if limit_bytes is None else limit_bytes // MB,
            "runs": own.active_runs,
        }

    def wanted(self) -> dict[str, int | None]:
        daily, megabytes = self.cleaned_data["daily"], self.cleaned_data["storage"]
        return {
            "daily_milli": None if daily is None else int(daily * 1000),
            "storage_bytes": None if megabytes is None else megabytes * MB,
            "active_runs": self.cleaned_data["runs"],
        }


class RenameForm(NoteForm):
    display_name = ShortText(max_length=names.DISPLAY_NAME_LENGTH, required=False)


class DeleteForm(NoteForm):
    """typed: the username, to confirm."""

    typed = forms.CharField(max_length=150, label="Type their username to confirm")
    field_order = ("typed", "note")


class AccountForm(NoteForm):
    """A new account without a password."""

    field_order = ("username", "display_name", "note")
    form = FormToken()
    username = forms.CharField(max_length=30, help_text=names.USERNAME_RULE)
    display_name = ShortText(max_length=names.DISPLAY_NAME_LENGTH, required=False)
