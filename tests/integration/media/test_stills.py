"""The still of a 3D model: drawn once, for those who may see the model, a mark where it fails."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from accounts.models import User
from core import clock
from media import blobs, posters, resolvers, sweeping
from media.models import Blob, Still, Upload
from media.sandbox.poster import poster
from mediakit.errors import Refused
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.models3d import glb, textured_glb, with_buffer_at, with_texture_at
from tests.support.clients.media_requests import request_media

pytestmark = pytest.mark.django_db(transaction=True)

MARK = posters.MARK.read_bytes()


@pytest.fixture(autouse=True)
def _small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A still of the full size takes two seconds of CPU; only slow tests look at one."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(posters, "WIDTH", 160)


def kept(owner: User, data: bytes) -> Upload:
    return make_upload(owner, make_blob(data, kind="model", mime="model/gltf-binary"), "box.glb")


def still(upload: Upload) -> httpx.Response:
    return request_media(posters.still_path(upload.public_id))


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.fixture
def listener() -> Iterator[tuple[str, socket.socket]]:
    """An address and who would hear if anyone asked it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/points.bin", server


def was_asked(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


@pytest.mark.slow
def test_a_model_has_a_still_in_its_colours(alice: User) -> None:
    answer = still(kept(alice, glb((200, 30, 30))))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-disposition"] == "inline"
    picture = pixels(answer.content)
    assert picture.shape == (400, 640, 3)
    assert (picture[..., 0] > picture[..., 2] + 40).mean() > 0.1


def test_a_texture_inside_the_file_is_seen(alice: User) -> None:
    picture = pixels(still(kept(alice, textured_glb())).content)
    assert (picture[..., 1] > picture[..., 0] + 40).mean() > 0.1


def test_it_is_drawn_once(alice: User) -> None:
    upload = kept(alice, glb())
    first = still(upload).content
    drawn = Still.objects.get()
    assert still(upload).content == first
    assert Still.objects.get().made_at == drawn.made_at


def test_a_broken_model_has_a_mark(alice: User) -> None:
    answer = still(kept(alice, glb()[:-200]))
    assert (answer.status_code, answer.content) == (200, MARK)


@pytest.mark.parametrize(
    "data",
    [b"glTF", b"glTF\x02\0\0\0\x14\0\0\0", b"glTF" + b"\xff" * 400],
    ids=["nothing", "no mesh", "nonsense"],
)
def test_what_is_no_model_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(data)
    arguments = {"path": str(path), "target": str(tmp_path / "still"), "width": 160}
    with pytest.raises(Refused):
        poster(arguments, lambda fraction, message: None)


def test_a_model_that_names_an_address_has_a_mark_and_no_one_is_asked(
    alice: User, listener: tuple[str, socket.socket]
) -> None:
    address, server = listener
    assert still(kept(alice, with_buffer_at(address))).content == MARK
    # Without its texture it can be drawn.
    assert still(kept(alice, with_texture_at(address))).content != MARK
    assert not was_asked(server)


@pytest.mark.slow
def test_a_model_that_names_a_file_of_this_machine_does_not_get_it(
    alice: User, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (16, 16), (20, 190, 60)).save(secret)
    upload = kept(alice, b"")
    place = blobs.path_of(make_blob(glb()).sha256).parent
    upload.delete()
    for name in (str(secret), secret.as_uri(), _relative(secret, place)):
        picture = pixels(still(kept(alice, with_texture_at(name))).content)
        assert (picture[..., 1] > picture[..., 0] + 40).mean() < 0.001, name


def _relative(path: Path, start: Path) -> str:
    return "../" * len(start.parts) + str(path).lstrip("/")


def test_what_could_not_be_drawn_is_tried_again_the_next_day(alice: User) -> None:
    upload = kept(alice, b"glTF" + b"\xff" * 400)
    still(upload)
    first = Still.objects.get()
    still(upload)
    assert Still.objects.get().made_at == first.made_at
    Still.objects.update(made_at=clock.now() - timedelta(days=2))
    still(upload)
    assert Still.objects.get().made_at >= first.made_at


def test_who_may_not_see_the_model_does_not_see_its_still(alice: User) -> None:
    upload = kept(alice, glb())
    path = posters.still_path(upload.public_id)
    other = upload.public_id[:-1] + ("y" if upload.public_id.endswith("x") else "x")
    assert request_media(path.replace(upload.public_id, other)).status_code == 404
    assert request_media(path[:-3] + "abc").status_code == 404
    assert still(upload).status_code == 200
    Blob.objects.filter(sha256=upload.blob_id).update(blocked_at=clock.now())
    assert still(upload).status_code == 404
    picture = kept(alice, textured_glb())
    Upload.objects.filter(pk=picture.pk).update(completed_at=None)
    assert still(picture).status_code == 404


def test_only_models_have_stills(alice: User) -> None:
    image = make_upload(alice, make_blob(MARK, mime="image/webp"))
    assert still(image).status_code == 404


def test_its_owner_may_publish_it_and_no_one_else(alice: User, bob: User) -> None:
    upload = kept(alice, glb())
    still(upload)
    name = posters.still_id(upload.public_id)
    assert resolvers.resolve_owned(name, alice) == Still.objects.get().picture
    assert resolvers.resolve_owned(name, bob) is None


def test_a_still_goes_with_its_model(alice: User) -> None:
    upload = kept(alice, glb())
    still(upload)
    sweeping.sweep(grace=timedelta(0))
    assert still(upload).status_code == 200
    upload.delete()
    for _ in range(4):
        sweeping.sweep(grace=timedelta(0))
    assert not Still.objects.exists()
    assert not Blob.objects.filter(kind="image").exists()
