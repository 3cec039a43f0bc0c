"""Files that attack their reader: refused clearly or read harmlessly, with bounded memory."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from core.errors import ProviderError
from media.blobs import FileFacts
from media.origin import Provenance
from media.sandbox import Unwatched
from media.stripping import strip_file
from tests.support.builders.hostile_media import CORPUS, SECRET, Hostile, picture
from tests.support.builders.probing import outcomes_of
from tests.support.builders.running import start, work_off
from tests.support.fakes.hostile_server import HostileServer

MEMORY = 1 << 30
PICTURES = (".png", ".jpg", ".gif", ".bmp", ".webp", ".tiff", ".eps", ".heic", ".avif", ".svg")
SOUNDS = (".wav", ".mp3", ".ogg", ".flac")
# What a refusal may be called: never a crash, and never worth another try.
REFUSALS = {"PARAMETER_INVALID", "ASSET_NOT_FOUND"}


def test_each_is_refused_in_words_or_read_as_the_harmless_thing_it_is(tmp_path: Path) -> None:
    with HostileServer() as no_one_asks:
        files = {hostile.name: hostile.make(no_one_asks.url("")) for hostile in CORPUS}
        outcomes = outcomes_of(files, tmp_path)
        assert no_one_asks.requests == []
    wrong = {
        hostile.name: outcome
        for hostile, outcome in zip(CORPUS, outcomes.values(), strict=True)
        if not is_right(hostile, outcome, tmp_path)
    }
    assert wrong == {}
    # The largest child so far, in kilobytes on Linux; one that was forked from here counts from our
    # own peak, which other tests may have raised.
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert most <= max(own, MEMORY // 1024)


def is_right(hostile: Hostile, outcome: FileFacts | ProviderError, folder: Path) -> bool:
    if isinstance(outcome, FileFacts):
        return hostile.harmless and outcome.kind in ("image", "video", "audio")
    return (
        not hostile.harmless
        and outcome.error_type in REFUSALS
        and not outcome.retryable
        and hostile.says in outcome.message
        and "Traceback" not in outcome.message
        and str(folder) not in outcome.message
    )


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param(CORPUS[::5], id="some", marks=pytest.mark.slow),
        pytest.param(CORPUS, id="all", marks=pytest.mark.thorough),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_handed_them_fails_the_step_and_goes_on(
    chosen: tuple[Hostile, ...], alice: User, settings: Any
) -> None:
    with HostileServer() as server:
        settings.FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        named = {f"{place}-{hostile.name}": hostile for place, hostile in enumerate(chosen)}
        server.files = {name: one.make(server.url("/asked")) for name, one in named.items()}
        server.files["honest.png"] = picture()
        # One after the other: a person may not have all of them going at once.
        outcomes = {name: outcome_of(alice, server.url(f"/{name}")) for name in server.files}
        assert not [path for path, _headers in server.requests if path.startswith("/asked")]
    assert outcomes.pop("honest.png") == ("completed", "")
    for name, (status, error_type) in outcomes.items():
        if named[name].harmless:
            # What reads more of it than its first picture may still find it lies.
            assert (status, error_type) in {("completed", ""), ("failed", "PARAMETER_INVALID")}
        else:
            assert (status, error_type) == ("failed", "PARAMETER_INVALID"), name


def outcome_of(user: User, url: str) -> tuple[str, str]:
    """How a run ends that only reads what lies at an address: status and kind of error."""
    ending = Path(url).suffix
    kind = "image" if ending in PICTURES else "audio" if ending in SOUNDS else "video"
    step = {"toolName": "extract_metadata", "arguments": {f"source_{kind}_url": url}}
    run = start(user, [step])
    work_off("the-same-worker")
    run.refresh_from_db()
    return run.status, (run.error or {}).get("error_type", "")


@pytest.mark.parametrize("name", ["with-place.jpg", "page-inside.jpg", "zip-behind.png"])
def test_what_is_published_is_the_picture_alone(name: str, tmp_path: Path) -> None:
    hostile = next(one for one in CORPUS if one.name == name)
    source = tmp_path / name
    source.write_bytes(hostile.make("http://127.0.0.1:1"))
    before = source.read_bytes()
    target = tmp_path / f"clean-{name}"
    facts = FileFacts("image", "image/png")
    assert strip_file(source, facts, target, Unwatched(), Provenance("unknown")).width == 64
    clean = target.read_bytes()
    for hidden in (SECRET.encode(), b"<script", b"rm -rf", b"evil.sh"):
        assert hidden not in clean
    assert any(hidden in before for hidden in (SECRET.encode(), b"<script", b"evil.sh"))
