"""Facts about services that were proven with a real key: `models.d/proven.json` of the data folder.

It isn't a table of models: a row written there would replace ours of the same name, with all of its
places, and an update's new prices would have no effect. So only what was proven is kept, with its
date. A proof counts as long as the service's address and what the table says of the fact stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import InvalidInput
from tools.providers.base import Provider
from tools.providers.makers.provider import Maker
from tools.providers.makers.table import Offered

UNPROVEN = "not yet proven with a real key"
# Names of facts that pages show.
SUBMIT, PRICE, SCHEMA = "repeated request", "price", "schema"


class Proof(BaseModel):
    """service, url: whose fact. model, id: of a row and its place; "" for what is of all. value:
    what was proven, as the table or the code had it. how: what was seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str
    url: str
    fact: str
    model: str = ""
    id: str = ""
    value: str = ""
    on: date
    how: str = ""

    @property
    def name(self) -> tuple[str, ...]:
        """Return the key by which a newer proof replaces it."""
        return self.service, self.url, self.fact, self.model, self.id


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs of one service that still count, by fact, model and id."""

    by_fact: Mapping[tuple[str, str, str], Proof]

    def of(self, fact: str, offer: Offered | None = None) -> Proof | None:
        row = (offer.row.name, offer.place.id) if offer is not None else ("", "")
        return self.by_fact.get((fact, *row))

    def named(self, fact: str) -> list[Proof]:
        """Return the proofs of a fact, one for each row that has it."""
        return [proof for (name, _, _), proof in self.by_fact.items() if name == fact]


def proofs_of(provider: Provider) -> Proofs:
    """Return what is proven of a service; nothing of other kinds."""
    if not isinstance(provider, Maker):
        return Proofs({})
    rows = {(one.row.name, one.place.id): one for one in provider.models_offered}
    counting = {}
    for proof in all_proofs():
        offer = rows.get((proof.model, proof.id))
        is_own = (proof.service, proof.url) == (provider.name, provider.urls[""])
        if not is_own or (proof.model and offer is None):
            continue
        if proof.value == value_of(provider, proof.fact, offer):
            counting[proof.fact, proof.model, proof.id] = proof
    return Proofs(counting)


def words(proof: Proof | None) -> str:
    """Return how far a fact is proven, as it follows the fact in a sentence."""
    return UNPROVEN if proof is None else f"proven with a real key on {proof.on:%-d %b %Y}"


def price_words(proofs: Sequence[Proof], count: int) -> str:
    """Return what is known of a service's prices. count: of all."""
    if not proofs:
        return UNPROVEN
    last = max(proof.on for proof in proofs)
    return f"{len(proofs)} of {count} proven with a real key, the last on {last:%-d %b %Y}"


def value_of(maker: Maker, fact: str, offer: Offered | None) -> str:
    """Return what the code or the table says of a fact: another value needs a proof of its own."""
    if fact == SUBMIT:
        return f"{maker.submit} {maker.key_lifetime_s or ''}".strip()
    parts = _PARTS.get(fact)
    if parts is None or offer is None:
        return ""
    return offer.place.model_dump_json(
        include=parts,
        # Where a price was read says nothing of it.
        exclude={"price": {"source"}},
        exclude_defaults=True,
        by_alias=True,
    )


# By fact, the fields of a place that it is about.
_PARTS: Mapping[str, set[str]] = {
    PRICE: {"price", "cost"},
    SCHEMA: {"id_with", "body", "function", "takes", "sides"},
    "result": {"path", "path_with", "id_with", "body", "function", "takes", "sides", "result"},
    "cost of a refusal": {"on_refusal"},
}


def record(maker: Maker, proofs: Iterable[Proof], is_wrong: Callable[[Proof], bool]) -> Path:
    """Write what was proven beside what was before. is_wrong: whether an earlier proof of this
    service was contradicted. Returns the file. Raises InvalidInput where it can't be read."""
    path = _path()
    new = {proof.name: proof for proof in proofs}
    old = {
        proof.name: proof
        for proof in all_proofs(is_strict=True)
        if (proof.service, proof.url) != (maker.name, maker.urls[""]) or not is_wrong(proof)
    }
    rows = sorted((old | new).values(), key=lambda proof: proof.name)
    path.parent.mkdir(exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text(_File(proofs=tuple(rows)).model_dump_json(indent=1) + "\n")
    scratch.replace(path)
    return path


def all_proofs(*, is_strict: bool = False) -> tuple[Proof, ...]:
    """Return every proof; none of a broken file. is_strict: raise InvalidInput for that."""
    try:
        return _File.model_validate_json(_path().read_bytes()).proofs
    except FileNotFoundError:
        return ()
    except (ValidationError, OSError) as problem:
        if is_strict:
            raise InvalidInput(
                f"{_path()} can't be read, so nothing was recorded. Move it away."
            ) from problem
        return ()


def _path() -> Path:
    return Path(settings.HOME) / "models.d" / "proven.json"
