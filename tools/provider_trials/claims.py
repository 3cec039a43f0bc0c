"""Claims about a service, each with its verdict and the reason for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

from tools.provider_trials.proofs import Proof, proofs_of, value_of, words
from tools.providers.makers.provider import Maker
from tools.providers.makers.table import Offered

Verdict: TypeAlias = Literal["proven", "not proven", "contradicted"]

VERDICTS: Mapping[bool | None, Verdict] = {
    True: "proven",
    False: "contradicted",
    None: "not proven",
}

_URL = re.compile(r"(?<![a-z])[a-z]++://\S+")
_AFTER_PATH = re.compile(r"[?#]")


@dataclass(frozen=True, slots=True)
class Claim:
    """fact: what `--record` keeps it by, "" for what it doesn't keep; model, id: whose fact, ""
    where it is of the whole service."""

    claim: str
    verdict: Verdict
    how: str
    fact: str = ""
    model: str = ""
    id: str = ""


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

    def add(
        self, claim: str, verdict: Verdict, how: str, fact: str = "", offer: Offered | None = None
    ) -> Claim:
        row = (offer.row.name, offer.place.id) if offer is not None else ("", "")
        entry = Claim(claim, verdict, self._clean(how), fact, *row)
        self.claims.append(entry)
        return entry

    def note(self, job: str) -> None:
        if job and job not in self.jobs:
            self.jobs.append(self._clean(job))

    def remember_proofs(self, maker: Maker) -> None:
        """Say of what this trial didn't prove when an earlier one did."""
        proofs = proofs_of(maker).by_fact
        for place, one in enumerate(self.claims):
            proof = proofs.get((one.fact, one.model, one.id))
            if one.verdict == "not proven" and proof is not None:
                how = f"{one.how} It was {words(proof)}."
                self.claims[place] = Claim(one.claim, one.verdict, how, one.fact, one.model, one.id)

    def proofs(self, maker: Maker, on: date) -> Iterator[Proof]:
        """Yield what this trial proved, as `--record` keeps it."""
        rows = {(one.row.name, one.place.id): one for one in maker.models_offered}
        for one in self.claims:
            if one.fact and one.verdict == "proven":
                yield Proof(
                    service=maker.name,
                    url=maker.urls[""],
                    fact=one.fact,
                    model=one.model,
                    id=one.id,
                    value=value_of(maker, one.fact, rows.get((one.model, one.id))),
                    on=on,
                    how=one.how,
                )

    def is_contradicted(self, proof: Proof) -> bool:
        return any(
            (one.fact, one.model, one.id) == (proof.fact, proof.model, proof.id)
            for one in self.claims
            if one.verdict == "contradicted"
        )

    def as_document(self) -> dict[str, Any]:
        """Return the report as its file has it, without the key and the queries of URLs."""
        document = asdict(self)
        del document["secret"]
        return document

    def _clean(self, text: str) -> str:
        """Return a text on one line without the key and what URLs have after their path."""
        if self.secret:
            text = text.replace(self.secret, "…")
        text = _URL.sub(lambda match: _AFTER_PATH.split(match[0], maxsplit=1)[0], text)
        return " ".join(text.split())
