"""A template's inputs as fields of a plain HTML form, and what such a form sends back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from builder.shared.page_requests import check_sent
from core.phrases import number_text
from templates_app.graph.bypass import used_inputs
from templates_app.graph.spec_values import is_number
from templates_app.graph.undrawn import undrawn_of_inputs, undrawn_sentence
from templates_app.graph.wiring import LABEL_LENGTH, clean, input_title, words_of
from templates_app.models import TemplateVersion
from templates_app.uses import table_of
from tools.declaration.ports import ToolTable

PREFIX = "input."
MEDIA = ("image", "video", "audio")
SEGMENT_OPTIONS = 4
SEGMENT_LETTERS = 44
TEXT_LENGTH = 10_000
# Rows a form shows of an input that takes several values, however many its author allows.
ROWS = 24
TRUE = ("on", "true", "1")


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a template.

    values: what is in it, as text; one even when empty, unless it takes several. fallback: what is
    used instead of nothing, in words. options: (value, label) of a select. low, high: how many
    values. minimum, maximum, step: of a number, as text, empty where nothing is said. example: a
    value to try, where one can be typed or uploaded. problem: what is wrong with what was sent.
    is_first_bad: no field of the form before it has a problem. undrawn: what of its text the draft
    studio can't draw, in a sentence.
    """

    name: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    values: tuple[str, ...] = ("",)
    default: str = ""
    fallback: str = ""
    options: tuple[tuple[str, str], ...] = ()
    multiple: bool = False
    low: int = 0
    high: int = 1
    minimum: str = ""
    maximum: str = ""
    step: str = "any"
    length: int = TEXT_LENGTH
    example: str = ""
    problem: str = ""
    is_first_bad: bool = False
    undrawn: str = ""

    @property
    def missing(self) -> str:
        """Return the message where a value is needed and none was given."""
        if self.is_media:
            return "Choose a file."
        if self.options:
            return "Choose an option."
        return f"Fill in {self.label} to run."

    @property
    def misfit(self) -> str:
        """Return the message where the text isn't a number, or the number is out of bounds."""
        kind = "a whole number" if self.step == "1" else "a number"
        if self.minimum and self.maximum:
            return f"{self.label} must be {kind}, {self.minimum}–{self.maximum}."
        if self.minimum or self.maximum:
            range_text = f"at least {self.minimum}" if self.minimum else f"at most {self.maximum}"
            return f"{self.label} must be {kind}, {range_text}."
        return f"{self.label} must be {kind}."

    @property
    def is_needed(self) -> bool:
        """Return whether it must be filled in before a run."""
        return self.required and not self.default

    @property
    def can_be_tried(self) -> bool:
        """Return whether it has an example and nothing else."""
        return bool(self.example) and not any(value.strip() for value in self.values)

    @property
    def is_media(self) -> bool:
        return self.type in MEDIA

    @property
    def element(self) -> str:
        """The id of its HTML element within one form, and the name it is sent by."""
        return f"{PREFIX}{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of its help and its problem, as far as there are any."""
        parts = (("help", self.help), ("bad", self.problem))
        return " ".join(f"{self.element}-{part}" for part, text in parts if text)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def words(self) -> str:
        """Return what is in it, in words."""
        return _in_words(self.values, self.options)

    @property
    def is_on(self) -> bool:
        return self.value.lower() in TRUE

    @property
    def is_segment(self) -> bool:
        """Few and short enough to be side by side."""
        letters = sum(len(label) for _, label in self.options)
        return len(self.options) <= SEGMENT_OPTIONS and letters <= SEGMENT_LETTERS

    @property
    def has_slider(self) -> bool:
        return self.type == "number" and bool(self.minimum) and bool(self.maximum)

    @property
    def is_long(self) -> bool:
        return self.type == "text" and self.length > 120

    @property
    def can_grow(self) -> bool:
        return self.multiple and len(self.values) < self.high

    @property
    def can_shrink(self) -> bool:
        return self.multiple and len(self.values) > max(self.low, 1)


def fields_of(
    spec: Mapping[str, Any],
    texts: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[FormField]:
    """Fields for the inputs people are asked for.

    texts: what a form sent, as `texts_of` reads it, to fill in again; else the defaults are
    there. problems: by input name.
    """
    fields = [
        _field(row, None if texts is None else texts.get(row["name"]), problems or {})
        for row in spec.get("inputs") or ()
        if not row.get("internal")
    ]
    first = next((place for place, field in enumerate(fields) if field.problem), None)
    if first is not None:
        fields[first] = replace(fields[first], is_first_bad=True)
    return fields


def with_undrawn(
    fields: Iterable[FormField],
    version: TemplateVersion,
    values: Mapping[str, Any],
    tools: ToolTable,
) -> list[FormField]:
    """Return the fields with what of these values the draft studio can't draw."""
    words = undrawn_of_inputs(version.spec, values, tools)
    return [replace(field, undrawn=undrawn_sentence(words.get(field.name, ()))) for field in fields]


def without_unneeded(fields: Iterable[FormField], version: TemplateVersion) -> list[FormField]:
    """Return the fields with those optional that no stage of the version takes the value of."""
    fields = list(fields)
    names = [field.name for field in fields if field.is_needed]
    used_names = used_inputs(version.spec, names, table_of(version)) if names else set()
    return [
        replace(field, required=False)
        if field.is_needed and field.name not in used_names
        else field
        for field in fields
    ]


def with_examples(spec: Mapping[str, Any], texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the values that a form sent, and in its empty fields their examples."""
    examples = {f.name: [f.example] for f in fields_of(spec, texts) if f.can_be_tried}
    return {**texts, **examples}


def texts_of(form: QueryDict) -> dict[str, list[str]]:
    """Input name → the texts a form sent for it. Raises InvalidBody for what no form sends."""
    check_sent(form)
    return {
        name.removeprefix(PREFIX): [str(text) for text in form.getlist(name)]
        for name in form
        if name.startswith(PREFIX)
    }


def texts_from(spec: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return texts like `texts_of`, from a start's inputs; without what no form asks for."""
    return {
        row["name"]: _texts(inputs[row["name"]], row["type"])
        for row in spec.get("inputs") or ()
        if row["name"] in inputs and not row.get("internal")
    }


def read_inputs(spec: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The inputs of a start from `texts_of`. Empty fields are left out: their defaults hold."""
    values: dict[str, Any] = {}
    for field in fields_of(spec):
        submitted_texts = [
            text if field.type == "text" else text.strip() for text in texts.get(field.name, ())
        ]
        nonempty = [text for text in submitted_texts if text.strip()]
        if field.multiple:
            if nonempty:
                values[field.name] = nonempty
        elif field.type == "boolean":
            # A switch that is off sends nothing; the form says "false" before it.
            if submitted_texts:
                values[field.name] = submitted_texts[-1].lower() in TRUE
        elif nonempty:
            values[field.name] = nonempty[-1]
    return values


def _field(
    declaration: Mapping[str, Any], texts: Sequence[str] | None, problems: Mapping[str, str]
) -> FormField:
    name, kind = declaration["name"], declaration["type"]
    low, high = _bounds(declaration.get("multiple"))
    is_many = bool(declaration.get("multiple"))
    defaults = _texts(declaration.get("default"), kind)
    values = list(texts) if texts is not None else defaults
    if kind == "boolean" and not is_many and values:
        values = values[-1:]
    if is_many and kind != "select":
        values = [text for text in values if text.strip() or texts is not None][:high]
        values += [""] * (max(low, 1) - len(values))
    label, help_text = _label(declaration)
    options = _options(declaration, kind)
    schema = declaration.get("jsonSchema")
    rules: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
    return FormField(
        name=name,
        type=kind,
        label=label,
        help=help_text,
        required=bool(declaration.get("required")),
        values=tuple(values) or ("",),
        default=defaults[0] if defaults else "",
        fallback=_in_words(defaults, options),
        options=options,
        multiple=is_many,
        low=low,
        high=high,
        minimum=_number(rules.get("minimum")),
        maximum=_number(rules.get("maximum")),
        step=_step(rules),
        length=_length(rules),
        example=_example(rules, kind),
        problem=problems.get(name, ""),
    )


def _label(declaration: Mapping[str, Any]) -> tuple[str, str]:
    """A short description is the label itself; a long one explains the name. An app's author may
    have written others, as `label` and `help`."""
    label, help_text = str(declaration.get("label") or ""), str(declaration.get("help") or "")
    description = str(declaration.get("description") or "").strip()
    if not label and len(description) <= LABEL_LENGTH:
        return input_title(declaration["name"], description), help_text
    return label or words_of(declaration["name"]), help_text or description[:400]


def _bounds(multiple: Any) -> tuple[int, int]:
    if multiple is True:
        return 0, ROWS
    if not isinstance(multiple, Mapping):
        return 0, 1
    low, high = multiple.get("min") or 0, multiple.get("max")
    high = ROWS if high is None else int(min(high, ROWS))
    return int(min(low, ROWS)), max(high, 1)


def _options(declaration: Mapping[str, Any], kind: str) -> tuple[tuple[str, str], ...]:
    if kind == "boolean":
        return ("true", "Yes"), ("false", "No")
    return tuple(_option(option) for option in (declaration.get("options") or ())[:1000])


def _option(option: Any) -> tuple[str, str]:
    if isinstance(option, Mapping):
        value = _text(option.get("value", ""))
        return value, clean(str(option.get("label") or value), 120)
    return _text(option), clean(_text(option), 120)


def _texts(value: Any, kind: str) -> list[str]:
    items: Iterable[Any] = value if isinstance(value, list) else [value]
    texts = []
    for item in items:
        if kind in MEDIA and isinstance(item, Mapping):
            item = item.get("url")
        if item is not None:
            texts.append(_text(item))
    return texts


def _in_words(texts: Sequence[str], options: Sequence[tuple[str, str]]) -> str:
    labels = dict(options)
    return ", ".join(labels.get(text, text) for text in texts if text.strip())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def _number(value: Any) -> str:
    return _text(value) if is_number(value) else ""


def _step(rules: Mapping[str, Any]) -> str:
    multiple_of = rules.get("multipleOf")
    if is_number(multiple_of) and multiple_of > 0:
        return _text(multiple_of)
    return "1" if rules.get("type") == "integer" else "any"


def _example(rules: Mapping[str, Any], kind: str) -> str:
    examples = rules.get("examples")
    if kind not in ("text", "number", *MEDIA) or not isinstance(examples, list):
        return ""
    return next(iter(_texts(examples[:1], kind)), "")


def _length(rules: Mapping[str, Any]) -> int:
    length = rules.get("maxLength")
    return int(length) if is_number(length) and 0 < length < TEXT_LENGTH else TEXT_LENGTH
