"""Declares a version of a template as a tool: its inputs as ports and parameters."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import create_model

from templates_app.graph.bypass import without_bypassed
from templates_app.graph.inlining import without_templates
from templates_app.graph.nesting import without_nested
from templates_app.graph.outputs import outputs_of
from templates_app.graph.references import kinds_made_by, producers_of
from templates_app.graph.spec import Input, Spec
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.wiring import input_title
from tools.declaration.ports import MEDIA_KINDS, Form, MediaKind, Port, ToolTable, field, tool

# A field of a Pydantic model may be called so.
_FIELD_NAME: Final = re.compile(r"(?!model_)[a-z][a-z0-9_]*", re.ASCII)
# So many parameters are shown before "More".
_SHOWN_FIRST: Final = 6
_TYPES: Final = {"text": str, "number": float, "boolean": bool, "select": Any}


def version_tool(reference: str, spec: Spec, tools: ToolTable) -> type[TemplateTool]:
    """Declare a version of a template as a tool.

    reference: as stages name it. spec: the version, read. tools: what its stages may be, the
    templates that it uses among them.
    """
    flat, nesting, _notices = without_nested(spec, tools)
    flat, nesting, _refusals = without_bypassed(flat, nesting, tools)
    flat, nesting, _problems = without_templates(flat, nesting, tools)
    outputs = outputs_of(spec, flat, nesting, tools)
    kinds = kinds_made_by(flat.stages, producers_of(flat.stages), tools, nesting.batches)
    kind_by_id = {stage.id: kind for stage, kind in zip(flat.stages, kinds, strict=True)}
    kind_by_name = {(one.batch, one.output.name): one.kind for one in nesting.outputs.values()}
    output_kinds = {
        one.name: kind_by_name.get((one.source, one.output), kind_by_id.get(one.source))
        for one in outputs
    }
    kind = output_kinds[outputs[0].name] if outputs else None
    plain_inputs = [one for one in spec.inputs if not one.is_media and not _is_hidden(one)]
    cls = type(
        "TemplateStage",
        (TemplateTool,),
        {
            "spec": spec,
            "flat": flat,
            "nesting": nesting,
            "tools": tools,
            "outputs": outputs,
            "output_kinds": output_kinds,
            "summary": spec.description,
            "media_ports": tuple(
                _port(one) for one in spec.inputs if one.is_media and not _is_hidden(one)
            ),
            "Params": _form(plain_inputs),
        },
    )
    output: MediaKind | None = next((one for one in MEDIA_KINDS if one == kind), None)
    version: type[TemplateTool] = tool(
        reference,
        title=spec.name or reference,
        group="Templates",
        cost="free",
        output=output,
        icon="layers",
        pure=False,
    )(cls)
    return version


def _is_hidden(one: Input) -> bool:
    return one.internal and one.default is not None


def _port(one: Input) -> Port:
    kind: MediaKind = one.type  # type: ignore[assignment]
    bounds = one.multiple
    return Port(
        kind=kind,
        title=input_title(one.name, one.description),
        url=one.name,
        many=bounds is not None,
        required=one.required and one.default is None,
        max_items=(bounds.high or 0) if bounds is not None else 0,
        help=one.description,
        name=one.name,
        takes_list=bounds is not None,
    )


def _form(inputs: list[Input]) -> type[Form]:
    fields: dict[str, Any] = {}
    for number, one in enumerate(inputs):
        name = one.name
        if not _FIELD_NAME.fullmatch(name) or hasattr(Form, name) or name in fields:
            name = f"input_{number}"
        annotation: Any = _TYPES[one.type]
        # Readers of enums know texts; a number among them is checked as the input is filled in.
        is_enum = all(isinstance(option, str) for option in one.options) and one.multiple is None
        if one.multiple is not None:
            annotation = list[annotation]
        default: Any = one.default
        if default is None and one.required:
            default = ...
        elif annotation is not Any:
            annotation |= None
        fields[name] = (
            annotation,
            field(
                default,
                one.description,
                title=input_title(one.name, one.description),
                wire=one.name,
                choices=one.options if is_enum else (),
                examples=() if is_enum else one.options,
                primary=number < _SHOWN_FIRST,
            ),
        )
    return create_model("TemplateForm", __base__=Form, **fields)
