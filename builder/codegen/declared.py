"""What the editor knows of the server: the enums and types that are written as TypeScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from templates_app.document_ops.ops import TABLES
from templates_app.graph.types import OnError, StepKind, Transform
from tools.declaration.port_types import PORT_TYPES
from tools.declaration.ports import MEDIA_KINDS

# Where a setting has words of its own, the list gives their order.
ENUMS: Final[Mapping[str, Sequence[str]]] = {
    "TableName": TABLES,
    "MediaKind": MEDIA_KINDS,
    "SocketKind": tuple(PORT_TYPES),
    "Transform": get_args(Transform),
    "OnError": get_args(OnError),
    "StepKind": get_args(StepKind),
}

TYPES: Final[Sequence[tuple[str, Any]]] = ()
