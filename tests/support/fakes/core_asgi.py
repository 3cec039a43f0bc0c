"""The addresses of tests/support/fakes/core_urls.py behind a real server."""

import asyncio
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings.core")

from django.core.asgi import get_asgi_application

from core.asgi import RequestGuard

django_application = RequestGuard(get_asgi_application())

# A socket at any address is sent so many messages of so many bytes, each with its number in front.
MESSAGES, SIZE = 200, 100_000
# One at /late is accepted after so many seconds, as where the database has much to do.
LATE_S = 7.0
sent = 0


async def application(scope, receive, send):
    """`GET /sent` tells how many messages a socket's `send` has been done with."""
    global sent
    if scope["type"] == "websocket":
        await receive()
        if scope["path"] == "/late":
            await asyncio.sleep(LATE_S)
        await send({"type": "websocket.accept"})
        for sent in range(1, MESSAGES + 1):
            await send({"type": "websocket.send", "text": f"{sent:06}".ljust(SIZE)})
        # Until the client hangs up.
        await receive()
    elif scope["path"] == "/sent":
        body = str(sent).encode()
        head = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
    else:
        await django_application(scope, receive, send)
