"""One stage of a template while it changes: its call, and arguments in any spelling."""

from __future__ import annotations

from typing import Any, Final

from core.language.cleaning import one_of
from templates_app.graph.bindings import Ref, read_text
from templates_app.graph.port_arguments import find_port
from templates_app.graph.wiring import clean, words_of
from tools.declaration.arguments import canonical_argument
from tools.declaration.ports import Port, Tool, ToolTable
from tools.declaration.schema import parameter_schemas

# Tools whose result is what they were given, with something done to it: without them their source
# is used.
SAME_KIND: Final = one_of(
    "add_subtitles apply_style change_angle edit_image extend_video overlay_video refine_result"
    " remove_background replace_video_segment restore_photo upscale_image upscale_video"
    " video_to_video"
)
# Either of these fields pauses a run, see `templates_app.graph.spec.Stage`.
_CHECKPOINTS = ("checkpointRequired", "humanApprovalDefault")


class StageView:
    """Reads and writes the stage's own JSON; what is not asked for stays as it was sent."""

    def __init__(self, raw: dict[str, Any], tools: ToolTable) -> None:
        self.raw = raw
        self._tools = tools

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def is_batch(self) -> bool:
        return self.raw.get("type") == "batch"

    @property
    def has_checkpoint(self) -> bool:
        """Return whether the run waits for approval after it."""
        return any(self.raw.get(name) is True for name in _CHECKPOINTS)

    @has_checkpoint.setter
    def has_checkpoint(self, value: bool) -> None:
        names = (name for name in _CHECKPOINTS if name in self.raw)
        self.raw.update(dict.fromkeys((*names, "checkpointRequired"), value))

    @property
    def call(self) -> dict[str, Any]:
        """Return the object of the tool and its arguments: a batch has them in its `itemStage`."""
        item = self.raw.get("itemStage")
        return item if self.is_batch and isinstance(item, dict) else self.raw

    @property
    def tool(self) -> type[Tool] | None:
        name = self.call.get("tool")
        return self._tools.get(name) if isinstance(name, str) and name else None

    @property
    def tool_name(self) -> str:
        return self.tool.name if self.tool is not None else ""

    @property
    def args(self) -> dict[str, Any]:
        """The arguments as they are; an empty object where there are none."""
        args = self.call.get("args")
        return args if isinstance(args, dict) else {}

    @property
    def artifacts(self) -> list[str]:
        """Names under which other stages refer to its results."""
        names = self.raw.get("produces")
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    @property
    def title(self) -> str:
        label = self.raw.get("label")
        text = clean(label) if isinstance(label, str) else ""
        return text or (self.tool.title if self.tool else "") or words_of(self.id) or self.id

    @property
    def select(self) -> dict[str, Any]:
        """Return what an interactive stage lets people choose from; empty for all others."""
        result = self.raw.get("select")
        return result if isinstance(result, dict) else {}

    def takes(self, name: str) -> bool:
        """Return whether the tool declares this parameter, by its wire name."""
        return self.tool is not None and name in parameter_schemas(self.tool)

    def schema(self, name: str) -> dict[str, Any]:
        return dict(parameter_schemas(self.tool).get(name, {})) if self.tool is not None else {}

    def spelling(self, name: str) -> str | None:
        """Return how the stage spells an argument that it gives."""
        if self.tool is None:
            return name if name in self.args else None
        return next((key for key in self.args if canonical_argument(self.tool, key) == name), None)

    def get(self, name: str) -> Any:
        key = self.spelling(name)
        return None if key is None else self.args[key]

    def set(self, name: str, value: Any) -> None:
        key = self.spelling(name) or name
        if not isinstance(self.call.get("args"), dict):
            self.call["args"] = {}
        self.call["args"][key] = value

    def drop(self, name: str) -> None:
        key = self.spelling(name)
        if key is not None:
            del self.call["args"][key]

    @property
    def ports(self) -> tuple[Port, ...]:
        """The ports of the tool. The first is of what the tool works on."""
        return self.tool.ports() if self.tool is not None else ()

    def port_of(self, key: str) -> Port | None:
        """Return the port that an argument fills, in any spelling."""
        return find_port(self.tool, key)[0] if self.tool is not None else None

    def port_key(self, name: str) -> str | None:
        """Return the argument, as it is spelled here, that fills a port."""
        ports = ((key, self.port_of(key)) for key in self.args)
        return next((key for key, port in ports if port and port.name == name), None)

    def port_value(self, name: str) -> Any:
        """Return what the stage gives to a port; None for nothing."""
        key = self.port_key(name)
        return None if key is None else self.args[key]

    @property
    def count_name(self) -> str:
        """The parameter that says how many results the tool makes; "" for always one."""
        return self.tool.count if self.tool is not None else ""


def name_of_binding(value: Any, root: str) -> str:
    """Return the artifact or input that a whole text means; "" for none. root: which of them."""
    binding = read_text(value) if isinstance(value, str) else None
    return binding.name if isinstance(binding, Ref) and binding.root == root else ""
