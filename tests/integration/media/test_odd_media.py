"""Media as phones, browsers and other programs write them: what is taken can be used, published and
downloaded without its notes; all else is refused at once, with the reason."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from accounts.models import User
from core.errors import InvalidInput
from media.marking import marked_copy
from media.models import Blob, Upload
from media.origin import UNKNOWN
from media.sandbox import Unwatched
from media.sandbox.probe import probe
from mediakit.decode import open_av, open_image
from mediakit.errors import Refused
from studio.media.video.reader import open_film, read_sound
from tests.support.builders.blobs import film_with_place, jpeg_with_place, make_blob, make_upload
from tests.support.builders.clips import film
from tests.support.builders.factories import make_key
from tests.support.clients.asgi_requests import request_app
from tests.support.faults.confining import light_children
from tests.support.program import ROOT

pytestmark = pytest.mark.slow

FILES = ROOT / "tests" / "fixtures" / "odd_media"
# What FFmpeg writes and no browser or camera does.
RAW = "rawvideo.mkv"


def encoders(kind: str) -> Iterator[str]:
    for name in sorted(av.codecs_available):
        try:
            codec = av.Codec(name, "w")
        except ValueError:
            continue
        if codec.type == kind:
            yield name


@pytest.mark.parametrize(
    ("name", "milliseconds", "has_sound"),
    [
        ("live-vp8-video-only.webm", 3000, False),
        ("live-opus.webm", 3000, True),
        ("av1.mp4", 2000, True),
        ("av1.webm", 2000, False),
        ("iphone-apac-first.mov", 2000, True),
        ("iphone-apac-second.mov", 2000, True),
    ],
)
def test_a_film_has_its_length_and_its_sound_is_heard(
    name: str, milliseconds: int, has_sound: bool
) -> None:
    path = FILES / name
    facts = probe({"path": str(path)}, lambda *_: None)
    assert facts["duration_ms"] == pytest.approx(milliseconds, abs=60)
    with open_av(path) as container:
        assert (container.sound is not None) == has_sound
    if facts["kind"] == "video":
        warnings: list[str] = []
        assert open_film(path, warnings).has_sound == has_sound
        assert any("sound track" in warning for warning in warnings) == ("apac" in name)
    if has_sound:
        assert np.abs(read_sound(path)).max() > 0.05


@pytest.mark.parametrize("note", ["profile", "ztxt", "itxt"])
def test_a_picture_with_a_long_note_is_taken_without_it(note: str) -> None:
    assert open_image(FILES / f"png-{note}-2mb.png").shape == (120, 200, 3)


@pytest.fixture
def _light_children_only() -> Iterator[None]:
    yield from light_children()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_light_children_only")
class TestUploads:
    """Uploads over the API are published, and downloaded without notes."""

    def test_each_is_published_and_downloaded_clean(self, alice: User) -> None:
        key, ids = make_key(alice), []
        for path in sorted(FILES.iterdir()):
            slot = "referenceImage" if path.suffix == ".png" else "referenceVideo"
            if path.name == "live-opus.webm":
                slot = "referenceAudio"
            address = f"/v1/media/uploadUrl?jobId={path.name}&id=film&type={slot}"
            url = request_app("GET", address, {"api-key": key}).json()["data"]["uploadUrl"]
            answer = request_app("PUT", url, {}, path.read_bytes())
            assert answer.status == 200, (path.name, answer.text)
            ids.append(answer.json()["data"]["id"])
        for upload in Upload.objects.select_related("blob"):
            assert upload.blob is not None
            assert upload.blob.kind == "image" or upload.blob.duration_ms
            # As publishing makes it.
            copy = marked_copy(upload.blob, "clean", UNKNOWN, Unwatched())
            assert copy.kind == upload.blob.kind
        picks = "&".join(f"pick={one}" for one in ids)
        answer = request_app("GET", f"/me/media/download?clean=1&{picks}", {"api-key": key})
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            assert len(archive.namelist()) == len(ids)

    def test_what_has_no_clean_copy_is_named_beside_the_others(self, alice: User) -> None:
        key = make_key(alice)
        damaged = make_blob(jpeg_with_place()[:200], kind="image", mime="image/jpeg")
        whole = make_blob(film_with_place(), kind="video", mime="video/mp4")
        uploads = [make_upload(alice, blob) for blob in (whole, damaged)]
        picks = "&".join(f"pick={one.public_id}" for one in uploads)
        answer = request_app("GET", f"/me/media/download?clean=1&{picks}", {"api-key": key})
        assert answer.status == 200, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            assert len(archive.namelist()) == 2
            assert b"damaged" in archive.read("Left out.txt")
        # Nothing but such files: the same sentence, and a status that says whose fault it is.
        only = f"/me/media/download?clean=1&pick={uploads[1].public_id}"
        answer = request_app("GET", only, {"api-key": key})
        assert (answer.status, "damaged" in answer.text) == (422, True), answer.text
        with pytest.raises(InvalidInput, match="damaged"):
            marked_copy(Blob.objects.get(pk=damaged.pk), "clean", UNKNOWN, Unwatched())


def test_uncompressed_pictures_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / RAW).write_bytes(film("matroska", "rawvideo"))
    with pytest.raises(Refused, match="Uncompressed video in Matroska"):
        probe({"path": str(tmp_path / RAW)}, lambda *_: None)
