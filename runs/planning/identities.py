"""Identities of steps: those of other runs that have the same one make the same. Pure.

An identity is computed from the plan, before any step runs, and depends on what is certain: a
step has none if it may turn out differently each time, or if what it is given may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from core import canonical
from runs.planning.expected_outputs import expected_outputs, reads_media_list
from runs.planning.resolved_plan import Output, Ref
from runs.planning.seeds import has_written_seed
from templates_app.graph.plan_json import late_to_json
from templates_app.graph.types import INPUT_MEDIA, JSON, MediaRef, Plan, PlanStep, StepKey
from tools.declaration.ports import Tool, ToolTable

# Hexadecimal digits of a hash: enough for all steps of a table, and little to store.
_DIGITS: Final = 16
_BLOB: Final = "blob:"
# What a run goes on after.
_TOLERANT: Final = ("continue", "skip")

# Returns the key that a step's result is reused by, "" for none: of the step, its tool, what steps
# make, by their keys, and the hashes of files by reference.
KeyOf: TypeAlias = Callable[
    [PlanStep, type[Tool], Mapping[str, Sequence[Output]], Mapping[Ref, str]], str
]


def step_identities(plan: Plan, tools: ToolTable, key_of: KeyOf) -> dict[StepKey, str]:
    """Return step → identity, 16 hexadecimal digits, of the steps that other runs may have as well.

    Steps of two runs with one identity are reused by one key when they are claimed. None have
    impure tools, questions and what waits for them, steps with a drawn seed, steps that may be left
    out, batches, and what is given anything that such a step makes or a file that is not here yet.
    Of equal steps in one plan, which each make it, the first alone has one.
    """
    finder = _Identities(plan, tools, key_of)
    for step in plan.steps:
        finder.add(step)
    return {key: identity for identity, key in finder.firsts.items()}


def hashes_of(media: Sequence[MediaRef]) -> dict[Ref, str]:
    """Return reference → content hash of a plan's media, without those to be fetched."""
    return {
        f"input:{place}": ref.asset.removeprefix(_BLOB)
        for place, ref in enumerate(media)
        if ref.asset is not None
    }


class _Identities:
    """Goes through a plan in its order. identities: step → its own. firsts: identity → the first
    step that has it. outputs: step → what it will make."""

    def __init__(self, plan: Plan, tools: ToolTable, key_of: KeyOf) -> None:
        self.tools, self.key_of = tools, key_of
        self.hashes = hashes_of(plan.media)
        self.identities: dict[str, str] = {}
        self.firsts: dict[str, StepKey] = {}
        self.outputs: dict[str, list[Output]] = {}
        # Steps that begin after a person has answered, those that may be left out, and those that
        # may fail while the run goes on; groups stand for what they hold.
        self.after_answers: set[str] = set()
        self.conditional: set[str] = set()
        self.tolerant: set[str] = set()
        # Whether places among all media of the run may be other ones each time.
        self.has_open_places = False

    def add(self, step: PlanStep) -> None:
        tool = self.tools.get(step.tool)
        around = [step.member_of] if step.member_of is not None else []
        before = [*around, *(need.source for need in step.needs)]
        asks = step.kind in ("wait", "gate") or (tool is not None and tool.asks)
        if asks or not self.after_answers.isdisjoint(before):
            self.after_answers.add(step.key)
        if step.condition is not None or not self.conditional.isdisjoint(around):
            self.conditional.add(step.key)
        if step.on_error in _TOLERANT or not self.tolerant.isdisjoint(around):
            self.tolerant.add(step.key)
        identity = self.identity_of(step, tool) if tool is not None else ""
        outputs = self.outputs[step.key] = expected_outputs(step, self.tools, 1)
        if identity:
            self.identities[step.key] = identity
            self.firsts.setdefault(identity, step.key)
            for output in outputs:
                self.hashes[output.ref] = f"{identity}/{output.position}"
        if outputs and (not identity or step.key in self.tolerant):
            self.has_open_places = True

    def identity_of(self, step: PlanStep, tool: type[Tool]) -> str:
        """Return the identity of a step whose sources were added; "" for none."""
        if step.kind != "tool" or not tool.pure or tool.reads_run:
            return ""
        if tool.seeded and not has_written_seed(step):
            return ""
        if step.key in self.after_answers or step.key in self.conditional:
            return ""
        for need in step.needs:
            # What may be absent is there in one run, and not in another.
            is_certain = need.required and not need.barrier and need.source in self.identities
            if need.target_argument and need.source != INPUT_MEDIA and not is_certain:
                return ""
        if self.has_open_places and reads_media_list(step, tool):
            return ""
        late = self.late_of(step, tool)
        if late is None:
            return ""
        key = self.key_of(step, tool, self.outputs, self.hashes)
        return (canonical.sha256_hex([key, late]) if key and late else key)[:_DIGITS]

    def late_of(self, step: PlanStep, tool: type[Tool]) -> list[JSON] | None:
        """Return the arguments that are read from texts, with the identities of their steps; None
        where they are read from anything else."""
        for argument in step.late:
            if tool.port_of(argument.argument) is not None:
                return None
            for ref in argument.refs:
                source = ref.source or ""
                if source not in self.identities or self.outputs[source]:
                    return None
        return [
            [late_to_json(one), [self.identities[ref.source or ""] for ref in one.refs]]
            for one in step.late
        ]
