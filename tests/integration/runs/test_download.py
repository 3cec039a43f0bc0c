"""GET /runs/<id>/download: a run's media as one zip."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import av
import pytest
import trimesh
from PIL import Image

from accounts.models import User
from builder.asgi import application
from core import clock
from media.blobs import path_of
from media.models import Blob
from runs.models import Artifact, Run
from runs.web import download
from tests.support.builders.blobs import SECRET, film_with_place, jpeg_with_place, make_blob
from tests.support.builders.models3d import with_note
from tests.support.builders.running import start, work_off
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.visitors import signed_in
from tests.support.waiting import WAIT_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]
MEGABYTE = 1 << 20


def titled(run: Run, title: str) -> Run:
    Run.objects.filter(pk=run.pk).update(title=title)
    run.refresh_from_db()
    return run


@pytest.fixture
def done(alice: User) -> Run:
    """Two stages; the second made two pictures."""
    run = start(
        alice,
        [
            {"id": "keyframe", "title": "Keyframe", "toolName": "note", "arguments": {"text": "a"}},
            {
                "id": "shots",
                "title": "Shots",
                "toolName": "note",
                "arguments": {"text": "b", "copies": 2},
                "dependsOn": ["keyframe"],
            },
        ],
    )
    work_off()
    return titled(run, "Dawn over the harbor")


def fetch(run: Run, key: str, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request_app(method, f"/runs/{run.public_id}/download", {"api-key": key, **named})


def test_every_result_is_there_under_the_title_of_its_run_and_stage(
    done: Run, alice_key: str
) -> None:
    answer = fetch(done, alice_key)
    assert answer.status == 200
    assert answer.header("content-type") == "application/zip"
    assert 'attachment; filename="' in answer.header("content-disposition")
    assert int(answer.header("content-length")) == len(answer.body)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [
            f"Dawn over the harbor - {stage}.png" for stage in ("Keyframe", "Shots 1", "Shots 2")
        ]
        rows = Artifact.objects.filter(run=done).order_by("step__sequence", "position")
        for row, name in zip(rows, names, strict=True):
            assert archive.read(name) == path_of(row.blob_id).read_bytes()


def test_head_tells_its_size(done: Run, alice_key: str) -> None:
    head, got = fetch(done, alice_key, "HEAD"), fetch(done, alice_key)
    assert (head.status, head.body) == (200, b"")
    assert head.header("content-length") == str(len(got.body))


def test_hidden_and_blocked_media_stay_out(done: Run, alice_key: str) -> None:
    first, second, _third = Artifact.objects.filter(run=done).order_by("id")
    Artifact.objects.filter(pk=first.pk).update(hidden_at=clock.now())
    Blob.objects.filter(pk=second.blob_id).update(blocked_at=clock.now())
    with zipfile.ZipFile(io.BytesIO(fetch(done, alice_key).body)) as archive:
        assert archive.namelist() == ["Dawn over the harbor - Shots.png"]


def holding(run: Run, *held: Blob) -> None:
    """The run's media are these instead."""
    for row, blob in zip(Artifact.objects.filter(run=run).order_by("id"), held, strict=True):
        Artifact.objects.filter(pk=row.pk).update(blob=blob)


def clean(run: Run, key: str) -> Answer:
    return request_app("GET", f"/runs/{run.public_id}/download?clean=1", {"api-key": key})


def test_a_clean_zip_holds_copies_without_what_files_tell(
    done: Run, alice_key: str, settings: Any
) -> None:
    holding(
        done,
        make_blob(jpeg_with_place()),
        make_blob(film_with_place(), kind="video", mime="video/mp4"),
        make_blob(with_note(SECRET), kind="model", mime="model/gltf-binary"),
    )
    secret = SECRET.encode()
    assert secret in fetch(done, alice_key).body
    answer = clean(done, alice_key)
    assert int(answer.header("content-length")) == len(answer.body)
    assert secret not in answer.body
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        picture, film, model = archive.namelist()
        assert picture == "Dawn over the harbor - Keyframe.jpg"
        with Image.open(io.BytesIO(archive.read(picture))) as opened:
            assert (opened.size, opened.getexif()) == ((32, 18), {})
        with av.open(io.BytesIO(archive.read(film))) as container:
            assert sum(1 for _ in container.decode(video=0)) == 5
            assert "title" not in container.metadata
        with io.BytesIO(archive.read(model)) as opened_model:
            assert len(trimesh.load_mesh(opened_model, file_type="glb").faces) == 12
    assert not list(Path(settings.MEDIA_DIR, "tmp").glob("download-*"))


def test_a_clean_zip_never_holds_the_original_of_what_cannot_be_copied(
    done: Run, alice_key: str
) -> None:
    damaged = jpeg_with_place()[:200]
    holding(done, *(make_blob(damaged + bytes([n])) for n in range(3)))
    answer = clean(done, alice_key)
    assert answer.status >= 400
    assert SECRET.encode() not in answer.body
    assert "damaged" in answer.json()["message"]


def test_a_run_without_media_has_no_zip(alice: User, alice_key: str) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    answer = fetch(run, alice_key)
    assert (answer.status, answer.json()["status"]) == (404, "error")


def test_a_signed_in_person_gets_it_and_others_are_led_to_the_page(done: Run, alice: User) -> None:
    client = signed_in(alice)
    path = f"/runs/{done.public_id}/download"
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}", "accept": "text/html"}
    assert request_app("GET", path, cookie).status == 200
    sent = request_app("GET", path, {"accept": "text/html"})
    assert (sent.status, sent.header("location")) == (302, f"/runs/{done.public_id}")


def test_the_zip_is_called_like_its_run_in_any_script(alice: User, alice_key: str) -> None:
    for title, plain, full in (
        ("Dawn over the harbor", "dawn-over-the-harbor.zip", "Dawn%20over%20the%20harbor.zip"),
        ("夜明け: 港", "run.zip", "%E5%A4%9C%E6%98%8E%E3%81%91-%20%E6%B8%AF.zip"),
    ):
        run = titled(start(alice, [{"toolName": "note", "arguments": {"text": "x"}}]), title)
        work_off()
        said = fetch(run, alice_key).header("content-disposition")
        assert said == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


def scope_of(run: Run, key: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": f"/runs/{run.public_id}/download",
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"api-key", key.encode())],
    }


def test_memory_stays_small_however_much_a_run_made(done: Run, alice_key: str) -> None:
    """128 MB through a reader that looks at each chunk, within a few MB."""
    for row in Artifact.objects.filter(run=done):
        path = path_of(row.blob_id)
        with path.open("r+b") as file:
            file.truncate(64 * MEGABYTE)
    total, largest = 0, 0

    async def scene() -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.sleep(3600)
            asked = True
            return {"type": "http.request"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal total, largest
            total += len(message.get("body", b""))
            largest = max(largest, len(message.get("body", b"")))

        await application(scope_of(done, alice_key), receive, send)

    tracemalloc.start()
    try:
        asyncio.run(scene())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total > 128 * MEGABYTE
    assert largest <= 2 * download.CHUNK
    assert peak < 8 * MEGABYTE


def test_a_reader_that_leaves_ends_the_work(done: Run, alice_key: str) -> None:
    for row in Artifact.objects.filter(run=done):
        with path_of(row.blob_id).open("r+b") as file:
            file.truncate(16 * MEGABYTE)
    sent = 0

    async def scene() -> None:
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal sent
            sent += len(message.get("body", b""))
            if sent > MEGABYTE:
                gone.set()
                await asyncio.sleep(0)

        async with asyncio.timeout(WAIT_S):
            await application(scope_of(done, alice_key), receive, send)

    asyncio.run(scene())
    assert MEGABYTE < sent < 8 * MEGABYTE
