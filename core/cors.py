"""The websites that may call us from a browser, and with what.

Any website may read with a key in a header. Only the listed origins may bring cookies: otherwise
every website could act as the visitor.
"""

from __future__ import annotations

import re

from django.conf import settings

METHODS = "GET, POST, PATCH, DELETE, PUT, OPTIONS"
# Those of the public clients, in their own spelling.
REQUEST_HEADERS = (
    "Accept",
    "Authorization",
    "api-key",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Mcp-Method",
    "Mcp-Name",
    "MCP-Protocol-Version",
    "Mcp-Session-Id",
    "Range",
    "Cache-Control",
    "X-CSRFToken",
    # Who a guest of an app is, see `simple_apps.guest_runs`.
    "X-Guest",
    "OpenAI-Beta",
    "OpenAI-Organization",
    "OpenAI-Project",
    "X-App-Source",
    "X-Token-Type",
    "X-Sogni-Interaction-Kind",
    "X-Sogni-Workload-Kind",
    "X-Sogni-Agent-Framework",
    "X-Sogni-Agent-Framework-Version",
    "X-Sogni-Agent-Surface",
    "X-Sogni-Agent-Surface-Version",
    "X-Sogni-Execution-Mode",
    "X-Sogni-Operation-Scope",
    "X-Sogni-Operation-Id",
    "X-Sogni-Root-Operation-Id",
    "X-Sogni-Parent-Operation-Id",
)
# What the generated SDKs of several services say of themselves; each has names of its own.
_SDK_NAME = re.compile(r"x-stainless-[a-z-]{1,40}")
EXPOSED = "Retry-After, WWW-Authenticate, X-Request-Id, Content-Range, Accept-Ranges, ETag"
PREFLIGHT_LIFE_S = 600


def answer(origin: str) -> dict[str, str]:
    """Headers of any answer under /v1 and /media. origin: the Origin header, or empty."""
    headers = {"Vary": "Origin"}
    if not origin:
        return headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = EXPOSED
    if origin in settings.CORS_ORIGINS:
        headers["Access-Control-Allow-Credentials"] = "true"
    return headers


def preflight(origin: str, header_names: str) -> dict[str, str]:
    """Headers of the answer to OPTIONS. header_names: Access-Control-Request-Headers, or empty."""
    names = (name.strip().lower() for name in header_names.split(","))
    sdk = sorted({name for name in names if _SDK_NAME.fullmatch(name)})
    return {
        **answer(origin),
        "Vary": "Origin, Access-Control-Request-Headers",
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": ", ".join((*REQUEST_HEADERS, *sdk)),
        "Access-Control-Max-Age": str(PREFLIGHT_LIFE_S),
    }
