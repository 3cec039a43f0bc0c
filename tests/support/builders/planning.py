"""Templates, steps and tables for tests of planning: small builders, and arbitrary JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from runs.planning.media_references import lists_in, media_references
from runs.planning.steps import plan_image_to_video, plan_steps
from templates_app.graph.issues import Issue
from templates_app.graph.types import Compiled, Limits, MediaRef
from tools.catalog import catalogue
from tools.declaration.ports import ToolTable

_ALL = {declared.name: declared for declared in catalogue()}
# Every tool of the catalog, as if a provider offered each of them.
TOOLS = ToolTable(_ALL, frozenset(_ALL))
NO_ONE_PROVIDES = ToolTable(_ALL, frozenset())

IMAGE = "https://pictures.example/cat.png"
VIDEO = "https://pictures.example/cat.mp4"
AUDIO = "https://pictures.example/cat.mp3"


def fixed(stage_id: str, tool: str = "generate_image", /, **fields: Any) -> dict[str, Any]:
    """A fixed stage. `args` gets a prompt unless it brings one."""
    args = {"prompt": "a cat", **fields.pop("args", {})}
    return {"id": stage_id, "type": "fixed", "tool": tool, "args": args, **fields}


def batch(
    stage_id: str, tool: str = "generate_image", /, *, over: str, **fields: Any
) -> dict[str, Any]:
    """A batch stage. The item's `args` get the prompt `$item` unless they bring one."""
    args = {"prompt": "$item", **fields.pop("args", {})}
    item = {"type": "fixed", "tool": tool, "args": args}
    known = {"itemName": "shot", "produces": [stage_id], **fields}
    return {"id": stage_id, "type": "batch", "overBinding": over, "itemStage": item, **known}


def interactive(stage_id: str, /, **fields: Any) -> dict[str, Any]:
    return {"id": stage_id, "type": "interactive", "userMessage": "Which?", **fields}


def text_input(name: str = "brief", /, **fields: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", **fields}


def template(*stages: Any, inputs: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": "Cats", "inputs": inputs or [], "stages": list(stages), **fields}


def step(step_id: str, tool: str = "generate_image", /, **fields: Any) -> dict[str, Any]:
    """An explicit step. `arguments` gets a prompt unless it brings one."""
    arguments = {"prompt": "a cat", **fields.pop("arguments", {})}
    return {"id": step_id, "toolName": tool, "arguments": arguments, **fields}


def bind(source: str, target: str, **fields: Any) -> dict[str, Any]:
    return {"sourceStepId": source, "targetArgument": target, **fields}


def body(*steps: Any, **fields: Any) -> dict[str, Any]:
    return {"input": {"steps": list(steps), **fields}}


def medium(kind: Any = "image", url: str = IMAGE, **fields: Any) -> MediaRef:
    return MediaRef(kind=kind, url=url, asset=None, **fields)


def codes(issues: tuple[Issue, ...] | list[Issue]) -> list[str]:
    return [found.code for found in issues]


def only(issues: tuple[Issue, ...], code: str) -> Issue:
    """The one issue with this code."""
    (found,) = (one for one in issues if one.code == code)
    return found


def steps_of(compiled: Compiled) -> dict[str, Any]:
    assert compiled.plan is not None, compiled.errors
    return {planned.key: planned for planned in compiled.plan.steps}


LIMITS = Limits()

# Texts that mean something to the reader, next to arbitrary ones.
_WORDS = """
    $inputs.brief $inputs.photo $artifacts.a.items[0].selectedVersion.url $artifacts.a[*] $item.name
    $run.id $runtime $5 $$x $ generate_image generate_video stitch_video fixed batch interactive a b
    text image number select data:image/png;base64,AAAA http://[ -1 templates
"""
_words = st.sampled_from([*_WORDS.split(), IMAGE])
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | _words
_KEYS = """
    id name type tool toolName args arguments inputs input stages steps produces requiredArtifactsIn
    optionalArtifactsIn condition onError subStages overBinding itemName itemStage concurrency
    default options multiple min max jsonSchema pattern $ref prompt seed duration sourceImageIndex
    referenceImageIndices videoIndices reference_video_url media_references url kind dependsOn
    sourceStepId targetArgument transform mediaType sourceArtifactIndex mediaReference brief photo
    previewArtifacts estimatedCapacityUnits tags author version
"""
_keys = st.sampled_from(_KEYS.split()) | st.text(max_size=6)


def any_json(leaves: int = 40) -> st.SearchStrategy[Any]:
    """Arbitrary JSON values, leaning towards the words of templates and steps."""
    return st.recursive(
        _scalars,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_keys, inner, max_size=8),
        max_leaves=leaves,
    )


_inputs = st.fixed_dictionaries(
    {"name": st.sampled_from(["brief", "photo", "x"]) | any_json(3)},
    optional={
        "type": st.sampled_from(["text", "image", "number", "select", "boolean", "audio", "?"]),
        "required": _scalars,
        "default": any_json(5),
        "options": any_json(5),
        "multiple": st.fixed_dictionaries({}, optional={"min": _scalars, "max": _scalars})
        | _scalars,
        "jsonSchema": any_json(8),
        "internal": _scalars,
    },
)
_calls = st.fixed_dictionaries(
    {
        "tool": st.sampled_from(["generate_image", "animate_photo", "stitch_video"]),
        "args": st.dictionaries(
            st.sampled_from(["prompt", "sourceImageIndex", "videoIndices", "overlays"]),
            st.sampled_from(["$item", "$item.x", "$artifacts.a", "$inputs.photo"]) | any_json(4),
            max_size=3,
        ),
    }
)
_stages = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c", "d"]) | any_json(2)},
    optional={
        "type": st.sampled_from(["fixed", "fixed", "batch", "batch", "interactive", "?"]),
        "tool": st.sampled_from(sorted(_ALL)) | _scalars,
        "args": st.dictionaries(_keys, any_json(6), max_size=6) | _scalars,
        "produces": st.lists(st.sampled_from(["a", "b", "c"]), max_size=3) | _scalars,
        "requiredArtifactsIn": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
        "optionalArtifactsIn": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
        "condition": st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["expr", "if_success_of", "if_error_in", "if_artifact_exists", "always"]
                )
            },
            optional={
                "stageId": st.sampled_from(["a", "b"]) | _scalars,
                "artifactName": st.sampled_from(["a", "b"]) | _scalars,
                "expression": st.sampled_from(
                    ["$artifacts.a && !$inputs.x", "$inputs.brief == 'x'", "$run.id ||"]
                )
                | _scalars,
            },
        )
        | any_json(5),
        "onError": _scalars,
        "overBinding": st.sampled_from(["$inputs.photo", "$inputs.x", "$artifacts.a"]) | _scalars,
        "itemName": st.just("shot") | _scalars,
        "itemStage": _calls | any_json(8),
        "itemLabelTemplate": _scalars,
        "maxAttemptsPerItem": _scalars,
        "partialExecutionEnabled": _scalars,
        "userMessage": _scalars,
        "select": st.fixed_dictionaries(
            {"from": st.sampled_from(["$artifacts.a", "$artifacts.b.items"]) | _scalars},
            optional={"min": _scalars, "max": _scalars},
        )
        | any_json(4),
        "concurrency": _scalars,
        "subStages": any_json(8),
        "checkpointRequired": _scalars,
        "bypass": st.booleans() | _scalars,
    },
)


def template_like() -> st.SearchStrategy[Any]:
    """JSON that is nearly a template, so that the deeper rules are reached."""
    return any_json() | st.fixed_dictionaries(
        {
            "name": st.just("Cats") | _scalars,
            "inputs": st.lists(_inputs, max_size=4) | _scalars,
            "stages": st.lists(_stages, max_size=6) | _scalars,
        },
        optional={key: any_json(6) for key in ("previewArtifacts", "tags", "author", "graph")},
    )


def media_of_body(body: dict[str, Any], limits: Limits) -> tuple[MediaRef, ...]:
    """The media of a whole body, as a start reads them."""
    return media_references(lists_in(body), limits)


def plan_from_steps(
    body: dict[str, Any], media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Plan the `input` of a whole body."""
    return plan_steps(body.get("input"), media, tools, limits)


def plan_from_image_to_video(
    body: dict[str, Any], media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    return plan_image_to_video(body.get("input"), media, tools, limits)
