"""Answers of `/app/documents/<id>/uses` to the editor: templates as stages of another one."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from templates_app.document_ops.schemas import Doc, Op
from tools.declaration.ports import MediaKind
from tools.palette_schemas import PaletteTool

_SHAPE = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@_SHAPE
class UseOutput(TypedDict):
    name: str
    title: str
    kind: MediaKind | None


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
    outputs: list[UseOutput]
    """The main one first."""


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
class ReferencedMedium(TypedDict):
    url: str
    kind: MediaKind
    width: int | None
    height: int | None
    duration: float | None


@_SHAPE
class Crumb(TypedDict):
    """A stage that was opened. key: as its step is called in a run of the whole template."""

    key: str
    title: str
    isElement: bool
    """Whether it is one element of the batch before it."""


@_SHAPE
class Inside(TypedDict):
    """The inside of a stage, as a document that can't be edited."""

    path: list[Crumb]
    """The stages that lead to it, itself the last."""
    template: str
    """The template that the stage is; empty where it only holds stages of the same one."""
    mayOpen: bool
    """Whether the reader has that template's own page."""
    state: Doc
    """Its values are what its inputs are given."""
    media: dict[str, ReferencedMedium]
    sources: dict[str, str]
    """The origins of its inputs' values that aren't known, in words."""
    uses: list[Use]


@_SHAPE
class UseAnswer(TypedDict):
    use: Use


@_SHAPE
class TemplateChoices(TypedDict):
    choices: list[TemplateChoice]


@_SHAPE
class UsedVersion(TypedDict):
    """A version of a template that stages are, as a document."""

    title: str
    version: str
    state: Doc


@_SHAPE
class Bundle(TypedDict):
    """The templates that stages are, by `<id>@<version>`, as a file takes them along."""

    templates: dict[str, dict[str, Any]]


@_SHAPE
class Unbundled(TypedDict):
    """Templates made of a file's. names: theirs by those in the file."""

    names: dict[str, str]
    uses: list[Use]


@_SHAPE
class Unpacked(TypedDict):
    """Ops that unpack a template stage, or put stages into one. keys: of what is in their place."""

    rev: int
    ops: list[Op]
    keys: list[str]
    uses: list[Use]


@_SHAPE
class PrivateTemplate(TypedDict):
    """A version of it among the stages. reference: as stages name it. title: with its version."""

    reference: str
    title: str
