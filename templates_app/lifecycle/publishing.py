"""Media of a template that becomes public: the right to see named bytes is copied.

A public record shows previews and defaults from `/media/t/<version>/<sha256>`, and nothing else of
the run they came from. A fork receives copies of its own, so it keeps its previews when the source
is withdrawn, and may be published with them. Taking bytes down everywhere is `Blob.blocked_at`.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from accounts.models import User
from core import errors
from core.phrases import Phrase, phrase
from media import blobs, fetch, resolvers
from media.blobs import StoredFile
from media.marking import marked_copy
from media.models import Blob
from media.origin import Origin, provenance_of_file
from media.sandbox import Unwatched
from media.services import keep_upload
from templates_app import media_links
from templates_app.graph.issues import Issue, issue

# A publication decodes each of its pictures once, within one request.
MEDIA_LIMIT = 32
# Previews at other addresses are fetched while the caller waits: this long in all.
FETCH_S = 30.0

# A signed link inside a longer text, whatever host it names. Words are looked at one by one, so
# that no text makes this slow.
_WORD_ENDS = re.compile(r"[\s\"'<>`]+")
_EXPIRY = re.compile(r"[?&;]e=[0-9]")
_SIGNATURE = re.compile(r"[?&;]s=[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])")


@dataclass
class Publication:
    """The media of one publication, made outside any transaction and usable by several attempts.

    copies: object id → the bytes as everyone may see them; origins: what made them. uploads:
    address of another site → the author's upload that was made of it. inside: specs of private
    templates shown with it.
    """

    author: User
    hosts: Collection[str]
    copies: dict[str, StoredFile] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    fetch_s: float = FETCH_S
    inside: Collection[Mapping[str, Any]] = ()

    def prepare(self, spec: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Issue, ...]]:
        """The spec as it may be shown to everyone, or what is against that.

        Every object of the author becomes a copied blob without metadata, and so does a preview at
        the address of another site, which would vanish or change there. Raises ProviderError when
        the copying itself breaks down, so that trying again may help.
        """
        public = media_links.spec_copy(spec)
        issues = self.problems(public)
        if issues:
            return public, issues
        for place in media_links.places(public):
            reference = place.reference
            if reference is not None and reference.kind == "blob":
                continue
            if reference is None and place.role == "default":
                continue
            try:
                object_id = reference.id if reference else self._fetch(place.value)
                place.fill(str(media_links.blob_reference(self._public_bytes(object_id))))
            except (errors.ProviderError, errors.InvalidInput, errors.TooLarge) as failure:
                if reference is None:
                    problem = phrase("not_fetched", why=failure.message)
                    return public, (_private(place.path, problem, _remedy(place)),)
                if isinstance(failure, errors.ProviderError) and failure.retryable:
                    raise
                refusal = phrase("not_public", why=failure.message)
                return public, (
                    issue("invalid_field", path=place.path, field=place.path, problem=refusal),
                )
        return public, ()

    def _fetch(self, url: str) -> str:
        """Keep the file at an address of another site as an upload of the author; its id.

        Raises ProviderError when it cannot be fetched, and what `keep_upload` raises.
        """
        if url not in self.uploads:
            folder = blobs.attempt_dir("preview")
            start = time.monotonic()
            try:
                file = fetch.fetch(
                    url,
                    folder,
                    kinds=media_links.MEDIA_TYPES,
                    max_bytes=settings.UPLOAD_LIMIT_BYTES,
                    timeout_s=max(1.0, self.fetch_s),
                    check=lambda: None,
                )
                upload = keep_upload(
                    owner=self.author,
                    path=file.path,
                    filename=urlsplit(url).path,
                    slot="preview",
                    # Fetched again, it takes the place of what was fetched before.
                    place=f"preview-{hashlib.sha256(url.encode()).hexdigest()[:40]}",
                )
            finally:
                self.fetch_s -= time.monotonic() - start
                blobs.discard(folder)
            self.uploads[url] = upload.public_id
        return self.uploads[url]

    def problems(self, spec: Mapping[str, Any]) -> tuple[Issue, ...]:
        """Find what is against showing this spec to everyone, without copying anything."""
        looked_at = media_links.spec_copy(spec)
        places = list(media_links.places(looked_at))
        issues = [
            problem for place in places if (problem := self._refusal(place)) is not None
        ] + list(_leaks(looked_at, places))
        if sum(1 for place in places if place.reference) > MEDIA_LIMIT:
            issues.append(
                issue(
                    "too_many",
                    path="previewArtifacts",
                    count=len(places),
                    what="media",
                    limit=MEDIA_LIMIT,
                )
            )
        return tuple(issues)

    def record(self) -> None:
        """Insert the rows of what `prepare` stored; part of the caller's transaction."""
        for object_id, file in self.copies.items():
            blobs.record(file, self.origins[object_id])

    def _refusal(self, place: media_links.Place) -> Issue | None:
        reference = place.reference
        if reference is None:
            if media_links.is_own_link(place.value, self.hosts):
                return _private(place.path, phrase("not_own_media"), _remedy(place))
            if place.role == "default":
                return None
            try:
                fetch.check_url(place.value)
            except errors.InvalidBody as refusal:
                problem = phrase("not_fetched", why=refusal.message)
                return _private(place.path, problem, _remedy(place))
            return None
        if reference.kind == "object":
            is_there = resolvers.resolve_owned(reference.id, self.author) is not None
        else:
            is_there = Blob.objects.filter(sha256=reference.id, blocked_at=None).exists()
        return None if is_there else _private(place.path, phrase("media_gone"), _remedy(place))

    def _public_bytes(self, object_id: str) -> StoredFile:
        if object_id not in self.copies:
            blob = resolvers.resolve_owned(object_id, self.author)
            if blob is None:
                raise errors.Conflict("A file of this template was just deleted. Try again.")
            provenance = provenance_of_file(blob)
            copy = marked_copy(blob, "clean", provenance, Unwatched())
            self.copies[object_id] = blobs.file_of(copy)
            self.origins[object_id] = provenance.origin
        return self.copies[object_id]


def _leaks(spec: Mapping[str, Any], places: list[media_links.Place]) -> Iterator[Issue]:
    """Signed links outside previews and defaults: each would open a private object for a day."""
    values = {place.value for place in places}
    for path, text in _texts(spec):
        if text not in values and _holds_signed_link(text):
            yield _private(path, phrase("links_to_private"), phrase("make_it_an_input"))


def _holds_signed_link(text: str) -> bool:
    # Also one that is percent-encoded to be handed on by another site.
    for word in _WORD_ENDS.split(text) + _WORD_ENDS.split(unquote(text)):
        _, separator, rest = word.partition("/media/")
        if separator and _EXPIRY.search(rest) and _SIGNATURE.search(rest):
            return True
    return False


def _texts(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every string of a spec with the path of the part that holds it, as issues name parts."""
    for name, value in spec.items():
        parts = [(name, value)]
        if name in ("inputs", "stages") and isinstance(value, list):
            key = "name" if name == "inputs" else "id"
            parts = [
                (f"{name}/{part.get(key)}" if isinstance(part, dict) else name, part)
                for part in value
            ]
        elif name == "extra" and isinstance(value, dict):
            parts = list(value.items())
        for path, part in parts:
            for text in _strings(part):
                yield path, text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _remedy(place: media_links.Place) -> Phrase:
    return phrase("choose_own" if place.role == "default" else "choose_result")


def _private(path: str, problem: Phrase, remedy: Phrase) -> Issue:
    return issue("private_media_reference", path=path, field=path, problem=problem, remedy=remedy)
