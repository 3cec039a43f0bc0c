"""Changes of a template that a model is asked for, and doing them. Pure.

A change names a stage and an argument that are there, and gives a plain value; or it says in words
what `template_plan.edit` can do. Nothing else of a template can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from compose.model.answers import Part, Problems, Short, Words, messages_of
from compose.model.untrusted import plain_words
from compose.template_plan.edit import Edited, edited
from compose.template_plan.edit.adding import fixed, put_after
from compose.template_plan.edit.placing import place_new
from compose.template_plan.edit.prompting import shortened
from compose.template_plan.edit.removal import NothingLeft, remove
from compose.template_plan.edit.stage_view import SAME_KIND, StageView
from compose.template_plan.edit.working_template import WorkingTemplate
from tools.declaration.ports import ToolTable
from tools.declaration.schema import parameter_schemas

MOST_CHANGES: Final = 16


class ChangeAnswer(Part):
    """One change. Which of the fields count depends on its type: see `instructions.CHANGE`."""

    type: Literal["words", "set", "input", "remove", "insert_after", "label", "name"]
    target: Short
    field: Short
    value: Words


class ChangesAnswer(Part):
    changes: Annotated[list[ChangeAnswer], Field(max_length=MOST_CHANGES)]
    cannot: Short


@dataclass(slots=True)
class _Changing:
    """A template while a model's changes are done to it."""

    body: dict[str, Any]
    tools: ToolTable
    selection: Sequence[str]
    known: frozenset[str]
    said: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def do(self, change: ChangeAnswer) -> None:
        acts: Mapping[str, Callable[[ChangeAnswer, WorkingTemplate], str]] = {
            "set": self._set,
            "input": self._input,
            "remove": self._remove,
            "insert_after": self._insert,
            "label": self._label,
            "name": self._name,
        }
        try:
            if change.type == "words":
                self._words(change)
                return
            work = WorkingTemplate(self.body, self.tools)
            sentence = acts[change.type](change, work)
            self.body = work.body
            self.said.append(sentence)
        except _Refused as refused:
            self.problems.append(str(refused))

    def _words(self, change: ChangeAnswer) -> None:
        text = self._text(change.value, 400)
        found = edited(self.body, text, self.selection, self.tools)
        if not found.changes:
            raise _Refused(f"words “{shortened(text)}”: {' '.join(found.warnings)}")
        self.body = found.template
        self.said += found.changes
        self.warnings += found.warnings

    def _set(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        view = self._stage(change, work)
        declared = parameter_schemas(view.tool) if view.tool is not None else {}
        if change.field not in declared:
            raise _Refused(f"{view.id} has no argument {change.field!r}. It has {list(declared)}")
        if work.bound_input(view.get(change.field)) is not None:
            raise _Refused(
                f"{view.id}.{change.field} is the input {view.get(change.field)}: change that"
            )
        value = self._value(change, declared[change.field])
        view.set(change.field, value)
        return f"{view.title}: {change.field} is {_shown(value)}."

    def _input(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        declared = work.input(change.target)
        if declared is None:
            names = [one.get("name") for one in work.inputs]
            raise _Refused(f"there is no input {change.target!r}. There are {names}")
        kinds = {"text": "string", "number": "number", "boolean": "boolean", "select": "string"}
        kind = kinds.get(str(declared.get("type")))
        if kind is None:
            raise _Refused(f"{change.target} is a file that the person brings")
        options = declared.get("options")
        schema: dict[str, Any] = {"type": kind}
        if isinstance(options, list):
            schema["enum"] = [one.get("value") if isinstance(one, dict) else one for one in options]
        declared["default"] = self._value(change, schema)
        return f"{work.input_title(change.target)}: {_shown(declared['default'])}."

    def _remove(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        view = self._stage(change, work)
        try:
            gone = remove(work, [view])
        except NothingLeft:
            raise _Refused(f"without {view.id} nothing is made any more") from None
        return f"Removed {', '.join(one.title for one in gone)}."

    def _insert(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        source = self._stage(change, work)
        tool = self.tools.get(change.field) if change.field in SAME_KIND else None
        if tool is None:
            raise _Refused(
                f"{change.field!r} can't be inserted. There are {sorted(SAME_KIND)}; for anything"
                " else use words"
            )
        port = tool.ports()[0]
        if source.tool is None or source.tool.output != port.kind:
            raise _Refused(f"{change.field} takes a {port.kind}, which {source.id} doesn't make")
        args: dict[str, Any] = {port.url: work.reference(source)}
        prompt = self._text(change.value, 600)
        if prompt and "prompt" in parameter_schemas(tool):
            args["prompt"] = prompt
        raw = fixed(work, tool.name.replace("_", "-"), tool.title, tool.name, args)
        put_after(work, source, raw)
        return f"Added {raw['label']} after {source.title}."

    def _label(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        view, label = self._stage(change, work), self._text(change.value, 80)
        was, view.raw["label"] = view.title, label or view.title
        return f"{was} is called {view.title}."

    def _name(self, change: ChangeAnswer, work: WorkingTemplate) -> str:
        work.body["name"] = self._text(change.value, 80) or work.body.get("name", "Untitled")
        return f"The template is called {work.body['name']}."

    def _stage(self, change: ChangeAnswer, work: WorkingTemplate) -> StageView:
        view = work.find(change.target)
        if view is None:
            ids = [one.id for one in work.stages]
            raise _Refused(f"there is no stage {change.target!r}. There are {ids}")
        return view

    def _value(self, change: ChangeAnswer, schema: Mapping[str, Any]) -> Any:
        """The value as the argument's type has it; it is given as text."""
        text = self._text(change.value, 2000)
        value = _typed(text, schema.get("type"))
        name = f"{change.target}.{change.field}".rstrip(".")
        if value is None:
            raise _Refused(f"{name} is no {schema.get('type')}, or can't be changed")
        if "enum" in schema and value not in schema["enum"]:
            raise _Refused(f"{name} is one of {schema['enum']}")
        least, most = schema.get("minimum"), schema.get("maximum")
        if (least is not None and value < least) or (most is not None and value > most):
            raise _Refused(f"{name} is from {least} to {most}")
        return value

    def _text(self, text: str, longest: int) -> str:
        return plain_words(text, self.known, longest=longest)


class _Refused(Exception):
    """A change that can't be done. The text says why, for the model."""


def changed_by(
    given: Mapping[str, Any],
    existing: Mapping[str, Any],
    selection: Sequence[str],
    tools: ToolTable,
    known: frozenset[str],
) -> Edited | Problems:
    """A template with the changes of a model's answer, or what is wrong with the answer.

    known: addresses that the person wrote.
    """
    try:
        answer = ChangesAnswer.model_validate(given)
    except ValidationError as error:
        return Problems(messages_of(error))
    work = _Changing(dict(existing), tools, selection, known)
    for change in answer.changes:
        work.do(change)
    if work.problems:
        return Problems(tuple(work.problems))
    if answer.cannot:
        work.warnings.append(f"Not changed: {plain_words(answer.cannot, known, longest=200)}")
    if not answer.changes and not answer.cannot:
        return Problems(("changes: there are none. Say in cannot what can't be done.",))
    if work.said:
        place_new(existing, work.body, tools)
    return Edited(work.body, tuple(work.said), tuple(dict.fromkeys(work.warnings)))


def _typed(text: str, kind: Any) -> Any:
    if kind == "string":
        return text or None
    if kind == "boolean":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.lower())
    if kind in ("number", "integer"):
        try:
            number = float(text)
        except ValueError:
            return None
        if not abs(number) < 1e9:
            return None
        return int(number) if number.is_integer() else number if kind == "number" else None
    return None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"“{shortened(value)}”" if isinstance(value, str) else f"{value:g}"
