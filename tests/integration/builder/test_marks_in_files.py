"""Copies that others get say how they were made, and nothing else that was in the file."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from media import signing
from media.models import Blob
from runs.models import Artifact, Run
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.creations import media_of, page_of, shared
from tests.support.builders.maker_credentials import CREATED, NAME, PROMPT, Maker, issuers_in, read
from tests.support.builders.planted_media import SIGNED_FORMATS, planted_file, words_in
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import BASE_URL, TEMPLATES, documented
from tests.support.checks import only_check
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

AI = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def stored(name: str, origin: str, content: bytes = b"") -> Blob:
    """A file of a format with its origin. content: in place of what `planted_file` makes."""
    data, facts = planted_file(name)
    data = content or data
    blob = make_blob(data, kind=facts.kind, mime=facts.mime, width=facts.width)
    Blob.objects.filter(pk=blob.pk).update(origin=origin)
    blob.refresh_from_db()
    return blob


def run_of(owner: User, blobs: Mapping[str, Blob]) -> Run:
    """Make a run whose results are these, as whatever made them said."""
    steps = [
        {"id": f"step-{place}", "toolName": "note", "arguments": {"text": "one", "copies": count}}
        for place, count in enumerate(_parts(len(blobs)))
    ]
    run = start(owner, steps)
    work_off()
    rows = Artifact.objects.filter(run=run).order_by("step__sequence", "position")
    for row, blob in zip(rows, blobs.values(), strict=True):
        row.blob, row.kind, row.meta = blob, blob.kind, {"origin": blob.origin}
        row.save(update_fields=["blob", "kind", "meta"])
    run.refresh_from_db()
    return run


def _parts(total: int) -> list[int]:
    """Return how many results each step makes: four at most."""
    return [min(4, total - start) for start in range(0, total, 4)]


def by_sharing(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    results = Artifact.objects.filter(run=run).order_by("step__sequence", "position")
    chosen = list(results.values_list("public_id", flat=True))
    page = page_of(shared(run, details="", artifact=chosen))
    links = [link for link in media_of(page) if "/poster" not in link]
    files = [request_app("GET", link.split("?")[0]).body for link in links]
    return dict(zip(blobs, files, strict=True))


def by_clean_download(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    path = f"/runs/{run.public_id}/download?clean=1"
    with zipfile.ZipFile(io.BytesIO(request_app("GET", path, {"api-key": key}).body)) as archive:
        return dict(zip(blobs, map(archive.read, archive.namelist()), strict=True))


def by_publishing(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    """Each as the example of an input of a public template."""
    inputs = documented()["inputs"][:1]
    for name, blob in blobs.items():
        upload = make_upload(owner, blob)
        link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
        examples = {"examples": [link]}
        inputs.append({"name": name.lower(), "type": blob.kind, "jsonSchema": examples})
    body = {**documented(), "id": "open", "visibility": "public", "inputs": inputs}
    answer = Api(key).post(TEMPLATES, body).json()
    assert answer["status"] == "success", answer
    examples = [one["jsonSchema"]["examples"] for one in answer["data"]["template"]["inputs"][1:]]
    links = [link.removeprefix(BASE_URL) for [link] in examples]
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


def own_authority() -> str:
    answer = Client().get("/.well-known/reelgraph-ca.pem")
    assert (answer.status_code, answer["content-type"]) == (200, "application/x-pem-file")
    return answer.content.decode()


def copied_as(name: str) -> str:
    """The type of the copy of a file."""
    mime = planted_file(name)[1].mime
    return {"image/heic": "image/jpeg", "image/avif": "image/jpeg"}.get(
        mime, "image/png" if mime in ("image/gif", "image/tiff") else mime
    )


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_copy_keeps_its_makers_name_and_no_prompt(way: Way, alice: User, alice_key: str) -> None:
    maker = Maker()
    signed = {}
    for name in SIGNED_FORMATS:
        data, facts = planted_file(name)
        signed[name] = maker.signed(data, facts.mime)
        assert PROMPT.encode() in signed[name]
    copies = way(
        alice, alice_key, {name: stored(name, "ai", data) for name, data in signed.items()}
    )
    for name, copy in copies.items():
        report = read(copy, copied_as(name), own_authority(), maker.authority)
        assert report.get("validation_state") == "Trusted", name
        assert sorted(issuers_in(report)) == [NAME, "Reelgraph"], name
        assert PROMPT.encode() not in copy, name
        assert words_in(copy) == [], name
        assert b"c2pa.thumbnail" not in copy.replace(b"c2pa.assertions/c2pa.thumbnail", b""), name


@pytest.mark.slow
def test_credentials_with_a_persons_words_are_not_kept(alice: User, alice_key: str) -> None:
    maker = Maker()
    words = "an owl for Benedikt"
    data = planted_file("PNG")[0]
    described = {**CREATED, "parameters": {"description": words}}
    blobs = {
        "PNG": stored("PNG", "ai", maker.signed(data, "image/png", title=f"{words}.png")),
        "GIF": stored("PNG", "ai", maker.signed(data, "image/png", action=described)),
        "TIFF": stored("PNG", "unknown", maker.signed(data, "image/png")),
    }
    titled, told, unclaimed = by_publishing(alice, alice_key, blobs).values()
    for copy in (titled, told):
        assert words.encode() not in copy
        report = read(copy, "image/png", own_authority())
        assert report["validation_state"] == "Trusted"
        assert issuers_in(report) == ["Reelgraph"]
    # Of an upload nothing is claimed but what its maker says.
    assert b"DigitalSourceType" not in unclaimed
    report = read(unclaimed, "image/png", own_authority(), maker.authority)
    assert sorted(issuers_in(report)) == [NAME, "Reelgraph"]
    active = report["manifests"][report["active_manifest"]]
    [first, *_] = active["assertions"][0]["data"]["actions"]
    assert (first["action"], "digitalSourceType" in first) == ("c2pa.opened", False)


@pytest.mark.slow
def test_damaged_credentials_are_not_kept(alice: User, alice_key: str) -> None:
    signed = Maker().signed(planted_file("MP3")[0], "audio/mpeg")
    # The reader reports nothing of a file of which a part can't be decoded.
    damaged = signed.replace(b"\xa1fprompt", b"\xa1\xffprompt")
    assert damaged != signed
    [copy] = by_publishing(alice, alice_key, {"MP3": stored("MP3", "ai", damaged)}).values()
    report = read(copy, "audio/mpeg", own_authority())
    assert (report["validation_state"], issuers_in(report)) == ("Trusted", ["Reelgraph"])


@pytest.mark.slow
def test_without_the_packages_a_copy_is_not_signed(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    [copy] = by_publishing(alice, alice_key, {"PNG": stored("PNG", "ai")}).values()
    assert AI in copy
    assert b"c2pa" not in copy


@pytest.fixture
def services(settings: Any) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Set the services beside the studio."""

    def set_services(tables: dict[str, Any]) -> None:
        settings.PROVIDERS = tables
        registry.rebuild()

    settings.EXTRA_TOOL_MODULES = []
    yield set_services
    del settings.PROVIDERS, settings.EXTRA_TOOL_MODULES
    registry.rebuild()


def test_doctor_says_what_is_missing(
    services: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    services({})
    assert only_check("credentials").level == "ok"
    openai = {"kind": "openai", "base_url": "http://127.0.0.1:9", "key": "k", "images": ["m"]}
    services({"openai": openai})
    check = only_check("credentials")
    assert (check.level, "openai" in check.says) == ("warning", True)
    assert check.remedy == "Install requirements/marks.txt."
