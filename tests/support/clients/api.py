"""A client of /v1 with a key, as programs use it."""

from __future__ import annotations

import json as json_text
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Api:
    """`Api(key).post("/v1/…", {...})`. Server errors come back as answers, not as exceptions.

    key: a plain API key, or empty for no one. The answer has `.json()` and `.status_code`.
    """

    def __init__(self, key: str = "", **client_options: Any) -> None:
        self.key = key
        self.client = Client(raise_request_exception=False, **client_options)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.client.get(path, query or {}, headers=self._headers(headers))

    def post(self, path: str, json: Any = None, **headers: str) -> HttpResponse:
        return self._send("post", path, json, headers)

    def patch(self, path: str, json: Any = None, **headers: str) -> HttpResponse:
        return self._send("patch", path, json, headers)

    def put(self, path: str, json: Any = None, **headers: str) -> HttpResponse:
        return self._send("put", path, json, headers)

    def delete(self, path: str, json: Any = None, **headers: str) -> HttpResponse:
        return self._send("delete", path, json, headers)

    def _send(self, method: str, path: str, json: Any, headers: dict[str, str]) -> HttpResponse:
        """json: a value to encode, bytes to send as they are, or None for no body."""
        body = json if isinstance(json, bytes) else b"" if json is None else json_text.dumps(json)
        return getattr(self.client, method)(
            path, body, content_type="application/json", headers=self._headers(headers)
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        """Keyword `idempotency_key` becomes the header `idempotency-key`."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"api-key": self.key, **named} if self.key else named
