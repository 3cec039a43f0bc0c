"""Both seed documents' requests, as written, make real films on a live server."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.support.clients.curl import HOST, Curl, commands
from tests.support.probe import Film, probe_film
from tests.support.server import Site, finished, snapshot

SITE_OPTIONS = {"settings": "builder.settings"}

SEEDS = Path(__file__).parent.parent / "fixtures" / "seeds"
TEMPLATE_ID = "wf_two-shot-product-teaser_a1b2c3d4"


def changed(site: Site, name: str, **more: str) -> list[Curl]:
    """A document's commands for this host and a key of alice."""
    replaced = {HOST: site.url, "YOUR_API_KEY": site.key("alice"), **more}
    return commands(SEEDS / f"{name}.curl", replaced)


def film_of(client: httpx.Client, run_id: str, folder: Path) -> Film:
    """The run's last video, downloaded by its signed address without credentials and decoded."""
    run = finished(client, run_id)
    assert run["status"] == "completed", run.get("error")
    video = [artifact for artifact in run["artifacts"] if artifact["type"] == "video"][-1]
    answer = httpx.get(video["url"])
    assert answer.status_code == 200
    path = folder / "film.mp4"
    path.write_bytes(answer.content)
    return probe_film(path)


def a_five_second_film(film: Film) -> bool:
    return (film.codec, film.pix_fmt, film.frames, film.fps) == ("h264", "yuv420p", 120, 24.0)


def test_creative_agent_workflows(site: Site, tmp_path: Path) -> None:
    with httpx.Client(timeout=120) as client:
        image_to_video, *_ = changed(site, "creative-agent-workflows")
        client.base_url = httpx.URL(site.url)
        client.headers["Authorization"] = image_to_video.headers["Authorization"]
        answer = image_to_video.send(client)
        assert answer.status_code == 201, answer.text
        run = answer.json()["data"]["workflow"]
        assert run["kind"] == "image_to_video"
        assert run["workflowId"].startswith("wf_image_to_video_")
        assert {"status", "input", "plan", "events", "artifacts", "createTime"} <= run.keys()
        film = film_of(client, run["workflowId"], tmp_path)
        assert a_five_second_film(film), film
        assert film.audio == "aac"
        done = snapshot(client, run["workflowId"])
        clip = next(a for a in done["artifacts"] if a["type"] == "video")

        _, sequence, stream, cancel = changed(
            site,
            "creative-agent-workflows",
            **{
                "https://...presigned-download-url...": clip["url"],
                "workflows/wf_...": f"workflows/{run['workflowId']}",
            },
        )
        answer = sequence.send(client)
        assert answer.status_code == 201, answer.text
        restyled = answer.json()["data"]["workflow"]
        assert restyled["kind"] == "hosted_tool_sequence"
        film = film_of(client, restyled["workflowId"], tmp_path)
        assert (film.codec, film.frames, film.seconds) == ("h264", 96, 4.0)
        step = snapshot(client, restyled["workflowId"])["steps"][0]
        assert step["toolName"] == "sogni_video_to_video"
        assert step["seed"] >= 0

        frames = stream.send(client)
        assert frames.headers["content-type"].startswith("text/event-stream")
        assert frames.text.count("event: workflow_status") == 1
        assert frames.text.rstrip().splitlines()[-1].endswith('"status":"completed"}')

        answer = cancel.send(client)
        assert (answer.status_code, answer.json()["data"]["transitioned"]) == (200, False)
        assert answer.json()["data"]["workflow"]["status"] == "completed"


def test_workflow_templates(site: Site, tmp_path: Path) -> None:
    with httpx.Client(timeout=120) as client:
        create = changed(site, "workflow-templates")[0]
        client.base_url = httpx.URL(site.url)
        client.headers["Authorization"] = create.headers["Authorization"]
        answer = create.send(client)
        assert answer.status_code == 201, answer.text
        template = answer.json()["data"]["template"]
        assert template["id"].startswith("wf_two-shot-product-teaser_")
        assert (template["version"], template["visibility"]) == ("0.0.1", "private")

        _, listing, read, patch, delete, fork, run = changed(
            site,
            "workflow-templates",
            **{TEMPLATE_ID: template["id"], "wf_source_template": template["id"]},
        )
        listed = listing.send(client).json()["data"]
        assert template["id"] in [item["id"] for item in listed["templates"]]
        # The samples of the server fill a second page.
        assert listed["next"] == 20
        assert read.send(client).json()["data"]["template"]["stages"] == template["stages"]

        answer = run.send(client)
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        assert [w["code"] for w in data["compileWarnings"]] == ["implicit_media_dependency"]
        again = run.send(client)
        assert (again.status_code, again.json()["data"]["idempotent"]) == (200, True)
        assert again.json()["data"]["workflow"]["id"] == data["workflow"]["id"]

        forked = fork.send(client)
        assert forked.status_code == 201
        copy = forked.json()["data"]["template"]
        assert (
            copy["name"],
            copy["version"],
            copy["visibility"],
            copy["clonedFromTemplateId"],
        ) == (
            "My product teaser variant",
            "0.0.1",
            "private",
            template["id"],
        )
        patched = patch.send(client).json()["data"]["template"]
        assert (patched["version"], patched["visibility"]) == ("0.0.2", "public")
        assert patched["tags"] == ["product", "video"]
        deleted = delete.send(client)
        assert deleted.json()["data"] == {"deleted": True, "id": template["id"]}
        assert read.send(client).status_code == 404

        film = film_of(client, data["workflow"]["id"], tmp_path)
        assert a_five_second_film(film), film
        done = snapshot(client, data["workflow"]["id"])
        clip = done["steps"][1]
        assert clip["resolvedArguments"]["referenceImageIndices"] == [0]
        assert (done["templateId"], done["templateVersion"]) == (template["id"], "0.0.1")
