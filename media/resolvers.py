"""The blob that an id names, and the blobs that are needed, asked of the layers above.

Without importing them: apps that own media register in `AppConfig.ready`. A resolver answers with
the blob of an id it knows and that may be seen, else None. Requests have a valid signature, so
there is no viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from accounts.models import User
from media.models import Blob, Upload
from media.origin import Provenance, provenance_of_file

Resolver = Callable[[str], Blob | None]
PublicResolver = Callable[[str, str], Blob | None]
OwnedResolver = Callable[[str, User], Blob | None]
ProvenanceResolver = Callable[[str], Provenance | None]
References = Callable[[Collection[str]], set[str]]

_resolvers: list[Resolver] = []
_public_resolvers: dict[str, PublicResolver] = {}
_owned_resolvers: list[OwnedResolver] = []
_provenance_resolvers: list[ProvenanceResolver] = []
_references: list[References] = []
_slow_references: list[References] = []


def register(resolver: Resolver) -> None:
    """Ask this function too for the blob of a public id. Registering twice is once."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def register_public(kind: str, resolver: PublicResolver) -> None:
    """Ask this function for `/media/<kind>/<holder>/<sha256>`: what everyone may see while its
    holder shows it. kind: a letter."""
    _public_resolvers[kind] = resolver


def register_owned(resolver: OwnedResolver) -> None:
    """Ask this function too for the blob of a public id that belongs to a person."""
    if resolver not in _owned_resolvers:
        _owned_resolvers.append(resolver)


def register_provenance(resolver: ProvenanceResolver) -> None:
    """Ask this function too how the file of a public id was made; None of an id it doesn't know."""
    if resolver not in _provenance_resolvers:
        _provenance_resolvers.append(resolver)


def provenance(public_id: str, blob: Blob) -> Provenance:
    """Return how the file of an id was made, which has these bytes."""
    for resolver in _provenance_resolvers:
        answer = resolver(public_id)
        if answer is not None:
            return answer
    return provenance_of_file(blob)


def resolve(public_id: str) -> Blob | None:
    """The blob of an id, or None when it is unknown, hidden or blocked."""
    kind, slash, rest = public_id.partition("/")
    if slash:
        holder, _slash, sha256 = rest.partition("/")
        return resolve_public(kind, holder, sha256)
    for resolver in _resolvers:
        blob = resolver(public_id)
        if blob is not None:
            return blob if blob.blocked_at is None else None
    return None


def resolve_public(kind: str, holder: str, sha256: str) -> Blob | None:
    """The blob that a public template or a creation shows, or None when it may not be seen."""
    resolver = _public_resolvers.get(kind)
    blob = resolver(holder, sha256) if resolver else None
    return blob if blob is not None and blob.blocked_at is None else None


def resolve_owned(public_id: str, owner: User) -> Blob | None:
    """The blob of an id that belongs to this person; None also when it is someone else's.

    A signed address lets anyone look for a day. Anyone who keeps or publishes a file must own it.
    """
    for resolver in _owned_resolvers:
        blob = resolver(public_id, owner)
        if blob is not None:
            return blob if blob.blocked_at is None else None
    return None


def register_references(find: References, *, is_slow: bool = False) -> None:
    """Ask this function too which blobs are still needed. Register every place that keeps one.

    is_slow: it reads more than an index, and is asked only about what no quick one needs.
    """
    registry = _slow_references if is_slow else _references
    if find not in registry:
        registry.append(find)


def needed(hashes: Collection[str], *, quickly: bool = False) -> set[str]:
    """Return which of these blobs anything refers to. quickly: leave the slow places out."""
    remainder = set(hashes)
    for find in (*_references, *(() if quickly else _slow_references)):
        if remainder:
            remainder -= find(remainder)
    return set(hashes) - remainder


def blobs_of_uploads(hashes: Collection[str]) -> set[str]:
    """Return which of these blobs uploads hold, for `register_references`."""
    return set(Upload.objects.filter(blob_id__in=hashes).values_list("blob_id", flat=True))


def upload_blob(public_id: str) -> Blob | None:
    """The blob of an upload whose bytes have arrived and were checked."""
    upload = (
        Upload.objects.select_related("blob")
        .filter(public_id=public_id, completed_at__isnull=False)
        .first()
    )
    return upload.blob if upload else None


def owned_upload_blob(public_id: str, owner: User) -> Blob | None:
    """As `upload_blob`, for the uploads of one person."""
    upload = (
        Upload.objects.select_related("blob")
        .filter(public_id=public_id, owner=owner, completed_at__isnull=False)
        .first()
    )
    return upload.blob if upload else None
