"""The film of the first example in the public documentation, as a client makes it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.support.clients.curl import HOST, commands
from tests.support.probe import probe_film
from tests.support.server import finished

SEED = Path(__file__).parents[1] / "fixtures" / "seeds" / "creative-agent-workflows.curl"


def make_film(client: httpx.Client, key: str, folder: Path, within_s: float = 180) -> str:
    """Start the run, wait for its film, and check that it is whole. Returns the run's id.

    client: its base URL is the server. folder: where the film is written.
    """
    client.headers["Authorization"] = f"Bearer {key}"
    url = str(client.base_url).rstrip("/")
    image_to_video, *_ = commands(SEED, {HOST: url, "YOUR_API_KEY": key})
    answer = image_to_video.send(client)
    assert answer.status_code == 201, answer.text
    run_id: str = answer.json()["data"]["workflow"]["workflowId"]
    run = finished(client, run_id, within_s)
    assert run["status"] == "completed", run
    address = [artifact for artifact in run["artifacts"] if artifact["type"] == "video"][-1]["url"]
    parts = urlsplit(address)
    path = folder / "film.mp4"
    path.write_bytes(client.get(f"{parts.path}?{parts.query}").content)
    assert probe_film(path).frames == 120
    return run_id
