"""Apps for people without an account, made in a server of its own. Needs no Django here."""

from __future__ import annotations

import json
from typing import Any

from tests.support.server import Site

# As many runs of an app as a guest's browser keeps.
GUEST_RUNS = 20
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


def app_at(site: Site, template: str, *, limits: Any = None, **changes: Any) -> str:
    """The token of a link to a new app of a server's template, which its owner makes."""
    code = _MAKE.format(
        template=template, changes=json.dumps(changes), limits=json.dumps(limits or {})
    )
    return site.manage("shell", "-v0", "-c", code).strip().splitlines()[-1]
