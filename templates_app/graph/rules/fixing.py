"""What one click can do about an issue, as ops of the editor. Pure.

A fix clears its issue and makes no new error; where nothing sensible is known there is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from templates_app.document_ops.ops import Op, State
from templates_app.graph.bindings import Broken, Every, Ref, find_refs, read_text
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.references import pick_of
from templates_app.graph.rules.fix_builder import GONE, Call, Repair, named_artifacts
from templates_app.graph.rules.fix_fields import fix_field
from templates_app.graph.rules.fix_values import default_of, fix_value
from templates_app.graph.spec import MAX_INPUTS, MAX_STAGES, Stage
from templates_app.graph.suppliers import converters, makers, port_for
from templates_app.graph.wiring import INPUTS, words_of
from tools.declaration.ports import Port, Tool, ToolTable
from tools.declaration.schema import parameter_schemas

# More fixes than this no one clicks; the rest keep their messages.
MAX_FIXES: Final = 200

_INPUT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_MEDIA_NAMES: Final = {"image": "photo", "video": "clip", "audio": "sound"}
_NOUNS: Final = {"image": "an image", "video": "a video", "audio": "audio"}


def with_fixes(
    issues: Sequence[Issue],
    spec: Mapping[str, Any],
    tools: ToolTable,
    state: State | None = None,
) -> tuple[Issue, ...]:
    """The issues of a spec, with a fix where one click can clear one.

    issues: of `validate`, of compiling or of publishing this spec. state: the document it was made
    from, whose keys the ops name; without it they are those of the spec's own document.
    """
    fixer = _Fixer(Repair(spec, tools, state))
    fixed: list[Issue] = []
    count = 0
    for found in issues:
        fixes = fixer.fixes(found) if not found.fixes and count < MAX_FIXES else found.fixes
        count += bool(fixes)
        fixed.append(replace(found, fixes=fixes))
    return tuple(fixed)


class _Fixer:
    def __init__(self, repair: Repair) -> None:
        self.repair = repair
        # How often a place was fixed: two inputs of one name have one path.
        self.seen: Counter[tuple[str, str]] = Counter()

    def fixes(self, found: Issue) -> tuple[Fix, ...]:
        self.seen[found.code, found.at.path] += 1
        made = [method(self, found) for method in _FIXES.get(found.code, ())]
        fixes = [fix for fix in made if fix is not None and fix.ops]
        opens = _OPENS.get(found.code)
        if opens is not None:
            fixes.append(opens)
        return tuple(fixes)

    # -- references ------------------------------------------------------------------------------

    def call(self, found: Issue) -> Call | None:
        return self.repair.call_at(found.at.stage_id)

    def refs(self, call: Call, found: Issue) -> list[Ref | Broken]:
        return list(find_refs(self.repair.value_at(call, found.at.argument)))

    def said(self, call: Call, found: Issue, root: str) -> Ref | None:
        """The reference that an issue is about."""
        read = read_text(str(found.params["text"]))
        if not isinstance(read, Ref) or read.root != root:
            return None
        return read if read in self.refs(call, found) else None

    def replaced(self, call: Call, found: Issue, text: str, by: Any, label: str) -> Fix | None:
        op = self.repair.replace_text(call, found.at.argument, text, by)
        return None if op is None else Fix(label, (op,))

    def without(self, call: Call, found: Issue, text: str) -> Fix | None:
        if found.at.argument == "overBinding":
            return None
        return self.replaced(call, found, text, GONE, "Remove the reference")

    def unknown_input(self, found: Issue) -> Fix | None:
        call = self.call(found)
        read = self.said(call, found, "inputs") if call is not None else None
        if call is None or read is None:
            return None
        repair = self.repair
        near = repair.nearest(read.name, repair.inputs)
        if near is not None:
            text = read.text.replace(f"$inputs.{read.name}", f"$inputs.{near}", 1)
            return self.replaced(call, found, read.text, text, f"Use the input {words_of(near)}")
        declared = self.declared(call, found.at.argument)
        if declared is None or not _INPUT_NAME.fullmatch(read.name):
            return self.without(call, found, read.text)
        if read.name in repair.input_names() or len(repair.order("inputs")) >= MAX_INPUTS:
            return self.without(call, found, read.text)
        kind, fields = declared
        op = repair.declare(read.name, kind, **fields)
        return Fix(f"Add input {words_of(read.name)}", (op,))

    def declared(self, call: Call, argument: str) -> tuple[str, dict[str, Any]] | None:
        """The type of an input that would fit an argument, and its further fields."""
        if argument == "overBinding":
            return "text", {"multiple": {"min": 1}}
        port = self.repair.port_of(call, argument)
        if port is not None:
            return None if port.kind == "model" else (port.kind, {})
        schema = self.repair.schema_of(call, argument)
        if schema is None:
            return "text", {}
        several = {"multiple": {"min": 1}} if schema.get("type") == "array" else {}
        one = schema.get("items", {}) if several else schema
        if "enum" in one:
            options = [{"value": value, "label": str(value)} for value in one["enum"]]
            return "select", {"options": options, **several}
        kinds = {"number": "number", "integer": "number", "boolean": "boolean", "string": "text"}
        kind = kinds.get(one.get("type", "string"))
        return None if kind is None else (kind, {**several, **default_of(schema)})

    def unknown_artifact(self, found: Issue) -> Fix | None:
        call = self.call(found)
        read = self.said(call, found, "artifacts") if call is not None else None
        if call is None or read is None:
            return None
        repair = self.repair
        position = repair.position(call)
        made = self.produced(read.name, call.stage)
        if made is not None:
            return made
        port = repair.port_of(call, found.at.argument)
        fitting = [
            name
            for name in repair.producers
            if (source := repair.source_of(name, position)) is not None
            and (port is None or repair.made_by(source) == port.kind)
            and repair.may_feed(source, call.stage)
        ]
        near = repair.nearest(read.name, fitting)
        if near is not None:
            text = read.text.replace(f"$artifacts.{read.name}", f"$artifacts.{near}", 1)
            return self.replaced(call, found, read.text, text, f"Use {near}")
        maker = self.newest(port, call.stage) if port is not None else None
        if maker is not None:
            text, ops = repair.result(maker, position)
            op = repair.replace_text(call, found.at.argument, read.text, text)
            label = f"Use the result of {self.repair.title(maker.id)}"
            return None if op is None else Fix(label, (*ops, op))
        return self.without(call, found, read.text)

    def produced(self, name: str, user: Stage) -> Fix | None:
        """A stage of that name is meant: it gets the artifact."""
        repair = self.repair
        if name not in repair.positions or name == user.id:
            return None
        place = repair.positions[name]
        source = repair.spec.stages[place]
        order = repair.before(source, user)
        if order is None:
            return None
        # Anyone who else names it would now wait for what comes later, or in a circle.
        needed = repair.needed(source)
        for position, stage in enumerate(repair.spec.stages):
            is_early = position <= place or position in needed
            if is_early and stage is not user and name in named_artifacts(stage):
                return None
        op = repair.assign("stages", repair.keys[name], ["produces"], [*source.produces, name])
        return Fix(f"Name the result of {self.repair.title(source.id)} “{name}”", (op, *order))

    def newest(self, port: Port, user: Stage) -> Stage | None:
        """The last stage before it that makes what a port takes."""
        repair = self.repair
        for stage in reversed(repair.spec.stages[: repair.positions[user.id]]):
            if repair.made_by(stage) == port.kind:
                return stage if repair.may_feed(stage, user) else None
        return None

    def missing_producer(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None:
            return None
        repair, stage = self.repair, call.stage
        condition = stage.condition.artifact_name if stage.condition else ""
        name = str(found.params["name"])
        if name not in (*stage.requires, *stage.optional, condition):
            return None
        made = self.produced(name, stage)
        if made is not None:
            return made
        position = repair.position(call)
        known = [
            each
            for each in repair.producers
            if (source := repair.source_of(each, position)) is not None
            and repair.may_feed(source, stage)
        ]
        near = repair.nearest(name, known)
        ops: list[Op] = []
        field = "requiredArtifactsIn"
        if found.code == "missing_optional_artifact":
            field, near = "optionalArtifactsIn", None
        elif name == condition:
            path = ["condition"] if near is None else ["condition", "artifactName"]
            ops.append(repair.assign("stages", call.key, path, GONE if near is None else near))
        names = stage.requires if field == "requiredArtifactsIn" else stage.optional
        if name in names:
            left = [near if each == name else each for each in names]
            kept = list(dict.fromkeys(each for each in left if each is not None))
            ops.append(repair.assign("stages", call.key, [field], kept or GONE))
        return Fix(f"Use {near}" if near else f"Don't wait for {name}", tuple(ops))

    def forward(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None:
            return None
        place = self.repair.positions.get(found.params["producer"])
        if place is None:
            return None
        producer = self.repair.spec.stages[place]
        ops = self.repair.before(producer, call.stage)
        return Fix(f"Move {self.repair.title(producer.id)} before it", tuple(ops)) if ops else None

    def circle(self, found: Issue) -> Fix | None:
        """A stage that waits for itself alone; which edge of a longer circle goes is a choice."""
        call = self.call(found)
        if call is None:
            return None
        stage, repair = call.stage, self.repair
        position = repair.position(call)
        if found.params["stages"] != (stage.id,):
            return None

        def is_own(name: str) -> bool:
            known = repair.producers.get(name)
            return known is not None and known[0] == position

        def change(read: Ref | Broken) -> Any:
            own = isinstance(read, Ref) and read.root == "artifacts" and is_own(read.name)
            return GONE if own else read.text

        ops = [repair.rewrite(call, argument, change) for argument in call.called.args]
        if any(is_own(name) for name in stage.requires):
            left = [name for name in stage.requires if not is_own(name)]
            ops.append(repair.assign("stages", call.key, ["requiredArtifactsIn"], left or GONE))
        made = [op for op in ops if op is not None]
        over = read_text(stage.over)
        if isinstance(over, Ref) and over.root == "artifacts" and is_own(over.name):
            other = self.over(found)
            made.extend(other.ops if other is not None else ())
        return Fix("Remove the reference to itself", tuple(made))

    def wrong_kind(self, found: Issue) -> Fix | None:
        call = self.call(found)
        port = self.repair.port_of(call, found.at.argument) if call is not None else None
        if call is None or port is None:
            return None
        said = {read.text for read in self.misfits(call, port, found)}
        op = self.repair.rewrite(
            call, found.at.argument, lambda read: GONE if read.text in said else read.text
        )
        return None if op is None else Fix("Disconnect", (op,))

    def misfits(self, call: Call, port: Port, found: Issue) -> list[Ref]:
        """The references of another kind than the port takes: the one that is named, else all."""
        wrong = [
            read
            for read in self.refs(call, found)
            if isinstance(read, Ref) and self.gives(call, read) not in (None, port.kind)
        ]
        return [read for read in wrong if read.text == found.params["source"]] or wrong

    def inserted(self, found: Issue) -> Fix | None:
        """A stage between the two that makes of the one's result what the other takes."""
        call = self.call(found)
        port = self.repair.port_of(call, found.at.argument) if call is not None else None
        if call is None or port is None:
            return None
        misfits = self.misfits(call, port, found)
        if len({read.text for read in misfits}) != 1:
            return None
        read = misfits[0]
        given = self.gives(call, read) or ""
        tool = self.provided(converters(self.repair.tools, given, port.kind))
        into = port_for(tool, given) if tool is not None else None
        text = self.single(read)
        if tool is None or into is None or text is None:
            return None
        new, put = self.repair.put_before(call.stage, tool)
        argument = into.url or into.arguments[0]
        fill = self.repair.write(new, argument, [text] if into.is_list(argument) else text)
        asked = self.required(new, tool)
        use = self.repair.replace_text(call, found.at.argument, read.text, _result_of(new))
        if asked is None or use is None:
            return None
        return Fix(f"Insert {tool.title}", (put, fill, *asked, use))

    def added(self, found: Issue) -> Fix | None:
        """A new stage before it that makes the file it needs."""
        call = self.call(found)
        port = self.repair.port_of(call, found.at.argument) if call is not None else None
        tool = self.provided(makers(self.repair.tools, port.kind)) if port is not None else None
        if call is None or port is None or tool is None:
            return None
        new, put = self.repair.put_before(call.stage, tool)
        asked = self.required(new, tool)
        if asked is None:
            return None
        argument = found.at.argument
        if argument not in call.called.args:
            argument = port.url or port.arguments[0]
        made = _result_of(new)
        use = self.repair.write(call, argument, [made] if port.is_list(argument) else made)
        return Fix(f"Add {tool.title}", (put, *asked, use))

    def provided(self, found: Sequence[type[Tool]]) -> type[Tool] | None:
        """The first that some provider of this server offers; None also where no stage fits in."""
        if len(self.repair.order("stages")) >= MAX_STAGES:
            return None
        return next((tool for tool in found if self.repair.tools.is_provided(tool.name)), None)

    def required(self, new: Call, tool: type[Tool]) -> list[Op] | None:
        """The required parameters of a new stage, from inputs; None where no input fits one."""
        ops: list[Op] = []
        for name, schema in parameter_schemas(tool).items():
            if schema.get("x-reelgraph", {}).get("required"):
                asked = self.asked(new, name)
                if asked is None:
                    return None
                ops.extend(asked.ops)
        return ops

    def single(self, read: Ref) -> str | None:
        """The text of a reference to one file; None where it may not be one."""
        if read.root == "artifacts":
            every = any(isinstance(part, Every) for part in read.path)
            return None if every or pick_of(read, many=False) is None else read.text
        if read.root != "inputs":
            return None
        known = self.repair.inputs[read.name]
        return f"{read.text}[0]" if known.multiple is not None and not read.path else read.text

    def gives(self, call: Call, read: Ref) -> str | None:
        if read.root == "inputs":
            known = self.repair.inputs.get(read.name)
            return known.type if known is not None and known.is_media else None
        if read.root != "artifacts":
            return None
        source = self.repair.source_of(read.name, self.repair.position(call))
        return None if source is None else (self.repair.made_by(source) or "")

    def broken(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None:
            return None
        text = str(found.params["text"])
        meant = self.meant(call, text)
        if meant is not None:
            return self.replaced(call, found, text, meant, f"Use {meant}")
        if found.at.argument == "overBinding":
            return self.over(found)
        return self.replaced(call, found, text, f"${text}", "Use as plain text")

    def meant(self, call: Call, text: str) -> str | None:
        """`$input.brief` and `$brief` mean an input, `$artifact.look` and `$look` an artifact."""
        parts = re.fullmatch(r"\$([A-Za-z_-]+)(?:\.(.+))?", text)
        if parts is None:
            return None
        root, rest = parts[1], parts[2]
        position = self.repair.position(call)
        wanted = f"$inputs.{root}"
        if rest is None:
            if root in self.repair.inputs:
                return wanted
            source = self.repair.source_of(root, position)
            if source is None or not self.repair.may_feed(source, call.stage):
                return None
            return f"$artifacts.{root}.items[0].selectedVersion.url"
        near = self.repair.nearest(root, ("inputs", "artifacts"), 0.6)
        read = read_text(f"${near}.{rest}") if near is not None else None
        if not isinstance(read, Ref):
            return None
        if read.root == "inputs":
            return read.text if read.name in self.repair.inputs else None
        source = self.repair.source_of(read.name, position)
        return read.text if source and self.repair.may_feed(source, call.stage) else None

    def outside_batch(self, found: Issue) -> Fix | None:
        call = self.call(found)
        read = self.said(call, found, "item") if call is not None else None
        if call is None or read is None:
            return None
        if read.name in self.repair.inputs:
            label = f"Use the input {words_of(read.name)}"
            return self.replaced(call, found, read.text, f"$inputs.{read.name}", label)
        return self.without(call, found, read.text)

    def over(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None:
            return None
        several = [name for name, known in self.repair.inputs.items() if known.multiple]
        if several:
            op = self.repair.assign("stages", call.key, ["overBinding"], f"$inputs.{several[0]}")
            return Fix(f"Repeat for {words_of(several[0])}", (op,))
        name = self.repair.unused("items", self.repair.input_names(), "_")
        declare = self.repair.declare(name, "text", multiple={"min": 1})
        op = self.repair.assign("stages", call.key, ["overBinding"], f"$inputs.{name}")
        return Fix("Add a list input", (declare, op))

    def unsupported(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None or not found.at.argument:
            return None
        read = read_text(str(found.params["text"]))
        if not isinstance(read, Ref) or read not in self.refs(call, found):
            return None
        if read.path and self.repair.port_of(call, found.at.argument) is not None:
            if read.root == "inputs":
                short = f"$inputs.{read.name}"
                return self.replaced(call, found, read.text, short, f"Use {short}")
            medium = f"$artifacts.{read.name}.items[0].selectedVersion.url"
            return self.replaced(call, found, read.text, medium, "Use its first result")
        return self.without(call, found, read.text)

    def not_found(self, found: Issue) -> Fix | None:
        call = self.call(found)
        read = self.said(call, found, "inputs") if call is not None else None
        if call is None or read is None or not read.path:
            return None
        short = f"$inputs.{read.name}"
        return self.replaced(call, found, read.text, short, f"Use {short}")

    # -- media and arguments ---------------------------------------------------------------------

    def implied(self, found: Issue) -> Fix | None:
        """All that is joined to the stage: one named medium ends the joining of the others."""
        call = self.call(found)
        if call is None or call.tool is None:
            return None
        wiring = self.repair.wiring
        nodes = {node.id: node for node in wiring.nodes}
        position = self.repair.position(call)
        ops: list[Op] = []
        names: dict[str, str] = {}
        for port in call.tool.ports():
            argument = port.url or port.arguments[0]
            texts: list[str] = []
            for wire in wiring.wires:
                if not wire.is_implied or wire.target != call.stage.id:
                    continue
                if nodes[wire.target].inputs[wire.input].key != port.name:
                    continue
                if wire.source == INPUTS:
                    known = self.repair.inputs[nodes[INPUTS].outputs[wire.output].key]
                    first = known.multiple is not None and not port.is_list(argument)
                    texts.append(f"$inputs.{known.name}{'[0]' if first else ''}")
                    continue
                source = self.repair.spec.stages[self.repair.positions[wire.source]]
                if source.id in names:
                    texts.append(names[source.id])
                    continue
                is_list = port.is_list(argument)
                text, more = self.repair.result(source, position, is_list=is_list)
                names[source.id] = text
                ops.extend(more)
                texts.append(text)
            if texts:
                value = texts if port.is_list(argument) else texts[0]
                ops.append(self.repair.write(call, argument, value))
        return Fix("Keep connection", tuple(ops))

    def missing(self, found: Issue) -> Fix | None:
        """Fill a required argument from what is there, else ask for it with a new input."""
        call = self.call(found)
        if call is None or call.tool is None or not found.at.argument:
            return None
        repair = self.repair
        port = repair.port_of(call, found.at.argument)
        if port is not None:
            return self.filled(call, port, found.at.argument, repair.position(call))
        return self.asked(call, found.at.argument)

    def asked(self, call: Call, argument: str) -> Fix | None:
        """Fill a parameter from an input of its type, else from a new one."""
        repair = self.repair
        schema = repair.schema_of(call, argument)
        declared = self.declared(call, argument) if schema is not None else None
        if schema is None or declared is None:
            return None
        kind, fields = declared
        fitting = [
            known.name
            for known in repair.spec.inputs
            if known.type == kind and (known.multiple is None) == ("multiple" not in fields)
        ]
        if kind == "select":
            fitting = []
        if fitting:
            op = repair.write(call, argument, f"$inputs.{fitting[0]}")
            return Fix(f"Use the input {words_of(fitting[0])}", (op,))
        if len(repair.order("inputs")) >= MAX_INPUTS:
            return None
        name = repair.unused(argument, repair.input_names(), "_")
        declare = repair.declare(name, kind, **fields)
        op = repair.write(call, argument, f"$inputs.{name}")
        return Fix("Add an input for it", (declare, op))

    def filled(self, call: Call, port: Port, argument: str, position: int) -> Fix | None:
        repair = self.repair
        if argument not in call.called.args:
            argument = port.url or port.arguments[0]
        is_list = port.is_list(argument)
        maker = self.newest(port, call.stage)
        if maker is not None:
            text, ops = repair.result(maker, position, is_list=is_list)
            op = repair.write(call, argument, [text] if is_list else text)
            return Fix(f"Use the result of {self.repair.title(maker.id)}", (*ops, op))
        known = next((k for k in repair.spec.inputs if k.type == port.kind), None)
        if known is not None:
            first = "[0]" if known.multiple is not None and not is_list else ""
            text = f"$inputs.{known.name}{first}"
            op = repair.write(call, argument, [text] if is_list else text)
            return Fix(f"Use the input {words_of(known.name)}", (op,))
        if port.kind == "model" or len(repair.order("inputs")) >= MAX_INPUTS:
            return None
        name = repair.unused(_MEDIA_NAMES[port.kind], repair.input_names(), "_")
        text = f"$inputs.{name}"
        op = repair.write(call, argument, [text] if is_list else text)
        return Fix(f"Add an input for {_NOUNS[port.kind]}", (repair.declare(name, port.kind), op))

    def value(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is not None and found.at.argument and found.at.path.endswith("/args"):
            return fix_value(self.repair, call, found)
        return fix_field(self.repair, found, self.seen[found.code, found.at.path])

    def unknown_tool(self, found: Issue) -> Fix | None:
        call = self.call(found)
        if call is None:
            return None
        name = self.repair.tools.canonical(call.called.tool)
        near = self.repair.nearest(name, (tool.name for tool in self.repair.tools), 0.5)
        if near is None:
            return None
        title = self.repair.tools.get(near)
        op = self.repair.assign("stages", call.key, [*call.path[:-1], "tool"], near)
        return Fix(f"Use {title.title if title else near}", (op,))

    def again_produced(self, found: Issue) -> Fix | None:
        """The second producer's artifact gets a name of its own, also where it is used."""
        call = self.call(found)
        if call is None:
            return None
        repair, position = self.repair, self.repair.position(call)
        name = str(found.params["name"])
        if name not in call.stage.produces:
            return None
        fresh = repair.unused(name, repair.stage_names())
        made = [fresh if each == name else each for each in call.stage.produces]
        ops = [repair.assign("stages", call.key, ["produces"], made)]
        for user in repair.spec.stages[position + 1 :]:
            if repair.source_of(name, repair.positions[user.id]) is call.stage:
                ops.extend(self.renamed(user, name, fresh))
        return Fix(f"Rename the second to “{fresh}”", tuple(ops))

    def renamed(self, user: Stage, name: str, fresh: str) -> list[Op]:
        call = self.repair.call_at(user.id)
        if call is None:
            return []

        def change(read: Ref | Broken) -> Any:
            if isinstance(read, Ref) and read.root == "artifacts" and read.name == name:
                return read.text.replace(f"$artifacts.{name}", f"$artifacts.{fresh}", 1)
            return read.text

        ops = [
            self.repair.rewrite(call, argument, change)
            for argument in (*call.called.args, *(("overBinding",) if user.over else ()))
        ]
        for field, names in (
            ("requiredArtifactsIn", user.requires),
            ("optionalArtifactsIn", user.optional),
        ):
            if name in names:
                made = [fresh if each == name else each for each in names]
                ops.append(self.repair.assign("stages", call.key, [field], made))
        if user.condition is not None and user.condition.artifact_name == name:
            path = ["condition", "artifactName"]
            ops.append(self.repair.assign("stages", call.key, path, fresh))
        if user.select is not None:
            read = read_text(user.select.source)
            if isinstance(read, Ref) and read.root == "artifacts" and read.name == name:
                ops.append(self.repair.assign("stages", call.key, ["select", "from"], change(read)))
        return [op for op in ops if op is not None]


def _result_of(new: Call) -> str:
    return f"$artifacts.{new.stage.id}.items[0].selectedVersion.url"


# Where a person clears what no op can.
_OPENS: Final[Mapping[str, Fix]] = {
    "tool_required": Fix("Choose a tool", opens="tool"),
    "unknown_tool": Fix("Choose a tool", opens="tool"),
    "no_stages": Fix("Add a stage", opens="stages"),
    "invalid_media": Fix("Choose a file", opens="field"),
    "missing_media_source": Fix("Upload", opens="field"),
    "private_media_reference": Fix("Choose another file", opens="field"),
}

_FIXES: Final[Mapping[str, Sequence[Callable[[_Fixer, Issue], Fix | None]]]] = {
    "unknown_input": (_Fixer.unknown_input,),
    "unknown_artifact": (_Fixer.unknown_artifact,),
    "missing_artifact_producer": (_Fixer.missing_producer,),
    "missing_optional_artifact": (_Fixer.missing_producer,),
    "forward_artifact_reference": (_Fixer.forward,),
    "cyclic_stage_dependency": (_Fixer.circle,),
    "duplicate_artifact_producer": (_Fixer.again_produced,),
    "wrong_media_kind": (_Fixer.inserted, _Fixer.wrong_kind),
    "invalid_binding_syntax": (_Fixer.broken,),
    "item_binding_outside_batch": (_Fixer.outside_batch,),
    "batch_over_binding_not_a_binding": (_Fixer.over,),
    "binding_not_supported_yet": (_Fixer.unsupported,),
    "binding_not_found": (_Fixer.not_found,),
    "implicit_media_dependency": (_Fixer.implied,),
    "missing_argument": (_Fixer.missing,),
    "missing_media_source": (_Fixer.missing, _Fixer.added),
    "unknown_tool": (_Fixer.unknown_tool,),
    **dict.fromkeys(
        (
            "batch_concurrency_invalid",
            "batch_item_name_required",
            "condition_never_holds",
            "duplicate_input_name",
            "duplicate_stage_id",
            "invalid_enum",
            "invalid_expression",
            "invalid_field",
            "invalid_length",
            "invalid_media",
            "invalid_stage_type",
            "invalid_type",
            "missing_options",
            "name_required",
            "out_of_range",
            "private_media_reference",
            "reserved_stage_id",
            "unequal_lengths",
            "unknown_stage",
        ),
        (_Fixer.value,),
    ),
}
