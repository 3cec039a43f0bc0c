"""Apps for people without an account, and their links."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from simple_apps import services
from simple_apps.models import SimpleApp
from templates_app.models import Template
from tests.support.builders.templates import make_template


def make_app(owner: User, template: Template | None = None, **changes: Any) -> SimpleApp:
    """An app of this template, else of the documented example."""
    template = template or make_template(owner)
    return services.create_app(actor=owner, template=template, changes=changes)


def make_link(app: SimpleApp, **limits: Any) -> str:
    """The token of a new link."""
    return services.create_link(actor=app.owner, app=app, fields=limits)[1]
