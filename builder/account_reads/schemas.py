"""Responses of the account reads."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, with_config
from typing_extensions import TypedDict

from tools.palette_schemas import ModelFacts


class ListedModel(BaseModel):
    """A model in the spelling of OpenAI's list."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str


class ModelList(BaseModel):
    """The models of chat, then, with `all`, the media models offered here. Not enveloped."""

    object: Literal["list"] = "list"
    data: list[ListedModel]


@with_config(ConfigDict(use_attribute_docstrings=True))
class ToolModel(ModelFacts):
    """A media model for one of its tools."""

    provider: str | None
    """The provider of a call that names it; null: no one does this tool here."""


@with_config(ConfigDict(use_attribute_docstrings=True))
class CatalogModel(ToolModel):
    """A media model, and what is known of it for the first of its tools that runs here."""

    id: str
    name: str
    media: str
    type: str
    tools: list[str]
    """The tools that take it."""
    available: bool
    """Whether one of its tools runs here."""
    byTool: dict[str, ToolModel]
    """The provider and the same facts by tool, for further tools where they differ."""


class ModelCatalog(TypedDict):
    models: list[CatalogModel]


class SupportedModel(BaseModel):
    """A model as the SDKs list it."""

    id: str
    name: str
    SID: int
    tier: str
    media: str


class Subscription(BaseModel):
    """There are no subscriptions here: nothing is locked behind one."""

    status: Literal["none"] = "none"
    subscribed: Literal[False] = False
    plan: None = None
    entitlements: list[str] = []


class Announcement(BaseModel):
    """The operator's announcement. The id changes with the words."""

    id: str
    title: str
    message: str
    severity: Literal["info"] = "info"


class Announcements(BaseModel):
    announcements: list[Announcement]


class AnnouncementsAnswer(Announcements):
    """Both at the top and under `data`, because clients read one or the other."""

    status: Literal["success"] = "success"
    data: Announcements


class Loras(BaseModel):
    """This server has no LoRAs: the lists are empty."""

    loras: list[dict[str, Any]] = []
    models: list[str] = []
    supportedModels: list[dict[str, Any]] = []
    limits: dict[str, int] = {"maxImports": 0}
