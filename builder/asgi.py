"""The one ASGI application: streams and media beside Django, never inside it.

Any Django view holds one thread per open response; a plain ASGI app does not.
"""

import os
import re

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")

from django.core.asgi import get_asgi_application

from core.address_limit import AddressLimit
from core.asgi import Legible
from core.logs import working_on

django_application = Legible(get_asgi_application())

from builder.health import HealthApp, ReadyApp  # noqa: E402
from media import sandbox  # noqa: E402
from media.intake import IntakeApp  # noqa: E402
from media.serve import MediaApp  # noqa: E402
from runs.consumers import RunSocketApp  # noqa: E402
from runs.download import RunDownloadApp  # noqa: E402
from runs.stream import RunStreamApp  # noqa: E402
from templates_app.documents.socket import DocumentSocketApp  # noqa: E402

# This process holds every secret, and decodes uploads in children.
sandbox.protect_parent()

# What plain ASGI apps answer, whatever the method. Named groups are their arguments.
BESIDE_DJANGO = (
    (re.compile(r"/healthz"), HealthApp()),
    (re.compile(r"/readyz"), ReadyApp()),
    (re.compile(r"/media/.*", re.DOTALL), MediaApp()),
    (re.compile(r"/uploads/(?P<ticket>[^/]+)"), IntakeApp()),
    (
        re.compile(r"/v1/creative-agent/workflows/(?P<run_id>[^/]+)/events/stream"),
        RunStreamApp(),
    ),
    (re.compile(r"/runs/(?P<run_id>[^/]+)/download"), RunDownloadApp()),
)
SOCKETS = (
    (re.compile(r"/ws/runs/(?P<run_id>[^/]+)"), RunSocketApp()),
    (re.compile(r"/ws/documents/(?P<public_id>[^/]+)"), DocumentSocketApp()),
)


async def _application(scope, receive, send):  # type: ignore[no-untyped-def]
    """Send each connection to the app that answers it."""
    if scope["type"] == "http":
        for address, app in BESIDE_DJANGO:
            match = address.fullmatch(scope["path"])
            if match:
                with working_on(run=match.groupdict().get("run_id", "")):
                    return await app(scope, receive, send, **match.groupdict())
    elif scope["type"] == "websocket":
        for address, socket in SOCKETS:
            match = address.fullmatch(scope["path"])
            if match:
                with working_on(run=match.groupdict().get("run_id", "")):
                    return await socket(scope, receive, send, **match.groupdict())
        # A plain 403 lets clients that probe for a socket of their own carry on with REST.
        return await send({"type": "websocket.close", "code": 4404})
    return await django_application(scope, receive, send)


application = AddressLimit(_application)
