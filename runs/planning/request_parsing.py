"""Bodies that bring their own steps → plans: lists of steps, and `image_to_video`.

Pure: nothing is looked up or stored. What is wrong with the shape of a body is InvalidBody (400)
with one entry per problem in `details.issues`; tools that no provider offers come back as errors of
`Compiled`, as the public contract answers those with 422.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import urlsplit

from core.errors import InvalidBody
from core.phrases import Phrase, phrase, show
from templates_app.graph.assemble import (
    TEXT_TRANSFORMS,
    TRANSFORM_KINDS,
    VALUE_TRANSFORMS,
    assemble,
    find_port,
)
from templates_app.graph.issues import Issue, issue, limited
from templates_app.graph.media_urls import MediaShelf, UnusableAddress, is_inline, read_url
from templates_app.graph.rules.messages import for_api, issue_to_json
from templates_app.graph.types import (
    FIRST,
    INPUT_MEDIA,
    Binding,
    Compiled,
    Limits,
    MediaKind,
    MediaRef,
    Pick,
    StepKey,
    Transform,
)
from templates_app.graph.unresolved_step import UnresolvedStep
from tools.declaration.ports import MEDIA_KINDS, Tool, ToolTable

MAX_STEPS: Final = 12
MAX_BINDINGS: Final = 200
MAX_KEY: Final = 120
DEFAULT_TITLE: Final = "Durable creative workflow"
STEP_KINDS: Final = ("hosted_tool_sequence", "creative_plan")
IMAGE_TO_VIDEO: Final = "image_to_video"

TRANSFORMS: Final = ("artifact_url", *TRANSFORM_KINDS, *VALUE_TRANSFORMS)

# Every spelling of a field, the canonical one first.
_REFERENCES: Final = (
    "media_references",
    "mediaReferences",
    "api_media_references",
    "apiMediaReferences",
)
_ID: Final = ("id", "stepId", "step_id")
_TOOL: Final = ("toolName", "tool_name", "tool", "name")
_ARGUMENTS: Final = ("arguments", "args")
_DEPENDS: Final = ("dependsOn", "depends_on")
_SOURCE: Final = ("sourceStepId", "source_step_id", "stepId", "step_id")
_TARGET: Final = ("targetArgument", "target_argument")
_INDEX: Final = ("sourceArtifactIndex", "source_artifact_index")
_ARTIFACT: Final = ("sourceArtifactId", "source_artifact_id")
_MEDIA_TYPE: Final = ("mediaType", "media_type")
_URL: Final = ("url", "value", "uri", "downloadUrl", "download_url")
_KIND: Final = ("kind", "type", "mediaType", "media_type")
_MIME: Final = ("mime_type", "mimeType", "contentType", "content_type")
_BYTES: Final = ("dataUri", "data_uri", "data")

_EXTENSIONS: Final[Mapping[str, MediaKind]] = {
    **dict.fromkeys(
        ("png", "jpg", "jpeg", "webp", "gif", "avif", "bmp", "heic", "heif", "tif", "tiff"), "image"
    ),
    **dict.fromkeys(("mp4", "mov", "webm", "mkv", "m4v", "avi"), "video"),
    **dict.fromkeys(("mp3", "wav", "flac", "m4a", "ogg", "aac", "opus"), "audio"),
    **dict.fromkeys(("glb", "gltf"), "model"),
}
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
# Inline bytes wherever they are; a prompt may begin with the word “data:”.
_DATA_URL = re.compile(r"\s*data:([\w.+-]+/[\w.+-]+)?([;,]|$)", re.IGNORECASE)


# -- media ----------------------------------------------------------------------------------------


def media_of_body(body: Mapping[str, Any], limits: Limits) -> tuple[MediaRef, ...]:
    """The media references of a start, in whichever places and spellings. Raises InvalidBody.

    body: the whole request. Lists in several places are joined in order, equal entries only once.
    """
    given = body.get("input")
    found: list[MediaRef] = []
    for holder, path in ((body, ""), (given, "input.")):
        if not isinstance(holder, Mapping):
            continue
        for name in _REFERENCES:
            if holder.get(name) is not None:
                read = read_media_references(holder[name], limits, path=f"{path}{name}")
                # A list repeated in another spelling; within a list, positions must stay.
                known = frozenset(found)
                found.extend(ref for ref in read if ref not in known)
    if len(found) > limits.max_media:
        raise _too_many_references(len(found), limits, _REFERENCES[0])
    return tuple(found)


def read_media_references(
    items: Any, limits: Limits, *, path: str = "media_references"
) -> tuple[MediaRef, ...]:
    """Read one list of references (contract §3.4). Raises InvalidBody naming every bad entry."""
    if items is None:
        return ()
    if not isinstance(items, list):
        raise _refusal([_shape(path, path, phrase("must_be_list"))])
    if len(items) > limits.max_media:
        raise _too_many_references(len(items), limits, path)
    found: list[MediaRef] = []
    inline: list[str] = []
    issues: list[Issue] = []
    for position, item in enumerate(items):
        where = f"{path}[{position}]"
        if isinstance(item, str):
            item = {"url": item}
        if not isinstance(item, Mapping):
            issues.append(_shape(where, where, phrase("must_have_url")))
            continue
        bytes_in = [
            f"{where}.{name}"
            for name in (*_URL, *_BYTES)
            if isinstance(item.get(name), str)
            and (is_inline(item[name]) or (name in _BYTES and item[name]))
        ]
        bytes_in += [
            f"{where}.{name}" for name in _BYTES if isinstance(item.get(name), (dict, list))
        ]
        if bytes_in:
            inline.extend(bytes_in)
            continue
        url = _first(item, _URL)
        if not isinstance(url, str) or not url.strip():
            issues.append(_shape(where, where, phrase("needs_url")))
            continue
        try:
            ref = read_url(_kind_of(item, url), url, limits)
        except UnusableAddress as bad:
            issues.append(_shape(where, f"{where}.url", phrase("value_unusable", why=bad.why)))
            continue
        label = _first(item, ("prompt_label", "promptLabel", "label", "filename"))
        identity = item.get("id")
        found.append(
            MediaRef(
                kind=ref.kind,
                url=ref.url,
                asset=ref.asset,
                label=label[:200] if isinstance(label, str) else "",
                id=identity[:200] if isinstance(identity, str) else "",
            )
        )
    if inline:
        raise _inline_refusal(inline)
    if issues:
        raise _refusal(issues)
    return tuple(found)


def _kind_of(item: Mapping[str, Any], url: str) -> MediaKind:
    """What a reference shows: as it says, by its MIME type, by extension, else a picture."""
    for name in (*_KIND, *_MIME):
        said = item.get(name)
        if isinstance(said, str):
            word = said.strip().lower().partition("/")[0]
            if word in MEDIA_KINDS:
                return word
    names = [name for name in (item.get("filename"),) if isinstance(name, str)]
    try:
        names.append(urlsplit(url).path)
    except ValueError:
        return "image"  # read_url says what is wrong with it.
    for name in names:
        kind = _EXTENSIONS.get(name.rpartition(".")[2].lower())
        if kind is not None:
            return kind
    return "image"


def _too_many_references(count: int, limits: Limits, path: str) -> InvalidBody:
    found = issue(
        "too_many", path=path, what="media references", count=count, limit=limits.max_media
    )
    return _refusal([found])


# -- steps ----------------------------------------------------------------------------------------


def plan_from_steps(
    body: Mapping[str, Any], media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Plan a body whose `input.steps` lists the steps (contract §2.1 A and B, §2.3, §3).

    body: the whole request. media: from `media_of_body`. Raises InvalidBody for every fault but a
    tool that no provider offers: those are the errors of the result.
    """
    given = body.get("input")
    if not isinstance(given, Mapping):
        raise _refusal([_shape("input", "input", phrase("must_have_steps"))])
    steps = given.get("steps")
    if steps is None:
        raise _refusal(
            [
                _shape(
                    "input/steps",
                    "input.steps",
                    phrase("steps_missing"),
                )
            ]
        )
    if not isinstance(steps, list) or not steps:
        raise _refusal(
            [_shape("input/steps", "input.steps", phrase("must_be_steps", limit=MAX_STEPS))]
        )
    if len(steps) > MAX_STEPS:
        raise _refusal(
            [issue("too_many_steps", path="input/steps", count=len(steps), limit=MAX_STEPS)]
        )
    reader = _Steps(tools)
    raw = reader.read(steps)
    if reader.inline:
        raise _inline_refusal(reader.inline)
    title = given.get("title")
    title = title.strip()[:200] if isinstance(title, str) and title.strip() else DEFAULT_TITLE
    return _assemble(title, raw, reader.issues, media, tools, limits)


def plan_from_image_to_video(
    body: Mapping[str, Any], media: Sequence[MediaRef], tools: ToolTable, limits: Limits
) -> Compiled:
    """Plan an `image_to_video` body: a picture, then a film that begins with it (contract §2.6).

    body: the whole request. media: from `media_of_body`; it is not used unless a step asks for it.
    Raises InvalidBody as `plan_from_steps` does.
    """
    given = body.get("input")
    if not isinstance(given, Mapping):
        raise _refusal([_shape("input", "input", phrase("must_have_prompt"))])
    prompt = given.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise _refusal([_shape("input/prompt", "input.prompt", phrase("must_be_prompt"))])
    spoken = _first(given, ("videoPrompt", "video_prompt"))
    if spoken is not None and not isinstance(spoken, str):
        raise _refusal([_shape("input/videoPrompt", "input.videoPrompt", phrase("must_be_text"))])
    image = {
        "prompt": prompt,
        "negativePrompt": _first(given, ("negativePrompt", "negative_prompt")),
        "width": given.get("width"),
        "height": given.get("height"),
        "model": _first(given, ("imageModel", "image_model")),
        "numberOfVariations": _first(given, ("numberOfMedia", "number_of_media")),
        "seed": given.get("seed"),
    }
    video = {
        "prompt": spoken if spoken and spoken.strip() else prompt,
        "duration": given.get("duration"),
        "videoModel": _first(given, ("videoModel", "video_model")),
        "seed": given.get("seed"),
    }
    link = {
        "sourceStepId": "image",
        "targetArgument": "referenceImageIndices",
        "transform": "image_index",
        "mediaType": "image",
    }
    steps: list[dict[str, Any]] = [
        {"id": "image", "toolName": "generate_image", "arguments": _given(image)},
        {
            "id": "video",
            "toolName": "generate_video",
            "arguments": _given(video),
            "dependsOn": [link],
        },
    ]
    title = given.get("title")
    title = title if isinstance(title, str) and title.strip() else "Image to video"
    return plan_from_steps({"input": {"title": title, "steps": steps}}, media, tools, limits)


def _assemble(
    title: str,
    raw: list[UnresolvedStep],
    issues: list[Issue],
    media: Sequence[MediaRef],
    tools: ToolTable,
    limits: Limits,
) -> Compiled:
    planned = assemble(title, raw, MediaShelf(media), tools, limits)
    faults = [*issues, *planned.errors]
    if any(found.code != "model_unavailable" for found in faults):
        raise _refusal(faults)
    return planned


class _Steps:
    """Reads a list of steps into raw steps; problems go to `issues`, inline media to `inline`."""

    def __init__(self, tools: ToolTable) -> None:
        self.tools = tools
        self.issues: list[Issue] = []
        self.inline: list[str] = []
        self.keys: list[str] = []
        # Any name a binding may use → positions of the steps that go by it.
        self.names: dict[str, list[int]] = {}

    def read(self, items: list[Any]) -> list[UnresolvedStep]:
        for position, item in enumerate(items):
            self.identify(position, item if isinstance(item, Mapping) else {})
        steps = [self.step(position, item) for position, item in enumerate(items)]
        return [step for step in steps if step is not None]

    def identify(self, position: int, item: Mapping[str, Any]) -> None:
        given = _first(item, _ID)
        if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**18:
            given = str(given)
        if given is not None and not isinstance(given, str):
            where = f"input.steps[{position}].id"
            self.issues.append(
                _step_issue(f"input/steps/{position}", where, phrase("must_be_text"))
            )
            given = None
        tool = _first(item, _TOOL)
        key = step_key(given or "", tool if isinstance(tool, str) else "", position, self.keys)
        self.keys.append(key)
        for name in dict.fromkeys(name for name in (given, (given or "").strip(), key) if name):
            self.names.setdefault(name, []).append(position)

    def step(self, position: int, item: Any) -> UnresolvedStep | None:
        where = f"input.steps[{position}]"
        if not isinstance(item, Mapping):
            self.issues.append(
                _step_issue(f"input/steps/{position}", where, phrase("must_be_object"))
            )
            return None
        key = self.keys[position]
        path = f"steps/{key}"
        arguments = _first(item, _ARGUMENTS)
        arguments = {} if arguments is None else arguments
        if not isinstance(arguments, dict):
            self.issues.append(_step_issue(path, f"{where}.arguments", phrase("must_be_object")))
            arguments = {}
        wire_tool = _first(item, _TOOL)
        if not isinstance(wire_tool, str) or not wire_tool.strip():
            self.issues.append(_step_issue(path, f"{where}.toolName", phrase("tool_missing")))
            return None
        wire_tool = wire_tool.strip()
        tool = self.tools.get(wire_tool)
        self.inline.extend(_inline_arguments(tool, arguments, f"{where}.arguments"))
        if tool is None:
            self.issues.append(issue("unknown_tool", path=path, stage=key, tool=wire_tool))
            return None
        title = item.get("title")
        return UnresolvedStep(
            key=StepKey(key),
            tool=tool,
            wire_tool=wire_tool[:80],
            arguments=arguments,
            path=path,
            args_path=f"{path}/arguments",
            needs=tuple(self.bindings(position, item, where)),
            title=title[:200] if isinstance(title, str) else "",
        )

    # -- bindings --------------------------------------------------------------------------------

    def bindings(self, position: int, item: Mapping[str, Any], where: str) -> Iterator[Binding]:
        entries = _first(item, _DEPENDS)
        if entries is None:
            return
        path, field = f"steps/{self.keys[position]}/dependsOn", f"{where}.dependsOn"
        if not isinstance(entries, list):
            self.issues.append(_step_issue(path, field, phrase("must_be_list")))
            return
        if len(entries) > MAX_BINDINGS:
            self.issues.append(
                issue(
                    "too_many",
                    path=path,
                    what="dependencies",
                    count=len(entries),
                    limit=MAX_BINDINGS,
                )
            )
            return
        for number, entry in enumerate(entries):
            binding = self.binding(position, entry, path, f"{field}[{number}]")
            if binding is not None:
                yield binding

    def binding(self, position: int, entry: Any, path: str, where: str) -> Binding | None:
        if isinstance(entry, str):
            source = self.source(position, entry, path, where)
            return None if source in (None, INPUT_MEDIA) else Binding(StepKey(str(source)), None)
        if not isinstance(entry, Mapping):
            self.issues.append(_step_issue(path, where, phrase("must_be_dependency")))
            return None
        before = len(self.issues)
        source = self.source(position, _first(entry, _SOURCE), path, f"{where}.sourceStepId")
        target = _first(entry, _TARGET)
        transform = self.transform(entry.get("transform"), path, f"{where}.transform")
        kind = self.kind(_first(entry, _MEDIA_TYPE), path, f"{where}.mediaType")
        pick = self.pick(entry, path, where)
        required = entry.get("required")
        if required is not None and not isinstance(required, bool):
            self.issues.append(_step_issue(path, f"{where}.required", phrase("must_be_flag")))
        if target is not None and (not isinstance(target, str) or not target.strip()):
            self.issues.append(
                _step_issue(path, f"{where}.targetArgument", phrase("must_be_argument"))
            )
        elif target is None and (transform is not None or source == INPUT_MEDIA):
            self.issues.append(
                _step_issue(path, f"{where}.targetArgument", phrase("argument_missing"))
            )
        if transform in TEXT_TRANSFORMS and source == INPUT_MEDIA:
            self.issues.append(
                _step_issue(
                    path, f"{where}.transform", phrase("only_steps_write", transform=transform)
                )
            )
        implied = TRANSFORM_KINDS.get(transform or "")
        if kind is not None and implied is not None and kind != implied:
            self.issues.append(
                _step_issue(
                    path,
                    f"{where}.transform",
                    phrase("transform_disagrees", transform=transform, kind=kind),
                )
            )
        if len(self.issues) > before or source is None:
            return None
        if target is None:
            return Binding(StepKey(source), None)
        return Binding(
            source=StepKey(source),
            target_argument=target.strip(),
            transform=transform,
            pick=pick,
            media_kind=kind or implied,
            required=required is not False,
        )

    def source(self, position: int, given: Any, path: str, where: str) -> str | None:
        """The key of the step a binding names, which comes before this one."""
        if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**18:
            given = str(given)
        if not isinstance(given, str) or not given.strip():
            self.issues.append(_step_issue(path, where, phrase("must_be_step_id")))
            return None
        if given.strip() == INPUT_MEDIA:
            return INPUT_MEDIA
        places = self.names.get(given) or self.names.get(given.strip())
        if not places:
            normal = normal_id(given)
            places = self.names.get(normal) if normal else None
        if not places:
            self.issues.append(issue("unknown_source_step", path=path, field=where, value=given))
            return None
        if places[0] >= position:
            self.issues.append(issue("forward_step_reference", path=path, field=where, value=given))
            return None
        return self.keys[places[0]]

    def transform(self, given: Any, path: str, where: str) -> Transform | None:
        if given is None:
            return None
        if isinstance(given, str) and given in TRANSFORMS:
            return cast(Transform, given)
        self.issues.append(
            issue("invalid_enum", path=path, field=where, value=given, allowed=TRANSFORMS)
        )
        return None

    def kind(self, given: Any, path: str, where: str) -> MediaKind | None:
        if given is None:
            return None
        if isinstance(given, str) and given in MEDIA_KINDS:
            return given
        self.issues.append(
            issue("invalid_enum", path=path, field=where, value=given, allowed=MEDIA_KINDS)
        )
        return None

    def pick(self, entry: Mapping[str, Any], path: str, where: str) -> Pick:
        artifact, index = _first(entry, _ARTIFACT), _first(entry, _INDEX)
        if artifact is not None:
            if isinstance(artifact, str) and artifact.strip():
                return Pick(artifact_id=artifact.strip()[:200])
            self.issues.append(
                _step_issue(path, f"{where}.sourceArtifactId", phrase("must_be_text"))
            )
        if index is None:
            return FIRST
        whole = index
        if isinstance(index, float) and index.is_integer() and abs(index) < 10**6:
            whole = int(index)
        if isinstance(whole, bool) or not isinstance(whole, int) or not 0 <= whole < 10**6:
            self.issues.append(
                _step_issue(path, f"{where}.sourceArtifactIndex", phrase("must_be_position"))
            )
            return FIRST
        return Pick(index=whole)


def normal_id(given: str) -> str:
    """A step id as steps carry it: letters, digits, `_` and `-`."""
    return re.sub("_+", "_", _NOT_IN_AN_ID.sub("_", given.strip()))[:MAX_KEY]


def step_key(given: str, tool: str, position: int, taken: Sequence[str]) -> str:
    """A step's key: its id made safe, else its tool's name, else `step_<n>`; not in `taken`."""
    key = normal_id(given) or normal_id(tool) or f"step_{position + 1}"
    number = position + 1
    base = key
    while key in taken:
        key = f"{base}_{number}"
        number += 1
    return key


def _inline_arguments(
    tool: type[Tool] | None, arguments: Mapping[str, Any], path: str
) -> Iterator[str]:
    """The paths of arguments that hold bytes. In a media argument every `data:` counts."""
    for argument, value in arguments.items():
        takes_media = tool is not None and find_port(tool, argument)[0] is not None
        stack: list[tuple[str, Any]] = [(f"{path}.{show(argument)}", value)]
        while stack:
            where, part = stack.pop()
            if isinstance(part, str):
                if _DATA_URL.match(part) or (takes_media and is_inline(part)):
                    yield where
            elif isinstance(part, dict):
                stack.extend((f"{where}.{show(name)}", item) for name, item in part.items())
            elif isinstance(part, list):
                stack.extend((f"{where}[{n}]", item) for n, item in enumerate(part))


def _first(item: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first spelling of a field that has a value; nulls count as absent."""
    return next((item[name] for name in names if item.get(name) is not None), None)


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _shape(path: str, name: str, problem: Phrase) -> Issue:
    return issue("invalid_field", path=path, field=name, problem=problem)


def _step_issue(path: str, name: str, problem: Phrase) -> Issue:
    return issue("invalid_step", path=path, field=name, problem=problem)


def _inline_refusal(fields: Sequence[str]) -> InvalidBody:
    shown = list(fields)[:100]
    issues = [issue("inline_media_not_allowed", path=name, field=name) for name in shown]
    return InvalidBody(
        "Send media as https URLs, not inline. Upload these files first: " + ", ".join(shown[:10]),
        code="body.inline_media",
        details={"fields": shown, "issues": [issue_to_json(found) for found in issues]},
    )


def _refusal(issues: Sequence[Issue]) -> InvalidBody:
    """One 400 for all that is wrong; the first problem is the message."""
    more = f" (and {len(issues) - 1} more, see details.issues)" if len(issues) > 1 else ""
    return InvalidBody(
        for_api(issues[0]) + more,
        code="body.invalid_steps",
        details={"issues": [issue_to_json(found) for found in limited(issues)]},
    )
