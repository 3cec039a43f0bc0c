"""`/app/uploads`: files of one's own for a form."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from core import clock
from media import blobs, signing
from media import services as media_services
from media.models import Blob, Upload
from runs.models import Run
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.forms import make_all_kinds
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in
from tests.support.program import ROOT
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db

PATH = "/app/uploads"


def send(browser: Client, data: bytes, name: str = "look.jpg", **fields: Any) -> Any:
    return browser.post(PATH, {"file": SimpleUploadedFile(name, data), **fields})


def left_behind() -> list[str]:
    folder = Path(settings.MEDIA_DIR) / "tmp"
    return [one.name for one in folder.glob("upload-*")]


def address(upload: Upload) -> str:
    return "http://testserver" + signing.signed_path(upload.public_id, upload.filename)


def test_a_picture_is_kept_and_shown_by_a_signed_address(browser: Client, alice: User) -> None:
    response = send(browser, jpeg_with_place())
    assert response.status_code == 201
    body = response.json()
    assert (body["kind"], body["width"], body["height"]) == ("image", 32, 18)
    assert body["duration"] is None
    assert body["url"].startswith(f"http://testserver/media/{body['id']}/look.jpg?e=")
    upload = Upload.objects.get(public_id=body["id"])
    assert upload.owner == alice
    assert upload.blob is not None
    assert blobs.path_of(upload.blob.sha256).read_bytes() == jpeg_with_place()
    assert left_behind() == []


def test_signed_out_no_one_brings_files(db: None) -> None:
    response = send(Client(), jpeg_with_place())
    assert response.status_code == 401
    assert Upload.objects.count() == 0
    assert left_behind() == []


def test_another_site_cannot_send_files(alice: User) -> None:
    browser = signed_in(alice, enforce_csrf_checks=True)
    response = send(browser, jpeg_with_place())
    assert response.status_code == 403
    assert Upload.objects.count() == 0
    assert left_behind() == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        # More of them are in the media's own tests, looked at in one child.
        ("half.jpg", jpeg_with_place(size=(64, 64))[:200]),
        ("empty.jpg", b""),
    ],
)
def test_what_is_no_medium_is_refused_in_words(browser: Client, name: str, data: bytes) -> None:
    response = send(browser, data, name)
    # Django leaves an empty file out of a form, so it counts as none.
    assert response.status_code in (400, 422), response.content
    assert response.json()["message"]
    assert Upload.objects.count() == Blob.objects.count() == 0
    assert left_behind() == []


def test_a_large_file_is_refused_before_it_is_looked_at(browser: Client, settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1000
    response = send(browser, jpeg_with_place(size=(600, 600)))
    assert response.status_code == 413
    assert "File too large" in response.json()["message"]
    assert Upload.objects.count() == 0
    assert left_behind() == []


def test_only_uploads_take_more_than_two_megabytes(browser: Client) -> None:
    large = b"x" * (2 * 1024 * 1024 + 1)
    assert send(browser, large).status_code == 422
    assert browser.post("/t/x", large, content_type="text/plain").status_code == 413


def test_a_body_without_a_length_is_not_taken(browser: Client) -> None:
    response = browser.generic("POST", PATH, b"", CONTENT_LENGTH="")
    assert response.status_code == 400


def test_a_person_has_so_much_space_and_no_more(browser: Client, bob: User, settings: Any) -> None:
    data = jpeg_with_place()
    settings.STORAGE_PER_USER_BYTES = len(data) + 10
    assert send(browser, data).status_code == 201
    response = send(browser, jpeg_with_place("teal"))
    assert response.status_code == 507
    assert response.json()["error"]["code"] == "storage.full"
    assert send(signed_in(bob), data).status_code == 201


def test_two_files_at_once_are_refused(browser: Client) -> None:
    one, two = (SimpleUploadedFile(f"{n}.jpg", jpeg_with_place()) for n in "ab")
    assert browser.post(PATH, {"file": one, "other": two}).status_code == 400
    assert Upload.objects.count() == 0
    assert left_behind() == []


def test_a_form_without_a_file_is_refused(browser: Client) -> None:
    assert browser.post(PATH, {"file": "words"}).status_code == 400
    assert browser.post(PATH, b"nothing", content_type="text/plain").status_code == 400


def test_a_file_name_is_only_a_name(browser: Client) -> None:
    body = send(browser, jpeg_with_place(), "../../etc/a\\b\\\u202egpj.exe").json()
    assert Upload.objects.get(public_id=body["id"]).filename == "gpj.exe"


def test_an_upload_becomes_a_blob_of_the_run(browser: Client, alice: User) -> None:
    template = make_all_kinds(alice)
    blob = make_blob(jpeg_with_place())
    form = {"input.story": "x", "input.keeper": address(make_upload(alice, blob))}
    assert browser.post(f"/t/{template.public_id}", form).status_code == 302
    assert [one["asset"] for one in Run.objects.get().media] == [f"blob:{blob.sha256}"]


def test_an_unused_file_is_removed_by_its_owner_alone(
    browser: Client, alice: User, bob: User
) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    path = f"{PATH}/{upload.public_id}"
    assert signed_in(bob).delete(path).status_code == 404
    assert Client().delete(path).status_code == 401
    assert browser.delete(path).status_code == 204
    assert browser.delete(path).status_code == 404
    assert Upload.objects.count() == 0


def test_a_file_that_a_template_shows_stays(browser: Client, alice: User) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    look = {"name": "look", "type": "image", "default": address(upload)}
    template = make_template(alice, inputs=[look], stages=[])
    response = browser.delete(f"{PATH}/{upload.public_id}")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "upload.used")
    patched(template, inputs=[])
    assert browser.delete(f"{PATH}/{upload.public_id}").status_code == 204


KILLED = """
import os, sys
import django
django.setup()
from django.test import RequestFactory
from django.core.files.uploadhandler import StopUpload
from core import installation
from media import folder_mark
from media.multipart import FileReceiver
installation.assume("ins_test")
folder_mark.write_mark("ins_test")
receiver = FileReceiver()
receiver.new_file("file", "film.mp4", "video/mp4", 10**8)
receiver.receive_data_chunk(b"x" * 100_000, 0)
receiver._file.flush()
print(receiver.path, flush=True)
sys.stdin.read()
"""


def test_a_server_killed_meanwhile_leaves_nothing_anyone_sees(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "REELGRAPH_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.support.settings",
    }
    server = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    path = Path(server.stdout.readline().strip())
    assert path.stat().st_size == 100_000
    server.send_signal(signal.SIGKILL)
    server.wait(WAIT_S)
    assert path.is_relative_to(tmp_path / "media" / "tmp")
    assert not (tmp_path / "media" / "blobs").exists()
    assert Upload.objects.count() == 0


def test_uploads_that_no_one_used_in_time_are_forgotten(browser: Client, alice: User) -> None:
    forgotten = send(browser, jpeg_with_place("teal")).json()["id"]
    shown = send(browser, jpeg_with_place()).json()
    make_template(
        alice,
        previewArtifacts=[
            {"stageId": "a", "label": "x", "mediaType": "image", "url": shown["url"]}
        ],
    )
    assert media_services.prune_uploads() == 0
    Upload.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert media_services.prune_uploads() == 1
    assert not Upload.objects.filter(public_id=forgotten).exists()
    assert Upload.objects.get(public_id=shown["id"]).expires_at > clock.now()
