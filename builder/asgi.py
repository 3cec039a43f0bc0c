"""The one ASGI application: streams, sockets and media beside Django, never inside it.

Any Django view holds one thread per open response; a plain ASGI app or a Channels consumer does
not.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import URLPattern, path, re_path

from core.address_limit import AddressLimit
from core.asgi import RequestGuard, Scope, Send
from core.close_codes import NOT_FOUND
from core.pooled_handler import PooledHandler

django.setup(set_prefix=False)
# More would only wait for each other; on SQLite they would also sleep while they wait for its one
# write lock.
django_application = RequestGuard(PooledHandler(4 if settings.ON_POSTGRES else 2))

from accounts.socket_auth import PrincipalMiddleware, SocketOriginValidator  # noqa: E402
from builder.account_exports.download import ExportDownloadApp  # noqa: E402
from builder.agents.mcp.app import McpApp  # noqa: E402
from builder.ops.health import HealthApp, ReadyApp  # noqa: E402
from builder.web.run_set_pages.downloads import RunSetDownloadApp  # noqa: E402
from compose.chat_runs.api import ChatRunEventStream  # noqa: E402
from compose.web.chat import ChatApp  # noqa: E402
from media import sandbox  # noqa: E402
from media.serve import MediaApp  # noqa: E402
from media.upload_endpoint import UploadApp  # noqa: E402
from notices.consumers import NoticesConsumer  # noqa: E402
from run_sets.web.api import RunSetStream  # noqa: E402
from runs.live.consumers import RunConsumer  # noqa: E402
from runs.live.event_stream import RunEventStream  # noqa: E402
from runs.web.download import MediaDownloadApp, RunDownloadApp  # noqa: E402
from runs.web.hooks import WebhookApp  # noqa: E402
from simple_apps.web.api import GuestRunStream  # noqa: E402
from templates_app.documents.consumers import DocumentConsumer  # noqa: E402

# This process holds every secret, and decodes uploads in children.
sandbox.protect_parent()


def socket(consumer: type[AsyncWebsocketConsumer]) -> Any:
    """A consumer behind the check of whose page opens it and who they are."""
    return SocketOriginValidator(PrincipalMiddleware(consumer.as_asgi()))


async def close_unknown(scope: Scope, receive: Any, send: Send) -> None:
    """An unknown address: before the handshake, so that clients that probe for a socket of their
    own get a plain 403 and carry on with REST."""
    await send({"type": "websocket.close", "code": NOT_FOUND})


def at(address: str, app: Any) -> URLPattern:
    """A route to an ASGI application; Django's type of `path` knows views only."""
    return path(address, app)


def below(prefix: str, app: Any) -> URLPattern:
    """A route for every address that begins so."""
    return re_path(f"^{prefix}", app)


# Routes that Django does not handle, with any method.
BESIDE_DJANGO = [
    at("healthz", HealthApp()),
    at("readyz", ReadyApp()),
    at("mcp", McpApp()),
    below("media/", MediaApp()),
    at("uploads/<str:ticket>", UploadApp()),
    at("hooks/<str:provider>/<str:secret>", WebhookApp()),
    at("hooks/<str:provider>/<str:secret>/<slug:token>", WebhookApp()),
    at("v1/chat/completions", ChatApp()),
    at("v1/chat/runs/<str:chat_id>/events/stream", ChatRunEventStream.as_asgi()),
    at("v1/creative-agent/workflows/<str:run_id>/events/stream", RunEventStream.as_asgi()),
    at("v1/apps/<slug:slug>/runs/<slug:token>/events", GuestRunStream()),
    at("v1/run-sets/<slug:set_id>/events", RunSetStream()),
    at("runs/<str:run_id>/download", RunDownloadApp()),
    at("run-sets/<str:set_id>/media.zip", RunSetDownloadApp()),
    at("me/media/download", MediaDownloadApp()),
    at("me/export/<int:part>", ExportDownloadApp()),
]
SOCKETS = [
    at("ws/runs/<str:run_id>", socket(RunConsumer)),
    at("ws/documents/<str:public_id>", socket(DocumentConsumer)),
    at("ws/notices", socket(NoticesConsumer)),
]

application = AddressLimit(
    ProtocolTypeRouter(
        {
            "http": URLRouter([*BESIDE_DJANGO, below("", django_application)]),
            "websocket": URLRouter([*SOCKETS, below("", close_unknown)]),
        }
    )
)
