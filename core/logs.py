"""Log lines carry the id of the request they belong to."""

import logging
from contextvars import ContextVar

# "-" outside requests: start-up, commands, workers.
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Give every record a `request_id`, so that one format fits all lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs an answer after the request has left the middleware, but names the request.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current_request_id.get()
        return True
