"""Answers of `/app/documents/<id>/uses` to the editor: templates as stages of another one."""

from __future__ import annotations

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from templates_app.document_ops.schemas import Op
from tools.declaration.ports import MediaKind
from tools.palette_schemas import PaletteTool

_SHAPE = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@_SHAPE
class Use(TypedDict):
    """A version of a template that stages of this one may be."""

    reference: str
    """What such a stage has as its tool: `template:<id>@<version>`."""
    template: str
    version: str
    title: str
    owner: str
    """The name of its author."""
    stages: int
    mayOpen: bool
    """Whether the reader has the template's own page."""
    newer: str
    """A newer version that the reader may take instead; empty for none."""
    tool: PaletteTool


@_SHAPE
class TemplateChoice(TypedDict):
    """A template that may be inserted, in its newest version that the reader may use."""

    template: str
    title: str
    owner: str
    version: str
    takes: list[MediaKind]
    gives: MediaKind | None
    stages: int
    isOwn: bool
    asks: bool
    """Whether others come to see a private template by it, so that a person is asked first."""


@_SHAPE
class UseAnswer(TypedDict):
    use: Use


@_SHAPE
class TemplateChoices(TypedDict):
    choices: list[TemplateChoice]


@_SHAPE
class Unpacked(TypedDict):
    """The ops that unpack a template stage. keys: of the stages in its place, in order."""

    rev: int
    ops: list[Op]
    keys: list[str]
    uses: list[Use]
