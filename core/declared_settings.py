"""Declarations of the settings that an operator may change while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

_LINK = URLValidator(schemes=("http", "https"))

Kind = Literal["switch", "number", "choice", "line", "text", "secret"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the page shows it.

    name: in settings. variable: of the environment, where there is one. lowest, highest: of a
    number, in its unit; of a text, highest is its length. factor: what one unit of the page is in
    the value. choices: value and title. default: where settings have none. A secret is stored
    sealed and never shown.
    """

    name: str
    kind: Kind
    title: str
    help: str
    variable: str = ""
    lowest: int = 0
    highest: int = 0
    unit: str = ""
    factor: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    default: str | bool = ""

    @property
    def is_in_environment(self) -> bool:
        """Return whether the environment sets it on purpose."""
        return self.variable in settings.SET_BY_ENVIRONMENT

    @property
    def without_row(self) -> Any:
        """Return the value where no operator has set it: the environment's, or the default."""
        return getattr(settings, self.name, self.default)

    def shown(self, value: Any) -> str:
        """A value as it is written in the form."""
        if self.kind == "switch":
            return "on" if value else ""
        if self.kind == "secret":
            return ""
        return str(value // self.factor) if self.kind == "number" else str(value)

    def told(self, value: Any) -> str:
        """A value as people read it."""
        if self.kind == "switch":
            return "on" if value else "off"
        if self.kind == "choice":
            return dict(self.choices).get(value, str(value)).lower()
        if self.kind == "secret":
            return "set" if value else "empty"
        text = self.shown(value)
        return f"{text} {self.unit}".rstrip() if text else "empty"

    def read(self, text: str) -> Any:
        """The value that was typed. Raises ValueError, which says what to write instead."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        match self.kind:
            case "switch":
                return bool(text)
            case "number":
                return self._number(text)
            case "choice":
                if text not in dict(self.choices):
                    raise ValueError("Choose one of the list.")
                return text
            case "line" | "text" | "secret":
                return self._text(text)

    def accepts(self, value: Any) -> bool:
        """Return whether a stored value may hold. One of an earlier release may not."""
        type_ = {"switch": bool, "number": int}.get(self.kind, str)
        if type(value) is not type_ or self.kind == "secret":
            return type(value) is type_
        try:
            return bool(self.read(self.shown(value)) == value)
        except ValueError:
            return False

    def _number(self, text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= 12
        if not is_number or not self.lowest <= int(text) <= self.highest:
            raise ValueError(f"Enter a whole number from {self.lowest:,} to {self.highest:,}.")
        return int(text) * self.factor

    def _text(self, text: str) -> str:
        if len(text) > self.highest:
            raise ValueError(f"Use at most {self.highest:,} characters. These are {len(text):,}.")
        if any(one == "\x00" or "\ud800" <= one <= "\udfff" for one in text):
            raise ValueError("This contains a character that can't be stored. Remove it.")
        if self.name == "CONTACT" and text and not contact_link(text):
            raise ValueError("Enter an email address, or a URL that begins with https://.")
        return text


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that are shown together. is_owners: only owners see and change them."""

    id: str
    title: str
    settings: tuple[Setting, ...]
    is_owners: bool = False


GROUPS: Final = (
    Group(
        "notes",
        "Messages",
        (
            Setting(
                "ANNOUNCEMENT",
                "text",
                "Announcement",
                "Shown on all pages until a person closes it, and to API clients.",
                "REELGRAPH_ANNOUNCEMENT",
                highest=1000,
            ),
            Setting(
                "CONTACT",
                "line",
                "Contact",
                "An email address or a URL, shown below pages and on error pages.",
                highest=254,
            ),
            Setting(
                "TERMS",
                "text",
                "Terms",
                "Shown at /terms. New people must accept them. An empty line starts a paragraph.",
                highest=20_000,
            ),
        ),
    ),
    Group(
        "accounts",
        "Accounts",
        (
            Setting(
                "OPEN_SIGNUP",
                "switch",
                "Open sign-up",
                "Anyone may join at /sign-up. Off: people need an invitation.",
                "REELGRAPH_OPEN_SIGNUP",
            ),
            Setting(
                "SESSION_IDLE_DAYS",
                "number",
                "Sign out after inactivity",
                "A browser session ends 14 days after sign-in in any case.",
                "REELGRAPH_SESSION_IDLE_DAYS",
                lowest=1,
                highest=14,
                unit="days",
            ),
            Setting(
                "SECOND_FACTOR",
                "choice",
                "Required second factor",
                "People without an authenticator app can only set one up. API keys keep working.",
                "REELGRAPH_SECOND_FACTOR",
                choices=(("off", "No one"), ("staff", "Staff pages"), ("everyone", "Everyone")),
            ),
        ),
    ),
    Group(
        "sign-on",
        "Sign-on",
        (
            Setting(
                "SIGN_ON_ISSUER",
                "line",
                "Issuer",
                "The URL of a provider of OpenID Connect, as it writes it. Empty: no sign-on.",
                highest=255,
            ),
            Setting(
                "SIGN_ON_CLIENT_ID",
                "line",
                "Client ID",
                "What the provider calls this server.",
                highest=255,
            ),
            Setting(
                "SIGN_ON_SECRET",
                "secret",
                "Client secret",
                "Stored encrypted. Enter it again when you change the issuer.",
                highest=1000,
            ),
            Setting(
                "SIGN_ON_NAME",
                "line",
                "Name",
                "What the button on the sign-in page calls the provider.",
                highest=60,
            ),
            Setting(
                "SIGN_ON_JOIN",
                "choice",
                "Who may join",
                "With an account there that no one here has connected, whatever open sign-up says.",
                choices=(
                    ("invited", "Invited people"),
                    ("domains", "Certain mail domains"),
                    ("claim", "A certain claim"),
                    ("everyone", "Everyone"),
                ),
                default="invited",
            ),
            Setting(
                "SIGN_ON_DOMAINS",
                "line",
                "Mail domains",
                "Separated by commas. The provider must say that an address is verified.",
                highest=1000,
            ),
            Setting(
                "SIGN_ON_CLAIM",
                "line",
                "Claim",
                "A name and its value, e.g. groups=film.",
                highest=255,
            ),
            Setting(
                "SIGN_ON_OPERATORS",
                "line",
                "Claim of operators",
                "Makes people operators when they sign in, and ends it when they no longer have it."
                " E.g. groups=admins. Empty: no one.",
                highest=255,
            ),
            Setting(
                "SIGN_ON_FACTOR",
                "switch",
                "Trust the provider’s second factor",
                "No code is asked here when the provider says (mfa in amr or acr) that it asked.",
                default=False,
            ),
            Setting(
                "PASSWORDS",
                "choice",
                "Sign in with a password",
                "Sign-in links of operators and API keys keep working.",
                choices=(("everyone", "Everyone"), ("owners", "Owners only")),
                default="everyone",
            ),
        ),
        is_owners=True,
    ),
    Group(
        "limits",
        "Runs, credits and storage",
        (
            Setting(
                "LIMIT_CREDIT",
                "switch",
                "Stop at zero credits",
                "No one can start what their balance doesn't cover.",
                "REELGRAPH_LIMIT_CREDIT",
            ),
            Setting(
                "DAILY_UNITS",
                "number",
                "Credits a day",
                "What each person may use on one UTC day. 0: no limit.",
                "REELGRAPH_DAILY_UNITS",
                highest=1_000_000_000,
                unit="credits",
            ),
            Setting(
                "ACTIVE_RUNS_PER_USER",
                "number",
                "Unfinished runs",
                "How many one person may have at a time.",
                lowest=1,
                highest=10_000,
                unit="runs",
            ),
            Setting(
                "MAX_STEPS",
                "number",
                "Steps of a run",
                "The most steps one run may have.",
                "REELGRAPH_MAX_STEPS",
                lowest=1,
                highest=100_000,
                unit="steps",
            ),
            Setting(
                "STORAGE_PER_USER_BYTES",
                "number",
                "Storage",
                "What one person's uploads, results and versions may take. 0: no limit.",
                "REELGRAPH_STORAGE_PER_USER_MB",
                highest=10**9,
                unit="MB",
                factor=10**6,
            ),
            Setting(
                "KEEP_RUNS_DAYS",
                "number",
                "Keep runs for",
                "Runs that ended earlier are deleted with their results. 0: kept forever.",
                "REELGRAPH_KEEP_RUNS_DAYS",
                highest=36_500,
                unit="days",
            ),
        ),
    ),
    Group(
        "backups",
        "Backups",
        (
            Setting(
                "BACKUP_AT",
                "number",
                "Back up at",
                "Each day, where REELGRAPH_BACKUP_DIR names a folder.",
                "REELGRAPH_BACKUP_AT",
                highest=23,
                unit="o’clock UTC",
            ),
        ),
    ),
    Group(
        "moderation",
        "Moderation",
        (
            Setting(
                "HIDE_WEIGHT",
                "number",
                "Hide automatically at",
                "The weight of open reports that hides something until it's decided. 0: never.",
                "REELGRAPH_HIDE_WEIGHT",
                highest=1000,
                unit="points",
            ),
            Setting(
                "REPORTS_PER_HOUR",
                "number",
                "Reports an hour",
                "How many reports one person can send.",
                lowest=1,
                highest=10_000,
                unit="reports",
            ),
        ),
    ),
)
DECLARED: Final[Mapping[str, Setting]] = {
    one.name: one for group in GROUPS for one in group.settings
}


def contact_link(contact: str) -> str:
    """Return the link of a contact: `mailto:` or the URL; empty where it is neither."""
    for check, link in ((validate_email, f"mailto:{contact}"), (_LINK, contact)):
        try:
            check(contact)
        except ValidationError:
            continue
        return link
    return ""
