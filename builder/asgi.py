"""The one ASGI application: streams and media beside Django, never inside it.

Any Django view holds one thread per open response; a plain ASGI app does not.
"""

import os
import re

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")

from django.core.asgi import get_asgi_application

from core.asgi import Legible

django_application = Legible(get_asgi_application())

from media.serve import MediaApp  # noqa: E402
from runs.stream import RunStreamApp  # noqa: E402

STREAM = re.compile(r"^/v1/creative-agent/workflows/(?P<run_id>[^/]+)/events/stream$")
media_application = MediaApp()
stream_application = RunStreamApp()


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    """Send each connection to the app that answers it."""
    if scope["type"] == "http":
        path = scope["path"]
        if path.startswith("/media/"):
            return await media_application(scope, receive, send)
        match = STREAM.match(path)
        if match and scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await stream_application(scope, receive, send, run_id=match["run_id"])
    elif scope["type"] == "websocket":
        # Sockets come with the pages. A plain 403 lets clients that probe one carry on with REST.
        return await send({"type": "websocket.close", "code": 4404})
    return await django_application(scope, receive, send)
