"""Webhooks as services send them: signed by the recipe of standardwebhooks.com."""

from __future__ import annotations

import base64
import hmac
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from hashlib import sha256

from tests.support.waiting import WAIT_S

SECRET = "whsec_" + base64.b64encode(b"reelgraph-tests-sign-by-this-key").decode()


def signed(
    body: bytes,
    *,
    secret: str = SECRET,
    webhook_id: str = "wh_1",
    late_s: float = 0.0,
    now_s: float | None = None,
) -> dict[str, str]:
    """The headers of a webhook with this body. late_s: how long ago it was sent; negative: it is
    dated ahead. now_s: instead of what the clock says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    timestamp = str(int((time.time() if now_s is None else now_s) - late_s))
    content = b".".join([webhook_id.encode(), timestamp.encode(), body])
    signature = base64.b64encode(hmac.new(key, content, sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def send(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post it; the status of the answer."""
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        problem.close()
        return problem.code
