"""The one error that a job raises on purpose."""

from __future__ import annotations


class Refused(Exception):
    """The material itself is at fault, and trying again does not help.

    message: one sentence for people. error_type: one of the public contract's names.
    """

    def __init__(self, message: str, error_type: str = "PARAMETER_INVALID") -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type
