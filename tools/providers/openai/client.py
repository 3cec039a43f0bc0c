"""Requests to one service that speaks as OpenAI does: JSON, forms and files, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tools.providers.http import Requests
from tools.providers.openai import failures
from tools.providers.openai.endpoint import Endpoint
from tools.providers.request_urls import is_own
from tools.providers.service import Answer, Service

# (name, (file name, bytes, type)) of a form, several of one name allowed.
FilePart = tuple[str, tuple[str, bytes, str]]


@dataclass(slots=True)
class OpenAIClient:
    """Speaks to one service for one job. check: raises when the work is not wanted any more."""

    name: str
    endpoint: Endpoint
    check: Callable[[], None]

    def post(
        self, path: str, body: Mapping[str, Any], *, key: str = "", limit: int | None = None
    ) -> dict[str, Any]:
        """Send JSON, get JSON. key: what makes a repeated request recognizable. limit: bytes.

        Raises ProviderError; ProviderUnsure where the service may have done the work.
        """
        return self._json("POST", path, key=key, limit=limit, **_as_json(body))

    def post_for_stream(
        self, path: str, body: Mapping[str, Any], *, limit: int | None = None
    ) -> Iterator[Answer | bytes]:
        """Send JSON, get the Answer without its body, then the body in pieces. Raises as `post`."""
        pieces = Requests(self._service(), self.check).stream(
            "POST", path, limit=limit, **_as_json(body)
        )
        for piece in pieces:
            if isinstance(piece, Answer) and piece.status >= 300:
                raise failures.of_status(self.name, self.endpoint, piece)
            yield piece

    def post_form(
        self, path: str, fields: Mapping[str, str], files: Sequence[FilePart], *, key: str = ""
    ) -> dict[str, Any]:
        """Send a multipart form, get JSON. Raises as `post`."""
        # Fields as file parts without a name: else httpx sends a form without files another way.
        parts = [(name, (None, value.encode())) for name, value in fields.items()]
        return self._json("POST", path, key=key, files=[*parts, *files])

    def post_for_bytes(self, path: str, body: Mapping[str, Any], target: Path, *, key: str) -> str:
        """Send JSON, get a file: written to target; its type as the service calls it."""
        return self._ask("POST", path, key=key, target=target, **_as_json(body)).mime

    def get(self, path: str, *, limit: int | None = None) -> dict[str, Any]:
        """Ask for JSON. Costs nothing, so it is never ProviderUnsure. limit: bytes."""
        return self._json("GET", path, limit=limit)

    def delete(self, path: str) -> None:
        """Ask to delete. Its body is not read: some services send none."""
        self._ask("DELETE", path)

    def download(self, url: str, target: Path) -> str:
        """Fetch a file of the service itself, by path or by an address `is_own` knows; its type as
        the service calls it."""
        return self._ask("GET", url, target=target).mime

    def is_own(self, url: str) -> bool:
        """Return whether an address lies at the operator's base URL: then it may be private, and
        gets the key."""
        return is_own(self._service(), url)

    def _json(self, method: str, path: str, *, key: str = "", **request: Any) -> dict[str, Any]:
        answer = self._ask(method, path, key=key, **request)
        return failures.read_json(self.name, self.endpoint, answer, method == "POST")

    def _ask(self, method: str, path: str, *, key: str = "", **request: Any) -> Answer:
        headers = dict(request.pop("headers", {}))
        if key and self.endpoint.idempotency_key:
            headers["Idempotency-Key"] = key
        answer = Requests(self._service(), self.check).request(
            method, path, headers=headers, **request
        )
        if answer.status >= 300:
            raise failures.of_status(self.name, self.endpoint, answer)
        return answer

    def _service(self) -> Service:
        key = self.endpoint.key
        return Service(
            who=f"{self.name} ({self.endpoint.host})",
            base_url=self.endpoint.base_url,
            headers={"Authorization": f"Bearer {key.get_secret_value()}"} if key else {},
            ca_file=self.endpoint.ca_file,
            timeout_s=self.endpoint.timeout_s,
        )


def _as_json(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": orjson.dumps(body), "headers": {"Content-Type": "application/json"}}
