"""`manage.py grant alice 100`, or `--user alice 100`: give credits, or with -5 take them."""

import secrets
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import ledger
from accounts.person_argument import add_person, person_of
from core import durable

# More than anyone needs, and far below what the column holds.
MOST_UNITS = 1_000_000_000


class Command(BaseCommand):
    help = "Give a person credits. Applies where credits are limited."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "whose credits")
        parser.add_argument("units", help="credits, such as 100 or 2.5; -5 takes five away")
        parser.add_argument("--note", default="", help="what for, kept with the entry")

    def handle(self, *args: Any, units: str, note: str, **options: Any) -> None:
        person = person_of(options)
        milli = _milli(units)
        # Each grant is one of its own; a note that is said twice is still two grants.
        ref = f"grant:{secrets.token_hex(6)}" + (f":{note.strip()}" if note.strip() else "")
        ledger.grant(user=person, milli=milli, ref=ref[:80])
        durable.flush()
        self.stdout.write(
            f"{person.username} now has {ledger.balance(person) / 1000:g} credits"
            f" ({milli / 1000:+g})."
        )


def _milli(text: str) -> int:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal(0)
    milli = number * 1000
    if not number.is_finite() or not number or abs(number) > MOST_UNITS or milli != int(milli):
        raise CommandError(
            f"Invalid UNITS={text}: use a number with at most three decimals, not 0."
        )
    return int(milli)
