"""The models that the generated TypeScript types and reference pages are made of."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, RootModel

from templates_app.graph.spec import Condition, Input, Select, Spec, Stage
from templates_app.graph.types import Plan


class StoredPlan(RootModel[Plan]):
    """What a run executes, as `Run.plan` stores it."""


MODELS: Final[tuple[type[BaseModel], ...]] = (
    Spec,
    Input,
    Stage,
    Condition,
    Select,
    StoredPlan,
)
