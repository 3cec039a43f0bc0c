"""`manage.py doctor`: is anything wrong with this server, and what to do about it?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

import builder.ops.checks  # noqa: F401  all of them register themselves
from core.checks import Check, Survey
from tools import configured_services

MARKS = {"ok": "ok", "warning": "WARNING", "fault": "FAULT"}
# A database on another machine must not keep the doctor waiting.
CONNECT_TIMEOUT_S = 5


class Command(BaseCommand):
    help = "Check everything that can be wrong, one line each. Exit code 1 when there is a fault."
    # They would end the command where it should tell.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            database = connection.settings_dict.setdefault("OPTIONS", {})
            database.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
        configured_services.try_to_refresh()
        checks: list[Check] = []
        for check in (one for result in Survey("doctor").results() for one in result.checks):
            checks.append(check)
            if not options["json"]:
                self.stdout.write(line(check))
        count = Counter(check.level for check in checks)
        if options["json"]:
            rows = [asdict(check) for check in checks]
            body = {"ok": not count["fault"], "faults": count["fault"], "checks": rows}
            self.stdout.write(json.dumps(body, ensure_ascii=False))
        else:
            self.stdout.write(
                f"faults: {count['fault']}, warnings: {count['warning']}, ok: {count['ok']}"
            )
        if count["fault"]:
            sys.exit(1)


def line(check: Check) -> str:
    """`FAULT    disk space      12.0 MB free. Make room now.`"""
    tail = f". {check.remedy}" if check.remedy else ""
    return f"{MARKS[check.level]:8} {check.name:15} {check.says}{tail}"
