"""A template → the explicit steps of a start, which have no inputs, lists or choices. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MOST_STEPS: Final = 12
_INPUT = re.compile(r"\$inputs\.([A-Za-z_][\w-]*)(?:\[(\d+)\])?")
_MEDIUM = re.compile(r"\$artifacts\.([\w-]+)\.items(?:\[(\d+|\*)\]\.selectedVersion\.url)?")
_VALUE = re.compile(r"\$artifacts\.([\w-]+)\.(cues|srt)")
_MEDIA: Final = ("image", "video", "audio")
_BEFORE_START: Final = "$input_media"


@dataclass(frozen=True, slots=True)
class Steps:
    """steps: of the body of a start. warnings: what a template does and steps cannot."""

    steps: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """One file that a step may take: of an earlier step, or of the caller by its kind."""

    step: str
    index: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Value:
    """An argument's value without its bindings, and what fills it instead."""

    value: Any = None
    sources: tuple[_Source, ...] = ()
    transform: str = "artifact_url"


def steps_of(template: Mapping[str, Any], *, cut: bool = True) -> Steps:
    """Return steps that do what the template does with its defaults, in an order that can start.

    Texts that a template asks for become its defaults; files become the caller's media references,
    in the order of the inputs. The person is asked at checkpoints; where a template lets people
    choose, the first are taken. cut: at most `MOST_STEPS`, the most that a start takes.
    """
    writer = _Writer(template)
    for stage in template.get("stages") or ():
        writer.stage(stage)
    steps, warnings = writer.steps, writer.warnings
    if cut and len(steps) > MOST_STEPS:
        # Steps name only earlier ones, so the first of them can run without the rest.
        remainder = ", ".join(step["title"] for step in steps[MOST_STEPS:][:6])
        warnings.append(f"A run has at most {MOST_STEPS} steps; left out: {remainder}.")
        steps = steps[:MOST_STEPS]
    return Steps(tuple(steps), tuple(dict.fromkeys(warnings)))


@dataclass(slots=True)
class _Writer:
    template: Mapping[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # What each artifact has, and the question that is asked before others take it.
    sources: dict[str, list[_Source]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    files: dict[str, list[_Source]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(_MEDIA, 0)
        titles = []
        for one in self.template.get("inputs") or ():
            name, kind = str(one["name"]), str(one["type"])
            self.inputs[name] = one
            if kind in counts:
                many = max(1, int((one.get("multiple") or {}).get("min", 1)))
                self.files[name] = [
                    _Source(_BEFORE_START, counts[kind] + index, kind) for index in range(many)
                ]
                counts[kind] += many
                title = one.get("description") or name
                titles.append(f"{title} ({kind}{f', {many} of them' if many > 1 else ''})")
        if titles:
            order = "; ".join(titles)
            self.warnings.append(
                f"Start the run with your own files as `media_references`, in this order: {order}."
            )

    def stage(self, stage: Mapping[str, Any]) -> None:
        key, label = str(stage["id"]), str(stage.get("label") or stage["id"])
        after = [
            self.questions.get(name) or self.sources[name][0].step
            for name in stage.get("requiredArtifactsIn") or ()
            if self.sources.get(name)
        ]
        if stage["type"] == "interactive":
            self._choose(key, stage)
        elif stage["type"] == "batch":
            item = stage["itemStage"]
            self.sources[key] = []
            for number, element in enumerate(self._elements(stage["overBinding"]), 1):
                step, title = f"{key}_{number}", f"{label} {number}"
                self._call(step, title, item["tool"], item["args"], after, element)
                self.sources[key].append(_Source(step))
        else:
            self._call(key, label, stage["tool"], stage["args"], after)
            count = int(stage["args"].get("numberOfVariations") or 1)
            self.sources[key] = [_Source(key, index) for index in range(count)]
        if stage.get("checkpointRequired"):
            self._ask(key, label)

    def _choose(self, key: str, stage: Mapping[str, Any]) -> None:
        source = self._medium(str(stage["select"]["from"])) or ()
        pick = int(stage["select"].get("max") or 1)
        self.sources[key] = list(source[:pick])
        part = f"the first {pick} of {len(source)} are used"
        self.warnings.append(
            f"Steps can't let you choose, so {part}. Save the draft as a template to choose."
        )

    def _ask(self, key: str, label: str) -> None:
        arguments = {"question": f"Is {label} good? Answer to go on, or stop the run."}
        waits = list(dict.fromkeys(one.step for one in self.sources[key]))
        self.questions[key] = f"{key}_approved"
        tool, title = "ask_clarifying_question", f"Approve {label}"
        self._add(self.questions[key], title, tool, arguments, waits)

    def _call(
        self,
        key: str,
        title: str,
        tool: str,
        args: Mapping[str, Any],
        after: Sequence[str],
        element: _Value | None = None,
    ) -> None:
        arguments: dict[str, Any] = {}
        bindings: list[Any] = []
        waits = list(after)
        for name, value in args.items():
            values = value if isinstance(value, list) else [value]
            parts = [self._fill(one, element) for one in values]
            if not any(part.sources for part in parts):
                arguments[name] = self._plain(value, element)
                continue
            for part in parts:
                for source in part.sources:
                    bindings.append(_binding(name, source, part.transform))
                    if source.step in self.questions:
                        waits.append(self.questions[source.step])
        self._add(key, title, tool, arguments, [*bindings, *dict.fromkeys(waits)])

    def _add(
        self, key: str, title: str, tool: str, arguments: Mapping[str, Any], waits: list[Any]
    ) -> None:
        step = {"id": key, "toolName": tool, "title": title, "arguments": arguments}
        self.steps.append({**step, "dependsOn": waits})

    def _fill(self, value: Any, element: _Value | None) -> _Value:
        """Return what a value means; itself where it is no binding."""
        if not isinstance(value, str) or not value.startswith("$"):
            return _Value(value)
        if value.startswith("$item") and element is not None:
            return element
        if match := _INPUT.fullmatch(value):
            name, index = match[1], match[2]
            if name in self.files:
                every = self.files[name]
                own = every if index is None else every[int(index) : int(index) + 1]
                return _Value(sources=tuple(own))
            return _Value(self._default(name, index))
        if sources := self._medium(value):
            return _Value(sources=tuple(sources))
        if match := _VALUE.fullmatch(value):
            return _Value(None, (self.sources[match[1]][0],), f"subtitle_{match[2]}")
        return _Value(value[1:] if value.startswith("$$") else value)

    def _medium(self, value: str) -> Sequence[_Source] | None:
        match = _MEDIUM.fullmatch(value)
        if match is None and value.startswith("$artifacts."):
            match = _MEDIUM.fullmatch(f"{value}.items")
        if match is None or match[1] not in self.sources:
            return None
        every = self.sources[match[1]]
        if match[2] in (None, "*"):
            return every
        return every[int(match[2]) : int(match[2]) + 1]

    def _plain(self, value: Any, element: _Value | None) -> Any:
        """Return a value with texts in the place of all bindings in it."""
        if isinstance(value, Mapping):
            return {name: self._plain(part, element) for name, part in value.items()}
        if isinstance(value, list):
            return [self._plain(part, element) for part in value]
        return self._fill(value, element).value

    def _default(self, name: str, index: str | None) -> Any:
        declaration = self.inputs.get(name, {})
        value = declaration.get("default")
        if value is None:
            examples = (declaration.get("jsonSchema") or {}).get("examples") or ()
            value = examples[0] if examples else declaration.get("description") or name
            self.warnings.append(
                f"“{declaration.get('description') or name}” is an example: change it."
            )
        if isinstance(value, list) and index is not None:
            return value[int(index)] if int(index) < len(value) else ""
        return value

    def _elements(self, over: str) -> list[_Value]:
        """Return the elements that a batch repeats."""
        whole = self._fill(over, None)
        if whole.sources or whole.value == over:
            return [_Value(sources=(source,)) for source in whole.sources]
        values = whole.value if isinstance(whole.value, list) else [whole.value]
        return [_Value(value) for value in values]


def _binding(name: str, source: _Source, transform: str) -> dict[str, Any]:
    binding: dict[str, Any] = {"sourceStepId": source.step, "targetArgument": name}
    binding |= {"transform": transform, "required": True}
    if transform == "artifact_url":
        binding["sourceArtifactIndex"] = source.index
    if source.kind:
        binding["mediaType"] = source.kind
    return binding
