"""Files that programs bring: an address for one file, and what a run makes of it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.test import override_settings

from accounts.models import User
from builder.asgi import application
from core import clock
from media import presigned_uploads, upload_endpoint
from media.blobs import path_of
from media.models import Upload
from media.sandbox import parent
from runs.models import Artifact
from tests.support.at_once import at_once
from tests.support.builders.blobs import film_with_place, jpeg_with_place
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.clients.asgi_requests import HOST, Answer, request_app
from tests.support.faults.confining import sandbox_children
from tests.support.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WHICH = "jobId=job-1&id=first&type=referenceImage"
LINE = b"--edge\r\n"


@pytest.fixture
def key(alice: User) -> dict[str, str]:
    return {"api-key": make_key(alice)}


def data_of(answer: Answer, status: int = 200) -> dict[str, Any]:
    assert answer.status == status, answer.text
    body = answer.json()
    assert body["status"] == "success"
    return dict(body["data"])


def refused(answer: Answer, status: int, code: str = "") -> str:
    assert answer.status == status, answer.text
    body = answer.json()
    assert (body["status"], bool(body["message"])) == ("error", True)
    assert not code or body["error"]["code"] == code
    return str(body["message"])


def address(key: dict[str, str], which: str = WHICH, area: str = "v1/image") -> str:
    data = data_of(request_app("GET", f"/{area}/uploadUrl?{which}", key))
    return str(data.get("uploadUrl") or data["url"])


def put(url: str, body: bytes, **headers: str) -> Answer:
    return request_app("PUT", url, {"content-type": "image/png", **headers}, body)


def talk(path: str, *messages: Any) -> list[Any]:
    """Send these messages to the server's application. Returns what it sends."""
    waiting, sent = list(messages), []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", HOST.encode())],
    }
    async_to_sync(application)(scope, receive, send)
    return sent


def download(key: dict[str, str], which: str = WHICH) -> str:
    data = data_of(request_app("GET", f"/v1/media/downloadUrl?{which}", key))
    return str(data["downloadUrl"])


def form(fields: dict[str, str], *files: tuple[str, bytes]) -> tuple[dict[str, str], bytes]:
    parts = b""
    for name, value in fields.items():
        parts += LINE + f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, data in files:
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts += LINE + head.encode() + data + b"\r\n"
    return {"content-type": "multipart/form-data; boundary=edge"}, parts + b"--edge--\r\n"


def left_behind() -> list[str]:
    folder = Path(django_settings.MEDIA_DIR) / "tmp"
    return [one.name for one in folder.glob("*") if one.name.startswith(("intake", "upload"))]


@pytest.mark.slow
def test_a_picture_brought_by_address_is_what_a_run_works_on(
    key: dict[str, str], alice: User
) -> None:
    picture = jpeg_with_place()
    url = address(key, f"{WHICH}&contentType=image/png")
    assert urlsplit(url).netloc == HOST
    # No credential but the address; what the sender calls it does not count.
    kept = data_of(put(url, picture))
    assert (kept["kind"], kept["contentType"], kept["size"]) == (
        "image",
        "image/jpeg",
        len(picture),
    )
    assert (kept["width"], kept["height"], kept["duration"]) == (32, 18, None)
    upload = Upload.objects.get()
    assert (upload.owner, upload.slot, upload.filename) == (
        alice,
        "referenceImage",
        "referenceImage.jpg",
    )
    there = download(key)
    assert there == kept["downloadUrl"]
    assert request_app("GET", there).body == picture
    body = {
        "input": {
            "steps": [
                {
                    "id": "look",
                    "toolName": "animate_photo",
                    "arguments": {"prompt": "it breathes", "duration": 1},
                    "dependsOn": [
                        {
                            "sourceStepId": "$input_media",
                            "targetArgument": "sourceImageIndex",
                            "transform": "image_index",
                            "mediaType": "image",
                        }
                    ],
                }
            ]
        },
        "media_references": [{"kind": "image", "url": there}],
    }
    started = request_app("POST", "/v1/creative-agent/workflows", key, json.dumps(body).encode())
    run = data_of(started, 201)["workflow"]
    assert work_off() == 1
    done = data_of(request_app("GET", f"/v1/creative-agent/workflows/{run['id']}", key))["workflow"]
    assert done["status"] == "completed", done
    [made] = done["artifacts"]
    assert made["type"] == "video"
    assert done["steps"][0]["resolvedArguments"]["sourceImageIndex"] == -1
    assert Artifact.objects.count() == 1
    assert left_behind() == []


def test_the_second_version_takes_a_form(key: dict[str, str]) -> None:
    which = "jobId=j&imageId=clip&type=referenceVideo&contentType=video/mp4"
    data = data_of(request_app("GET", f"/v2/media/uploadUrl?{which}", key))
    assert data["fields"] == {"key": "j/clip", "Content-Type": "video/mp4"}
    headers, body = form(data["fields"], ("holiday in Rome.mp4", film_with_place()))
    kept = data_of(request_app("POST", data["url"], headers, body))
    assert (kept["kind"], kept["contentType"]) == ("video", "video/mp4")
    assert kept["duration"] == pytest.approx(1.0, abs=0.3)
    assert Upload.objects.get().filename == "holiday in Rome.mp4"
    same = data_of(request_app("GET", f"/v2/image/downloadUrl?{which}", key))["downloadUrl"]
    assert same == kept["downloadUrl"]
    assert left_behind() == []


def test_a_later_file_takes_the_place_and_the_same_one_changes_nothing(
    key: dict[str, str],
) -> None:
    url = address(key)
    first = data_of(put(url, jpeg_with_place("orange")))
    again = data_of(put(url, jpeg_with_place("orange")))
    assert again["id"] == first["id"]
    second = data_of(put(address(key), jpeg_with_place("teal")))
    assert second["id"] != first["id"]
    assert download(key) == second["downloadUrl"]
    assert request_app("GET", first["downloadUrl"]).status == 404
    assert Upload.objects.count() == 1
    other = data_of(put(address(key, WHICH.replace("first", "second")), jpeg_with_place("teal")))
    assert other["id"] != second["id"]
    # What a template shows stays, without its place.
    preview = {"stageId": "s", "label": "Look", "mediaType": "image", "url": other["downloadUrl"]}
    template = json.dumps({"name": "Shown", "previewArtifacts": [preview]}).encode()
    data_of(request_app("POST", "/v1/creative-agent/workflows/templates", key, template), 201)
    third = data_of(put(address(key, WHICH.replace("first", "second")), jpeg_with_place("black")))
    assert request_app("GET", other["downloadUrl"]).status == 200
    assert download(key, WHICH.replace("first", "second")) == third["downloadUrl"]


def test_two_at_once_leave_one_in_the_place(key: dict[str, str]) -> None:
    url = address(key)

    def bring(colour: str) -> int:
        return put(url, jpeg_with_place(colour)).status

    assert at_once([partial(bring, colour) for colour in ("red", "green")]) == [200, 200]
    assert Upload.objects.count() == 1
    assert request_app("GET", download(key)).status == 200


def test_an_address_that_is_altered_made_up_or_old_is_refused(
    key: dict[str, str], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = address(key)
    picture = jpeg_with_place()
    path = urlsplit(url).path
    altered = [path[:-1] + ("a" if path[-1] != "a" else "b"), "/uploads/made-up", "/uploads/a:b:c"]
    altered += [path.replace("/uploads/", "/uploads/x"), path.rpartition(":")[0]]
    for one in altered:
        refused(put(one, picture), 403, "upload.ticket")
    assert "PUT" in refused(request_app("GET", path), 405)
    assert request_app("DELETE", path).header("allow") == "PUT, POST, OPTIONS"
    User.objects.filter(pk=alice.pk).update(is_active=False)
    refused(put(url, picture), 403, "upload.ticket")
    User.objects.filter(pk=alice.pk).update(is_active=True)
    monkeypatch.setattr(presigned_uploads, "LIFE_S", -1)
    assert "expired" in refused(put(url, picture), 403, "upload.ticket")
    assert Upload.objects.count() == 0
    assert left_behind() == []


def test_what_is_no_medium_or_another_kind_is_refused(key: dict[str, str]) -> None:
    url = address(key)
    for body in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""):
        refused(put(url, body), 422, "upload.refused")
    assert "You sent a video" in refused(put(url, film_with_place()), 422, "upload.refused")
    sound = address(key, WHICH.replace("referenceImage", "referenceAudio"))
    assert "takes audio" in refused(put(sound, jpeg_with_place()), 422, "upload.refused")
    refused(request_app("POST", url, {"content-type": "image/png"}, jpeg_with_place()), 415)
    headers, body = form({"key": "x"})
    refused(request_app("POST", url, headers, body), 400)
    headers, body = form({}, ("a.jpg", jpeg_with_place()), ("b.jpg", jpeg_with_place()))
    refused(request_app("POST", url, headers, body), 400, "upload.one_file")
    refused(request_app("POST", url, {"content-type": "multipart/form-data"}, b"x"), 400)
    assert Upload.objects.count() == 0
    assert left_behind() == []
    assert refused(request_app("GET", f"/v1/image/downloadUrl?{WHICH}", key), 404)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("jobId=j&type=referenceImage", "id"),
        ("id=i&type=referenceImage", "jobId"),
        ("id=i&jobId=j", "type"),
        ("id=i&jobId=j&type=portrait", "contextImage16"),
        ("id=&jobId=j&type=referenceImage", "id"),
        (f"id={'i' * 201}&jobId=j&type=referenceImage", "id"),
    ],
)
def test_a_file_that_is_not_named_well_is_400(key: dict[str, str], query: str, named: str) -> None:
    for route in ("/v1/image/uploadUrl", "/v2/media/uploadUrl", "/v1/media/downloadUrl"):
        assert named in refused(request_app("GET", f"{route}?{query}", key), 400)


def test_large_files_and_full_space_are_refused(key: dict[str, str], alice: User) -> None:
    picture = jpeg_with_place()
    url = address(key)
    with override_settings(UPLOAD_LIMIT_BYTES=len(picture) - 1):
        refused(put(url, picture), 413, "upload.too_large")
        # Without a length in front it is counted on the way.
        refused(put(url, picture, **{"content-length": ""}), 413, "upload.too_large")
    with override_settings(STORAGE_PER_USER_BYTES=len(picture) - 1):
        refused(put(url, picture), 507, "storage.full")
    User.objects.filter(pk=alice.pk).update(
        suspended_until=clock.now() + clock.now().resolution * 10**9
    )
    refused(put(url, picture), 403, "account.suspended")
    refused(request_app("GET", f"/v1/image/uploadUrl?{WHICH}", key), 403, "account.suspended")
    assert Upload.objects.count() == 0
    assert left_behind() == []


def test_a_part_beyond_the_limit_ends_an_upload_that_leaves_nothing(key: dict[str, str]) -> None:
    path, whole = urlsplit(address(key)).path, jpeg_with_place()
    # What would follow isn't asked for.
    parts = [
        {"type": "http.request", "body": part, "more_body": True}
        for part in (whole[:-1], whole[-1:])
    ]
    with override_settings(UPLOAD_LIMIT_BYTES=len(whole) - 1):
        start, answer = talk(path, *parts)
    assert start["status"] == 413
    assert json.loads(answer["body"])["error"]["code"] == "upload.too_large"
    assert (Upload.objects.count(), left_behind()) == (0, [])


def test_a_place_is_its_owners_alone(key: dict[str, str], bob: User) -> None:
    data_of(put(address(key), jpeg_with_place()))
    bobs = {"api-key": make_key(bob)}
    refused(request_app("GET", f"/v1/image/downloadUrl?{WHICH}", bobs), 404)
    data_of(put(address(bobs), jpeg_with_place("teal")))
    assert Upload.objects.count() == 2
    refused(request_app("GET", f"/v1/image/uploadUrl?{WHICH}"), 401)
    refused(request_app("POST", f"/v1/image/uploadUrl?{WHICH}", key), 405)


def test_a_child_that_looks_at_the_file_starts_before_all_of_it_is_here(
    key: dict[str, str],
) -> None:
    parent.close()
    path = urlsplit(address(key)).path
    half = {"type": "http.request", "body": jpeg_with_place()[:100], "more_body": True}
    talk(path, half, {"type": "http.disconnect"})
    wait_for(sandbox_children, "a child that waits for the rest")


def test_other_origins_may_bring_files_and_a_broken_line_leaves_nothing(
    key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = urlsplit(address(key)).path
    asked = request_app("OPTIONS", path, {"origin": "https://pages.example"})
    assert (asked.status, asked.header("access-control-allow-origin")) == (
        204,
        "https://pages.example",
    )
    half = {"type": "http.request", "body": jpeg_with_place()[:100], "more_body": True}
    assert talk(path, half, {"type": "http.disconnect"}) == []
    assert (Upload.objects.count(), left_behind()) == (0, [])
    whole = jpeg_with_place()
    sent = talk(path, half, {"type": "http.request", "body": whole[100:], "more_body": False})
    assert sent[0]["status"] == 200
    assert path_of(Upload.objects.get().blob_id).read_bytes() == whole
    monkeypatch.setattr(upload_endpoint, "AT_ONCE_PER_USER", 0)
    assert "in progress" in refused(put(path, whole), 429)
