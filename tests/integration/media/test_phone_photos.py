"""What phones take: HEIC, AVIF, TIFF and BMP are taken, shown in browsers, and upright in sRGB."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import PIL.Image
import PIL.ImageCms
import pillow_heif
import pytest

from accounts.models import User
from media import services, signing
from media.models import Upload
from mediakit.decode import open_image
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.running import start, work_off
from tests.support.clients.media_requests import request_media

pillow_heif.register_heif_opener()

CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
MIMES = {"HEIF": "image/heic", "AVIF": "image/avif", "TIFF": "image/tiff", "BMP": "image/bmp"}


def photo(kind: str, size: tuple[int, int] = (64, 48), *, turned: bool = False) -> bytes:
    """Red on the left, blue on the right; turned: held upright, so red is on top."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2, 0] = 220
    pixels[:, size[0] // 2 :, 2] = 220
    exif = PIL.Image.Exif()
    if turned:
        exif[0x0112] = 6
    target = io.BytesIO()
    options = {} if kind == "BMP" else {"exif": exif.tobytes() if kind != "TIFF" else exif}
    PIL.Image.fromarray(pixels).save(target, kind, **options)
    return target.getvalue()


def brought(owner: User, data: bytes, folder: Path, name: str = "IMG_0001.HEIC") -> Upload:
    path = folder / "body"
    path.write_bytes(data)
    return services.keep_upload(owner=owner, path=path, filename=name, kind="image")


def made_upload(owner: User, kind: str, data: bytes) -> Upload:
    return make_upload(owner, make_blob(data, mime=MIMES[kind]), "IMG_0001.HEIC")


def ask(upload: Upload, accept: str = "*/*", **headers: str) -> httpx.Response:
    path = signing.signed_path(upload.public_id, upload.filename)
    return request_media(path, {"Accept": accept, **headers})


@pytest.mark.django_db(transaction=True)
def test_it_is_taken_and_a_tool_works_on_it(alice: User, tmp_path: Path) -> None:
    upload = brought(alice, photo("HEIF"), tmp_path)
    assert upload.blob
    assert (upload.blob.kind, upload.blob.width, upload.blob.height) == ("image", 64, 48)
    url = "http://localhost" + signing.signed_path(upload.public_id, upload.filename)
    run = start(
        alice,
        [{"toolName": "upscale_image", "arguments": {"source_image_url": url, "scale": 2}}],
    )
    work_off("one-worker")
    run.refresh_from_db()
    assert (run.status, run.error) == ("completed", None)


@pytest.mark.parametrize("kind", ["HEIF", "TIFF"])
@pytest.mark.django_db(transaction=True)
def test_a_browser_is_shown_a_copy(kind: str, alice: User) -> None:
    upload = made_upload(alice, kind, photo(kind, turned=True))
    for accept in (CHROME, FIREFOX):
        shown = ask(upload, accept)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert shown.headers["content-disposition"] == "inline"
        assert "Accept" in shown.headers["vary"]
        with PIL.Image.open(io.BytesIO(shown.content)) as picture:
            assert picture.size == (48, 64)
            assert picture.convert("RGB").getpixel((24, 8))[0] > 180
        assert ask(upload, accept, **{"If-None-Match": shown.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("accept", ["*/*", "", PAGE, "image/heic,image/webp,*/*"])
@pytest.mark.django_db(transaction=True)
def test_programs_and_downloads_get_the_file_itself(accept: str, alice: User) -> None:
    data = photo("HEIF")
    answer = ask(made_upload(alice, "HEIF", data), accept)
    assert (answer.content, answer.headers["content-type"]) == (data, "image/heic")
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("kind", ["AVIF", "BMP"])
@pytest.mark.django_db(transaction=True)
def test_what_browsers_show_is_shown_as_it_is(kind: str, alice: User) -> None:
    data = photo(kind)
    answer = ask(made_upload(alice, kind, data), CHROME)
    assert (answer.content, answer.headers["content-disposition"]) == (data, "inline")


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF"])
def test_it_is_opened_upright(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(photo(kind, turned=True))
    picture = open_image(path)
    assert picture.shape == (64, 48, 3)
    assert picture[8, 24, 0] > 180 > picture[56, 24, 0]


def display_p3() -> bytes:
    """A profile with Display P3's primaries: sRGB's, with its colorants replaced.

    Source: the colorants in Apple's Display P3 profile, as s15Fixed16.
    """
    profile = bytearray(PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes())
    colorants = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        name, place = bytes(profile[at : at + 4]), int.from_bytes(profile[at + 4 : at + 8])
        for axis, value in enumerate(colorants.get(name, ())):
            number = round(value * 65536).to_bytes(4, signed=True)
            profile[place + 8 + 4 * axis : place + 12 + 4 * axis] = number
    return bytes(profile)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF"])
def test_display_p3_becomes_srgb(kind: str, tmp_path: Path) -> None:
    stored = np.full((32, 32, 3), (200, 100, 60), np.uint8)
    path = tmp_path / "photo"
    options = {} if kind == "TIFF" else {"quality": 100}
    PIL.Image.fromarray(stored).save(path, kind, icc_profile=display_p3(), **options)
    # Linear light, P3 to sRGB (CSS Color 4), and back: computed here.
    light = np.array([200, 100, 60]) / 255
    light = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    matrix = [[1.22494, -0.22494, 0], [-0.04206, 1.04206, 0], [-0.01964, -0.07864, 1.09828]]
    rgb = np.clip(np.array(matrix) @ light, 0, 1)
    wanted = 255 * np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)
    assert np.abs(open_image(path)[16, 16] - wanted).max() < 4
