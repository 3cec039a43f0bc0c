"""The models that the generated TypeScript types and reference pages are made of."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from templates_app.graph.spec import Condition, Input, Select, Spec, Stage

DECLARED: Final[tuple[type[BaseModel], ...]] = (Spec, Input, Stage, Condition, Select)
