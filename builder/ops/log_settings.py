"""The logs: their files, levels and format."""

from __future__ import annotations

from typing import Any


def read(log_format: str) -> dict[str, Any]:
    """Django's LOGGING. log_format: "text" or "json"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "outages": {"()": "core.outages.OutageFilter"},
            "expected": {"()": "core.logs.ExpectedAnswerFilter"},
            "request_id": {"()": "core.logs.RequestIdFilter"},
        },
        "formatters": {
            "text": {"()": "core.logs.TextLines"},
            "json": {"()": "core.logs.JsonLines"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": log_format,
                "filters": ["outages", "expected", "request_id"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Its line per request has the whole address, and in that someone's secret.
            "httpx": {"level": "WARNING"},
            # Several lines for each request.
            "mcp": {"level": "WARNING"},
            # Two lines for each hint; and one for each try to connect, beside ours for the outage.
            "procrastinate": {"level": "WARNING"},
            "psycopg.pool": {"level": "ERROR"},
        },
    }
