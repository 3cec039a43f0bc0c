"""A storm from beginning to end: a cluster, its traffic, the faults of a seed, and the checks.

By hand, `python -m tests.support.faults.hosts.campaign --seeds 1-20 --faults 60 --out FILE` runs
one seed after the other and adds a line of JSON for each; docs/reference/faults.md holds their
sums.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.support.faults.hosts import checks, storm
from tests.support.faults.hosts.checks import Outcome
from tests.support.faults.hosts.machines import Cluster
from tests.support.faults.hosts.traffic import RUNS, Answerer, Person, template, until_answered
from tests.support.waiting import WAIT_S

PEOPLE = ("alice", "bob", "carol")
# Without any event, where leases last five seconds and a cut link is noticed after 25 s.
STUCK_S = WAIT_S


def weathered(
    cluster: Cluster,
    seed: int,
    *,
    faults: int,
    longest_s: float,
    weights: dict[storm.Kind, int] | None = None,
    most: int = 12,
    say: Callable[[str], object] = print,
) -> Outcome:
    """Run a storm on a new cluster that was started. most: runs that each person starts."""
    workers = [(name, program) for name, own in cluster.workers.items() for program in _of(own)]
    plan = storm.planned(
        seed,
        faults,
        webs=cluster.webs,
        workers=workers,
        longest_s=longest_s,
        weights=weights,
    )
    say(f"seed {seed}")
    for fault in plan:
        say(f"  {fault}")
    keys = [cluster.key(name) for name in PEOPLE]
    people = []
    for number, key in enumerate(keys):
        said, _ = until_answered(cluster, number, "POST", f"{RUNS}/templates", template(), key)
        found = said["data"]["template"]["id"]
        people.append(Person(cluster, number, key, found, seed, most))
    answerers = [Answerer(cluster, key) for key in keys]
    began = time.monotonic()
    striking = storm.Storm(cluster)
    for thread in (*people, *answerers):
        thread.start()
    try:
        striking.strike(plan)
        cluster.answering()
    finally:
        for person in people:
            person.stop.set()
    for person in people:
        person.join(150)
        assert not person.is_alive(), f"{person.name} still waits for an answer"
        assert not person.problem, f"{person.name}: {person.problem}"
    checks.wait_for_the_end(cluster, STUCK_S)
    for answerer in answerers:
        answerer.stop.set()
    for answerer in answerers:
        answerer.join(150)
    outcome = Outcome(seed, dict(striking.done), len(striking.missed))
    outcome.took_s = round(time.monotonic() - began, 1)
    checks.check(cluster, outcome, [one for person in people for one in person.started], keys)
    say(str(outcome))
    for kind, found in outcome.problems.items():
        for one in found:
            say(f"  {kind}: {one}")
    return outcome


def _of(labels: tuple[str, ...]) -> list[str]:
    return [f"worker-{number}" for number, _ in enumerate(labels, 1)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-10", help="the first and the last one")
    parser.add_argument("--faults", type=int, default=40, help="of each seed")
    parser.add_argument("--longest", type=float, default=30.0, help="seconds of a fault")
    parser.add_argument("--out", type=Path, help="file to add results to")
    parser.add_argument("--sum", action="store_true", help="only add up that file")
    chosen = parser.parse_args(arguments)
    if not chosen.sum:
        first, _, last = chosen.seeds.partition("-")
        for seed in range(int(first), int(last or first) + 1):
            with (
                tempfile.TemporaryDirectory(prefix="rg-hosts-") as home,
                Cluster(Path(home)) as own,
            ):
                own.start()
                outcome = weathered(
                    own, seed, faults=chosen.faults, longest_s=chosen.longest, most=60
                )
                if chosen.out:
                    with chosen.out.open("a") as file:
                        file.write(outcome.line() + "\n")
                if any(outcome.problems.values()):
                    for machine in own.machines.values():
                        print(machine.said())
    if chosen.out:
        print(table(chosen.out))
    return 0


def table(path: Path) -> str:
    """The sums of a file of results, as a table in Markdown."""
    faults: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        one = json.loads(line)
        faults.update(one["faults"])
        problems.update({kind: len(found) for kind, found in one["problems"].items()})
        names = ("runs", "steps", "bought", "sent_again", "lost_leases", "asked")
        sums.update({name: one[name] for name in names} | {"storms": 1})
    rows = [f"| {kind} | {count} |" for kind, count in faults.most_common()]
    wrong = ", ".join(f"{count} {kind}" for kind, count in problems.items())
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sums.items())
    return "\n".join(
        ["| fault | times |", "|---|---|", *rows, f"| all | {faults.total()} |", "", counted, wrong]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
