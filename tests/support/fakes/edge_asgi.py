"""An application that reads every body to its end and says what it saw, without a database."""

import asyncio
import hashlib
import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings.edge")

from django.core.asgi import get_asgi_application

from core.asgi import RequestGuard, headers_of

django_application = RequestGuard(get_asgi_application())


async def application(scope, receive, send):
    """`/held` answers after its body and then a second one each second; `/bug` breaks."""
    if scope["type"] == "websocket":
        return await _echo(receive, send)
    if scope["path"].startswith(("/v1/", "/fail/")):
        return await django_application(scope, receive, send)
    digest, length, more = hashlib.sha256(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        digest.update(message.get("body", b""))
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    said = {
        "length": length,
        "sha256": digest.hexdigest(),
        "declared": headers_of(scope).get("content-length"),
        "client": scope["client"][0],
        "scheme": scope["scheme"],
    }
    body = json.dumps(said).encode()
    is_held = scope["path"] == "/held"
    told = [] if is_held else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": told})
    if is_held:
        for _ in range(8):
            await send({"type": "http.response.body", "body": b".", "more_body": True})
            await asyncio.sleep(1)
    await send({"type": "http.response.body", "body": body})
    return None


async def _echo(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message.get("text") or ""})
