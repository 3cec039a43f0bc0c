"""A picture is its largest one, a camera's raw file is refused by its name, and photos of more
pixels than we take are made smaller."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from accounts.models import User
from core.errors import InvalidInput
from media import blobs, services
from media.models import Upload
from mediakit.decode import open_image
from mediakit.errors import Refused
from tests.support.builders.tiffs import CFA, LINEAR_RAW, RGB, Page, tiff
from tests.support.program import ROOT

FILES = ROOT / "tests" / "fixtures" / "odd_pictures"
SMALL, LARGE = Page(64, 43, gray=10), Page(300, 200, gray=200)
PAGES = {
    "one": [LARGE],
    "the largest first": [LARGE, SMALL],
    "the largest last": [SMALL, Page(8, 8), LARGE],
    "the largest inside": [Page(64, 43, gray=10, inside=[Page(8, 8), LARGE])],
    "the largest inside the last": [SMALL, Page(8, 8, inside=[LARGE])],
}


@pytest.mark.parametrize(("order", "is_big"), [("<", False), (">", False), ("<", True)])
@pytest.mark.parametrize("pages", PAGES)
def test_of_several_pictures_the_largest_is_taken(
    tmp_path: Path, pages: str, order: str, is_big: bool
) -> None:
    path = tmp_path / "picture.tif"
    path.write_bytes(tiff(PAGES[pages], order=order, is_big=is_big))
    picture = open_image(path)
    assert picture.shape == (200, 300, 3)
    assert np.all(picture == 200)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (Page(64, 43, is_dng=True, inside=[Page(300, 200, LINEAR_RAW)]), "DNG"),
        (Page(64, 43, maker="NIKON CORPORATION", inside=[Page(300, 200, CFA)]), "NEF"),
        (Page(64, 43, maker="SONY", inside=[Page(200, 100, RGB), Page(300, 200, CFA)]), "ARW"),
        (Page(64, 43, maker="Unknown", inside=[Page(300, 200, CFA)]), "raw"),
    ],
)
def test_a_cameras_raw_file_is_refused_by_its_name(tmp_path: Path, page: Page, name: str) -> None:
    path = tmp_path / "picture.tif"
    path.write_bytes(tiff([page]))
    with pytest.raises(Refused, match=rf"raw file \({name}\), .* Export it as JPEG or TIFF"):
        open_image(path)


def test_directories_that_go_round_or_lead_nowhere_end(tmp_path: Path) -> None:
    path, data = tmp_path / "picture.tif", tiff([SMALL, LARGE])
    for place in range(4, len(data) - 4, 401):
        path.write_bytes(data[:place] + data[4:8] + data[place + 4 :])
        try:
            open_image(path)
        except Refused:
            continue


@pytest.fixture
def brought(tmp_path: Path, alice: User):  # type: ignore[no-untyped-def]
    def keep(source: Path) -> Upload:
        folder = blobs.attempt_dir("upload")
        path = folder / source.name
        path.write_bytes(source.read_bytes())
        return services.keep_upload(owner=alice, path=path, filename=source.name)

    return keep


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("name", ["p48.heic", "p48.webp"])
def test_a_photo_of_48_megapixels_is_taken_smaller_and_said_to_be(brought, name: str) -> None:  # type: ignore[no-untyped-def]
    upload = brought(FILES / name)
    assert upload.blob is not None
    assert upload.blob.width * upload.blob.height <= 40_000_000
    assert upload.blob.width > 7_000
    assert upload.blob.mime == "image/jpeg"
    size = f"{upload.blob.width}×{upload.blob.height}"
    assert upload.change == f"The image was too large and was reduced to {size}."


@pytest.mark.django_db
@pytest.mark.slow
def test_a_panorama_is_taken_up_to_100_megapixels(brought, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "panorama.jpg"
    PIL.Image.new("RGB", (20_000, 5_000), "teal").save(path)
    upload = brought(path)
    assert upload.blob.width > 12_000
    PIL.Image.new("RGB", (20_000, 5_001), "teal").save(path)
    with pytest.raises(InvalidInput, match="over 100 megapixels"):
        brought(path)


@pytest.mark.parametrize("name", ["dng_preview_first.dng", "nef_preview_first.nef"])
def test_a_raw_file_with_a_full_picture_is_that(name: str) -> None:
    assert open_image(FILES / name).shape[:2] == (900, 1200)
