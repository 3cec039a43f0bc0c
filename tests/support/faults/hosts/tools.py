"""Tools whose work a paid service does (see service.py), one for each promise that services make.

They are in the product's processes where settings.EXTRA_TOOL_MODULES names this module.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from typing import Any

from tests.support.fakes.tools import PIXEL
from tests.support.faults.hosts.service import HOST_HEADER
from tools.declaration.ports import Form, Ports, Tool, field, port, tool
from tools.providers.base import Job, JobContext, Outcome, OutputFile, Parked, Provider, Submit
from tools.providers.http import Requests, Service, of_status

# Where the service is, for the product's processes.
SERVICE_URL = "REELGRAPH_TEST_PAID_SERVICE"
# A job that takes longer than so many seconds is parked; without it, none.
PATIENCE_S = "REELGRAPH_TEST_PATIENCE_S"


class Bought(Tool):
    """Have a small picture made."""

    class Inputs(Ports):
        source = port(
            "image",
            "Earlier pictures",
            index="sourceImageIndex",
            url="source_image_url",
            fallback="none",
            implied="latest",
        )

    class Params(Form):
        text: str = field("", "What to write")
        seconds: float = field(0.2, "How long the service takes")


_OF_ALL: dict[str, Any] = {"group": "Test", "cost": "image.standard", "output": "image"}


@tool("buy_once", title="Buy once", **_OF_ALL)
class BuyOnce(Bought):
    """Have a small picture made by a service that honors keys."""


@tool("buy_findable", title="Buy findable", **_OF_ALL)
class BuyFindable(Bought):
    """Have a small picture made by a service that finds jobs by key."""


@tool("buy_blind", title="Buy blind", **_OF_ALL)
class BuyBlind(Bought):
    """Have a small picture made by a service that does neither."""


@tool("buy_gpu", title="Buy on a GPU", **_OF_ALL)
class BuyGpu(Bought):
    """Have a small picture made where the GPU is."""


TOOLS: list[type[Tool]] = [BuyOnce, BuyFindable, BuyBlind, BuyGpu]


class PaidProvider(Provider):
    """Does one of these tools' work by the paid service."""

    __test__ = False
    version = "1"

    def __init__(self, name: str, tool: str, submit: Submit, label: str = "") -> None:
        self.name = name
        self.submit = submit
        self.label = label
        self._tool = tool

    def tools(self) -> frozenset[str]:
        return frozenset({self._tool})

    def run(self, job: Job, context: JobContext) -> Outcome:
        requests = Requests(_service(), context.check)
        patience_s = float(os.environ.get(PATIENCE_S) or "inf")
        found = job.job_ref
        if found is None:
            found = self._begun(job, requests, context)
            context.remember(found)
        while True:
            left_s = self._look(str(found["job"]), requests)
            if left_s <= 0:
                break
            if left_s > patience_s:
                raise Parked(left_s, note="Waiting for the service")
            context.wait(min(left_s, 0.1))
        path = job.out / "0.png"
        path.write_bytes(PIXEL + json.dumps({"key": job.key, "by": socket.gethostname()}).encode())
        return Outcome(files=(OutputFile(path, "image", "image/png", width=1, height=1),))

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        return (str(job_ref["job"]),)

    def _begun(self, job: Job, requests: Requests, context: JobContext) -> Mapping[str, Any]:
        if self.submit == "findable":
            answer = requests.request("GET", "/jobs", params={"key": job.key})
            if answer.status == 200:
                return {"job": json.loads(answer.body)["id"]}
        context.submitting()
        wanted = {
            "key": job.key,
            "kind": self.name,
            "once": self.submit == "idempotent",
            "seconds": job.params["seconds"],
        }
        answer = requests.request("POST", "/jobs", json=wanted)
        if answer.status != 200:
            raise of_status("The paid service", answer)
        return {"job": json.loads(answer.body)["id"]}

    def _look(self, job_id: str, requests: Requests) -> float:
        answer = requests.request("GET", f"/jobs/{job_id}")
        if answer.status != 200:
            raise of_status("The paid service", answer)
        return float(json.loads(answer.body)["left_s"])


def _service() -> Service:
    return Service(
        who="The paid service",
        base_url=os.environ.get(SERVICE_URL, "http://127.0.0.1:9"),
        headers={HOST_HEADER: socket.gethostname()},
        timeout_s=40.0,
        connect_s=15.0,
    )


PROVIDERS = [
    PaidProvider("once", "buy_once", "idempotent"),
    PaidProvider("findable", "buy_findable", "findable"),
    PaidProvider("blind", "buy_blind", "blind"),
    PaidProvider("gpu-farm", "buy_gpu", "idempotent", "gpu"),
]
