"""The row about table runs: checking their rows, their pages, and what their feeder asks.

`python -m tests.bench.table_runs` prints how many queries a turn of the feeder makes.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import django

from tests.bench.engine import starter
from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground, chain, cpu_s, person
from tests.bench.meters import Meter
from tests.bench.moderation import asked
from tests.bench.planning import BRIEF, CLIP, clips
from tests.bench.wire import Line
from tests.support.waiting import wait_for

ROWS, STAGES, REQUESTS = 1_000, 8, 60
# Of the rows, before their pages are measured.
DONE = 120
SETS = "/v1/run-sets"
NOTE = {
    "id": "card",
    "type": "fixed",
    "tool": "note",
    "args": {"text": "$inputs.brief"},
    "produces": ["card"],
    "requiredArtifactsIn": [f"a{STAGES - 2}"],
}


def run_set(ground: Ground, database: str) -> Iterator[Figure]:
    """1,000 rows of a template of 8 films, each of the one before: the workers' CPU time from the
    upload of the rows until all are checked, beside it Postgres's. Then the page of a table run of
    1,000 rows, 120 of them done (8 steps each, of which the last one makes a picture), and 100 rows
    of the API: 60 requests of each, as in `moderation`, with the web process's CPU time. Last the
    queries of a turn of the feeder with nothing to do."""
    with ground.site(database) as site:
        line, meter = person(site), Meter(site)
        films = line.template("Films", clips(STAGES), [BRIEF, CLIP])
        before = meter.read()
        rows = [
            {"brief": f"Card {place}", "clip": f"https://example.com/{place}.mp4"}
            for place in range(ROWS)
        ]
        set_id = _made(line, films, rows)
        checked = _in_state(line, set_id, lambda body: body["status"] == "ready")
        used = meter.read() - before
        assert checked["counts"] == {"pending": ROWS}, checked
        yield Figure(
            f"{ROWS:,} rows of {STAGES} stages checked, {database}",
            {"CPU": used.workers},
            unit="s",
            judged="CPU",
            target=5,
            beside=f"Postgres {used.server:.2f} s" if used.server else "",
        )
        cards = line.template("Cards", [*chain("noop", STAGES - 1), NOTE], [BRIEF])
        briefs = [{"brief": f"Card {place}"} for place in range(ROWS)]
        set_id = _made(line, cards, briefs, start=True)
        # In their order, so those of the first page are among them.
        _in_state(line, set_id, lambda body: body["counts"].get("completed", 0) >= DONE)
        line.call("POST", f"{SETS}/{set_id}/pause", {})
        _in_state(line, set_id, lambda body: not body["counts"].get("running"))
        pages = {"page": f"/run-sets/{set_id}", "API's page": f"{SETS}/{set_id}/rows?limit=100"}
        figures = json.loads(starter(site, "alice", *pages.values(), module="asked_pages"))
        parts = urlsplit(site.url)
        web = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        for name, address in pages.items():
            before_s = cpu_s(site.webs())
            samples = [asked(web, address, figures["cookie"]) for _ in range(REQUESTS + 1)][1:]
            each_ms = 1000 * (cpu_s(site.webs()) - before_s) / (REQUESTS + 1)
            queries, sql_ms = figures["pages"][address]
            beside = f"CPU {each_ms:.0f} ms; {queries} queries of {sql_ms:.0f} ms"
            yield spread(f"a table run's {name}, {database}", samples, 60, beside=beside)
        turn = {"queries": float(starter(site, module="table_runs"))}
        row = f"an idle turn of the feeder, {database}"
        yield Figure(row, turn, unit="", judged="queries", target=1)


def _made(line: Line, template: str, rows: list[dict[str, str]], **fields: Any) -> str:
    body = {"workflow_id": template, "rows": rows, "at_once": 8, **fields}
    return str(line.call("POST", SETS, body)["runSet"]["id"])


def _in_state(
    line: Line, set_id: str, is_there: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        # Each look is work of the web process, and of Postgres.
        time.sleep(1)
        body: dict[str, Any] = line.call("GET", f"{SETS}/{set_id}")["runSet"]
        return body if is_there(body) else None

    body = wait_for(look, f"the state of {set_id}", 600)
    assert body is not None
    return body


def main() -> None:
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from run_sets import feeding

    feeding.feed()
    with CaptureQueriesContext(connection) as queries:
        feeding.feed()
    print(len(queries))


if __name__ == "__main__":
    main()
