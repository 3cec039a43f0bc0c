"""Our own media inside a spec: kept as references, shown as links.

Links to our media are signed, expire within a day and carry a host name, so a stored one is dead
tomorrow. A spec therefore keeps `reelgraph:object/<id>/<file>` for what its author owns (an
artifact, an upload) and `reelgraph:blob/<sha256>/<file>` for what a publication copied; `show`
turns both into fresh links. Callers cannot write references themselves: that would let anyone who
learns a hash or an id see the bytes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from accounts import suspension
from accounts.models import User
from core import errors
from core.phrases import Phrase, phrase
from media import resolvers, signing
from media.blobs import StoredFile
from media.models import Blob
from templates_app.graph.issues import Issue, issue
from templates_app.models import Document, Template, TemplateMedia, TemplateVersion

SCHEME = "reelgraph:"
# Begins references to files by their SHA-256.
BLOB_MARK = f"{SCHEME}blob/"
# Each may cost a look into the database.
PLACES_LIMIT = 256
MEDIA_TYPES = frozenset({"image", "video", "audio"})
Role = Literal["preview", "poster", "default"]

_REFERENCE = re.compile(r"reelgraph:(object|blob)/([A-Za-z0-9_-]{1,128})/([A-Za-z0-9._-]{1,80})")
_LINK = re.compile(r"/media/([^/]+)/([^/]+)")
_PUBLISHED_ID = re.compile(r"t/([0-9]{1,18})/([0-9a-f]{64})")
_COPY_ID = re.compile(r"tpm_([0-9]{1,18})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A file of ours, as a spec keeps it. id: an object's public id, or a blob's SHA-256."""

    kind: Literal["object", "blob"]
    id: str
    filename: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.kind}/{self.id}/{self.filename}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a spec names a file people see: a preview, its poster, an input's default or
    one of its examples."""

    holder: Any
    key: str | int
    path: str
    role: Role
    stage_id: str = ""

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    @property
    def reference(self) -> StoredReference | None:
        return read_reference(self.value)

    def fill(self, value: str) -> None:
        """Write into the spec this place was found in; `spec_copy` makes one for that."""
        self.holder[self.key] = value


def read_reference(value: Any) -> StoredReference | None:
    """The reference a stored string is, or None for any other value."""
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return StoredReference(match[1], match[2], match[3]) if match else None  # type: ignore[arg-type]


def spec_copy(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A copy whose media places may be filled; everything else is shared with the original."""
    fresh = dict(spec)
    for field in ("previewArtifacts", "inputs"):
        if field in fresh:
            fresh[field] = copy.deepcopy(fresh[field])
    return fresh


def places(spec: MutableMapping[str, Any]) -> Iterator[Place]:
    """Every place for a file in a spec, or in the part of one a PATCH brings. Bears any shape."""
    if isinstance(spec.get("thumbnailUrl"), str):
        yield Place(spec, "thumbnailUrl", "thumbnailUrl", "preview")
    for index, preview in enumerate(_as_list(spec.get("previewArtifacts"))):
        if isinstance(preview, dict):
            stage = preview.get("stageId")
            stage_id = stage[:128] if isinstance(stage, str) else ""
            for key, role in (("url", "preview"), ("posterUrl", "poster")):
                if isinstance(preview.get(key), str):
                    path = f"previewArtifacts/{index}/{key}"
                    yield Place(preview, key, path, role, stage_id)  # type: ignore[arg-type]
    for input_ in _as_list(spec.get("inputs")):
        # An outsider's `type` may be a list: compared, never hashed.
        if isinstance(input_, dict) and any(input_.get("type") == t for t in MEDIA_TYPES):
            path = f"inputs/{input_.get('name')}"
            yield from _defaults(input_, "default", path)
            schema = input_.get("jsonSchema")
            examples = schema.get("examples") if isinstance(schema, dict) else None
            for index, example in enumerate(_as_list(examples)):
                if isinstance(example, list):
                    for place in range(len(example)):
                        yield from _defaults(example, place, path)
                else:
                    yield from _defaults(_as_list(examples), index, path)


def intern(
    changes: Mapping[str, Any],
    *,
    actor: User,
    hosts: Collection[str],
    base: Mapping[str, Any],
    references: Collection[str] = (),
) -> tuple[dict[str, Any], tuple[Issue, ...]]:
    """Replace links to media that a caller owns, in what they sent, by references.

    hosts: our own `host[:port]`s. base: the stored spec that is being changed, whose links count
    even when they have expired, because clients read a template and write it back much later.
    A link to a file the caller does not own stays as it is: it works until it expires, and
    keeping a reference would renew a borrowed link for ever. references: those that may be written
    as they are: of our own samples, and what a copied spec names already.
    """
    spec, issues = spec_copy(changes), []
    all_places = list(places(spec))
    if len(all_places) > PLACES_LIMIT:
        return spec, (issue("too_many", count=len(all_places), what="media", limit=PLACES_LIMIT),)
    by_link = {place.value: place.reference for place in places(dict(base))}
    for place in all_places:
        try:
            if place.value in references:
                continue
            if place.value.startswith(SCHEME):
                issues.append(_not_kept(place.path, phrase("not_own_url")))
                continue
            reference = _reference_of(place.value, actor, hosts, by_link)
        except errors.InvalidBody as failure:
            issues.append(_not_kept(place.path, phrase("not_kept", why=failure.message)))
            continue
        if reference:
            place.fill(str(reference))
    return spec, tuple(issues)


def _not_kept(path: str, problem: Phrase) -> Issue:
    return issue("invalid_field", path=path, field=path, problem=problem)


def show(
    spec: Mapping[str, Any], *, version_id: int, base_url: str, is_open: bool
) -> dict[str, Any]:
    """A spec with fresh absolute links.

    is_open: links everyone may follow while the publication lasts; else links signed for a day.
    """
    copy = spec_copy(spec)
    for place in places(copy):
        reference = place.reference
        if reference is None:
            continue
        if reference.kind == "object":
            path = signing.signed_path(reference.id, reference.filename)
        elif is_open:
            path = f"/media/t/{version_id}/{reference.id}"
        else:
            path = signing.signed_path(f"tpm_{version_id}_{reference.id}", reference.filename)
        place.fill(base_url + path)
    return copy


def copies(spec: Mapping[str, Any]) -> set[tuple[str, Role, str]]:
    """(sha256, role, stage id) of every copied medium in a spec: the rights its version needs."""
    return {
        (place.reference.id, place.role, place.stage_id)
        for place in places(dict(spec))
        if place.reference and place.reference.kind == "blob"
    }


def grant(version: TemplateVersion) -> None:
    """Insert the rights a new version's spec needs; part of the caller's transaction."""
    TemplateMedia.objects.bulk_create(
        TemplateMedia(version=version, blob_id=sha256, role=role, stage_id=stage_id)
        for sha256, role, stage_id in sorted(copies(version.spec))
    )


def is_own_link(url: str, hosts: Collection[str]) -> bool:
    """Tell whether this is a link into our media, alive or not."""
    try:
        return url.startswith(SCHEME) or signing.parse_own_url(url, hosts) is not None
    except errors.InvalidBody:
        return True


def renew(value: Any, owner: User, hosts: Collection[str], *, base_url: str = "") -> Any:
    """A link to a file of this owner's, which works for a day from now; None for one of ours that
    is not theirs or gone. Also of a list, and of `{"url"}`. Any other value stays."""
    if isinstance(value, list):
        fresh = [renew(one, owner, hosts, base_url=base_url) for one in value]
        return [one for one in fresh if one is not None]
    link = value.get("url") if isinstance(value, dict) else value
    if not isinstance(link, str) or not is_own_link(link, hosts):
        return link if isinstance(link, str) else value
    match = _LINK.fullmatch(urlsplit(link).path)
    if match is None:
        # A published medium, whose address does not expire.
        return link
    public_id, filename = unquote(match[1]), unquote(match[2])
    if resolvers.resolve_owned(public_id, owner) is None:
        return None
    return base_url + signing.signed_path(public_id, filename)


def resolve_copy(public_id: str) -> Blob | None:
    """The blob behind a signed link to a version's copied medium, for `media.resolvers`."""
    row = _copy(public_id)
    if (
        row is None
        or row.version.template.deleted_at
        or row.version.template.moderation == "removed"
    ):
        return None
    return row.blob


def resolve_published(version: str, sha256: str) -> Blob | None:
    """The blob at `/media/t/<version>/<sha256>` while that version is public and visible.

    Asked on every request, so unpublishing, hiding and deleting revoke at once.
    """
    if not _PUBLISHED_ID.fullmatch(f"t/{version}/{sha256}"):
        return None
    row = (
        TemplateMedia.objects.select_related("blob")
        .filter(
            suspension.shown("version__template__owner"),
            version_id=int(version),
            blob_id=sha256,
            version__template__published_id=F("version_id"),
            version__template__visibility="public",
            version__template__moderation="visible",
            version__template__deleted_at=None,
        )
        .first()
    )
    return row.blob if row else None


def names_of_users(public_id: str, owner: User) -> list[str]:
    """The names of a person's templates whose head or draft names this object of theirs."""
    living = Template.objects.filter(owner=owner, deleted_at=None, head__isnull=False)
    rows = living.annotate(
        text=Cast("head__spec", TextField()), draft=Cast("document__state", TextField())
    )
    mark = f"{SCHEME}object/{public_id}/"
    matches = rows.filter(Q(text__contains=mark) | Q(draft__contains=mark))
    return list(matches.order_by("name", "pk").values_list("name", flat=True))


def objects_named() -> set[str]:
    """The public ids of all objects that a template's head or open document names."""
    return {reference.id for reference in _stored_references("object")}


def blobs_held(hashes: Collection[str]) -> set[str]:
    """Find blobs a version has the right to show, for `media.resolvers.register_references`."""
    return set(TemplateMedia.objects.filter(blob_id__in=hashes).values_list("blob_id", flat=True))


def blobs_named(hashes: Collection[str]) -> set[str]:
    """As `blobs_held`, for what open documents name, whether or not a version shows it still."""
    return {reference.id for reference in _stored_references("blob")} & set(hashes)


def _stored_references(kind: Literal["object", "blob"]) -> Iterator[StoredReference]:
    """Every reference of a kind in heads and documents of templates that are there.

    Only text that holds one leaves the database; it is read row by row.
    """
    living = {"template__deleted_at": None}
    heads = Template.objects.filter(deleted_at=None, head__isnull=False)
    for rows, column in (
        (heads, "head__spec"),
        (Document.objects.filter(**living), "state"),
    ):
        texts = rows.annotate(text=Cast(column, TextField()))
        matches = texts.filter(text__contains=f"{SCHEME}{kind}/").values_list("text", flat=True)
        for text in matches.iterator(chunk_size=100):
            for match in _REFERENCE.finditer(text):
                if match[1] == kind:
                    yield StoredReference(kind, match[2], match[3])


def _copy(public_id: str) -> TemplateMedia | None:
    match = _COPY_ID.fullmatch(public_id)
    if match is None:
        return None
    return (
        TemplateMedia.objects.select_related("blob", "version__template")
        .filter(version_id=int(match[1]), blob_id=match[2])
        .first()
    )


def _reference_of(
    url: str, actor: User, hosts: Collection[str], by_link: Mapping[str, StoredReference | None]
) -> StoredReference | None:
    """The reference for a link of ours, None for any other. Raises InvalidBody for a dead one."""
    try:
        public_id = signing.parse_own_url(url, hosts)
    except errors.InvalidBody:
        if url in by_link:
            return None
        path = urlsplit(url).path
        for reference in by_link.values():
            if reference and reference.id in path:
                return reference
        raise
    if public_id is None:
        return None
    # A published link has no owner of its own; what counts is whether a template of this person
    # holds a copy of the same bytes, as forks do.
    match = _COPY_ID.fullmatch(public_id) or _PUBLISHED_ID.fullmatch(public_id)
    if match:
        copies = TemplateMedia.objects.select_related("blob").filter(
            blob_id=match[2], version__template__owner=actor
        )
        row = copies.first()
        return blob_reference(row.blob) if row else None
    if resolvers.resolve_owned(public_id, actor) is None:
        return None
    return StoredReference("object", public_id, _filename(urlsplit(url).path))


def object_reference(public_id: str, filename: str) -> StoredReference:
    """Refer to an upload or an artifact in a spec. filename: as people call it."""
    return StoredReference("object", public_id, _clean_filename(filename))


def blob_reference(blob: Blob | StoredFile) -> StoredReference:
    """Refer to a file that publishing copied, in a spec."""
    return StoredReference("blob", blob.sha256, _blob_filename(blob))


def _blob_filename(blob: Blob | StoredFile) -> str:
    return f"{blob.kind}.{re.sub(r'[^a-z0-9]', '', blob.mime.rpartition('/')[2]) or 'bin'}"[:80]


def _filename(path: str) -> str:
    return _clean_filename(unquote(path.rpartition("/")[2]))


def _clean_filename(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[-80:].lstrip(".") or "file"


def _defaults(holder: Any, key: str | int, path: str) -> Iterator[Place]:
    """A default is an address, `{url}`, or a list of those where an input takes several."""
    value = holder.get(key) if isinstance(holder, dict) else holder[key]
    if isinstance(value, str):
        yield Place(holder, key, path, "default")
    elif isinstance(value, dict) and isinstance(value.get("url"), str):
        yield Place(value, "url", path, "default")
    elif isinstance(value, list) and isinstance(key, str):
        for index in range(len(value)):
            yield from _defaults(value, index, path)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
