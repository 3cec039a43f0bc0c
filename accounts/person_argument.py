"""The person that a command is about: `NAME` or `--user NAME`, whichever a person remembers."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from accounts import selectors, services
from accounts.models import User
from core import errors
from core.command_names import command


def add_person(parser: ArgumentParser, about: str, *, may_be_new: bool = False) -> None:
    """Take both forms. about: who it is, for the help. may_be_new: `--new` creates them."""
    parser.add_argument("person", nargs="?", metavar="NAME", help=about)
    parser.add_argument("--user", metavar="NAME", help="the same")
    if may_be_new:
        parser.add_argument(
            "--new", action="store_true", help="create the user if there is none of this name"
        )


def person_of(options: Mapping[str, Any], *, default: str = "") -> User:
    """Return the person that a command names, in any case. default: who is meant without a name.

    Raises CommandError for two people, for no one without a default, and for a name that no one
    has, unless `--new` creates them.
    """
    forms = ((options.get(form) or "").strip() for form in ("person", "user"))
    names = sorted({name for name in forms if name})
    if len(names) > 1:
        raise CommandError(f"{' and '.join(names)} are two people. Name one.")
    name = names[0] if names else default
    if not name:
        raise CommandError("Say who is meant: NAME or --user NAME.")
    if person := person_named(name):
        return person
    if name.lower() == services.OWNER:
        return services.ensure_owner()
    if options.get("new"):
        try:
            return services.create_user(username=name)
        except errors.AppError as error:
            raise CommandError(error.message) from error
    if "new" in options:
        raise CommandError(f"No user named {name}. Add --new to create one.")
    raise CommandError(f"No user named {name}. `{command(f'key {name} --new')}` creates one.")


def person_named(name: str) -> User | None:
    """Return whom a name means, None for no one. Raises CommandError where it may mean several."""
    people = selectors.people_named(name)
    if len(people) > 1:
        names = " or ".join(sorted(person.username for person in people))
        raise CommandError(f"{name} may mean {names}. Write the name exactly.")
    return people[0] if people else None
