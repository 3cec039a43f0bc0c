"""The row about guests: what a start by a link takes, against one of the template's owner.

`python -m tests.bench.guests TEMPLATE` makes an app of it and prints a link's token.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import django
import httpx

from tests.bench.engine import starter
from tests.bench.figures import Figure, percentile, spread
from tests.bench.ground import Ground, person
from tests.bench.wire import ms_since

STARTS = 200
SLUG = "bench"


def guest_start(ground: Ground, database: str) -> Iterator[Figure]:
    """200 starts of a template of one step by its owner's key and 200 by a guest's link, by turns,
    200 reads of a guest's run, and 200 of the page with its form. 20 of each before are not
    counted."""
    with ground.site(database) as site:
        owner = person(site)
        stage = {"id": "one", "type": "fixed", "tool": "noop"}
        template = owner.template("Guests", [stage])
        token = starter(site, template, module="guests")
        own: list[float] = []
        theirs: list[float] = []
        reads: list[float] = []
        pages: list[float] = []
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{site.url}/v1/apps/{SLUG}", headers=headers) as guest:
            for turn in range(STARTS + 20):
                began = time.perf_counter()
                run = owner.start({"workflow_id": template, "inputs": {}})
                middle = time.perf_counter()
                answer = guest.post("/runs", json={"inputs": {}}, headers={"x-guest": f"{turn}"})
                theirs_ms = ms_since(middle)
                run_token = answer.raise_for_status().json()["data"]["run"]["id"]
                last = time.perf_counter()
                guest.get(f"/runs/{run_token}").raise_for_status()
                read_ms = ms_since(last)
                opened_at = time.perf_counter()
                for path in (f"/a/{SLUG}", f"/a/{SLUG}/form"):
                    guest.get(site.url + path).raise_for_status()
                if turn >= 20:
                    own.append(1000 * (middle - began))
                    theirs.append(theirs_ms)
                    reads.append(read_ms)
                    pages.append(ms_since(opened_at))
                owner.cancel(run)
                guest.post(f"/runs/{run_token}/cancel").raise_for_status()
    p95 = [percentile(samples, 0.95) for samples in (own, theirs)]
    beside = f"p95 {p95[0]:.1f} → {p95[1]:.1f} ms"
    row = f"a guest's start : its owner's, {database}"
    yield Figure(row, {"p95": p95[1] / p95[0]}, unit=": 1", judged="p95", target=1.3, beside=beside)
    yield spread(f"a guest reads a run, {database}", reads, 50)
    yield spread(f"an app's page and its form, {database}", pages, 60)


def main(template: str) -> None:
    django.setup()
    from simple_apps import services
    from templates_app.models import Template

    row = Template.objects.get(public_id=template)
    app = services.create_app(actor=row.owner, template=row, changes={"slug": SLUG})
    limits = {"runs": 10_000, "units": 1_000_000}
    print(services.create_link(actor=row.owner, app=app, fields=limits)[1])


if __name__ == "__main__":
    main(sys.argv[1])
