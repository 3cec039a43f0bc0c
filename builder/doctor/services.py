"""The services that do tools' work: whether they answer, and can do what they are asked for."""

from __future__ import annotations

from builder.doctor import Checks, ok, warning
from tools import registry


def all_checks() -> Checks:
    """A line for each server of each provider; none where the studio does all the work."""
    for provider in registry.providers():
        for visit in provider.visits():
            if visit.is_away:
                remedy = "Start it, or mend its address: its steps fail meanwhile."
                yield warning(provider.name, visit.says, remedy)
                continue
            yield ok(provider.name, visit.says)
            for problem in visit.problems:
                yield warning(
                    provider.name, problem, "Mend it there, or change its settings or graphs."
                )
