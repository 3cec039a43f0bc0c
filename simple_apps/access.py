"""Ways to an app and a run of it: tokens of links and of runs, and how often they may be used.

Anyone who holds a token reads what it opens.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import suspension
from accounts.auth import hash_secret
from accounts.models import User
from accounts.rate_limits import HOUR_S, MINUTE_S
from core import clock, errors
from core.counters import Counter
from runs.models import Allowance
from simple_apps.models import GuestLink, GuestRun, SimpleApp

# Of an app that guests may use now. Hiding its template and suspending its owner closes it at once.
_OPEN: Any = {
    "ended_at": None,
    "version__isnull": False,
    "template__deleted_at": None,
    "template__moderation": "visible",
    # What deleted people published stays, but no one pays for it.
    "owner__is_active": True,
}


def _open(app: str = "") -> Q:
    prefix = f"{app}__" if app else ""
    conditions = {f"{prefix}{name}": value for name, value in _OPEN.items()}
    return Q(**conditions) & suspension.shown(f"{prefix}owner")


# As a condition on apps.
OPEN = _open()


def apps_of(owner: Any) -> QuerySet[SimpleApp]:
    """Select a person's apps that they did not end, the newest first."""
    rows = SimpleApp.objects.filter(owner=owner, ended_at=None, template__deleted_at=None)
    return rows.select_related("template").order_by("-id")


def own_app(owner: Any, slug: str) -> SimpleApp:
    """Return a person's own app with its version. Raises NotFound."""
    rows = apps_of(owner).select_related("template", "version", "picture")
    app = rows.filter(slug=slug, version__isnull=False).first()
    if app is None:
        raise errors.NotFound("App not found.", code="app.not_found")
    return app


def embed_origins(slug: str) -> list[str]:
    """Return the sites that may frame an open app; none for what is no app."""
    rows = SimpleApp.objects.filter(OPEN, slug=slug).values_list("embed_origins", flat=True)
    return list(rows.first() or ())


def open_link(slug: str, token: str) -> GuestLink:
    """Return a link with its app, by its token.

    Raises NotFound alike for unknown apps and tokens, for links that are over and closed apps.
    """
    rows = _open_links().filter(app__slug=slug, token_sha256=hash_secret(token).hex())
    link = rows.select_related("app__version__template").first()
    if link is None or link.app.version is None:
        raise missing()
    link.app.template = link.app.version.template
    return link


def link_of_id(link_id: int) -> GuestLink | None:
    """Return a link with its app, or someone's own link, while runs may be started by it."""
    may_pay = Q(app__own_cost=True, person__is_active=True)
    rows = _open_links().filter(Q(person=None) | may_pay, pk=link_id)
    return rows.select_related("person").first()


def _open_links() -> QuerySet[GuestLink]:
    """Select the links that are not over, of open apps, each with its app and its allowance."""
    rows = GuestLink.objects.filter(
        _open("app"), allowance__ended_at=None, allowance__ends_at__gt=clock.now()
    )
    return rows.select_related("app__owner", "app__version", "allowance")


def own_link(slug: str, person: User, *, creates: bool) -> GuestLink:
    """Return someone's own link to an app that people run at their own cost.

    creates: store it, where this is their first use. Raises NotFound as `open_link`.
    """
    apps = SimpleApp.objects.filter(OPEN, slug=slug, own_cost=True)
    app = apps.select_related("owner", "version__template").first()
    if app is None or app.version is None:
        raise missing()
    app.template = app.version.template
    rows = GuestLink.objects.filter(app=app, person=person).select_related("allowance")
    link = rows.first()
    if link is None:
        link = GuestLink(
            app=app,
            person=person,
            # No one gets it: they come with what proves who they are.
            token_sha256=hash_secret(secrets.token_urlsafe(32)).hex(),
            allowance=Allowance(owner=person, **OWN_LIMITS),
        )
        if creates:
            try:
                with transaction.atomic():
                    link.allowance.save()
                    link.save()
            except IntegrityError:
                # Of two first starts at once, the other one stored it.
                link = rows.get()
    link.app, link.person = app, person
    return link


def open_run(slug: str, token: str) -> GuestRun:
    """Return a guest's run with its app, by the token that its start gave. Raises NotFound."""
    run = runs_by_token(token).filter(app__slug=slug).first()
    if run is None:
        raise missing()
    return run


def runs_by_token(token: str) -> QuerySet[GuestRun]:
    """Select the run of a token, while its app is open and its owner keeps it."""
    rows = GuestRun.objects.filter(
        _open("app"), token_sha256=hash_secret(token).hex(), run__deleting_at=None
    )
    return rows.select_related("run", "app__version", "link")


def missing() -> errors.NotFound:
    """The one answer for what never was, is over or is closed."""
    return errors.NotFound(
        "This link isn't valid, or it has ended. Ask the person who sent it for a new one.",
        code="app.not_found",
    )


def no_runs_left() -> errors.AllowanceSpent:
    """Return the refusal of a link whose runs, credits or files are used up."""
    return errors.AllowanceSpent(
        "All runs of this link are used. Ask the person who sent it for a new one.",
        details={"reason": "budget"},
    )


# Of people who pay themselves: their credit is the limit.
OWN_LIMITS: Final[dict[str, Any]] = {
    "most_runs": 1_000_000,
    "most_milli": 10**15,
    "ends_at": datetime(9999, 1, 1, tzinfo=UTC),
}


# --- limits --------------------------------------------------------------------------------------

UPLOADS_PER_HOUR: Final = 60

_requests = Counter("guest_requests", MINUTE_S)
_starts = Counter("guest_starts", MINUTE_S)
_uploads = Counter("guest_uploads", HOUR_S)


def check_requests(address: str) -> None:
    """Count one request. Raises QuotaExceeded above READS_PER_MINUTE of one address."""
    if settings.READS_PER_MINUTE is not None:
        _count(_requests, address, settings.READS_PER_MINUTE)


def check_starts(link: GuestLink, address: str) -> None:
    """Count one start. Raises QuotaExceeded above STARTS_PER_MINUTE of one address and link."""
    if settings.STARTS_PER_MINUTE is not None:
        _count(_starts, f"{link.pk}:{address}", settings.STARTS_PER_MINUTE)


def check_uploads(link: GuestLink, address: str) -> None:
    """Count one file. Raises QuotaExceeded where one address brings too many."""
    caller = "" if link.person_id is not None else address
    _count(_uploads, f"{link.pk}:{caller}", UPLOADS_PER_HOUR)


def _count(counter: Counter, caller: str, rate: int) -> None:
    wait_s = counter.wait_s(caller, rate)
    if wait_s:
        raise errors.QuotaExceeded(code="quota.rate", retry_after_s=wait_s)
