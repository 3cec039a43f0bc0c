"""What the README tells people to type works as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.clients.curl import commands_in
from tests.support.program import ROOT
from tests.support.server import SHARED, Site, finished

SITE_OPTIONS = SHARED

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_curl_example_makes_a_film(site: Site) -> None:
    key = site.key("alice")
    shell = "\n".join(block for block in blocks("sh") if "curl" in block)
    shell = shell.replace("$URL", site.url).replace("$KEY", key)
    start, *_ = commands_in(shell)
    with site.client() as client:
        answer = start.send(client)
        assert answer.status_code == 201, answer.text
        again = start.send(client)
        assert again.status_code == 200
        run_id = answer.json()["data"]["workflow"]["workflowId"]
        assert again.json()["data"]["workflow"]["workflowId"] == run_id
        _, stream, snapshot = commands_in(shell.replace("$RUN", run_id))
        assert "event: workflow_status" in stream.send(client).text
        shown = snapshot.send(client).json()["data"]["workflow"]
        assert shown["status"] == "completed", shown.get("error")
        assert shown["artifacts"][-1]["type"] == "video"
        assert client.get(shown["artifacts"][-1]["url"]).status_code == 200


def test_sdk_example_prints_its_film(site: Site, tmp_path: Path) -> None:
    (code,) = blocks("python")
    script = tmp_path / "example.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "URL": site.url, "KEY": site.key("alice")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, url = done.stdout.strip().splitlines()[-1].split()
    assert (status, url.startswith(site.url)) == ("completed", True)
    with site.client(site.key("alice")) as client:
        run = client.get("/v1/creative-agent/workflows", params={"limit": 1}).json()["data"]
        assert finished(client, run["workflows"][0]["id"])["status"] == "completed"


def test_tool_calls_of_the_guide(site: Site) -> None:
    guide = (ROOT / "docs" / "howto" / "integrate.md").read_text()
    section = guide.partition("## Call a tool")[2].partition("\n## ")[0]
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    api = f"{site.url}/v1/creative-agent/workflows"
    for name, value in {"$URL": site.url, "$API": api, "$KEY": site.key("alice")}.items():
        shell = shell.replace(name, value)
    template, prompt, manifest, offered = commands_in(shell)
    with site.client(site.key("alice")) as client:
        answer = template.send(client).json()["data"]
        assert answer["result"]["ok"] is True, answer
        assert template.send(client).json()["data"] == answer
        saved = client.post(f"{api}/templates", json=answer["result"]["template_draft"])
        assert saved.status_code == 201, saved.text
        assert prompt.send(client).json()["data"]["message"].startswith("A lighthouse at dusk")
        assert manifest.send(client).json()["data"]["result"]["ok"] is True
        listed = offered.send(client)
        assert listed.status_code == 200
        assert listed.json()["data"]["templates"] == []
