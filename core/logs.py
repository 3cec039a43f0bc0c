"""Log lines carry the id of the request they belong to."""

import logging
from contextvars import ContextVar

# "-" outside requests: start-up, commands, workers.
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Give every record a `request_id`, so that one format fits all lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True
