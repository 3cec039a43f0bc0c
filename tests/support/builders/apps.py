"""Apps for people without an account, and their links."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import User
from simple_apps import services
from simple_apps.models import SimpleApp
from templates_app.models import Template
from tests.support.builders.templates import make_template
from tests.support.server import Site

_MAKE = """
import json
from simple_apps import services
from templates_app.models import Template
template = Template.objects.get(public_id={template!r}, deleted_at=None)
changes = json.loads({changes!r})
app = services.create_app(actor=template.owner, template=template, changes=changes)
fields = json.loads({limits!r})
print(services.create_link(actor=template.owner, app=app, fields=fields)[1])
"""


def make_app(owner: User, template: Template | None = None, **changes: Any) -> SimpleApp:
    """An app of this template, else of the documented example."""
    template = template or make_template(owner)
    return services.create_app(actor=owner, template=template, changes=changes)


def make_link(app: SimpleApp, **limits: Any) -> str:
    """The token of a new link."""
    return services.create_link(actor=app.owner, app=app, fields=limits)[1]


def app_at(site: Site, template: str, *, limits: Any = None, **changes: Any) -> str:
    """The token of a link to a new app of a server's template, which its owner makes."""
    code = _MAKE.format(
        template=template, changes=json.dumps(changes), limits=json.dumps(limits or {})
    )
    return site.manage("shell", "-v0", "-c", code).strip().splitlines()[-1]
