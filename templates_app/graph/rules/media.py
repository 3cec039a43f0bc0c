"""Media that a stage needs, gets by itself, or cannot take; and media that may not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from templates_app.document_ops.ops import ROOT, TEMPLATE, Op
from templates_app.graph.bindings import Ref
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.port_arguments import find_port, newest_only
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.argument_rules import fill_missing
from templates_app.graph.rules.argument_sources import (
    first_provided,
    required_parameters,
    result_of,
    single_file,
    spelling,
)
from templates_app.graph.rules.context import Context, ToolCall
from templates_app.graph.rules.fields import without_preview
from templates_app.graph.rules.fix_builder import CallSite, FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import Stage
from templates_app.graph.suppliers import converters, makers, port_for
from templates_app.graph.wiring import INPUTS, wiring_of
from tools.declaration.ports import Port, ToolTable

_INPUT: Final = "$inputs."
# How a stored spec refers to files of this server, and how their addresses look.
_OUR_MEDIA: Final = re.compile(r"reelgraph:|/media/")


class UnknownMediaArgument(Rule):
    code = "unknown_media_argument"
    about = "A binding puts a file into an argument that is no media argument of the tool."
    api = "`{field}` of {tool} doesn't take media. {remedy}"
    person = "{field:field} doesn't take media."
    phrases = {
        "use_one_of": "Use one of: {arguments}.",
        "tool_takes_no_media": "This tool doesn't take media.",
    }


class WrongMediaKind(Rule):
    code = "wrong_media_kind"
    warns_on_save = True
    about = "A binding joins media of different kinds, or a source without media."
    api = "`{field}` of {tool} takes {needs:a}; {source} gives {given:a}."
    person = "{field:field} needs {needs:a}, but {source:source} makes {given:a}."

    def check_call(self, call: ToolCall, context: Context) -> Iterator[Issue]:
        if call.tool is None:
            return
        for argument, refs in call.bound_refs.items():
            port, _ = find_port(call.tool, argument)
            for ref in refs if port is not None else ():
                if port is None or not isinstance(ref, Ref):
                    continue
                kind = context.gives(call.position, ref)
                if kind in (None, port.kind):
                    continue
                if not context.adds(call.position, ref, port.kind):
                    yield self.issue(
                        call.stage,
                        path=call.args_path,
                        argument=argument,
                        tool=call.caller.tool,
                        needs=port.kind,
                        source=ref.text,
                        given=kind,
                    )

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """A stage between the two that makes of the one's result what the other takes."""
        call = build.call_of(issue)
        port = build.port_of(call, issue.at.argument) if call is not None else None
        if call is None or port is None:
            return None
        misfits = self._misfits(build, call, port, issue)
        if len({ref.text for ref in misfits}) != 1:
            return None  # Each would need a stage of its own.
        ref = misfits[0]
        kind = self._gives(build, call, ref) or ""
        tool = first_provided(build, converters(build.tools, kind, port.kind))
        into = port_for(tool, kind) if tool is not None else None
        text = single_file(build, ref)
        if tool is None or into is None or text is None:
            return None
        new, put = build.put_before(call.stage, tool)
        argument = into.url or into.arguments[0]
        fill = build.write(new, argument, [text] if into.is_list(argument) else text)
        ops = required_parameters(build, new, tool)
        use = build.replace_text(call, issue.at.argument, ref.text, result_of(new))
        if ops is None or use is None:
            return None  # The new stage would have an error of its own.
        return Fix(f"Insert {tool.title}", (put, fill, *ops, use))

    def other_fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        port = build.port_of(call, issue.at.argument) if call is not None else None
        if call is None or port is None:
            return None
        wrong = {ref.text for ref in self._misfits(build, call, port, issue)}
        op = build.rewrite(
            call, issue.at.argument, lambda ref: GONE if ref.text in wrong else ref.text
        )
        return None if op is None else Fix("Disconnect", (op,))

    def _misfits(self, build: FixBuilder, call: CallSite, port: Port, issue: Issue) -> list[Ref]:
        """The references of another kind than the port takes: the one that is named, else all."""
        wrong = [
            ref
            for ref in build.refs(call, issue)
            if isinstance(ref, Ref) and self._gives(build, call, ref) not in (None, port.kind)
        ]
        return [ref for ref in wrong if ref.text == issue.params["source"]] or wrong

    def _gives(self, build: FixBuilder, call: CallSite, ref: Ref) -> str | None:
        """The kind of file that a reference is about, "" for none, None where it may be any.

        A path to no file counts as one to the file: that is what a fix would write.
        """
        if ref.root == "inputs":
            input_ = build.inputs.get(ref.name)
            return input_.type if input_ is not None and input_.is_media else None
        if ref.root != "artifacts":
            return None
        source = build.source_of(ref.name, build.position(call))
        return None if source is None else (build.made_by(source) or "")


class ImplicitMediaDependency(Rule):
    code = "implicit_media_dependency"
    level = "warning"
    about = "A file was joined because the stage's arguments name none."
    api = 'Stage "{stage}" names no {kind}; `{field}` uses {source}. Set it explicitly.'
    person = "{field:field} automatically uses {source}."
    phrases = {
        "results_of": ("the result of {stages:names}", "{stages:stages}"),
        "results_of_more": (
            "the results of {stages:names} and others",
            "{stages:stages} and others",
        ),
        "first_sent": ("the first {kind} sent", "the first {kind}"),
        "all_sent": ("everything you sent", "all files of the inputs"),
        "each_item": ("each item of the batch", "each item"),
    }

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """All that is joined to the stage: one named medium ends the joining of the others."""
        call = build.call_of(issue)
        return None if call is None else Fix("Keep connection", written_out(build, call))


class UnusedMediaSource(Rule):
    code = "unused_media_source"
    level = "warning"
    about = "Stages that name no file get the same one, and another of its kind is never used."
    api = (
        'Nothing uses "{unused}", and stages "{stage}" and "{other}" both get "{source}", because'
        " neither names its {kind}. Set `{field}` of one."
    )
    person = (
        "{unused:source} isn't used: {stage:stage} and {other:stage} both automatically use"
        " {source:source}."
    )

    def check_template(self, context: Context) -> Iterator[Issue]:
        """Pair stages that get the same file with files that no stage gets, both in order.

        The last such stage keeps what it has: of the two first, the second has the newest.
        """
        if not _some_share(context):
            return
        spec, wiring = context.spec, wiring_of(context.spec, context.tools)
        outputs = {node.id: node.outputs for node in wiring.nodes}
        used_ids = {spec.stages[place].id for places in context.uses for place in places}
        takers: dict[tuple[str, str], list[tuple[Stage, Port]]] = {}
        for wire in wiring.wires:
            source = _source(wire.source, outputs[wire.source][wire.output].key)
            used_ids.add(source)
            if wire.is_implied:
                stage = spec.stages[context.positions[wire.target]]
                for port in _newest_only(context.tools, stage, wire.kind):
                    takers.setdefault((source, wire.kind), []).append((stage, port))
        for (source, kind), stage_ports in takers.items():
            place = context.positions.get(source, 0)
            input_sources = [
                _source(INPUTS, input_.name)
                for input_ in spec.inputs
                if input_.type == kind and not input_.internal
            ]
            results = [
                stage.id
                for stage, made_kind in zip(spec.stages[:place], context.kinds, strict=False)
                if made_kind == kind
            ]
            spares = [each for each in (*input_sources, *results) if each not in used_ids]
            for ((stage, port), (other, _)), spare in zip(
                pairwise(stage_ports), spares, strict=False
            ):
                used_ids.add(spare)
                yield self.issue(
                    stage,
                    path=f"{stage.path}/args",
                    argument=port.url or port.arguments[0],
                    kind=kind,
                    other=other.id,
                    source=source,
                    unused=spare,
                )

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        port = build.port_of(call, issue.at.argument) if call is not None else None
        if call is None or port is None:
            return None
        source = str(issue.params["unused"])
        title = build.titles.source(source, call.stage.id)
        return Fix(f"Use {title}", written_out(build, call, {port.name: source}))


class MissingMediaSource(Rule):
    code = "missing_media_source"
    about = "A tool that needs a file gets none from earlier steps and none from the caller."
    api = '`{field}` of stage "{stage}" needs {needs}, and {why}. {remedy}'
    person = "{stage:stage} has no {kind:kind}. Connect one."
    opens = Fix("Upload", opens="field")
    phrases = {
        "a_medium": "{kind:a}",
        "a_result": "result {index} of kind {kind}",
        "a_sent_medium": "{kind} {number} of those sent",
        "sends_too_few": "this request sends {count}",
        "none_made": "no earlier step makes {kind:a}",
        "must_be_set": "it has to be set explicitly",
        "none_made_or_sent": "no earlier step makes one and none was sent",
        "add_media_reference": "Add it to `media_references`.",
        "send_url_or_position": "Send a URL, or -1 for the first {kind} sent.",
        "add_argument": "Add `{argument}` to the arguments.",
        "add_step": "Add an earlier step that makes {kind:a}, or send a URL.",
    }

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        return fill_missing(issue, build)

    def other_fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """A new stage before it that makes the file it needs."""
        call = build.call_of(issue)
        port = build.port_of(call, issue.at.argument) if call is not None else None
        tool = first_provided(build, makers(build.tools, port.kind)) if port is not None else None
        if call is None or port is None or tool is None:
            return None
        new, put = build.put_before(call.stage, tool)
        ops = required_parameters(build, new, tool)
        if ops is None:
            return None
        argument = spelling(call, port, issue.at.argument)
        reference = result_of(new)
        use = build.write(call, argument, [reference] if port.is_list(argument) else reference)
        return Fix(f"Add {tool.title}", (put, *ops, use))


class PrivateMediaReference(Rule):
    code = "private_media_reference"
    about = (
        "A public template shows copies of its author's own media in previews and input defaults;"
        " anything else stays private."
    )
    api = "`{field}` {problem}, so the template can't be public. {remedy}"
    person = "{field:field} {problem}, so this can't be published."
    opens = Fix("Choose another file", opens="field")
    phrases = {
        "not_own_media": ("isn't your file", "uses a private file"),
        "media_gone": ("is no longer there", "uses a file that was deleted"),
        "not_fetched": "can't be fetched ({why:all})",
        "links_to_private": ("links to a private file", "links to a private file"),
        "choose_result": "Run the template and choose a result as its preview.",
        "choose_own": "Use one of your own results or uploads, or an https URL of another site.",
        "make_it_an_input": "Make it an input, or the default of one.",
    }

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """Take the file that may not be shown out of what becomes public."""
        root, _, rest = issue.at.path.partition("/")
        if issue.at.path == "thumbnailUrl":
            return build.set_field(ROOT, TEMPLATE, ["thumbnailUrl"], GONE, "Remove")
        if root == "previewArtifacts" and rest:
            return without_preview(issue, build)
        if root == "inputs":
            entry = build.input_record(issue)
            if entry is None or "default" not in entry[1]:
                return None
            return build.set_field("inputs", entry[0], ["default"], GONE, "Remove the default")
        call = build.call_at(rest) if root == "stages" else None
        if call is None:
            return None
        ops = []
        for argument, value in call.caller.args.items():
            remainder = _without_ours(value)
            if remainder is not value:
                ops.append(build.write(call, argument, remainder))
        return Fix("Remove", tuple(ops)) if ops else None


class InlineMediaNotAllowed(Rule):
    code = "inline_media_not_allowed"
    about = "A `data:` address or a `data` field appears where a durable workflow takes addresses."
    api = "`{field}` contains inline media. Upload the file and send its https URL."
    person = "Upload the file instead of pasting it."


def written_out(
    build: FixBuilder, call: CallSite, instead: Mapping[str, str] | None = None
) -> tuple[Op, ...]:
    """Return a stage's automatic connections as arguments. instead: other sources, by port."""
    if call.tool is None:
        return ()
    position = build.position(call)
    ops: list[Op] = []
    names: dict[str, str] = {}
    for port in call.tool.ports():
        argument = port.url or port.arguments[0]
        is_list = port.is_list(argument)
        texts: list[str] = []
        other = (instead or {}).get(port.name)
        for source in _automatic_sources(build, call, port) if other is None else (other,):
            if source.startswith(_INPUT):
                input_ = build.inputs[source.removeprefix(_INPUT)]
                first = input_.multiple is not None and not is_list
                texts.append(f"{source}{'[0]' if first else ''}")
                continue
            if source not in names:
                stage = build.spec.stages[build.positions[source]]
                names[source], more = build.result(stage, position, is_list=is_list)
                ops.extend(more)
            texts.append(names[source])
        if texts:
            ops.append(build.write(call, argument, texts if is_list else texts[0]))
    return tuple(ops)


def _automatic_sources(build: FixBuilder, call: CallSite, port: Port) -> Iterator[str]:
    """Return the sources that are connected to a port automatically."""
    nodes = {node.id: node for node in build.wiring.nodes}
    for wire in build.wiring.wires:
        if not wire.is_implied or wire.target != call.stage.id:
            continue
        if nodes[wire.target].inputs[wire.input].key == port.name:
            yield _source(wire.source, nodes[wire.source].outputs[wire.output].key)


def _source(node: str, output: str) -> str:
    """A source as issues name it: an input by its reference, a stage by its id."""
    return f"{_INPUT}{output}" if node == INPUTS else node


def _newest_only(tools: ToolTable, stage: Stage, kind: str = "") -> list[Port]:
    """The ports of a stage, of one kind or any, that get the newest file when none is named."""
    tool = tools.get(stage.tool) if stage.type == "fixed" else None
    ports = newest_only(tool) if tool is not None else ()
    return [port for port in ports if kind in ("", port.kind)]


def _some_share(context: Context) -> bool:
    """Tell whether two ports get the same file because no argument names one; quick to say."""
    newest: dict[str, int] = {}
    shared: set[tuple[str, int]] = set()
    for place, stage in enumerate(context.spec.stages):
        ports = _newest_only(context.tools, stage)
        tool = context.tools.get(stage.tool) if ports else None
        if tool and all(find_port(tool, name)[0] is None for name in stage.args):
            claims = {(port.kind, newest.get(port.kind, -1)) for port in ports}
            if claims & shared:
                return True
            shared |= claims
        if kind := context.kinds[place]:
            newest[kind] = place
    return False


def _without_ours(value: Any) -> Any:
    """A value without our media, GONE when nothing is left; the same object when it has none."""
    if isinstance(value, str):
        return GONE if _OUR_MEDIA.search(value) else value
    if not isinstance(value, (list, dict)):
        return value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(key, part, _without_ours(part)) for key, part in items]
    if all(part is new for _, part, new in parts):
        return value
    remaining = [(key, new) for key, _, new in parts if new is not GONE]
    if not remaining:
        return GONE
    return dict(remaining) if isinstance(value, dict) else [new for _, new in remaining]
