import asyncio
import hashlib
import threading
from datetime import timedelta

import httpx
import psutil
import pytest
from django.db import connection

from core import clock
from media import resolvers
from media.blobs import path_of
from media.models import Blob, Upload
from media.serve import CHUNK, MediaApp
from media.signing import signed_path
from tests.support.builders.media_folders import mark
from tests.support.clients.media_requests import request_media
from tests.support.waiting import WAIT_S

DATA = bytes(range(256)) * 4
ID = "art_test"


def put(data, mime="image/png"):
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Blob(sha256=sha256, size=len(data), mime=mime, kind="image")


@pytest.fixture
def known(tmp_path, settings, monkeypatch):
    """Blobs by id and public ones by (version, sha256), as the floors above would know them."""
    settings.MEDIA_DIR = mark(tmp_path, monkeypatch)
    known = {}
    monkeypatch.setattr(resolvers, "_resolvers", [known.get])
    monkeypatch.setattr(
        resolvers, "_public_resolvers", {"t": lambda version, sha256: known.get((version, sha256))}
    )
    known[ID] = put(DATA)
    return known


def get(headers=None, *, public_id=ID, name="a.png", **options):
    return request_media(signed_path(public_id, name), headers, **options)


def test_gives_the_whole_file_with_what_keeps_it_harmless(known):
    answer = get()
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{known[ID].sha256}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["cache-control"] == "private, max-age=3600, immutable"


def test_gives_a_part(known):
    answer = get({"Range": "bytes=-24"})
    assert (answer.status_code, answer.content) == (206, DATA[1000:])
    assert answer.headers["content-range"] == "bytes 1000-1023/1024"
    assert answer.headers["content-length"] == "24"


def test_a_part_across_many_chunks_is_whole(known):
    data = bytes(range(251)) * 4000
    known["art_long"] = put(data)
    answer = get({"Range": f"bytes=5-{3 * CHUNK + 7}"}, public_id="art_long")
    assert answer.content == data[5 : 3 * CHUNK + 8]


def test_a_part_outside_the_file_is_416(known):
    answer = get({"Range": "bytes=1024-"})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == "bytes */1024"


def test_if_range_gives_a_part_only_of_the_same_bytes(known):
    part = {"Range": "bytes=0-1"}
    assert get(part | {"If-Range": f'"{known[ID].sha256}"'}).status_code == 206
    for other in ('"another"', f'W/"{known[ID].sha256}"', "Wed, 21 Oct 2026 07:28:00 GMT"):
        assert get(part | {"If-Range": other}).status_code == 200


def test_if_none_match_answers_304_without_a_body(known):
    etag = f'"{known[ID].sha256}"'
    for header in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = get({"If-None-Match": header, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert get({"If-None-Match": '"x"'}).status_code == 200


def test_head_says_all_and_sends_nothing(known):
    answer = get({"Range": "bytes=0-1"}, method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))


def test_an_empty_file_is_served(known):
    known["art_empty"] = put(b"")
    answer = get(public_id="art_empty")
    assert (answer.status_code, answer.headers["content-length"]) == (200, "0")
    assert get({"Range": "bytes=0-"}, public_id="art_empty").status_code == 416


@pytest.mark.parametrize(
    ("mime", "name"),
    [
        ("text/html", "page.html"),
        ("image/svg+xml", "a.svg"),
        ("model/gltf-binary", 'x"\r\nSet-Cookie: a=b.exe'),
        ("application/octet-stream", "日本.bin"),
    ],
)
def test_what_a_browser_might_run_is_downloaded_under_a_harmless_name(known, mime, name):
    known["art_odd"] = put(b"x", mime)
    disposition = get(public_id="art_odd", name=name).headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert disposition.endswith((".bin", ".glb"))
    assert disposition.isascii()
    assert disposition.isprintable()


def refusals(known):
    path = signed_path(ID, "a.png")
    blocked = put(b"blocked")
    blocked.blocked_at = clock.now()
    known["art_blocked"] = blocked
    known["art_lost"] = Blob(sha256="0" * 64, size=1, mime="image/png", kind="image")
    short = put(b"cut short")
    short.size += 1
    known["art_short"] = short
    return {
        "forged": path[:-1] + ("A" if path[-1] != "A" else "B"),
        "other id": path.replace(ID, "art_tesu"),
        "other expiry": path.replace("e=", "e=1"),
        "no signature": path.partition("?")[0],
        "signature twice": path + "&s=x",
        "expired": signed_path(ID, "a.png", at=clock.now() - timedelta(days=2)),
        "unknown": signed_path("art_unknown", "a.png"),
        "blocked": signed_path("art_blocked", "a.png"),
        "no file": signed_path("art_lost", "a.png"),
        "shorter than recorded": signed_path("art_short", "a.png"),
        "public, unknown": "/media/t/1/" + "a" * 64,
        "nothing": "/media/",
        "too deep": "/media/a/b/c/d/e",
        "too many fields": "/media/a/b?" + "&".join(f"a{i}=1" for i in range(100)),
    }


def test_every_refusal_is_the_same_404(known):
    bodies = set()
    for name, path in refusals(known).items():
        answer = request_media(path)
        assert answer.status_code == 404, name
        assert answer.json()["status"] == "error"
        assert answer.json()["errorCode"] == 4040
        bodies.add(answer.json()["message"])
    assert len(bodies) == 1


def test_a_public_templates_medium_needs_no_signature_and_is_asked_for_again(known):
    blob = known[ID]
    known["7", blob.sha256] = blob
    answer = request_media(f"/media/t/7/{blob.sha256}")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["cache-control"] == "public, no-cache"


def test_another_website_may_read_but_not_with_cookies(known, settings):
    settings.CORS_ORIGINS = ["https://friend.example"]
    outsider = get({"Origin": "https://outsider.example"})
    assert outsider.headers["access-control-allow-origin"] == "https://outsider.example"
    assert "access-control-allow-credentials" not in outsider.headers
    assert "Content-Range" in outsider.headers["access-control-expose-headers"]
    friend = get({"Origin": "https://friend.example"})
    assert friend.headers["access-control-allow-credentials"] == "true"
    missing = request_media("/media/a/b", {"Origin": "https://outsider.example"})
    assert missing.headers["access-control-allow-origin"] == "https://outsider.example"


def test_a_preflight_is_answered_without_looking_anything_up(known):
    answer = request_media("/media/x/y", {"Origin": "https://a.example"}, method="OPTIONS")
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_media_are_only_read(known, method):
    assert get(method=method).status_code == 405


def test_an_unknown_host_name_is_refused(known, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert get(host="evil.example").status_code == 400


def scope_of(path):
    path, _question, query = path.partition("?")
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")],
    }


def test_reads_no_further_than_the_reader_takes_and_stops_when_it_leaves(known):
    known["art_long"] = put(bytes(20 * CHUNK))
    sent = []
    app = MediaApp()

    async def talk():
        left = asyncio.Event()
        third = asyncio.Event()

        async def receive():
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(len(message.get("body", b"")))
            if len(sent) == 4:
                third.set()
                # A reader whose buffers are full.
                await left.wait()

        path = signed_path("art_long", "a.mp4")
        serving = asyncio.ensure_future(app(scope_of(path), receive, send))
        await asyncio.wait_for(third.wait(), WAIT_S)
        left.set()
        await asyncio.wait_for(serving, WAIT_S)

    asyncio.run(talk())
    assert sum(sent) <= 5 * CHUNK
    assert max(sent) <= CHUNK


def test_closes_the_file_when_the_server_cancels_it(known):
    known["art_long"] = put(bytes(20 * CHUNK))
    app = MediaApp()
    descriptors = []

    async def talk():
        reached = asyncio.Event()

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            if message["type"] == "http.response.body":
                reached.set()
                await asyncio.Event().wait()

        path = signed_path("art_long", "a.mp4")
        serving = asyncio.ensure_future(app(scope_of(path), receive, send))
        await asyncio.wait_for(reached.wait(), WAIT_S)
        descriptors.append(open_blobs())
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        descriptors.append(open_blobs())

    asyncio.run(talk())
    assert descriptors == [1, 0]


def open_blobs():
    return sum("/blobs/" in file.path for file in psutil.Process().open_files())


@pytest.mark.django_db(transaction=True)
def test_an_uploads_bytes_are_served_once_they_are_complete(alice, tmp_path, settings):
    settings.MEDIA_DIR = tmp_path
    blob = put(DATA)
    blob.save()
    upload = Upload.objects.create(
        owner=alice, slot="referenceImage", blob=blob, expires_at=clock.now() + timedelta(hours=1)
    )
    assert get(public_id=upload.public_id).status_code == 404
    upload.completed_at = clock.now()
    upload.save(update_fields=["completed_at"])
    assert get(public_id=upload.public_id).content == DATA
    Blob.objects.update(blocked_at=clock.now())
    assert get(public_id=upload.public_id).status_code == 404


def test_many_readers_cost_a_fixed_number_of_threads(known):
    app = MediaApp()

    async def ask_many():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            path = signed_path(ID, "a.png")
            return await asyncio.gather(*(client.get(path) for _ in range(100)))

    before = threading.active_count()
    answers = asyncio.run(ask_many())
    assert {answer.status_code for answer in answers} == {200}
    assert threading.active_count() - before <= 8


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_ended_is_not_used_again(alice, tmp_path, settings):
    settings.MEDIA_DIR = tmp_path
    blob = put(DATA)
    blob.save()
    upload = Upload.objects.create(
        owner=alice, slot="x", blob=blob, expires_at=clock.now(), completed_at=clock.now()
    )
    app = MediaApp(database_threads=1)

    async def status():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://localhost"
        ) as client:
            return (await client.get(signed_path(upload.public_id, "a.png"))).status_code

    assert asyncio.run(status()) == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    assert asyncio.run(status()) == 200
