"""Messages of an editor on its person's selection and cursor. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field

from templates_app.document_ops.schemas import Key

MAX_BYTES: Final = 4 * 1024
MAX_SELECTED: Final = 200

# A whole number stays one: 120 is not sent on as 120.0.
Coordinate: TypeAlias = int | Annotated[float, Field(allow_inf_nan=False)]


class Cursor(BaseModel):
    """A point on the canvas."""

    model_config = ConfigDict(extra="forbid")
    x: Coordinate
    y: Coordinate


class Pointing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    selection: Annotated[list[Key], Field(max_length=MAX_SELECTED)] = []
    cursor: Annotated[Cursor | None, Field(description="null: not on the canvas.")] = None


class Presence(BaseModel):
    """Your selection and where you point, for the others. The latest counts; a message of another
    shape changes nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"presence": {"selection": ["keyframe"], "cursor": {"x": 120.5, "y": 48}}}]
        }
    )
    presence: Pointing


_validate: Final = Presence.__pydantic_validator__.validate_python


def read_presence(text: str) -> dict[str, Any] | None:
    """The selection and the cursor of a message `{"presence": …}`.

    None for anything else: whatever it says reaches other people's screens.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return None
    try:
        # Strict: true is no number, and a number no key. orjson makes floats of integers that no
        # message between processes could carry.
        presence = _validate(orjson.loads(text), strict=True).presence
    except ValueError:
        return None
    at = presence.cursor
    return {
        "selection": presence.selection,
        "cursor": None if at is None else {"x": at.x, "y": at.y},
    }
