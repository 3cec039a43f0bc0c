"""Claims about a service, each with its verdict and the reason for it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["proven", "not proven", "contradicted"]

_URL = re.compile(r"https?://\S+")
_AFTER_PATH = re.compile(r"[?#]")


@dataclass(frozen=True, slots=True)
class Claim:
    claim: str
    verdict: Verdict
    how: str


@dataclass(slots=True)
class Report:
    """secret: what no text may hold. claims grow as they are tried. jobs: ids at the service.
    most_usd: what the trial may cost."""

    provider: str
    kind: str
    at: str
    most_usd: str
    secret: str = field(repr=False)
    claims: list[Claim] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)

    def add(self, claim: str, verdict: Verdict, how: str) -> Claim:
        made = Claim(claim, verdict, self._clean(how))
        self.claims.append(made)
        return made

    def note(self, job: str) -> None:
        if job and job not in self.jobs:
            self.jobs.append(self._clean(job))

    def written(self) -> dict[str, Any]:
        """Return the report as its file has it, without the key and the queries of URLs."""
        made = asdict(self)
        del made["secret"]
        return made

    def _clean(self, text: str) -> str:
        """Return a text on one line without the key and what URLs have after their path."""
        if self.secret:
            text = text.replace(self.secret, "…")
        text = _URL.sub(lambda match: _AFTER_PATH.split(match[0], maxsplit=1)[0], text)
        return " ".join(text.split())
