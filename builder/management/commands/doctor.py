"""`manage.py doctor`: is anything wrong with this server, and what to do about it?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from builder.ops.doctor import Check, channels, machine, mail, services, system
from tools import configured_services

MARKS = {"ok": "ok", "warning": "WARNING", "fault": "FAULT"}


class Command(BaseCommand):
    help = "Check everything that can be wrong, one line each. Exit code 1 when there is a fault."
    # They would end the command where it should tell.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        configured_services.try_to_refresh()
        found: list[Check] = []
        parts = (machine, system, channels, services, mail)
        for check in (one for part in parts for one in part.all_checks()):
            found.append(check)
            if not options["json"]:
                self.stdout.write(line(check))
        count = Counter(check.level for check in found)
        if options["json"]:
            checks = [asdict(check) for check in found]
            body = {"ok": not count["fault"], "faults": count["fault"], "checks": checks}
            self.stdout.write(json.dumps(body, ensure_ascii=False))
        else:
            self.stdout.write(
                f"faults: {count['fault']}, warnings: {count['warning']}, ok: {count['ok']}"
            )
        if count["fault"]:
            sys.exit(1)


def line(check: Check) -> str:
    """`FAULT    disk            12.0 MB free. Make room now.`"""
    says = check.says.rstrip(".?! ")
    tail = f". {check.remedy}" if check.remedy else ""
    return f"{MARKS[check.level]:8} {check.name:15} {says}{tail}"
