"""Copies that others get say how they were made, and nothing else that was in the file."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from accounts.models import User
from core import clock
from media import credential_keys, marking, signing, sweeping
from media.blobs import path_of
from media.models import Blob, MarkedCopy
from runs.models import Artifact, Run
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.creations import media_of, page_of, shared
from tests.support.builders.maker_credentials import CREATED, NAME, PROMPT, Maker, issuers_in, read
from tests.support.builders.planted_media import FORMATS, SIGNED_FORMATS, planted_file, words_in
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import BASE_URL, TEMPLATES, documented
from tests.support.checks import only_check
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = "a language model"
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
        planner = {"plannedBy": PLANNER} if blob.origin == "planned" else {}
        row.blob, row.kind, row.meta = blob, blob.kind, {"origin": blob.origin, **planner}
        row.save(update_fields=["blob", "kind", "meta"])
    run.refresh_from_db()
    return run


def _parts(total: int) -> list[int]:
    """Return how many results each step makes: four at most."""
    return [min(4, total - start) for start in range(0, total, 4)]


def results_of(run: Run) -> QuerySet[Artifact]:
    return Artifact.objects.filter(run=run).order_by("step__sequence", "position")


def by_sharing(
    owner: User, key: str, blobs: Mapping[str, Blob], details: str = ""
) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    chosen = list(results_of(run).values_list("public_id", flat=True))
    page = page_of(shared(run, details=details, artifact=chosen))
    links = [link for link in media_of(page) if "/poster" not in link]
    files = [request_app("GET", link.split("?")[0]).body for link in links]
    return dict(zip(blobs, files, strict=True))


def by_sharing_with_details(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    return by_sharing(owner, key, blobs, details="on")


def by_embed(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    """Each as the one file of a creation: of every kind one."""
    files = {}
    for name, blob in {one.kind: (name, one) for name, one in blobs.items()}.values():
        share = shared(run_of(owner, {name: blob}), details="")
        frame = Client().get(f"/embed/{share.public_id}").content.decode()
        [link, *_] = [one for one in media_of(frame) if "/poster" not in one]
        files[name] = request_app("GET", link.split("?")[0]).body
    return files


def by_clean_download(
    owner: User, key: str, blobs: Mapping[str, Blob], query: str = "?clean=1"
) -> dict[str, bytes]:
    run = run_of(owner, blobs)
    path = f"/runs/{run.public_id}/download{query}"
    answer = request_app("GET", path, {"api-key": key})
    head = request_app("HEAD", path, {"api-key": key})
    assert head.header("content-length") == str(len(answer.body))
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return dict(zip(blobs, map(archive.read, archive.namelist()), strict=True))


def by_download(owner: User, key: str, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    """In an archive and one by one: the same bytes."""
    files = by_clean_download(owner, key, blobs, query="")
    run = Run.objects.latest("id")
    for row, (name, blob) in zip(results_of(run), blobs.items(), strict=True):
        address = signing.signed_path(row.public_id, row.filename)
        head = request_app("HEAD", signing.download_address(address))
        answer = request_app("GET", signing.download_address(address))
        assert answer.body == files[name], name
        assert head.header("content-length") == str(len(answer.body))
        assert answer.header("content-disposition").startswith("attachment")
        # What is looked at stays as it was made.
        assert request_app("GET", address).body == path_of(blob.sha256).read_bytes()
    return files


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
# Those meant for others, and those that keep all that is in a file.
CLEAN_WAYS = (by_sharing, by_embed, by_clean_download, by_publishing)
WHOLE_WAYS = (by_sharing_with_details, by_download)


@pytest.mark.slow
def test_what_others_get_says_how_it_was_made(alice: User, alice_key: str) -> None:
    blobs = {
        "MP4": stored("MP4", "ai"),
        "PNG": stored("PNG", "unknown"),
        "JPEG": stored("JPEG", "planned"),
    }
    copies = by_clean_download(alice, alice_key, blobs)
    report = read(copies["JPEG"], "image/jpeg", own_authority())
    [action] = report["manifests"][report["active_manifest"]]["assertions"][0]["data"]["actions"]
    assert action["digitalSourceType"].endswith("/algorithmicMedia")
    assert action["description"] == f"Planned by {PLANNER}"
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
def test_a_copy_keeps_its_makers_name(alice: User, alice_key: str) -> None:
    maker = Maker()
    signed = {}
    for name in SIGNED_FORMATS:
        data, facts = planted_file(name)
        signed[name] = maker.signed(data, facts.mime)
        assert PROMPT.encode() in signed[name]
    blobs = {name: stored(name, "ai", data) for name, data in signed.items()}
    for ways in (CLEAN_WAYS, WHOLE_WAYS):
        copies, *others = [way(alice, alice_key, blobs) for way in ways]
        # Each was made once.
        assert all(other and other.items() <= copies.items() for other in others)
        keeps_all = ways == WHOLE_WAYS
        for name, copy in copies.items():
            mime = planted_file(name)[1].mime if keeps_all else copied_as(name)
            report = read(copy, mime, own_authority(), maker.authority)
            assert report.get("validation_state") == "Trusted", name
            assert sorted(issuers_in(report)) == [NAME, "Reelgraph"], name
            assert (PROMPT.encode() in copy) == keeps_all, name
            assert words_in(copy) == (words_in(signed[name]) if keeps_all else []), name
            if not keeps_all:
                thumbnails = copy.replace(b"c2pa.assertions/c2pa.thumbnail", b"")
                assert b"c2pa.thumbnail" not in thumbnails, name


@pytest.mark.slow
def test_a_download_tells_its_origin_and_is_else_the_file(alice: User, alice_key: str) -> None:
    blobs = {name: stored(name, "ai") for name in FORMATS}
    blobs["damaged"] = stored("GIF", "ai", b"GIF89a, cut off")
    blobs["unknown"] = stored("GIF", "unknown", b"GIF89a, of no one knows what")
    copies = by_download(alice, alice_key, blobs)
    for name, copy in copies.items():
        data = path_of(blobs[name].sha256).read_bytes()
        assert words_in(copy) == words_in(data), name
        if name in SIGNED_FORMATS:
            report = read(copy, planted_file(name)[1].mime, own_authority())
            assert report.get("validation_state") == "Trusted", name
            assert issuers_in(report) == ["Reelgraph"], name
        elif name != "3GP":
            assert copy == data, name
        if name in ("PNG", "JPEG", "WebP", "MP4", "MOV", "M4A", "3GP"):
            assert b'DigitalSourceType="' + AI in copy, name


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
def test_a_copy_is_unsigned_where_the_child_that_signs_is_killed(
    alice: User,
    alice_key: str,
    settings: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    signer = credential_keys.load()
    own = tmp_path / "own.pem"
    # More than a child may want signed: it's killed in the middle of its work.
    top = credential_keys.pem_of(signer.chain[-1])
    own.write_text((settings.HOME / "marks" / "leaf.pem").read_text() + 200 * top)
    settings.C2PA_CHAIN = settings.C2PA_KEY = str(own)
    maker = Maker().signed(planted_file("JPEG")[0], "image/jpeg")
    blobs = {"PNG": stored("PNG", "ai"), "JPEG": stored("JPEG", "ai", maker)}
    copies = by_sharing(alice, alice_key, blobs)
    told = [one for one in caplog.messages if "not signed" in one]
    assert len(told) == len(copies)
    assert all(AI in copy and b"c2pa" not in copy for copy in copies.values())
    downloads = by_download(alice, alice_key, blobs)
    assert AI in downloads["PNG"]
    assert b"c2pa" not in downloads["PNG"]
    # A change that isn't signed would break the credentials of its maker.
    assert downloads["JPEG"] == maker


def kept_copy() -> Blob:
    copy = MarkedCopy.objects.get().copy
    assert copy is not None
    return copy


@pytest.mark.slow
def test_a_copy_is_made_once_and_goes_with_its_file(alice: User) -> None:
    blob = stored("PNG", "ai")
    upload = make_upload(alice, blob)
    shown = signing.signed_path(upload.public_id, upload.filename)
    address = signing.download_address(shown)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: request_app("GET", address), range(2)))
    assert all(AI in answer.body for answer in answers)
    copy = kept_copy()
    for _ in range(2):
        sweeping.sweep(grace=timedelta(0))
        assert request_app("GET", address).body == path_of(copy.sha256).read_bytes()
    # Someone brings it back: it tells it already.
    back = make_upload(alice, copy)
    again = signing.download_address(signing.signed_path(back.public_id, back.filename))
    assert request_app("GET", again).header("etag") == f'"{copy.sha256}"'
    back.delete()
    # Lost from the disk, it's made again.
    path_of(copy.sha256).unlink()
    assert AI in request_app("GET", address).body
    copy = kept_copy()
    Blob.objects.filter(pk=copy.pk).update(blocked_at=clock.now())
    assert request_app("GET", address).status == 404
    assert request_app("GET", shown).status == 200
    Blob.objects.filter(pk=copy.pk).update(blocked_at=None)
    MarkedCopy.objects.update(mark="plain/of an earlier key/1", made_at=clock.now())
    marking.forget_old()
    assert MarkedCopy.objects.exists()
    upload.delete()
    for _ in range(4):
        sweeping.sweep(grace=timedelta(0))
    assert not Blob.objects.filter(pk__in=[blob.pk, copy.pk]).exists()
    assert not path_of(copy.sha256).exists()


@pytest.mark.slow
def test_without_the_packages_a_copy_is_not_signed(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    [copy] = by_publishing(alice, alice_key, {"PNG": stored("PNG", "ai")}).values()
    assert AI in copy
    assert b"c2pa" not in copy


def test_doctor_says_what_is_missing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    settings.EXTRA_TOOL_MODULES = []
    settings.PROVIDERS = {}
    assert only_check("credentials").level == "ok"
    openai = {"kind": "openai", "base_url": "http://127.0.0.1:9", "key": "k", "images": ["m"]}
    settings.PROVIDERS = {"openai": openai}
    check = only_check("credentials")
    assert (check.level, "openai" in check.says) == ("warning", True)
    assert check.remedy == "Install requirements/marks.txt."
