"""Three providers' own clients, unchanged, against the servers that stand for the providers.

They prove that the servers speak the protocols. They also show why none of them may send a paid
request for us: when the answer is lost, two of three send it again by themselves.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import make_certificate
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.fakes.makers.runway_server import SCHEMAS, RunwayServer
from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    from bootstrap import SetupProblem, ensure

# It stays: to make it takes half a minute and a package index.
VENV = ROOT / ".provider-clients"
PROGRAMS = ROOT / "tests" / "support" / "fakes" / "makers"


@pytest.fixture(scope="module")
def python() -> str:
    """Set up a Python with the three clients."""
    try:
        return ensure("provider_clients", venv=VENV)
    except SetupProblem as problem:
        pytest.skip(f"The clients cannot be installed here: {problem}")


def report_of(python: str, name: str, **env: str) -> dict[str, Any]:
    """Let a client do its calls; what it prints."""
    # Without the proxies, keys and home folder of this machine.
    process = subprocess.run(
        [python, str(PROGRAMS / "client_calls.py"), name],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def lose_answers(server: ProviderServer, path: str) -> None:
    """Every job at this path is accepted, and no answer arrives."""
    server.replies[f"POST {path}"].extend(Fault(drop=True, accepts=True) for _ in range(20))


def jobs_at(server: ProviderServer, endpoint: str) -> int:
    return Counter(entry["endpoint"] for entry in server.submissions())[endpoint]


def test_comfy_sdk_submits_follows_cancels_and_collects(python: str) -> None:
    with RouterServer() as server:
        lose_answers(server, "/v2/models/bfl/*")
        server.script.queued = 1
        report = report_of(
            python,
            "comfy",
            COMFY_API_KEY=server.KEY,
            COMFY_BASE_URL=server.assets_url,
            COMFY_ROUTER_BASE_URL=server.url,
        )
        assert report["states"] == ["IN_QUEUE", "COMPLETED"]
        assert urllib.request.urlopen(report["url"]).read()[4:8] == b"ftyp"
        assert (report["cancel"], report["cancel_end"]) == (
            "CANCELLATION_REQUESTED",
            "Cancelled",
        )
        assert report["is_replay"]
        assert report["speech"][0] == "audio/mpeg"
        assert (report["models"], report["authored"]) == (sorted(server.models), False)
        assert report["upload"] in server.uploads
        # One answer lost, one job: this client does not repeat.
        assert report["lost_answer"]
        assert jobs_at(server, "bfl/flux-2-pro/requests") == 1
        assert len(server.calls("/v2/models/bfl/*")) == 1


def test_fal_client_submits_follows_cancels_and_collects(python: str, tmp_path: Path) -> None:
    # It speaks to its host by TLS alone.
    certificate = make_certificate(tmp_path / "fal.pem")
    with FalServer(certificate=certificate) as server:
        lose_answers(server, "/queue/fal-ai/veo3.1")
        server.script.queued, server.script.looks = 1, 3
        report = report_of(
            python,
            "fal",
            FAL_KEY=server.KEY,
            FAL_QUEUE_RUN_HOST=server.queue_url.removeprefix("https://"),
            REST_URL=server.storage_url,
            CDN_URL=server.media_url,
            SSL_CERT_FILE=str(certificate),
        )
        trusted = ssl.create_default_context(cafile=str(certificate))
        for url in report["uploads"]:
            with urllib.request.urlopen(url, context=trusted) as file:
                assert (file.read(), file.headers["Content-Type"]) == (b"fox", "image/png")
        # It asks for a lifetime as we do, at both places where it leaves files.
        sent = [*server.calls("/media/files/upload"), *server.calls("*/storage/upload/initiate")]
        wishes = [json.loads(one.headers["x-fal-object-lifecycle-preference"]) for one in sent]
        assert wishes == [{"expiration_duration_seconds": 3600}] * 2
        assert report["states"] == ["Queued", "InProgress", "Completed"]
        assert report["url"].startswith(server.media_url)
        assert (report["cancel_end"], report["refusal"]) == (
            "FalClientHTTPError",
            "FalClientHTTPError",
        )
        # One answer lost: ten jobs, each paid.
        assert report["lost_answer"]
        assert jobs_at(server, "fal-ai/veo3.1") == 10


def test_runwayml_submits_follows_cancels_and_collects(python: str) -> None:
    with RunwayServer() as server:
        lose_answers(server, "/v1/text_to_image")
        report = report_of(
            python, "runway", RUNWAYML_API_SECRET=server.KEY, RUNWAYML_BASE_URL=server.url
        )
        assert report["states"] == ["RUNNING", "SUCCEEDED"]
        assert urllib.request.urlopen(report["url"]).read()[4:8] == b"ftyp"
        assert report["costs"] == [60, 60]
        assert (report["cancel_end"], report["refusal"]) == ("CANCELLED", "BadRequestError")
        assert report["upload"] in server.jobs
        assert report["balance"] == 940
        assert sum(server.hasty_looks.values()) == 1
        # One answer lost: three jobs, each paid.
        assert report["lost_answer"]
        assert jobs_at(server, "text_to_image") == 3


def test_the_schemas_of_runway_are_those_of_its_client(python: str, tmp_path: Path) -> None:
    program = PROGRAMS / "runway_schemas.py"
    subprocess.run([python, str(program), str(tmp_path)], check=True)
    schemas = {path.name: path.read_text() for path in tmp_path.glob("*.json")}
    assert schemas == {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}, (
        f"Run: {VENV.name}/bin/python {program.relative_to(ROOT)} {SCHEMAS.relative_to(ROOT)}"
    )
