"""The person that a command is about: `NAME` or `--user NAME`, whichever a person remembers."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from core.command_names import command


def add_person(parser: ArgumentParser, about: str) -> None:
    """Take both forms. about: who it is, for the help."""
    parser.add_argument("person", nargs="?", metavar="NAME", help=about)
    parser.add_argument("--user", metavar="NAME", help="the same")


def person_name(options: Mapping[str, Any], *, default: str = "") -> str:
    """The username that was given. default: where none was.

    Raises CommandError for two people, or for no one without a default.
    """
    forms = ((options.get(form) or "").strip() for form in ("person", "user"))
    names = sorted({name for name in forms if name})
    if len(names) > 1:
        raise CommandError(f"{' and '.join(names)} are two people. Name one.")
    name = names[0] if names else default
    if not name:
        raise CommandError("Say who is meant: NAME or --user NAME.")
    return name


def person_of(options: Mapping[str, Any]) -> User:
    """Return the person that a command names.

    Raises CommandError as `person_name`, and for a name that no one has.
    """
    name = person_name(options)
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"No user named {name}. `{command(f'key {name}')}` creates one.")
    return person
