"""Fields of the template, its inputs and its stages that cannot be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from templates_app.document_ops.ops import ROOT, TEMPLATE, Op
from templates_app.graph.bindings import Broken, Ref
from templates_app.graph.expressions import Expression, parse
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.fix_builder import GONE, Repair
from templates_app.graph.spec import (
    CATEGORIES,
    INPUT_TYPES,
    MAX_CONCURRENCY,
    ON_ERROR,
    STABILITIES,
    VISIBILITIES,
)
from templates_app.graph.wiring import words_of

_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "category": CATEGORIES,
    "stability": STABILITIES,
    "visibility": VISIBILITIES,
    "onError": ON_ERROR,
}
_STAGE_TYPES: Final[Mapping[str, str]] = {
    "fixed": "Make it a tool stage",
    "interactive": "Make it a question",
    "batch": "Make it Repeat for each",
}
# What other people call the types of inputs.
_TYPES: Final[Mapping[str, str]] = {
    "string": "text",
    "str": "text",
    "textarea": "text",
    "integer": "number",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "enum": "select",
    "choice": "select",
    "picture": "image",
    "photo": "image",
    "sound": "audio",
    "music": "audio",
}
# Fields a template does without.
_SPARE: Final = frozenset(
    (
        *("description", "brief", "thumbnailUrl", "exposeToLLM", "llmPriority", "tags", "version"),
        *("reviewFocus", "metadata", "extra", "openMontageImport", "estimatedCapacityUnits"),
        *("estimatedCredits", "author"),
    )
)
_SPARE_OF_STAGE: Final = frozenset(
    (
        *("label", "reviewFocus", "successCriteria", "humanApprovalDefault", "produces"),
        *("requiredArtifactsIn", "optionalArtifactsIn", "condition", "checkpointRequired"),
        *("systemPrompt", "userMessage", "skillRef", "allowedTools", "itemLabelTemplate"),
        *("maxAttemptsPerItem", "partialExecutionEnabled", "onError", "subStages", "select"),
    )
)
_SPARE_OF_INPUT: Final = frozenset(
    ("description", "options", "jsonSchema", "multiple", "required", "internal", "default")
)
# How other languages write what our expressions know.
_SPELLINGS: Final = tuple(
    (re.compile(written, re.IGNORECASE), ours)
    for written, ours in (
        ("[\u201c\u201d]", '"'),
        ("[\u2018\u2019]", "'"),
        ("(?<![=!<>])={3}(?!=)|(?<![=!<>])=(?!=)", "=="),
        ("!==", "!="),
        (r"(?<!&)&(?!&)|\band\b", "&&"),
        (r"(?<!\|)\|(?!\|)|\bor\b", "||"),
        (r"\bnot\s+", "!"),
        (r"\bnone\b|\bnil\b|\bundefined\b", "null"),
    )
)
_WRONG_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_OUR_MEDIA: Final = re.compile(r"reelgraph:|/media/")


def fix_field(repair: Repair, found: Issue, nth: int) -> Fix | None:
    """nth: how many issues of this code and path there were, this one counted."""
    method = _BY_CODE.get(found.code)
    return None if method is None else method(repair, found, nth)


def _set(repair: Repair, table: str, key: str, path: Sequence[str], value: Any, label: str) -> Fix:
    return Fix(label, (repair.assign(table, key, path, value),))


def _field_of(found: Issue) -> str:
    """The field that is wrong, below the issue's path."""
    return str(found.params["field"]).removeprefix(f"{found.at.path}/")


def _stage_key(repair: Repair, found: Issue) -> str | None:
    """The key of the stage an issue is about, also of one that cannot be read."""
    return repair.keys.get(found.at.stage_id or "")


def _input_key(repair: Repair, path: str, nth: int = 1) -> str | None:
    """The key of the nth input that a path such as `inputs/photo` or `inputs/2` means."""
    parts = path.split("/")
    if len(parts) < 2 or parts[0] != "inputs":
        return None
    named = [
        key
        for key in repair.order("inputs")
        if isinstance(record := repair.row("inputs", key), dict) and record.get("name") == parts[1]
    ]
    if len(named) >= nth:
        return named[nth - 1]
    order = repair.order("inputs")
    at = int(parts[1]) if parts[1].isdecimal() and len(parts[1]) < 6 else len(order)
    return order[at] if at < len(order) and not named else None


# -- names ----------------------------------------------------------------------------------------


def _name(repair: Repair, found: Issue, nth: int) -> Fix | None:
    if found.at.path == "name":
        return _set(repair, ROOT, TEMPLATE, ["name"], "Untitled", "Name it “Untitled”")
    key = _input_key(repair, found.at.path)
    record = repair.row("inputs", key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    kind = record.get("type")
    wanted = kind if isinstance(kind, str) and kind in INPUT_TYPES else "input"
    name = repair.unused(wanted, repair.input_names(), "_")
    return _set(repair, "inputs", key, ["name"], name, f"Name it “{words_of(name)}”")


def _second_input(repair: Repair, found: Issue, nth: int) -> Fix | None:
    name = found.at.path.removeprefix("inputs/")
    key = _input_key(repair, found.at.path, nth + 1)
    if key is None:
        return None
    fresh = repair.unused(name[:60], repair.input_names(), "_")
    return _set(repair, "inputs", key, ["name"], fresh, f"Rename the second to “{words_of(fresh)}”")


def _second_stage(repair: Repair, found: Issue, nth: int) -> Fix | None:
    same = [
        key
        for key in repair.order("stages")
        if isinstance(record := repair.row("stages", key), dict)
        and record.get("id") == found.at.stage_id
    ]
    # One of a sub-stage has no record of its own.
    if found.at.path != f"stages/{found.at.stage_id}" or len(same) <= nth:
        return None
    key, old = same[nth], str(found.at.stage_id)
    fresh = repair.unused(old[:100], repair.stage_names())
    ops = [repair.assign("stages", key, ["id"], fresh)]
    produces = repair.row("stages", key).get("produces")
    if isinstance(produces, list) and old in produces:
        made = [fresh if name == old else name for name in produces]
        ops.append(repair.assign("stages", key, ["produces"], made))
    return Fix(f"Rename the second to “{fresh}”", tuple(ops))


def _input_name(repair: Repair, key: str, old: str) -> Fix:
    """A usable name, also in every binding that says the old one."""
    plain = _WRONG_NAME.sub("_", old).strip("_-")[:56]
    if not plain or plain[0].isdigit() or plain[0] == "-":
        plain = f"input_{plain}".rstrip("_")
    fresh = repair.unused(plain, repair.input_names() - {old}, "_")
    ops: list[Op] = [repair.assign("inputs", key, ["name"], fresh)]

    def change(read: Ref | Broken) -> Any:
        if isinstance(read, Ref) and read.root == "inputs" and read.name == old:
            return read.text.replace(f"$inputs.{old}", f"$inputs.{fresh}", 1)
        return read.text

    for stage in repair.spec.stages:
        call = repair.call_at(stage.id)
        if call is None:
            continue
        for argument in (*call.called.args, *(("overBinding",) if stage.over else ())):
            op = repair.rewrite(call, argument, change)
            if op is not None:
                ops.append(op)
    return Fix(f"Name it “{fresh}”", tuple(ops))


# -- choices and fields ---------------------------------------------------------------------------


def _choice(repair: Repair, found: Issue, nth: int) -> Fix | None:
    field = _field_of(found)
    root, _, _ = found.at.path.partition("/")
    if root == "inputs" and field == "type":
        key = _input_key(repair, found.at.path)
        record = repair.row("inputs", key) if key is not None else None
        if key is None or not isinstance(record, dict):
            return None
        given = record.get("type")
        near = "text"
        if isinstance(given, str):
            near = _TYPES.get(given.lower()) or repair.nearest(given, INPUT_TYPES) or "text"
        if near == "select" and not record.get("options"):
            near = "text"
        return _set(repair, "inputs", key, ["type"], near, f"Set to {near}")
    if field not in _CHOICES:
        return _spare(repair, found, nth) if field == "condition/type" else None
    table, key = ("stages", _stage_key(repair, found)) if found.at.stage_id else (ROOT, TEMPLATE)
    record = repair.row(table, key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    given = record.get(field)
    near_choice = repair.nearest(given, _CHOICES[field]) if isinstance(given, str) else None
    if near_choice is not None:
        return _set(repair, table, key, [field], near_choice, f"Use {near_choice}")
    return _set(repair, table, key, [field], GONE, "Use the default")


def _spare(repair: Repair, found: Issue, nth: int) -> Fix | None:
    """Take away a field that nothing needs."""
    words = _field_of(found)
    if found.at.stage_id:
        key = _stage_key(repair, found)
        field = words.split("/", 1)[0]
        if key is None or not isinstance(repair.row("stages", key), dict):
            return None
        if field == "produces" and repair.row("stages", key).get("type") == "batch":
            name = repair.unused(found.at.stage_id, repair.artifact_names)
            return _set(repair, "stages", key, ["produces"], [name], f"Name the result “{name}”")
        if field not in _SPARE_OF_STAGE or found.at.path != f"stages/{found.at.stage_id}":
            return None
        return _set(repair, "stages", key, [field], GONE, f"Remove {words_of(field).lower()}")
    if found.at.path.startswith("inputs/"):
        return _spare_of_input(repair, found, words, nth)
    if found.at.path == words and words in _SPARE:
        return _set(repair, ROOT, TEMPLATE, [words], GONE, f"Remove {words_of(words).lower()}")
    if found.at.path.startswith("previewArtifacts/"):
        return _without_preview(repair, found)
    return None


def _spare_of_input(repair: Repair, found: Issue, field: str, nth: int) -> Fix | None:
    key = _input_key(repair, found.at.path)
    record = repair.row("inputs", key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    if field == "name":
        name = record.get("name")
        return _input_name(repair, key, name) if isinstance(name, str) else None
    if field == "options" and record.get("type") == "select":
        return None
    if field not in _SPARE_OF_INPUT or field not in record:
        return None
    return _set(repair, "inputs", key, [field], GONE, f"Remove the {words_of(field).lower()}")


def _options(repair: Repair, found: Issue, nth: int) -> Fix | None:
    key = _input_key(repair, found.at.path)
    record = repair.row("inputs", key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    default = record.get("default")
    if default is None or isinstance(default, str):
        return _set(repair, "inputs", key, ["type"], "text", "Convert to text")
    options = [{"value": default, "label": str(default)}]
    return _set(repair, "inputs", key, ["options"], options, "Add its default as an option")


def _without_preview(repair: Repair, found: Issue) -> Fix | None:
    previews = repair.raw.get("previewArtifacts")
    at = found.at.path.split("/")[1]
    if not isinstance(previews, list) or not at.isdecimal() or int(at[:6]) >= len(previews):
        return None
    left = [entry for place, entry in enumerate(previews) if place != int(at)]
    return _set(repair, ROOT, TEMPLATE, ["previewArtifacts"], left, "Remove the preview")


def _unknown_stage(repair: Repair, found: Issue, nth: int) -> Fix | None:
    if found.at.stage_id:
        key = _stage_key(repair, found)
        if key is None:
            return None
        return _set(repair, "stages", key, ["condition"], GONE, "Always run it")
    previews = repair.raw.get("previewArtifacts")
    if not isinstance(previews, list):
        return None

    def is_meant(entry: Any) -> bool:
        return isinstance(entry, dict) and entry.get("stageId") == found.params["value"]

    left = [entry for entry in previews if not is_meant(entry)]
    if len(left) == len(previews):
        return None
    return _set(repair, ROOT, TEMPLATE, ["previewArtifacts"], left, "Remove the preview")


# -- stages ---------------------------------------------------------------------------------------


def _stage_type(repair: Repair, found: Issue, nth: int) -> Fix | None:
    key = _stage_key(repair, found)
    record = repair.row("stages", key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    if found.at.path.endswith("/itemStage"):
        return _set(repair, "stages", key, ["itemStage", "type"], "fixed", "Make it a tool stage")
    if found.at.path != f"stages/{found.at.stage_id}":
        return None
    kind = "fixed" if "tool" in record else "batch" if "itemStage" in record else "interactive"
    return _set(repair, "stages", key, ["type"], kind, _STAGE_TYPES[kind])


def _item_name(repair: Repair, found: Issue, nth: int) -> Fix | None:
    key = _stage_key(repair, found)
    if key is None:
        return None
    return _set(repair, "stages", key, ["itemName"], "item", "Call each one “item”")


def _concurrency(repair: Repair, found: Issue, nth: int) -> Fix | None:
    key = _stage_key(repair, found)
    record = repair.row("stages", key) if key is not None else None
    if key is None or not isinstance(record, dict):
        return None
    given = record.get("concurrency")
    if not isinstance(given, int) or isinstance(given, bool):
        return _set(repair, "stages", key, ["concurrency"], GONE, "Run one at a time")
    near = min(max(given, 1), MAX_CONCURRENCY)
    return _set(repair, "stages", key, ["concurrency"], near, f"Run {near} in parallel")


def _reserved_id(repair: Repair, found: Issue, nth: int) -> Fix | None:
    """Another id, also where it is said: in conditions and previews."""
    key, old = _stage_key(repair, found), found.at.stage_id
    if key is None or old is None:
        return None
    fresh = repair.unused(old[:100], repair.stage_names())
    ops = [repair.assign("stages", key, ["id"], fresh)]
    for stage in repair.spec.stages:
        if stage.condition is not None and stage.condition.stage_id == old:
            user = repair.keys[stage.id]
            ops.append(repair.assign("stages", user, ["condition", "stageId"], fresh))
    previews = repair.raw.get("previewArtifacts")
    if old in repair.spec.previews and isinstance(previews, list):
        made = [
            {**entry, "stageId": fresh}
            if isinstance(entry, dict) and entry.get("stageId") == old
            else entry
            for entry in previews
        ]
        ops.append(repair.assign(ROOT, TEMPLATE, ["previewArtifacts"], made))
    return Fix(f"Name it “{fresh}”", tuple(ops))


def _expression(repair: Repair, found: Issue, nth: int) -> Fix | None:
    """As it was probably meant, in our spelling; else without the condition."""
    key = _stage_key(repair, found)
    stage = next((s for s in repair.spec.stages if s.id == found.at.stage_id), None)
    if key is None or stage is None or stage.condition is None:
        return None
    text = stage.condition.expression
    for written, ours in _SPELLINGS:
        text = written.sub(ours, text)
    if isinstance(parse(text), Expression):
        path = ["condition", "expression"]
        return _set(repair, "stages", key, path, text, f"Use {text[:60]}")
    return _set(repair, "stages", key, ["condition"], GONE, "Always run it")


def _never_holds(repair: Repair, found: Issue, nth: int) -> Fix | None:
    stage = next((s for s in repair.spec.stages if s.id == found.at.stage_id), None)
    source = repair.keys.get(stage.condition.stage_id) if stage and stage.condition else None
    if stage is None or stage.condition is None or source is None:
        return None
    title = repair.title(stage.condition.stage_id)
    return _set(repair, "stages", source, ["onError"], "continue", f"Continue if {title} fails")


def _private(repair: Repair, found: Issue, nth: int) -> Fix | None:
    """Take the file that may not be shown out of what becomes public."""
    label = "Remove"
    root, _, rest = found.at.path.partition("/")
    if found.at.path == "thumbnailUrl":
        return _set(repair, ROOT, TEMPLATE, ["thumbnailUrl"], GONE, label)
    if root == "previewArtifacts" and rest:
        return _without_preview(repair, found)
    if root == "inputs":
        key = _input_key(repair, found.at.path)
        record = repair.row("inputs", key) if key is not None else None
        if key is None or not isinstance(record, dict) or "default" not in record:
            return None
        return _set(repair, "inputs", key, ["default"], GONE, "Remove the default")
    call = repair.call_at(rest) if root == "stages" else None
    if call is None:
        return None
    ops = []
    for argument, value in call.called.args.items():
        left = _without_ours(value)
        if left is not value:
            ops.append(repair.write(call, argument, left))
    return Fix(label, tuple(ops)) if ops else None


def _without_ours(value: Any) -> Any:
    if isinstance(value, str):
        return GONE if _OUR_MEDIA.search(value) else value
    if not isinstance(value, (list, dict)):
        return value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [(key, part, _without_ours(part)) for key, part in items]
    if all(part is left for _, part, left in parts):
        return value
    kept = [(key, left) for key, _, left in parts if left is not GONE]
    if not kept:
        return GONE
    return dict(kept) if isinstance(value, dict) else [left for _, left in kept]


_BY_CODE: Final[Mapping[str, Callable[[Repair, Issue, int], Fix | None]]] = {
    "batch_concurrency_invalid": _concurrency,
    "batch_item_name_required": _item_name,
    "duplicate_input_name": _second_input,
    "duplicate_stage_id": _second_stage,
    "condition_never_holds": _never_holds,
    "invalid_enum": _choice,
    "invalid_expression": _expression,
    "invalid_field": _spare,
    "invalid_stage_type": _stage_type,
    "missing_options": _options,
    "name_required": _name,
    "private_media_reference": _private,
    "reserved_stage_id": _reserved_id,
    "unknown_stage": _unknown_stage,
}
