"""Ways to an app and a run of it: tokens of links and of runs. Anyone who holds one reads."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts import suspension
from accounts.auth import hash_secret
from core import clock, errors
from simple_apps.models import GuestLink, GuestRun, SimpleApp

# Of an app that guests may use now. Hiding its template and suspending its owner closes it at once.
_OPEN: Any = {
    "ended_at": None,
    "version__isnull": False,
    "template__deleted_at": None,
    "template__moderation": "visible",
}


def _open(app: str = "") -> Q:
    prefix = f"{app}__" if app else ""
    named = {f"{prefix}{name}": value for name, value in _OPEN.items()}
    return Q(**named) & suspension.shown(f"{prefix}owner")


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


def open_link(slug: str, token: str) -> GuestLink:
    """Return a link with its app, by its token.

    Raises NotFound alike for unknown apps and tokens, for links that are over and closed apps.
    """
    link = (
        GuestLink.objects.filter(
            _open("app"),
            app__slug=slug,
            token_sha256=hash_secret(token).hex(),
            allowance__ended_at=None,
            allowance__ends_at__gt=clock.now(),
        )
        .select_related("app__owner", "app__template", "app__version", "app__picture", "allowance")
        .first()
    )
    if link is None:
        raise missing()
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
    return rows.select_related("run", "app__version")


def missing() -> errors.NotFound:
    """The one answer for what never was, is over or is closed."""
    return errors.NotFound(
        "This link isn't valid, or it has ended. Ask the person who sent it for a new one.",
        code="app.not_found",
    )
