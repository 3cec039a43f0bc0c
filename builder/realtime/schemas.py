"""Requests and responses of socket tickets."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(min_length=1, max_length=256)]


class TicketIn(BaseModel):
    """A run or a template to follow. Exactly one of `run` and `template`."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    run: Id | None = None
    """A workflow's id: the ticket opens `/ws/runs/<id>`."""
    template: Id | None = None
    """A template's id: the ticket opens `/ws/documents/<id>`. A key needs the scope `all`."""

    @model_validator(mode="after")
    def _is_one(self) -> TicketIn:
        if (self.run is None) == (self.template is None):
            raise ValueError("needs exactly one of `run` and `template`")
        return self


class TicketOut(BaseModel):
    """A ticket for one WebSocket."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    ticket: str
    """Add it to the socket's URL as `?ticket=`. It works once. Keep it out of logs."""
    expiresAt: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    """When it stops working unless a socket was opened with it: after 60 s."""
