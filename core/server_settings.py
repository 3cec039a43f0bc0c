"""Settings that an operator may change while the server runs: which there are, and what holds.

A row of `ServerSetting` holds instead of the setting of the same name. Code asks `value(name)`. A
change is known everywhere KNOWN_S after it: each process asks for all rows at most so often.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Manager

from core import database

# How long a process goes without asking what was changed elsewhere.
KNOWN_S: Final = 1.0
# What those who change settings lock, one after the other. It holds no setting.
_LOCK: Final = "_lock"
_LINK = URLValidator(schemes=("http", "https"))

Kind = Literal["switch", "number", "choice", "line", "text"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the page shows it.

    name: in settings. variable: of the environment, where there is one. lowest, highest: of a
    number, in its unit; of a text, highest is its length. factor: what one unit of the page is in
    the value. choices: value and title.
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

    @property
    def is_in_environment(self) -> bool:
        """Whether the environment sets it on purpose."""
        return self.variable in settings.SET_BY_ENVIRONMENT

    @property
    def without_row(self) -> Any:
        """What holds where no operator has set it: the environment's value, or the default."""
        return getattr(settings, self.name)

    def shown(self, value: Any) -> str:
        """A value as it is written in the form."""
        if self.kind == "switch":
            return "on" if value else ""
        return str(value // self.factor) if self.kind == "number" else str(value)

    def told(self, value: Any) -> str:
        """A value as people read it."""
        if self.kind == "switch":
            return "on" if value else "off"
        if self.kind == "choice":
            return dict(self.choices).get(value, str(value)).lower()
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
            case "line" | "text":
                return self._text(text)

    def accepts(self, value: Any) -> bool:
        """Whether a stored value may hold. One of an earlier release may not."""
        expected = {"switch": bool, "number": int}.get(self.kind, str)
        if type(value) is not expected:
            return False
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
    """Settings that are shown together."""

    id: str
    title: str
    settings: tuple[Setting, ...]


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

# What rows of earlier releases are now: name, and the values of today.
FORMER: Final[Mapping[str, tuple[str, Mapping[Any, Any]]]] = {
    "STAFF_SECOND_FACTOR": ("SECOND_FACTOR", {"optional": "off", "required": "staff"}),
}


class _Known:
    """The rows as this process last read them."""

    def __init__(self) -> None:
        self._rows: Mapping[str, Any] | None = None
        self._read_at = float("-inf")
        self._asking = threading.Lock()

    def forget(self) -> None:
        self._read_at = float("-inf")

    def assume(self, rows: Mapping[str, Any]) -> None:
        """Take these for what is stored until `forget`: a test's tables are empty at its start."""
        self._rows, self._read_at = rows, float("inf")

    def last(self) -> Mapping[str, Any]:
        """Without asking the database: also where it is away, and in an event loop."""
        return self._rows or {}

    def get(self) -> Mapping[str, Any]:
        if time.monotonic() - self._read_at <= KNOWN_S:
            return self.last()
        if _is_in_event_loop():
            database.submit(self._read)
            return self.last()
        if self._rows is not None and connection.needs_rollback:
            return self.last()
        return self._read()

    def _read(self) -> Mapping[str, Any]:
        # One thread asks for all. Those that were served before need not wait for it.
        if not self._asking.acquire(blocking=self._rows is None):
            return self.last()
        try:
            # Before the query: what is written while it runs is read again in time.
            began = time.monotonic()
            try:
                self._rows = stored()
            except (DatabaseError, InterfaceError):
                # A database that is away changes no setting. What was never read is not guessed:
                # by the environment's value runs might be deleted that are to be kept.
                if self._rows is None or connection.in_atomic_block:
                    raise
            self._read_at = began
            return self.last()
        finally:
            self._asking.release()


known = _Known()


def value(name: str) -> Any:
    """What holds now of a declared setting. In an event loop: as last read."""
    setting = DECLARED[name]
    rows = known.get()
    return rows.get(name, setting.without_row)


def last_value(name: str) -> Any:
    """The same, as last read: for pages that must come out when the database does not answer."""
    setting = DECLARED[name]
    return known.last().get(name, setting.without_row)


def stored() -> dict[str, Any]:
    """What operators have set, by name. Asks the database."""
    rows = dict(_table().values_list("name", "value"))
    for former, (name, values) in FORMER.items():
        if former in rows:
            rows.setdefault(name, values.get(rows[former]))
    return {
        name: value
        for name, value in rows.items()
        if name in DECLARED and DECLARED[name].accepts(value)
    }


def locked() -> dict[str, Any]:
    """As `stored`, in a transaction, and no one else changes a setting until it ends."""
    rows = _table()
    rows.bulk_create([rows.model(name=_LOCK, value=0)], ignore_conflicts=True)
    rows.select_for_update().get(name=_LOCK)
    return stored()


def contact_link(contact: str) -> str:
    """Where a contact leads: `mailto:` or the URL; empty where it is neither."""
    for check, link in ((validate_email, f"mailto:{contact}"), (_LINK, contact)):
        try:
            check(contact)
        except ValidationError:
            continue
        return link
    return ""


def digest(text: str) -> str:
    """The SHA-256 of a text that people accept or dismiss."""
    return hashlib.sha256(text.encode()).hexdigest()


def _table() -> Manager[Any]:
    # Looked up when it is asked: a web process answers errors before its models are loaded.
    return apps.get_model("core", "ServerSetting")._default_manager


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
