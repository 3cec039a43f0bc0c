"""`manage.py providers`: who does the work, how much of it at once, and pauses."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from builder.staff.operator import provider_services
from core import durable, errors
from runs.engine.limit_settings import LimitState, limit_states
from runs.engine.remote_jobs import path_of
from tools import configured_services
from tools.provider_trials import command

_HEADINGS = ("NAME", "TITLE", "LABEL", "AT WORK", "WAITING", "LIMITS", "PAUSE")


class Command(BaseCommand):
    help = (
        "List providers, and API keys with limits. pause, resume: have none of its steps begin, and"
        " go on; limit: how many at once and per minute; try: prove what a service does, which"
        " costs money; schemas: compare its models' schemas with our tables; tables: which of their"
        " rows, and which proofs, are older than 90 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(
            dest="action", metavar="list|pause|resume|limit|try|schemas|tables"
        )
        actions.add_parser("list", help="all of them (without an action, too)")
        pause = actions.add_parser("pause", help="let none of its steps begin")
        pause.add_argument("--reason", required=True, help="what people whose steps wait read")
        resume = actions.add_parser("resume", help="end a pause")
        limit = actions.add_parser("limit", help="set numbers; those not given stay")
        limit.add_argument("--at-once", type=_whole, help="steps at work, on all machines together")
        limit.add_argument("--per-minute", type=_whole, help="steps that begin within a minute")
        limit.add_argument(
            "--person-share",
            type=_share,
            help="the largest share of --at-once that is one person's while others wait, as 0.5",
        )
        limit.add_argument("--none", action="store_true", help="as the settings say, if they do")
        trial = actions.add_parser("try", help="prove what a service does with its key; it costs")
        command.add_arguments(trial)
        schemas = actions.add_parser("schemas", help="compare its models' schemas with our tables")
        actions.add_parser("tables", help="rows of models and proofs older than 90 days")
        for action in (pause, resume, limit, trial, schemas):
            action.add_argument("name", help="a provider such as openai, or key:12, key:rg_ab12cd")

    def handle(self, *args: Any, action: str | None, **options: Any) -> None:
        configured_services.try_to_refresh()
        try:
            if action in (None, "list"):
                self._list(limit_states())
                return
            if action == "try":
                name = options["name"]
                webhook_url = f"{settings.PUBLIC_URL}{path_of(name)}" if settings.PUBLIC_URL else ""
                command.run(name, options, self.stdout, webhook_url)
                return
            if action == "tables":
                command.run_tables(self.stdout)
                return
            if action == "schemas":
                command.run_schemas(options["name"], self.stdout)
                return
            name = provider_services.full_name(options["name"])
            self.stdout.write(self._act(str(action), name, options))
        except errors.AppError as problem:
            raise CommandError(problem.message) from None
        durable.flush()

    def _act(self, action: str, name: str, options: dict[str, Any]) -> str:
        title = name.removeprefix("provider:")
        if action == "pause":
            provider_services.pause(actor=None, name=name, reason=options["reason"])
            return f"{title} is paused. Its steps wait; what is at work goes on."
        if action == "resume":
            if provider_services.resume(actor=None, name=name):
                return f"{title} goes on."
            return f"{title} isn't paused."
        numbers = {
            field: None if options[field] == "none" else options[field]
            for field in ("at_once", "per_minute", "person_share")
            if options[field] is not None
        }
        if options["none"]:
            fields = [
                "at_once",
                "per_minute",
                *(() if name.startswith("key:") else ["person_share"]),
            ]
            numbers = dict.fromkeys(fields) | numbers
        if not numbers:
            raise CommandError("Give --at-once, --per-minute, --person-share or --none.")
        provider_services.set_numbers(actor=None, name=name, numbers=numbers)
        now = next((one for one in limit_states() if one.name == name), None)
        return f"{title}: {_limits(now) if now is not None else 'no limits'}."

    def _list(self, limits: Sequence[LimitState]) -> None:
        rows = [_HEADINGS, *(_row(one) for one in limits)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _row(one: LimitState) -> tuple[str, ...]:
    title = f"{one.title} of {one.owner}" if one.owner else one.title
    name = one.name.removeprefix("provider:")
    pause = ""
    if one.paused_at is not None:
        since = timezone.localtime(one.paused_at)
        pause = f"since {since:%Y-%m-%d %H:%M}: {one.paused_reason}"
    return (name, title, one.label, str(one.at_work), str(one.waiting), _limits(one), pause)


def _limits(one: LimitState) -> str:
    """`4 at once, 30 per minute, 50% for one person`."""
    parts = []
    if one.at_once is not None:
        parts.append(f"{one.at_once} at once")
    if one.per_minute is not None:
        parts.append(f"{one.per_minute} per minute")
    if one.person_share is not None:
        parts.append(f"{one.person_share:.0%} for one person")
    return ", ".join(parts) or "no limits"


def _whole(text: str) -> int | str:
    try:
        return text if text == "none" else int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a whole number or none.") from None


def _share(text: str) -> float | str:
    try:
        return text if text == "none" else float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a number such as 0.5, or none.") from None
