"""Typed reading of a stored spec. Whatever is wrong becomes an issue; what can be read, is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias, TypeGuard, cast

import semver

from core.phrases import Phrase, phrase
from templates_app.graph.bindings import is_too_deep
from templates_app.graph.issues import Issue, issue
from templates_app.graph.types import OnError

InputType: TypeAlias = Literal["image", "audio", "video", "text", "number", "select", "boolean"]
StageType: TypeAlias = Literal["fixed", "interactive", "batch"]

CATEGORIES: Final = (
    "portrait",
    "video-social",
    "makeover",
    "cinematic",
    "music",
    "analysis",
    "custom",
    "other",
)
STABILITIES: Final = ("production", "beta", "experimental")
VISIBILITIES: Final = ("private", "public")
INPUT_TYPES: Final = ("image", "audio", "video", "text", "number", "select", "boolean")
MEDIA_INPUTS: Final = frozenset({"image", "audio", "video"})
STAGE_TYPES: Final = ("fixed", "interactive", "batch")
ON_ERROR: Final = ("stop", "continue", "skip", "retry_once")
CONDITIONS: Final = ("always", "if_success_of", "if_error_in", "if_artifact_exists", "expr")

MAX_STAGES: Final = 2_000
MAX_INPUTS: Final = 64
MAX_LIST: Final = 1_000
MAX_ID: Final = 128
MAX_NAME: Final = 200
MAX_TEXT: Final = 100_000
MAX_CONCURRENCY: Final = 16

_TEMPLATE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)
_INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many values a `multiple` input takes. high None: any number."""

    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A declared input. default None: there is none, as a null counts as absent."""

    name: str
    type: InputType
    path: str
    required: bool = False
    default: Any = None
    options: tuple[Any, ...] = ()
    multiple: Bounds | None = None
    internal: bool = False
    json_schema: Mapping[str, Any] | None = None

    @property
    def is_media(self) -> bool:
        return self.type in MEDIA_INPUTS


@dataclass(frozen=True, slots=True)
class Condition:
    type: str
    stage_id: str = ""
    artifact_name: str = ""
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """What an interactive stage lets people choose from. high None: any number."""

    source: str
    low: int = 1
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of any type; what belongs to another type is empty.

    item: a batch stage's `itemStage`. tries: its `maxAttemptsPerItem`, 0 when no one says. prompt:
    an interactive stage's own fields as they are written. path: as issues name it.
    """

    id: str
    type: StageType
    path: str
    label: str = ""
    tool: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    produces: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    condition: Condition | None = None
    on_error: OnError = "stop"
    has_checkpoint: bool = False
    over: str = ""
    item_name: str = ""
    item: Stage | None = None
    concurrency: int = 1
    allow_partial: bool = False
    item_label: str = ""
    tries: int = 0
    prompt: Mapping[str, Any] = field(default_factory=dict)
    select: Select | None = None
    sub_stages: tuple[Stage, ...] = ()

    @property
    def is_conditional(self) -> bool:
        return self.condition is not None and self.condition.type != "always"


@dataclass(frozen=True, slots=True)
class Spec:
    """unreadable: names of inputs that are declared, but so badly that nothing else is known."""

    name: str = ""
    inputs: tuple[Input, ...] = ()
    stages: tuple[Stage, ...] = ()
    previews: tuple[str, ...] = ()  # stage ids that previewArtifacts name
    unreadable: frozenset[str] = frozenset()


def read_spec(raw: Any) -> tuple[Spec, tuple[Issue, ...]]:
    """Read a spec (contract §6.2 to §6.5, without what needs the whole graph). Never raises."""
    reader = _Reader()
    if not isinstance(raw, Mapping):
        reader.wrong("", "template", phrase("must_be_object"))
        return Spec(), tuple(reader.issues)
    return reader.spec(raw), tuple(reader.issues)


def is_number(value: Any) -> TypeGuard[int | float]:
    """A finite JSON number; Python counts booleans as numbers, JSON does not."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


class _Reader:
    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.stage_ids: set[str] = set()
        self.unreadable: set[str] = set()
        self.stage_count = 0

    # -- the whole -------------------------------------------------------------------------------

    def spec(self, raw: Mapping[str, Any]) -> Spec:
        name = raw.get("name")
        if not isinstance(name, str) or not name.strip():
            self.issues.append(issue("name_required", path="name", what=phrase("the_template")))
            name = ""
        elif len(name) > MAX_NAME:
            self.wrong("name", "name", phrase("must_have_at_most", limit=MAX_NAME))
        self.identity(raw)
        for key in ("description", "brief", "thumbnailUrl"):
            self.text(raw, key, key)
        for key, allowed in (
            ("category", CATEGORIES),
            ("stability", STABILITIES),
            ("visibility", VISIBILITIES),
        ):
            self.choice(raw, key, allowed, key)
        self.flag(raw, "exposeToLLM", "exposeToLLM")
        priority = raw.get("llmPriority")
        if priority is not None and not is_number(priority):
            self.wrong("llmPriority", "llmPriority", phrase("must_be_priority"))
        for key in ("tags", "reviewFocus"):
            self.texts(raw, key, key)
        for key in ("metadata", "graph", "extra", "openMontageImport"):
            self.mapping(raw, key, key)
        for key in ("estimatedCapacityUnits", "estimatedCredits"):
            self.span(raw, key)
        inputs = self.inputs(raw.get("inputs"))
        stages = self.stages(raw.get("stages"), "stages", "stages")
        previews = self.previews(raw.get("previewArtifacts"))
        return Spec(name, inputs, stages, previews, frozenset(self.unreadable))

    def identity(self, raw: Mapping[str, Any]) -> None:
        given = raw.get("id")
        if given is not None and (
            not isinstance(given, str) or not _TEMPLATE_ID.fullmatch(given) or given == "templates"
        ):
            self.wrong("id", "id", phrase("must_be_template_id"))
        version = raw.get("version")
        if version is not None and not (
            isinstance(version, str) and len(version) <= 64 and semver.Version.is_valid(version)
        ):
            self.wrong("version", "version", phrase("must_be_semver"))
        author = raw.get("author")
        if author is None or author == "system":
            return
        if not isinstance(author, Mapping) or not all(
            isinstance(author.get(key, ""), str) for key in ("userId", "displayName")
        ):
            self.wrong("author", "author", phrase("must_be_author"))

    def span(self, raw: Mapping[str, Any], key: str) -> None:
        value = raw.get(key)
        if value is None:
            return
        low, high = (
            (value.get("min"), value.get("max")) if isinstance(value, Mapping) else (None, None)
        )
        if not is_number(low) or not is_number(high) or not 0 <= low <= high:
            self.wrong(key, key, phrase("must_be_span"))

    def previews(self, raw: Any) -> tuple[str, ...]:
        found = []
        for position, item in enumerate(self.sequence(raw, "previewArtifacts", "previewArtifacts")):
            path = f"previewArtifacts/{position}"
            if not isinstance(item, Mapping):
                self.wrong(path, path, phrase("must_be_object"))
                continue
            stage_id, url = item.get("stageId"), item.get("url")
            if isinstance(stage_id, str) and stage_id:
                found.append(stage_id)
            else:
                self.wrong(path, f"{path}/stageId", phrase("must_be_stage_id"))
            if not isinstance(url, str) or not url:
                self.wrong(path, f"{path}/url", phrase("must_be_url"))
            for key in ("label", "posterUrl"):
                self.text(item, key, path)
            if item.get("mediaType") not in ("image", "video"):
                self.enum(f"{path}/mediaType", item.get("mediaType"), ("image", "video"), path)
        return tuple(found)

    # -- inputs ----------------------------------------------------------------------------------

    def inputs(self, raw: Any) -> tuple[Input, ...]:
        items = self.sequence(raw, "inputs", "inputs", most=MAX_INPUTS)
        found: dict[str, Input] = {}
        for position, item in enumerate(items):
            declared = self.input(item, position)
            if declared is None:
                continue
            if declared.name in found:
                self.issues.append(
                    issue("duplicate_input_name", path=declared.path, name=declared.name)
                )
            else:
                found[declared.name] = declared
        return tuple(found.values())

    def input(self, raw: Any, position: int) -> Input | None:
        path = f"inputs/{position}"
        if not isinstance(raw, Mapping):
            self.wrong(path, path, phrase("must_be_object"))
            return None
        name = raw.get("name")
        if not isinstance(name, str) or not name.strip():
            self.issues.append(
                issue("name_required", path=path, what=phrase("input_number", number=position + 1))
            )
            return None
        path = f"inputs/{name}" if len(name) <= 64 else path
        if not _INPUT_NAME.fullmatch(name):
            self.wrong(path, f"{path}/name", phrase("must_be_input_name"))
        kind = raw.get("type")
        if kind not in INPUT_TYPES:
            self.enum(f"{path}/type", kind, INPUT_TYPES, path)
            self.unreadable.add(name)
            return None
        self.text(raw, "description", path)
        options = self.options(raw.get("options"), path)
        if kind == "select" and not options:
            self.issues.append(issue("missing_options", path=path, name=name))
        schema = raw.get("jsonSchema")
        if schema is not None and not isinstance(schema, Mapping):
            self.wrong(path, f"{path}/jsonSchema", phrase("must_be_object"))
            schema = None
        return Input(
            name=name,
            type=cast(InputType, kind),
            path=path,
            required=self.flag(raw, "required", path),
            default=raw.get("default"),
            options=options,
            multiple=self.multiple(raw.get("multiple"), path),
            internal=self.flag(raw, "internal", path),
            json_schema=schema,
        )

    def options(self, raw: Any, path: str) -> tuple[Any, ...]:
        values = []
        for option in self.sequence(raw, f"{path}/options", path):
            value = option.get("value") if isinstance(option, Mapping) else option
            if isinstance(value, (str, bool)) or is_number(value):
                values.append(value)
            else:
                self.wrong(path, f"{path}/options", phrase("must_be_options"))
                break
        return tuple(values)

    def multiple(self, raw: Any, path: str) -> Bounds | None:
        """`{min, max}`; the plain flags true and false are understood as well."""
        if raw is None or raw is False:
            return None
        if raw is True:
            return Bounds()
        if isinstance(raw, Mapping):
            low, high = raw.get("min"), raw.get("max")
            low = 0 if low is None else low
            if _is_count(low) and (high is None or (_is_count(high) and high >= max(low, 1))):
                return Bounds(int(low), None if high is None else int(high))
        self.wrong(path, f"{path}/multiple", phrase("must_be_bounds"))
        return None

    # -- stages ----------------------------------------------------------------------------------

    def stages(self, raw: Any, path: str, label: str) -> tuple[Stage, ...]:
        items = self.sequence(raw, label, path, most=MAX_STAGES)
        self.stage_count += len(items)
        if path != "stages" and self.stage_count > MAX_STAGES:
            self.many(path, "stages", self.stage_count, MAX_STAGES)
            return ()
        found = []
        for position, item in enumerate(items):
            stage = self.stage(item, f"{path}/{position}", path)
            if stage is not None:
                found.append(stage)
        return tuple(found)

    def stage(self, raw: Any, path: str, parent: str) -> Stage | None:
        if not isinstance(raw, Mapping):
            self.wrong(path, path, phrase("must_be_object"))
            return None
        stage_id = raw.get("id")
        if not _is_id(stage_id):
            self.wrong(path, f"{path}/id", phrase("must_be_id", limit=MAX_ID))
            return None
        path = f"{parent}/{stage_id}"
        if stage_id in self.stage_ids:
            self.issues.append(
                issue("duplicate_stage_id", path=path, stage_id=stage_id, stage=stage_id)
            )
            return None
        self.stage_ids.add(stage_id)
        return self.stage_body(raw, stage_id, path)

    def stage_body(self, raw: Mapping[str, Any], stage_id: str, path: str) -> Stage | None:
        kind = raw.get("type")
        if kind not in STAGE_TYPES:
            self.issues.append(
                issue(
                    "invalid_stage_type",
                    path=path,
                    stage_id=stage_id,
                    stage=stage_id,
                    value=kind,
                    allowed=STAGE_TYPES,
                )
            )
            return None
        for key in ("reviewFocus", "successCriteria"):
            if key in raw:
                self.texts(raw, key, path, stage_id)
        if "humanApprovalDefault" in raw:
            self.flag(raw, "humanApprovalDefault", path, stage_id)
        tool, args = "", dict[str, Any]()
        prompt, select = dict[str, Any](), None
        if kind == "fixed":
            tool, args = self.call(raw, stage_id, path)
        elif kind == "interactive":
            prompt = self.prompt(raw, stage_id, path)
            select = self.select(raw.get("select"), stage_id, path)
        common = Stage(
            id=stage_id,
            type=cast(StageType, kind),
            path=path,
            label=self.text(raw, "label", path, stage_id),
            tool=tool,
            args=args,
            produces=self.texts(raw, "produces", path, stage_id),
            requires=self.texts(raw, "requiredArtifactsIn", path, stage_id),
            optional=self.texts(raw, "optionalArtifactsIn", path, stage_id),
            condition=self.condition(raw.get("condition"), stage_id, path),
            on_error=cast(OnError, self.choice(raw, "onError", ON_ERROR, path, stage_id) or "stop"),
            has_checkpoint=self.flag(raw, "checkpointRequired", path, stage_id),
            prompt=prompt,
            select=select,
            sub_stages=self.sub_stages(raw, path),
        )
        return self.batch(raw, common) if kind == "batch" else common

    def sub_stages(self, raw: Mapping[str, Any], path: str) -> tuple[Stage, ...]:
        if raw.get("subStages") is None:
            return ()
        if path.count("/subStages") >= 8:
            self.wrong(path, f"{path}/subStages", phrase("sub_stages_too_deep"))
            return ()
        return self.stages(raw["subStages"], f"{path}/subStages", "subStages")

    def call(self, raw: Mapping[str, Any], stage_id: str, path: str) -> tuple[str, dict[str, Any]]:
        """The tool and its arguments; no tool when the arguments cannot be read at all."""
        tool, args = raw.get("tool"), raw.get("args")
        if not isinstance(tool, str) or not tool.strip():
            self.issues.append(issue("tool_required", path=path, stage_id=stage_id, stage=stage_id))
            tool = ""
        if args is None:
            return tool, {}
        if not isinstance(args, dict):
            self.wrong(f"{path}/args", "args", phrase("must_be_object"), stage_id)
            return "", {}
        if is_too_deep(args):
            self.wrong(f"{path}/args", "args", phrase("too_deep"), stage_id)
            return "", {}
        return tool, args

    def prompt(self, raw: Mapping[str, Any], stage_id: str, path: str) -> dict[str, Any]:
        """What an interactive stage says to the one who answers it; what is empty is left out."""
        said: dict[str, Any] = {
            key: self.text(raw, key, path, stage_id)
            for key in ("systemPrompt", "userMessage", "skillRef")
        }
        said["allowedTools"] = list(self.texts(raw, "allowedTools", path, stage_id))
        return {key: value for key, value in said.items() if value}

    def select(self, raw: Any, stage_id: str, path: str) -> Select | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            self.wrong(path, "select", phrase("must_be_select"), stage_id)
            return None
        source, low, high = raw.get("from"), raw.get("min"), raw.get("max")
        if not isinstance(source, str) or not source.strip():
            self.wrong(path, "select/from", phrase("must_be_select_source"), stage_id)
            return None
        low = 1 if low is None else low
        if not _is_count(low) or not (high is None or (_is_count(high) and high >= max(low, 1))):
            self.wrong(path, "select", phrase("must_be_select_bounds"), stage_id)
            low, high = 1, None
        return Select(source, int(low), None if high is None else int(high))

    def batch(self, raw: Mapping[str, Any], stage: Stage) -> Stage:
        path, stage_id = stage.path, stage.id
        item_name, over = raw.get("itemName"), raw.get("overBinding")
        if not isinstance(item_name, str) or not item_name.strip():
            self.issues.append(
                issue("batch_item_name_required", path=path, stage_id=stage_id, stage=stage_id)
            )
            item_name = ""
        concurrency = raw.get("concurrency")
        concurrency = 1 if concurrency is None else concurrency
        if not _is_count(concurrency) or not 1 <= concurrency <= MAX_CONCURRENCY:
            self.issues.append(
                issue("batch_concurrency_invalid", path=path, stage_id=stage_id, stage=stage_id)
            )
            concurrency = 1
        attempts = raw.get("maxAttemptsPerItem")
        if attempts is not None and not (_is_count(attempts) and 1 <= attempts <= 10):
            self.wrong(path, "maxAttemptsPerItem", phrase("must_be_attempts"), stage_id)
            attempts = None
        if not stage.produces:
            self.wrong(path, "produces", phrase("batch_must_produce"), stage_id)
        return replace(
            stage,
            over=over if isinstance(over, str) else "",
            item_name=item_name,
            item=self.item(raw.get("itemStage"), stage),
            concurrency=int(concurrency),
            allow_partial=self.flag(raw, "partialExecutionEnabled", path, stage_id),
            item_label=self.text(raw, "itemLabelTemplate", path, stage_id)[:MAX_NAME],
            tries=0 if attempts is None else int(attempts),
        )

    def item(self, raw: Any, batch: Stage) -> Stage | None:
        path = f"{batch.path}/itemStage"
        if not isinstance(raw, Mapping):
            self.wrong(path, "itemStage", phrase("must_be_fixed_stage"), batch.id)
            return None
        if raw.get("type") not in (None, "fixed"):
            self.issues.append(
                issue(
                    "invalid_stage_type",
                    path=path,
                    stage_id=batch.id,
                    stage=batch.id,
                    value=raw.get("type"),
                    allowed=("fixed",),
                )
            )
            return None
        tool, args = self.call(raw, batch.id, path)
        return Stage(id=batch.id, type="fixed", path=path, tool=tool, args=args)

    def condition(self, raw: Any, stage_id: str, path: str) -> Condition | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            self.wrong(path, "condition", phrase("must_be_condition"), stage_id)
            return None
        kind = raw.get("type")
        if kind not in CONDITIONS:
            self.enum("condition/type", kind, CONDITIONS, path, stage_id)
            return None
        needed = {
            "if_success_of": "stageId",
            "if_error_in": "stageId",
            "if_artifact_exists": "artifactName",
            "expr": "expression",
        }.get(kind)
        if needed and not (isinstance(raw.get(needed), str) and raw[needed].strip()):
            self.wrong(path, f"condition/{needed}", phrase("needed_by_type", type=kind), stage_id)
        return Condition(
            kind,
            self.text(raw, "stageId", path, stage_id),
            self.text(raw, "artifactName", path, stage_id),
            self.text(raw, "expression", path, stage_id),
        )

    # -- single fields ---------------------------------------------------------------------------

    def wrong(self, path: str, name: str, problem: Phrase, stage_id: str | None = None) -> None:
        self.issues.append(
            issue("invalid_field", path=path, stage_id=stage_id, field=name, problem=problem)
        )

    def many(self, path: str, what: str, count: int, limit: int) -> None:
        self.issues.append(issue("too_many", path=path, what=what, count=count, limit=limit))

    def enum(
        self, name: str, value: Any, allowed: Sequence[str], path: str, stage_id: str | None = None
    ) -> None:
        self.issues.append(
            issue(
                "invalid_enum",
                path=path,
                stage_id=stage_id,
                field=name,
                value=value,
                allowed=tuple(allowed),
            )
        )

    def choice(
        self,
        raw: Mapping[str, Any],
        key: str,
        allowed: Sequence[str],
        path: str,
        stage_id: str | None = None,
    ) -> str:
        value = raw.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or value not in allowed:
            self.enum(key, value, allowed, path, stage_id)
            return ""
        return value

    def text(self, raw: Mapping[str, Any], key: str, path: str, stage_id: str | None = None) -> str:
        value = raw.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(path, key, phrase("must_be_text"), stage_id)
            return ""
        if len(value) > MAX_TEXT:
            self.wrong(path, key, phrase("must_have_at_most", limit=MAX_TEXT), stage_id)
        return value

    def flag(
        self, raw: Mapping[str, Any], key: str, path: str, stage_id: str | None = None
    ) -> bool:
        value = raw.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.wrong(path, key, phrase("must_be_flag"), stage_id)
            return False
        return value

    def mapping(self, raw: Mapping[str, Any], key: str, path: str) -> None:
        if raw.get(key) is not None and not isinstance(raw[key], Mapping):
            self.wrong(path, key, phrase("must_be_object"))

    def sequence(
        self, raw: Any, name: str, path: str, *, most: int = MAX_LIST, stage_id: str | None = None
    ) -> list[Any]:
        """A list, or [] and an issue. A list that is too long is not read any further."""
        if raw is None:
            return []
        if not isinstance(raw, list):
            self.wrong(path, name, phrase("must_be_list"), stage_id)
            return []
        if len(raw) > most:
            self.many(path, name, len(raw), most)
            return []
        return raw

    def texts(
        self, raw: Mapping[str, Any], key: str, path: str, stage_id: str | None = None
    ) -> tuple[str, ...]:
        if key not in raw:
            return ()
        items = self.sequence(raw[key], key, path, stage_id=stage_id)
        if not all(isinstance(item, str) and item.strip() for item in items):
            self.wrong(path, key, phrase("must_be_texts"), stage_id)
            return ()
        return tuple(dict.fromkeys(items))


def _is_count(value: Any) -> bool:
    """A whole number from 0 on; 3.0 is one. Beyond 1e15 it is a mistake, float() might raise."""
    return is_number(value) and 0 <= value < 10**15 and float(value).is_integer()


def _is_id(value: Any) -> TypeGuard[str]:
    return (
        isinstance(value, str)
        and value.strip() != ""
        and len(value) <= MAX_ID
        and not value.startswith("$")
    )
