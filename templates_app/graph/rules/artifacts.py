"""Artifacts: which stage makes what another one names, and in which order they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from templates_app.document_ops.ops import Op
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.references import artifact_remedy, latest_before
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.argument_sources import newest_maker
from templates_app.graph.rules.batches import list_to_repeat
from templates_app.graph.rules.context import ArtifactUse, Context, Reference
from templates_app.graph.rules.cycles import cycles
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rules.rule import Rule
from templates_app.graph.rules.template_facts import named_artifacts
from templates_app.graph.spec import Stage

# How many stages of a loop an issue names.
_MOST_STAGES: Final = 20


class UnknownArtifact(Rule):
    code = "unknown_artifact"
    about = "A binding names an artifact that no stage produces."
    api = '"{text}" refers to artifact "{name}", which no stage produces. {remedy}'
    person = "{field:field} uses a result that no stage makes."
    phrases = {
        "produce_under_name": 'Stage "{name}" exists: add `"produces": ["{name}"]` to it.',
        "produce_earlier": "Add it to `produces` of an earlier stage, or fix the name.",
    }
    roots = ("artifacts",)

    def check_reference(self, reference: Reference, context: Context) -> Iterable[Issue]:
        ref = reference.ref
        if isinstance(ref, Ref) and ref.name not in context.producers:
            return [
                self.issue_at(
                    reference,
                    text=ref.text,
                    name=ref.name,
                    remedy=artifact_remedy(ref.name, context.positions),
                )
            ]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        ref = build.named_ref(call, issue, "artifacts") if call is not None else None
        if call is None or ref is None:
            return None
        fix = _name_result(build, ref.name, call.stage)
        if fix is not None:
            return fix
        position = build.position(call)
        port = build.port_of(call, issue.at.argument)
        fitting = [
            name
            for name in build.producers
            if (source := build.source_of(name, position)) is not None
            and (port is None or build.made_by(source) == port.kind)
            and build.may_feed(source, call.stage)
        ]
        near = build.nearest(ref.name, fitting)
        if near is not None:
            text = ref.text.replace(f"$artifacts.{ref.name}", f"$artifacts.{near}", 1)
            return build.replace_reference(call, issue, ref.text, text, f"Use {near}")
        maker = newest_maker(build, port, call.stage) if port is not None else None
        if maker is not None:
            text, ops = build.result(maker, position)
            op = build.replace_text(call, issue.at.argument, ref.text, text)
            label = f"Use the result of {build.title(maker.id)}"
            return None if op is None else Fix(label, (*ops, op))
        return build.without(call, issue, ref.text)


class MissingProducer(Rule):
    """Shared by the rules about artifacts that a stage waits for."""

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        if call is None:
            return None
        stage = call.stage
        condition = stage.condition.artifact_name if stage.condition else ""
        name = str(issue.params["name"])
        if name not in (*stage.requires, *stage.optional, condition):
            return None
        fix = _name_result(build, name, stage)
        if fix is not None:
            return fix
        position = build.position(call)
        candidates = [
            each
            for each in build.producers
            if (source := build.source_of(each, position)) is not None
            and build.may_feed(source, stage)
        ]
        near = build.nearest(name, candidates)
        ops: list[Op] = []
        field = "requiredArtifactsIn"
        if self.level == "warning":
            # Another artifact is no better than none where the stage can do without.
            field, near = "optionalArtifactsIn", None
        elif name == condition:
            path = ["condition"] if near is None else ["condition", "artifactName"]
            ops.append(build.assign("stages", call.key, path, GONE if near is None else near))
        names = stage.requires if field == "requiredArtifactsIn" else stage.optional
        if name in names:
            new_names = [near if each == name else each for each in names]
            remaining = list(dict.fromkeys(each for each in new_names if each is not None))
            ops.append(build.assign("stages", call.key, [field], remaining or GONE))
        return Fix(f"Use {near}" if near else f"Don't wait for {name}", tuple(ops))


class MissingArtifactProducer(MissingProducer):
    code = "missing_artifact_producer"
    about = "`requiredArtifactsIn` names an artifact that no stage produces."
    api = (
        'Stage "{stage}" requires artifact "{name}", which no stage produces. Add it to `produces`'
        " of an earlier stage."
    )
    person = "{stage:stage} waits for a result that no stage makes."

    def check_use(self, use: ArtifactUse, context: Context) -> Iterable[Issue]:
        if use.field in ("requires", "condition") and use.name not in context.producers:
            return [self.issue(use.stage, name=use.name)]
        return ()


class MissingOptionalArtifact(MissingProducer):
    code = "missing_optional_artifact"
    level = "warning"
    about = "`optionalArtifactsIn` names an artifact that no earlier stage produces."
    api = 'Stage "{stage}" lists optional artifact "{name}", which no earlier stage produces.'
    person = "{stage:stage} waits for a result that doesn't exist. It will run without it."

    def check_use(self, use: ArtifactUse, context: Context) -> Iterable[Issue]:
        if use.field == "optional" and context.source_of(use.name, use.position) is None:
            return [self.issue(use.stage, name=use.name)]
        return ()


class ForwardArtifactReference(Rule):
    code = "forward_artifact_reference"
    about = "Stages run in the order of the list: an artifact comes from an earlier stage."
    api = (
        'Stage "{stage}" uses artifact "{name}" from the later stage "{producer}". Move'
        ' "{producer}" before it.'
    )
    person = "{stage:stage} needs {producer:stage}, which runs later."

    def check_use(self, use: ArtifactUse, context: Context) -> Iterable[Issue]:
        producers = context.producers.get(use.name)
        if use.field == "optional" or not producers:
            return ()
        # A stage that uses its own artifact is a cycle, and said as one.
        if latest_before(producers, use.position) is None and producers[0] != use.position:
            producer = context.spec.stages[producers[0]].id
            return [self.issue(use.stage, path=use.path, name=use.name, producer=producer)]
        return ()

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        call = build.call_of(issue)
        position = build.positions.get(str(issue.params["producer"]))
        if call is None or position is None:
            return None
        producer = build.spec.stages[position]
        ops = build.before(producer, call.stage)
        return Fix(f"Move {build.title(producer.id)} before it", tuple(ops)) if ops else None


class DuplicateArtifactProducer(Rule):
    code = "duplicate_artifact_producer"
    level = "warning"
    about = "Two stages produce an artifact of the same name."
    api = (
        'Artifact "{name}" is produced by "{producer}" and "{stage}". A stage that uses it gets'
        " the newest one before it; rename one to choose."
    )
    person = "{producer:stage} and {stage:stage} have the same result name, so the newest is used."

    def check_template(self, context: Context) -> Iterator[Issue]:
        stages = context.spec.stages
        for name, positions in context.producers.items():
            # Of three, two issues: each names the two that are next to each other.
            for one, other in pairwise(positions):
                yield self.issue(stages[other], name=name, producer=stages[one].id)

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """The second producer's artifact gets a name of its own, also where it is used."""
        call = build.call_of(issue)
        name = str(issue.params["name"])
        if call is None or name not in call.stage.produces:
            return None
        fresh = build.unused_name(name, build.stage_names(), "-")
        names = [fresh if each == name else each for each in call.stage.produces]
        ops = [build.assign("stages", call.key, ["produces"], names)]
        for user in build.spec.stages[build.position(call) + 1 :]:
            if build.source_of(name, build.positions[user.id]) is call.stage:
                ops.extend(_rename_artifact(build, user, name, fresh))
        return Fix(f"Rename the second to “{fresh}”", tuple(ops))


class CyclicStageDependency(Rule):
    code = "cyclic_stage_dependency"
    about = "Stages need each other's artifacts in a circle, or a stage needs its own."
    api = "Stages depend on each other: {stages}. Remove one reference."
    person = "These stages form a loop: {stages:stages}. Delete one connection."

    def check_template(self, context: Context) -> Iterator[Issue]:
        for positions in cycles(context.uses):
            stages = [context.spec.stages[position] for position in positions[:_MOST_STAGES]]
            yield self.issue(stages[0], stages=tuple(stage.id for stage in stages))

    def fix(self, issue: Issue, build: FixBuilder) -> Fix | None:
        """A stage that waits for itself alone; which edge of a longer circle goes is a choice."""
        call = build.call_of(issue)
        if call is None or issue.params["stages"] != (call.stage.id,):
            return None  # Only the author knows which connection to delete.
        stage, position = call.stage, build.position(call)

        def is_own(name: str) -> bool:
            producers = build.producers.get(name)
            return producers is not None and producers[0] == position

        def change(ref: Ref | Broken) -> Any:
            own = isinstance(ref, Ref) and ref.root == "artifacts" and is_own(ref.name)
            return GONE if own else ref.text

        ops = [build.rewrite(call, argument, change) for argument in call.caller.args]
        if any(is_own(name) for name in stage.requires):
            remaining = [name for name in stage.requires if not is_own(name)]
            ops.append(build.assign("stages", call.key, ["requiredArtifactsIn"], remaining or GONE))
        edits = [op for op in ops if op is not None]
        over = read_text(stage.over)
        if isinstance(over, Ref) and over.root == "artifacts" and is_own(over.name):
            edits.extend(list_to_repeat(build, call).ops)
        return Fix("Remove the reference to itself", tuple(edits))


def _name_result(build: FixBuilder, name: str, user: Stage) -> Fix | None:
    """A stage of that name is meant: its result gets the name."""
    if name not in build.positions or name == user.id:
        return None
    place = build.positions[name]
    source = build.spec.stages[place]
    order = build.before(source, user)
    if order is None:
        return None
    # Every other stage that names it would now wait for what comes later, or in a circle.
    needs = build.needs_of(source)
    for position, stage in enumerate(build.spec.stages):
        is_early = position <= place or position in needs
        if is_early and stage is not user and name in named_artifacts(stage):
            return None
    op = build.assign("stages", build.keys[name], ["produces"], [*source.produces, name])
    return Fix(f"Name the result of {build.title(source.id)} “{name}”", (op, *order))


def _rename_artifact(build: FixBuilder, user: Stage, name: str, fresh: str) -> list[Op]:
    """Ops that say the new name of an artifact wherever a stage says the old one."""
    call = build.call_at(user.id)
    if call is None:
        return []

    def change(ref: Ref | Broken) -> Any:
        if isinstance(ref, Ref) and ref.root == "artifacts" and ref.name == name:
            return ref.text.replace(f"$artifacts.{name}", f"$artifacts.{fresh}", 1)
        return ref.text

    ops = [
        build.rewrite(call, argument, change)
        for argument in (*call.caller.args, *(("overBinding",) if user.over else ()))
    ]
    for field, names in (
        ("requiredArtifactsIn", user.requires),
        ("optionalArtifactsIn", user.optional),
    ):
        if name in names:
            new_names = [fresh if each == name else each for each in names]
            ops.append(build.assign("stages", call.key, [field], new_names))
    if user.condition is not None and user.condition.artifact_name == name:
        ops.append(build.assign("stages", call.key, ["condition", "artifactName"], fresh))
    if user.select is not None:
        ref = read_text(user.select.source)
        if isinstance(ref, Ref) and ref.root == "artifacts" and ref.name == name:
            ops.append(build.assign("stages", call.key, ["select", "from"], change(ref)))
    return [op for op in ops if op is not None]
