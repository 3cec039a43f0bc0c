"""The media server in a process of its own, over files given by a JSON file instead of a database.

Started as `python -m core.server … tests.support.fakes.media_server:application`. MEDIA_FILES names
the JSON file: {"dir": MEDIA_DIR, "blobs": {id: {"sha256", "size", "mime"}}}. `/break`
fails in mid-answer, `/fail` before one; whatever else tells how many bytes of bodies were handed to
the web server so far.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.support.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402

from media import resolvers  # noqa: E402
from media.models import Blob  # noqa: E402
from media.serve import MediaApp  # noqa: E402

given = json.loads(Path(os.environ["MEDIA_FILES"]).read_text())
settings.MEDIA_DIR = Path(given["dir"])
settings.SECRET_KEY = given["secret_key"]
blobs = {public_id: Blob(kind="video", **facts) for public_id, facts in given["blobs"].items()}
# Before those of the apps, which would ask a database.
resolvers._resolvers.insert(0, blobs.get)
media_application = MediaApp()
sent = 0


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    async def count(message: dict[str, Any]) -> None:
        global sent
        sent += len(message.get("body", b""))
        await send(message)

    if scope["path"].startswith("/media/"):
        return await media_application(scope, receive, count)
    if scope["path"] in ("/break", "/fail"):
        if scope["path"] == "/break":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("a bug")
    body = str(sent).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    return await send({"type": "http.response.body", "body": body})
