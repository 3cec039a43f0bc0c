"""Stored or sent JSON → `Spec`. Whatever is wrong becomes an issue; what can be read, is read.

Ids come first, as issues name their paths by them. Then Pydantic reads the whole; what it refuses
is said by `spec_issues`, left out, and the rest is read again. A template without faults is read
once, and no Python code of ours runs for most of its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard

from pydantic import ValidationError

from core.phrases import phrase
from templates_app.graph.bindings import OF_EVERY_RESULT
from templates_app.graph.issues import Issue, issue
from templates_app.graph.spec import (
    INPUT_TYPES,
    MAX_ID,
    MAX_INPUTS,
    MAX_OUTPUTS,
    MAX_STAGES,
    PREVIEW_TYPES,
    STAGE_TYPES,
    Input,
    Spec,
    Stage,
)
from templates_app.graph.spec_issues import Faults, settle, wrong, wrong_choice
from templates_app.graph.spec_values import MAX_LIST
from templates_app.graph.stage_cache import ReadStages, StageCache, pack, unpack

MAX_SUB_STAGE_DEPTH: Final = 8
_INPUT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
# What only one type of stage says; in a stage of another type it means nothing.
_OF_TYPE: Final[Mapping[str, frozenset[str]]] = {
    "fixed": frozenset({"tool", "args"}),
    "interactive": frozenset({"systemPrompt", "userMessage", "skillRef", "allowedTools", "select"}),
    "batch": frozenset(
        {
            "overBinding",
            "itemName",
            "concurrency",
            "maxAttemptsPerItem",
            "itemStage",
            "partialExecutionEnabled",
            "itemLabelTemplate",
        }
    ),
}
_OF_ANOTHER: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset().union(*(keys for other, keys in _OF_TYPE.items() if other != kind))
    for kind in _OF_TYPE
}
# Type of a condition → the field it needs, here and in the wire.
_NEEDED_BY_CONDITION: Final = {
    "if_success_of": ("stage_id", "stageId"),
    "if_error_in": ("stage_id", "stageId"),
    "if_artifact_exists": ("artifact_name", "artifactName"),
    "expr": ("expression", "expression"),
}


def read_spec(raw: Any) -> tuple[Spec, tuple[Issue, ...]]:
    """Read a spec (contract §6.2 to §6.5, without what needs the whole graph). Never raises."""
    faults = Faults()
    if not isinstance(raw, Mapping):
        faults.add("", wrong("", "template", phrase("must_be_object")))
        return Spec(), faults.in_order()
    preparation = _Preparation(faults)
    ready = preparation.template(raw)
    faults.register("stages")
    stages, issues = read_stages(ready.pop("stages", None))
    for fault in issues:
        faults.add("stages", fault)
    preparation.put_previews(ready)
    spec = _accept(ready, faults)
    _say_missing(spec, faults)
    inputs = _with_names_once(spec.inputs, faults)
    return spec.model_copy(update={"inputs": inputs, "stages": stages}), faults.in_order()


def read_stages(raw: Any) -> ReadStages:
    """The stages of a template, from its `stages`; the same content is read once."""
    content = pack(raw)
    if content is None:
        return _read_stages(raw)
    stages = _cache.find(content)
    if stages is None:
        stages = _read_stages(unpack(content))
        _cache.keep(content, stages)
    return stages


_cache: Final = StageCache()


def _read_stages(raw: Any) -> ReadStages:
    faults = Faults()
    ready = {} if raw is None else {"stages": raw}
    faults.register("stages")
    preparation = _Preparation(faults)
    if preparation.has_list(ready, "stages", "stages", MAX_STAGES):
        ready["stages"] = preparation.stages(ready["stages"], "stages")
    stages = _accept(ready, faults).stages
    _say_missing_in_stages(stages, faults)
    return ReadStages(stages, faults.in_order())


def _accept(ready: dict[str, Any], faults: Faults) -> Spec:
    """Read it with Pydantic, without what it refuses."""
    while True:
        try:
            return Spec.model_validate(ready)
        except ValidationError as refused:
            # Each turn takes values out, so this ends; mostly after one.
            if not settle(refused.errors(include_url=False), ready, faults):
                raise


# -- before Pydantic ------------------------------------------------------------------------------


class _Preparation:
    """A copy of a template in which every part has the path that issues name it by.

    Parts without a usable id are left out, with an issue, and so are nulls: they count as absent.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.unreadable: set[str] = set()
        self.stage_ids: set[str] = set()
        self.stage_count = 0

    def template(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """All but its stages and previews, which are as they were."""
        ready = _without_nulls(raw)
        ready.pop("$path", None)
        self.faults.register("")
        name = ready.get("name")
        if not isinstance(name, str) or not name.strip():
            what = phrase("the_template")
            self.faults.add("", issue("name_required", path="name", what=what))
            ready.pop("name", None)
        if self.has_list(ready, "inputs", "inputs", MAX_INPUTS):
            ready["inputs"] = self.inputs(ready["inputs"])
        if isinstance(ready.get("outputs"), Mapping):
            ready["outputs"] = self.outputs(ready["outputs"])
        ready["$unreadable"] = frozenset(self.unreadable)
        return ready

    def outputs(self, items: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs with a usable name that say where they come from."""
        if len(items) > MAX_OUTPUTS:
            too_many = issue(
                "too_many", path="outputs", what="outputs", count=len(items), limit=MAX_OUTPUTS
            )
            self.faults.add("outputs", too_many)
            return {}
        outputs = {}
        for name, item in items.items():
            path = f"outputs/{name}" if len(name) <= 64 else "outputs"
            self.faults.register(path)
            if not _INPUT_NAME.fullmatch(name) or name in OF_EVERY_RESULT:
                problem = phrase("must_be_output_name")
                self.faults.add(path, wrong(path, f"{path}/name", problem))
            elif not isinstance(item, Mapping):
                self.faults.add(path, wrong(path, path, phrase("must_be_object")))
            elif not isinstance(item.get("from"), str) or not item["from"].strip():
                problem = phrase("must_be_output_source")
                self.faults.add(path, wrong(path, f"{path}/from", problem))
            else:
                outputs[name] = {**_without_nulls(item), "$path": path}
        return outputs

    def has_list(self, ready: dict[str, Any], key: str, path: str, most: int) -> bool:
        """Tell whether there is a list to go through; one that is too long is left out."""
        items = ready.get(key)
        if not isinstance(items, list):
            return False
        if len(items) <= most:
            return True
        too_many = issue("too_many", path=path, what=key, count=len(items), limit=most)
        self.faults.add(path, too_many)
        del ready[key]
        return False

    def put_previews(self, ready: dict[str, Any]) -> None:
        if self.has_list(ready, "previewArtifacts", "previewArtifacts", MAX_LIST):
            ready["previewArtifacts"] = [
                {**_without_nulls(item), "$path": path}
                for path, item in self.objects(ready["previewArtifacts"], "previewArtifacts")
            ]

    def objects(self, items: list[Any], parent: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each object with its path; anything else has an issue."""
        for position, item in enumerate(items):
            path = f"{parent}/{position}"
            self.faults.register(path)
            if isinstance(item, Mapping):
                yield path, item
            else:
                self.faults.add(path, wrong(path, path, phrase("must_be_object")))

    def inputs(self, items: list[Any]) -> list[Any]:
        inputs: list[Any] = []
        for path, item in self.objects(items, "inputs"):
            name = item.get("name")
            if not isinstance(name, str) or not name.strip():
                what = phrase("input_number", number=int(path.rpartition("/")[2]) + 1)
                self.faults.add(path, issue("name_required", path=path, what=what))
                continue
            self.faults.register(by_name := f"inputs/{name}" if len(name) <= 64 else path, path)
            if not _INPUT_NAME.fullmatch(name):
                problem = phrase("must_be_input_name")
                self.faults.add(by_name, wrong(by_name, f"{by_name}/name", problem))
            kind = item.get("type")
            if kind in INPUT_TYPES:
                inputs.append({**_without_nulls(item), "$path": by_name, "$scope": ""})
            else:
                name_of_type = f"{by_name}/type"
                self.faults.add(by_name, wrong_choice(by_name, name_of_type, kind, INPUT_TYPES))
                self.unreadable.add(name)
        return inputs

    def stages(self, items: list[Any], parent: str) -> list[Any]:
        """Stages with a known type and an id of their own."""
        self.stage_count += len(items)
        if parent != "stages" and self.stage_count > MAX_STAGES:
            too_many = issue(
                "too_many", path=parent, what="stages", count=self.stage_count, limit=MAX_STAGES
            )
            self.faults.add(parent, too_many)
            return []
        stages = []
        for path, item in self.objects(items, parent):
            stage_id = item.get("id")
            if not _is_id(stage_id):
                problem = phrase("must_be_id", limit=MAX_ID)
                self.faults.add(path, wrong(path, f"{path}/id", problem))
                continue
            stage = self.stage(item, stage_id, f"{parent}/{stage_id}")
            if stage is not None:
                stages.append(stage)
        return stages

    def stage(self, item: Mapping[str, Any], stage_id: str, path: str) -> dict[str, Any] | None:
        if stage_id in self.stage_ids:
            again = issue("duplicate_stage_id", path=path, stage_id=stage_id, stage=stage_id)
            self.faults.add(path, again)
            return None
        self.stage_ids.add(stage_id)
        self.faults.register(path)
        kind = item.get("type")
        if not isinstance(kind, str) or kind not in _OF_TYPE:
            self.faults.add(path, _wrong_type(path, stage_id, kind, STAGE_TYPES))
            return None
        others = _OF_ANOTHER[kind]
        ready = {
            key: value for key, value in item.items() if value is not None and key not in others
        }
        ready["$path"] = path
        if "subStages" in ready:
            self.sub_stages(ready, path)
        if kind == "batch":
            self.batch(ready, path)
        return ready

    def sub_stages(self, ready: dict[str, Any], path: str) -> None:
        below = f"{path}/subStages"
        self.faults.register(below)
        if path.count("/subStages") >= MAX_SUB_STAGE_DEPTH:
            too_deep = wrong(path, below, phrase("sub_stages_too_deep"))
            self.faults.add(path, too_deep, "subStages")
            del ready["subStages"]
        elif self.has_list(ready, "subStages", below, MAX_STAGES):
            ready["subStages"] = self.stages(ready["subStages"], below)

    def batch(self, ready: dict[str, Any], path: str) -> None:
        if not isinstance(ready.get("overBinding", ""), str):
            del ready["overBinding"]  # `validate` says that it is no binding.
        below = f"{path}/itemStage"
        self.faults.register(below)
        item = ready.get("itemStage")
        if item is None and ready.get("subStages"):
            return
        if not isinstance(item, Mapping):
            problem = phrase("must_be_fixed_stage")
            self.faults.add(below, wrong(below, "itemStage", problem, ready["id"]))
            ready.pop("itemStage", None)
        elif item.get("type") not in (None, "fixed"):
            self.faults.add(below, _wrong_type(below, ready["id"], item.get("type"), ("fixed",)))
            del ready["itemStage"]
        else:
            keys = (*_OF_TYPE["fixed"], "subStages")
            fields = {key: item[key] for key in keys if item.get(key) is not None}
            ready["itemStage"] = {**fields, "id": ready["id"], "type": "fixed", "$path": below}
            if "subStages" in fields:
                self.sub_stages(ready["itemStage"], below)


def _without_nulls(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value is not None}


def _is_id(value: Any) -> TypeGuard[str]:
    return (
        isinstance(value, str)
        and value.strip() != ""
        and len(value) <= MAX_ID
        and not value.startswith("$")
    )


def _wrong_type(path: str, stage_id: str, value: Any, choices: tuple[str, ...]) -> Issue:
    return issue(
        "invalid_stage_type",
        path=path,
        stage_id=stage_id,
        stage=stage_id,
        value=value,
        allowed=choices,
    )


# -- after Pydantic -------------------------------------------------------------------------------


def _say_missing(spec: Spec, faults: Faults) -> None:
    """Say what a part cannot do without, though each of its fields is well-formed."""
    for input_ in spec.inputs:
        if input_.type == "select" and not input_.options:
            fault = issue("missing_options", path=input_.path, name=input_.name)
            faults.add(input_.path, fault, "options")
    for preview in spec.preview_artifacts:
        path = preview.path
        for field, value, problem in (
            ("stageId", preview.stage_id, "must_be_stage_id"),
            ("url", preview.url, "must_be_url"),
        ):
            if not value and (path, f"{path}/{field}") not in faults.said:
                faults.add(path, wrong(path, f"{path}/{field}", phrase(problem)), field)
        name = f"{path}/mediaType"
        if preview.media_type is None and (path, name) not in faults.said:
            faults.add(path, wrong_choice(path, name, None, PREVIEW_TYPES), "mediaType")


def _say_missing_in_stages(stages: Sequence[Stage], faults: Faults) -> None:
    for stage in stages:
        path = stage.path
        if stage.condition is not None:
            requirement = _NEEDED_BY_CONDITION.get(stage.condition.type)
            if requirement is not None and not getattr(stage.condition, requirement[0]).strip():
                problem = phrase("needed_by_type", type=stage.condition.type)
                fault = wrong(path, f"condition/{requirement[1]}", problem, stage.id)
                faults.add(path, fault, "condition")
        if stage.type == "fixed":
            # It may do no more than hold others.
            if not stage.sub_stages:
                _say_without_tool(stage, faults)
        elif stage.type == "batch":
            if not stage.item_name and (path, "itemName") not in faults.said:
                code = "batch_item_name_required"
                fault = issue(code, path=path, stage_id=stage.id, stage=stage.id)
                faults.add(path, fault, "itemName")
            if not stage.produces:
                fault = wrong(path, "produces", phrase("batch_must_produce"), stage.id)
                faults.add(path, fault, "itemStage")
            if stage.item is not None and not stage.inside:
                _say_without_tool(stage.item, faults)
        _say_missing_in_stages(stage.inside, faults)


def _say_without_tool(stage: Stage, faults: Faults) -> None:
    path = stage.path
    if not stage.tool and (path, "tool") not in faults.said:
        fault = issue("tool_required", path=path, stage_id=stage.id, stage=stage.id)
        faults.add(path, fault, "tool")


def _with_names_once(inputs: tuple[Input, ...], faults: Faults) -> tuple[Input, ...]:
    """Keep the first of several inputs of one name."""
    by_name: dict[str, Input] = {}
    for input_ in inputs:
        if input_.name in by_name:
            again = issue("duplicate_input_name", path=input_.path, name=input_.name)
            faults.add(input_.path, again, "internal")
        else:
            by_name[input_.name] = input_
    return tuple(by_name.values())
