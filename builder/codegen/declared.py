"""Enums and types that the editor shares with the server, written as TypeScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Union, get_args

from builder.shared.run_display import RUN_WORDS, STEP_WORDS
from builder.web.comment_pages import schemas as comments
from builder.web.compose_pages.kept_proposal import KeptProposal
from builder.web.compose_pages.schemas import Proposal
from builder.web.editor import schemas as editor
from builder.web.editor import use_schemas as uses
from builder.web.gallery.categories import CATEGORY_WORDS
from builder.web.runs_pages import schemas as run_page
from builder.web.template_pages.nearest_templates import NearTemplate
from compose import plan as plans
from runs import states
from runs.live import socket_messages as run_socket
from runs.web import schemas as runs
from simple_apps import schemas as guests
from templates_app.document_ops import schemas as documents
from templates_app.documents import socket_messages as document_socket
from templates_app.graph import spec
from templates_app.graph.types import OnError, Pick, Plan, StepKind, Transform
from tools.declaration.port_types import PORT_TYPES
from tools.declaration.ports import MEDIA_KINDS
from tools.palette_schemas import PaletteTool, Provider, ProviderModel, ToolParameter, ToolPort

# Where a setting is shown as a list of choices, this is their order.
ENUMS: Final[Mapping[str, Sequence[str]]] = {
    "TableName": documents.TABLES,
    "MediaKind": MEDIA_KINDS,
    "SocketKind": tuple(PORT_TYPES),
    "Transform": get_args(Transform),
    "OnError": get_args(OnError),
    "InputType": get_args(spec.InputType),
    "StageType": get_args(spec.StageType),
    "ConditionType": get_args(spec.ConditionType),
    "Category": get_args(spec.Category),
    "StepKind": get_args(StepKind),
    "RunStatus": states.RUN_STATES,
    "FinalRunStatus": tuple(one for one in states.RUN_STATES if one in states.RUN_TERMINAL),
    "StepStatus": editor.STEP_STATUSES,
    "PublicStepStatus": get_args(runs.StepStatus),
    "WaitingReason": states.WAITING_REASONS,
    "Asking": editor.ASKING,
    "EditKind": get_args(plans.EditKind),
    "UsualMusic": (plans.USUAL_MUSIC, plans.USUAL_BEAT),
}

# The constant, the enum and what people read for each of its values.
WORDS: Final = (
    ("CATEGORY_WORDS", "Category", CATEGORY_WORDS),
    ("RUN_STATUS_WORDS", "RunStatus", RUN_WORDS),
    ("STEP_STATUS_WORDS", "PublicStepStatus", STEP_WORDS),
)

# The name in TypeScript, and what is written under it. What these are made of comes with them.
TYPES: Final[Sequence[tuple[str, Any]]] = (
    ("Op", documents.Op),
    ("Change", documents.Change),
    ("Recorded", document_socket.RecordedChange),
    ("DocumentMessage", Union[document_socket.CHANNEL.sends]),  # noqa: UP007
    ("RunMessage", Union[run_socket.CHANNEL.sends]),  # noqa: UP007
    ("Doc", documents.Doc),
    ("PlanRecord", documents.PlanRecord),
    ("ToolPort", ToolPort),
    ("ToolParameter", ToolParameter),
    ("ProviderModel", ProviderModel),
    ("Provider", Provider),
    ("Tool", PaletteTool),
    ("Issues", editor.Issues),
    ("Quote", editor.Quote),
    ("RunState", editor.RunRecord),
    ("StepRecord", editor.StepRecord),
    ("Medium", editor.StepMedium),
    ("RunRow", editor.RunRow),
    ("RunPage", run_page.RunPage),
    ("Boot", editor.Boot),
    ("Opened", editor.Opened),
    ("Use", uses.Use),
    ("TemplateChoice", uses.TemplateChoice),
    ("UsedVersion", uses.UsedVersion),
    ("Bundle", uses.Bundle),
    ("Unbundled", uses.Unbundled),
    ("Unpacked", uses.Unpacked),
    ("Inside", uses.Inside),
    ("ChangesAnswer", editor.ChangesAnswer),
    ("VersionRow", editor.VersionRow),
    ("People", editor.People),
    ("Member", editor.Member),
    ("LibraryMedium", editor.LibraryMedium),
    ("Uploaded", editor.Uploaded),
    ("Comment", comments.CommentOut),
    ("CommentThread", comments.CommentThread),
    ("CommentList", comments.CommentList),
    ("Proposal", Proposal),
    ("KeptProposal", KeptProposal),
    ("PlanSettings", plans.Plan),
    ("FileInput", plans.File),
    ("NearTemplate", NearTemplate),
    ("Template", spec.Spec),
    ("TemplateInput", spec.Input),
    ("TemplateStage", spec.Stage),
    ("Condition", spec.Condition),
    ("Select", spec.Select),
    ("Plan", Plan),
    ("BindingPick", Pick),
    ("PublicRun", runs.RunRecord),
    ("GuestRun", guests.GuestRunOut),
    ("LogEntry", runs.EventOut),
)
