"""The media that callers send with a body: lists of references in several places (§3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, cast
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from core.phrases import phrase
from runs.planning.lenient import Lenient, fault, first, issues_of
from runs.planning.refusals import inline_refusal, shape_refusal
from templates_app.graph.issues import Issue, issue
from templates_app.graph.media_urls import UnusableAddress, is_inline, read_url
from templates_app.graph.types import Limits, MediaKind, MediaRef
from tools.declaration.ports import MEDIA_KINDS

# Where a list of references may be: in the body or under its `input`, by any of these names.
SPELLINGS: Final = (
    "media_references",
    "mediaReferences",
    "api_media_references",
    "apiMediaReferences",
)
_URL: Final = ("url", "value", "uri", "downloadUrl", "download_url")
_BYTES: Final = ("dataUri", "data_uri", "data")
# What says which kind of file it is, the surest first.
_KIND: Final = ("kind", "type", "mediaType", "media_type")
_LABEL: Final = ("prompt_label", "promptLabel", "label", "filename")
_MIME: Final = ("mime_type", "mimeType", "contentType", "content_type")
_INLINE: Final = "inline_media_not_allowed"
_EXTENSIONS: Final[Mapping[str, MediaKind]] = {
    **dict.fromkeys(
        ("png", "jpg", "jpeg", "webp", "gif", "avif", "bmp", "heic", "heif", "tif", "tiff"), "image"
    ),
    **dict.fromkeys(("mp4", "mov", "webm", "mkv", "m4v", "avi"), "video"),
    **dict.fromkeys(("mp3", "wav", "flac", "m4a", "ogg", "aac", "opus"), "audio"),
    **dict.fromkeys(("glb", "gltf"), "model"),
}


def _address(value: str, info: ValidationInfo) -> MediaRef:
    try:
        return read_url(info.data["kind"], value, cast(Limits, info.context))
    except UnusableAddress as bad:
        raise fault("value_unusable", why=bad.why) from None


class MediaReference(Lenient):
    """An entry of a list of references. Context: the `Limits` that know its address."""

    kind: MediaKind
    file: Annotated[MediaRef, PlainValidator(_address)] = Field(alias="url")
    label: str = ""
    id: str = ""

    @classmethod
    def canonical(cls, value: Any) -> dict[str, Any]:
        """A text is an address; what no one says about the file is told by its name."""
        item = {"url": value} if isinstance(value, str) else value
        if not isinstance(item, Mapping):
            raise fault("must_have_url")
        if names := list(_inline_fields(item)):
            raise fault(_INLINE, names=names)
        url = first(item, _URL)
        if not isinstance(url, str) or not url.strip():
            raise fault("needs_url")
        label, identity = first(item, _LABEL), item.get("id")
        return {
            "kind": _kind_of(item, url),
            "url": url,
            "label": label[:200] if isinstance(label, str) else "",
            "id": identity[:200] if isinstance(identity, str) else "",
        }

    def ref(self) -> MediaRef:
        return replace(self.file, label=self.label, id=self.id)


def lists_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of references of a body as they were sent, by their paths in it."""
    lists: dict[str, Any] = {}
    for holder, prefix in ((body, ""), (body.get("input"), "input.")):
        if isinstance(holder, Mapping):
            lists |= {
                f"{prefix}{name}": holder[name]
                for name in SPELLINGS
                if holder.get(name) is not None
            }
    return lists


def media_references(lists: Mapping[str, Any], limits: Limits) -> tuple[MediaRef, ...]:
    """The media of a start. Lists are joined in order, equal entries of two lists count once.

    lists: from `lists_in`. Raises InvalidBody naming every bad entry of a list.
    """
    references: list[MediaRef] = []
    for path, items in lists.items():
        # A list repeated in another spelling; within a list, positions must stay.
        earlier = frozenset(references)
        references.extend(ref for ref in read_list(items, limits, path=path) if ref not in earlier)
    if len(references) > limits.max_media:
        raise shape_refusal([_too_many(len(references), limits, SPELLINGS[0])])
    return tuple(references)


def read_list(items: Any, limits: Limits, *, path: str = SPELLINGS[0]) -> tuple[MediaRef, ...]:
    """Read one list of references. Raises InvalidBody naming every bad entry."""
    if not isinstance(items, list):
        problem = phrase("must_be_list")
        raise shape_refusal([issue("invalid_field", path=path, field=path, problem=problem)])
    if len(items) > limits.max_media:
        raise shape_refusal([_too_many(len(items), limits, path)])
    references: list[MediaRef] = []
    errors: list[tuple[str, ErrorDetails]] = []
    for position, item in enumerate(items):
        try:
            references.append(MediaReference.model_validate(item, context=limits).ref())
        except ValidationError as error:
            where = f"{path}[{position}]"
            errors += [(where, one) for one in error.errors(include_url=False)]
    inline = [
        f"{where}.{name}"
        for where, error in errors
        if error["type"] == _INLINE
        for name in error["ctx"]["names"]
    ]
    if inline:
        raise inline_refusal(inline)
    if errors:
        raise shape_refusal(
            [
                one
                for where, error in errors
                for one in issues_of([error], path=where, field=where, code="invalid_field")
            ]
        )
    return tuple(references)


def _inline_fields(item: Mapping[str, Any]) -> Iterator[str]:
    """The fields that hold the bytes themselves."""
    for name in (*_URL, *_BYTES):
        value = item.get(name)
        if isinstance(value, str) and (is_inline(value) or (name in _BYTES and value)):
            yield name
    for name in _BYTES:
        if isinstance(item.get(name), (dict, list)):
            yield name


def _kind_of(item: Mapping[str, Any], url: str) -> MediaKind:
    """Return the kind of a reference: as stated, by MIME type, by extension, else a picture."""
    for name in (*_KIND, *_MIME):
        text = item.get(name)
        if isinstance(text, str):
            word = text.strip().lower().partition("/")[0]
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


def _too_many(count: int, limits: Limits, path: str) -> Issue:
    most = limits.max_media
    return issue("too_many", path=path, what="media references", count=count, limit=most)
