"""The proof that a change comes from its person, not from someone at their open browser.

What opens or closes an account asks for it: a password, the mail address, keys that may do all, the
second factor, deleting. Everyone gives what they have: the password; without one, a code of the
second factor. Someone with neither comes in by links alone, and has nothing to give.
"""

from __future__ import annotations

from typing import Final

from django.forms import Form
from django.http import HttpRequest

from accounts import passwords, second_factor
from accounts.models import User
from builder.shared.page_requests import person_of

PASSWORD: Final = "password"  # noqa: S105  the name of a kind
CODE: Final = "code"
NOTHING: Final = ""
_MISSING: Final = {
    PASSWORD: "Enter your password.",
    CODE: "Enter a code from your authenticator app.",
}
_WRONG: Final = "That doesn't match."


def kind_of(person: User) -> str:
    """Return the kind of proof that this person has: PASSWORD, CODE or NOTHING."""
    if person.has_usable_password():
        return PASSWORD
    return CODE if second_factor.is_on(person) else NOTHING


def holds(
    request: HttpRequest, form: Form, field: str = "proof", *, name_for_nothing: bool = False
) -> bool:
    """Check the proof in a field of a valid form; a wrong one becomes the field's error.

    name_for_nothing: people without a proof type their username, so that nothing irreversible is
    done by one click. Raises QuotaExceeded and Unavailable as `passwords.is_own`.
    """
    person = person_of(request)
    text = form.cleaned_data.get(field) or ""
    kind = kind_of(person)
    if kind == NOTHING:
        fits = not name_for_nothing or text.strip() == person.username
    elif not text:
        fits = False
    elif kind == PASSWORD:
        fits = passwords.is_own(user=person, password=text, request=request)
    else:
        fits = second_factor.check(user=person, code=text[:40]) is not None
    if not fits:
        form.add_error(field, _WRONG if text else _MISSING.get(kind, _WRONG))
    return fits
