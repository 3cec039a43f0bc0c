"""Every type of file goes to a maker under a name with its extension, or isn't sent at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.errors import ProviderError
from core.shared_cache import shared_cache
from tests.support.builders.jobs import Context, job
from tests.support.builders.planted_media import formats_of, planted_file
from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.configured import SERVERS, options_at
from tools.providers import service_types
from tools.providers.base import MediaFile, Parked, Provider
from tools.providers.makers.provider import Maker

IMAGES, FILMS, SOUNDS = (formats_of(kind) for kind in ("image", "video", "audio"))
# What the makers' references list: Runway's page of inputs, and Sync's of its model.
TAKEN = {
    "comfy-router": {"MP4", "MOV", "WebM", "M4A", "MP3", "WAV", "FLAC", "OGG"},
    "fal": {"MP4", "MOV", "WebM", "M4A", "MP3", "WAV", "FLAC", "OGG"},
    "runway": {"MP4", "MOV", "WebM", "M4A", "MP3", "WAV", "FLAC"},
}
# Models at several makers that a film and a sound go to, and one that takes less than its maker.
MODELS = {"comfy-router": "sync-3", "fal": "sync-3", "runway": "seedance2-5"}
LESS = {
    ("comfy-router", "seedance2-5"): {"MP4", "MOV", "MP3", "WAV"},
    ("comfy-router", "flashvsr"): {"MP4"},
    ("fal", "kling-o3"): {"MP4", "MOV"},
    ("fal", "bytedance-upscaler"): {"MP4"},
}
Send = Callable[..., None]


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Callable[[str, str], tuple[ProviderServer, Send]]]:
    """Start a maker; what sends files to a model of it, once."""
    shared_cache().clear()
    with ExitStack() as servers:

        def begin(kind: str, model: str) -> tuple[ProviderServer, Send]:
            server = servers.enter_context(SERVERS[kind]())
            server.usual_price = 0.001
            options = options_at(kind, server, models=[model])
            provider = service_types.provider_of(kind, kind, options)

            def send(tool: str, **media: list[str]) -> None:
                _ask(provider, tool, model, tmp_path, media)

            return server, send

        yield begin


def _ask(
    provider: Provider, tool: str, model: str, folder: Path, media: Mapping[str, list[str]]
) -> None:
    """Send one call; its result is never looked at."""
    out = folder / f"out-{len(list(folder.iterdir()))}"
    files = {
        port: tuple(_file(folder, name, port) for name in names) for port, names in media.items()
    }
    argument = "model" if tool == "generate_image" else "videoModel"
    call = job(out, tool, {"prompt": "a fox", argument: model}, files, key=out.name)
    with pytest.raises(Parked):
        provider.run(call, Context())


def _file(folder: Path, name: str, kind: Any) -> MediaFile:
    """Write a file as the media folder has it: its name is its hash."""
    data, facts = planted_file(name)
    digest = sha256(data).hexdigest()
    path = folder / digest
    path.write_bytes(data)
    seconds = None if kind == "image" else 2.0
    return MediaFile(path, kind, facts.mime, digest, facts.width, facts.height, seconds)


def uploads(server: ProviderServer) -> int:
    """Count the files that were offered to it."""
    paths = ("/v1/uploads", "/media/files/upload", "/assets/api/v2/assets")
    return sum(len(server.calls(path)) for path in paths)


@pytest.mark.parametrize("name", [*FILMS, *SOUNDS])
@pytest.mark.parametrize("kind", SERVERS)
def test_a_film_or_a_sound_is_sent_with_its_extension_or_refused(
    sender: Callable[..., Any], kind: str, name: str
) -> None:
    server, send = sender(kind, MODELS[kind])
    tool = "generate_video" if kind == "runway" else "video_to_video"
    media = {"video": [name], "audio": ["WAV"]} if name in FILMS else {
        "video": ["MP4"], "audio": [name]
    }  # fmt: skip
    if name in TAKEN[kind]:
        send(tool, **media)
        assert (uploads(server), len(server.submissions())) == (2, 1)
        return
    with pytest.raises(ProviderError, match=rf"MP[34].*{name.upper()}") as caught:
        send(tool, **media)
    assert (caught.value.error_type, caught.value.retryable) == ("PARAMETER_INVALID", False)
    # The file beside it stays here, too.
    assert (uploads(server), len(server.submissions())) == (0, 0)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_maker_refuses_a_name_without_an_extension_or_with_that_of_another_type(
    tmp_path: Path, kind: str
) -> None:
    path = _file(tmp_path, "MP4", "video").path
    with SERVERS[kind]() as server:
        maker = service_types.provider_of(kind, kind, options_at(kind, server))
        assert isinstance(maker, Maker)
        for name in (path.name, f"{path.name}.", f"{path.name}.bin", "film.mov", "film.wav"):
            with pytest.raises(ProviderError, match="accept this"):
                maker.dialect.upload(maker.client(), path, name, "video/mp4")
        assert server.uploads == {}
        for name in ("film.mp4", "FILM.MP4"):
            maker.dialect.upload(maker.client(), path, name, "video/mp4")
        assert server.uploads


@pytest.mark.parametrize(("kind", "model"), LESS)
def test_a_model_that_takes_less_than_its_maker_is_sent_no_more(
    sender: Callable[..., Any], kind: str, model: str
) -> None:
    taken = LESS[kind, model]
    server, send = sender(kind, model)
    tool = {"flashvsr": "upscale_video", "bytedance-upscaler": "upscale_video"}.get(
        model, "video_to_video"
    )
    sounds = SOUNDS if "MP3" in taken else []
    for name in [*FILMS, *sounds]:
        media = {"video": [name]} if name in FILMS else {"video": ["MP4"], "audio": [name]}
        before = uploads(server), len(server.submissions())
        if name in taken:
            send(tool, **media)
            assert len(server.submissions()) == before[1] + 1
            continue
        with pytest.raises(ProviderError, match=name.upper()):
            send(tool, **media)
        assert (uploads(server), len(server.submissions())) == before, name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "model", "tool"),
    [
        ("comfy-router", "seedance2-5", "generate_video"),
        ("fal", "nano-banana-pro", "edit_image"),
        ("runway", "nano-banana-pro", "edit_image"),
    ],
)
def test_images_of_every_type_are_sent_as_png(
    sender: Callable[..., Any], kind: str, model: str, tool: str
) -> None:
    server, send = sender(kind, model)
    send(tool, image=IMAGES)
    assert uploads(server) == len(IMAGES)
    assert len(server.submissions()) == 1
