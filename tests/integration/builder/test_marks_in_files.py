"""Copies that others get say how they were made, and nothing else that was in the file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

from accounts.models import User
from media import signing
from media.models import Blob
from runs.models import Artifact, Run
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.creations import finished_run, media_of, page_of, shared
from tests.support.builders.planted_media import planted_file, words_in
from tests.support.builders.templates import BASE_URL, TEMPLATES, documented
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)

AI = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def stored(name: str, origin: str) -> Blob:
    data, facts = planted_file(name)
    blob = make_blob(data, kind=facts.kind, mime=facts.mime, width=facts.width)
    Blob.objects.filter(pk=blob.pk).update(origin=origin)
    blob.refresh_from_db()
    return blob


def run_of(owner: User, blobs: Mapping[str, Blob]) -> Run:
    """Make a run whose results are these, as whatever made them said."""
    run = finished_run(owner, *blobs.values())
    for row in Artifact.objects.filter(run=run).select_related("blob"):
        row.meta = {"origin": row.blob.origin}
        row.save(update_fields=["meta"])
    return run


def by_sharing(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    results = Artifact.objects.filter(run=run).order_by("id").values_list("public_id", flat=True)
    page = page_of(shared(run, details="", artifact=list(results)))
    links = [link for link in media_of(page) if "/poster" not in link]
    files = [request_app("GET", link.split("?")[0]).body for link in links]
    return dict(zip(blobs, files, strict=True))


def by_clean_download(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    path = f"/runs/{run.public_id}/download?clean=1"
    with zipfile.ZipFile(io.BytesIO(request_app("GET", path, {"api-key": key}).body)) as archive:
        return dict(zip(blobs, map(archive.read, archive.namelist()), strict=True))


def by_publishing(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    uploads = [make_upload(owner, blob) for blob in blobs.values()]
    looks = [
        {
            "stageId": "clip",
            "label": "A look",
            "mediaType": one.blob.kind if one.blob else "",
            "url": BASE_URL + signing.signed_path(one.public_id, one.filename),
        }
        for one in uploads
    ]
    body = {**documented(), "id": "open", "visibility": "public", "previewArtifacts": looks}
    template = Api(key).post(TEMPLATES, body).json()["data"]["template"]
    links = [look["url"].removeprefix(BASE_URL) for look in template["previewArtifacts"]]
    return {name: request_app("GET", link).body for name, link in zip(blobs, links, strict=True)}


Way = Callable[[User, str, Mapping[str, Blob]], dict[str, bytes]]
WAYS = (by_sharing, by_clean_download, by_publishing)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_what_others_get_says_how_it_was_made(way: Way, alice: User, alice_key: str) -> None:
    blobs = {"MP4": stored("MP4", "ai"), "PNG": stored("PNG", "unknown")}
    copies = way(alice, alice_key, blobs)
    assert AI in copies["MP4"]
    # Nothing is claimed of it.
    assert b"DigitalSourceType" not in copies["PNG"]
    for name, copy in copies.items():
        assert words_in(copy) == []
        assert words_in(planted_file(name)[0]), "nothing was planted"
