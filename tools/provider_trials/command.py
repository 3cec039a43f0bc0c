"""`manage.py providers try NAME`: prints what it may cost, asks, and prints what was proven."""

from __future__ import annotations

import json
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from core import clock, errors
from tools import registry
from tools.provider_trials import ages, crashes, proofs, schemas
from tools.provider_trials.calls import Caller
from tools.provider_trials.claims import Report
from tools.provider_trials.trial import REFUSED_PROMPT, Trial, plan_of
from tools.providers.base import Misconfigured
from tools.providers.makers.provider import Maker
from tools.providers.makers.table import STALE_DAYS, offered_at

SPEND = "0.50"


class Output(Protocol):
    def write(self, msg: str) -> object: ...


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--models", default="", help="some of its models, separated by commas")
    parser.add_argument(
        "--spend", type=_dollars, default=Decimal(SPEND), help="the most it may cost, in US dollars"
    )
    parser.add_argument("--crash", action="store_true", help="a process dies with a paid request")
    parser.add_argument(
        "--refusal",
        nargs="?",
        const=REFUSED_PROMPT,
        default="",
        metavar="PROMPT",
        help="ask for what its policy refuses. It may be charged, and accounts with many refusals"
        " are closed",
    )
    parser.add_argument(
        "--record", action="store_true", help="keep what was proven, with its date, for its page"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask before it costs")
    parser.add_argument(crashes.ARGUMENT, dest="die_at", default="", help=SUPPRESS)


def run_schemas(name: str, out: Output) -> None:
    """Compare every row of a service with its schema there, which costs nothing. Raises NotFound,
    InvalidInput."""
    maker = _maker_with_key(name)
    client = maker.client()
    for offer in offered_at(maker.dialect.service):
        title = f"{offer.row.name}{' (off)' if offer.place.is_off else ''}"
        for one in schemas.compare(maker.dialect, client, offer):
            out.write(f"{title}: {schemas.words_of(one)}")


def run_tables(out: Output) -> None:
    """List the rows and proofs that are too old. Raises InvalidInput for tables that aren't
    valid."""
    try:
        lines = list(ages.old_facts(clock.now().date()))
    except Misconfigured as problem:
        raise errors.InvalidInput(str(problem)) from None
    for line in lines or [f"Nothing is older than {STALE_DAYS} days."]:
        out.write(line)


def _maker_with_key(name: str) -> Maker:
    maker = registry.provider_named(name)
    if not isinstance(maker, Maker):
        names = [one.name for one in registry.known_providers() if isinstance(one, Maker)]
        remedy = f"There are: {', '.join(names)}." if names else "Add one at /admin/providers/add."
        raise errors.NotFound(f"No service for final media is called {name}. {remedy}")
    if maker.options.key is None:
        raise errors.InvalidInput(f"{name} has no key. Set it at /admin/providers/{name}/service.")
    return maker


def run(name: str, options: Mapping[str, Any], out: Output, webhook_url: str = "") -> None:
    """Try a service. webhook_url: where it may post webhooks, "" without a public address. Raises
    NotFound, InvalidInput, Conflict where a claim is contradicted."""
    maker = _maker_with_key(name)
    if options["die_at"]:
        note = Path(options["die_at"])
        crashes.die(Caller(maker, note.parent), note)
        return
    with TemporaryDirectory(prefix="reelgraph-try-") as folder:
        caller = Caller(maker, Path(folder), webhook_url if maker.takes_webhooks else "")
        models = [one.strip() for one in options["models"].split(",") if one.strip()]
        plan = plan_of(
            caller,
            models,
            is_crash=options["crash"],
            refusal=options["refusal"],
            spend=options["spend"],
        )
        titles = ", ".join(call.title for call in plan.calls)
        out.write(f"{maker.title}: tries {titles}. It may cost up to ${plan.usd:.2f}.")
        if not options["yes"] and input("Go on? Type yes: ").strip().lower() != "yes":
            out.write("Nothing was sent.")
            return
        now = clock.now()
        report = Report(
            provider=name,
            kind=maker.dialect.service,
            at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            most_usd=f"{plan.usd:.4f}",
            secret=_secret(maker),
        )
        path = Path.cwd() / f"providers-try-{name}-{now:%Y-%m-%d}.json"
        try:
            Trial(caller, plan, report).run()
        finally:
            # Also of a trial that was stopped: it has paid for what it proved.
            report.remember_proofs(maker)
            path.write_text(json.dumps(report.as_document(), indent=2, ensure_ascii=False) + "\n")
    _print(report, out)
    out.write(f"Written to {path.name}.")
    if options["record"]:
        _record(maker, report, now.date(), out)
    if wrong := [one.claim for one in report.claims if one.verdict == "contradicted"]:
        raise errors.Conflict(f"Contradicted: {'; '.join(wrong)}.")


def _secret(maker: Maker) -> str:
    return maker.options.key.get_secret_value() if maker.options.key is not None else ""


def _record(maker: Maker, report: Report, today: date, out: Output) -> None:
    """Keep what was proven, and say what is known now."""
    path = proofs.record(maker, report.proofs(maker, today), report.is_contradicted)
    out.write(f"Recorded in {path}:")
    for (_, model, id), proof in sorted(proofs.proofs_of(maker).by_fact.items()):
        of = f" of {model}, {id}" if model else ""
        out.write(f"{proof.fact}{of}: {proofs.words(proof)}")


def _print(report: Report, out: Output) -> None:
    rows: Sequence[tuple[str, str, str]] = [
        ("CLAIM", "RESULT", "HOW"),
        *((one.claim, one.verdict, one.how) for one in report.claims),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(2)]
    for claim, verdict, how in rows:
        out.write(f"{claim.ljust(widths[0])}  {verdict.ljust(widths[1])}  {how}")


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        raise ArgumentTypeError(f"{text} is not a number of US dollars such as 0.50.") from None
    if not amount.is_finite() or amount < 0:
        raise ArgumentTypeError(f"{text} is not a number of US dollars such as 0.50.")
    return amount
